/** Promise: what a side sealed is called well, whoever checks it and in whatever time the browser takes. */

import { afterEach, expect, test, vi } from "vitest";
import { utf8 } from "./bytes";
import { Checker } from "./checked";
import { configBytes } from "./config";
import { tagged } from "./digest";
import { openEnvelope } from "./envelope";
import { Flags, sealBytes } from "./seal";
import { EVERY_US } from "./sealer";
import { FLOOR, FOUNDING_HASH, HD, newSealer, RUN, RUN_ID, SD, STATEMENT, sign, signed } from "./show";
import { Verdict } from "./verdict";

function newVerdict(): Verdict {
  return new Verdict(FOUNDING_HASH, RUN_ID, RUN.key, STATEMENT);
}

function newChecker(verdict: Verdict): Checker {
  return new Checker(verdict, FOUNDING_HASH, RUN.key);
}

/** The first seals of a run without samples. */
async function heartbeats(count: number): Promise<Uint8Array[]> {
  const sealer = newSealer();
  const seals: Uint8Array[] = [];
  for (let at = 0; at < count; at++)
    seals.push(sealer.signed(await sign(RUN, sealer.draft(at * 180_000, { end: at === count - 1 }))));
  return seals;
}

afterEach(() => vi.unstubAllGlobals());

test("twenty seconds of two pictures and one sound are verified, with nothing in the history", async () => {
  const [sealer, verdict] = [newSealer(), newVerdict()];
  const checker = newChecker(verdict);
  const [hd, sd, floor] = [sealer.add(HD), sealer.add(SD), sealer.add(FLOOR)];
  const sample = (track: number, name: string, group: number, index: number, us: number) => {
    const data = utf8(`${name} ${us}`);
    sealer.sample(track, group, index, us, index === 0, data);
    verdict.sample(name, group, index, us, index === 0, data, us + 1_000);
  };
  for (let ms = 0; ms < 20_000; ms += 10) {
    const us = ms * 1000;
    if (ms % 40 === 0) {
      const [group, index] = [Math.floor(ms / 2_000), (ms % 2_000) / 40];
      sample(hd, "hd.1", group, index, us);
      sample(sd, "sd.1", group, index, us);
    }
    sample(floor, "floor.1", ms / 10, 0, us);
    if (sealer.due(us)) await checker.seal(sealer.signed(await sign(RUN, sealer.draft(us))), us + 5_000);
    if (ms % 100 === 0) verdict.tick(us + 6_000);
  }
  expect(verdict.state).toBe("verified");
  expect(verdict.history).toEqual([]);
  expect(verdict.chain.whole).toBe(true);
});

/** One picture a seal, each a group. `comes` tells what of it does, and may tell the verdict more before. */
async function pictures(
  count: number,
  comes: (at: number, verdict: Verdict) => { sample: boolean; seal: boolean },
): Promise<Verdict> {
  const [sealer, verdict] = [newSealer(), newVerdict()];
  const checker = newChecker(verdict);
  const hd = sealer.add(HD);
  for (let at = 0; at < count; at++) {
    const [us, data] = [at * EVERY_US, utf8(`picture ${at}`)];
    sealer.sample(hd, at, 0, us, true, data);
    const raw = sealer.signed(await sign(RUN, sealer.draft(us)));
    const { sample, seal } = comes(at, verdict);
    if (sample) verdict.sample(HD.name, at, 0, us, true, data, us + 1_000);
    if (seal) await checker.seal(raw, us + 5_000);
    verdict.tick(us + 6_000);
  }
  return verdict;
}

test("what came before its configuration is told of once, is kept, and is proven by it", async () => {
  const verdict = await pictures(16, (at) => ({ sample: at > 0, seal: at > 0 }));
  expect(verdict.history.map(({ code, atUs, group, count }) => [code, atUs, group, count])).toEqual([
    ["seal.late", 806_000, 1, 1],
  ]);
  expect(verdict.state).toBe("verified");
});

