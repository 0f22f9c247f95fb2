/**
 * A track's configuration as a record's files and its journal say it, in JSON (docs/formats/record.md, R5 and R7).
 *
 * The same as `config_from_json` and `config_to_json` in `src/vivavoce/record/fragments.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { rounded } from "../line/sealedconfig";
import { bytesOfHex, hexOfBytes } from "../seal/bytes";
import { configBytes, parseConfig, type Role, type SealedConfig } from "../seal/config";
import { unreadable } from "./boxes";
import { sampleEntry } from "./sampleentries";

/** All that a decoder needs, and what a listener needs to choose; the fields are those of the format. */
export interface TrackConfig {
  name: string;
  kind: "video" | "audio";
  codec: string;
  description: Uint8Array;
  width: number;
  height: number;
  rotation: number;
  framerate: number;
  sample_rate: number;
  channels: number;
  bitrate: number;
  language: string;
  role: string | null;
  interprets: string | null;
}

type Json = Record<string, unknown>;

const HEX = /^(\s*[0-9a-fA-F]{2})*\s*$/;
const MOST = 2 ** 31 - 1;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Skips unknown keys. Throws VivavoceError `record.unreadable` for what is no configuration. */
export function configFromJson(value: unknown): TrackConfig {
  if (!isObject(value)) throw damaged("it is no object");
  const text = (key: string, missing?: string): string => {
    const said = value[key] ?? missing;
    if (typeof said !== "string") throw damaged(`${key} is no text`);
    return said;
  };
  const number = (key: string): number => {
    const said = Object.hasOwn(value, key) ? value[key] : 0;
    if (!Number.isInteger(said) || (said as number) < 0 || (said as number) > MOST)
      throw damaged("a size or rate is no number");
    return said as number;
  };
  const orNull = (key: string): string | null => ((value[key] ?? null) === null ? null : text(key));
  const description = text("description", "");
  const { framerate = 0, rotation = 0 } = value;
  const kind = text("kind");
  if (typeof framerate !== "number" || !HEX.test(description)) throw damaged("framerate or description");
  if (typeof rotation !== "number" || ![0, 90, 180, 270].includes(rotation))
    throw damaged("rotation or kind");
  if (kind !== "video" && kind !== "audio") throw damaged("rotation or kind");
  const config: TrackConfig = {
    name: text("name"),
    kind,
    codec: text("codec"),
    description: bytesOfHex(description.replaceAll(/\s/g, "")),
    width: number("width"),
    height: number("height"),
    rotation,
    framerate,
    sample_rate: number("sample_rate"),
    channels: number("channels"),
    bitrate: number("bitrate"),
    language: text("language", ""),
    role: orNull("role"),
    interprets: orNull("interprets"),
  };
  try {
    sampleEntry(config); // the fields fit where they have to stand
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : "its fields");
  }
  return config;
}

/** `config` of a header, as its own JSON has it; the order of keys is the format's. */
export function configToJson(config: TrackConfig): Json {
  return { ...config, description: hexOfBytes(config.description) };
}

/** As it would have been sealed; empty where it could not have been. */
export function sealedBytes(config: TrackConfig): Uint8Array {
  try {
    const raw = configBytes(sealedOf(config));
    parseConfig(raw);
    return raw;
  } catch (error) {
    if (error instanceof RangeError || error instanceof VivavoceError) return new Uint8Array();
    throw error;
  }
}

function sealedOf(config: TrackConfig): SealedConfig {
  const { name, codec, description, width, height, rotation } = config;
  if (config.kind === "video") {
    const millihertz = rounded(1000 * config.framerate);
    return { kind: "picture", name, codec, description, width, height, rotation, millihertz };
  }
  const { sample_rate: rate, channels, language } = config;
  const [role, interprets] = [(config.role || "floor") as Role, config.interprets ?? ""];
  return { kind: "sound", name, codec, rate, channels, language, role, interprets };
}

/** What S5's bytes say. Throws VivavoceError `seal.config`, also for what cannot stand in an MP4. */
export function configOf(raw: Uint8Array): TrackConfig {
  const sealed = parseConfig(raw);
  const config = unsealed(sealed);
  try {
    sampleEntry(config);
  } catch (error) {
    throw new VivavoceError("seal.config", error instanceof Error ? error.message : "");
  }
  if ((config.codec === "opus") !== (config.kind === "audio"))
    throw new VivavoceError("seal.config", `'${config.codec}' is no codec for '${config.name}'.`);
  return config;
}

function unsealed(sealed: SealedConfig): TrackConfig {
  const { name, codec } = sealed;
  const none = { description: new Uint8Array(), width: 0, height: 0, rotation: 0, framerate: 0, bitrate: 0 };
  if (sealed.kind === "picture") {
    const { description, width, height, rotation, millihertz } = sealed;
    const shown = { description, width, height, rotation, framerate: millihertz / 1000, bitrate: 0 };
    const silent = { sample_rate: 0, channels: 0, language: "", role: null, interprets: null };
    return { name, kind: "video", codec, ...shown, ...silent };
  }
  const { rate, channels, language, role, interprets } = sealed;
  return {
    ...{ name, kind: "audio", codec, ...none },
    ...{ sample_rate: rate, channels, language, role, interprets: interprets || null },
  };
}

function damaged(why: string): Error {
  return unreadable(`A track's configuration is damaged: ${why}.`);
}
