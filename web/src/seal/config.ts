/**
 * A track's whole decoder configuration, as it is sealed (docs/formats/seal.md, S5).
 *
 * A player decodes by this, never by the catalogue: who may change a picture's size may crop somebody out of it.
 * The same rules as `src/vivavoce/seal/config.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { utf8 } from "./bytes";
import { decode, encode, type Item } from "./cbor";

export const ROLES = ["floor", "booth", "clean"] as const;
export type Role = (typeof ROLES)[number];
const MOST_TEXT = 64;
const MOST_DESCRIPTION = 8_192;
const MOST_SIDE = 8_192;
const MOST_MILLIHERTZ = 240_000;
const MOST_CHANNELS = 8;
const TURNS = [0, 90, 180, 270];

export interface PictureConfig {
  kind: "picture";
  /** `hd.1`. */
  name: string;
  /** `avc1.42e01f`. */
  codec: string;
  /** avcC, or empty. */
  description: Uint8Array;
  /** Coded, 2 to 8192. */
  width: number;
  height: number;
  /** 0, 90, 180 or 270 degrees clockwise. */
  rotation: number;
  /** Pictures in a thousand seconds, 0 if unknown. */
  millihertz: number;
}

export interface SoundConfig {
  kind: "sound";
  name: string;
  codec: string;
  rate: number;
  channels: number;
  /** BCP 47. */
  language: string;
  role: Role;
  /** `<seat>/<rendition>` for a booth, else empty. */
  interprets: string;
}

export type SealedConfig = PictureConfig | SoundConfig;

/** What is sealed and hashed. Throws RangeError for numbers that have no form. */
export function configBytes(config: SealedConfig): Uint8Array {
  const text = [utf8(config.name), utf8(config.codec)];
  if (config.kind === "picture") {
    const { description, width, height, rotation, millihertz } = config;
    return encode([0, ...text, description, width, height, rotation, millihertz]);
  }
  const of = [utf8(config.language), ROLES.indexOf(config.role), utf8(config.interprets)];
  return encode([1, ...text, config.rate, config.channels, ...of]);
}

/** Throws VivavoceError `seal.config`. Whether a decoder can use it is not looked at. */
export function parseConfig(raw: Uint8Array): SealedConfig {
  try {
    const item = decode(raw);
    if (Array.isArray(item) && item.length === 8 && item[0] === 0) return picture(item);
    if (Array.isArray(item) && item.length === 8 && item[0] === 1) return sound(item);
  } catch (error) {
    if (!(error instanceof VivavoceError)) throw error;
  }
  throw new VivavoceError("seal.config", `These ${raw.byteLength} bytes are no decoder's configuration.`);
}

function picture(item: readonly Item[]): PictureConfig {
  const [, name, codec, description, width, height, rotation, millihertz] = item;
  if (!(description instanceof Uint8Array) || description.byteLength > MOST_DESCRIPTION) return refuse();
  const turn = number(rotation, 0, 270);
  if (!TURNS.includes(turn)) refuse();
  return {
    kind: "picture",
    name: text(name, 1),
    codec: text(codec, 1),
    description,
    width: number(width, 2, MOST_SIDE),
    height: number(height, 2, MOST_SIDE),
    rotation: turn,
    millihertz: number(millihertz, 0, MOST_MILLIHERTZ),
  };
}

function sound(item: readonly Item[]): SoundConfig {
  const [, name, codec, rate, channels, language, role, interprets] = item;
  return {
    kind: "sound",
    name: text(name, 1),
    codec: text(codec, 1),
    rate: number(rate, 1),
    channels: number(channels, 1, MOST_CHANNELS),
    language: text(language, 1),
    role: ROLES[number(role, 0, ROLES.length - 1)] as Role,
    interprets: text(interprets, 0),
  };
}

function number(item: Item | undefined, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof item !== "number" || item < least || item > most) return refuse();
  return item;
}

/** Printable ASCII: names, codecs and language tags need nothing else, and nobody is misled by how it looks. */
function text(item: Item | undefined, least: number): string {
  if (!(item instanceof Uint8Array) || item.byteLength < least || item.byteLength > MOST_TEXT)
    return refuse();
  if (!item.every((byte) => 32 < byte && byte < 127)) refuse();
  return String.fromCharCode(...item);
}

function refuse(): never {
  throw new VivavoceError("seal.config", "These bytes are no decoder's configuration.");
}
