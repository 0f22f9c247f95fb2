/**
 * One sound track, from its packets to samples: subscribes, puts packets in order, decodes, sends them to a worklet.
 *
 * @module
 */

import type { Broadcast, Group } from "@moq/net";
import { againOf } from "./again";
import type { AudioTrack } from "./catalog";
import { LossWatch } from "./losswatch";
import type { FromPlayout, ToPlayout } from "./messages";
import { PRIORITY } from "./priority";
import { decodeFrame, type Frame } from "./sample";
import type { SeatVerdict } from "./seatverdict";
import { Sequencer, type Turn } from "./sequencer";
import { SoundDecoder } from "./sounddecoder";

export interface SoundFeedOptions {
  broadcast: Broadcast.Consumer;
  track: AudioTrack;
  run: string;
  priority: number;
  /** Where decoded sound goes; null to count what arrives without playing it. */
  port: MessagePort | null;
  /** Told of what comes. */
  verdict: SeatVerdict;
  /** A sample of so many bytes arrived. */
  onSample: (timestampUs: number, bytes: number) => void;
  /** The subscription ended or the decoder failed for good. */
  onEnd: (why: "ended" | "codec") => void;
}

/** A packet that was overtaken by this much is not waited for. */
const LATEST_MS = 300;
const PULL_EVERY_MS = 100;
const ASK_AGAIN_MS = 1000;

export class SoundFeed {
  readonly track: AudioTrack;
  readonly port: MessagePort | null;
  readonly #options: SoundFeedOptions;
  readonly #sequencer = new Sequencer<Frame>();
  readonly #decoder: SoundDecoder;
  readonly #losses = new LossWatch();
  #subscription: { close(): void } | null = null;
  #copies: { close(): void } | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #holding = false;
  #faults = 0;
  #closed = false;

  constructor(options: SoundFeedOptions) {
    this.#options = options;
    this.track = options.track;
    this.port = options.port;
    options.verdict.take(options.track);
    this.#decoder = new SoundDecoder({
      track: options.track,
      run: options.run,
      onSound: (sound) =>
        this.#tell(
          { type: "sound", sound },
          sound.channels.map((plane) => plane.buffer),
        ),
      onFault: () => this.#failed(),
    });
    if (this.port) {
      this.port.onmessage = (event: MessageEvent<FromPlayout>) => {
        if (event.data.type === "need") this.#needed();
      };
      this.#timer = setInterval(() => this.#decode(this.#sequencer.pull(performance.now())), PULL_EVERY_MS);
    }
    void this.#run();
  }

  close(): void {
    if (!this.#closed) this.#options.verdict.letGo(this.track.name);
    this.#closed = true;
    clearInterval(this.#timer);
    this.#subscription?.close();
    this.#copies?.close();
    this.#decoder.close();
    // The port is given on to the next feed.
    if (this.port) this.port.onmessage = null;
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
        this.#ask(this.#losses.came(group.sequence, performance.now()));
      }
    } catch {
      // It is told below.
    }
    this.#end("ended");
  }

  /** Take copies (L16) while the line loses packets. A host that has none says so, and is asked again later. */
  #ask(wanted: boolean): void {
    if (!this.port || wanted === (this.#copies !== null)) return;
    if (wanted) void this.#runCopies();
    else this.#copies?.close();
  }

  async #runCopies(): Promise<void> {
    const { broadcast, track } = this.#options;
    const copies = broadcast
      .track(againOf(track.name))
      .subscribe({ priority: PRIORITY.copies, latencyMax: LATEST_MS });
    this.#copies = copies;
    try {
      for (;;) {
        const group = await copies.recvGroup();
        if (!group || this.#closed) break;
        // The newest that the host has of them may be from when they were taken last, many seconds ago.
        if (this.#sequencer.knows(group.sequence)) group.close();
        else void this.#read(group);
      }
    } catch {
      // Without copies it is as it was.
    }
    copies.close();
    if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    this.#copies = null;
  }

  async #read(group: Group.Consumer): Promise<void> {
    try {
      const frame = await group.readFrame();
      if (!frame || this.#closed) return;
      const sample = decodeFrame(frame.payload);
      const [timestampUs, { data }] = [Number(sample.timestampUs), sample];
      this.#options.onSample(timestampUs, data.byteLength);
      if (data.byteLength > 0 && this.port) this.#take(group.sequence, sample);
      const { name: track } = this.track;
      this.#options.verdict.sample({ track, group: group.sequence, index: 0, timestampUs, data });
    } catch {
      // Cut off or malformed: a hole of one packet.
    } finally {
      group.close();
    }
  }

  #take(sequence: number, sample: Frame): void {
    const turns = this.#sequencer.push(sequence, sample, performance.now());
    if (turns === "late") this.#tell({ type: "late", timestampUs: Number(sample.timestampUs) });
    else this.#decode(turns);
  }

  /** The loudspeaker has nothing else left. */
  #needed(): void {
    this.#holding = false;
    this.#decode(this.#sequencer.flush(performance.now()));
  }

  #decode(turns: Turn<Frame>[]): void {
    for (const turn of turns) this.#decoder.decode(turn);
    const { holding } = this.#sequencer;
    if (holding === this.#holding) return;
    this.#holding = holding;
    this.#tell({ type: "holding", holding });
  }

  #tell(message: ToPlayout, transfer: Transferable[] = []): void {
    if (!this.#closed) this.port?.postMessage(message, transfer);
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
