/**
 * When the host received what a side captured: one number a run, so that the two sides can stand in time.
 *
 * A sample captured at timestamp t arrives at r on the host's clock; the least r − t within a second is the path
 * without its queues, and the median over the run's seconds is the run's offset (docs/formats/record.md, R16). A device
 * that sleeps comes back with timestamps that did not go on: from there on a new stretch has an offset of its own. The
 * same as `src/vivavoce/record/alignment.py`, without the drift, which only an export tells.
 *
 * @module
 */

const SECOND_US = 1_000_000;
/** A rise of the least delay by this much, never made good: no network is so, a device that slept is. */
const STEP_US = 500_000;
const LOOK_BACK = 10;

/** From timestamp `fromUs` on, the host's clock is timestamp + `offsetUs`. */
export interface Aligned {
  fromUs: number;
  offsetUs: number;
}

/** The stretches of a run, in order. `leastUs`: by second of its time, the least of (arrival − timestamp). */
export function align(leastUs: ReadonlyMap<number, number>): Aligned[] {
  const seconds = [...leastUs.keys()].sort((one, other) => one - other);
  const delays = seconds.map((second) => leastUs.get(second) as number);
  const starts = startsOf(delays);
  return starts.map((first, number) => {
    const part = rising(delays.slice(first, starts[number + 1]));
    const offsetUs = part[(part.length - 1) >> 1] as number;
    return { fromUs: first > 0 ? (seconds[first] as number) * SECOND_US : 0, offsetUs };
  });
}

/** The host's clock when the run's own says `atUs`; that itself where nothing is known. */
export function hostTime(aligned: readonly Aligned[], atUs: number): number {
  let found = aligned[0];
  for (let at = 1; at < aligned.length; at++) if (atUs >= (aligned[at]?.fromUs ?? 0)) found = aligned[at];
  return atUs + (found?.offsetUs ?? 0);
}

/** Where stretches start: the least delay of all that follows is a step above what just went before. */
function startsOf(delays: readonly number[]): number[] {
  if (delays.length === 0) return [];
  const leastAfter = [...delays];
  for (let at = delays.length - 2; at >= 0; at--)
    leastAfter[at] = Math.min(delays[at] as number, leastAfter[at + 1] as number);
  const starts = [0];
  for (let at = 1; at < delays.length; at++) {
    const before = median(delays.slice(Math.max(starts.at(-1) as number, at - LOOK_BACK), at));
    if ((leastAfter[at] as number) - before > STEP_US) starts.push(at);
  }
  return starts;
}

/** As Python's `statistics.median`. */
function median(values: readonly number[]): number {
  const sorted = rising(values);
  const half = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[half] as number;
  return ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

function rising(values: readonly number[]): number[] {
  return [...values].sort((one, other) => one - other);
}
