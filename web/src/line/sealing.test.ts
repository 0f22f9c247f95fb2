/** Promise: what a stage sends is what it signed, and whoever alters it on the way is found out. */

import { Broadcast, Path } from "@moq/net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Checker } from "../seal/checked";
import { openEnvelope } from "../seal/envelope";
import { isLeaves, parseLeaves } from "../seal/leavesframe";
import { parsePapers } from "../seal/papers";
import { Flags, parseSeal } from "../seal/seal";
import { EPOCH_US, FOUNDING, FOUNDING_HASH } from "../seal/show";
import { runOf } from "../seal/statement";
import { type State, Verdict } from "../seal/verdict";
import type { Lacking } from "./arrival";
import { SEALS_TRACK, type VideoTrack } from "./catalog";
import type { TrackConfig } from "./publication";
import { decodeFrame } from "./sample";
import { sealedConfig } from "./sealedconfig";
import { SealsTrack } from "./sealstrack";
import { DEVICES, FLOOR, type Frame, Host, newSealing, PICTURE, Stage, settle } from "./show";

/** What a verifier says who gets these frames in this order; `states` are those that it had meanwhile. */
async function judged(frames: readonly Frame[], states = new Set<State>()): Promise<Verdict> {
  const papers = frames.find(({ track, index }) => track === SEALS_TRACK && index === 0);
  if (!papers) throw new Error("no papers came");
  const { device, statement } = parsePapers(papers.payload);
  const [run] = await runOf(FOUNDING, statement, device);
  const verdict = new Verdict(FOUNDING_HASH, run.run, run.key, statement);
  const checker = new Checker(verdict, FOUNDING_HASH, run.key);
  let nowUs = 0;
  for (const { track, group, index, payload } of frames) {
    if (track !== SEALS_TRACK) {
      const { timestampUs, data } = decodeFrame(payload);
      nowUs = Math.max(nowUs, Number(timestampUs));
      const key = index === 0;
      verdict.sample(track, group, index, Number(timestampUs), key, data, nowUs);
    } else if (index > 0 && isLeaves(payload)) {
      const told = parseLeaves(payload);
      verdict.resolved(told, told.leaves, nowUs);
    } else if (index > 0) await checker.seal(payload, nowUs);
    verdict.tick(nowUs);
    states.add(verdict.state);
  }
  if (verdict.chain.ended) verdict.tick(nowUs + 2_000_000);
  return verdict;
}

vi.setConfig({ testTimeout: 30_000 });

const codes = (verdict: Verdict) => verdict.history.map(({ code, track, group }) => [code, track, group]);

afterEach(() => vi.restoreAllMocks());

test("a whole run is what was signed, from the first seal to the end", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(4_000, host);
  stage.publication.finish();
  await stage.seals.end();
  await settle();
  const verdict = await judged(host.frames);
  expect(codes(verdict)).toEqual([]);
  expect(verdict.state).toBe("verified");
  expect(verdict.chain.whole).toBe(true);
  expect(verdict.chain.ended).toBe(true);
  expect(verdict.config("hd.1")).toEqual(sealedConfig({ ...PICTURE, name: "hd.1" } as VideoTrack));
  expect(stage.trouble).toEqual([]);
});

test("every group of the seals is ten seals after the run's papers", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(5_000, host);
  const seals = host.frames.filter(({ track }) => track === SEALS_TRACK);
  const [first] = seals;
  for (const { group, index, payload } of seals)
    if (index === 0) expect(payload).toEqual(first?.payload);
    else expect(parseSeal(openEnvelope(payload).payload).seq).toBe(10 * group + index - 1);
  expect(seals.length).toBeGreaterThan(25);
});

test("one byte that was changed on the way is found", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(2_000, host);
  const altered = host.frames.find(({ track, index }) => track === "hd.1" && index === 3) as Frame;
  altered.payload = altered.payload.slice();
  altered.payload[12] = (altered.payload[12] as number) ^ 1;
  const states = new Set<State>();
  const verdict = await judged(host.frames, states);
  expect(verdict.history.map(({ code, track }) => [code, track])).toEqual([["sample.altered", "hd.1"]]);
  expect(states).toContain("broken");
});

test("what was captured while the line was away is sealed, is a gap, and the run goes on", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(1_100, host);
  stage.publication.detach();
  await stage.runs(2_000, host);
  await settle();
  const sealed = host.frames.filter(({ track }) => track === SEALS_TRACK).map(({ group }) => group);
  const back = new Host(Math.max(...sealed));
  stage.publication.attach(back);
  stage.key();
  await stage.runs(3_000, back);
  stage.publication.finish();
  await stage.seals.end();
  await settle();
  const states = new Set<State>();
  const verdict = await judged([...host.frames, ...back.frames], states);
  expect(verdict.history.map(({ code }) => code)).toContain("sample.missing");
  expect(states).toContain("gap");
  expect(states).not.toContain("broken");
  expect(verdict.chain.whole).toBe(true);
  expect(verdict.state).toBe("verified");
});

