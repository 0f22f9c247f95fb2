/**
 * What a track's header says, the same in a growing file of one track and in an exported one of all.
 *
 * Source: ISO/IEC 14496-12:2022 s.8; `kind` with the roles of ISO/IEC 23009-1 s.5.8.5.5. The same as
 * `src/vivavoce/record/tracks.py`.
 *
 * @module
 */

import { joined, utf8 } from "../seal/bytes";
import { box, fullBox, IDENTITY, matrix, numbers, TIMESCALE } from "./boxes";
import { packed } from "./languages";
import { sampleEntry } from "./sampleentries";
import type { TrackConfig } from "./trackconfig";

const FROM_1904_TO_1970 = 2_082_844_800;
const ENABLED = 1;
const IN_MOVIE = 2;
const DASH_ROLES = new Map([
  ["floor", "main"],
  ["booth", "dub"],
  ["clean", "alternate"],
]);

export interface TrackHeader {
  /** The track's id in the file, from 1. */
  number: number;
  config: TrackConfig;
  /** For people. */
  name: string;
  /** Unix microseconds, 0 where unknown. */
  createdUs: number;
  /** From the first sample to the end of the last. */
  mediaUs: number;
  /** With the time before it. */
  movieUs: number;
  /** Whether a player should play it when it is not told otherwise. */
  shown: boolean;
  /** Tracks with the same number above 0 stand for each other. */
  alternate: number;
  /** Pixels to the right where the picture stands. */
  left: number;
  /** An `edts` box, or nothing. */
  edits: Uint8Array;
}

/** The header of a file of one track that grows. */
export function growing(config: TrackConfig, name: string, createdUs: number): TrackHeader {
  const nothing = { mediaUs: 0, movieUs: 0, shown: true, alternate: 0, left: 0, edits: new Uint8Array() };
  return { number: 1, config, name, createdUs, ...nothing };
}

function date(createdUs: number): number {
  return createdUs ? Math.floor(createdUs / 1_000_000) + FROM_1904_TO_1970 : 0;
}

export function movieHeader(createdUs: number, durationUs: number, tracks: number): Uint8Array {
  const at = date(createdUs);
  return fullBox(
    "mvhd",
    1,
    0,
    numbers([64, at], [64, at], [32, TIMESCALE], [64, durationUs]),
    joined(numbers([32, 1 << 16], [16, 1 << 8]), new Uint8Array(10)), // normal speed, full volume
    IDENTITY,
    new Uint8Array(24),
    numbers([32, tracks + 1]),
  );
}

/** An `stbl` with one sample entry. `tables`: the rest of it, `stts` to `stco`. */
export function sampleTable(config: TrackConfig, ...tables: readonly Uint8Array[]): Uint8Array {
  return box("stbl", fullBox("stsd", 0, 0, numbers([32, 1]), sampleEntry(config)), ...tables);
}

/** A `trak`. `table`: its `stbl`. */
export function track(header: TrackHeader, table: Uint8Array): Uint8Array {
  const { config } = header;
  const picture = config.kind === "video";
  const handler = joined(new Uint8Array(4), utf8(picture ? "vide" : "soun"), new Uint8Array(12));
  const mediaHeader = picture
    ? fullBox("vmhd", 0, 1, new Uint8Array(8))
    : fullBox("smhd", 0, 0, new Uint8Array(4));
  const media = box(
    "mdia",
    mdhd(header),
    config.language ? fullBox("elng", 0, 0, utf8(`${config.language}\0`)) : new Uint8Array(),
    fullBox("hdlr", 0, 0, handler, text(header.name), new Uint8Array(1)),
    box(
      "minf",
      mediaHeader,
      box("dinf", fullBox("dref", 0, 0, numbers([32, 1]), fullBox("url ", 0, 1))),
      table,
    ),
  );
  return box("trak", tkhd(header), header.edits, media, userData(header));
}

function text(name: string): Uint8Array {
  return new TextEncoder().encode(name.replaceAll("\0", " "));
}

function mdhd({ createdUs, mediaUs, config }: TrackHeader): Uint8Array {
  const at = date(createdUs);
  const times = numbers([64, at], [64, at], [32, TIMESCALE], [64, mediaUs]);
  return fullBox("mdhd", 1, 0, times, numbers([16, packed(config.language)], [16, 0]));
}

function tkhd({ number, config, createdUs, movieUs, shown, alternate, left }: TrackHeader): Uint8Array {
  const at = date(createdUs);
  const picture = config.kind === "video";
  return fullBox(
    "tkhd",
    1,
    IN_MOVIE | (shown ? ENABLED : 0),
    numbers([64, at], [64, at], [32, number], [32, 0], [64, movieUs]),
    joined(new Uint8Array(8), numbers([16, 0], [16, alternate], [16, picture ? 0 : 1 << 8], [16, 0])),
    picture ? matrix(config.rotation, config.width, config.height, left) : IDENTITY,
    numbers([32, config.width * 65_536], [32, config.height * 65_536]),
  );
}

function userData({ name, config }: TrackHeader): Uint8Array {
  const role = DASH_ROLES.get(config.role ?? "");
  const kind = role ? fullBox("kind", 0, 0, utf8(`urn:mpeg:dash:role:2011\0${role}\0`)) : new Uint8Array();
  return box("udta", box("name", text(name)), kind);
}
