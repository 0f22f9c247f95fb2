/** Promise: both languages conclude the same of the same files; and whatever the bytes, nothing fails. */

import { describe, expect, test } from "vitest";
import { isErrorCode, VivavoceError } from "../errors";
import { bytesOfHex } from "../seal/bytes";
import { checked } from "../vectors";
import { Bytes } from "./source";
import { type Judged, toJson, verdictOf } from "./verdicts";
import { verify } from "./verify";
import { verifyMp4 } from "./verifymp4";

type Files = Record<string, Uint8Array>;

const vectors = checked<{ files: Record<string, string> }, object>(
  import.meta.glob("../../../vectors/record/*.json", { eager: true, import: "default" }),
).map(({ about, input, output }) => {
  const files = Object.entries(input.files).map(([name, hex]) => [name, bytesOfHex(hex)]);
  return { about, files: Object.fromEntries(files) as Files, output };
});
/** A busy machine is no fault of the code's. */
const PATIENCE_MS = 120_000;

/** `changed`: of one file, in place of what the vector has. */
function judged(files: Files, changed: Record<string, Uint8Array> = {}): Promise<Judged> {
  const bytes = (name: string) => new Bytes(changed[name] ?? (files[name] as Uint8Array));
  const names = Object.keys(files);
  if (!names.includes("record.json")) return verifyMp4(bytes(names[0] as string), "film.mp4");
  return verify({ name: "k7m2xq4vw9", files: new Map(names.map((name) => [name, bytes(name)])) });
}

describe("what is concluded of", () => {
  test.each(vectors)("$about", async ({ files, output }) => {
    expect(toJson(await judged(files))).toEqual(output);
  });
});

/** What came of it: the verdict, or the code of the error. Any other error is the test's. */
async function outcome(files: Files, name: string, bytes: Uint8Array): Promise<string> {
  try {
    return verdictOf(await judged(files, { [name]: bytes }));
  } catch (error) {
    if (error instanceof VivavoceError && isErrorCode(error.code)) return error.code;
    throw error;
  }
}

const whole = vectors.filter(({ about }) => /nobody touched|exported/.test(about));
const all = whole.flatMap(({ about, files }) =>
  Object.keys(files).map((name) => ({ about, name, of: files })),
);

describe.each(all)("$about: $name", { timeout: PATIENCE_MS }, ({ name, of }) => {
  const good = of[name] as Uint8Array;
  const step = Math.max(1, Math.floor(good.byteLength / 80));

  test("cut anywhere is never whole", async () => {
    for (let length = 0; length < good.byteLength; length += step) {
      const said = await outcome(of, name, good.subarray(0, length));
      if (name !== "journal.jsonl") expect([length, said]).not.toEqual([length, "holds"]);
    }
  });

  test("with any bit turned is never whole", async () => {
    const host = hostsWord(name, good);
    for (let at = 0; at < good.byteLength; at += step) {
      const turned = good.slice();
      turned[at] = (good[at] as number) ^ (1 << (at % 8));
      const said = await outcome(of, name, turned);
      if (!host(at)) expect([at, said]).not.toEqual([at, "holds"]);
    }
  });
});

/** What only the host says: the journal, and of record.json what is not founded. */
function hostsWord(name: string, good: Uint8Array): (at: number) => boolean {
  if (name !== "record.json") return () => name === "journal.jsonl";
  const text = new TextDecoder("latin1").decode(good);
  const spans = [...text.matchAll(/"version": 1, |"kind": "side", /g)].map((one) => [
    one.index,
    one.index + one[0].length,
  ]);
  return (at) => spans.some(([start = 0, end = 0]) => start <= at && at < end);
}

test("with a bit turned in many bytes of a seals' file it is never whole", {
  timeout: PATIENCE_MS,
}, async () => {
  const of = whole.map(({ files }) => files).find((one) => "record.json" in one) as Files;
  const name = Object.keys(of).find((path) => path.endsWith("seals.log")) as string;
  const good = of[name] as Uint8Array;
  for (let at = 0; at < good.byteLength; at += 7) {
    const turned = good.slice();
    turned[at] = (good[at] as number) ^ 1;
    expect([at, await outcome(of, name, turned)]).not.toEqual([at, "holds"]);
  }
});
