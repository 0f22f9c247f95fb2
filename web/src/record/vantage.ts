/**
 * Whose word it is how the sides stand to each other, in numbers (docs/formats/evidence.md, E19).
 *
 * A record puts the sides together as its host received them. Each side's device signed what its own clock said when its
 * run began, so both can be compared; neither proves the other. The same rules as `src/vivavoce/record/vantage.py`.
 *
 * @module
 */

import type { JudgedRun } from "./judging";
import type { Unknown } from "./verdicts";

/** For each run that shares time with one of another side before it. */
export function apart(runs: readonly JudgedRun[]): Unknown[] {
  const told: Unknown[] = [];
  for (const [at, second] of runs.entries()) {
    for (const first of runs.slice(0, at)) {
      const laterUs = overlap(first, second) ? laterBy(first, second) : null;
      if (first.seat === second.seat || laterUs === null) continue;
      told.push({
        kind: "apart",
        side: second.seat,
        run: second.run,
        beside: first.seat,
        besideRun: first.run,
        laterS: laterUs / 1e6,
      });
      break;
    }
  }
  return told;
}

/** For each moment at which a run is shown later or earlier than it went on. */
export function jumps(runs: readonly JudgedRun[], zeroUs: number): Unknown[] {
  return runs.flatMap(({ seat: side, run, aligned }) =>
    aligned.slice(1).map((after, at): Unknown => {
      const movedS = (after.offsetUs - (aligned[at]?.offsetUs ?? 0)) / 1e6;
      return {
        kind: "jump",
        side,
        run,
        movedS,
        atS: Math.max(0, (after.fromUs + after.offsetUs - zeroUs) / 1e6),
      };
    }),
  );
}

/**
 * By how much the second run is later beside the first by the devices' own clocks than the file shows it; null where one
 * of them signed none.
 */
function laterBy(first: JudgedRun, second: JudgedRun): number | null {
  const [one, other] = [first.seals?.statement, second.seals?.statement];
  const [shown, beside] = [first.aligned[0]?.offsetUs, second.aligned[0]?.offsetUs];
  if (!one || !other || shown === undefined || beside === undefined) return null;
  return other.epochUs - beside - (one.epochUs - shown);
}

function overlap(first: JudgedRun, second: JudgedRun): boolean {
  const starts = [first, second].map((run) => run.hostUs(run.firstUs ?? 0));
  const ends = [first, second].map((run) => run.hostUs(run.endUs));
  return Math.max(...starts) < Math.min(...ends);
}
