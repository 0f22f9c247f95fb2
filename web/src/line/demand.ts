/**
 * Which renditions somebody watches. Pure: takes times, reads none.
 *
 * The host tells which tracks are subscribed to (rule L17). Somebody who leaves often comes back, or another does, so a
 * rendition counts as wanted for a while longer.
 *
 * @module
 */

const LINGER_MS = 10_000;

export class Demand {
  #wanted = new Set<string>();
  readonly #untilMs = new Map<string, number>();

  /** The host told which renditions are subscribed to. */
  told(renditions: Iterable<string>, nowMs: number): void {
    const wanted = new Set(renditions);
    for (const before of this.#wanted) if (!wanted.has(before)) this.#untilMs.set(before, nowMs + LINGER_MS);
    this.#wanted = wanted;
  }

  /** Whether it is worth encoding. */
  wants(rendition: string, nowMs: number): boolean {
    return this.#wanted.has(rendition) || (this.#untilMs.get(rendition) ?? 0) > nowMs;
  }
}
