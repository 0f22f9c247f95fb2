/**
 * One span: what came of it, and what was sealed of it (docs/formats/seal.md, S7).
 *
 * The same rules as in `src/vivavoce/seal/spans.py`; what is concluded of it is `spans`'.
 *
 * @module
 */

import { sameBytes } from "./bytes";
import type { Delta } from "./seal";

export interface Sample {
  leaf: Uint8Array;
  timestampUs: number;
  cameUs: number;
  judged: boolean;
  /** It was told that it is late. */
  told: boolean;
}

export class Span {
  /** After no sample, after the first, after the second, as they came. */
  readonly digests: [start: Uint8Array, ...after: Uint8Array[]];
  readonly samples = new Map<number, Sample>();
  /** What was sealed: the digest after so many samples. */
  readonly marks = new Map<number, Uint8Array>();
  /** Those that led to the sealed digest, where they were needed. */
  leaves: readonly Uint8Array[] = [];
  /** How many samples are sealed. */
  sealed = 0;
  /** How many there are, once that is sealed. */
  closed: number | null = null;
  sealedUs = 0;
  proven = 0;
  /** Nothing that is not there yet is judged any more. */
  over = false;
  late = false;
  missed = false;
  extra = false;

  constructor(start: Uint8Array) {
    this.digests = [start];
  }
}

/** Whether a row of sound packets has the one of this group; without a sum that may pass 2^53. */
export function covers(first: number, { sealed }: Span, group: number): boolean {
  return first <= group && group - first < sealed;
}

/** S11. Seals out of order may tell less than is known, and nothing else. */
export function contradicts({ marks, sealed, closed }: Span, delta: Delta): boolean {
  const { count, digest } = delta;
  if (!sameBytes(marks.get(count) ?? digest, digest)) return true;
  if (closed !== null && count > closed) return true;
  return delta.closed && ((closed ?? count) !== count || sealed > count);
}

/** The least and the greatest timestamp; infinite where there is none. */
export function extent(samples: readonly Sample[]): [fromUs: number, untilUs: number] {
  let [from, until] = [Infinity, -Infinity];
  for (const { timestampUs } of samples) {
    from = Math.min(from, timestampUs);
    until = Math.max(until, timestampUs);
  }
  return [from, until];
}
