/**
 * Puts packets that travel on streams of their own back into order, waiting for a late one as long as there is time.
 *
 * A packet is handed out when all before it were, or when it is given up what is missing before it: because whoever
 * plays needs it now (`flush`), or because the wait is over (`pull`). What comes after it was given up is late, and
 * what comes twice is nothing. Pure: takes times, reads none.
 *
 * @module
 */

/** Beyond this nobody waits, whoever may still be playing. */
const HOLD_MS = 300;
/** Of those given up the newest are remembered, to tell the late from the copies. */
const REMEMBERED = 256;

/** A packet whose turn it is. */
export interface Turn<T> {
  item: T;
  /** Packets missing right before it. */
  lost: number;
  /** How long it waited for them, ms. */
  heldMs: number;
  /** Others waited for it. */
  awaited: boolean;
}

export class Sequencer<T> {
  readonly #holdMs: number;
  #next = -1;
  #waiting = new Map<number, { item: T; atMs: number }>();
  #givenUp = new Set<number>();

  constructor(holdMs = HOLD_MS) {
    this.#holdMs = holdMs;
  }

  /** Whether packets wait for one before them. */
  get holding(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether it came already, or before what it began with. */
  knows(sequence: number): boolean {
    if (sequence < this.#next) return !this.#givenUp.has(sequence);
    return this.#waiting.has(sequence);
  }

  /** Take in a packet; returns those whose turn it is, in order, or `late` if its own is over. */
  push(sequence: number, item: T, nowMs: number): Turn<T>[] | "late" {
    if (this.#next < 0) this.#next = sequence;
    if (sequence < this.#next) return this.#givenUp.delete(sequence) ? "late" : [];
    const awaited = this.#waiting.size > 0 && sequence === this.#next;
    if (!this.#waiting.has(sequence)) this.#waiting.set(sequence, { item, atMs: nowMs });
    const turns = this.pull(nowMs);
    if (awaited && turns[0]) turns[0].awaited = true;
    return turns;
  }

  /** Those whose turn it is by now. */
  pull(nowMs: number): Turn<T>[] {
    const turns = this.#inOrder(nowMs, 0);
    while (this.#waiting.size > 0) {
      const held = this.#waiting.get(Math.min(...this.#waiting.keys()));
      if (!held || nowMs - held.atMs < this.#holdMs) break;
      turns.push(...this.flush(nowMs));
    }
    return turns;
  }

  /** Give up what is missing before the oldest that waits; returns it and what follows without a hole. */
  flush(nowMs: number): Turn<T>[] {
    if (this.#waiting.size === 0) return [];
    const oldest = Math.min(...this.#waiting.keys());
    const lost = oldest - this.#next;
    for (let gone = Math.max(this.#next, oldest - REMEMBERED); gone < oldest; gone++) this.#givenUp.add(gone);
    for (const gone of this.#givenUp) if (gone < oldest - REMEMBERED) this.#givenUp.delete(gone);
    this.#next = oldest;
    return this.#inOrder(nowMs, lost);
  }

  #inOrder(nowMs: number, lost: number): Turn<T>[] {
    const turns: Turn<T>[] = [];
    let missing = lost;
    for (;;) {
      const next = this.#waiting.get(this.#next);
      if (!next) return turns;
      this.#waiting.delete(this.#next);
      this.#next += 1;
      turns.push({ item: next.item, lost: missing, heldMs: nowMs - next.atMs, awaited: false });
      missing = 0;
    }
  }
}
