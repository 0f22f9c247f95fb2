import { describe, expect, test } from "vitest";
import type { Arrival, TrackArrival } from "./arrival";
import { seeded } from "./traces";
import { Uplink } from "./uplink";

const WAY_MS = 15;
const MTU = 1_200;
const MOST = 2_500_000;
/** A hundred packets a second, of 160 bytes and what the line adds. */
const SOUND = 8 * 100 * (160 + 80);

interface Chunk {
  bytes: number;
  sample: { track: string; timestampUs: number; sentMs: number; bytes: number } | null;
}

interface Options {
  /** What the line carries, bits a second, at a time in ms. */
  capacity: (ms: number) => number;
  seconds: number;
  /** How many times as large as another a key picture is. */
  key?: number;
  /** Of the way, at a time. */
  jitter?: (ms: number) => number;
  /** Whether a chunk is lost once; it comes again 60 ms later. */
  loses?: () => boolean;
  reports?: (ms: number) => boolean;
  /** How far the host's clock is ahead. */
  ahead?: (ms: number) => number;
  /** By how much the host is late, and whether it says so. */
  late?: (ms: number) => number;
  saysSo?: boolean;
}

/** A side with sound and one picture behind a line with a queue of 200 ms, told ten times a second what arrives. */
function simulate({ capacity, seconds, jitter = () => 0, loses = () => false, key = 4, ...rest }: Options) {
  const uplink = new Uplink(150_000);
  const queue: Chunk[] = [];
  let queued = 0;
  let budget = 0;
  const later: { atMs: number; run: () => void }[] = [];
  const tracks = new Map<string, TrackArrival>();
  const fresh = new Set<string>();
  const delays: { ms: number; delay: number }[] = [];
  const targets: { ms: number; target: number; held: boolean; queue: number }[] = [];
  const pictures: { ms: number; bytes: number }[] = [];
  let lastPictureMs = -1_000;
  let sinceKey = 1_000;
  let arrivedMs = 0;

  /** What the pacer keeps back. */
  const paced: Chunk[] = [];
  let credit = 0;

  const put = (chunk: Chunk, now: number) => {
    if (loses() || (queued + chunk.bytes) * 8 > capacity(now) * 0.2 + 24_000) {
      later.push({ atMs: now + 60, run: () => put(chunk, now + 60) });
      return;
    }
    queue.push(chunk);
    queued += chunk.bytes;
  };
  const hand = (track: string, bytes: number, now: number) => {
    const timestampUs = Math.round(now * 1000);
    uplink.sent(now, track, timestampUs, track === "floor.1", bytes);
    for (let left = bytes; left > 0; left -= MTU) {
      const sample = left <= MTU ? { track, timestampUs, sentMs: now, bytes } : null;
      const chunk = { bytes: Math.min(left, MTU) + 80, sample };
      if (track === "floor.1") put(chunk, now);
      else paced.push(chunk);
    }
  };
  const pace = (now: number) => {
    credit = Math.min(credit, 2 * MTU) + Math.min(uplink.pace(now), 1e9) / 8_000;
    for (let head = paced[0]; head && credit >= head.bytes; head = paced[0]) {
      credit -= head.bytes;
      paced.shift();
      put(head, now);
    }
    uplink.unsent(paced.reduce((sum, { bytes }) => sum + bytes, 0));
  };
  const arrive = (sample: NonNullable<Chunk["sample"]>, now: number) => {
    const at = Math.max(arrivedMs, now + WAY_MS + jitter(now) + (rest.late?.(now) ?? 0));
    arrivedMs = at;
    later.push({ atMs: at, run: () => arrived(sample, now, at) });
  };
  const arrived = (sample: NonNullable<Chunk["sample"]>, now: number, at: number) => {
    const before = tracks.get(sample.track);
    const tookUs = Math.round((at + (rest.ahead?.(now) ?? 5_000) - sample.sentMs) * 1000);
    const receivedUs = Math.round((at + (rest.ahead?.(now) ?? 5_000)) * 1000);
    tracks.set(sample.track, {
      group: 0,
      index: 0,
      timestampUs: Math.max(before?.timestampUs ?? 0, sample.timestampUs),
      receivedUs: sample.timestampUs >= (before?.timestampUs ?? 0) ? receivedUs : (before?.receivedUs ?? 0),
      bytes: (before?.bytes ?? 0) + sample.bytes,
      samples: (before?.samples ?? 0) + 1,
      leastUs: fresh.has(sample.track) ? Math.min(before?.leastUs ?? 0, tookUs) : tookUs,
      mostUs: 0,
      missing: 0,
    });
    fresh.add(sample.track);
    if (sample.track === "floor.1") delays.push({ ms: now, delay: at - sample.sentMs - WAY_MS });
    else pictures.push({ ms: now, bytes: sample.bytes });
  };

  for (let now = 0; now < seconds * 1000; now++) {
    for (const event of later.filter((one) => one.atMs <= now)) {
      later.splice(later.indexOf(event), 1);
      event.run();
    }
    if (now % 10 === 0) hand("floor.1", 160, now);
    if (now - lastPictureMs >= 33) {
      lastPictureMs = now;
      const held = uplink.holds(now);
      const rate = Math.min(MOST, Math.max(50_000, uplink.pictures(now)));
      targets.push({ ms: now, target: rate, held, queue: uplink.queueMs });
      if (!held) {
        // A key picture is several times a usual one, and the encoder makes up for it over the next 19.
        sinceKey = sinceKey > 56 ? 0 : sinceKey + 1;
        hand(
          "hd.1",
          Math.round((rate / 8) * 0.033 * (sinceKey === 0 ? key : sinceKey < 20 ? (20 - key) / 19 : 1)),
          now,
        );
      }
    }
    pace(now);
    budget = queue.length > 0 ? budget + capacity(now) / 8_000 : 0;
    for (let head = queue[0]; head && budget >= head.bytes; head = queue[0]) {
      budget -= head.bytes;
      queued -= head.bytes;
      queue.shift();
      if (head.sample) arrive(head.sample, now);
    }
    if (now % 100 === 50 && (rest.reports?.(now) ?? true)) {
      const arrival: Arrival = {
        run: "",
        atUs: (now + (rest.ahead?.(now) ?? 5_000)) * 1000,
        wanted: [],
        lateUs: rest.saysSo ? 1000 * (rest.late?.(now) ?? 0) : 0,
        lacking: [],
        tracks: new Map([...fresh].map((name) => [name, { ...(tracks.get(name) as TrackArrival) }])),
      };
      fresh.clear();
      later.push({
        atMs: now + WAY_MS,
        run: () => {
          uplink.reported(now + WAY_MS, arrival);
          uplink.satisfied(now, MOST);
        },
      });
    }
  }
  const between = <T extends { ms: number }>(list: T[], from: number, to: number) =>
    list.filter((one) => one.ms >= 1000 * from && one.ms < 1000 * to);
  const rate = (from: number, to: number) =>
    (8 * between(pictures, from, to).reduce((sum, one) => sum + one.bytes, 0)) / (to - from);
  return { delays, targets, pictures, between, rate };
}

