/** Promise: both languages read the same seals, refuse the same and find the same (docs/formats/seal.md). */

import { describe, expect, test } from "vitest";
import { VivavoceError } from "../errors";
import { checked } from "../vectors";
import { bytesOfHex, hexOfBytes } from "./bytes";
import { Checker } from "./checked";
import { configBytes, parseConfig } from "./config";
import { checkSignature } from "./keys";
import { leavesBytes, parseLeaves } from "./leavesframe";
import { papersBytes, parsePapers } from "./papers";
import { parseSeal, sealBytes } from "./seal";
import { parseFounding, runOf } from "./statement";
import { type Finding, type State, Verdict } from "./verdict";

/** What came of it: `ok`, or the code of the error. Any other error is the test's. */
async function outcome(read: () => unknown): Promise<string> {
  try {
    await read();
    return "ok";
  } catch (error) {
    if (error instanceof VivavoceError) return error.code;
    throw error;
  }
}

const forms = checked<{ payload: string }, { seq: number } | null>(
  import.meta.glob("../../../vectors/seal/form/*.json", { eager: true, import: "default" }),
);

describe("the form of a seal", () => {
  test.each(forms)("$about", async ({ input, expect: expected, output }) => {
    const payload = bytesOfHex(input.payload);
    expect(await outcome(() => parseSeal(payload))).toBe(expected);
    if (expected !== "ok") return;
    expect(parseSeal(payload).seq).toBe(output?.seq);
    expect(hexOfBytes(sealBytes(parseSeal(payload)))).toBe(input.payload);
  });
});

const keys = checked<{ key: string; signature: string; signed: string }, null>(
  import.meta.glob("../../../vectors/seal/key/*.json", { eager: true, import: "default" }),
);

describe("a key and its signature", () => {
  test.each(keys)("$about", async ({ input: { key, signature, signed }, expect: expected }) => {
    const check = () => checkSignature(bytesOfHex(key), bytesOfHex(signature), bytesOfHex(signed));
    expect(await outcome(check)).toBe(expected);
  });
});

const configs = checked<{ config: string }, { name: string } | null>(
  import.meta.glob("../../../vectors/seal/config/*.json", { eager: true, import: "default" }),
);

describe("a decoder's configuration", () => {
  test.each(configs)("$about", async ({ input, expect: expected, output }) => {
    const raw = bytesOfHex(input.config);
    expect(await outcome(() => parseConfig(raw))).toBe(expected);
    if (expected !== "ok") return;
    expect(parseConfig(raw).name).toBe(output?.name);
    expect(hexOfBytes(configBytes(parseConfig(raw)))).toBe(input.config);
  });
});

const papers = checked<{ papers: string }, { vouchers: number; revocations: number } | null>(
  import.meta.glob("../../../vectors/seal/papers/*.json", { eager: true, import: "default" }),
);

describe("a run's papers", () => {
  test.each(papers)("$about", async ({ input, expect: expected, output }) => {
    const raw = bytesOfHex(input.papers);
    expect(await outcome(() => parsePapers(raw))).toBe(expected);
    if (expected !== "ok") return;
    const { vouchers, revocations } = parsePapers(raw);
    expect({ vouchers: vouchers.length, revocations: revocations.length }).toEqual(output);
    expect(hexOfBytes(papersBytes(parsePapers(raw)))).toBe(input.papers);
  });
});

const leaves = checked<{ leaves: string }, { track: number; group: number; leaves: number } | null>(
  import.meta.glob("../../../vectors/seal/leaves/*.json", { eager: true, import: "default" }),
);

describe("the leaves of a span", () => {
  test.each(leaves)("$about", async ({ input, expect: expected, output }) => {
    const raw = bytesOfHex(input.leaves);
    expect(await outcome(() => parseLeaves(raw))).toBe(expected);
    if (expected !== "ok") return;
    const { track, group, leaves } = parseLeaves(raw);
    expect({ track, group, leaves: leaves.length }).toEqual(output);
    expect(hexOfBytes(leavesBytes(parseLeaves(raw)))).toBe(input.leaves);
  });
});

