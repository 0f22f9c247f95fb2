/**
 * The samples of one track as a judge needs them: their places, their times and their leaves, as columns.
 *
 * A sample's bytes are hashed once and let go: what is kept of each is 52 bytes, however large it was. The same as
 * `src/vivavoce/seal/leaves.py`; groups and times above 2^53 are only nearly told apart, and no seal speaks of such.
 *
 * @module
 */

import { DIGEST_BYTES } from "./digest";

const FIRST_ROWS = 256;

/** Rows in the order of groups once `sort` was called. */
export class Leaves {
  length = 0;
  group = new Float64Array(FIRST_ROWS);
  index = new Uint32Array(FIRST_ROWS);
  timestampUs = new Float64Array(FIRST_ROWS);
  /** 32 bytes a row. */
  leaf = new Uint8Array(DIGEST_BYTES * FIRST_ROWS);

  add(group: number, index: number, timestampUs: number, leaf: Uint8Array): void {
    const row = this.length;
    if (row === this.group.length) this.#grow();
    this.group[row] = group;
    this.index[row] = index;
    this.timestampUs[row] = timestampUs;
    this.leaf.set(leaf, DIGEST_BYTES * row);
    this.length += 1;
  }

  groupAt(row: number): number {
    return this.group[row] as number;
  }

  indexAt(row: number): number {
    return this.index[row] as number;
  }

  timeAt(row: number): number {
    return this.timestampUs[row] as number;
  }

  /** A row's leaf. */
  at(row: number): Uint8Array {
    return this.between(row, row + 1);
  }

  /** The leaves of these rows, one behind the other. */
  between(first: number, end: number): Uint8Array {
    return this.leaf.subarray(DIGEST_BYTES * first, DIGEST_BYTES * end);
  }

  /** The least of their times; Infinity where there are none. */
  get earliestUs(): number {
    let least = Infinity;
    for (let row = 0; row < this.length; row++) least = Math.min(least, this.timeAt(row));
    return least;
  }

  /** By group, and by index within it. Groups travel on streams of their own, so they may interleave. */
  sort(): void {
    if (this.#rising()) return;
    const [group, index, times, leaf] = [this.group, this.index, this.timestampUs, this.leaf];
    const order = Uint32Array.from({ length: this.length }, (_, row) => row);
    const at = (column: Float64Array | Uint32Array, row: number) => column[row] as number;
    order.sort(
      (one, other) => at(group, one) - at(group, other) || at(index, one) - at(index, other) || one - other,
    );
    this.group = Float64Array.from(order, (row) => at(group, row));
    this.index = Uint32Array.from(order, (row) => at(index, row));
    this.timestampUs = Float64Array.from(order, (row) => at(times, row));
    this.leaf = new Uint8Array(DIGEST_BYTES * this.length);
    order.forEach((row, to) => {
      this.leaf.set(leaf.subarray(DIGEST_BYTES * row, DIGEST_BYTES * (row + 1)), DIGEST_BYTES * to);
    });
  }

  /** The first row from `from` on whose group is not below `group`. */
  firstFrom(group: number, from = 0): number {
    let [low, high] = [from, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.groupAt(middle) < group) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rising(): boolean {
    for (let row = 1; row < this.length; row++) {
      const step = this.groupAt(row) - this.groupAt(row - 1);
      if (step < 0 || (step === 0 && this.indexAt(row) < this.indexAt(row - 1))) return false;
    }
    return true;
  }

  #grow(): void {
    const more = <T extends Float64Array | Uint32Array | Uint8Array>(column: T, larger: T): T => {
      larger.set(column);
      return larger;
    };
    const rows = 2 * this.group.length;
    this.group = more(this.group, new Float64Array(rows));
    this.index = more(this.index, new Uint32Array(rows));
    this.timestampUs = more(this.timestampUs, new Float64Array(rows));
    this.leaf = more(this.leaf, new Uint8Array(DIGEST_BYTES * rows));
  }
}
