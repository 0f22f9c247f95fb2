/**
 * How much a delay is above the least of the last seconds: what waited in queues, whatever two clocks differ by. Pure.
 *
 * @module
 */

/** How long the least is remembered, in parts: as many are kept, and the oldest is forgotten whole. */
const REMEMBERED_MS = 16_000;
const PARTS = 8;

export class LeastDelay {
  /** The least in each part, the newest last. */
  #parts: { fromMs: number; leastMs: number }[] = [];

  /** What was least until now says nothing any more. */
  forget(): void {
    this.#parts = [];
  }

  /** How much this delay is above the least of the window, which it enters; at least 0. */
  above(delayMs: number, nowMs: number): number {
    const newest = this.#parts.at(-1);
    if (!newest || nowMs - newest.fromMs >= REMEMBERED_MS / PARTS) {
      this.#parts.push({ fromMs: nowMs, leastMs: delayMs });
      while (this.#parts.length > PARTS) this.#parts.shift();
    } else newest.leastMs = Math.min(newest.leastMs, delayMs);
    return delayMs - Math.min(...this.#parts.map((part) => part.leastMs));
  }
}
