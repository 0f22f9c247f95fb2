/**
 * One track's samples against what was sealed of them (docs/formats/seal.md, S7 and V1 to V6).
 *
 * A picture's span is its group, sealed in steps while it grows. A sound's is a row of groups of one packet each,
 * sealed at once. Either way: samples one after the other, one digest after each, and what the seal says after the
 * n-th. The same rules as `src/vivavoce/seal/spans.py`.
 *
 * @module
 */

import { sameBytes } from "./bytes";
import { parseConfig } from "./config";
import { spanStart } from "./digest";
import { Overdue, PENDING_US } from "./overdue";
import type { Delta } from "./seal";
import { extent, type Fault, type FaultCode, type Missing, type Sample, Span } from "./span";

const GIVEN_UP_US = 10_000_000;
/** Spans that are remembered after they were judged. */
const KEPT = 16;
/** While a seal is waited for: a side that leaves one out again and again is not to fill anybody's memory. */
const MOST_KEPT = 4_096;

export interface Place {
  /** The founding hash. */
  founding: Uint8Array;
  run: Uint8Array;
  /** Its number. */
  track: number;
  /** Its sealed configuration. */
  config: Uint8Array;
  /**
   * What was captured before this, came by `joinedAtUs` on the verifier's clock or soon after, and is covered by no
   * seal that came, was before this verifier joined, and is not judged. 0 where it was there from the run's first
   * seal on.
   */
  joinedUs: number;
  joinedAtUs: number;
}

function isUnsealed({ marks, over }: Span): boolean {
  return marks.size === 0 && !over;
}

/** `report`: called with each fault, once. */
export class Spans {
  readonly sound: boolean;
  readonly #place: Place;
  readonly #report: (fault: Fault) => void;
  readonly #spans = new Map<number, Span>();
  /** Sound that no seal has covered yet, by its group. */
  readonly #packets = new Map<number, Sample>();
  readonly #overdue: Overdue;
  #proven = false;
  /** A seal has not come that may tell of what is older: until it has, or is given up, next to nothing is forgotten. */
  waits = false;
  #forgotten = -1;
  /** The newest seal that was given up, until one behind it tells of this track. */
  #lostUntil = -1;
  /** What came of groups below may have been sealed by what never came. */
  #unsureBelow = 0;
  #lastUs = 0;

  constructor(place: Place, report: (fault: Fault) => void) {
    this.#place = place;
    this.#report = report;
    this.#overdue = new Overdue(place.joinedUs, place.joinedAtUs);
    this.sound = parseConfig(place.config).kind === "sound";
  }

  /** Something that came is what was signed. */
  get proven(): boolean {
    return this.#proven;
  }

