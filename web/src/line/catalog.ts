/**
 * A seat's catalogue: hang's form with our own section (docs/formats/line.md, L3 to L6).
 *
 * What comes over the line is checked here before it is used; the same rules as
 * `src/vivavoce/line/catalog.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, hexOfBytes } from "../seal/bytes";

export const CATALOG_TRACK = "catalog.json";
export const CLOCK_TRACK = "clock.json";
export const STATE_TRACK = "state.json";
/** In no catalogue (L19). */
export const SEALS_TRACK = "seals";

/** Twenty-four tracks with long descriptions need a tenth of it; capped before it is parsed. */
export const MAX_CATALOG_BYTES = 64 * 1024;

/** What a sound track is: a side's own words, an interpreter's, or the floor without either. */
export type Role = "floor" | "booth" | "clean";

/** `live`: it runs. `off`: chosen so. `lost`: the device went away. */
export type DeviceState = "live" | "off" | "lost";

/** The devices of a side, as its catalogue tells everyone. */
export interface Devices {
  camera: DeviceState;
  microphone: DeviceState;
  echoCancellation: boolean;
}

/** All that a decoder needs to play a picture track. `framerate`, `bitrate`: 0 where unknown. */
export interface VideoTrack {
  kind: "video";
  /** `hd.1`. */
  name: string;
  codec: string;
  /** avcC for H.264, else empty. */
  description: Uint8Array;
  width: number;
  height: number;
  /** Degrees clockwise to turn the decoded picture by. */
  rotation: 0 | 90 | 180 | 270;
  framerate: number;
  bitrate: number;
}

/** All that a decoder needs to play a sound track, and what a listener needs to choose it. */
export interface AudioTrack {
  kind: "audio";
  name: string;
  codec: "opus";
  sampleRate: 48_000;
  channels: 1 | 2;
  bitrate: number;
  /** BCP 47. */
  language: string;
  role: Role;
  /** For a booth `<seat>/<rendition>`, otherwise null. */
  interprets: string | null;
}

export type Track = VideoTrack | AudioTrack;

export interface Catalog {
  /** 16 hex digits, new each time a device goes on air. */
  run: string;
  /** The device's clock at timestamp 0, Unix microseconds. */
  epochUs: number;
  tracks: Track[];
  devices: Devices;
}

const NAME = /^[a-z0-9-]{1,24}\.[1-9][0-9]{0,5}$/;
const RUN = /^[0-9a-f]{16}$/;
const VIDEO_CODEC = /^(avc1|vp09|av01)\.[A-Za-z0-9.]{1,40}$/;
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/;
const INTERPRETS = /^[a-z0-9-]{1,40}\/[a-z0-9-]{1,24}$/;
const DESCRIPTION = /^([0-9a-f]{2}){0,8192}$/;

/** A track's name without its number: `hd`. */
export function renditionOf(name: string): string {
  return name.slice(0, name.lastIndexOf("."));
}

function refuse(what: string): never {
  throw new VivavoceError("line.catalog", `The catalogue is refused: ${what}.`);
}

type Json = Record<string, unknown>;

function object(value: unknown, where: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(`${where} is no object`);
  return value as Json;
}

function whole(value: unknown, low: number, high: number, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < low || (value as number) > high) {
    refuse(`${where} is not a whole number from ${low} to ${high}`);
  }
  return value as number;
}

function matching(value: unknown, pattern: RegExp, where: string): string {
  if (typeof value !== "string" || !pattern.test(value)) refuse(`${where} is not of its form`);
  return value;
}

function oneOf<T>(value: unknown, allowed: readonly T[], where: string): T {
  if (!allowed.includes(value as T)) refuse(`${where} is none of ${allowed.join(", ")}`);
  return value as T;
}

function legacy(entry: Json, name: string): void {
  const container = object(entry.container ?? { kind: "legacy" }, `${name}.container`);
  oneOf(container.kind ?? "legacy", ["legacy"], `${name}.container.kind`);
}

function videoTrack(name: string, entry: Json, ours: Json): VideoTrack {
  legacy(entry, name);
  const codec = entry.codec;
  if (typeof codec !== "string" || !VIDEO_CODEC.test(codec)) {
    throw new VivavoceError("line.codec", `The track ${name} is in a codec that the line does not carry.`);
  }
  const description = bytesOfHex(matching(entry.description ?? "", DESCRIPTION, `${name}.description`));
  if (codec.startsWith("avc1") && description.byteLength === 0)
    refuse(`the H.264 track ${name} has no description`);
  const framerate = entry.framerate ?? 0;
  if (typeof framerate !== "number" || !(framerate >= 0 && framerate <= 240))
    refuse(`${name}.framerate is not 0 to 240`);
  return {
    kind: "video",
    name,
    codec,
    description,
    width: whole(entry.codedWidth, 2, 8192, `${name}.codedWidth`),
    height: whole(entry.codedHeight, 2, 8192, `${name}.codedHeight`),
    rotation: oneOf(ours.rotation ?? 0, [0, 90, 180, 270] as const, `${name}.rotation`),
    framerate,
    bitrate: whole(entry.bitrate ?? 0, 0, 200_000_000, `${name}.bitrate`),
  };
}

