/**
 * One picture track, from its groups to pictures: subscribes, decodes, hands each picture over at once.
 *
 * @module
 */

import type { Broadcast, Group } from "@moq/net";
import { Backlog } from "./backlog";
import type { VideoTrack } from "./catalog";
import { Playhead } from "./playhead";
import { decodeFrame } from "./sample";
import type { SeatVerdict } from "./seatverdict";

export interface PictureViewOptions {
  broadcast: Broadcast.Consumer;
  track: VideoTrack;
  priority: number;
  /** Told of what comes. */
  verdict: SeatVerdict;
  /** A sample of so many bytes arrived; `key`: it is a key picture. */
  onSample: (timestampUs: number, key: boolean, bytes: number) => void;
  /** A decoded picture; the callee closes it. */
  onPicture: (picture: VideoFrame) => void;
  /** The decoder is too slow for this track; the rest of a group was left out. */
  onBehind: () => void;
  /** It cannot go on: the subscription ended or the decoder failed for good. */
  onEnd: (why: "ended" | "codec" | "sample") => void;
}

/** More than this of an older group in the decoder is not worth finishing when a newer one begins. */
const STALE = 3;
/** A group that was overtaken is not waited for, but what comes of it within this is judged. */
const LATEST_MS = 500;
/** What was shown last is proven by what comes within this. */
const LINGERS_MS = 400;

export class PictureView {
  readonly track: VideoTrack;
  readonly #options: PictureViewOptions;
  readonly #playhead = new Playhead();
  #decoder: VideoDecoder | null = null;
  #faults = 0;
  #closed = false;
  #lingers = false;
  /** When the newest group began. */
  #begunMs = 0;
  /** The group that is decoded now, and the newest in which that failed. */
  #group = -1;
  #failed = -1;
  #subscription: { close(): void } | null = null;
  readonly #backlog = new Backlog();

  constructor(options: PictureViewOptions) {
    this.#options = options;
    this.track = options.track;
    options.verdict.take(options.track);
    void this.#run();
  }

  /** Show nothing any more, and end soon: of another track pictures are shown now. */
  linger(): void {
    this.#lingers = true;
    this.#playhead.skip();
    setTimeout(() => this.close(), LINGERS_MS);
  }

  close(): void {
    if (!this.#closed) this.#options.verdict.letGo(this.track.name);
    this.#closed = true;
    this.#subscription?.close();
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }

  async #run(): Promise<void> {
    const { broadcast, track, priority } = this.#options;
    try {
      const config = decoderConfig(track);
      if (!(await VideoDecoder.isConfigSupported(config)).supported) {
        this.#end("codec");
        return;
      }
      if (this.#closed) return;
      const subscription = broadcast.track(track.name).subscribe({ priority, latencyMax: LATEST_MS });
      this.#subscription = subscription;
      for (;;) {
        const group = await subscription.recvGroup();
        if (!group || this.#closed) break;
        void this.#read(group);
      }
      this.#end("ended");
    } catch {
      this.#end("ended");
    }
  }

  async #read(group: Group.Consumer): Promise<void> {
    try {
      for (let index = 0; this.#wants(group.sequence); index++) {
        const frame = await group.readFrame();
        if (!frame || this.#closed) return;
        this.#take(group.sequence, index, frame.payload);
      }
      this.#options.verdict.leaveOut(this.track);
    } catch {
      // The group was cut off; the next one goes on.
    } finally {
      group.close();
    }
  }

  #wants(group: number): boolean {
    if (this.#playhead.wants(group)) return true;
    // What made the decoder fail may be what somebody altered: to judge it takes what comes after it.
    if (group === this.#failed) return true;
    return this.#lingers || performance.now() - this.#begunMs < LATEST_MS;
  }

  #fail(): void {
    this.#failed = this.#group;
    this.#playhead.skip();
  }

  #take(group: number, index: number, payload: Uint8Array): void {
    let sample: ReturnType<typeof decodeFrame>;
    try {
      sample = decodeFrame(payload);
    } catch {
      this.#faults += 1;
      if (this.#faults > 16) this.#end("sample");
      return;
    }
    const [timestampUs, { data }] = [Number(sample.timestampUs), sample];
    this.#options.onSample(timestampUs, index === 0, data.byteLength);
    if (data.byteLength > 0 && !this.#lingers && this.#playhead.takes(group, index)) {
      this.#group = group;
      this.#decode(index === 0, timestampUs, data);
    }
    // Afterwards: to judge it takes a moment, and nothing is to wait for that.
    this.#options.verdict.sample({ track: this.track.name, group, index, timestampUs, data });
  }

  #decode(key: boolean, timestampUs: number, data: Uint8Array): void {
    if (key) this.#begunMs = performance.now();
    const decoder = this.#ready();
    let queued = decoder.decodeQueueSize;
    if (key && queued > STALE) {
      // What waits is older than this: after a stall the page is to show now, not what it missed.
      this.#empty(decoder);
      queued = 0;
    }
    const advice = this.#backlog.advise(performance.now(), queued);
    if (advice !== "decode") {
      this.#playhead.skip();
      this.#empty(decoder);
      if (advice === "behind") this.#options.onBehind();
      return;
    }
    try {
      decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: timestampUs, data }));
    } catch {
      this.#fail();
    }
  }

  #empty(decoder: VideoDecoder): void {
    decoder.reset();
    decoder.configure(decoderConfig(this.track));
  }

  /** A decoder; a new one where the last one failed. */
  #ready(): VideoDecoder {
    if (this.#decoder && this.#decoder.state === "configured") return this.#decoder;
    const decoder = new VideoDecoder({
      output: (picture) => {
        if (this.#closed || this.#lingers) picture.close();
        else this.#options.onPicture(picture);
      },
      error: () => {
        this.#fail();
        this.#faults += 1;
        if (this.#faults > 8) this.#end("codec");
      },
    });
    decoder.configure(decoderConfig(this.track));
    this.#decoder = decoder;
    return decoder;
  }

  #end(why: "ended" | "codec" | "sample"): void {
    if (this.#closed) return;
    this.close();
    this.#options.onEnd(why);
  }
}

function decoderConfig(track: VideoTrack): VideoDecoderConfig {
  return {
    codec: track.codec,
    ...(track.description.byteLength > 0
      ? { description: track.description as Uint8Array<ArrayBuffer> }
      : {}),
    codedWidth: track.width,
    codedHeight: track.height,
    optimizeForLatency: true,
    hardwareAcceleration: "no-preference",
  };
}