const mean = (list: number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;

const quantile = (list: number[], share: number) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(share * list.length))] ?? 0;

describe("a line that steps from 3 to 0.8 and back to 3 Mbit/s", () => {
  const steps = simulate({ seconds: 40, capacity: (ms) => (ms >= 10_000 && ms < 25_000 ? 0.8e6 : 3e6) });

  test("is not held back before", () => {
    expect(steps.between(steps.targets, 3, 10).some((one) => one.held)).toBe(false);
    expect(steps.rate(3, 10)).toBeGreaterThan(0.8 * MOST);
  });

  test("is followed down within three seconds: hardly any queue, most of the line used", () => {
    const delays = steps.between(steps.delays, 13, 25).map((one) => one.delay);
    expect(quantile(delays, 0.95)).toBeLessThan(130);
    expect(quantile(delays, 0.5)).toBeLessThan(40);
    expect(steps.rate(13, 25)).toBeGreaterThan(0.5 * (0.8e6 - 200_000));
    const targets = steps.between(steps.targets, 13, 25).map((one) => one.target);
    expect(Math.max(...targets)).toBeLessThan(1.1e6);
  });

  test("is followed up within three seconds", () => {
    const targets = steps.between(steps.targets, 28, 40).map((one) => one.target);
    expect(Math.min(...targets)).toBeGreaterThan(0.9 * MOST);
  });
});

