/** Promise: whatever the bytes, a reader answers with a value or a documented code, and nothing else. */

import { describe, expect, test } from "vitest";
import { isErrorCode, VivavoceError } from "../errors";
import { hexOfBytes } from "./bytes";
import { configBytes, parseConfig } from "./config";
import { openEnvelope, purpose } from "./envelope";
import { Flags, parseSeal, type Seal, sealBytes } from "./seal";
import { DEVICE, FLOOR, FOUNDING, FOUNDING_HASH, HD, newSealer, RUN, RUN_ID, STATEMENT, sign } from "./show";
import { foundingBytes, parseFounding, runOf } from "./statement";

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

const FULL: Seal = {
  seq: 300,
  prev: filled(32, 3),
  clockUs: 61_000_000,
  flags: Flags.MICROPHONE_SHUT | Flags.CAMERA_OFF,
  configs: [
    [0, configBytes(HD)],
    [1, configBytes(FLOOR)],
  ],
  deltas: [{ track: 1, group: 3, count: 4, closed: true, digest: filled(32, 1) }],
  heard: [
    {
      side: 1,
      run: RUN_ID,
      seq: 8,
      seal: filled(32, 2),
      ageUs: 90_000,
      got: [{ track: 0, group: 3, count: 2 }],
      missing: [{ track: 2, group: 9, count: null }],
      tag: filled(16, 0),
    },
  ],
  beacon: [4_711, filled(48, 5)],
  head: [9, filled(32, 6)],
  nonces: filled(32, 4),
};

async function anEnvelope(): Promise<Uint8Array> {
  const sealer = newSealer();
  const hd = sealer.add(HD);
  for (let index = 0; index < 4; index++) sealer.sample(hd, 0, index, 50_000 * index, index === 0, RUN_ID);
  return sealer.signed(await sign(RUN, sealer.draft(180_000)));
}

interface Reader {
  good: Uint8Array;
  read: (raw: Uint8Array) => unknown;
  /** What is not signed by itself may say something else; it is refused where it is signed. */
  signed: boolean;
}

const aad = purpose("seal", FOUNDING_HASH);
const readers: Record<string, Reader> = {
  "a seal's payload": { good: sealBytes(FULL), read: parseSeal, signed: false },
  "an envelope": {
    good: await anEnvelope(),
    read: (raw) => openEnvelope(raw).check(RUN.key, aad),
    signed: true,
  },
  "a configuration": { good: configBytes(HD), read: parseConfig, signed: false },
  "founding facts": { good: foundingBytes(FOUNDING), read: parseFounding, signed: false },
  "a run statement": { good: STATEMENT, read: (raw) => runOf(FOUNDING, raw, DEVICE.key), signed: true },
};

/** What it said: a code, or `ok`. An error that is not documented is the test's. */
async function outcome({ read }: Reader, raw: Uint8Array): Promise<string> {
  try {
    await read(raw);
    return "ok";
  } catch (error) {
    if (error instanceof VivavoceError && isErrorCode(error.code)) return error.code;
    throw error;
  }
}

/** Those that were not refused. */
async function passed(reader: Reader, raws: Iterable<Uint8Array>): Promise<string[]> {
  const passed: string[] = [];
  for (const raw of raws) if ((await outcome(reader, raw)) === "ok") passed.push(hexOfBytes(raw));
  return passed;
}

function turned(good: Uint8Array, at: number, bits: number): Uint8Array {
  const raw = good.slice();
  raw[at] = (good[at] as number) ^ bits;
  return raw;
}

describe.each(Object.entries(readers))("%s", (_, reader) => {
  const { good, signed } = reader;
  const places = Array.from(good.keys());

  test("is read as it was written", async () => {
    expect(await outcome(reader, good)).toBe("ok");
  });

  test("is refused when it is cut, at every byte", async () => {
    const cut = places.map((length) => good.subarray(0, length));
    expect(await passed(reader, cut)).toEqual([]);
  });

  test.each([1, 2, 4, 8, 16, 32, 64, 128, 255])("with %i turned in any byte answers", async (bits) => {
    const found = await passed(
      reader,
      places.map((at) => turned(good, at, bits)),
    );
    if (signed) expect(found).toEqual([]);
  });
});
