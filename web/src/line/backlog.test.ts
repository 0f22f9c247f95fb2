import { describe, expect, test } from "vitest";
import { type Advice, Backlog, Sparing } from "./backlog";

/** A decoder of so many pictures a second, given 30, for so long; `burst`: what waits at first. */
function decoding(rate: number, seconds: number, burst = 0): Set<Advice> {
  const backlog = new Backlog();
  backlog.advise(-5_000, 0);
  let queued = burst;
  const said = new Set<Advice>();
  for (let at = 0; at < 30 * seconds; at++) {
    const advice = backlog.advise(100 + (at * 1000) / 30, Math.floor(queued));
    said.add(advice);
    queued = advice === "decode" ? queued + 1 : 0;
    queued = Math.max(0, queued - rate / 30);
  }
  return said;
}

describe("a decoder", () => {
  test.each<[string, number, number, Advice[]]>([
    ["that keeps up goes on", 120, 0, ["decode"]],
    ["that keeps up forgives a burst of half a second", 120, 15, ["decode"]],
    ["that keeps up forgives a burst of a second", 120, 30, ["decode"]],
    ["that keeps up leaves out a burst of two seconds, once", 120, 60, ["skip", "decode"]],
    ["that is too slow is behind", 20, 0, ["decode", "behind"]],
    ["that is hardly fast enough and had a burst is behind", 31, 20, ["decode", "behind"]],
  ])("%s", (_, rate, burst, said) => {
    expect(decoding(rate, 20, burst)).toEqual(new Set(said));
  });

  test("may have the whole running group waiting when it joins", () => {
    const backlog = new Backlog();
    for (let queued = 0; queued < 60; queued++) expect(backlog.advise(10 + queued, queued)).toBe("decode");
  });

  test("that never gets through the group that it joined is behind", () => {
    const backlog = new Backlog();
    const said = new Set<Advice>();
    for (let at = 0; at < 150; at++) said.add(backlog.advise(at * 33, 60 + at / 3));
    expect(said).toContain("behind");
  });
});

test("a device is spared longer each time that it fails soon again, and briefly after a good while", () => {
  const sparing = new Sparing();
  expect(sparing.failed(0)).toBe(4_000);
  expect(sparing.failed(6_000)).toBe(14_000);
  expect(sparing.failed(15_000)).toBe(31_000);
  expect(sparing.failed(500_000)).toBe(504_000);
});