test("pictures that belong to a group of the session before are sealed and not sent", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(300, host);
  const again = new Host();
  stage.publication.attach(again);
  await stage.runs(300, again);
  expect(again.frames.some(({ track }) => track === "hd.1")).toBe(false);
  await stage.runs(900, again);
  const states = new Set<State>();
  const verdict = await judged([...host.frames, ...again.frames], states);
  expect(verdict.history.map(({ code, track }) => [code, track])).toContainEqual(["sample.missing", "hd.1"]);
  expect(states).not.toContain("broken");
  expect(stage.trouble).toEqual([]);
});

test("what is on its way to the line does not wait to be hashed, and is before whatever follows it", async () => {
  const sealing = await newSealing();
  const [stage, host, hashed] = [new Stage(sealing), new Host(), vi.spyOn(sealing, "sample")];
  stage.publication.attach(host);
  const name = stage.publication.trackFor("hd", PICTURE);
  host.follow(name);
  stage.publication.write(name, 1_000, true, Uint8Array.of(1));
  await settle();
  expect(host.frames.map(({ track }) => track)).toContain(name);
  expect(hashed).not.toHaveBeenCalled();
  stage.publication.rest("hd");
  expect(hashed).toHaveBeenCalledOnce();
  stage.publication.write(stage.publication.trackFor("hd", PICTURE), 2_000, true, Uint8Array.of(2));
  await stage.seals.end();
  await settle();
  const verdict = await judged(host.frames);
  expect(codes(verdict)).toEqual([]);
  expect(verdict.state).toBe("verified");
  expect(stage.trouble).toEqual([]);
});

test("a track that rests, comes back, changes and is dropped stays what was signed", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(700, host);
  stage.publication.rest("hd");
  stage.publication.write("hd.1", stage.nowUs - EPOCH_US, false, Uint8Array.of(1));
  stage.publication.rest("hd");
  stage.key();
  await stage.runs(700, host);
  stage.publication.trackFor("hd", { ...PICTURE, width: 640 } as TrackConfig);
  stage.key();
  await stage.runs(700, host);
  stage.publication.drop("video");
  await stage.runs(700, host);
  await stage.seals.end();
  await settle();
  const verdict = await judged(host.frames);
  expect(codes(verdict)).toEqual([]);
  expect(verdict.state).toBe("verified");
});

test("seals say that the microphone is shut and the camera is off", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  stage.publication.setDevices({ ...DEVICES, camera: "lost", microphone: "off" });
  await stage.runs(400, host);
  const { payload } = host.frames.find(({ track, index }) => track === SEALS_TRACK && index === 1) as Frame;
  const { flags } = parseSeal(openEnvelope(payload).payload);
  expect(flags & (Flags.MICROPHONE_SHUT | Flags.CAMERA_OFF)).toBe(Flags.MICROPHONE_SHUT | Flags.CAMERA_OFF);
});

test("ten minutes of seals are offered again, and no more", async () => {
  const [track, host] = [new SealsTrack(Uint8Array.of(0)), new Host(0)];
  for (let seq = 0; seq < 4_000; seq++)
    track.write({ group: Math.floor(seq / 10), seal: Uint8Array.of(1), clockUs: 200_000 * seq });
  const broadcast = new Broadcast.Producer();
  track.attach(broadcast);
  host.publish(Path.from("k7m2xq4vw9/north"), broadcast);
  await settle();
  const groups = new Set(host.frames.map(({ group }) => group));
  expect([Math.min(...groups), Math.max(...groups), groups.size]).toEqual([99, 399, 301]);
  expect(host.frames.length).toBe(11 * 301);
});

