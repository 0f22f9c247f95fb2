import { describe, expect, test } from "vitest";
import { Downlink } from "./downlink";

const BITS = [2_500_000, 600_000, 200_000] as const;
const SOUND = 130_000;

interface Options {
  capacity: (ms: number) => number;
  seconds: number;
  seats?: number;
  /** How late the first seat's samples are before they reach the line. */
  ownMs?: (ms: number) => number;
  /** Sound is sent first, then the smaller picture, and what the line does not carry waits before it. */
  smallFirst?: boolean;
  /** Whether the page stands still. */
  frozen?: (ms: number) => boolean;
}

/** A viewer of sides whose pictures come through one line with a queue of 200 ms; they are cut off where it falls. */
function simulate({
  capacity,
  seconds,
  seats = 1,
  ownMs = () => 0,
  smallFirst = false,
  frozen = () => false,
}: Options) {
  const downlink = new Downlink();
  const levels: { ms: number; level: number }[] = [];
  const sound: { ms: number; delay: number }[] = [];
  const shown: { ms: number; delay: number }[] = [];
  let queue: {
    seat: number;
    kind: "sound" | "key" | "delta";
    bytes: number;
    sentMs: number;
    level: number;
  }[] = [];
  let waiting: (() => void)[] = [];
  let budget = 0;
  let fetched = [0];
  const joined: number[] = [];
  const apply = () => {
    const wanted = [...new Set([downlink.level, downlink.fetched])];
    queue = queue.filter((one) => one.kind === "sound" || wanted.includes(one.level));
    fetched = wanted;
  };
  for (let now = 0; now < seconds * 1000; now++) {
    for (let seat = 0; seat < seats; seat++) {
      if (now % 10 === 0) queue.push({ seat, kind: "sound", bytes: 180, sentMs: now, level: 9 });
      if ((now + 7 * seat) % 33 !== 0) continue;
      const frame = Math.floor(now / 33) % 57;
      const factor = frame === 0 ? 4 : frame < 20 ? 0.84 : 1;
      for (const level of fetched) {
        const bytes = ((BITS[level] ?? 0) / 8) * 0.033 * factor + 60;
        queue.push({ seat, kind: frame === 0 ? "key" : "delta", bytes, sentMs: now, level });
      }
    }
    const most = capacity(now) / 40;
    let queued = queue.reduce((sum, one) => sum + one.bytes, 0);
    // The host drops what cannot be sent: the oldest pictures, or the largest.
    const droppable = queue.filter((one) => one.kind !== "sound");
    if (smallFirst) droppable.sort((a, b) => a.level - b.level);
    for (let one = droppable.shift(); one && queued > Math.max(most, 60_000); one = droppable.shift()) {
      queue.splice(queue.indexOf(one), 1);
      queued -= one.bytes;
    }
    if (smallFirst) queue.sort((a, b) => b.level - a.level);
    budget = queue.length > 0 ? budget + capacity(now) / 8_000 : 0;
    for (let head = queue[0]; head && budget >= head.bytes; head = queue[0]) {
      budget -= head.bytes;
      queue.shift();
      const { seat, kind, bytes, sentMs, level } = head;
      const own = seat === 0 ? ownMs(now) : 0;
      if (kind === "sound" && seat === 0) sound.push({ ms: now, delay: now - sentMs });
      waiting.push(() => {
        const tried = kind !== "sound" && level < downlink.level;
        downlink.came(now, `seat-${seat}`, kind, now + own - sentMs - 99_000, Math.round(bytes), tried);
        const costs = (to: number) => seats * ((BITS[to] ?? 0) + SOUND);
        if (kind !== "sound" && !tried) shown.push({ ms: now, delay: now - sentMs });
        if (kind !== "key" || tried || !downlink.began(now, costs)) return;
        joined.push(now);
        apply();
      });
    }
    if (frozen(now)) continue;
    for (const run of waiting) run();
    waiting = [];
    if (now % 100 === 0 && downlink.tick(now, downlink.level, 2)) apply();
    levels.push({ ms: now, level: downlink.level });
  }
  const at = (from: number, to: number) =>
    new Set(levels.filter((one) => one.ms >= 1000 * from && one.ms < 1000 * to).map((one) => one.level));
  const share = (level: number, from: number, to: number) => {
    const there = levels.filter((one) => one.ms >= 1000 * from && one.ms < 1000 * to);
    return there.filter((one) => one.level === level).length / there.length;
  };
  /** How many of these were later than that. */
  const later = (of: typeof sound, ms: number, from: number, to: number) => {
    const among = of.filter((one) => one.ms >= 1000 * from && one.ms < 1000 * to);
    return among.filter((one) => one.delay > ms).length / among.length;
  };
  /** When a smaller one was first taken. */
  const fellMs = levels.find(({ level }) => level > 0)?.ms ?? Number.NaN;
  return { at, share, sound, shown, later, joined, fellMs };
}

describe.each([
  ["in whose queue all wait alike", false],
  ["before which pictures wait for sound, and larger ones for smaller", true],
])("a line that steps from 3 to 0.8 and back to 3 Mbit/s, %s,", (_, smallFirst) => {
  const capacity = (ms: number) => (ms >= 10_000 && ms < 30_000 ? 0.8e6 : 3.2e6);
  const { at, share, sound, shown, later, joined, fellMs } = simulate({ capacity, seconds: 50, smallFirst });

  test("carries the largest before", () => expect(at(0, 10)).toEqual(new Set([0])));
  test("carries a smaller one within a second", () => expect(at(11, 14).has(0)).toBe(false));
  test("is not tried within three seconds of its fall", () => {
    expect(fellMs).toBeLessThan(11_000);
    expect(joined.filter((ms) => ms > fellMs && ms < fellMs + 3_000)).toEqual([]);
  });
  test("is tried for what it does not carry ever less often", () => {
    const inVain = joined.filter((ms) => ms > 12_000 && ms < 30_000);
    expect(inVain.length).toBeLessThan(6);
    expect(share(0, 12, 30)).toBe(0);
  });
  test("is tried without anybody seeing it", () => {
    expect(later(shown, smallFirst ? 150 : 400, 12, 30)).toBeLessThan(0.02);
  });
  test("carries the largest again within three seconds", () =>
    expect(share(0, 33, 50)).toBeGreaterThan(0.95));
  test("lets sound through", () => {
    expect(later(sound, 250, 12, 50)).toBeLessThan(0.01);
  });
});

test("a fast line carries everything, always", () => {
  expect(simulate({ capacity: () => 50e6, seconds: 60, seats: 2 }).at(0, 60)).toEqual(new Set([0]));
});

test("a thin line carries the least", () => {
  expect(simulate({ capacity: () => 0.42e6, seconds: 40 }).share(2, 5, 40)).toBeGreaterThan(0.8);
});

test("one side that is late by itself is not the line's fault where another is not", () => {
  const ownMs = (ms: number) => (ms > 5_000 ? 600 : 0);
  expect(simulate({ capacity: () => 50e6, seconds: 20, seats: 2, ownMs }).at(0, 20)).toEqual(new Set([0]));
  expect(simulate({ capacity: () => 50e6, seconds: 20, seats: 1, ownMs }).share(0, 6, 20)).toBeLessThan(0.5);
});

test("a page that stood still takes what it took before", () => {
  const frozen = (ms: number) => ms > 8_000 && ms < 13_000;
  expect(simulate({ capacity: () => 50e6, seconds: 20, frozen }).at(0, 20)).toEqual(new Set([0]));
});
