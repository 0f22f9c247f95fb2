/**
 * One span: what came of it, what was sealed of it, and what may be wrong (docs/formats/seal.md, S7 and S11).
 *
 * A picture's is its group; a sound's is a row of groups of one packet each. What is concluded is `spans`'. The same
 * rules as `src/vivavoce/seal/span.py`.
 *
 * @module
 */

import { sameBytes } from "./bytes";
import { extended } from "./digest";
import type { Delta } from "./seal";

export type FaultCode =
  | "sample.altered"
  | "sample.hole"
  | "sample.foreign"
  | "sample.missing"
  | "seal.late"
  | "seal.fork";

/** What is wrong of a track. */
export interface Fault {
  code: FaultCode;
  track: number;
  /** Where it begins. */
  group: number;
  /** How many samples, 0 where that is not known. */
  count: number;
  /** The first and last timestamp concerned, or of what stands nearest. */
  fromUs: number;
  untilUs: number;
}

/** Leaves by which a span that is not whole can be judged. */
export interface Missing {
  track: number;
  group: number;
  /** Of its samples, from the first. */
  count: number;
  /** The first of them that has not come. */
  lacks: number;
}

/** A sample that came. */
export interface Sample {
  leaf: Uint8Array;
  timestampUs: number;
  /** When, on the verifier's clock. */
  cameUs: number;
  judged: boolean;
  /** It was told that it is late. */
  told: boolean;
}

/**
 * `group`: its first. `sound`: each of its samples has a group of its own. `start`: what `spanStart` says.
 */
export class Span {
  readonly group: number;
  readonly sound: boolean;
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
  /** The verdict recovered since anything was told of it. */
  forgiven = false;

  constructor(group: number, sound: boolean, start: Uint8Array) {
    this.group = group;
    this.sound = sound;
    this.digests = [start];
  }

  /** How many of the sealed samples have not come. */
  get lacking(): number {
    return this.sealed - [...this.samples.keys()].filter((index) => index < this.sealed).length;
  }

  /** The group in which its sample of this index is. */
  at(index: number): number {
    return this.sound ? this.group + index : this.group;
  }

  /** Whether a row of sound packets has the one of this group; without a sum that may pass 2^53. */
  covers(group: number): boolean {
    return this.group <= group && group - this.group < this.sealed;
  }

  /** S11. Seals out of order may tell less than is known, and nothing else. */
  contradicts({ count, digest, closed }: Delta): boolean {
    if (!sameBytes(this.marks.get(count) ?? digest, digest)) return true;
    if (this.closed !== null && count > this.closed) return true;
    return closed && ((this.closed ?? count) !== count || this.sealed > count);
  }

  /** A seal that does not contradict what is known says this of it. */
  mark({ count, digest, closed }: Delta, nowUs: number): void {
    if (count > this.sealed || this.marks.size === 0) this.sealedUs = nowUs;
    this.marks.set(count, digest);
    this.sealed = Math.max(this.sealed, count);
    if (closed) this.closed = count;
  }

  /** Digests of what came, as far as nothing lacks in between. */
  grow(): void {
    for (;;) {
      const [sample, before] = [this.samples.get(this.digests.length - 1), this.digests.at(-1)];
      if (!sample || !before) return;
      this.digests.push(extended(before, sample.leaf));
    }
  }

  /** V6. Whether these are the leaves of all that is sealed: they lead to its digest. */
  fits(leaves: readonly Uint8Array[]): boolean {
    const sealed = this.marks.get(leaves.length);
    if (leaves.length === 0 || !sealed) return false;
    const digest = leaves.reduce((before, leaf) => extended(before, leaf), this.digests[0]);
    return sameBytes(digest, sealed);
  }

  /** The timestamps of what came just before this index and just after; where neither came, `otherwiseUs`. */
  near(index: number, otherwiseUs: number): [fromUs: number, untilUs: number] {
    const samples = [...this.samples];
    const before = samples.filter(([at]) => at < index).map(([, one]) => one);
    const after = samples.filter(([at]) => at > index).map(([, one]) => one);
    const [, startUs] = extent(before, extent(after, otherwiseUs)[0]);
    return [startUs, extent(after, startUs)[0]];
  }
}

/** The least and the greatest timestamp; `otherwiseUs` where there is none. */
export function extent(samples: readonly Sample[], otherwiseUs: number): [fromUs: number, untilUs: number] {
  if (samples.length === 0) return [otherwiseUs, otherwiseUs];
  let [from, until] = [Infinity, -Infinity];
  for (const { timestampUs } of samples) {
    from = Math.min(from, timestampUs);
    until = Math.max(until, timestampUs);
  }
  return [from, until];
}
