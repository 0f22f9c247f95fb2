import { describe, expect, test } from "vitest";
import { CaptureClock } from "./captureclock";

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("a device's timestamps on the page's clock", () => {
  test("the offset is that of what waited least, not of what came first", () => {
    const clock = new CaptureClock();
    for (let n = 0; n <= 24; n++) {
      const taken = 1_000_000 + n * 33_333;
      clock.arrived(n * 33_333, Math.max(1_400_000, taken + (n % 3) * 4_000));
    }
    expect(clock.settled).toBe(true);
    expect(clock.map(24 * 33_333)).toBe(1_000_000 + 24 * 33_333);
  });

  test("nothing is settled before 300 ms of arrivals", () => {
    const clock = new CaptureClock();
    expect(() => clock.map(0)).toThrow("nothing arrived");
    clock.arrived(0, 10_000);
    clock.arrived(200_000, 210_000);
    expect(clock.settled).toBe(false);
    clock.arrived(300_000, 310_000);
    expect(clock.settled).toBe(true);
  });

  test("waiting does not move the timestamps", () => {
    const clock = new CaptureClock();
    const next = random(7);
    for (let n = 0; n < 3000; n++) {
      clock.arrived(n * 10_000, 500_000 + n * 10_000 + (n % 20 === 0 ? 0 : Math.round(next() * 40_000)));
      if (clock.settled)
        expect(Math.abs(clock.map(n * 10_000) - (500_000 + n * 10_000))).toBeLessThanOrEqual(1);
    }
  });

  test("a device that runs 200 ppm fast is followed, by at most half a percent", () => {
    const clock = new CaptureClock();
    let before: number | null = null;
    for (let n = 0; n < 60_000; n += 10) {
      const deviceUs = n * 1000 * 1.0002;
      clock.arrived(deviceUs, n * 1000);
      if (!clock.settled) continue;
      const mapped = clock.map(deviceUs);
      expect(Math.abs(mapped - n * 1000)).toBeLessThan(1500);
      if (before !== null) expect(Math.abs(mapped - before - 10_000)).toBeLessThanOrEqual(60);
      before = mapped;
    }
  });

  test("a device's clock that jumps ahead is followed at once", () => {
    const clock = new CaptureClock();
    for (let n = 0; n < 50; n++) clock.arrived(n * 10_000, n * 10_000);
    clock.arrived(500_000 + 60_000_000, 500_000);
    expect(clock.map(500_000 + 60_000_000)).toBe(500_000);
  });

  test("a sound card's clock that stood still is followed after four seconds", () => {
    const clock = new CaptureClock(40_000);
    let deviceUs = 0;
    for (let arrivedUs = 0; arrivedUs < 10_000_000; arrivedUs += 5_000) {
      if (arrivedUs < 2_000_000 || arrivedUs >= 2_300_000) deviceUs += 5_000;
      clock.arrived(deviceUs, arrivedUs);
      const late = arrivedUs - clock.map(deviceUs);
      if (arrivedUs > 6_400_000) expect(Math.abs(late)).toBeLessThan(40_000);
    }
  });

  test("timestamps rise strictly whatever arrives", () => {
    const clock = new CaptureClock();
    const next = random(3);
    let before = Number.NEGATIVE_INFINITY;
    for (let n = 0; n < 2000; n++) {
      const deviceUs = n * 5000 - Math.round(next() * 20_000);
      clock.arrived(deviceUs, n * 5000 + Math.round(next() * 3000));
      const mapped = clock.map(deviceUs);
      expect(mapped).toBeGreaterThan(before);
      before = mapped;
    }
  });
});
