/**
 * What the seals of a run that hold say of its samples, by track and span (docs/formats/audit.md, A3).
 *
 * The second half of `src/vivavoce/seal/kept.py`.
 *
 * @module
 */

import { type ErrorCode, VivavoceError } from "../errors";
import { joined, sameBytes } from "./bytes";
import { parseConfig } from "./config";
import { spanEnd, spanStart } from "./digest";
import type { LeavesFrame } from "./leavesframe";
import type { Delta, Seal } from "./seal";

/** What was sealed of one span (S7). */
export interface SealedSpan {
  /** The first. */
  group: number;
  /** The first seal that tells of it, and its clock. */
  firstSeq: number;
  clockUs: number;
  /** Samples so far, and their digest; rising. */
  marks: (readonly [count: number, digest: Uint8Array])[];
  closed: boolean;
  /** Of its samples, from the first on, where somebody handed them: proven by one of `marks`. */
  leaves: readonly Uint8Array[];
}

export interface SealedTrack {
  number: number;
  /** The bytes that are sealed. */
  config: Uint8Array;
  sound: boolean;
  /** By their first group, rising. */
  spans: SealedSpan[];
}

/** How many samples are sealed of it. */
export function countOf({ marks }: SealedSpan): number {
  return marks.at(-1)?.[0] ?? 0;
}

type Report = (code: ErrorCode, seq: number, clockUs: number) => void;

/**
 * By the name. `seals`: those that hold, by their numbers. `handed`: leaves, which count where they lead to what was
 * sealed. `place`: the founding hash and the run. `report`: told of each seal that contradicts another.
 */
export function sealedTracks(
  seals: readonly Seal[],
  handed: readonly LeavesFrame[],
  place: readonly [founding: Uint8Array, run: Uint8Array],
  report: Report,
): Map<string, SealedTrack> {
  const names = new Map<string, SealedTrack>();
  const numbers = new Map<number, SealedTrack>();
  const spans = new Map<number, Map<number, SealedSpan>>();
  for (const seal of seals) {
    for (const [number, raw] of seal.configs) configured(seal, number, raw, names, numbers, report);
    for (const delta of seal.deltas) sealed(seal, delta, spans, report);
  }
  for (const number of rising(spans.keys())) {
    const [track, groups] = [numbers.get(number), spans.get(number)];
    if (track && groups)
      for (const group of rising(groups.keys())) lies(track, groups.get(group) as SealedSpan, report);
  }
  for (const told of handed) {
    const [track, span] = [numbers.get(told.track), spans.get(told.track)?.get(told.group)];
    if (track && span) resolve(track, span, told.leaves, place);
  }
  return names;
}

/** Leaves that lead to a digest that was sealed of the span are kept with it. */
function resolve(
  { number, config }: SealedTrack,
  span: SealedSpan,
  leaves: readonly Uint8Array[],
  place: readonly [founding: Uint8Array, run: Uint8Array],
): void {
  const sealed = span.marks.find(([count]) => count === leaves.length)?.[1];
  if (!sealed || leaves.length <= span.leaves.length) return;
  const start = spanStart(...place, number, span.group, config);
  if (sameBytes(spanEnd(start, joined(...leaves)), sealed)) span.leaves = leaves;
}

/** S5: a number keeps its configuration, a name its number. */
function configured(
  { seq, clockUs }: Seal,
  number: number,
  raw: Uint8Array,
  names: Map<string, SealedTrack>,
  numbers: Map<number, SealedTrack>,
  report: Report,
): void {
  try {
    const { name, kind } = parseConfig(raw);
    const [known, named] = [numbers.get(number), names.get(name)];
    if ((known && !sameBytes(known.config, raw)) || (named && named.number !== number)) {
      report("seal.config", seq, clockUs);
    } else if (!known) {
      const track = { number, config: raw, sound: kind === "sound", spans: [] };
      numbers.set(number, track);
      names.set(name, track);
    }
  } catch (error) {
    if (!(error instanceof VivavoceError)) throw error;
    report(error.code, seq, clockUs);
  }
}

/** S11: two digests for one count, or more after the end, are a fork. */
function sealed(
  { seq, clockUs }: Seal,
  { track, group, count, closed, digest }: Delta,
  spans: Map<number, Map<number, SealedSpan>>,
  report: Report,
): void {
  const groups = spans.get(track) ?? new Map<number, SealedSpan>();
  spans.set(track, groups);
  const span = groups.get(group) ?? { group, firstSeq: seq, clockUs, marks: [], closed: false, leaves: [] };
  groups.set(group, span);
  const soFar = countOf(span);
  const there = count <= soFar ? span.marks.find(([one]) => one === count)?.[1] : undefined;
  const other = there !== undefined && !sameBytes(there, digest);
  if (other || (span.closed && count > soFar) || (closed && count < soFar)) {
    report("seal.fork", seq, clockUs);
  } else if (count > soFar || span.marks.length === 0) {
    span.marks.push([count, digest]);
  }
  span.closed ||= closed;
}

/** Rows of sound do not overlap: a packet has one row. */
function lies(track: SealedTrack, span: SealedSpan, report: Report): void {
  const before = track.sound ? track.spans.at(-1) : undefined;
  if (before && span.group - before.group < countOf(before)) report("seal.fork", span.firstSeq, span.clockUs);
  else track.spans.push(span);
}

function rising(numbers: Iterable<number>): number[] {
  return [...numbers].sort((one, other) => one - other);
}
