import { describe, expect, test } from "vitest";
import { Playout } from "./playout";
import { Sequencer, type Turn } from "./sequencer";
import { seeded, steepest, tone, voice } from "./traces";

const RATE = 48_000;
const MS = 48;
const QUANTUM = 128;
const PACKET_MS = 10;
const PACKET = PACKET_MS * MS;

const PLAIN = { hidden: false, lost: 0, heldMs: 0, awaited: false };

/** When packet n arrives, ms after its first sample was taken; null for never. */
type Line = (n: number) => number | null;

interface Played {
  playout: Playout;
  sound: Float32Array;
  /** How far behind the capture it played, ms, at each tenth of a second; NaN while nothing did. */
  lag: number[];
}

/**
 * A voice over a line into a loudspeaker, with the sequencer before it as in the page, and a decoder that makes up
 * silence for what is lost (the worst there is).
 */
function play(line: Line, seconds: number, sing = voice, pulls = QUANTUM): Played {
  const playout = new Playout(1);
  const sequencer = new Sequencer<number>();
  const sound = new Float32Array(Math.ceil((seconds * RATE) / pulls) * pulls);
  const arrivals = Array.from({ length: Math.ceil((seconds * 1000) / PACKET_MS) }, (_, n) => {
    const after = line(n);
    return { n, atMs: after === null ? Number.POSITIVE_INFINITY : n * PACKET_MS + after };
  }).sort((a, b) => a.atMs - b.atMs);
  const hand = (turns: Turn<number>[]) => {
    for (const { item, lost, heldMs, awaited } of turns) {
      for (let gone = item - lost; gone < item; gone++) {
        playout.push({
          ...{
            timestampUs: gone * PACKET_MS * 1000,
            run: "r",
            hidden: true,
            lost: 1,
            heldMs: 0,
            awaited: false,
          },
          channels: [sing(gone * PACKET, PACKET)],
        });
      }
      playout.push({
        ...{ timestampUs: item * PACKET_MS * 1000, run: "r", hidden: false, lost: 0, heldMs, awaited },
        channels: [sing(item * PACKET, PACKET)],
      });
    }
  };
  const lag: number[] = [];
  let next = 0;
  for (let at = 0; at < sound.length; at += pulls) {
    const nowMs = at / MS;
    for (let arrival = arrivals[next]; arrival && arrival.atMs <= nowMs; arrival = arrivals[++next]) {
      const turns = sequencer.push(arrival.n, arrival.n, nowMs);
      if (turns === "late") playout.tooLate(arrival.n * PACKET_MS * 1000);
      else hand(turns);
    }
    if (playout.low) hand(sequencer.flush(nowMs));
    if (at % (RATE / 10) < pulls) lag.push(nowMs - (playout.timestampUs ?? Number.NaN) / 1000);
    playout.pull([sound.subarray(at, at + pulls)]);
  }
  return { playout, sound, lag };
}

const lost = ({ playout }: Played) => playout.counts.hiddenMs + playout.counts.silentMs;

/** The voice's own steepest step is 0.04. */
const SMOOTH = 0.06;