test.each([4, 8])("sound hardly waits on a thin line for key pictures %i times as large as others", (key) => {
  const thin = simulate({ seconds: 40, capacity: (ms) => (ms >= 10_000 ? 0.8e6 : 3e6), key });
  const delays = thin.between(thin.delays, 14, 40).map((one) => one.delay);
  expect(quantile(delays, 0.5)).toBeLessThan(30);
  expect(quantile(delays, 0.95)).toBeLessThan(150);
  expect(thin.rate(14, 40)).toBeGreaterThan(0.5 * (0.8e6 - 200_000));
});

test("36 lines that are thin for 20 seconds are used well, and sound hardly waits on them", () => {
  const lines = [0.6e6, 0.8e6, 1.1e6, 1.5e6].flatMap((thin) =>
    [4, 6, 8].flatMap((key) =>
      [0, 370, 910].map((shift) => {
        const isThin = (ms: number) => ms >= 10_000 + shift && ms < 30_000 + shift;
        const line = simulate({ seconds: 40, capacity: (ms) => (isThin(ms) ? thin : 3e6), key });
        const delays = line.between(line.delays, 13, 30).map((one) => one.delay);
        const targets = line.between(line.targets, 33, 40).map((one) => one.target);
        return {
          waits: quantile(delays, 0.95),
          used: line.rate(13, 30) / (thin - SOUND),
          back: targets.filter((target) => target > 0.9 * MOST).length / targets.length,
        };
      }),
    ),
  );
  expect(mean(lines.map(({ waits }) => waits))).toBeLessThan(140);
  expect(mean(lines.map(({ used }) => used))).toBeGreaterThan(0.8);
  expect(mean(lines.map(({ back }) => back))).toBeGreaterThan(0.9);
});

describe("a line that carries enough", () => {
  test("is not suspected where a busy processor holds samples up for a moment", () => {
    const jitter = (ms: number) => (ms % 700 < 30 ? 120 : 0);
    const { targets } = simulate({ seconds: 60, capacity: () => 20e6, jitter });
    expect(targets.filter((one) => one.held).length).toBe(0);
    expect(Math.min(...targets.map((one) => one.target))).toBe(MOST);
  });

  test("goes on being used where a device is busy all the time", () => {
    const used = [1, 2, 3, 4, 5, 6].map((seed) => {
      const random = seeded(seed);
      const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      const [overMs, lateMs]: [number, number[]] = [250, []];
      for (let ms = 0, drift = 0; ms <= 41_000; ms++) {
        drift += -drift / overMs + normal() * Math.sqrt(2 / overMs);
        lateMs.push(Math.max(0, 15 + 45 * drift));
      }
      const jitter = (ms: number) => lateMs[Math.floor(ms)] ?? 0;
      return simulate({ seconds: 40, capacity: () => 20e6, jitter }).rate(5, 40) / MOST;
    });
    expect(mean(used)).toBeGreaterThan(0.7);
    expect(Math.min(...used)).toBeGreaterThan(0.55);
  });

  test.each([
    { saysSo: true, used: [0.95, 1] },
    { saysSo: false, used: [0, 0.8] },
  ])("goes on being used where a busy host says so: $saysSo", ({ saysSo, used }) => {
    const [least, most] = used as [number, number];
    const random = seeded(3);
    const lateMs: number[] = [];
    for (let ms = 0, late = 0; ms <= 41_000; ms++) {
      // Now and then it has its turn at once, and for a second or two it has not.
      if (ms % 500 === 0) late = random() < 0.4 ? 0 : 60 + 120 * random();
      lateMs.push(late);
    }
    const late = (ms: number) => lateMs[Math.floor(ms)] ?? 0;
    const { rate } = simulate({ seconds: 40, capacity: () => 20e6, late, saysSo });
    expect(rate(5, 40) / MOST).toBeGreaterThan(least);
    expect(rate(5, 40) / MOST).toBeLessThan(most);
  });

  test("is not suspected for its jitter", () => {
    let drift = 0;
    const random = seeded(9);
    const jitter = () => {
      drift = 0.98 * drift + 2 * (random() - 0.5) * 2;
      return Math.max(0, 8 + drift);
    };
    const { targets } = simulate({ seconds: 60, capacity: () => 20e6, jitter });
    expect(targets.filter((one) => one.held).length).toBe(0);
    expect(Math.min(...targets.map((one) => one.target))).toBe(MOST);
  });

  test("is not suspected for losing one packet in a hundred", () => {
    let seed = 7;
    const loses = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31 < 0.01;
    };
    const { targets } = simulate({ seconds: 60, capacity: () => 20e6, loses });
    expect(targets.filter((one) => one.held).length).toBeLessThan(20);
    expect(
      quantile(
        targets.map((one) => one.target),
        0.05,
      ),
    ).toBeGreaterThan(0.8 * MOST);
  });

  test("is trusted again soon after a clock was set", () => {
    const ahead = (ms: number) => (ms < 10_000 ? 5_000 : 65_000);
    const { targets, between } = simulate({ seconds: 20, capacity: () => 20e6, ahead });
    expect(between(targets, 10, 20).filter((one) => one.held).length).toBeLessThan(30);
    expect(between(targets, 14, 20).every((one) => one.target === MOST)).toBe(true);
  });
});

