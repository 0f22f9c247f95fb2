/**
 * One track's kept samples against all that was sealed of them (docs/formats/audit.md, A4 to A8).
 *
 *     sealed   |0 . . . . |5 . . . . |10 . . . .|           spans, each with the digest after its last sample
 *     kept     |0 . . . . |5 . x . . |          |  15 . .
 *               proven     altered    missing     not sealed
 *
 * A span that is there whole is proven by one comparison. Where it does not fit, what was sealed on the way (a
 * picture's group is sealed in steps) tells how far it was right. The same rules as `src/vivavoce/seal/audit.py`.
 *
 * @module
 */

import { joined, sameBytes } from "./bytes";
import { spanEnd, spanStart } from "./digest";
import type { KeptSeals } from "./kept";
import type { Leaves } from "./leaves";
import { countOf, type SealedSpan, type SealedTrack } from "./sealed";
import { type Found, Rows, type Stretch } from "./stretches";

/**
 * What holds of a track, in the order of its groups; stretches of the same kind that touch are one.
 *
 * `founding`: the founding hash. `run`: 8 bytes. `seals`: judged. `config`: what the track's file would be decoded by,
 * as S5's bytes; empty where there is no file. `rests`: groups of which the record says that they came without
 * samples. `leaves`: sorted. What the bytes of a sample show is not looked at.
 */
export function auditTrack(
  founding: Uint8Array,
  run: Uint8Array,
  seals: KeptSeals,
  name: string,
  config: Uint8Array,
  rests: Iterable<number>,
  leaves: Leaves,
): Stretch[] {
  const sealed = seals.tracks.get(name);
  const rows = new Rows(leaves);
  if (!sealed) {
    // A chain that is whole to its end names every track: this one is nobody's.
    const sure = seals.ended && !seals.missingBetween(-1, seals.newest + 1);
    rows.tell(sure ? "sample.foreign" : "sample.unproven", 0, leaves.length);
    return rows.stretches;
  }
  if (config.byteLength > 0 && !sameBytes(config, sealed.config)) {
    rows.tell("seal.config", 0, leaves.length);
    return rows.stretches;
  }
  return new Audit(founding, run, seals, sealed, leaves).judged(new Set(rests));
}

class Audit {
  readonly #founding: Uint8Array;
  readonly #run: Uint8Array;
  readonly #seals: KeptSeals;
  readonly #sealed: SealedTrack;
  readonly #leaves: Leaves;
  readonly #rows: Rows;

  constructor(founding: Uint8Array, run: Uint8Array, seals: KeptSeals, sealed: SealedTrack, leaves: Leaves) {
    this.#founding = founding;
    this.#run = run;
    this.#seals = seals;
    this.#sealed = sealed;
    this.#leaves = leaves;
    this.#rows = new Rows(leaves);
  }

  judged(rests: ReadonlySet<number>): Stretch[] {
    let row = 0;
    let before: SealedSpan | null = null;
    for (const span of this.#sealed.spans) {
      row = this.#between(row, before, span);
      row = this.#span(row, before, span);
      if (countOf(span) === 0 && !rests.has(span.group))
        this.#rows.lacks("sample.missing", span.group, 0, row, [span.clockUs, span.clockUs]);
      before = span;
    }
    this.#between(row, before, null);
    for (const group of [...rests].sort((one, other) => one - other)) this.#rest(group);
    return this.#rows.stretches;
  }

