/**
 * A voice's encoder: blocks of sound in, Opus packets out, stamped on the page's clock.
 *
 * @module
 */

import { CaptureClock } from "./captureclock";
import { soundEncoding } from "./codecs";
import type { CapturedSound } from "./messages";

/** A sound card's clock that stood still for longer than this is followed at once. */
const STALL_US = 40_000;

export class SoundEncoder {
  readonly #onPacket: (pageUs: number, data: Uint8Array) => void;
  readonly #onError: (error: Error) => void;
  #encoder: AudioEncoder | null = null;
  readonly #clock = new CaptureClock(STALL_US);
  #expected = -1;
  #lastUs = Number.NEGATIVE_INFINITY;
  #peak = 0;

  /** `onPacket`: a packet and when its first sample was captured, on the page's clock, Unix microseconds. */
  constructor(onPacket: (pageUs: number, data: Uint8Array) => void, onError: (error: Error) => void) {
    this.#onPacket = onPacket;
    this.#onError = onError;
  }

  /** Take in a block that arrived at `arrivedUs` on the page's clock. */
  push(block: CapturedSound, arrivedUs: number): void {
    const { frame, sampleRate, samples } = block;
    if (frame !== this.#expected) this.#restart();
    this.#expected = frame + samples.length;
    this.#clock.arrived(((frame + samples.length) / sampleRate) * 1e6, arrivedUs);
    if (!this.#clock.settled) return;
    for (const sample of samples) this.#peak = Math.max(this.#peak, Math.abs(sample));
    const data = new AudioData({
      format: "f32-planar",
      sampleRate,
      numberOfChannels: 1,
      numberOfFrames: samples.length,
      timestamp: Math.round((frame / sampleRate) * 1e6),
      data: samples as Float32Array<ArrayBuffer>,
    });
    this.#encoder?.encode(data);
    data.close();
  }

  /** The largest amplitude since the last call, 0 to 1. */
  takePeak(): number {
    const peak = Math.min(1, this.#peak);
    this.#peak = 0;
    return peak;
  }

  /** The microphone was closed: what comes next is not the continuation. */
  pause(): void {
    this.#expected = -1;
    this.#peak = 0;
  }

  close(): void {
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    this.#encoder = null;
  }

  /** After a hole: encoders count samples, so one that is not told would stamp everything too early. */
  #restart(): void {
    this.close();
    this.#encoder = new AudioEncoder({
      output: (chunk) => {
        const pageUs = Math.max(this.#clock.map(chunk.timestamp), this.#lastUs + 1);
        this.#lastUs = pageUs;
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        this.#onPacket(pageUs, data);
      },
      error: this.#onError,
    });
    this.#encoder.configure(soundEncoding(navigator.hardwareConcurrency));
  }
}
