/**
 * Which renditions somebody watches. Pure: takes times, reads none.
 *
 * The host tells which tracks are subscribed to (rule L17). Somebody who leaves often comes back, or another does, so a
 * rendition counts as wanted for a while longer.
 *
 * @module
 */

const LINGER_MS = 10_000;
/** Where the line has no room for what nobody watches. */
const THIN_LINGER_MS = 1_000;

export class Demand {
  #wanted = new Set<string>();
  readonly #leftMs = new Map<string, number>();

  /** The host told which renditions are subscribed to. */
  told(renditions: Iterable<string>, nowMs: number): void {
    const wanted = new Set(renditions);
    for (const before of this.#wanted) if (!wanted.has(before)) this.#leftMs.set(before, nowMs);
    this.#wanted = wanted;
  }

  /** Whether it is worth encoding. `thin`: the line does not carry everything. */
  wants(rendition: string, nowMs: number, thin = false): boolean {
    const leftMs = this.#leftMs.get(rendition) ?? Number.NEGATIVE_INFINITY;
    return this.#wanted.has(rendition) || nowMs - leftMs < (thin ? THIN_LINGER_MS : LINGER_MS);
  }
}
