/**
 * A rate that forgets: how much came a second, of late. Pure: takes times, reads none.
 *
 * @module
 */

/** `overMs`: after so long a third is left of what was added. */
export class Mean {
  readonly #overMs: number;
  #sum = 0;
  #atMs: number | null = null;
  #fromMs: number | null = null;

  constructor(overMs: number) {
    this.#overMs = overMs;
  }

  add(nowMs: number, amount: number): void {
    this.#sum = this.#kept(nowMs) + amount;
    this.#atMs = nowMs;
    this.#fromMs ??= nowMs;
  }

  /** A second's worth. */
  rate(nowMs: number): number {
    if (this.#fromMs === null) return 0;
    const known = 1 - Math.exp(-Math.max(100, nowMs - this.#fromMs) / this.#overMs);
    return (1000 * this.#kept(nowMs)) / (this.#overMs * known);
  }

  #kept(nowMs: number): number {
    return this.#atMs === null ? 0 : this.#sum * Math.exp(-Math.max(0, nowMs - this.#atMs) / this.#overMs);
  }
}
