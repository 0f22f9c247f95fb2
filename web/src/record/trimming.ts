/**
 * What a clip trimmed, and what a file left out although its record has it (docs/formats/evidence.md, E17, E22, E23).
 *
 * The same rules as `src/vivavoce/record/trimming.py`.
 *
 * @module
 */

import { sameBytes } from "../seal/bytes";
import { leaf } from "../seal/digest";
import type { KeptSeals } from "../seal/kept";
import { SEALED_WITHIN_US } from "../seal/seal";
import { countOf, type SealedSpan } from "../seal/sealed";
import type { Aligned } from "./alignment";
import type { EvidenceTrack } from "./evidence";
import { pictureUs } from "./lanes";

/** From and until which a clip has everything, on a run's own clock, µs. */
export type Window = readonly [fromUs: number, untilUs: number];

/** From and until what a track has in a clip, on its run's clock. `kept`: it has anything. */
export interface Edge {
  fromUs: number;
  untilUs: number;
  kept: boolean;
}

/** Neighbours of what is known by its leaves alone and is no edge of a clip. */
export interface LeftOut {
  code: "sample.hole" | "sample.missing";
  fromUs: number;
  untilUs: number;
  count: number;
}

/** The run's own clock at two moments of the host's. `stretches`: with what is added to get that. */
export function windowOf(stretches: readonly Aligned[], fromUs: number, untilUs: number): Window {
  const from = own(stretches, fromUs);
  return [from, Math.max(from, own(stretches, untilUs))];
}

function own(stretches: readonly Aligned[], hostUs: number): number {
  let found = 0;
  stretches.forEach(({ fromUs, offsetUs }, at) => {
    if (at === 0 || hostUs - offsetUs >= fromUs) found = hostUs - offsetUs;
  });
  return Math.max(0, found);
}

/** Take away from what was sealed of a track what lies outside of the clip (E22). */
export function trim(seals: KeptSeals, name: string, track: EvidenceTrack | undefined, window: Window): Edge {
  const edge = edgeOf(track);
  const sealed = seals.tracks.get(name);
  if (sealed) {
    const groups = track?.samples.group ?? [];
    const [first = 0, last = 0] = [groups[0], groups.at(-1)];
    const known = track ? [...track.left.group.subarray(0, track.left.length)].sort((a, b) => a - b) : [];
    sealed.spans = sealed.spans.filter(
      (span) =>
        isKnown(span, sealed.sound, known) || !isOutside(span, sealed.sound, edge, first, last, window),
    );
  }
  return edge;
}

/**
 * Seals before the first are trimmed where that is early enough, and the last has to be late enough (E23). A host that
 * stopped has no seal of its last moment, and that is told as it is of a record.
 */
export function trimSeals(seals: KeptSeals, [fromUs, untilUs]: Window): void {
  seals.marks = seals.marks.filter(
    (one) => !(one.code === "seal.missing" && one.seq === 0 && one.untilUs <= fromUs),
  );
  if (!seals.ended && seals.untilUs < untilUs - 2 * SEALED_WITHIN_US) {
    const seq = seals.newest + 1;
    seals.marks.push({ code: "seal.missing", seq, count: 1, fromUs: seals.untilUs, untilUs });
  }
}

function edgeOf(track: EvidenceTrack | undefined): Edge {
  const fromUs = track?.samples.timestampUs[0];
  if (!track || fromUs === undefined) return { fromUs: 0, untilUs: 0, kept: false };
  return { fromUs, untilUs: endUs(track), kept: true };
}

/** Where the last sample that is in the file ends (E10), on the run's clock. */
export function endUs({ config, samples }: EvidenceTrack): number {
  const last = samples.timestampUs.at(-1);
  if (last === undefined) return 0;
  return last + (config.kind === "audio" ? (samples.durationUs.at(-1) as number) : pictureUs(config));
}

/** Of a span that was cut through leaves are there. `groups`: rising. */
function isKnown(span: SealedSpan, sound: boolean, groups: readonly number[]): boolean {
  let [low, high] = [0, groups.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((groups[middle] as number) < span.group) low = middle + 1;
    else high = middle;
  }
  const next = groups[low];
  return next !== undefined && next - span.group < (sound ? countOf(span) : 1);
}

function isOutside(
  span: SealedSpan,
  sound: boolean,
  edge: Edge,
  firstGroup: number,
  lastGroup: number,
  [fromUs, untilUs]: Window,
): boolean {
  const [early, late] = [span.clockUs <= fromUs, span.clockUs >= untilUs];
  if (!edge.kept) return early || late;
  const last = sound ? span.group + Math.max(countOf(span), 1) - 1 : span.group;
  if (last < firstGroup) return early || edge.fromUs <= fromUs;
  if (span.group > lastGroup) return late || edge.untilUs >= untilUs;
  return false;
}

export function leftOut(track: EvidenceTrack, window: Window | null): LeftOut[] {
  const { left, samples } = track;
  if (left.length === 0) return [];
  const edge = edgeOf(track);
  // Places rise: a group's last index that is in the file.
  const lastOf = new Map(samples.group.map((group, row) => [group, samples.index[row] as number]));
  const found: LeftOut[] = [];
  let before: LeftOut["code"] | null = null;
  for (let row = 0; row < left.length; row++) {
    const code = codeOf(track, row, lastOf, edge, window);
    const time = left.timeAt(row);
    const last = found.at(-1);
    if (code !== null && code === before && last) {
      last.fromUs = Math.min(last.fromUs, time);
      last.untilUs = Math.max(last.untilUs, time);
      last.count += 1;
    } else if (code !== null) {
      found.push({ code, fromUs: time, untilUs: time, count: 1 });
    }
    before = code;
  }
  return found;
}

function codeOf(
  { left, samples, config }: EvidenceTrack,
  row: number,
  lastOf: ReadonlyMap<number, number>,
  edge: Edge,
  window: Window | null,
): LeftOut["code"] | null {
  const [group, index] = [left.groupAt(row), left.indexAt(row)];
  if (window && edge.kept) {
    if (group < (samples.group[0] as number) && edge.fromUs <= window[0]) return null;
    if (group > (samples.group.at(-1) as number) && edge.untilUs >= window[1]) return null;
  }
  if (config.kind === "video" && (lastOf.get(group) ?? -1) > index) {
    const empty = [false, true].map((key) => leaf(group, index, left.timeAt(row), key, new Uint8Array()));
    if (!empty.some((one) => sameBytes(one, left.at(row)))) return "sample.hole";
  }
  return "sample.missing";
}
