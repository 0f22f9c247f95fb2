/**
 * Whether a line loses packets, from the order in which sound arrives. Pure: takes times, reads none.
 *
 * Each packet is a stream of its own. One that is lost is sent again a round trip later, and is overtaken meanwhile: by
 * two or more it was lost, by one it may just have been slow. Copies are asked for after the second loss within ten
 * seconds, and no longer wanted after twenty without one. The host decides by the same rule for what a side sends
 * (src/vivavoce/line/losses.py; vectors/losses).
 *
 * @module
 */

const OVERTAKEN = 2;
/** What has not come when so many after it have is lost for good. */
const GONE = 50;
const WITHIN_MS = 10_000;
const CALM_MS = 20_000;
const ENOUGH = 2;

export class LossWatch {
  #newest = -1;
  #missing = new Set<number>();
  #losses: number[] = [];
  #wants = false;

  /** A packet came by the first way, not as a copy. Returns whether copies are wanted now. */
  came(sequence: number, nowMs: number): boolean {
    if (this.#newest < 0) this.#newest = sequence - 1;
    // Group numbers go on while a side is away; that is no loss of packets.
    if (sequence > this.#newest + GONE) this.#missing.clear();
    else for (let gone = this.#newest + 1; gone < sequence; gone++) this.#missing.add(gone);
    if (this.#missing.delete(sequence) && this.#newest - sequence >= OVERTAKEN) this.#losses.push(nowMs);
    this.#newest = Math.max(this.#newest, sequence);
    for (const gone of this.#missing) {
      if (this.#newest - gone < GONE) continue;
      this.#missing.delete(gone);
      this.#losses.push(nowMs);
    }
    return this.wants(nowMs);
  }

  /** Whether copies are wanted. */
  wants(nowMs: number): boolean {
    this.#losses = this.#losses.filter((at) => nowMs - at < CALM_MS);
    if (this.#losses.length === 0) this.#wants = false;
    else if (this.#losses.filter((at) => nowMs - at < WITHIN_MS).length >= ENOUGH) this.#wants = true;
    return this.#wants;
  }
}
