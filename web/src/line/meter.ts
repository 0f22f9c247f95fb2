/**
 * The median and the rate of what was measured in the last seconds. Pure.
 *
 * @module
 */

export class Meter {
  readonly #windowMs: number;
  #values: { atMs: number; value: number }[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(value: number, nowMs: number): void {
    this.#values.push({ atMs: nowMs, value });
    this.#forget(nowMs);
  }

  /** Null when nothing was measured within the window. */
  median(nowMs: number): number | null {
    this.#forget(nowMs);
    const sorted = this.#values.map((one) => one.value).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }

  /** How many were measured within the window. */
  count(nowMs: number): number {
    this.#forget(nowMs);
    return this.#values.length;
  }

  clear(): void {
    this.#values = [];
  }

  #forget(nowMs: number): void {
    let old = 0;
    while ((this.#values[old]?.atMs ?? nowMs) < nowMs - this.#windowMs) old += 1;
    if (old > 0) this.#values.splice(0, old);
  }
}
