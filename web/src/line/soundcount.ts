/**
 * Numbers the samples of a device that stamps its blocks with the time. Pure.
 *
 * A stamp is when a block is thought to have been captured, and is off by some milliseconds; samples follow one another
 * exactly. So they are counted, and a stamp is believed only when it is far off: then blocks are missing. A device's
 * clock that drifts from the machine's is followed slowly, and never mistaken for missing blocks.
 *
 * @module
 */

/** Stamps are not this far off by themselves. */
const FAR_MS = 30;
const FOLLOW = 0.002;

export class SampleCount {
  readonly #perUs: number;
  #next = 0;
  /** Sample 0 is thought to have been captured then. */
  #startUs: number | null = null;

  /** `rate`: samples a second. */
  constructor(rate: number) {
    this.#perUs = rate / 1e6;
  }

  /** The number of a block's first sample: the one after the block before, or later where blocks are missing. */
  place(timestampUs: number, length: number): number {
    this.#startUs ??= timestampUs;
    const offUs = timestampUs - this.#startUs - this.#next / this.#perUs;
    if (offUs > FAR_MS * 1000) this.#next += Math.round(offUs * this.#perUs);
    // A clock that was set back: nothing is missing.
    else if (offUs < -FAR_MS * 1000) this.#startUs += offUs;
    else this.#startUs += FOLLOW * offUs;
    const first = this.#next;
    this.#next += length;
    return first;
  }
}
