/**
 * Which encoders this device has, and how they are set: H.264 by default, VP9 or AV1 where that is what there is.
 *
 * @module
 */

import { VivavoceError } from "../errors";

/** What a rendition is to be. `framerate`: pictures a second. `bitrate`: bits a second. */
export interface PictureShape {
  rendition: "hd" | "sd";
  width: number;
  height: number;
  framerate: number;
  bitrate: number;
}

/** The largest picture that is sent; more costs every viewer and shows nothing on half a screen. */
const MOST_WIDTH = 1280;
const MOST_HEIGHT = 720;
/** The small rendition is for small screens and thin lines. */
const SMALL_HEIGHT = 360;

const even = (length: number) => Math.max(2, 2 * Math.round(length / 2));

/** Bits a second for a picture of this many pixels: 2.5 Mbit/s at 720p, 1.5 at 360p as the large one. */
function bitrateOf(rendition: "hd" | "sd", pixels: number): number {
  const megapixels = pixels / 1e6;
  const bits = rendition === "hd" ? 1.17e6 + 1.44e6 * megapixels : 200e3 + 1.74e6 * megapixels;
  return 10_000 * Math.round(bits / 10_000);
}

/**
 * The renditions of a camera's picture: the whole one and a small one.
 *
 * `width`, `height`: of the camera, at least 2. The whole one is never larger than 1280 by 720 (720 by 1280
 * upright), the small one is half of it each way until it is at most 360 high.
 */
export function renditionsOf(width: number, height: number, framerate: number): PictureShape[] {
  const upright = height > width;
  const most = upright ? [MOST_HEIGHT, MOST_WIDTH] : [MOST_WIDTH, MOST_HEIGHT];
  const scale = Math.min(1, (most[0] ?? width) / width, (most[1] ?? height) / height);
  const hd = { width: even(width * scale), height: even(height * scale) };
  let half = 0.5;
  while (Math.min(hd.width, hd.height) * half > SMALL_HEIGHT) half /= 2;
  const sd = { width: even(hd.width * half), height: even(hd.height * half) };
  return [
    { rendition: "hd", ...hd, framerate, bitrate: bitrateOf("hd", hd.width * hd.height) },
    { rendition: "sd", ...sd, framerate, bitrate: bitrateOf("sd", sd.width * sd.height) },
  ];
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

/** The settings for a voice: Opus, 48 kHz fullband, 20 ms a packet. */
export const SOUND_ENCODING = {
  codec: "opus",
  sampleRate: 48_000,
  numberOfChannels: 1,
  bitrate: 96_000,
  opus: { frameDuration: 10_000, application: "audio", complexity: 5 },
} as const;

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
