/**
 * When to dial again. Pure: takes times, reads none.
 *
 * Browsers punish failed WebTransport dials: Chromium counts each against the page for five minutes and makes
 * the next wait 10 ms * 2^n (n = 9: 2.6 s; n = 13: a minute). So dials are spent where they can work:
 *
 * 1. While the host does not answer a plain request, the network is taken to be away: nothing is dialled but one
 *    blind try now and then, in case only that request cannot get through.
 * 2. The moment that it answers, a dial goes out.
 * 3. A dial that hangs is left to hang (its own retransmissions may still get through) and another goes out beside
 *    it, while the budget lasts: `BUDGET` failures in five minutes cost at most about 0.3 s each.
 * 4. Beyond the budget dials wait longer and longer.
 *
 * @module
 */

/**
 * A dial that has not answered after this long gets company; ms. A hanging dial repeats its first packet after
 * about 0.3, 0.9, 2.1 and 4.5 s: with a new one every 1.5 s some packet goes out every 0.6 s.
 */
const PATIENCE_MS = 1500;
const BUDGET = 6;
const REMEMBER_MS = 5 * 60_000;
const BLIND_MS = [0, 2_000, 8_000, 20_000];
const BLIND_THEN_MS = 30_000;
/** A dial that was refused at once is not repeated sooner. */
const LEAST_MS = 300;

export class Redial {
  /** When this outage began, or null while the line is up. */
  #sinceMs: number | null = null;
  #lastDialMs = Number.NEGATIVE_INFINITY;
  #blind = 0;
  #pending = 0;
  #reachable = false;
  #failures: number[] = [];

  /** The line is lost (or was never there) as of `nowMs`. */
  lost(nowMs: number): void {
    if (this.#sinceMs !== null) return;
    this.#sinceMs = nowMs;
    this.#blind = 0;
    this.#reachable = false;
  }

  /** The line is up: nothing more is dialled. */
  up(): void {
    this.#sinceMs = null;
  }

  /** Whether the host answered a plain request just now. */
  answered(reachable: boolean): void {
    this.#reachable = reachable;
  }

  /** A dial went out. */
  dialled(nowMs: number): void {
    if (!this.#reachable) this.#blind += 1;
    this.#lastDialMs = nowMs;
    this.#pending += 1;
  }

  /** A dial came to something, or to nothing. */
  settled(nowMs: number, worked: boolean): void {
    this.#pending -= 1;
    if (!worked) this.#failures.push(nowMs);
  }

  /** When to dial next, on the clock of `nowMs`; null while the line is up. It may lie in the past. */
  due(nowMs: number): number | null {
    if (this.#sinceMs === null) return null;
    if (!this.#reachable) {
      const blindMs = BLIND_MS[this.#blind];
      return blindMs === undefined ? this.#lastDialMs + BLIND_THEN_MS : this.#sinceMs + blindMs;
    }
    this.#failures = this.#failures.filter((at) => at > nowMs - REMEMBER_MS);
    const spent = this.#failures.length + this.#pending;
    if (spent < BUDGET) return this.#lastDialMs + (this.#pending > 0 ? PATIENCE_MS : LEAST_MS);
    return this.#lastDialMs + Math.min(60_000, PATIENCE_MS * 2 ** (spent - BUDGET + 1));
  }
}
