/** Promise: both languages find the same of what was kept (docs/formats/audit.md). */

import { describe, expect, test } from "vitest";
import { checked } from "../vectors";
import { auditTrack } from "./audit";
import { bytesOfHex } from "./bytes";
import { leaf } from "./digest";
import { KeptSeals } from "./kept";
import { Leaves } from "./leaves";
import { foundingDigest, parseFounding } from "./statement";

interface Kept {
  founding: string;
  seat: string;
  run: string;
  papers: string[];
  seals: string[];
  tracks: {
    name: string;
    config: string;
    rests: number[];
    samples: [group: number, index: number, timestampUs: number, key: 0 | 1, data: string][];
  }[];
}

interface Found {
  by: string | null;
  ended: boolean;
  newest: number;
  marks: unknown[][];
  tracks: Record<string, unknown[][]>;
}

/** The same as `judged` in tools/vectors/audits.py. */
async function judged(given: Kept): Promise<Found> {
  const [founding, run] = [parseFounding(bytesOfHex(given.founding)), bytesOfHex(given.run)];
  const seals = new KeptSeals(founding, given.seat, run);
  for (const raw of given.papers) seals.papers(bytesOfHex(raw));
  for (const raw of given.seals) seals.seal(bytesOfHex(raw));
  await seals.judge();
  const tracks: Found["tracks"] = {};
  for (const { name, config, rests, samples } of given.tracks) {
    const leaves = new Leaves();
    for (const [group, index, timestampUs, key, data] of samples)
      leaves.add(group, index, timestampUs, leaf(group, index, timestampUs, key === 1, bytesOfHex(data)));
    leaves.sort();
    const hash = foundingDigest(founding);
    tracks[name] = auditTrack(hash, run, seals, name, bytesOfHex(config), rests, leaves).map((one) => [
      one.found,
      one.group,
      one.count,
      one.fromUs,
      one.untilUs,
    ]);
  }
  const marks = seals.marks.map((one) => [one.code, one.seq, one.count, one.fromUs, one.untilUs]);
  return { by: seals.by, ended: seals.ended, newest: seals.newest, marks, tracks };
}

const vectors = checked<Kept, Found>(
  import.meta.glob("../../../vectors/audit/*.json", { eager: true, import: "default" }),
);

describe("what is found where", () => {
  test.each(vectors)("$about", async ({ input, output }) => {
    expect(await judged(input)).toEqual(output);
  });
});
