/**
 * One seal: what a side's device signed (docs/formats/seal.md, S8 to S13).
 *
 * Everything is checked for form here and for nothing else: who signed it is `envelope`'s, what came before it is
 * `chain`'s, and whether samples are what it says is `verdict`'s. The same rules as `src/vivavoce/seal/seal.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { decode, type Encodable, encode, type Item } from "./cbor";
import { DIGEST_BYTES } from "./digest";

/** A device on air seals at least so often. */
export const SEALED_WITHIN_US = 200_000;
/** What is further apart, by the device's own clock, is marked: a busy device's moment is not. */
export const MOST_APART_US = 600_000;
export const RUN_BYTES = 8;
export const TAG_BYTES = 16;
export const BEACON_BYTES = 48;
export const MOST_TRACKS = 24;
export const MOST_DELTAS = 256;
export const MOST_HEARD = 8;
export const MOST_PLACES = 256;
const MOST_COUNT = 2 ** 32 - 1;
const MOST_BYTE = 255;

/** Bits of a seal's `flags`. */
export const Flags = { NONE: 0, END: 1, HEARTBEAT: 2, MICROPHONE_SHUT: 4, CAMERA_OFF: 8 } as const;
const ALL_FLAGS = 15;

/** How far a span has come (S7). */
export interface Delta {
  /** Its number. */
  track: number;
  /** The span's first. */
  group: number;
  /** Samples so far. */
  count: number;
  /** There will be no more. */
  closed: boolean;
  /** After the last of them. */
  digest: Uint8Array;
}

/** Of another side's track: a group, and how many samples of it came; null where it never did. */
export interface Place {
  track: number;
  group: number;
  count: number | null;
}

/** What this device had of another side's run when it sealed (S12). */
export interface Heard {
  /** Its number in the founding facts. */
  side: number;
  /** 8 bytes. */
  run: Uint8Array;
  /** Its newest seal, by number and hash. */
  seq: number;
  seal: Uint8Array;
  /** Since that came, on this device's clock. */
  ageUs: number;
  /** Samples. */
  got: readonly Place[];
  missing: readonly Place[];
  /** Shows that the whole seal was here. */
  tag: Uint8Array;
}

export interface Seal {
  /** From 0. */
  seq: number;
  /** Hash of the envelope before, or of the run statement (S9). */
  prev: Uint8Array;
  /** Since the run's epoch. */
  clockUs: number;
  flags: number;
  /** A track's number, its configuration's bytes. */
  configs: readonly (readonly [track: number, config: Uint8Array])[];
  deltas: readonly Delta[];
  heard: readonly Heard[];
  beacon: readonly [round: number, signature: Uint8Array] | null;
  /** Of the log. */
  head: readonly [size: number, root: Uint8Array] | null;
  /** Root of the viewers' nonces, or empty. */
  nonces: Uint8Array;
}

/** The payload to sign. Throws RangeError for numbers that have no form. */
export function sealBytes(seal: Seal): Uint8Array {
  return encode([
    seal.seq,
    seal.prev,
    seal.clockUs,
    seal.flags,
    seal.configs,
    seal.deltas.map(({ track, group, count, closed, digest }) => [
      track,
      group,
      count,
      closed ? 1 : 0,
      digest,
    ]),
    seal.heard.map(heardItem),
    seal.beacon ?? [],
    seal.head ?? [],
    seal.nonces,
  ]);
}

function heardItem(heard: Heard): Encodable {
  const got = heard.got.map(({ track, group, count }) => [track, group, count ?? 0]);
  const missing = heard.missing.map(({ track, group }) => [track, group]);
  return [heard.side, heard.run, heard.seq, heard.seal, heard.ageUs, got, missing, heard.tag];
}

/** Throws VivavoceError `seal.form` for what is not of this form, or over a cap (S8). */
export function parseSeal(payload: Uint8Array): Seal {
  const [seq, prev, clockUs, flags, configs, deltas, heard, beacon, head, nonces] = list(decode(payload), 10);
  return {
    seq: number(seq),
    prev: bytes(prev, DIGEST_BYTES),
    clockUs: number(clockUs),
    flags: number(flags, ALL_FLAGS),
    configs: many(configs, MOST_TRACKS).map(configOf),
    deltas: many(deltas, MOST_DELTAS).map(deltaOf),
    heard: many(heard, MOST_HEARD).map(heardOf),
    beacon: pair(beacon, BEACON_BYTES),
    head: pair(head, DIGEST_BYTES),
    nonces: bytes(nonces, 0, DIGEST_BYTES),
  };
}

function configOf(item: Item): [track: number, config: Uint8Array] {
  const [track, config] = list(item, 2);
  if (!(config instanceof Uint8Array)) return refuse("a configuration is no byte string");
  return [number(track, MOST_BYTE), config];
}

function deltaOf(item: Item): Delta {
  const [track, group, count, closed, digest] = list(item, 5);
  return {
    track: number(track, MOST_BYTE),
    group: number(group),
    count: number(count, MOST_COUNT),
    closed: number(closed, 1) === 1,
    digest: bytes(digest, DIGEST_BYTES),
  };
}

function heardOf(item: Item): Heard {
  const [side, run, seq, seal, ageUs, got, missing, tag] = list(item, 8);
  return {
    side: number(side, MOST_BYTE),
    run: bytes(run, RUN_BYTES),
    seq: number(seq),
    seal: bytes(seal, DIGEST_BYTES),
    ageUs: number(ageUs),
    got: many(got, MOST_PLACES).map((one) => placeOf(one, 3)),
    missing: many(missing, MOST_PLACES).map((one) => placeOf(one, 2)),
    tag: bytes(tag, TAG_BYTES),
  };
}

function placeOf(item: Item, length: 2 | 3): Place {
  const [track, group, count] = list(item, length);
  return {
    track: number(track, MOST_BYTE),
    group: number(group),
    count: length === 3 ? number(count) : null,
  };
}

function pair(item: Item | undefined, size: number): [number, Uint8Array] | null {
  if (Array.isArray(item) && item.length === 0) return null;
  const [one, raw] = list(item, 2);
  return [number(one), bytes(raw, size)];
}

function list(item: Item | undefined, length: number): Item[] {
  if (!Array.isArray(item) || item.length !== length) return refuse(`an array is not of ${length}`);
  return item;
}

function many(item: Item | undefined, most: number): Item[] {
  if (!Array.isArray(item) || item.length > most) return refuse(`a list is none, or has more than ${most}`);
  return item;
}

function number(item: Item | undefined, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof item !== "number" || item > most) return refuse(`a number is none, or over ${most}`);
  return item;
}

function bytes(item: Item | undefined, ...lengths: readonly number[]): Uint8Array {
  if (!(item instanceof Uint8Array) || !lengths.includes(item.byteLength))
    return refuse(`a byte string is not of ${lengths}`);
  return item;
}

function refuse(why: string): never {
  throw new VivavoceError("seal.form", `These bytes are no seal: ${why}.`);
}
