/** Promise: whatever an encoder puts out is sealed, in its order, at least every 200 ms, in few bytes. */

import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, test } from "vitest";
import { bytesOfHex, hexOfBytes, utf8 } from "./bytes";
import { openEnvelope } from "./envelope";
import { Flags, MOST_DELTAS, MOST_TRACKS, parseSeal, SEALED_WITHIN_US, type Seal } from "./seal";
import { EVERY_US, type Extras, MOST_TRACK_NUMBER, type Sealer } from "./sealer";
import { FLOOR, HD, newSealer, RUN, SD, sign } from "./show";

const PICTURE = utf8("picture");
const PACKET = utf8("packet");

/** What a seal says; its signature stays empty, which nobody looks at here. */
function seal(sealer: Sealer, clockUs: number, extras?: Extras): Seal {
  sealer.draft(clockUs, extras);
  return parseSeal(openEnvelope(sealer.signed(new Uint8Array(64))).payload);
}

function spans({ deltas }: Seal): [group: number, count: number, closed: boolean][] {
  return deltas.map(({ group, count, closed }) => [group, count, closed]);
}

test("a picture is sealed while its group grows", () => {
  const sealer = newSealer();
  const hd = sealer.add(HD);
  for (let index = 0; index < 3; index++) sealer.sample(hd, 7, index, 33_333 * index, index === 0, PICTURE);
  const first = seal(sealer, 100_000);
  sealer.sample(hd, 7, 3, 100_000, false, PICTURE);
  sealer.sample(hd, 8, 0, 133_333, true, PICTURE);
  const second = seal(sealer, 200_000);
  const third = seal(sealer, 300_000);
  expect(spans(first)).toEqual([[7, 3, false]]);
  expect(spans(second)).toEqual([
    [7, 4, true],
    [8, 1, false],
  ]);
  expect(spans(third)).toEqual([]);
  expect(third.flags).toBe(Flags.HEARTBEAT);
});

test("sound is sealed in rows of packets", () => {
  const sealer = newSealer();
  const floor = sealer.add(FLOOR);
  for (const group of [1, 2, 3, 9, 10]) sealer.sample(floor, group, 0, group * 10_000, true, PACKET);
  expect(spans(seal(sealer, 100_000))).toEqual([
    [1, 3, true],
    [9, 2, true],
  ]);
});

test("a track that rests closes its group and seals an empty one", () => {
  const sealer = newSealer();
  const hd = sealer.add(HD);
  sealer.sample(hd, 0, 0, 0, true, PICTURE);
  sealer.rest(hd, 1);
  expect(spans(seal(sealer, 100_000))).toEqual([
    [0, 1, true],
    [1, 0, true],
  ]);
});

test("the end closes what is open", () => {
  const sealer = newSealer();
  sealer.sample(sealer.add(HD), 0, 0, 0, true, PICTURE);
  const last = seal(sealer, 100_000, { end: true });
  expect(last.deltas[0]?.closed).toBe(true);
  expect(last.flags).toBe(Flags.END);
  expect(sealer.due(1_000_000_000)).toBe(false);
  expect(() => sealer.draft(200_000)).toThrow(/ended/);
});

test("one at a time is signed, and the clock does not go back", () => {
  const sealer = newSealer();
  expect(() => sealer.signed(new Uint8Array(64))).toThrow(RangeError);
  sealer.draft(100_000);
  expect(sealer.due(1_000_000)).toBe(false);
  expect(() => sealer.draft(200_000)).toThrow(/not signed yet/);
  expect(() => sealer.signed(new Uint8Array(63))).toThrow(RangeError);
  sealer.signed(new Uint8Array(64));
  expect(sealer.due(1_000_000)).toBe(true);
  expect(() => sealer.draft(99_999)).toThrow(/went back/);
});

describe("what does not follow is refused", () => {
  test.each<[about: string, ...samples: [group: number, index: number][]]>([
    ["a picture left out", [0, 0], [0, 2]],
    ["a picture twice", [0, 0], [0, 0]],
    ["a group that begins in its middle", [0, 0], [1, 1]],
    ["a group that goes back", [5, 0], [4, 0]],
  ])("%s", (_, good, bad) => {
    const sealer = newSealer();
    const hd = sealer.add(HD);
    sealer.sample(hd, ...good, 0, true, PICTURE);
    expect(() => sealer.sample(hd, ...bad, 0, true, PICTURE)).toThrow(/group/);
  });
});

test("groups go on rising after they were sealed", () => {
  const sealer = newSealer();
  const floor = sealer.add(FLOOR);
  sealer.sample(floor, 5, 0, 0, true, PACKET);
  seal(sealer, 0);
  expect(() => sealer.sample(floor, 5, 0, 0, true, PACKET)).toThrow(/group 5/);
});

