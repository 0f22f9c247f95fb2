/**
 * What was found of a track, in the order of its rows: neighbours of which the same holds are one stretch.
 *
 * A part of `src/vivavoce/seal/audit.py`.
 *
 * @module
 */

import type { Leaves } from "./leaves";

export type Found =
  | "proven"
  | "sample.altered"
  | "sample.foreign"
  | "sample.hole"
  | "sample.missing"
  | "sample.unproven"
  | "seal.config";

/** Samples of a track that belong together. */
export interface Stretch {
  /** `proven`, or the code of what is wrong. */
  found: Found;
  /** Of the first. */
  group: number;
  /** How many. */
  count: number;
  /** The first and last timestamp; of what is missing, those of the samples beside it, or the clocks of the seals. */
  fromUs: number;
  untilUs: number;
}

/** The stretches so far. It is told what rows are, in their order. */
export class Rows {
  readonly stretches: Stretch[] = [];
  readonly #leaves: Leaves;
  #end = 0;

  constructor(leaves: Leaves) {
    this.#leaves = leaves;
  }

  /** Rows `first` to `end`, without the last. */
  tell(found: Found, first: number, end: number): void {
    if (first >= end) return;
    const [fromUs, untilUs] = [this.#leaves.timeAt(first), this.#leaves.timeAt(end - 1)];
    const last = this.stretches.at(-1);
    if (last?.found === found && this.#end === first) {
      last.count += end - first;
      last.fromUs = Math.min(last.fromUs, fromUs);
      last.untilUs = Math.max(last.untilUs, untilUs);
    } else {
      const group = this.#leaves.groupAt(first);
      this.stretches.push({ found, group, count: end - first, fromUs, untilUs });
    }
    this.#end = end;
  }

  /** Before `row` something is not there. `clocks`: when it was sealed, if no samples stand beside it. */
  lacks(found: Found, group: number, count: number, row: number, clocks: readonly [number, number]): void {
    const fromUs = row > 0 ? this.#leaves.timeAt(row - 1) : clocks[0];
    const untilUs = row < this.#leaves.length ? this.#leaves.timeAt(row) : clocks[1];
    const last = this.stretches.at(-1);
    if (last?.found === found && found === "sample.missing" && this.#end === row) {
      last.count += count;
      last.untilUs = Math.max(last.untilUs, untilUs);
    } else {
      const [from, until] = [Math.min(fromUs, untilUs), Math.max(fromUs, untilUs)];
      this.stretches.push({ found, group, count, fromUs: from, untilUs: until });
    }
    this.#end = row;
  }
}
