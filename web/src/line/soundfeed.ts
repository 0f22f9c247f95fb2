/**
 * One sound track, from its packets to samples: subscribes, puts packets in order, decodes, sends them to a worklet.
 *
 * @module
 */

import type { Broadcast, Group } from "@moq/net";
import type { AudioTrack } from "./catalog";
import type { PlayedSound } from "./messages";
import { decodeFrame, type Frame } from "./sample";
import { Sequencer } from "./sequencer";

export interface SoundFeedOptions {
  broadcast: Broadcast.Consumer;
  track: AudioTrack;
  run: string;
  priority: number;
  /** Where decoded sound goes; null to count what arrives without playing it. */
  port: MessagePort | null;
  /** A sample arrived. */
  onSample: (timestampUs: number) => void;
  /** The subscription ended or the decoder failed for good. */
  onEnd: (why: "ended" | "codec") => void;
}

/** A packet that was overtaken by this much is not waited for. */
const LATEST_MS = 300;
const PULL_EVERY_MS = 10;

export class SoundFeed {
  readonly track: AudioTrack;
  readonly port: MessagePort | null;
  readonly #options: SoundFeedOptions;
  readonly #sequencer = new Sequencer<Frame>();
  #decoder: AudioDecoder | null = null;
  /** Of the packets in the decoder: it counts samples from the first one on, and would not see a hole. */
  #timestamps: number[] = [];
  #subscription: { close(): void } | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #faults = 0;
  #closed = false;

  constructor(options: SoundFeedOptions) {
    this.#options = options;
    this.track = options.track;
    this.port = options.port;
    if (this.port) {
      this.#timer = setInterval(() => this.#decode(this.#sequencer.pull(performance.now())), PULL_EVERY_MS);
    }
    void this.#run();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#subscription?.close();
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }

  async #run(): Promise<void> {
    const { broadcast, track, priority } = this.#options;
    try {
      const subscription = broadcast.track(track.name).subscribe({ priority, latencyMax: LATEST_MS });
      this.#subscription = subscription;
      for (;;) {
        const group = await subscription.recvGroup();
        if (!group || this.#closed) break;
        void this.#read(group);
      }
    } catch {
      // It is told below.
    }
    this.#end("ended");
  }

  async #read(group: Group.Consumer): Promise<void> {
    try {
      const frame = await group.readFrame();
      if (!frame || this.#closed) return;
      const sample = decodeFrame(frame.payload);
      this.#options.onSample(Number(sample.timestampUs));
      if (sample.data.byteLength === 0 || !this.port) return;
      this.#decode(this.#sequencer.push(group.sequence, sample, performance.now()));
    } catch {
      // Cut off or malformed: a hole of one packet.
    } finally {
      group.close();
    }
  }

  #decode(samples: Frame[]): void {
    for (const sample of samples) {
      try {
        const decoder = this.#ready();
        this.#timestamps.push(Number(sample.timestampUs));
        decoder.decode(
          new EncodedAudioChunk({ type: "key", timestamp: Number(sample.timestampUs), data: sample.data }),
        );
      } catch {
        this.#failed();
      }
    }
  }

  #ready(): AudioDecoder {
    if (this.#decoder && this.#decoder.state === "configured") return this.#decoder;
    const { track, run } = this.#options;
    this.#timestamps = [];
    const decoder = new AudioDecoder({
      output: (sound) => {
        const channels = Array.from({ length: sound.numberOfChannels }, (_, planeIndex) => {
          const plane = new Float32Array(sound.numberOfFrames);
          sound.copyTo(plane, { planeIndex, format: "f32-planar" });
          return plane;
        });
        const message: PlayedSound = {
          timestampUs: this.#timestamps.shift() ?? sound.timestamp,
          run,
          channels,
        };
        sound.close();
        if (!this.#closed)
          this.port?.postMessage(
            message,
            channels.map((plane) => plane.buffer),
          );
      },
      error: () => this.#failed(),
    });
    decoder.configure({ codec: track.codec, sampleRate: track.sampleRate, numberOfChannels: track.channels });
    this.#decoder = decoder;
    return decoder;
  }

  #failed(): void {
    this.#faults += 1;
    if (this.#faults > 16) this.#end("codec");
  }

  #end(why: "ended" | "codec"): void {
    if (this.#closed) return;
    this.close();
    this.#options.onEnd(why);
  }
}