test("configurations come again for those who join", () => {
  const sealer = newSealer();
  expect(sealer.add(HD)).toBe(sealer.add({ ...HD }));
  const seals = Array.from({ length: 11 }, (_, at) => seal(sealer, at * EVERY_US));
  expect(seals.map(({ configs }) => configs.length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  sealer.add(SD);
  expect(seal(sealer, 11 * EVERY_US).configs.map(([track]) => track)).toEqual([1]);
});

test("a track that rests is not told of for ever", () => {
  const sealer = newSealer();
  const hd = sealer.add(HD);
  sealer.sample(hd, 0, 0, 0, true, PICTURE);
  sealer.rest(hd, 1);
  const seals = Array.from({ length: 31 }, (_, at) => seal(sealer, at * EVERY_US));
  expect(seals.filter(({ configs }) => configs.length > 0).map(({ seq }) => seq)).toEqual([0, 10]);
});

test("a name keeps its configuration, and a run has no more tracks than there are numbers", () => {
  const sealer = newSealer();
  for (let at = 0; at <= MOST_TRACK_NUMBER; at++) expect(sealer.add({ ...HD, name: `hd.${at}` })).toBe(at);
  expect(() => sealer.add({ ...HD, name: "hd.7", width: 640 })).toThrow(/hd\.7/);
  expect(() => sealer.add({ ...HD, name: "hd.256" })).toThrow(/256 tracks/);
  expect(sealer.add({ ...HD, name: "hd.7" })).toBe(7);
});

test("more than a seal may have waits for the next", () => {
  const sealer = newSealer();
  const tracks = Array.from({ length: MOST_TRACKS + 6 }, (_, at) =>
    sealer.add({ ...FLOOR, name: `floor.${at}` }),
  );
  for (let group = 0; group < 10; group++)
    for (const track of tracks) sealer.sample(track, 2 * group, 0, 10_000 * group, true, PACKET);
  const seals = [seal(sealer, 0), seal(sealer, EVERY_US), seal(sealer, 2 * EVERY_US)];
  expect(seals.map(({ configs }) => configs.length)).toEqual([MOST_TRACKS, 6, 0]);
  expect(seals.map(({ deltas }) => deltas.length)).toEqual([MOST_DELTAS, 300 - MOST_DELTAS, 0]);
  const sealed = seals.flatMap(({ deltas }) => deltas.map(({ track, group }) => 100 * track + group));
  expect(new Set(sealed).size).toBe(300);
});

test("the end and the heartbeat are the sealer's to tell", () => {
  const { flags } = seal(newSealer(), 0, { flags: Flags.END | Flags.MICROPHONE_SHUT | Flags.CAMERA_OFF });
  expect(flags).toBe(Flags.HEARTBEAT | Flags.MICROPHONE_SHUT | Flags.CAMERA_OFF);
});

test("two pictures and sound stay under twenty kilobits", () => {
  const sealer = newSealer();
  const tracks = [sealer.add(HD), sealer.add(SD)];
  const floor = sealer.add(FLOOR);
  let [bits, apartUs, lastUs] = [0, 0, 0];
  for (let ms = 0; ms < 60_000; ms += 10) {
    const [us, at] = [ms * 1000, ms / 30];
    for (const track of ms % 30 === 0 ? tracks : [])
      sealer.sample(track, Math.floor(at / 57), at % 57, us, at % 57 === 0, sha256(utf8(`${ms}`)));
    sealer.sample(floor, ms / 10, 0, us, true, PACKET);
    if (!sealer.due(us)) continue;
    sealer.draft(us);
    bits += 8 * sealer.signed(new Uint8Array(64)).byteLength;
    [apartUs, lastUs] = [Math.max(apartUs, us - lastUs), us];
  }
  expect(apartUs).toBeGreaterThan(0);
  expect(apartUs).toBeLessThanOrEqual(SEALED_WITHIN_US);
  expect(bits / 60).toBeLessThan(20_000);
});

type Event = [atUs: number, kind: string, ...rest: unknown[]];
type Sample = [track: string, group: number, index: number, timestampUs: number, key: number, data: string];

/** The seals in a verdict's vector, made again from the samples beside them. */
async function resealed(events: readonly Event[]): Promise<string[]> {
  const sealer = newSealer();
  const tracks = new Map([HD, FLOOR].map((config) => [config.name, sealer.add(config)]));
  const seals: string[] = [];
  for (const [atUs, kind, ...rest] of events) {
    if (kind === "sample") {
      const [track, group, index, timestampUs, key, data] = rest as Sample;
      sealer.sample(tracks.get(track) as number, group, index, timestampUs, key === 1, bytesOfHex(data));
    } else if (kind === "seal") {
      // tools/vectors/show.py lets each come five milliseconds after it was made.
      seals.push(hexOfBytes(sealer.signed(await sign(RUN, sealer.draft(atUs - 5_000)))));
    }
  }
  return seals;
}

test("the same samples make the same bytes as in Python", async () => {
  const file = await import("../../../vectors/seal/verdict/all_well.json");
  const events = file.default.input.events as Event[];
  const written = events.filter(([, kind]) => kind === "seal").map(([, , raw]) => raw);
  expect(written.length).toBeGreaterThan(9);
  expect(await resealed(events)).toEqual(written);
});
