import { describe, expect, test } from "vitest";
import { Playout } from "./playout";

const RATE = 48_000;
const PACKET = 960;
const QUANTUM = 128;

const tone = (from: number, length: number) =>
  Float32Array.from({ length }, (_, at) => 0.5 * Math.sin((2 * Math.PI * 220 * (from + at)) / RATE));

/**
 * Feeds packets whose arrivals are given in samples of playing time, and plays for `seconds`.
 * Returns what was played and the playout.
 */
function play(arrivals: number[], seconds: number, run = "r") {
  const playout = new Playout(1);
  const played = new Float32Array(Math.ceil((seconds * RATE) / QUANTUM) * QUANTUM);
  let packet = 0;
  let most = 0;
  for (let at = 0; at < played.length; at += QUANTUM) {
    while (packet < arrivals.length && (arrivals[packet] ?? 0) <= at) {
      const from = packet * PACKET;
      playout.push({ timestampUs: (from * 1e6) / RATE, run, channels: [tone(from, PACKET)] });
      packet += 1;
    }
    most = Math.max(most, playout.bufferedMs);
    playout.pull([played.subarray(at, at + QUANTUM)]);
  }
  return { playout, played, most };
}

const steady = (packets: number) => Array.from({ length: packets }, (_, n) => n * PACKET);

/** The steepest step from one sample to the next; a 220 Hz tone of 0.5 has 0.0144. */
function steepest(sound: Float32Array): number {
  let most = 0;
  for (let at = 1; at < sound.length; at++)
    most = Math.max(most, Math.abs((sound[at] ?? 0) - (sound[at - 1] ?? 0)));
  return most;
}

describe("the buffer before a loudspeaker", () => {
  test("on a steady line it plays everything, 40 ms late, without a click", () => {
    const { playout, played } = play(steady(250), 4.9);
    expect(playout.underruns).toBe(0);
    expect(playout.bufferedMs).toBeLessThanOrEqual(45);
    expect(steepest(played)).toBeLessThan(0.03);
  });

  test("it tells which sample plays", () => {
    const playout = new Playout(1);
    expect(playout.timestampUs).toBeNull();
    for (let n = 0; n < 3; n++) {
      playout.push({ timestampUs: 1_000_000 + n * 20_000, run: "r", channels: [tone(n * PACKET, PACKET)] });
    }
    playout.pull([new Float32Array(QUANTUM)]);
    expect(playout.timestampUs).toBeCloseTo(1_000_000 + (QUANTUM / RATE) * 1e6, 3);
  });

  test("it grows when it runs dry, at most to 200 ms", () => {
    const jitter = steady(600).map((at, n) => at + (n % 10 < 5 ? 0 : (10 - (n % 10)) * PACKET * 1.5));
    const { playout } = play(
      jitter.sort((a, b) => a - b),
      11,
    );
    expect(playout.underruns).toBeGreaterThan(0);
    expect(playout.targetMs).toBeGreaterThan(40);
    expect(playout.targetMs).toBeLessThanOrEqual(200);
  });

  test("a closed microphone is no jitter", () => {
    const { playout } = play([...steady(50), ...steady(50).map((at) => at + 50 * PACKET + 2 * RATE)], 3.9);
    expect(playout.underruns).toBe(1);
    expect(playout.targetMs).toBeLessThanOrEqual(40);
  });

  test("a burst after a stall does not leave it late", () => {
    const stalled = steady(400).map((at, n) => (n >= 50 && n < 80 ? 80 * PACKET : at));
    const { playout, most } = play(stalled, 7.9);
    expect(most).toBeLessThanOrEqual(playout.targetMs + 120 + 200);
    expect(playout.bufferedMs).toBeLessThanOrEqual(playout.targetMs + 30);
  });

  test("what it holds too much is taken out without a click", () => {
    const early = steady(400).map((at, n) => (n > 50 ? at - 3 * PACKET : at));
    const { playout, played } = play(early, 7.8);
    expect(playout.underruns).toBe(0);
    expect(playout.bufferedMs).toBeLessThanOrEqual(60);
    expect(steepest(played)).toBeLessThan(0.05);
  });

  test("a lost packet becomes silence of its length", () => {
    const playout = new Playout(1);
    for (const n of [0, 1, 2, 4]) {
      playout.push({ timestampUs: n * 20_000, run: "r", channels: [tone(n * PACKET, PACKET)] });
      if (n === 2) playout.pull([new Float32Array(QUANTUM)]);
    }
    expect(playout.bufferedMs).toBeCloseTo(100 - (1000 * QUANTUM) / RATE, 3);
  });

  test("another run starts afresh", () => {
    const { playout } = play(steady(100), 1);
    playout.push({ timestampUs: 0, run: "other", channels: [tone(0, PACKET)] });
    expect(playout.bufferedMs).toBe(20);
    expect(playout.timestampUs).toBeNull();
  });

  test("silence is all it gives before anything came", () => {
    const out = new Float32Array(QUANTUM);
    new Playout(1).pull([out]);
    expect(out.every((sample) => sample === 0)).toBe(true);
  });
});
