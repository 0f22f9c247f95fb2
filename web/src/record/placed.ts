/**
 * Runs on clocks of their own, put on the one of the record: everything that was found gets its seconds (R16, R25).
 *
 * A part of `src/vivavoce/record/verify.py`.
 *
 * @module
 */

import type { KeptSeals } from "../seal/kept";
import type { Stretch } from "../seal/stretches";
import { type Aligned, align, hostTime } from "./alignment";
import type { Hashed } from "./hashed";
import { type Finding, type FindingCode, type Span, type VerifiedRun, without } from "./verdicts";

/** On the run's own clock. */
export interface Fault {
  code: FindingCode;
  track: string;
  fromUs: number;
  untilUs: number;
  count: number;
  detail: string;
}

/** What is known of a run before the record's time 0 is. */
export class JudgedRun {
  seals: KeptSeals | null = null;
  firstUs: number | null = null;
  endUs = 0;
  readonly tracks: { name: string; samples: number; stretches: readonly Stretch[] }[] = [];
  readonly faults: Fault[] = [];
  readonly leastUs = new Map<number, number>();

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

  /** A track was read. */
  timed({ leaves, leastUs, endUs }: Hashed): void {
    for (const [second, least] of leastUs)
      this.leastUs.set(second, Math.min(least, this.leastUs.get(second) ?? least));
    if (leaves.length === 0) return;
    let firstUs = this.firstUs ?? Infinity;
    for (let row = 0; row < leaves.length; row++) firstUs = Math.min(firstUs, leaves.timeAt(row));
    this.firstUs = firstUs;
    this.endUs = Math.max(this.endUs, endUs);
  }
}

/** Give everything its seconds. */
export function placed(runs: readonly JudgedRun[]): {
  seconds: number;
  sides: VerifiedRun[];
  findings: Finding[];
} {
  const all = runs.map((run) => ({ run, aligned: align(run.leastUs) }));
  let zeroUs = Infinity;
  for (const { run, aligned } of all)
    if (run.firstUs !== null) zeroUs = Math.min(zeroUs, hostTime(aligned, run.firstUs));
  if (zeroUs === Infinity) zeroUs = 0;
  let total = 0;
  const [sides, findings]: [VerifiedRun[], Finding[]] = [[], []];
  for (const { run, aligned } of all) {
    const seconds = secondsOf(aligned, zeroUs);
    if (run.firstUs !== null) total = Math.max(total, (hostTime(aligned, run.endUs) - zeroUs) / 1e6);
    for (const { code, track, fromUs, untilUs, count, detail } of run.faults) {
      const times = { fromS: Math.max(0, seconds(fromUs)), untilS: Math.max(0, seconds(untilUs)) };
      findings.push({ code, side: run.seat, run: run.run, track, ...times, count, detail });
    }
    sides.push(verified(run, seconds));
  }
  return { seconds: total, sides, findings };
}

function secondsOf(aligned: readonly Aligned[], zeroUs: number): (atUs: number) => number {
  return (atUs) => (aligned.length > 0 ? (hostTime(aligned, atUs) - zeroUs) / 1e6 : atUs / 1e6);
}

function verified({ seat, run, seals, tracks }: JudgedRun, seconds: (atUs: number) => number): VerifiedRun {
  const [good, bad]: [Span[], Span[]] = [[], []];
  const told = tracks.map(({ name, samples, stretches }) => {
    const proven: Span[] = [];
    for (const one of stretches) {
      const span = spanOf(one, seconds);
      if (one.found === "proven") proven.push(span);
      else if (one.found !== "sample.missing") bad.push(span);
    }
    for (const span of proven) good.push(span);
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
