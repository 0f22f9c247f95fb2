import { describe, expect, it } from "vitest";
import { Arrivals } from "./arrivals";

describe("samples", () => {
  it("arrive from the first that comes until a second after the last", () => {
    const arrivals = new Arrivals();
    expect(arrivals.arriving(0)).toBe(false);
    arrivals.came(0, 40);
    expect(arrivals.arriving(0)).toBe(true);
    expect(arrivals.arriving(999)).toBe(true);
    expect(arrivals.arriving(1000)).toBe(false);
  });

  it("count while the clocks are unknown", () => {
    const arrivals = new Arrivals();
    arrivals.came(0, null);
    expect(arrivals.arriving(10)).toBe(true);
  });

  it("that the host still held of a side that fell silent are no sign of life", () => {
    const arrivals = new Arrivals();
    for (let at = 0; at < 60; at++) arrivals.came(at, 30_000 - at * 33);
    expect(arrivals.arriving(60)).toBe(false);
  });

  it("count again as soon as a new one follows the old", () => {
    const arrivals = new Arrivals();
    arrivals.came(0, 30_000);
    arrivals.came(20, 50);
    expect(arrivals.arriving(20)).toBe(true);
  });

  it("that keep coming are live, however wrong the clocks", () => {
    const arrivals = new Arrivals();
    for (let at = 0; at <= 1600; at += 20) arrivals.came(at, 9_000_000);
    expect(arrivals.arriving(1600)).toBe(true);
  });
});
