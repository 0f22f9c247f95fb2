/** Promise: whoever watches is told what is true of what came, and is never alarmed by their own choices. */

import { expect, test, vi } from "vitest";
import { VivavoceError } from "../errors";
import { hexOfBytes } from "../seal/bytes";
import { leaf } from "../seal/digest";
import type { FoundingTold } from "../seal/founding";
import { leavesBytes } from "../seal/leavesframe";
import { parsePapers } from "../seal/papers";
import { FOUNDING, FOUNDING_HASH } from "../seal/show";
import { Signer } from "../seal/signer";
import type { Missing } from "../seal/span";
import { foundingBytes } from "../seal/statement";
import { SEALS_TRACK, type Track } from "./catalog";
import { Judge, type JudgeOptions } from "./judge";
import { decodeFrame } from "./sample";
import { FLOOR, type Frame, Host, PICTURE, RUN, Stage, settle } from "./show";

const HD = { ...PICTURE, name: "hd.1" } as Track;
const SOUND = { ...FLOOR, name: "floor.1" } as Track;

vi.setConfig({ testTimeout: 30_000 });

function told(device: Uint8Array | null): FoundingTold {
  return {
    facts: hexOfBytes(foundingBytes(FOUNDING)),
    hash: hexOfBytes(FOUNDING_HASH),
    devices: device ? { north: { run: RUN, device: hexOfBytes(device) } } : {},
  };
}

async function aired(ms: number): Promise<Frame[]> {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(ms, host);
  return host.frames;
}

function deviceIn(frames: readonly Frame[]): Uint8Array {
  const papers = frames.find(({ track, index }) => track === SEALS_TRACK && index === 0) as Frame;
  return parsePapers(papers.payload).device;
}

interface Viewing {
  founding?: () => Promise<FoundingTold>;
  tracks?: Track[];
  /** At a sample's timestamp. */
  at?: (us: number, judge: Judge) => void;
  run?: string;
  leaves?: JudgeOptions["leaves"];
}

const nobodyHasThem = async () => null;

/** A viewer to whom these frames come; the states that were shown, in their order. */
async function views(
  frames: readonly Frame[],
  viewing: Viewing = {},
): Promise<[judge: Judge, states: string[]]> {
  const device = deviceIn(frames);
  const { founding = async () => told(device), tracks = [HD, SOUND], at, run = RUN } = viewing;
  const { leaves = nobodyHasThem } = viewing;
  const judge = new Judge({ discussion: FOUNDING.discussion, seat: "north", run, founding, leaves });
  for (const track of tracks) judge.take(track);
  const states: string[] = [];
  let nowUs = 0;
  for (const { track, group, index, payload } of frames) {
    if (track === SEALS_TRACK) {
      if (index === 0) await judge.papers(payload, nowUs);
      else await judge.seal(payload, nowUs);
    } else {
      const { timestampUs, data } = decodeFrame(payload);
      const us = Number(timestampUs);
      nowUs = Math.max(nowUs, us);
      at?.(us, judge);
      judge.sample({ track, group, index, timestampUs: us, data }, nowUs);
    }
    judge.tick(nowUs);
    await settle();
    const { state } = judge.report();
    if (states.at(-1) !== state) states.push(state);
  }
  return [judge, states];
}

test("what the device signed is said to be, by whose word, and without a mark", async () => {
  const [judge, states] = await views(await aired(3_000));
  expect(states).toEqual(["pending", "verified"]);
  expect(judge.report()).toMatchObject({ standing: "host", code: null, marks: 0, newest: [] });
});

test("whoever joins in the middle of a group is not alarmed", async () => {
  const frames = await aired(5_000);
  const middle = frames.findIndex(
    ({ track, index, group }) => track === "hd.1" && group === 3 && index === 9,
  );
  const seals = frames.slice(0, middle).filter(({ track }) => track === SEALS_TRACK);
  // A group of seals comes from its beginning, as every group does.
  const running = seals.filter(({ group }) => group === seals.at(-1)?.group);
  const [judge, states] = await views([...running, ...frames.slice(middle)]);
  expect(states).toEqual(["pending", "verified"]);
  expect(judge.report().marks).toBe(0);
});

test("a turned bit is said at once and stays in the history", async () => {
  const frames = await aired(5_000);
  const one = frames.find(
    ({ track, group, index }) => track === "hd.1" && group === 2 && index === 4,
  ) as Frame;
  one.payload = one.payload.slice();
  one.payload[12] = (one.payload[12] as number) ^ 1;
  const [judge, states] = await views(frames);
  expect(states).toEqual(["pending", "verified", "broken", "verified"]);
  const { marks, newest } = judge.report();
  expect([marks, newest.map(({ code }) => code)]).toEqual([1, ["sample.altered"]]);
});

test("a time that no seal can have harms nobody, and is told of", async () => {
  const [judge] = await views(await aired(1_000));
  judge.sample({ track: "floor.1", group: 99, index: 0, timestampUs: 2 ** 60, data: Uint8Array.of(1) }, 1e6);
  judge.tick(1e6);
  expect(judge.report()).toMatchObject({ state: "broken", code: "sample.foreign", marks: 1 });
});

test("letting a track go and taking it again makes no mark", async () => {
  const [judge, states] = await views(await aired(6_000), {
    at: (us, judge) => {
      if (us === 1_530_000) judge.letGo("hd.1");
      if (us === 3_000_000) judge.take(HD);
      if (us === 4_010_000) judge.letGo("floor.1");
    },
  });
  expect(states).toEqual(["pending", "verified"]);
  expect(judge.report().marks).toBe(0);
});

