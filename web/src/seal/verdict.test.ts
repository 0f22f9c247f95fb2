/** Promise: what a side sealed is called well, whoever checks it and in whatever time the browser takes. */

import { afterEach, expect, test, vi } from "vitest";
import { utf8 } from "./bytes";
import { Checker } from "./checked";
import { openEnvelope } from "./envelope";
import { FLOOR, FOUNDING_HASH, HD, newSealer, RUN, RUN_ID, SD, STATEMENT, sign } from "./show";
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