  /** What no seal tells of. Returns the first row behind it. */
  #between(row: number, before: SealedSpan | null, after: SealedSpan | null): number {
    const end = after ? this.#leaves.firstFrom(after.group, row) : this.#leaves.length;
    this.#rows.tell(this.#isSure(before, after) ? "sample.foreign" : "sample.unproven", row, end);
    return end;
  }

  /** All seals are there that could have told of something between these two. */
  #isSure(before: SealedSpan | null, after: SealedSpan | null): boolean {
    if (!after && !this.#seals.ended) return false;
    return !this.#seals.missingBetween(before?.firstSeq ?? -1, after?.firstSeq ?? this.#seals.newest + 1);
  }

  #span(row: number, before: SealedSpan | null, span: SealedSpan): number {
    const count = countOf(span);
    const end = this.#leaves.firstFrom(span.group + (this.#sealed.sound ? Math.max(count, 1) : 1), row);
    const clocks = [before?.clockUs ?? 0, span.clockUs] as const;
    if (end === row) {
      if (count > 0) this.#rows.lacks("sample.missing", span.group, count, row, clocks);
      return end;
    }
    if (end - row === count) {
      const last = span.marks.at(-1)?.[1] as Uint8Array;
      if (sameBytes(spanEnd(this.#start(span), this.#leaves.between(row, end)), last)) {
        this.#rows.tell("proven", row, end);
        return end;
      }
    }
    this.#apart(row, end, span, clocks);
    return end;
  }

  #start({ group }: SealedSpan): Uint8Array {
    return spanStart(this.#founding, this.#run, this.#sealed.number, group, this.#sealed.config);
  }

  /** A span that is not as it was sealed: find out how far it is. */
  #apart(row: number, end: number, span: SealedSpan, clocks: readonly [number, number]): void {
    const count = countOf(span);
    const places = this.#placed(row, end, span);
    let whole = 0;
    while (places.has(whole) && whole < count) whole += 1;
    let [proven, bad] = [0, 0];
    let digest = this.#start(span);
    for (const [sealed, mark] of span.marks) {
      if (sealed === 0 || sealed > whole) continue;
      if (!this.#leads(places, proven, sealed, digest, mark)) {
        bad = sealed;
        break;
      }
      [digest, proven] = [mark, sealed];
    }
    // Rows in their order, since a stretch is of neighbours; places may stand there twice.
    let follows = 0;
    for (const at of [...places.keys()].sort((one, other) => one - other)) {
      const rows = places.get(at) as [number, ...number[]];
      const known = span.leaves[at];
      let found: Found = "sample.unproven";
      if (at < proven) found = "proven";
      else if (known) found = this.#are(rows, known) ? "proven" : "sample.altered";
      else if (at < bad) found = "sample.altered";
      else if (at >= count && this.#isOver(span)) found = "sample.foreign";
      if (follows < at && at < count) this.#lack(span, places, follows, at - follows, rows[0], clocks);
      follows = at + 1;
      this.#rows.tell(found, rows[0], (rows.at(-1) as number) + 1);
    }
    if (follows < count) this.#lack(span, places, follows, count - follows, end, clocks);
  }

  /** All of these are the sample of this leaf. */
  #are(rows: readonly number[], known: Uint8Array): boolean {
    return rows.every((row) => sameBytes(this.#leaves.at(row), known));
  }

  /** A tail that is missing is a gap, as a packet is; a picture inside its group was taken out. */
  #lack(
    span: SealedSpan,
    places: ReadonlyMap<number, number[]>,
    whole: number,
    count: number,
    row: number,
    clocks: readonly [number, number],
  ): void {
    const { sound } = this.#sealed;
    const hole = !sound && [...places.keys()].some((at) => at > whole);
    const group = sound ? span.group + whole : span.group;
    this.#rows.lacks(hole ? "sample.hole" : "sample.missing", group, count, row, clocks);
  }

  /** Rows by their place in the span, in order. A packet that is not its group's first stands behind. */
  #placed(row: number, end: number, span: SealedSpan): Map<number, number[]> {
    const places = new Map<number, number[]>();
    for (let one = row; one < end; one++) {
      let at = this.#leaves.indexAt(one);
      if (this.#sealed.sound) at = at === 0 ? this.#leaves.groupAt(one) - span.group : countOf(span) + one;
      const there = places.get(at);
      if (there) there.push(one);
      else places.set(at, [one]);
    }
    return places;
  }

  /** Whether these places lead from `digest` to `mark`. Rows that are there twice have to be equal. */
  #leads(
    places: ReadonlyMap<number, number[]>,
    first: number,
    end: number,
    digest: Uint8Array,
    mark: Uint8Array,
  ): boolean {
    const leaves: Uint8Array[] = [];
    for (let at = first; at < end; at++) {
      const [leaf, ...others] = (places.get(at) ?? []).map((row) => this.#leaves.at(row));
      if (!leaf || others.some((other) => !sameBytes(other, leaf))) return false;
      leaves.push(leaf);
    }
    return sameBytes(spanEnd(digest, joined(...leaves)), mark);
  }

  /** Nothing can have been sealed of it beyond what is known. */
  #isOver(span: SealedSpan): boolean {
    return span.closed || this.#isSure(span, this.#beside(span.group)[1]);
  }

  /** The record says that this group is empty. A seal has to say so too. */
  #rest(group: number): void {
    const [before, after] = this.#beside(group);
    if (before?.group === group && countOf(before) === 0) return;
    const told = before && group - before.group < (this.#sealed.sound ? countOf(before) : 1);
    if (!told && !this.#isSure(before, after)) return;
    const row = this.#leaves.firstFrom(group);
    const clocks = [before?.clockUs ?? 0, (after ?? before)?.clockUs ?? 0] as const;
    this.#rows.lacks("sample.foreign", group, 0, row, clocks);
  }

  /** The last span that begins with `group` or before, and the first behind it. */
  #beside(group: number): [before: SealedSpan | null, after: SealedSpan | null] {
    const { spans } = this.#sealed;
    let [low, high] = [0, spans.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((spans[middle] as SealedSpan).group <= group) low = middle + 1;
      else high = middle;
    }
    return [spans[low - 1] ?? null, spans[low] ?? null];
  }
}