  /** A sample came. Samples of a group come one after the other; one that does not is a hole. */
  sample(group: number, index: number, timestampUs: number, leaf: Uint8Array, nowUs: number): void {
    this.#lastUs = timestampUs;
    const sample = { leaf, timestampUs, cameUs: nowUs, judged: false, told: false };
    if (this.sound) this.#packet(group, index, sample);
    else if (this.#isForgotten(group)) this.#areLate(group, [sample]);
    else this.#add(this.#span(group), index, sample);
  }

  /**
   * A seal covers this. `seq`: its number. `known`: none is missing since the first that was received. Returns whether
   * nothing of it was found wrong.
   */
  sealed(delta: Delta, nowUs: number, { seq, known }: { seq: number; known: boolean }): boolean {
    const { group, count } = delta;
    if (this.#isForgotten(group)) return true;
    const span = this.#span(group);
    if (span.contradicts(delta)) {
      span.over = true;
      this.#fault("seal.fork", group, count, this.#lastUs, this.#lastUs);
      return false;
    }
    span.mark(delta, nowUs);
    // By what came and not by `count`, which may be four thousand million.
    const covered = [...this.#packets].filter(([at]) => span.covers(at)).sort(([a], [b]) => a - b);
    for (const [at, packet] of covered) {
      this.#packets.delete(at);
      if (!span.samples.has(at - group)) span.samples.set(at - group, packet);
    }
    if (known && seq > this.#lostUntil) {
      if (this.#lostUntil >= 0) this.#unsureBelow = group;
      this.#lostUntil = -1;
      this.#passedOver(group);
    }
    const good = this.#judge(span);
    this.#forget();
    return good;
  }

  /**
   * Judge a span that is not whole by the leaves of all its samples, or of as many as some seal tells of. Returns
   * whether they are the sealed ones.
   */
  resolved({ group }: Pick<Missing, "group">, leaves: readonly Uint8Array[]): boolean {
    const span = this.#spans.get(group);
    if (!span || span.over || !span.fits(leaves)) return false;
    if (leaves.length > span.leaves.length) span.leaves = [...leaves];
    for (const [index, leaf] of leaves.entries()) {
      const sample = span.samples.get(index);
      if (sample) this.#compare(span.at(index), sample, leaf);
    }
    return true;
  }

  /** Seals were given up, the newest of them `last`: what they covered cannot be told from what nobody sealed. */
  lost(last: number): void {
    this.#lostUntil = Math.max(this.#lostUntil, last);
    this.waits = false;
  }

  /**
   * The track is not taken any more: what does not come of it is not missed, and what came since its last seal cannot
   * be proven any more without what follows.
   */
  letGo(): void {
    const spans = [...this.#spans.values()].flatMap(({ samples }) => [...samples.values()]);
    this.#overdue.letGo([...spans, ...this.#packets.values()]);
  }

  /**
   * The track is taken again: from what is proven of it on, what does not come is missed. It is joined anew, and may
   * begin with what was held of it.
   */
  take(nowUs: number): void {
    this.#overdue.take(nowUs);
  }

  /** Time has passed: what has not come by now is missing, what is not proven by now is late. */
  tick(nowUs: number): void {
    for (const span of this.#spans.values()) {
      if (span.over) continue;
      const waiting = this.#waiting([...span.samples.values()]);
      const waitsUs = nowUs - waiting.reduce((least, one) => Math.min(least, one.cameUs), nowUs);
      const sealedForUs = span.marks.size > 0 ? nowUs - span.sealedUs : 0;
      this.#overdue.troubleIfFresh(waiting, nowUs);
      const untold = waiting.filter((one) => !one.told);
      const untoldUs = nowUs - untold.reduce((least, one) => Math.min(least, one.cameUs), nowUs);
      const told = (span.late && !span.forgiven) || this.#overdue.beganBefore(span);
      if (untoldUs > PENDING_US && !told) {
        span.late = true;
        span.forgiven = false;
        this.#areLate(span.group, waiting);
      }
      if (sealedForUs > PENDING_US) this.#tail(span);
      span.over = (span.marks.size > 0 ? sealedForUs : waitsUs) > GIVEN_UP_US;
    }
    const old = [...this.#packets].filter(([, one]) => nowUs - one.cameUs > PENDING_US);
    const late = old.filter(([, one]) => this.#overdue.waits(one));
    const first = late.reduce((least, [at]) => Math.min(least, at), Infinity);
    const samples = late.map(([, one]) => one);
    if (late.length > 0) this.#areLate(first, samples);
    this.#overdue.troubleIfFresh(samples, nowUs);
    for (const [at, packet] of old) if (nowUs - packet.cameUs > GIVEN_UP_US) this.#packets.delete(at);
    this.#forget();
  }

  /** How many samples wait for a seal to tell of them. */
  get unsealed(): number {
    let count = this.#packets.size;
    for (const span of this.#spans.values()) if (isUnsealed(span)) count += span.samples.size;
    return count;
  }

  /** Too much waits for a seal: what waits of this track is late, and is not judged any more. */
  giveUp(): void {
    const givenUp: [at: number, samples: Sample[]][] = [...this.#packets].map(([at, one]) => [at, [one]]);
    this.#packets.clear();
    for (const span of [...this.#spans.values()].filter(isUnsealed)) {
      span.over = true;
      givenUp.push([span.group, [...span.samples.values()]]);
    }
    let first = Infinity;
    const waiting: Sample[] = [];
    for (const [at, samples] of givenUp) {
      const some = this.#waiting(samples);
      if (some.length > 0) first = Math.min(first, at);
      for (const one of some) waiting.push(one);
    }
    if (waiting.length > 0) {
      this.#overdue.trouble();
      this.#areLate(first, waiting);
    }
    this.#forget();
  }

  /** The verdict is good again: what goes on of what was told is told again (V7). */
  recovered(): void {
    this.#overdue.recovered();
    for (const span of this.#spans.values()) span.forgiven = true;
  }

  /** Whether what nobody proves has gone on coming since this was asked, told of or not. */
  takeTrouble(): boolean {
    return this.#overdue.takeTrouble();
  }

  /** Spans that came in part, and that leaves would let be judged: what was shown of a track that was let go, too. */
  missing(): Missing[] {
    const missing: Missing[] = [];
    for (const [group, { sealed, over, digests, samples }] of this.#spans) {
      if (over || samples.size >= sealed) continue;
      if (![...samples].some(([index, one]) => !one.judged && index < sealed)) continue;
      missing.push({ track: this.#place.track, group, count: sealed, lacks: digests.length - 1 });
    }
    return missing;
  }

  #packet(group: number, index: number, sample: Sample): void {
    if (index !== 0) {
      this.#faults("sample.foreign", group, [sample]);
      return;
    }
    for (const span of this.#spans.values()) {
      if (!span.covers(group)) continue;
      this.#add(span, group - span.group, sample);
      return;
    }
    const there = this.#packets.get(group);
    if (group <= this.#forgotten) this.#areLate(group, [sample]);
    else if (!there) this.#packets.set(group, sample);
    else if (!sameBytes(there.leaf, sample.leaf)) this.#faults("sample.altered", group, [sample]);
  }

  #add(span: Span, index: number, sample: Sample): void {
    const [at, there] = [span.at(index), span.samples.get(index)];
    if (there) {
      if (!sameBytes(there.leaf, sample.leaf)) this.#faults("sample.altered", at, [sample]);
    } else if (span.closed !== null && index >= span.closed) {
      this.#overdue.trouble();
      if (!span.extra || span.forgiven) this.#faults("sample.foreign", at, [sample]);
      span.extra = true;
      span.forgiven = false;
    } else if (span.over) {
      this.#overdue.trouble();
      if (span.forgiven) this.#areLate(at, [sample]);
      span.forgiven = false;
    } else if (!this.sound && index !== span.samples.size) {
      span.over = true;
      this.#faults("sample.hole", span.group, [sample]);
    } else {
      span.samples.set(index, sample);
      const leaf = span.leaves[index];
      if (leaf) this.#compare(at, sample, leaf);
      this.#judge(span);
    }
  }

  #compare(at: number, sample: Sample, leaf: Uint8Array): void {
    if (sample.judged) return;
    sample.judged = true;
    if (sameBytes(sample.leaf, leaf)) this.#isProven(at);
    else this.#faults("sample.altered", at, [sample]);
  }

  /** V1, V2. Returns whether nothing was found wrong; what has not come yet is not wrong. */
  #judge(span: Span): boolean {
    if (span.over) return span.proven === span.closed;
    span.grow();
    for (const [count, sealed] of [...span.marks].sort(([a], [b]) => a - b)) {
      const digest = span.digests[count];
      if (!digest || count < span.proven || (count > 0 && count <= span.leaves.length)) continue;
      const since: Sample[] = [];
      for (let at = span.proven; at < count; at++) since.push(span.samples.get(at) as Sample);
      if (!sameBytes(digest, sealed)) {
        span.over = true;
        this.#faults("sample.altered", span.group, since);
        return false;
      }
      for (const one of since) one.judged = true;
      if (since.length > 0) this.#isProven(span.at(span.proven));
      span.proven = count;
    }
    const { closed } = span;
    if (closed === null) return true;
    const extra = [...span.samples].filter(([index]) => index >= closed).map(([, one]) => one);
    if (extra.length > 0 && !span.extra) {
      this.#faults("sample.foreign", span.group, extra);
      span.extra = true;
    }
    span.over = span.proven === closed;
    return extra.length === 0;
  }

  /** V4: what was sealed long enough ago and did not come. */
  #tail(span: Span): void {
    if (span.lacking <= 0 || span.missed || !this.#overdue.misses(span.group)) return;
    span.missed = true;
    this.#isMissing(span, span.digests.length - 1, span.lacking);
  }

  /** V5: what came of groups that the seals have passed by was sealed by nobody. */
  #passedOver(group: number): void {
    // A seal that tells of what was forgotten is not looked at any more.
    const first = Math.max(this.#unsureBelow, this.#forgotten + 1);
    for (const [at, span] of this.#spans) {
      const passed = at >= first && at < group;
      if (!passed || span.marks.size > 0 || span.over || span.late) continue;
      span.over = true;
      this.#unsealed(at, [...span.samples.values()]);
    }
    for (const [at, packet] of [...this.#packets].filter(([, { told }]) => !told)) {
      if (at < first || at >= group) continue;
      this.#packets.delete(at);
      this.#unsealed(at, [packet]);
    }
  }

  /** No seal that came covers these. One that came before, and that nobody here saw, may have. */
  #unsealed(group: number, samples: readonly Sample[]): void {
    const waiting = this.#waiting(samples);
    const before = waiting.filter((one) => this.#overdue.isBefore(one));
    const after = waiting.filter((one) => !this.#overdue.isBefore(one));
    if (before.length > 0) this.#areLate(group, before);
    if (after.length > 0) this.#faults("sample.foreign", group, after);
  }

  #waiting(samples: readonly Sample[]): Sample[] {
    return samples.filter((one) => this.#overdue.waits(one));
  }

  #isProven(group: number): void {
    this.#proven = true;
    this.#overdue.isProven(group);
  }

  #areLate(group: number, samples: readonly Sample[]): void {
    const late = this.#overdue.late(samples);
    if (late.length > 0) this.#faults("seal.late", group, late);
  }

  #isForgotten(group: number): boolean {
    return group <= this.#forgotten && !this.#spans.has(group);
  }

  #forget(): void {
    const kept = this.waits ? MOST_KEPT : KEPT;
    if (this.#spans.size <= kept) return;
    const groups = [...this.#spans.keys()].sort((a, b) => a - b);
    for (const group of groups.slice(0, -kept)) {
      const span = this.#spans.get(group);
      if (!span?.over) continue;
      if (span.marks.size > 0)
        this.#forgotten = Math.max(this.#forgotten, span.at(Math.max(span.sealed, 1) - 1));
      this.#spans.delete(group);
    }
  }

  #span(group: number): Span {
    const there = this.#spans.get(group);
    if (there) return there;
    const { founding, run, track, config } = this.#place;
    const span = new Span(group, this.sound, spanStart(founding, run, track, group, config));
    this.#spans.set(group, span);
    return span;
  }

  #isMissing(span: Span, index: number, count: number): void {
    this.#fault("sample.missing", span.at(index), count, ...span.near(index, this.#lastUs));
  }

  #faults(code: FaultCode, group: number, samples: readonly Sample[]): void {
    this.#fault(code, group, samples.length, ...extent(samples, this.#lastUs));
  }

  #fault(code: FaultCode, group: number, count: number, fromUs: number, untilUs: number): void {
    this.#report({ code, track: this.#place.track, group, count, fromUs, untilUs });
  }
}
