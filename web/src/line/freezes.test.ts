import { describe, expect, test } from "vitest";
import { Freezes } from "./freezes";
import { seeded } from "./traces";

const SPACING_MS = 33;

/** Pictures through a line, in order, and what a viewer sees. `lateMs`: of each, before those behind it wait for it. */
function show(
  seconds: number,
  lateMs: (ms: number) => number,
  spacing: (ms: number) => number = () => SPACING_MS,
) {
  const freezes = new Freezes();
  const shown: { mediaMs: number; atMs: number; holdMs: number }[] = [];
  let arrivedMs = 0;
  let shownMs = 0;
  for (let mediaMs = 0; mediaMs < 1000 * seconds; mediaMs += spacing(mediaMs)) {
    arrivedMs = Math.max(arrivedMs, 7_000 + mediaMs + lateMs(mediaMs));
    const holdMs = freezes.holdMs(arrivedMs, mediaMs);
    shownMs = Math.max(shownMs, arrivedMs + holdMs);
    shown.push({ mediaMs, atMs: shownMs, holdMs });
  }
  const between = (from: number, to: number) =>
    shown.filter(({ mediaMs }) => mediaMs >= 1000 * from && mediaMs < 1000 * to);
  /** How often the picture stood for over 100 ms. */
  const stood = (from: number, to: number) => {
    const seen = between(from, to);
    return seen.filter(({ atMs }, at) => at > 0 && atMs - (seen[at - 1]?.atMs ?? 0) > 100).length;
  };
  const wait = (from: number, to: number) => Math.max(...between(from, to).map(({ holdMs }) => holdMs));
  return { stood, wait };
}

/** So late is every so many-th second's first picture. */
const every = (seconds: number, late: number) => (ms: number) =>
  ms >= 1000 * seconds && ms % (1000 * seconds) < SPACING_MS ? late : 0;

describe("a line that freezes pictures again and again", () => {
  test("does so no more once they wait for as much as is too long", () => {
    const { stood, wait } = show(60, every(4, 85));
    expect(stood(0, 10)).toBeGreaterThan(0);
    expect(stood(18, 60)).toBe(0);
    expect(wait(18, 60)).toBeCloseTo(85 + SPACING_MS - 86, 0);
  });

  test("that loses packets, whose picture comes again after two round trips, is smoothed", () => {
    const rule = (seed: number) => {
      const random = seeded(seed);
      return () => (random() < 0.06 ? 40 + 50 * random() : 8 * random());
    };
    const { stood, wait } = show(300, rule(3));
    const bare = { stood: 0, lastMs: 0 };
    const late = rule(3);
    for (let ms = 0; ms < 300_000; ms += SPACING_MS) {
      const atMs = Math.max(bare.lastMs, ms + late());
      if (atMs - bare.lastMs > 100) bare.stood += 1;
      bare.lastMs = atMs;
    }
    expect(bare.stood).toBeGreaterThan(40);
    expect(stood(10, 300)).toBeLessThan(0.25 * bare.stood);
    expect(wait(0, 300)).toBeLessThan(61);
  });

  test("is forgotten when it does so no more, gently", () => {
    const { wait } = show(90, (ms) => (ms < 20_000 ? every(3, 90)(ms) : 0));
    expect(wait(12, 28)).toBeGreaterThan(30);
    expect(wait(30, 32)).toBeGreaterThan(0);
    expect(wait(56, 90)).toBe(0);
  });
});

describe("pictures do not wait", () => {
  test.each([
    ["where nothing is late", () => 0, undefined],
    ["for jitter", (ms: number) => 15 + 15 * Math.sin(ms), undefined],
    ["for a freeze now and then", every(16, 90), undefined],
    ["for what no short wait would bridge", every(3, 400), undefined],
    ["for what their side left out", () => 0, (ms: number) => (ms % 990 === 0 ? 198 : SPACING_MS)],
  ])("%s", (_, lateMs, spacing) => {
    expect(show(90, lateMs, spacing).wait(0, 90)).toBe(0);
  });
});

test("what came of another run is not compared with", () => {
  const freezes = new Freezes();
  for (let ms = 0; ms < 2_000; ms += SPACING_MS) freezes.holdMs(ms, ms);
  freezes.forget();
  expect(freezes.holdMs(9_000, 1_000)).toBe(0);
  expect(freezes.holdMs(9_033, 1_033)).toBe(0);
});
