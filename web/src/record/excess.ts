/**
 * Whether a clip has more than it says: E20 of docs/formats/evidence.md.
 *
 *     asked         from |---------------| until
 *     pictures   |0 . . .|1 . . . .|2 . . . .|             one group may have begun before, none begins behind
 *     sound      |===============================|          as long as there are pictures
 *
 * What was asked for decides what is in a clip, so that nobody shows minutes of one side beside a second of the other
 * and calls it a clip of that second. The same rules as `src/vivavoce/record/excess.py`.
 *
 * @module
 */

import type { EvidenceTrack } from "./evidence";
import type { JudgedRun } from "./judging";
import { pictureUs } from "./lanes";

/** So long the last picture of a group is shown in its name, where no other comes. */
const STAYS_US = 1_000_000;

/** A track of a clip that has samples. */
export interface Shown {
  run: JudgedRun;
  track: EvidenceTrack;
}

/** What lies outside, on the host's clock. */
export interface Excess extends Shown {
  fromUs: number;
  untilUs: number;
}

/** `fromUs`, `untilUs`: what was asked for, on the host's clock. */
export function excess(shown: readonly Shown[], fromUs: number, untilUs: number): Excess[] {
  const found: Excess[] = [];
  let [firstUs, lastUs] = [fromUs, untilUs];
  for (const one of shown) {
    if (one.track.config.kind !== "video") continue;
    firstUs = Math.min(firstUs, at(one, 0));
    lastUs = Math.max(lastUs, at(one, countOf(one) - 1) + STAYS_US);
    for (const each of groups(one, fromUs, untilUs)) found.push(each);
  }
  for (const one of shown) {
    if (one.track.config.kind !== "audio") continue;
    const [begins, ends] = [at(one, 0), at(one, countOf(one) - 1)];
    const lasts = one.track.samples.durationUs[0] ?? 0;
    if (begins + lasts <= firstUs) found.push({ ...one, fromUs: begins, untilUs: firstUs });
    if (ends >= lastUs) found.push({ ...one, fromUs: lastUs, untilUs: ends });
  }
  return found;
}

function countOf({ track }: Shown): number {
  return track.samples.size.length;
}

/** When a row is shown. */
function at({ run, track }: Shown, row: number): number {
  return run.hostUs(track.samples.timestampUs[row] as number);
}

function groups(one: Shown, fromUs: number, untilUs: number): Excess[] {
  const { group } = one.track.samples;
  const starts = group.flatMap((number, row) => (row === 0 || number !== group[row - 1] ? [row] : []));
  const found: Excess[] = [];
  const second = starts[1];
  const twoBegan = second !== undefined && at(one, second) <= fromUs;
  if (twoBegan) found.push({ ...one, fromUs: at(one, 0), untilUs: at(one, second) });
  const firstEnd = (second ?? group.length) - 1;
  const lasts = Math.max(STAYS_US, pictureUs(one.track.config));
  if (!twoBegan && at(one, firstEnd) + lasts <= fromUs)
    found.push({ ...one, fromUs: at(one, 0), untilUs: at(one, firstEnd) });
  const last = starts.at(-1) as number;
  if (at(one, last) >= untilUs)
    found.push({ ...one, fromUs: at(one, last), untilUs: at(one, group.length - 1) });
  return found;
}
