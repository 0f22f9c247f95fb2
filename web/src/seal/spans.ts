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
import { extended, spanStart } from "./digest";
import type { Delta } from "./seal";
import { contradicts, covers, extent, type Sample, Span } from "./span";

/** Shown but not proven for longer is late (design, rule 6). */
export const PENDING_US = 600_000;
const GIVEN_UP_US = 10_000_000;
/** What nobody proves troubles a verdict for so long after it came late. */
const FRESH_US = 400_000;
/** Spans that are remembered after they were judged. */
const KEPT = 16;

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

/** `report`: called with each fault, once. */
export class Spans {
  readonly sound: boolean;
  readonly #place: Place;
  readonly #report: (fault: Fault) => void;
  readonly #spans = new Map<number, Span>();
  /** Sound that no seal has covered yet, by its group. */
  readonly #packets = new Map<number, Sample>();
  #proven = false;
  #taken = true;
  #toldTaken = false;
  /** The first group of which something was proven since the track is taken: those before are not missed. */
  #provenFrom: number | null = null;
  /** It was told that something is late, and nothing was proven since. */
  #late = false;
  #forgotten = -1;
  #troubled = false;
  /** The newest seal that was given up, until one behind it tells of this track. */
  #lostUntil = -1;
  /** When this verifier joined, or took the track again. */
  #joinedAtUs: number;
  /** What came of groups below may have been sealed by what never came. */
  #unsureBelow = 0;
  #lastUs = 0;

