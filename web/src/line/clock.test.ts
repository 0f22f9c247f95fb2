import { describe, expect, test } from "vitest";
import { ClockEstimator } from "./clock";

describe("the host's clock as a page knows it", () => {
  test("the probe with the shortest way counts, and is wrong by at most half of its way", () => {
    const clock = new ClockEstimator();
    clock.probe(0, 10_030_000, 10_030_100, 60_100);
    clock.probe(100_000, 10_102_000, 10_102_100, 104_100);
    expect(clock.estimate(104_100)).toEqual({ offsetUs: 10_000_000, uncertaintyUs: 2_000 });
  });

  test("whatever each way takes, the truth lies within the uncertainty", () => {
    for (const [there, back] of [
      [1, 9_000],
      [9_000, 1],
      [400, 400],
      [0, 0],
    ] as const) {
      const clock = new ClockEstimator();
      clock.probe(0, 777_000 + there, 777_050 + there, 50 + there + back);
      const estimate = clock.estimate(50 + there + back);
      expect(Math.abs((estimate?.offsetUs ?? 0) - 777_000)).toBeLessThanOrEqual(
        (estimate?.uncertaintyUs ?? 0) + 1,
      );
    }
  });

  test("a probe that ended before it began is passed over", () => {
    const clock = new ClockEstimator();
    clock.probe(1000, 500, 400, 2000);
    clock.probe(1000, 500, 2500, 2000);
    expect(clock.estimate(2000)).toBeNull();
  });

  test("an old estimate is worth less", () => {
    const clock = new ClockEstimator();
    clock.probe(0, 1000, 1000, 2000);
    expect(clock.estimate(60_002_000)?.uncertaintyUs).toBe(1000 + 3000);
  });

  test("a stepped clock makes the older probes void", () => {
    const clock = new ClockEstimator();
    clock.probe(0, 100, 100, 200);
    clock.probe(5_000_000, 65_050_000, 65_050_000, 5_100_000);
    expect(clock.estimate(5_100_000)?.offsetUs).toBe(60_000_000);
  });
});
