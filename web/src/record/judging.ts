/**
 * What is judged of a record's folder and of an MP4 alike: runs, their seals, their tracks, and when it was.
 *
 * Whoever reads the one or the other gives what it holds; nothing here reads anything. Faults are gathered on the runs'
 * own clocks, and get their seconds at the end, when all is known that they count from. The same rules as
 * `src/vivavoce/record/judging.py`.
 *
 * @module
 */

import { auditTrack } from "../seal/audit";
import { bytesOfHex, hexOfBytes } from "../seal/bytes";
import { KeptSeals } from "../seal/kept";
import type { Leaves } from "../seal/leaves";
import { SEALED_WITHIN_US } from "../seal/seal";
import { type Founding, foundingDigest } from "../seal/statement";
import type { Stretch } from "../seal/stretches";
import { type Aligned, hostTime } from "./alignment";
import type { Damage, KeptFrame } from "./sealslog";
import { apart, jumps } from "./vantage";
import {
  type Finding,
  type FindingCode,
  type Judged,
  judgementOf,
  type Span,
  type Unknown,
  type VerifiedRun,
  without,
} from "./verdicts";

/** On the run's own clock. */
interface Fault {
  code: FindingCode;
  track: string;
  fromUs: number;
  untilUs: number;
  count: number;
  detail: string;
}

/** `lacking`: from and until of what was left out of a file, on the run's clock. */
export interface JudgedTrack {
  name: string;
  samples: number;
  stretches: readonly Stretch[];
  lacking: Span[];
}

/** What is known of a run before time 0 is. */
export class JudgedRun {
  seals: KeptSeals | null = null;
  firstUs: number | null = null;
  endUs = 0;
  /** What is added to the run's own clock to get the host's. */
  aligned: readonly Aligned[] = [];
  /** It is a clip's, which ends before it does. */
  trimmed = false;
  readonly tracks: JudgedTrack[] = [];
  readonly faults: Fault[] = [];

  constructor(
    readonly seat: string,
    readonly run: string,
  ) {}

  fault(
    code: FindingCode,
    track: string,
    fromUs: number,
    untilUs: number,
    { count = 0, detail = "" }: { count?: number; detail?: string } = {},
  ): void {
    this.faults.push({ code, track, fromUs, untilUs, count, detail });
  }

  /** The host's clock when the run's own says `atUs`. */
  hostUs(atUs: number): number {
    return hostTime(this.aligned, atUs);
  }
}

/**
 * `founding`: null where the facts cannot be read, and nothing can be proven. Give it runs, each with its seals and then
 * its tracks; then `place`, and read `judged`.
 */
export class Judging {
  readonly judged: Judged;
  readonly runs: JudgedRun[] = [];
  readonly #founding: Founding | null;

  constructor(judged: Judged, founding: Founding | null) {
    this.judged = judged;
    this.#founding = founding;
    if (founding) judged.founding = hexOfBytes(foundingDigest(founding));
  }

  run(seat: string, run: string): JudgedRun {
    const about = new JudgedRun(seat, run);
    this.runs.push(about);
    return about;
  }

