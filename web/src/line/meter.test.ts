import { expect, test } from "vitest";
import { Meter } from "./meter";

test("the median is that of the window, and nothing where the window is empty", () => {
  const meter = new Meter(2000);
  expect(meter.median(0)).toBeNull();
  for (const [at, value] of [
    [0, 900],
    [1500, 10],
    [1600, 30],
    [1700, 20],
  ] as const)
    meter.add(value, at);
  expect(meter.median(1700)).toBe(30);
  expect(meter.median(2100)).toBe(20);
  expect(meter.count(2100)).toBe(3);
  expect(meter.median(4000)).toBeNull();
});
