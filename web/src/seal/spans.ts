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

/** Shown but not proven for longer is late (design, rule 6). */
export const PENDING_US = 600_000;
const GIVEN_UP_US = 10_000_000;
/** Spans that are remembered after they were judged. */
const KEPT = 4;

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
}

interface Sample {
  leaf: Uint8Array;
  timestampUs: number;
  cameUs: number;
  judged: boolean;
  late: boolean;
}

class Span {
  /** After no sample, after the first, after the second, as they came. */
  readonly digests: [start: Uint8Array, ...after: Uint8Array[]];
  readonly samples = new Map<number, Sample>();
  /** What was sealed: the digest after so many samples. */
  readonly marks = new Map<number, Uint8Array>();
  /** How many samples are sealed. */
  sealed = 0;
  /** How many there are, once that is sealed. */
  closed: number | null = null;
  sealedUs = 0;
  proven = 0;
  /** Nothing of it is judged any more. */
  over = false;
  late = false;

  constructor(start: Uint8Array) {
    this.digests = [start];
  }

  mark(count: number, digest: Uint8Array): void {
    this.marks.set(count, digest);
    this.sealed = Math.max(this.sealed, count);
  }
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
   * What was captured before this and is covered by no seal that came was before this verifier joined, and is not
   * judged; the clock of the first seal that came, or 0 where that was the run's first.
   */
  joinedUs: number;
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
  /** The first group that came since the track is taken: those before it are not missed. */
  #cameFrom: number | null = null;
  #lastUs = 0;

  constructor(place: Place, report: (fault: Fault) => void) {
    this.#place = place;
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
    this.#cameFrom ??= group;
    const sample = { leaf, timestampUs, cameUs: nowUs, judged: false, late: false };
    if (this.sound) {
      this.#packet(group, index, sample);
      return;
    }
    const span = this.#span(group);
    if (span.samples.has(index) || span.over) return;
    if (index !== span.samples.size) {
      span.over = true;
      this.#faults("sample.hole", group, [sample]);
      return;
    }
    span.samples.set(index, sample);
    this.#judge(group, span);
  }