  /** `found`: everything that was kept of a run's seals, and in which file. */
  async seals(
    about: JudgedRun,
    found: Iterable<readonly [file: string, one: KeptFrame | Damage]>,
  ): Promise<void> {
    if (!this.#founding) return;
    const seals = new KeptSeals(this.#founding, about.seat, runBytes(about.run));
    for (const [detail, one] of found) {
      if ("raw" in one) hand(one, seals);
      else if (!one.torn) about.fault("record.damaged", "seals", seals.clockUs, seals.clockUs, { detail });
    }
    await seals.judge();
    about.seals = seals.some ? seals : null;
  }

  /** `leaves`: sorted; `left` of them are known by their leaves alone. `endUs`: of the last sample. */
  track(
    about: JudgedRun,
    name: string,
    config: Uint8Array,
    rests: Iterable<number>,
    leaves: Leaves,
    { endUs = 0, left = 0 }: { endUs?: number; left?: number } = {},
  ): JudgedTrack {
    if (leaves.length > 0) {
      about.firstUs = Math.min(about.firstUs ?? Infinity, leaves.earliestUs);
      about.endUs = Math.max(about.endUs, endUs);
    }
    let stretches: Stretch[] = [];
    if (about.seals?.by && this.#founding) {
      const [hash, run] = [foundingDigest(this.#founding), runBytes(about.run)];
      stretches = auditTrack(hash, run, about.seals, name, config, rests, leaves);
    }
    const track: JudgedTrack = { name, samples: leaves.length - left, stretches, lacking: [] };
    about.tracks.push(track);
    for (const one of stretches) {
      if (one.found === "proven") continue;
      const cut = one === stretches.at(-1) && about.seals !== null && isCut(one, about.seals);
      about.fault(cut ? "seal.late" : one.found, name, one.fromUs, one.untilUs, { count: one.count });
    }
    return track;
  }

  /** What is wrong with a run's seals; once all its tracks are there. `unsealed`: there are none. */
  sealsTold(about: JudgedRun, unsealed: boolean): void {
    if (unsealed) about.fault("seal.none", "", about.firstUs ?? 0, about.endUs);
    for (const { code, seq, count, fromUs, untilUs } of about.seals?.marks ?? []) {
      const until = Math.max(untilUs, code === "seal.run" ? about.endUs : 0);
      const detail = seq >= 0 ? `from number ${seq}` : "";
      about.fault(code as FindingCode, "", fromUs, until, { count, detail });
    }
  }

  /**
   * Give everything its seconds, and say what cannot be known. `zeroUs`: the host's clock at time 0, by default that of
   * the first sample.
   */
  place(zeroUs?: number): void {
    const { judged, runs } = this;
    const begun = runs.filter(({ firstUs }) => firstUs !== null);
    const zero =
      zeroUs ?? begun.reduce((least, run) => Math.min(least, run.hostUs(run.firstUs ?? 0)), Infinity);
    const start = zero === Infinity ? 0 : zero;
    for (const run of begun) judged.seconds = Math.max(judged.seconds, (run.hostUs(run.endUs) - start) / 1e6);
    for (const run of runs) {
      const seconds = (atUs: number) =>
        run.aligned.length > 0 ? (run.hostUs(atUs) - start) / 1e6 : atUs / 1e6;
      for (const { code, track, fromUs, untilUs, count, detail } of run.faults) {
        const times = { fromS: Math.max(0, seconds(fromUs)), untilS: Math.max(0, seconds(untilUs)) };
        judged.findings.push({ code, side: run.seat, run: run.run, track, ...times, count, detail });
      }
      judged.sides.push(verified(run, seconds));
    }
    if (runs.length === 0) judged.findings.push(finding("seal.none"));
    unknown(judged, runs, start);
    judged.findings.sort(
      (one, other) =>
        one.fromS - other.fromS || byText(one.side, other.side) || byText(one.track, other.track),
    );
  }
}

export function finding(code: FindingCode, detail = ""): Finding {
  return { code, side: "", run: "", track: "", fromS: 0, untilS: 0, count: 0, detail };
}

/** A frame of the seals' track goes where it belongs: papers stand at index 0 of their group (S19). */
function hand({ index, raw }: KeptFrame, seals: KeptSeals): void {
  if (index === 0) seals.papers(raw);
  else seals.seal(raw);
}

function verified({ seat, run, seals, tracks }: JudgedRun, seconds: (atUs: number) => number): VerifiedRun {
  const [good, bad]: [Span[], Span[]] = [[], []];
  const told = tracks.map(({ name, samples, stretches, lacking }) => {
    const proven: Span[] = [];
    for (const one of stretches) {
      const span = spanOf(one, seconds);
      if (one.found === "proven") proven.push(span);
      else if (one.found !== "sample.missing") bad.push(span);
    }
    for (const span of proven) good.push(span);
    for (const [fromUs, untilUs] of lacking) bad.push([seconds(fromUs), seconds(untilUs)]);
    return { name, samples, proven };
  });
  const about = { side: seat, run, by: seals?.by ?? null, ended: seals?.ended ?? false };
  return { ...about, provenSeconds: without(good, bad), tracks: told };
}

/** With the last sample's own length, as far as those before it tell. */
function spanOf({ fromUs, untilUs, count }: Stretch, seconds: (atUs: number) => number): Span {
  const step = count > 1 ? Math.floor((untilUs - fromUs) / (count - 1)) : 0;
  return [seconds(fromUs), seconds(untilUs + step)];
}

function unknown(judged: Judged, runs: readonly JudgedRun[], zeroUs: number): void {
  const say = (one: Unknown): void => {
    const same = JSON.stringify(one);
    if (!judged.unknown.some((told) => JSON.stringify(told) === same)) judged.unknown.push(one);
  };
  if (judged.founding) say({ kind: "founding", hash: judged.founding });
  for (const { seat: side, run, seals, trimmed } of runs) {
    if (seals?.by === "host") say({ kind: "host", side });
    if (seals && !seals.ended && !trimmed) say({ kind: "open", side, run });
  }
  if (judged.findings.some((one) => judgementOf(one) === "gap")) say({ kind: "gaps" });
  const aligned = runs.filter(({ aligned, firstUs }) => aligned.length > 0 && firstUs !== null);
  for (const one of [...apart(aligned), ...jumps(aligned, zeroUs)]) say(one);
  say({ kind: "runs" });
  say({ kind: "time" });
}

/** The record ends before the seal could come that covers this: the host stopped, or the line broke. */
function isCut({ found, fromUs, untilUs }: Stretch, seals: KeptSeals): boolean {
  const near = fromUs - seals.untilUs >= -SEALED_WITHIN_US && untilUs - seals.untilUs <= 2 * SEALED_WITHIN_US;
  return found === "sample.unproven" && !seals.ended && near;
}

/** Empty where it is none. */
function runBytes(run: string): Uint8Array {
  return /^([0-9a-fA-F]{2})*$/.test(run) ? bytesOfHex(run) : new Uint8Array();
}

function byText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
