/**
 * Whether samples are arriving. Pure: takes times, reads none.
 *
 * Whoever joins is first given what the host still holds. Of a side that fell silent that is its last group, which
 * says nothing of now: a sample that is known to be old does not count, unless samples keep coming, since the
 * clocks that make it old may be wrong.
 *
 * @module
 */

const SILENT_AFTER_MS = 1000;
const OLD_MS = 3000;
/** Nothing that a host holds takes so long to hand over. */
const STRETCH_MS = 1500;

export class Arrivals {
  #lastMs = Number.NEGATIVE_INFINITY;
  #firstMs = Number.NEGATIVE_INFINITY;
  #old = false;

  /** A sample came at `nowMs`. delayMs: from its capture until now, or null where the clocks are unknown. */
  came(nowMs: number, delayMs: number | null): void {
    if (nowMs - this.#lastMs >= SILENT_AFTER_MS) this.#firstMs = nowMs;
    this.#lastMs = nowMs;
    this.#old = delayMs !== null && delayMs > OLD_MS;
  }

  /** Samples came within the last second, and not only old ones. */
  arriving(nowMs: number): boolean {
    if (nowMs - this.#lastMs >= SILENT_AFTER_MS) return false;
    return !this.#old || this.#lastMs - this.#firstMs >= STRETCH_MS;
  }
}