  /**
   * A seal covers this. `known`: none is missing since the first that was received. Returns whether nothing of it
   * was found wrong.
   */
  sealed(delta: Delta, nowUs: number, { known }: { known: boolean }): boolean {
    const { group, count, digest } = delta;
    const span = this.#span(group);
    if (this.sound) {
      // By what came, not by `count`, which may be four thousand million.
      const covered = [...this.#packets].filter(([at]) => covers(group, count, at)).sort(([a], [b]) => a - b);
      for (const [at, packet] of covered) {
        this.#packets.delete(at);
        span.samples.set(at - group, packet);
      }
    }
    if (!sameBytes(span.marks.get(count) ?? digest, digest)) {
      span.over = true;
      this.#fault("seal.fork", group, count, this.#lastUs, this.#lastUs);
      return false;
    }
    span.mark(count, digest);
    span.sealedUs = nowUs;
    if (delta.closed) span.closed = count;
    if (known) this.#passedOver(group);
    const good = this.#judge(group, span);
    this.#forget();
    return good;
  }

  /** Judge a span that is not whole by the leaves of all its samples. Returns whether they are the sealed ones. */
  resolved(missing: Missing, leaves: readonly Uint8Array[]): boolean {
    const { group } = missing;
    const span = this.#spans.get(group);
    if (!span || span.over || leaves.length === 0 || leaves.length !== span.sealed) return false;
    const sealed = span.marks.get(span.sealed);
    const digest = leaves.reduce((before, leaf) => extended(before, leaf), span.digests[0]);
    if (!sealed || !sameBytes(digest, sealed)) return false;
    for (const [index, leaf] of leaves.entries()) {
      const sample = span.samples.get(index);
      if (!sample) {
        this.#fault("sample.missing", this.#at(group, index), 1, ...this.#near(span, index));
      } else if (!sample.judged) {
        sample.judged = true;
        if (sameBytes(sample.leaf, leaf)) this.#proven = true;
        else this.#faults("sample.altered", this.#at(group, index), [sample]);
      }
    }
    span.over = span.closed !== null;
    return true;
  }

  /** The track is not taken any more: what does not come of it from now on is not missed. */
  letGo(): void {
    this.#cameFrom = null;
  }

  /** Time has passed: what has not come by now is missing, what is not proven by now is late. */
  tick(nowUs: number): void {
    for (const [group, span] of this.#spans) {
      if (span.over) continue;
      const unproven = [...span.samples.values()].filter((one) => this.#waits(one));
      const waitsUs = nowUs - unproven.reduce((least, one) => Math.min(least, one.cameUs), nowUs);
      // What came at joining, without what its span begins with, only leaves can prove.
      const joined = this.sound && this.#cameFrom !== null && group < this.#cameFrom;
      if (waitsUs > PENDING_US && !span.late && !joined) {
        span.late = true;
        this.#faults("seal.late", group, unproven);
      }
      span.over = waitsUs > GIVEN_UP_US;
      if (span.marks.size > 0 && nowUs - span.sealedUs > PENDING_US) this.#tail(group, span);
    }
    const overdue = [...this.#packets].filter(([, one]) => nowUs - one.cameUs > PENDING_US);
    const late = overdue.filter(([, one]) => this.#waits(one) && !one.late);
    if (late.length > 0) {
      const first = late.reduce((least, [at]) => Math.min(least, at), Infinity);
      this.#faults(
        "seal.late",
        first,
        late.map(([, one]) => one),
      );
    }
    for (const [at, packet] of overdue) {
      packet.late = true;
      if (nowUs - packet.cameUs > GIVEN_UP_US) this.#packets.delete(at);
    }
    this.#forget();
  }

  /** Something came that is not proven yet. */
  pending(): boolean {
    if (this.#packets.size > 0) return true;
    return [...this.#spans.values()].some(
      (span) => !span.over && [...span.samples.values()].some((one) => !one.judged),
    );
  }

  /** Spans that came in part, and that leaves would let be judged. */
  missing(): Missing[] {
    const missing: Missing[] = [];
    for (const [group, { sealed, over, samples }] of this.#spans) {
      if (over || samples.size === 0 || samples.size >= sealed) continue;
      missing.push({ track: this.#place.track, group, count: sealed });
    }
    return missing;
  }

  #packet(group: number, index: number, sample: Sample): void {
    if (index !== 0) {
      this.#faults("sample.foreign", group, [sample]);
      return;
    }
    for (const [first, span] of this.#spans) {
      if (!covers(first, span.sealed, group)) continue;
      if (span.samples.has(group - first) || span.over) return;
      span.samples.set(group - first, sample);
      this.#judge(first, span);
      return;
    }
    if (!this.#packets.has(group)) this.#packets.set(group, sample);
  }

  /** V1, V2. Returns whether nothing was found wrong; what has not come yet is not wrong. */
  #judge(group: number, span: Span): boolean {
    if (span.over) return false;
    for (;;) {
      const [sample, before] = [span.samples.get(span.digests.length - 1), span.digests.at(-1)];
      if (!sample || !before) break;
      span.digests.push(extended(before, sample.leaf));
    }
    for (const [count, sealed] of [...span.marks].sort(([a], [b]) => a - b)) {
      const digest = span.digests[count];
      if (!digest || count < span.proven) continue;
      const since: Sample[] = [];
      for (let at = span.proven; at < count; at++) since.push(span.samples.get(at) as Sample);
      span.over = !sameBytes(digest, sealed);
      if (span.over) {
        this.#faults("sample.altered", group, since);
        return false;
      }
      for (const one of since) one.judged = true;
      this.#proven ||= since.length > 0;
      span.proven = count;
    }
    const { closed } = span;
    if (closed === null) return true;
    const extra = [...span.samples].filter(([index]) => index >= closed).map(([, one]) => one);
    if (extra.length > 0) this.#faults("sample.foreign", group, extra);
    span.over = extra.length > 0 || span.proven === closed;
    return extra.length === 0;
  }

  /** V4: what was sealed long enough ago and did not come. */
  #tail(group: number, span: Span): void {
    const { sealed, samples } = span;
    const lacking = sealed - [...samples.keys()].filter((index) => index < sealed).length;
    if (lacking <= 0) return;
    if (this.#cameFrom === null || group < this.#cameFrom) {
      span.over = samples.size === 0;
      return;
    }
    // The leaves decide which of them came.
    if (samples.size > 0 && this.sound && !span.late) return;
    span.over = true;
    const came = span.digests.length - 1;
    this.#fault("sample.missing", this.#at(group, came), lacking, ...this.#near(span, came));
  }

  /** V5: what came of groups that the seals have passed by was sealed by nobody. */
  #passedOver(group: number): void {
    for (const [at, span] of this.#spans) {
      if (at >= group || span.marks.size > 0 || span.over) continue;
      span.over = true;
      const waiting = [...span.samples.values()].filter((one) => this.#waits(one));
      if (waiting.length > 0) this.#faults("sample.foreign", at, waiting);
    }
    for (const [at, packet] of [...this.#packets].filter(([one]) => one < group)) {
      this.#packets.delete(at);
      if (this.#waits(packet)) this.#faults("sample.foreign", at, [packet]);
    }
  }

  #waits(sample: Sample): boolean {
    return !sample.judged && sample.timestampUs >= this.#place.joinedUs;
  }

  #forget(): void {
    const groups = [...this.#spans.keys()].sort((a, b) => a - b);
    for (const group of groups.slice(0, -KEPT)) if (this.#spans.get(group)?.over) this.#spans.delete(group);
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

/** Whether a row of sound packets has the one of this group; without a sum that may pass 2^53. */
function covers(first: number, count: number, group: number): boolean {
  return first <= group && group - first < count;
}

/** The least and the greatest timestamp; infinite where there is none. */
function extent(samples: readonly Sample[]): [fromUs: number, untilUs: number] {
  let [from, until] = [Infinity, -Infinity];
  for (const { timestampUs } of samples) {
    from = Math.min(from, timestampUs);
    until = Math.max(until, timestampUs);
  }
  return [from, until];
}