test("pictures go on, with short breaks, where a queue does not go although they are left out", () => {
  // Now and then a packet gets through at once, so that the rest is never taken for the way's own length.
  const busy = (ms: number) => (ms > 5_000 && ms % 2_000 > 15 ? 220 : 0);
  const { pictures, between } = simulate({ seconds: 20, capacity: () => 20e6, jitter: busy });
  const shown = between(pictures, 6, 20).map(({ ms }) => ms);
  expect(shown.length).toBeGreaterThan(14 * 8);
  const breaks = shown.map((ms, index) => ms - (shown[index - 1] ?? 6_000));
  expect(Math.max(...breaks)).toBeLessThan(800);
});

test("while no report comes pictures are left out, and go on with the reports", () => {
  const reports = (ms: number) => ms < 5_000 || ms > 7_000;
  const { targets, between } = simulate({ seconds: 14, capacity: () => 20e6, reports });
  expect(between(targets, 5.7, 7).every((one) => one.held)).toBe(true);
  expect(between(targets, 7.3, 14).some((one) => one.held)).toBe(false);
  expect(between(targets, 10.5, 14).every((one) => one.target > 0.9 * MOST)).toBe(true);
});

test("without any report pictures go on: the line may be there all the same", () => {
  const never = simulate({ seconds: 8, capacity: () => 20e6, reports: () => false });
  expect(never.targets.some((one) => one.held)).toBe(false);
  const ended = simulate({ seconds: 14, capacity: () => 20e6, reports: (ms) => ms < 4_000 });
  expect(ended.between(ended.targets, 8, 14).some((one) => one.held)).toBe(false);
});

test("a line that carries less and less is followed down to the least", () => {
  const { targets, between, delays } = simulate({
    seconds: 30,
    capacity: (ms) => Math.max(0.35e6, 3e6 - ms * 150),
  });
  expect(
    quantile(
      between(delays, 20, 30).map((one) => one.delay),
      0.9,
    ),
  ).toBeLessThan(200);
  expect(
    quantile(
      between(targets, 22, 30).map((one) => one.target),
      0.9,
    ),
  ).toBeLessThan(0.4e6);
});

test("what was sent is unreported until the host has told of the newest of every track", () => {
  const uplink = new Uplink(150_000);
  const came = { group: 0, index: 0, receivedUs: 0, bytes: 0, samples: 1, leastUs: 0, mostUs: 0, missing: 0 };
  const told = (name: string, timestampUs: number) => {
    const tracks = new Map([[name, { ...came, timestampUs }]]);
    uplink.reported(100, { run: "", atUs: 0, wanted: [], lateUs: 0, lacking: [], tracks });
  };
  expect(uplink.unreported).toBe(false);
  uplink.sent(0, "floor.1", 0, true, 160);
  uplink.sent(0, "hd.1", 0, false, 9_000);
  uplink.sent(33, "hd.1", 33_000, false, 3_000);
  told("floor.1", 0);
  told("hd.1", 0);
  expect(uplink.unreported).toBe(true);
  told("hd.1", 33_000);
  expect(uplink.unreported).toBe(false);
  uplink.sent(66, "hd.1", 66_000, false, 3_000);
  uplink.reset();
  expect(uplink.unreported).toBe(false);
});