interface Run {
  founding: string;
  statement: string;
  device: string;
  vouchers: string[];
  revocations: string[];
}

const runs = checked<Run, { standing: string } | null>(
  import.meta.glob("../../../vectors/seal/run/*.json", { eager: true, import: "default" }),
);

describe("whose run it is", () => {
  test.each(runs)("$about", async ({ input, expect: expected, output }) => {
    const read = async () => {
      const founding = parseFounding(bytesOfHex(input.founding));
      const [statement, device] = [bytesOfHex(input.statement), bytesOfHex(input.device)];
      const revocations = input.revocations.map(bytesOfHex);
      return runOf(founding, statement, device, input.vouchers.map(bytesOfHex), { revocations });
    };
    expect(await outcome(read)).toBe(expected);
    if (expected === "ok") expect((await read())[1]).toBe(output?.standing);
  });
});

type Event =
  | [atUs: number, kind: "tick"]
  | [atUs: number, kind: "seal", raw: string]
  | [atUs: number, kind: "let_go" | "take", track: string]
  | [atUs: number, kind: "leaves", track: string, group: number, leaves: string[]]
  | [
      atUs: number,
      kind: "span",
      track: string,
      group: number,
      count: number,
      timestampUs: number,
      apartUs: number,
      data: string,
    ]
  | [
      atUs: number,
      kind: "sample",
      track: string,
      group: number,
      index: number,
      timestampUs: number,
      key: 0 | 1,
      data: string,
    ];

interface Judged {
  founding: string;
  run: string;
  key: string;
  statement: string;
  events: Event[];
}

interface Judgement {
  state: State;
  ended: boolean;
  whole: boolean;
  history: unknown[][];
}

/** The same as `play` in tools/vectors/verdicts.py. */
async function play(verdict: Verdict, checker: Checker, events: readonly Event[]): Promise<Judgement> {
  for (const event of events) {
    if (event[1] === "sample") {
      const [atUs, , track, group, index, timestampUs, key, data] = event;
      verdict.sample(track, group, index, timestampUs, key === 1, bytesOfHex(data), atUs);
    } else if (event[1] === "span") {
      const [atUs, , track, group, count, timestampUs, apartUs, data] = event;
      const sound = verdict.config(track)?.kind === "sound";
      for (let at = 0; at < count; at++) {
        const [where, index] = sound ? [group + at, 0] : [group, at];
        const us = timestampUs + at * apartUs;
        verdict.sample(track, where, index, us, index === 0, bytesOfHex(data), atUs);
      }
    } else if (event[1] === "seal") {
      await checker.seal(bytesOfHex(event[2]), event[0]);
    } else if (event[1] === "let_go") {
      verdict.letGo(event[2]);
    } else if (event[1] === "take") {
      verdict.take(event[2]);
    } else if (event[1] === "leaves") {
      const [atUs, , track, group, leaves] = event;
      for (const missing of verdict.missing())
        if (verdict.config(track) && missing.group === group)
          verdict.resolved(missing, leaves.map(bytesOfHex), atUs);
    } else if (event[1] === "tick") {
      verdict.tick(event[0]);
    } else {
      throw new Error(`nobody knows the event ${event}`);
    }
  }
  const { ended, whole } = verdict.chain;
  return { state: verdict.state, ended, whole, history: verdict.history.map(row) };
}

function row(one: Finding): unknown[] {
  return [one.code, one.atUs, one.track, one.group, one.count, one.fromUs, one.untilUs, one.seq];
}

const verdicts = checked<Judged, Judgement>(
  import.meta.glob("../../../vectors/seal/verdict/*.json", { eager: true, import: "default" }),
);

describe("the verdict on", () => {
  test.each(verdicts)("$about", async ({ input, output }) => {
    const [founding, key] = [bytesOfHex(input.founding), bytesOfHex(input.key)];
    const verdict = new Verdict(founding, bytesOfHex(input.run), key, bytesOfHex(input.statement));
    expect(await play(verdict, new Checker(verdict, founding, key), input.events)).toEqual(output);
  });
});
