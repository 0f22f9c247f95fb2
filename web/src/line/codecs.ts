/**
 * Which encoders this device has, and how they are set: H.264 by default, VP9 or AV1 where that is what there is.
 *
 * @module
 */

import { VivavoceError } from "../errors";

/** The renditions of a picture, the largest first. */
export const RENDITIONS = ["hd", "sd", "ld"] as const;
export type RenditionName = (typeof RENDITIONS)[number];

/** What a rendition is to be. `framerate`: pictures a second. `bitrate`: bits a second. */
export interface PictureShape {
  rendition: RenditionName;
  width: number;
  height: number;
  framerate: number;
  bitrate: number;
}

/** The longer and the shorter side of the largest picture that is sent. */
export interface Largest {
  long: number;
  short: number;
}

/** More costs every viewer, and both sides' processors, and shows nothing on half a screen. */
export const LARGEST: Largest = { long: 1280, short: 720 };
/** What a page's address asks for: `?largest=1080`, and nothing else; otherwise `LARGEST`. */
export function largestOf(search: string): Largest {
  return new URLSearchParams(search).get("largest") === "1080" ? { long: 1920, short: 1080 } : LARGEST;
}

/** The shorter sides of the smaller renditions are at most these. */
const SMALL = 360;
const LEAST = 180;
/** No rendition is lower than this. */
const TINY = 72;
/** A rendition that is not smaller than the next larger one by this much is not worth its processor time. */
const APART = 0.4;

const even = (length: number) => Math.max(2, 2 * Math.round(length / 2));

/** Bits a second: 4 Mbit/s at 1080p, 2.5 at 720p, 1.5 at 360p; below that by the number of pixels. */
function largeBitrate(pixels: number): number {
  return Math.min(4e6, 1.17e6 + 1.44 * pixels, 6.52 * pixels);
}

/** Bits a second: 600 kbit/s at 640 by 360, 400 at 426 by 240, 200 at 320 by 180 as the least. */
function smallBitrate(rendition: "sd" | "ld", pixels: number): number {
  return rendition === "sd" ? 600e3 * Math.sqrt(pixels / 230_400) : 200e3 * Math.sqrt(pixels / 57_600);
}

/**
 * The renditions of a camera's picture: the whole one, a small one, and one for lines that carry hardly more than sound.
 *
 * `width`, `height`: of the camera, at least 2. `largest`: what the whole one is fitted into, lying or upright. The
 * small one is half of the whole each way (two thirds below 480 high), at most 360 high; the least is half of it, at
 * most 180. A picture that is tiny already has fewer.
 */
export function renditionsOf(
  width: number,
  height: number,
  framerate: number,
  largest: Largest = LARGEST,
): PictureShape[] {
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  const scale = Math.min(1, largest.long / long, largest.short / short);
  const whole = { width: even(width * scale), height: even(height * scale) };
  const most = Math.min(whole.width, whole.height);
  const reduced = (to: number) => ({
    width: even((whole.width * to) / most),
    height: even((whole.height * to) / most),
  });
  const small = Math.min(SMALL, most >= 480 ? most / 2 : (2 * most) / 3);
  const least = Math.min(LEAST, most / 2);
  const shapes: PictureShape[] = [
    { rendition: "hd", ...whole, framerate, bitrate: largeBitrate(whole.width * whole.height) },
  ];
  for (const [rendition, to] of [
    ["sd", small],
    ["ld", least],
  ] as const) {
    const above = shapes.at(-1)?.bitrate ?? 0;
    const size = reduced(to);
    if (Math.min(size.width, size.height) < TINY) continue;
    const bitrate = Math.min((1 - APART) * above, smallBitrate(rendition, size.width * size.height));
    shapes.push({ rendition, ...size, framerate, bitrate });
  }
  return shapes.map((shape) => ({ ...shape, bitrate: 10_000 * Math.round(shape.bitrate / 10_000) }));
}

/** H.264 levels: most macroblocks a second and a picture (ITU-T H.264 table A-1), and the level in hex. */
const AVC_LEVELS = [
  [40_500, 1_620, "1e"],
  [108_000, 3_600, "1f"],
  [216_000, 5_120, "20"],
  [245_760, 8_192, "28"],
  [522_240, 8_704, "2a"],
] as const;

function avcLevel(shape: PictureShape): string {
  const blocks = Math.ceil(shape.width / 16) * Math.ceil(shape.height / 16);
  const level = AVC_LEVELS.find(
    ([second, picture]) => blocks <= picture && blocks * shape.framerate <= second,
  );
  return level?.[2] ?? "33";
}

/** The settings to try for a picture, best first. */
export function pictureEncodings(shape: PictureShape): VideoEncoderConfig[] {
  const common = {
    width: shape.width,
    height: shape.height,
    bitrate: shape.bitrate,
    framerate: shape.framerate,
    bitrateMode: "variable",
    latencyMode: "realtime",
    hardwareAcceleration: "no-preference",
  } as const;
  const level = avcLevel(shape);
  return [
    { ...common, codec: `avc1.42e0${level}`, avc: { format: "avc" } },
    { ...common, codec: `avc1.6400${level}`, avc: { format: "avc" } },
    { ...common, codec: "vp09.00.31.08" },
    { ...common, codec: "av01.0.08M.08" },
  ];
}

/** Of a voice, bits a second. */
export const SOUND_BITRATE = 96_000;

/** A packet costs a stream, here and at everyone who listens; a device of so few processors gets by with half as many. */
const FEW_PROCESSORS = 2;

/**
 * The settings for a voice: Opus, 48 kHz fullband, 10 ms a packet, or 20 on a device of few `processors`.
 *
 * `lowdelay` looks 2.5 ms ahead, `audio` 6.5: the rest is for its speech codec, which this bitrate does not use.
 */
export function soundEncoding(processors: number): AudioEncoderConfig {
  return {
    codec: "opus",
    sampleRate: 48_000,
    numberOfChannels: 1,
    bitrate: SOUND_BITRATE,
    opus: {
      frameDuration: processors <= FEW_PROCESSORS ? 20_000 : 10_000,
      application: "lowdelay",
      complexity: 5,
    } as OpusEncoderConfig,
  };
}

/**
 * The first of `pictureEncodings` that this device can do.
 *
 * Throws VivavoceError `line.codec` when it can do none.
 */
export async function pickPictureEncoding(shape: PictureShape): Promise<VideoEncoderConfig> {
  for (const config of pictureEncodings(shape)) {
    try {
      if ((await VideoEncoder.isConfigSupported(config)).supported) return config;
    } catch {
      // An unknown codec string is an answer too.
    }
  }
  throw new VivavoceError(
    "line.codec",
    `No encoder here makes a picture of ${shape.width} by ${shape.height}.`,
  );
}

const TEMPORAL_DELIMITER = 2;

/** An AV1 sample without a temporal delimiter at its start (L5), sharing memory. Other bytes are untouched. */
export function withoutTemporalDelimiter(sample: Uint8Array): Uint8Array {
  const header = sample[0];
  if (header === undefined || ((header >> 3) & 0x0f) !== TEMPORAL_DELIMITER) return sample;
  const extension = (header >> 2) & 1;
  const hasSize = (header >> 1) & 1;
  return sample.subarray(1 + extension + hasSize);
}