test("seals that stay away while a track is let go are told of all the same", async () => {
  const frames = await aired(6_000);
  const seals = frames.filter(({ track }) => track === SEALS_TRACK);
  const [judge, states] = await views(
    frames.filter((one) => one.track !== SEALS_TRACK || seals.indexOf(one) < 10),
    {
      at: (us, judge) => {
        if (us % 900_000 !== 0 || us < 1_500_000) return;
        judge.letGo("hd.1");
        judge.take(HD);
      },
    },
  );
  expect(states.at(-1)).toBe("late");
  expect(judge.report().newest.map(({ code }) => code)).toContain("seal.late");
});

test("a picture that is decoded otherwise than it was sealed is not what was sent", async () => {
  const [judge, states] = await views(await aired(2_500), {
    tracks: [{ ...HD, width: 640 } as Track, SOUND],
  });
  expect(states.at(-1)).toBe("broken");
  expect(judge.report().newest.map(({ code }) => code)).toEqual(["seal.config"]);
});

test.each([
  ["names another device", async () => told((await Signer.make()).public)],
  ["names none", async () => told(null)],
])(
  "a host that %s is not believed",
  async (_, founding) => {
    const [judge] = await views(await aired(300), { founding });
    expect(judge.report()).toMatchObject({ state: "broken", code: "seal.run", standing: null });
  },
  20_000,
);

test("facts that have another hash are refused", async () => {
  const founding = async () => ({ ...told(null), hash: "00".repeat(32) });
  const [judge] = await views(await aired(300), { founding });
  expect(judge.report()).toMatchObject({ state: "broken", code: "seal.founding" });
});

test("a run of another name is refused", async () => {
  const [judge] = await views(await aired(300), { run: "00".repeat(8) });
  expect(judge.report()).toMatchObject({ state: "broken", code: "seal.run" });
});

test("a host that does not answer accuses nobody, and is asked again", async () => {
  const frames = await aired(5_000);
  let asked = 0;
  const founding = async () => {
    asked += 1;
    if (asked === 1) throw new VivavoceError("host.unreachable", "It does not answer.");
    return told(deviceIn(frames));
  };
  const [judge, states] = await views(frames, { founding });
  expect(states).toEqual(["pending", "verified"]);
  expect(judge.report().marks).toBe(0);
});

test("a second statement for a run is told of", async () => {
  const frames = await aired(1_000);
  const other = (await aired(300)).find(({ track }) => track === SEALS_TRACK) as Frame;
  const [judge] = await views([...frames, { ...other, group: 9 }]);
  expect(judge.report()).toMatchObject({ state: "broken", code: "seal.run" });
});

/** Without one packet of sound, and whoever has all of it. `turned`: its leaves are not the sealed ones. */
async function losing(
  turned = false,
): Promise<[frames: Frame[], leaves: JudgeOptions["leaves"], asked: Missing[]]> {
  const frames = await aired(5_000);
  const all = frames.filter(({ track }) => track === "floor.1");
  const asked: Missing[] = [];
  const leaves = async (_: string, span: Missing) => {
    asked.push(span);
    const row = all.filter(({ group }) => group >= span.group && group < span.group + span.count);
    const hashes = row.map(({ group, payload }) => {
      const { timestampUs, data } = decodeFrame(payload);
      return leaf(group, 0, Number(timestampUs), true, data);
    });
    if (turned) hashes.reverse();
    return leavesBytes({ ...span, leaves: hashes });
  };
  return [frames.filter(({ track, group }) => track !== "floor.1" || group !== 103), leaves, asked];
}

test("a lost packet is a gap, and what came beside it is proven by its leaves", async () => {
  const [frames, leaves, asked] = await losing();
  const [judge, states] = await views(frames, { leaves });
  expect(states).toEqual(["pending", "verified", "gap", "verified"]);
  expect(judge.report().newest.map(({ code }) => code)).toEqual(["sample.missing"]);
  expect(asked).toHaveLength(1);
});

test("without leaves the same packet leaves its row unproven", async () => {
  const [frames] = await losing();
  const [judge] = await views(frames);
  expect(judge.report().newest.map(({ code }) => code)).toContain("seal.late");
});

test("leaves that lie change nothing, and are asked for a few times only", async () => {
  const [frames, leaves, asked] = await losing(true);
  const [judge, states] = await views(frames, { leaves });
  expect(states).not.toContain("broken");
  expect(new Set(judge.report().newest.map(({ code }) => code))).toEqual(
    new Set(["seal.late", "sample.missing"]),
  );
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.length).toBeLessThanOrEqual(4);
});

test("leaves that nobody asked for and that have no form harm nobody", async () => {
  const frames = await aired(2_000);
  const at = frames.findIndex(({ track, index }) => track === SEALS_TRACK && index === 5);
  const one = frames[at] as Frame;
  const odd = [
    Uint8Array.of(0x83),
    Uint8Array.of(0x83, 1, 2, 3),
    leavesBytes({ track: 1, group: 0, leaves: [new Uint8Array(32)] }),
  ];
  frames.splice(at, 0, ...odd.map((payload) => ({ ...one, payload })));
  const [judge, states] = await views(frames);
  expect(states).toEqual(["pending", "verified"]);
  expect(judge.report().marks).toBe(0);
});
