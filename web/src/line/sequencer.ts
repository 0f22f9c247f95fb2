/**
 * Puts packets that travel on streams of their own back into order, waiting a little for a late one. Pure.
 *
 * A packet is handed out when all before it were, or when one before it has been missing for `holdMs`. What
 * comes after its turn is dropped.
 *
 * @module
 */

export class Sequencer<T> {
  readonly #holdMs: number;
  #next = -1;
  #waiting = new Map<number, { item: T; atMs: number }>();

  constructor(holdMs = 30) {
    this.#holdMs = holdMs;
  }

  /** Take in a packet; returns those whose turn it is, in order. */
  push(sequence: number, item: T, nowMs: number): T[] {
    if (this.#next < 0) this.#next = sequence;
    if (sequence < this.#next) return [];
    this.#waiting.set(sequence, { item, atMs: nowMs });
    return this.pull(nowMs);
  }

  /** Those whose turn it is by now. */
  pull(nowMs: number): T[] {
    const turn: T[] = [];
    for (;;) {
      const next = this.#waiting.get(this.#next);
      if (next) {
        this.#waiting.delete(this.#next);
        this.#next += 1;
        turn.push(next.item);
        continue;
      }
      const oldest = Math.min(...this.#waiting.keys());
      const held = this.#waiting.get(oldest);
      if (!held || nowMs - held.atMs < this.#holdMs) return turn;
      this.#next = oldest;
    }
  }
}
