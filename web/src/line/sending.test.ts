import { describe, expect, test } from "vitest";
import { renditionsOf } from "./codecs";
import { Sending } from "./sending";

const SHAPES = renditionsOf(640, 360, 30);

/** A side on a line that carries everything; what it sends arrives `lateMs` late. One viewer takes the largest listed. */
function simulate(seconds: number, lateMs: (ms: number) => number) {
  const sending = new Sending();
  const seen: { ms: number; sent: string[]; unlisted: string[] }[] = [];
  const newest = new Map<string, { timestampUs: number; receivedUs: number; leastUs: number }>();
  const counts = new Map<string, number>();
  const waiting: { atMs: number; run: () => void }[] = [];
  let share = sending.share(0, SHAPES);
  const send = (track: string, ms: number, bytes: number) => {
    sending.sent(ms, track, ms * 1000, track === "floor.1", bytes, 0);
    const arrivesMs = ms + 10 + lateMs(ms);
    waiting.push({
      atMs: arrivesMs,
      run: () => {
        const leastUs = Math.min(
          newest.get(track)?.leastUs ?? Number.POSITIVE_INFINITY,
          (arrivesMs - ms) * 1000,
        );
        newest.set(track, { timestampUs: ms * 1000, receivedUs: arrivesMs * 1000, leastUs });
        counts.set(track, (counts.get(track) ?? 0) + bytes);
      },
    });
  };
  for (let ms = 0; ms < seconds * 1000; ms++) {
    for (const one of waiting.filter((each) => each.atMs <= ms)) {
      waiting.splice(waiting.indexOf(one), 1);
      one.run();
    }
    if (ms % 10 === 0) send("floor.1", ms, 120);
    if (ms % 33 === 0 && !sending.holds(ms, 0)) {
      for (const [rendition, bitrate] of share.bitrates) send(`${rendition}.1`, ms, (bitrate / 8) * 0.033);
    }
    if (ms % 100 === 50) {
      const listed = SHAPES.find((shape) => !share.unlisted.has(shape.rendition));
      const tracks = new Map(
        [...newest].map(([name, one]) => [
          name,
          { group: 0, index: 0, bytes: counts.get(name) ?? 0, samples: 0, mostUs: 0, missing: 0, ...one },
        ]),
      );
      newest.clear();
      sending.arrived(ms, {
        run: "",
        atUs: ms * 1000,
        wanted: [`${listed?.rendition}.1`, "floor.1"],
        lateUs: 0,
        lacking: [],
        tracks,
      });
      share = sending.share(ms, SHAPES);
      seen.push({ ms, sent: [...share.bitrates.keys()], unlisted: [...share.unlisted] });
    }
  }
  return seen;
}

describe("a side", () => {
  test("sends the whole picture, and nothing that nobody watches", () => {
    const seen = simulate(20, () => 0);
    expect(new Set(seen.map((one) => one.sent.join()))).toEqual(new Set(["hd"]));
    expect(seen.every((one) => one.unlisted.length === 0)).toBe(true);
  });

  test("whose machine stood nearly still for a second sends the whole picture again within three", () => {
    const seen = simulate(20, (ms) => (ms > 5_000 && ms < 6_000 ? Math.min(600, ms - 5_000) : 0));
    expect(seen.filter((one) => one.ms > 9_000).every((one) => one.unlisted.length === 0)).toBe(true);
    expect(seen.filter((one) => one.ms > 9_000).every((one) => one.sent.includes("hd"))).toBe(true);
  });

  test("whose viewers had to turn to the smallest picture comes back to the whole one", () => {
    const seen = simulate(30, (ms) => (ms > 5_000 && ms < 8_000 ? ((ms - 5_000) % 1_000) + 200 : 0));
    expect(seen.some((one) => one.unlisted.includes("hd"))).toBe(true);
    expect(seen.filter((one) => one.ms > 12_000).every((one) => one.unlisted.length === 0)).toBe(true);
  });
});
