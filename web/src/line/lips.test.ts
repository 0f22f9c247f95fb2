import { describe, expect, test } from "vitest";
import { Lips } from "./lips";

const RUN = "r";

/** A voice that is heard `voiceMs` after it was spoken, and is told of at each second. */
function lips(voiceMs: number, waitMs = 10): { lips: Lips; tell: (seconds: number, wait?: number) => void } {
  const made = new Lips();
  const tell = (seconds: number, wait = waitMs) =>
    made.heard(
      { run: RUN, timestampUs: seconds * 1e6, atUs: seconds * 1e6 + voiceMs * 1000, waitMs: wait },
      seconds * 1e6,
    );
  tell(0);
  return { lips: made, tell };
}

describe("lips and voice", () => {
  test.each([
    ["a picture with its voice is shown at once", 60, 60, 0],
    ["a picture that is a little early too", 60, 21, 0],
    ["one that is much earlier is held until it is not", 120, 30, 50],
    ["for a quarter of a second at most", 900, 30, 250],
    ["one that is later is not held", 60, 300, 0],
  ])("%s", (_, voiceMs, pictureMs, holdMs) => {
    expect(lips(voiceMs).lips.holdMs(RUN, 500_000, 500_000 + pictureMs * 1000)).toBeCloseTo(holdMs, 6);
  });

  test("nothing is held without sound, for another run, or when the voice fell silent", () => {
    expect(new Lips().holdMs(RUN, 0, 0)).toBe(0);
    const { lips: known } = lips(500);
    expect(known.holdMs("other", 0, 0)).toBe(0);
    expect(known.holdMs(RUN, 900_000, 900_000)).toBeGreaterThan(0);
    expect(known.holdMs(RUN, 1_100_000, 1_100_000)).toBe(0);
    known.silent();
    expect(known.holdMs(RUN, 0, 0)).toBe(0);
  });

  test("the skew that is told is picture minus voice", () => {
    const { lips: known } = lips(60);
    for (let at = 0; at < 10; at++) known.shown(RUN, at * 33_000, at * 33_000 + 85_000);
    expect(known.skewMs(500_000)).toBeCloseTo(25, 6);
    expect(known.skewMs(5_000_000)).toBeNull();
  });

  test("pictures that are late for a while make the voice wait, and no more than 200 ms", () => {
    const { lips: known, tell } = lips(60, 10);
    const pictures = (fromS: number, lateMs: number) => {
      tell(fromS);
      for (let at = 0; at < 30; at++) {
        const timestampUs = fromS * 1e6 + at * 33_000;
        known.shown(RUN, timestampUs, timestampUs + lateMs * 1000);
      }
    };
    pictures(1, 60 + 40);
    pictures(2, 60 + 40);
    expect(known.leastMs).toBe(0);
    pictures(3, 60 + 90);
    pictures(4, 60 + 90);
    pictures(5, 60 + 90);
    expect(known.leastMs).toBeGreaterThanOrEqual(10 + 90 - 30);
    for (let second = 6; second < 40; second++) pictures(second, 60 + 400);
    expect(known.leastMs).toBe(200);
    for (let second = 40; second < 80; second++) pictures(second, 50);
    expect(known.leastMs).toBe(0);
  });
});