function audioTrack(name: string, entry: Json, ours: Json): AudioTrack {
  legacy(entry, name);
  if (entry.codec !== "opus") {
    throw new VivavoceError("line.codec", `The track ${name} is in a codec that the line does not carry.`);
  }
  const role = oneOf(ours.role, ["floor", "booth", "clean"] as const, `${name}.role`);
  const interprets = ours.interprets ?? null;
  if ((role === "booth") !== (interprets !== null))
    refuse(`${name} is a booth without an original, or the reverse`);
  return {
    kind: "audio",
    name,
    codec: "opus",
    sampleRate: oneOf(entry.sampleRate, [48_000] as const, `${name}.sampleRate`),
    channels: oneOf(entry.numberOfChannels, [1, 2] as const, `${name}.numberOfChannels`),
    bitrate: whole(entry.bitrate ?? 0, 0, 1_000_000, `${name}.bitrate`),
    language: matching(ours.language, LANGUAGE, `${name}.language`),
    role,
    interprets: interprets === null ? null : matching(interprets, INTERPRETS, `${name}.interprets`),
  };
}

/**
 * Check a catalogue that came over the line.
 *
 * Throws VivavoceError `line.catalog` (not JSON, too large, a rule of L3 to L6 broken, and which) or
 * `line.codec`. Does not check that the descriptions decode.
 */
export function parseCatalog(raw: Uint8Array): Catalog {
  if (raw.byteLength > MAX_CATALOG_BYTES) refuse(`its ${raw.byteLength} bytes are over ${MAX_CATALOG_BYTES}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw));
  } catch {
    refuse("it is not JSON");
  }
  const root = object(parsed, "the whole");
  const ours = object(root.vivavoce, "vivavoce");
  oneOf(ours.version, [1], "vivavoce.version");
  const ourTracks = object(ours.tracks, "vivavoce.tracks");
  const videos = object(object(root.video ?? {}, "video").renditions ?? {}, "video.renditions");
  const audios = object(object(root.audio ?? {}, "audio").renditions ?? {}, "audio.renditions");
  if (Object.keys(videos).length > 8 || Object.keys(audios).length > 16) refuse("it lists too many tracks");
  const listed = Object.keys(videos).length + Object.keys(audios).length;
  if (listed !== Object.keys(ourTracks).length) refuse("a track stands in only one of its sections");
  const tracks: Track[] = [];
  for (const [kind, entries] of [
    ["video", videos],
    ["audio", audios],
  ] as const) {
    for (const [name, value] of Object.entries(entries)) {
      matching(name, NAME, "a track's name");
      const own = object(ourTracks[name], `vivavoce.tracks.${name}`);
      oneOf(own.kind, [kind], `vivavoce.tracks.${name}.kind`);
      const entry = object(value, name);
      tracks.push(kind === "video" ? videoTrack(name, entry, own) : audioTrack(name, entry, own));
    }
  }
  return {
    run: matching(ours.run, RUN, "vivavoce.run"),
    epochUs: whole(ours.epoch_us, 0, Number.MAX_SAFE_INTEGER, "vivavoce.epoch_us"),
    tracks,
    devices: parseDevices(object(ours.devices ?? {}, "vivavoce.devices")),
  };
}

function parseDevices(devices: Json): Devices {
  const states = ["live", "off", "lost"] as const;
  return {
    camera: oneOf(devices.camera ?? "live", states, "devices.camera"),
    microphone: oneOf(devices.microphone ?? "live", states, "devices.microphone"),
    echoCancellation: oneOf(devices.echo_cancellation ?? false, [true, false], "devices.echo_cancellation"),
  };
}

/** The catalogue as a publisher writes it; `parseCatalog` gives it back. */
export function buildCatalog(catalog: Catalog): Uint8Array {
  const video: Json = {};
  const audio: Json = {};
  const ours: Json = {};
  for (const track of catalog.tracks) {
    if (track.kind === "video") {
      video[track.name] = {
        codec: track.codec,
        container: { kind: "legacy" },
        ...(track.description.byteLength > 0 ? { description: hexOfBytes(track.description) } : {}),
        codedWidth: track.width,
        codedHeight: track.height,
        framerate: track.framerate,
        bitrate: track.bitrate,
        optimizeForLatency: true,
      };
      ours[track.name] = { kind: "video", rotation: track.rotation };
    } else {
      audio[track.name] = {
        codec: track.codec,
        container: { kind: "legacy" },
        sampleRate: track.sampleRate,
        numberOfChannels: track.channels,
        bitrate: track.bitrate,
      };
      ours[track.name] = {
        kind: "audio",
        role: track.role,
        language: track.language,
        interprets: track.interprets,
      };
    }
  }
  const root = {
    ...(Object.keys(video).length > 0 ? { video: { renditions: video } } : {}),
    ...(Object.keys(audio).length > 0 ? { audio: { renditions: audio } } : {}),
    vivavoce: {
      version: 1,
      run: catalog.run,
      epoch_us: catalog.epochUs,
      tracks: ours,
      devices: {
        camera: catalog.devices.camera,
        microphone: catalog.devices.microphone,
        echo_cancellation: catalog.devices.echoCancellation,
      },
    },
  };
  return new TextEncoder().encode(JSON.stringify(root));
}
