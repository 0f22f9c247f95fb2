/**
 * What file follows from an evidence (docs/formats/evidence.md, E9 to E13).
 *
 * A file whose boxes say anything else, whatever it is, differs from it in some byte. The same as
 * `src/vivavoce/record/form.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { hexOfBytes } from "../seal/bytes";
import type { Founding } from "../seal/statement";
import type { Evidence, EvidenceTrack } from "./evidence";
import { arrange, type Part, type Plan, split } from "./lanes";
import { type Layout, layOut } from "./layout";

/** Sound tracks times their file's length: a short evidence must not ask for endless filling. */
const MOST_FILLED_US = 200 * 3600 * 1_000_000;

/** `layout`: where everything lies, and `ftyp` to `mdat`'s header as they have to be. */
export interface Form {
  plan: Plan;
  layout: Layout;
  /** Of the evidence, each once. */
  tracks: EvidenceTrack[];
}

/** Throws VivavoceError `record.damaged` for an evidence from which no file follows. */
export function formOf(evidence: Evidence, founding: Founding): Form {
  const parts: Part[] = [];
  const tracks: EvidenceTrack[] = [];
  const [runs, sounds] = [new Set<string>(), new Set<string>()];
  for (const told of evidence.runs) {
    const run = hexOfBytes(told.run);
    const stretches = told.stretches.map(({ fromUs, offsetUs }) => ({
      fromUs,
      offsetUs: offsetUs + evidence.startUs,
    }));
    const place = JSON.stringify([told.seat, run]);
    if (runs.has(place)) throw noFile(`the run ${run} stands there twice`);
    if (told.tracks.length > 0) runs.add(place);
    const names = new Set<string>();
    for (const track of told.tracks) {
      const { name, kind } = track.config;
      if (names.has(name)) throw noFile(`the track ${name} stands there twice`);
      names.add(name);
      tracks.push(track);
      for (const part of split(told.seat, run, track, stretches)) parts.push(part);
      if (kind === "audio") sounds.add(JSON.stringify([told.seat, name]));
    }
  }
  if (parts.length === 0) throw noFile("it tells of no sample");
  const ends = parts.reduce((latest, { endUs }) => Math.max(latest, endUs), -Infinity);
  const lengthUs = ends - parts.reduce((least, { startUs }) => Math.min(least, startUs), Infinity);
  if (lengthUs * Math.max(1, sounds.size) > MOST_FILLED_US)
    throw noFile(`it tells of ${(lengthUs / 3.6e9).toFixed(0)} hours`);
  try {
    const plan = arrange(founding.sides, parts);
    if (plan.startUs !== evidence.startUs) throw noFile("its first sample is not shown at 0");
    return { plan, layout: layOut(plan.lanes, plan.startUs, founding.title), tracks };
  } catch (error) {
    if (error instanceof RangeError) throw noFile(`no file can say this: ${error.message}`);
    throw error;
  }
}

function noFile(why: string): VivavoceError {
  return new VivavoceError("record.damaged", `No file follows from this evidence: ${why}.`);
}
