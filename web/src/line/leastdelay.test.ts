import { expect, test } from "vitest";
import { LeastDelay } from "./leastdelay";

test("a delay counts above the least that was seen, whatever the clocks differ by", () => {
  for (const apart of [0, -5_000_000, 7_000_000]) {
    const least = new LeastDelay();
    expect([40, 25, 60, 25].map((ms, at) => least.above(apart + ms, 100 * at))).toEqual([0, 0, 35, 0]);
  }
});

test("a least of long ago is forgotten: a way may have become longer", () => {
  const least = new LeastDelay();
  least.above(10, 0);
  for (let ms = 2_000; ms < 14_000; ms += 100) expect(least.above(50, ms)).toBe(40);
  for (let ms = 14_000; ms < 20_000; ms += 100) least.above(50, ms);
  expect(least.above(50, 20_000)).toBe(0);
});
