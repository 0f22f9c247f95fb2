import { describe, expect, test } from "vitest";
import { pictureEncodings, renditionsOf, withoutTemporalDelimiter } from "./codecs";

describe("the renditions of a camera", () => {
  test.each<[number, number, [number, number], [number, number]]>([
    [1280, 720, [1280, 720], [640, 360]],
    [1920, 1080, [1280, 720], [640, 360]],
    [640, 360, [640, 360], [320, 180]],
    [640, 480, [640, 480], [320, 240]],
    [720, 1280, [720, 1280], [360, 640]],
    [1080, 1920, [720, 1280], [360, 640]],
    [3840, 2160, [1280, 720], [640, 360]],
    [641, 361, [642, 362], [322, 182]],
  ])("of %d by %d are %j and %j", (width, height, hd, sd) => {
    expect(renditionsOf(width, height, 30).map((shape) => [shape.width, shape.height])).toEqual([hd, sd]);
  });

  test("720p is sent at about 2.5 Mbit/s, 360p at 1.5", () => {
    const bitrate = (width: number, height: number) => renditionsOf(width, height, 30)[0]?.bitrate ?? 0;
    expect(bitrate(1280, 720) / 1e6).toBeCloseTo(2.5, 1);
    expect(bitrate(640, 360) / 1e6).toBeCloseTo(1.5, 1);
  });
});

describe("what is asked of encoders", () => {
  test("H.264 with length-prefixed units comes first, at the level that the picture needs", () => {
    for (const [height, codec] of [
      [180, "avc1.42e01e"],
      [360, "avc1.42e01e"],
      [720, "avc1.42e01f"],
    ] as const) {
      const width = (height * 16) / 9;
      const [first] = pictureEncodings({ rendition: "hd", width, height, framerate: 30, bitrate: 1_000_000 });
      expect(first?.codec).toBe(codec);
      expect(first?.avc?.format).toBe("avc");
    }
  });
});

describe("a temporal delimiter (L5)", () => {
  test.each<[string, number[], number[]]>([
    ["with a size is cut off", [0x12, 0x00, 0x0a, 0x01], [0x0a, 0x01]],
    ["without a size is cut off", [0x10, 0x0a, 0x01], [0x0a, 0x01]],
    ["with an extension is cut off", [0x16, 0x00, 0x00, 0x0a], [0x0a]],
    ["that is not there is not", [0x0a, 0x0b, 0x00], [0x0a, 0x0b, 0x00]],
    ["in nothing", [], []],
  ])("%s", (_, sample, left) => {
    expect([...withoutTemporalDelimiter(Uint8Array.from(sample))]).toEqual(left);
  });
});
