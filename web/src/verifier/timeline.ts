/**
 * A side's time, cut where what is known of it changes: for the picture of a verdict.
 *
 * @module
 */

import { type Judged, judgementOf } from "../record/verdicts";

/** The worst that was found of a moment; `none` where nothing is kept of it. */
export type State = "broken" | "unproven" | "gap" | "late" | "proven" | "none";

/** From and until in seconds. */
export interface Segment {
  from: number;
  until: number;
  state: State;
}

const WORST_FIRST: readonly State[] = ["broken", "unproven", "gap", "late", "proven"];
/** What lasts shorter is drawn so wide: a single sample would be no pixel. */
const LEAST_PART = 1 / 200;

/** The segments of a side over the whole record, without gaps between them. */
export function timelineOf(judged: Judged, side: string): Segment[] {
  const { seconds } = judged;
  if (!(seconds > 0)) return [];
  const spans = spansOf(judged, side);
  const edges = [...new Set([0, seconds, ...spans.flatMap(({ from, until }) => [from, until])])];
  edges.sort((one, other) => one - other);
  const starts = new Map(edges.map((edge, at) => [edge, at]));
  const depth = WORST_FIRST.map(() => new Int32Array(edges.length + 1));
  for (const { from, until, state } of spans) {
    const of = depth[WORST_FIRST.indexOf(state)] as Int32Array;
    const [begin, end] = [starts.get(from) as number, starts.get(until) as number];
    of[begin] = (of[begin] as number) + 1;
    of[end] = (of[end] as number) - 1;
  }
  const open = WORST_FIRST.map(() => 0);
  const segments: Segment[] = [];
  edges.slice(0, -1).forEach((from, at) => {
    for (const [state, of] of depth.entries()) open[state] = (open[state] as number) + (of[at] as number);
    const state = WORST_FIRST[open.findIndex((count) => count > 0)] ?? "none";
    const until = edges[at + 1] as number;
    const last = segments.at(-1);
    if (last?.state === state) last.until = until;
    else segments.push({ from, until, state });
  });
  return segments;
}

function spansOf(judged: Judged, side: string): Segment[] {
  const { seconds } = judged;
  const within = (at: number) => Math.min(seconds, Math.max(0, at));
  const spans: Segment[] = [];
  for (const run of judged.sides)
    if (run.side === side)
      for (const { proven } of run.tracks)
        for (const [from, until] of proven)
          spans.push({ from: within(from), until: within(until), state: "proven" });
  for (const one of judged.findings) {
    if (one.side !== side) continue;
    const least = (LEAST_PART * seconds) / 2;
    const [middle, half] = [(one.fromS + one.untilS) / 2, Math.max(least, (one.untilS - one.fromS) / 2)];
    spans.push({ from: within(middle - half), until: within(middle + half), state: judgementOf(one) });
  }
  return spans;
}