describe("sealing that fails", () => {
  test("is told once, and what is sent goes on", async () => {
    const [stage, host] = [await Stage.make(), new Host()];
    stage.publication.attach(host);
    await stage.runs(500, host);
    vi.spyOn(crypto.subtle, "sign").mockRejectedValue(new DOMException("gone", "OperationError"));
    await stage.runs(500, host);
    const before = stage.publication.samples;
    await stage.runs(500, host);
    expect(stage.publication.samples).toBeGreaterThan(before);
    expect(stage.trouble).toEqual(["internal"]);
    await stage.seals.end();
  });

  test("by what it cannot seal holds up nothing either", async () => {
    const [stage, host] = [await Stage.make(), new Host()];
    stage.publication.attach(host);
    stage.publication.trackFor("floor", { ...FLOOR, language: "й" } as TrackConfig);
    stage.publication.write("floor.1", 1_000, true, Uint8Array.of(1));
    await stage.runs(100, host);
    expect(stage.publication.samples).toBeGreaterThan(1);
  });

  test("or takes for ever is told of, and does not end", async () => {
    const [stage, host] = [await Stage.make(), new Host()];
    stage.publication.attach(host);
    stage.patience = 0;
    const sign = vi.spyOn(crypto.subtle, "sign");
    sign.mockImplementationOnce(() => new Promise(() => {}));
    await stage.runs(1_500, host);
    expect(stage.trouble).toEqual(["seal.apart"]);
    expect(stage.publication.samples).toBeGreaterThan(50);
  });
});

test("a browser without Ed25519 says so", async () => {
  vi.spyOn(crypto.subtle, "generateKey").mockRejectedValue(new DOMException("no", "NotSupportedError"));
  await expect(newSealing()).rejects.toMatchObject({ code: "browser.cannot" });
});

test.each([
  [30, 30_000],
  [29.97, 29_970],
  [0.0005, 0],
  [0.0015, 2],
])("%d pictures a second are sealed as in Python", (framerate, millihertz) => {
  const track = { ...PICTURE, name: "hd.1", framerate } as VideoTrack;
  expect(sealedConfig(track)).toMatchObject({ millihertz });
});

test("what the host lacks is told among the seals, to everyone, and proves what came beside it", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(700, host);
  const lost = host.frames.findIndex(({ track, group }) => track === "floor.1" && group === 23);
  host.frames.splice(lost, 1);
  const row = spansOf(host.frames).find(
    ({ track, group, count }) => track === FLOOR_NUMBER && group <= 23 && 23 < group + count,
  );
  stage.seals.asked([
    row as Lacking,
    { track: FLOOR_NUMBER, group: 9_000, count: 4 },
    { track: 9, group: 0, count: 1 },
  ]);
  await stage.runs(2_000, host);
  await settle();
  const told = host.frames.filter(({ track, payload }) => track === SEALS_TRACK && isLeaves(payload));
  expect(told.map(({ payload }) => parseLeaves(payload).group)).toEqual([row?.group]);
  const states = new Set<State>();
  const verdict = await judged(host.frames, states);
  expect(codes(verdict)).toEqual([["sample.missing", "floor.1", 23]]);
  expect(states).not.toContain("late");
});

test("what is asked for again and again is told three times at most", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(1_000, host);
  const [row] = spansOf(host.frames).filter(({ track }) => track === FLOOR_NUMBER);
  for (let times = 0; times < 20; times++) {
    stage.seals.asked([row as Lacking]);
    await stage.runs(200, host);
  }
  await settle();
  const told = host.frames.filter(({ track, payload }) => track === SEALS_TRACK && isLeaves(payload));
  expect(told).toHaveLength(3);
});

test("a group of seals has no more leaves than it may", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(6_000, host);
  const rows = spansOf(host.frames).filter(({ track }) => track === FLOOR_NUMBER);
  expect(rows.length).toBeGreaterThan(20);
  stage.seals.asked(rows);
  await stage.runs(4_000, host);
  await settle();
  const told = new Map<number, number>();
  for (const { track, group, payload } of host.frames)
    if (track === SEALS_TRACK && isLeaves(payload)) told.set(group, (told.get(group) ?? 0) + 1);
  expect([...told.values()].reduce((sum, one) => sum + one)).toBe(rows.length);
  for (const count of told.values()) expect(count).toBeLessThanOrEqual(16);
});

/** The floor speaks first. */
const FLOOR_NUMBER = 0;

/** What the seals among these frames tell of. */
function spansOf(frames: readonly Frame[]): Lacking[] {
  return frames
    .filter(({ track, index, payload }) => track === SEALS_TRACK && index > 0 && !isLeaves(payload))
    .flatMap(({ payload }) => parseSeal(openEnvelope(payload).payload).deltas)
    .map(({ track, group, count }) => ({ track, group, count }));
}

test("what was sealed last is told with the end, so that a packet lost then is a gap", async () => {
  const [stage, host] = [await Stage.make(), new Host()];
  stage.publication.attach(host);
  await stage.runs(2_000, host);
  stage.publication.finish();
  await stage.seals.end();
  await settle();
  const sounds = host.frames.filter(({ track }) => track === "floor.1");
  const lost = sounds.at(-2) as Frame;
  const verdict = await judged(host.frames.filter((one) => one !== lost));
  expect(codes(verdict)).toEqual([["sample.missing", "floor.1", lost.group]]);
});