  constructor(place: Place, report: (fault: Fault) => void) {
    this.#place = place;
    this.#joinedAtUs = place.joinedAtUs;
    this.#report = report;
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
    else if (this.#isForgotten(group)) this.#isLate(group, [sample]);
    else this.#add(group, this.#span(group), index, sample);
  }

  /**
   * A seal covers this. `seq`: its number. `known`: none is missing since the first that was received. Returns whether nothing of it
   * was found wrong.
   */
  sealed(delta: Delta, nowUs: number, { seq, known }: { seq: number; known: boolean }): boolean {
    const { group, count, digest } = delta;
    if (this.#isForgotten(group)) return true;
    const span = this.#span(group);
    if (contradicts(span, delta)) {
      span.over = true;
      this.#fault("seal.fork", group, count, this.#lastUs, this.#lastUs);
      return false;
    }
    if (count > span.sealed || span.marks.size === 0) span.sealedUs = nowUs;
    span.marks.set(count, digest);
    span.sealed = Math.max(span.sealed, count);
    if (delta.closed) span.closed = count;
    // By what came and not by `count`, which may be four thousand million.
    const covered = [...this.#packets].filter(([at]) => covers(group, span, at)).sort(([a], [b]) => a - b);
    for (const [at, packet] of covered) {
      this.#packets.delete(at);
      if (!span.samples.has(at - group)) span.samples.set(at - group, packet);
    }
    if (known && seq > this.#lostUntil) {
      if (this.#lostUntil >= 0) this.#unsureBelow = group;
      this.#lostUntil = -1;
      this.#passedOver(group);
    }
    const good = this.#judge(group, span);
    this.#forget();
    return good;
  }

  /**
   * Judge a span that is not whole by the leaves of all its samples, or of as many as some seal tells of. Returns
   * whether they are the sealed ones.
   */
  resolved({ group }: Pick<Missing, "group">, leaves: readonly Uint8Array[]): boolean {
    const span = this.#spans.get(group);
    if (!span || span.over || leaves.length === 0) return false;
    const sealed = span.marks.get(leaves.length);
    const digest = leaves.reduce((before, leaf) => extended(before, leaf), span.digests[0]);
    if (!sealed || !sameBytes(digest, sealed)) return false;
    if (leaves.length > span.leaves.length) span.leaves = [...leaves];
    for (const [index, leaf] of leaves.entries()) {
      const sample = span.samples.get(index);
      if (sample) this.#compare(this.#at(group, index), sample, leaf);
    }
    return true;
  }

  /** Seals were given up, the newest of them `last`: what they covered cannot be told from what nobody sealed. */
  lost(last: number): void {
    this.#lostUntil = Math.max(this.#lostUntil, last);
  }

  /**
   * The track is not taken any more: what does not come of it is not missed, and what came since its last seal cannot
   * be proven any more without what follows.
   */
  letGo(): void {
    this.#taken = false;
    for (const { samples } of [...this.#spans.values(), { samples: this.#packets }])
      for (const one of samples.values()) one.told ||= this.#waits(one);
  }

  /**
   * The track is taken again: from what is proven of it on, what does not come is missed. It is joined anew, and may
   * begin with what was held of it.
   */
  take(nowUs: number): void {
    if (this.#taken && this.#toldTaken) return;
    this.#joinedAtUs = nowUs;
    this.#taken = true;
    this.#toldTaken = true;
    this.#provenFrom = null;
  }

  /** Time has passed: what has not come by now is missing, what is not proven by now is late. */
  tick(nowUs: number): void {
    for (const [group, span] of this.#spans) {
      if (span.over) continue;
      const waiting = [...span.samples.values()].filter((one) => this.#waits(one));
      const waitsUs = nowUs - waiting.reduce((least, one) => Math.min(least, one.cameUs), nowUs);
      const sealedForUs = span.marks.size > 0 ? nowUs - span.sealedUs : 0;
      this.#isTroubled(waiting, nowUs);
      if (waitsUs > PENDING_US && !span.late && !this.#beganBefore(group, span)) {
        span.late = true;
        this.#isLate(group, waiting);
      }
      if (sealedForUs > PENDING_US) this.#tail(group, span);
      span.over = (span.marks.size > 0 ? sealedForUs : waitsUs) > GIVEN_UP_US;
    }
    const overdue = [...this.#packets].filter(([, one]) => nowUs - one.cameUs > PENDING_US);
    const late = overdue.filter(([, one]) => this.#waits(one));
    const first = late.reduce((least, [at]) => Math.min(least, at), Infinity);
    const samples = late.map(([, one]) => one);
    if (late.length > 0) this.#isLate(first, samples);
    this.#isTroubled(samples, nowUs);
    for (const [at, packet] of overdue) if (nowUs - packet.cameUs > GIVEN_UP_US) this.#packets.delete(at);
    this.#forget();
  }

  /** Whether what nobody proves has gone on coming since this was asked, told of or not. */
  takeTrouble(): boolean {
    const troubled = this.#troubled;
    this.#troubled = false;
    return troubled;
  }

  /** Spans that came in part, and that leaves would let be judged. */
  missing(): Missing[] {
    const missing: Missing[] = [];
    for (const [group, { sealed, over, digests, samples }] of this.#spans) {
      if (!this.#taken || over || samples.size >= sealed) continue;
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
    for (const [first, span] of this.#spans) {
      if (!covers(first, span, group)) continue;
      this.#add(first, span, group - first, sample);
      return;
    }
    const there = this.#packets.get(group);
    if (group <= this.#forgotten) this.#isLate(group, [sample]);
    else if (!there) this.#packets.set(group, sample);
    else if (!sameBytes(there.leaf, sample.leaf)) this.#faults("sample.altered", group, [sample]);
  }

  #add(group: number, span: Span, index: number, sample: Sample): void {
    const [at, there] = [this.#at(group, index), span.samples.get(index)];
    if (there) {
      if (!sameBytes(there.leaf, sample.leaf)) this.#faults("sample.altered", at, [sample]);
      return;
    }
    if (span.closed !== null && index >= span.closed) {
      this.#troubled = true;
      if (!span.extra) this.#faults("sample.foreign", at, [sample]);
      span.extra = true;
      return;
    }
    if (span.over) {
      this.#troubled = true;
      return;
    }
    if (!this.sound && index !== span.samples.size) {
      span.over = true;
      this.#faults("sample.hole", group, [sample]);
      return;
    }
    span.samples.set(index, sample);
    const leaf = span.leaves[index];
    if (leaf) this.#compare(at, sample, leaf);
    this.#judge(group, span);
  }

  #compare(at: number, sample: Sample, leaf: Uint8Array): void {
    if (sample.judged) return;
    sample.judged = true;
    if (sameBytes(sample.leaf, leaf)) this.#isProven(at);
    else this.#faults("sample.altered", at, [sample]);
  }

  /** V1, V2. Returns whether nothing was found wrong; what has not come yet is not wrong. */
  #judge(group: number, span: Span): boolean {
    if (span.over) return span.proven === span.closed;
    for (;;) {
      const [sample, before] = [span.samples.get(span.digests.length - 1), span.digests.at(-1)];
      if (!sample || !before) break;
      span.digests.push(extended(before, sample.leaf));
    }
    for (const [count, sealed] of [...span.marks].sort(([a], [b]) => a - b)) {
      const digest = span.digests[count];
      if (!digest || count < span.proven || (span.leaves.length > 0 && count <= span.leaves.length)) continue;
      const since: Sample[] = [];
      for (let at = span.proven; at < count; at++) since.push(span.samples.get(at) as Sample);
      if (!sameBytes(digest, sealed)) {
        span.over = true;
        this.#faults("sample.altered", group, since);
        return false;
      }
      for (const one of since) one.judged = true;
      if (since.length > 0) this.#isProven(this.#at(group, span.proven));
      span.proven = count;
    }
    const { closed } = span;
    if (closed === null) return true;
    const extra = [...span.samples].filter(([index]) => index >= closed).map(([, one]) => one);
    if (extra.length > 0 && !span.extra) {
      this.#faults("sample.foreign", group, extra);
      span.extra = true;
    }
    span.over = span.proven === closed;
    return extra.length === 0;
  }

  /** V4: what was sealed long enough ago and did not come. */
  #tail(group: number, span: Span): void {
    const { sealed, samples } = span;
    const lacking = sealed - [...samples.keys()].filter((index) => index < sealed).length;
    const missed = this.#taken && this.#provenFrom !== null && group >= this.#provenFrom;
    if (lacking <= 0 || span.missed || !missed) return;
    span.missed = true;
    const came = span.digests.length - 1;
    this.#fault("sample.missing", this.#at(group, came), lacking, ...this.#near(span, came));
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
    const waiting = samples.filter((one) => this.#waits(one));
    const before = waiting.filter(({ timestampUs }) => timestampUs < this.#place.joinedUs);
    const after = waiting.filter(({ timestampUs }) => timestampUs >= this.#place.joinedUs);
    if (before.length > 0) this.#isLate(group, before);
    if (after.length > 0) this.#faults("sample.foreign", group, after);
  }

  /** What came at joining, without what its row begins with, only leaves can prove. */
  #beganBefore(group: number, span: Span): boolean {
    const begun = this.#provenFrom !== null && group >= this.#provenFrom;
    if (!this.sound || begun || span.marks.size === 0) return false;
    const untilUs = this.#joinedAtUs + PENDING_US;
    return !span.samples.has(0) || [...span.samples.values()].every(({ cameUs }) => cameUs <= untilUs);
  }

  #waits({ judged, timestampUs, cameUs }: Sample): boolean {
    const before = timestampUs < this.#place.joinedUs;
    return !judged && !(before && cameUs <= this.#joinedAtUs + PENDING_US);
  }

  #isProven(group: number): void {
    this.#proven = true;
    this.#late = false;
    this.#provenFrom ??= group;
  }

  /** Each is told of once, and nothing more until something is proven again. */
  #isTroubled(waiting: readonly Sample[], nowUs: number): void {
    const fresh = (us: number) => us > PENDING_US && us <= PENDING_US + FRESH_US;
    this.#troubled ||= waiting.some(({ cameUs }) => fresh(nowUs - cameUs));
  }

  #isLate(group: number, samples: readonly Sample[]): void {
    const fresh = samples.filter((one) => !one.told && this.#taken);
    for (const one of samples) one.told = true;
    if (fresh.length === 0) return;
    if (!this.#late) this.#faults("seal.late", group, fresh);
    this.#late = true;
  }

  #isForgotten(group: number): boolean {
    return group <= this.#forgotten && !this.#spans.has(group);
  }

  #forget(): void {
    const groups = [...this.#spans.keys()].sort((a, b) => a - b);
    for (const group of groups.slice(0, -KEPT)) {
      const span = this.#spans.get(group);
      if (!span?.over) continue;
      if (span.marks.size > 0)
        this.#forgotten = Math.max(this.#forgotten, this.#at(group, Math.max(span.sealed, 1) - 1));
      this.#spans.delete(group);
    }
  }

  #at(group: number, index: number): number {
    return this.sound ? group + index : group;
  }

  #near(span: Span, index: number): [fromUs: number, untilUs: number] {
    const samples = [...span.samples];
    const [, before] = extent(samples.filter(([at]) => at < index).map(([, one]) => one));
    const [after] = extent(samples.filter(([at]) => at > index).map(([, one]) => one));
    const start = [before, after, this.#lastUs].find(Number.isFinite) as number;
    return [start, Number.isFinite(after) ? after : start];
  }

  #span(group: number): Span {
    const there = this.#spans.get(group);
    if (there) return there;
    const { founding, run, track, config } = this.#place;
    const span = new Span(spanStart(founding, run, track, group, config));
    this.#spans.set(group, span);
    return span;
  }

  #faults(code: FaultCode, group: number, samples: readonly Sample[]): void {
    const place = samples.length > 0 ? extent(samples) : ([this.#lastUs, this.#lastUs] as const);
    this.#fault(code, group, samples.length, ...place);
  }

  #fault(code: FaultCode, group: number, count: number, fromUs: number, untilUs: number): void {
    this.#report({ code, track: this.#place.track, group, count, fromUs, untilUs });
  }
}
