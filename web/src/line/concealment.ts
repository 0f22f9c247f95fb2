/**
 * What is played where sound is missing: the last pitch period again and again, fading out within 60 ms. Pure.
 *
 * Written behind the newest sound of a ring, as much as is asked for, so that whatever comes next is blended with it
 * like with any other sound.
 *
 * @module
 */

import { MS, OVERLAP, type SoundRing } from "./soundring";

/** After this nothing is left of it. */
export const FADED = 60 * MS;
const HELD = 10 * MS;
/** Sound without a pitch is repeated in long pieces, or it would hum. */
const NO_PITCH = 12.5 * MS;
const LIKE = 0.5;
/** A step between the last sample and the repeated piece dies away with this. */
const STEP_DECAY = 1 / (0.7 * MS);

export class Concealment {
  readonly #ring: SoundRing;
  readonly #piece: Float32Array[];
  readonly #steps: Float32Array;
  readonly #tail: Float32Array[];
  #period = 0;
  #count = 0;

  constructor(ring: SoundRing, channels: number) {
    this.#ring = ring;
    this.#piece = Array.from({ length: channels }, () => new Float32Array(NO_PITCH));
    this.#tail = Array.from({ length: channels }, () => new Float32Array(NO_PITCH + OVERLAP));
    this.#steps = new Float32Array(channels);
  }

  /** Whether the newest sound in the ring is made up. */
  get active(): boolean {
    return this.#period > 0;
  }

  /** Samples made up since the last real one. */
  get samples(): number {
    return this.#count;
  }

  /** Put `length` made-up samples behind the newest. */
  extend(length: number): void {
    if (this.#period === 0) this.#begin();
    for (let channel = 0; channel < this.#piece.length; channel++) {
      for (let at = 0; at < length; at++) {
        this.#ring.set(channel, this.#ring.written + at, this.#value(channel, this.#count + at));
      }
    }
    this.#count += length;
    this.#ring.written += length;
  }

  /**
   * Real sound follows: `channels`, from sample `from` on. Where it begins it is blended with what would have been
   * made up, which for this is drawn out by less than a period until both look alike.
   *
   * `align`: whether it may be drawn out.
   */
  end(channels: Float32Array[], from: number, align: boolean): void {
    const ring = this.#ring;
    const length = channels[0]?.length ?? 0;
    const overlap = Math.min(OVERLAP, Math.max(0, length - from));
    const audible = this.#count < FADED;
    if (this.#period > 0 && audible && align && overlap === OVERLAP)
      this.extend(this.#distance(channels[0], from));
    for (const [channel, tail] of this.#tail.entries()) {
      for (let at = 0; at < overlap; at++) tail[at] = audible ? this.#value(channel, this.#count + at) : 0;
    }
    const start = ring.written;
    ring.append(channels, from);
    for (const [channel, tail] of this.#tail.entries()) {
      for (let at = 0; at < overlap; at++) {
        const share = (at + 1) / (overlap + 1);
        ring.set(channel, start + at, (tail[at] ?? 0) * (1 - share) + ring.at(channel, start + at) * share);
      }
    }
    this.forget();
  }

  /** What comes next begins afresh. */
  forget(): void {
    this.#period = 0;
    this.#count = 0;
  }

  #begin(): void {
    const ring = this.#ring;
    const found = ring.period();
    this.#period = found.likeness > LIKE && found.samples > 0 ? found.samples : NO_PITCH;
    this.#count = 0;
    const period = this.#period;
    const bend = period >> 2;
    const end = ring.written;
    for (const [channel, piece] of this.#piece.entries()) {
      for (let at = 0; at < period; at++) {
        const into = at - (period - bend);
        const share = into < 0 ? 0 : (into + 1) / (bend + 1);
        // Its end bends into what came before its beginning, so that it can be repeated.
        piece[at] =
          ring.at(channel, end - period + at) * (1 - share) + ring.at(channel, end - 2 * period + at) * share;
      }
      this.#steps[channel] = ring.at(channel, end - 1) - ring.at(channel, end - period - 1);
    }
  }

  #value(channel: number, count: number): number {
    if (count >= FADED || this.#period === 0) return 0;
    const gain = count < HELD ? 1 : (FADED - count) / (FADED - HELD);
    const again = this.#piece[channel]?.[count % this.#period] ?? 0;
    const step = count < 4 * MS ? (this.#steps[channel] ?? 0) * Math.exp(-count * STEP_DECAY) : 0;
    return (again + step) * gain;
  }

  /** How many more samples to make up so that real sound fits on best: less than a period. */
  #distance(sound: Float32Array | undefined, from: number): number {
    const made = this.#tail[0];
    if (!sound || !made) return 0;
    for (let at = 0; at < this.#period + OVERLAP; at++) made[at] = this.#value(0, this.#count + at);
    let best = 0;
    let likeness = 0.3;
    for (let shift = 0; shift < this.#period; shift += 2) {
      let product = 0;
      let mine = 1e-9;
      let theirs = 1e-9;
      for (let at = 0; at < OVERLAP; at += 2) {
        const a = made[shift + at] ?? 0;
        const b = sound[from + at] ?? 0;
        product += a * b;
        mine += a * a;
        theirs += b * b;
      }
      const score = product / Math.sqrt(mine * theirs);
      if (score > likeness + 0.005) {
        likeness = score;
        best = shift;
      }
    }
    return best;
  }
}
