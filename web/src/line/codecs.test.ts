import { describe, expect, test } from "vitest";
import { largestOf, pictureEncodings, renditionsOf, soundEncoding, withoutTemporalDelimiter } from "./codecs";

describe("the renditions of a camera", () => {
  test.each<[number, number, [number, number][]]>([
    [
      1280,
      720,
      [
        [1280, 720],
        [640, 360],
        [320, 180],
      ],
    ],
    [
      1920,
      1080,
      [
        [1280, 720],
        [640, 360],
        [320, 180],
      ],
    ],
    [
      640,
      360,
      [
        [640, 360],
        [426, 240],
        [320, 180],
      ],
    ],
    [
      640,
      480,
      [
        [640, 480],
        [320, 240],
        [240, 180],
      ],
    ],
    [
      720,
      1280,
      [
        [720, 1280],
        [360, 640],
        [180, 320],
      ],
    ],
    [
      1080,
      1920,
      [
        [720, 1280],
        [360, 640],
        [180, 320],
      ],
    ],
    [
      3840,
      2160,
      [
        [1280, 720],
        [640, 360],
        [320, 180],
      ],
    ],
    [
      641,
      361,
      [
        [642, 362],
        [428, 242],
        [320, 180],
      ],
    ],
    [
      320,
      180,
      [
        [320, 180],
        [214, 120],
        [160, 90],
      ],
    ],
    [
      160,
      120,
      [
        [160, 120],
        [106, 80],
      ],
    ],
    [64, 48, [[64, 48]]],
  ])("of %d by %d are %j", (width, height, sizes) => {
    expect(renditionsOf(width, height, 30).map((shape) => [shape.width, shape.height])).toEqual(sizes);
  });

  test("are never odd, never larger than what they are made of, each worth less than the one before", () => {
    for (let width = 16; width < 2_000; width += 37) {
      for (let height = 16; height < 2_000; height += 41) {
        const shapes = renditionsOf(width, height, 30);
        for (const [at, shape] of shapes.entries()) {
          expect(shape.width % 2 || shape.height % 2).toBe(0);
          const above = shapes[at - 1];
          if (!above) continue;
          expect(shape.width * shape.height).toBeLessThan(above.width * above.height);
          expect(shape.bitrate).toBeLessThanOrEqual(0.6 * above.bitrate + 10_000);
        }
      }
    }
  });

  test("1080p goes out where it is asked for, at 4 Mbit/s", () => {
    const [hd] = renditionsOf(1920, 1080, 30, { long: 1920, short: 1080 });
    expect(hd).toMatchObject({ width: 1920, height: 1080, bitrate: 4_000_000 });
  });

  test("720p is sent at about 2.5 Mbit/s, 360p at 1.5, 360p as the small one at 0.6, 180p at 0.2", () => {
    const bitrates = (width: number, height: number) =>
      renditionsOf(width, height, 30).map((shape) => shape.bitrate / 1e6);
    expect(bitrates(1280, 720)).toEqual([2.5, 0.6, 0.2]);
    expect(bitrates(640, 360)).toEqual([1.5, 0.4, 0.2]);
  });
});

describe("the largest picture that an address asks for", () => {
  test.each<[string, number]>([
    ["", 720],
    ["?largest=1080", 1080],
    ["?largest=720", 720],
    ["?largest=4320", 720],
    ["?largest=", 720],
  ])("%j", (search, short) => expect(largestOf(search).short).toBe(short));
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

describe("a voice's packets", () => {
  test.each([
    [1, 20_000],
    [2, 20_000],
    [3, 10_000],
    [16, 10_000],
  ])("of a device with %i processors last %i microseconds", (processors, duration) => {
    expect(soundEncoding(processors).opus?.frameDuration).toBe(duration);
  });
});