describe("a playout", () => {
  test("on a steady line it comes down to one packet, and hides nothing", () => {
    const played = play(() => 12, 8);
    expect(played.lag.at(-1)).toBeLessThan(12 + 8);
    expect(played.playout.targetMs).toBeLessThanOrEqual(PACKET_MS + 5);
    expect(lost(played)).toBe(0);
    expect(played.playout.counts.droppedMs).toBe(0);
    expect(steepest(played.sound)).toBeLessThan(SMOOTH);
  });

  test("a loudspeaker that takes sound in large portions is a reason to wait", () => {
    const played = play(() => 12, 10, voice, 512);
    expect(lost(played)).toBeLessThan(20);
    expect(played.lag.at(-1)).toBeGreaterThan(12 + 8);
    expect(played.lag.at(-1)).toBeLessThan(12 + 20);
  });

  test("jitter is waited for, as much as it needs", () => {
    const random = seeded(5);
    const played = play(() => 12 + 30 * random(), 20);
    expect(lost(played)).toBeLessThan(0.005 * 20_000);
    expect(played.lag.at(-1)).toBeGreaterThan(12 + 25);
    expect(played.lag.at(-1)).toBeLessThan(12 + 45);
    expect(steepest(played.sound)).toBeLessThan(SMOOTH);
  });

  test("it grows when a line begins to jitter and shrinks when it is calm, without a step", () => {
    const random = seeded(6);
    const played = play((n) => 12 + (n > 500 && n < 1500 ? 40 * random() : 0), 40);
    expect(played.lag[145] ?? 0).toBeGreaterThan(40);
    expect(played.lag.at(-1)).toBeLessThan(12 + 10);
    expect(lost(played)).toBeLessThan(250);
    expect(played.playout.counts.stretchedMs).toBeGreaterThan(40);
    expect(steepest(played.sound)).toBeLessThan(SMOOTH);
  });

  test("a lost packet is hidden, for its length, and nothing is later for it", () => {
    const played = play((n) => (n % 100 === 50 ? null : 12), 10);
    const { counts } = played.playout;
    expect(counts.lost).toBe(10);
    expect(counts.hiddenMs).toBeGreaterThan(10 * PACKET_MS - 10);
    expect(counts.hiddenMs).toBeLessThan(10 * PACKET_MS + 30);
    expect(counts.silentMs).toBe(0);
    expect(played.lag.at(-1)).toBeLessThan(12 + 12);
    expect(steepest(played.sound)).toBeLessThan(SMOOTH);
  });

  test("copies that come a packet later save what is lost", () => {
    const random = seeded(7);
    const played = play(() => 12 + 3 * random() + (random() < 0.02 ? 11 : 0), 30);
    expect(lost(played)).toBeLessThan(0.002 * 30_000);
    expect(played.lag.at(-1)).toBeLessThan(12 + 24);
  });

  test("after a stall it is back at the live edge within a second, and the silence is counted", () => {
    const stalled: Line = (n) => (n >= 500 && n < 550 ? 5_512 - n * PACKET_MS : 12);
    const played = play(stalled, 12);
    const { counts } = played.playout;
    expect(counts.hiddenMs + counts.silentMs).toBeGreaterThan(450);
    expect(counts.hiddenMs + counts.silentMs).toBeLessThan(520);
    expect(counts.hiddenMs).toBeLessThanOrEqual(70);
    expect(played.lag[65] ?? 0).toBeLessThan(12 + 130);
    expect(played.lag.at(-1)).toBeLessThan(12 + 40);
    expect(steepest(played.sound)).toBeLessThan(SMOOTH);
  });

  test("a network that swallows half a second is silence of that length", () => {
    const played = play((n) => (n >= 500 && n < 550 ? null : 12), 8);
    const { counts } = played.playout;
    expect(counts.lost).toBe(50);
    expect(counts.hiddenMs + counts.silentMs).toBeGreaterThan(470);
    expect(counts.hiddenMs + counts.silentMs).toBeLessThan(530);
    expect(played.lag.at(-1)).toBeLessThan(12 + 15);
  });

  test("a closed microphone is no loss", () => {
    const playout = new Playout(1);
    const out = [new Float32Array(QUANTUM)];
    for (let at = 0; at < 10 * RATE; at += QUANTUM) {
      const n = Math.floor(at / PACKET);
      const open = n < 300 || n >= 600;
      if (open && at - n * PACKET < QUANTUM) {
        const sound = { timestampUs: n * PACKET_MS * 1000, run: "r", ...PLAIN };
        playout.push({ ...sound, channels: [voice(n * PACKET, PACKET)] });
      }
      playout.pull(out);
      if (n === 450) expect(out[0]?.every((sample) => sample === 0)).toBe(true);
    }
    expect(playout.counts.hiddenMs + playout.counts.silentMs).toBe(0);
    expect(playout.timestampUs).toBeGreaterThan(9.9e6);
  });

  test("a hole in the timestamps is silence of the same length", () => {
    const playout = new Playout(1);
    const push = (timestampUs: number) =>
      playout.push({
        ...{ timestampUs, run: "r", ...PLAIN },
        channels: [tone(0, PACKET)],
      });
    push(0);
    const before = playout.bufferedMs;
    push(10_000);
    push(70_000);
    expect(playout.bufferedMs).toBeCloseTo(before + 70, 0);
  });

  test("played faster or slower, a tone keeps its pitch", () => {
    const { playout, sound } = play((n) => (n < 300 ? 12 : n < 600 ? 52 : 12), 12, tone);
    expect(playout.counts.stretchedMs).toBeGreaterThan(30);
    const from = 2 * RATE;
    let crossings = 0;
    for (let at = from + 1; at < sound.length; at++)
      if ((sound[at - 1] ?? 0) < 0 && (sound[at] ?? 0) >= 0) crossings += 1;
    expect(crossings / ((sound.length - from) / RATE)).toBeCloseTo(220, -0.5);
    expect(steepest(sound)).toBeLessThan(0.03);
  });

  test("it tells which sample plays", () => {
    const playout = new Playout(1);
    expect(playout.timestampUs).toBeNull();
    const sound = { run: "r", ...PLAIN, channels: [tone(0, PACKET)] };
    playout.push({ ...sound, timestampUs: 1_000_000 });
    const waits = playout.bufferedMs - PACKET_MS;
    expect(waits).toBeCloseTo(30, 0);
    expect(playout.timestampUs).toBeCloseTo(1_000_000 - waits * 1000, -3);
  });

  test("it waits for a picture that is later, and no longer than that", () => {
    const playout = new Playout(1);
    playout.keepBack(80);
    expect(playout.targetMs).toBeGreaterThanOrEqual(80);
    playout.keepBack(900);
    expect(playout.targetMs).toBeLessThanOrEqual(220);
    playout.keepBack(0);
    expect(playout.targetMs).toBeLessThanOrEqual(50);
  });

  test("nobody listened for ten seconds: the newest is what is heard then", () => {
    const playout = new Playout(1);
    const sound = { run: "r", ...PLAIN };
    for (let n = 0; n < 1_000; n++)
      playout.push({ ...sound, timestampUs: n * 10_000, channels: [tone(n * PACKET, PACKET)] });
    playout.pull([new Float32Array(QUANTUM)]);
    expect(playout.bufferedMs).toBeLessThanOrEqual(1_010);
    expect(playout.counts.droppedMs).toBeGreaterThan(8_000);
  });

  test("another run starts afresh", () => {
    const { playout } = play(() => 12, 3);
    playout.push({
      ...{ timestampUs: 0, run: "other", ...PLAIN },
      channels: [tone(0, PACKET)],
    });
    expect(playout.run).toBe("other");
    expect(playout.bufferedMs).toBeLessThanOrEqual(41);
  });

  test("silence is all it gives before anything came", () => {
    const out = new Float32Array(QUANTUM).fill(1);
    new Playout(1).pull([out]);
    expect(out.every((sample) => sample === 0)).toBe(true);
  });

  test("steepness is seen by these tests: a packet left out without care", () => {
    const sound = new Float32Array(2 * PACKET);
    sound.set(voice(RATE / 10, PACKET));
    sound.set(voice(RATE / 10 + 1.4 * PACKET, PACKET), PACKET);
    expect(steepest(sound)).toBeGreaterThan(SMOOTH);
  });
});