test("what does not come while a track is let go is not missed, and what does not afterwards is", async () => {
  const verdict = await pictures(16, (at, verdict) => {
    if (at === 3) verdict.letGo(HD.name);
    if (at === 6) verdict.take(HD.name);
    return { sample: (at < 3 || at >= 6) && at !== 9, seal: true };
  });
  expect(verdict.history.map(({ code, group, count }) => [code, group, count])).toEqual([
    ["sample.missing", 9, 1],
  ]);
});

test.each([
  ["a number twice", 0, SD],
  ["a name twice", 1, HD],
] as const)("one seal that has %s is refused", async (_, number, config) => {
  const verdict = newVerdict();
  const payload = sealBytes({
    seq: 0,
    prev: tagged("vv/seal/1", STATEMENT),
    clockUs: 0,
    flags: Flags.HEARTBEAT,
    configs: [
      [0, configBytes(HD)],
      [number, configBytes(config)],
    ],
    deltas: [],
    heard: [],
    beacon: null,
    head: null,
    nonces: new Uint8Array(),
  });
  await newChecker(verdict).seal(await signed("seal", payload, RUN), 10);
  expect(verdict.history.map(({ code }) => code)).toEqual(["seal.config"]);
  expect(verdict.config(HD.name)).toBeNull();
});

test("seals are handed over in the order in which they came, even if nobody waits", async () => {
  const verdict = newVerdict();
  const checker = newChecker(verdict);
  const seals = await heartbeats(9);
  const came: number[] = [];
  vi.spyOn(verdict, "seal").mockImplementation((_, nowUs) => void came.push(nowUs));
  vi.spyOn(verdict, "refused").mockImplementation((_, nowUs) => void came.push(nowUs));
  const forged = new Uint8Array(90);
  await Promise.all(seals.map((raw, at) => checker.seal(at % 3 === 1 ? forged : raw, at)));
  expect(came).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("whoever hands over a seal may write over its bytes at once", async () => {
  const verdict = newVerdict();
  const checker = newChecker(verdict);
  const done = (await heartbeats(3)).map((raw, at) => {
    const checked = checker.seal(raw, at);
    raw.fill(0);
    return checked;
  });
  await Promise.all(done);
  expect(verdict.history).toEqual([]);
  expect(verdict.chain.ended).toBe(true);
});

test("a seal that was refused is a finding with its code, and those after it are judged", async () => {
  const verdict = newVerdict();
  const checker = newChecker(verdict);
  const [first, second] = (await heartbeats(2)) as [Uint8Array, Uint8Array];
  const turned = first.slice();
  turned[30] = (turned[30] as number) ^ 1;
  await Promise.all([checker.seal(turned, 10), checker.seal(first, 20), checker.seal(second, 30)]);
  expect(verdict.history.map(({ code, atUs }) => [code, atUs])).toEqual([["seal.signature", 10]]);
  expect(verdict.state).toBe("broken");
  expect(verdict.chain.newest).toBe(1);
});

test("a seal that names another key is refused even where nobody looked at its signature", async () => {
  const verdict = newVerdict();
  const [raw] = (await heartbeats(1)) as [Uint8Array];
  const other = raw.slice();
  other[8] = (other[8] as number) ^ 1;
  verdict.seal(openEnvelope(other), 10);
  expect(verdict.history.map(({ code }) => code)).toEqual(["seal.signature"]);
});

test.each(["without WebCrypto", "without Ed25519"])("a browser %s accuses nobody", async (lack) => {
  const verdict = newVerdict();
  const [raw] = (await heartbeats(1)) as [Uint8Array];
  const importKey = () => Promise.reject(new DOMException("no", "NotSupportedError"));
  vi.stubGlobal("crypto", lack === "without WebCrypto" ? {} : { subtle: { importKey } });
  await expect(newChecker(verdict).seal(raw, 10)).rejects.toMatchObject({ code: "browser.cannot" });
  expect(verdict.history).toEqual([]);
  expect(verdict.state).toBe("unsealed");
});
