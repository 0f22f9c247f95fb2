import { describe, expect, test } from "vitest";
import { SampleCount } from "./soundcount";
import { seeded } from "./traces";

const BLOCK = 480;

describe("the count of a microphone's samples", () => {
  test("goes on without a hole while stamps jitter and the device's clock drifts", () => {
    const random = seeded(8);
    const count = new SampleCount(48_000);
    for (let n = 0; n < 20_000; n++) {
      const stamp = n * 10_000 * 1.0002 + 8_000 * (random() - 0.5);
      expect(count.place(stamp, BLOCK)).toBe(n * BLOCK);
    }
  });

  test("leaves out what is missing", () => {
    const count = new SampleCount(48_000);
    count.place(5_000_000, BLOCK);
    count.place(5_010_000, BLOCK);
    expect(count.place(5_070_000, BLOCK)).toBe(7 * BLOCK);
    expect(count.place(5_080_000, BLOCK)).toBe(8 * BLOCK);
  });

  test("never goes back", () => {
    const count = new SampleCount(48_000);
    count.place(5_000_000, BLOCK);
    expect(count.place(4_000_000, BLOCK)).toBe(BLOCK);
    expect(count.place(4_010_000, BLOCK)).toBe(2 * BLOCK);
  });
});
