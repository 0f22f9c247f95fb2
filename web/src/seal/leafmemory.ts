/**
 * The newest leaves of a run, for whoever lacks some of a span (docs/formats/seal.md, S20).
 *
 * Memory is bounded by their number: the groups that were begun first are forgotten first. The same as
 * `src/vivavoce/seal/leafmemory.py`.
 *
 * @module
 */

/** Three pictures and a voice make 150 a second: three minutes and a half, and eight megabytes at most. */
const MOST = 32_768;

export class LeafMemory {
  readonly #most: number;
  readonly #groups = new Map<string, Uint8Array[]>();
  #held = 0;

  /** `most`: how many leaves are remembered. */
  constructor(most = MOST) {
    this.#most = most;
  }

  get size(): number {
    return this.#held;
  }

  /** Those of a group are added one after the other; one that is there already, or does not follow, is left out. */
  add(track: number, group: number, index: number, leaf: Uint8Array): void {
    const place = `${track}/${group}`;
    const leaves = this.#groups.get(place) ?? [];
    if (index !== leaves.length) return;
    leaves.push(leaf);
    this.#groups.set(place, leaves);
    this.#held += 1;
    for (const [oldest, { length }] of this.#groups) {
      if (this.#held <= this.#most) break;
      this.#groups.delete(oldest);
      this.#held -= length;
    }
  }

  /**
   * The first `count` leaves of the span that begins with `group`; null where one of them is not remembered. `sound`:
   * its samples are the first of `count` groups in a row.
   */
  of(track: number, group: number, count: number, sound: boolean): Uint8Array[] | null {
    const leaves: Uint8Array[] = [];
    if (sound) {
      for (let at = group; at < group + count; at++) {
        const [leaf] = this.#groups.get(`${track}/${at}`) ?? [];
        if (!leaf) return null;
        leaves.push(leaf);
      }
    } else leaves.push(...(this.#groups.get(`${track}/${group}`) ?? []).slice(0, count));
    return leaves.length === count && count > 0 ? leaves : null;
  }
}
