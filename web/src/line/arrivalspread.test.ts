import { describe, expect, test } from "vitest";
import { ArrivalSpread } from "./arrivalspread";
import { seeded } from "./traces";

const PACKET = 10;

/** Feeds packets of 10 ms from `fromMs` on; `lateness` says how late each is. */
function feed(
  spread: ArrivalSpread,
  seconds: number,
  lateness: (n: number) => number,
  { fromMs = 0, pathMs = 50 } = {},
): void {
  const packets = Array.from({ length: (seconds * 1000) / PACKET }, (_, n) => {
    const mediaMs = fromMs + n * PACKET;
    return { mediaMs, atMs: mediaMs + pathMs + lateness(n) };
  });
  for (const { atMs, mediaMs } of packets.sort((a, b) => a.atMs - b.atMs)) {
    spread.arrived(atMs, mediaMs, PACKET);
  }
}

describe("how long sound has to wait", () => {
  test("a steady line asks for next to nothing, once it is known", () => {
    const spread = new ArrivalSpread();
    expect(spread.targetMs).toBe(30);
    feed(spread, 5, () => 0);
    expect(spread.targetMs).toBe(3);
  });

  test("what came late while everything was still being made is forgotten", () => {
    const spread = new ArrivalSpread();
    feed(spread, 5, (n) => (n < 90 ? 90 - n : 0));
    expect(spread.targetMs).toBeLessThan(20);
  });

  test("a line that jitters asks for its spread", () => {
    const random = seeded(1);
    const spread = new ArrivalSpread();
    feed(spread, 20, () => 25 * random());
    expect(spread.targetMs).toBeGreaterThan(22);
    expect(spread.targetMs).toBeLessThanOrEqual(26);
  });

  test("one that begins to jitter is followed within a second, and forgotten gently", () => {
    const random = seeded(2);
    const spread = new ArrivalSpread();
    feed(spread, 10, () => 0);
    feed(spread, 1, () => 40 * random(), { fromMs: 10_000 });
    expect(spread.targetMs).toBeGreaterThan(30);
    const before = spread.targetMs;
    feed(spread, 1, () => 0, { fromMs: 11_000 });
    expect(spread.targetMs).toBeGreaterThanOrEqual(before / 2);
    feed(spread, 60, () => 0, { fromMs: 12_000 });
    expect(spread.targetMs).toBe(3);
  });

  test("copies of lost packets, one packet later, are worth their wait", () => {
    const random = seeded(3);
    const spread = new ArrivalSpread();
    feed(spread, 30, () => (random() < 0.01 ? 12 : 2 * random()));
    expect(spread.targetMs).toBeGreaterThan(11);
    expect(spread.targetMs).toBeLessThan(14);
  });

  test("rare packets that were sent again a round trip later are not", () => {
    const random = seeded(3);
    const spread = new ArrivalSpread();
    feed(spread, 30, () => (random() < 0.005 ? 70 : 2 * random()));
    expect(spread.targetMs).toBeLessThan(30);
  });

  test("one stall is no reason to wait from now on; one every second is", () => {
    const stall = (every: number) => (n: number) => {
      const into = (n * PACKET) % every;
      return into < 80 ? 80 - into : 0;
    };
    const once = new ArrivalSpread();
    feed(once, 10, () => 0);
    feed(once, 1, stall(1_000), { fromMs: 10_000 });
    expect(once.targetMs).toBeLessThan(20);
    const often = new ArrivalSpread();
    feed(often, 20, stall(1_000));
    expect(often.targetMs).toBeGreaterThan(60);
  });

  test("two clocks that drift apart do not add up", () => {
    const spread = new ArrivalSpread();
    for (let n = 0; n < 60_000; n++) spread.arrived(n * PACKET * 1.0001, n * PACKET, PACKET);
    expect(spread.targetMs).toBeLessThan(5);
    const other = new ArrivalSpread();
    for (let n = 0; n < 60_000; n++) other.arrived(n * PACKET * 0.9999, n * PACKET, PACKET);
    expect(other.targetMs).toBeLessThan(5);
  });

  test("a longer path is one: nothing is added to it for long", () => {
    const spread = new ArrivalSpread();
    feed(spread, 10, () => 0);
    feed(spread, 7, () => 0, { fromMs: 10_000, pathMs: 90 });
    expect(spread.leastOffsetMs).toBe(90);
    feed(spread, 30, () => 0, { fromMs: 17_000, pathMs: 90 });
    expect(spread.targetMs).toBeLessThan(5);
  });

  test("it never asks for more than 200 ms", () => {
    const random = seeded(4);
    const spread = new ArrivalSpread();
    feed(spread, 20, () => 230 * random());
    expect(spread.targetMs).toBeLessThanOrEqual(200);
    expect(spread.targetMs).toBeGreaterThan(190);
  });
});
