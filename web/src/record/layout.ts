/**
 * The layout of an exported MP4: where every sample has to lie, and the header that says so (evidence.md, E10 to E13).
 *
 *     ftyp  moov  mdat: half a second of every lane, then the next half second ...
 *
 * A lane is one track of the file. Times are microseconds from the movie's start. Source: ISO/IEC 14496-12:2022 s.8; for
 * Opus's roll distance, "Encapsulation of Opus in ISO Base Media File Format" s.4.3.6. The same as
 * `src/vivavoce/record/mp4.py`.
 *
 * @module
 */

import { joined, utf8 } from "../seal/bytes";
import { box, column, fullBox, numbers } from "./boxes";
import type { TrackConfig } from "./trackconfig";
import { movieHeader, sampleTable, track } from "./tracks";

/** The longest time between two samples of a lane, 35 minutes: `stts` has 32 bits, and some sign them. */
export const MAX_STEP_US = 2 ** 31 - 1;
const CHUNK_US = 500_000;

/** One track of the file. Times rise strictly, in steps of at most MAX_STEP_US. */
export interface Lane {
  config: TrackConfig;
  name: string;
  /** When each sample is shown. */
  timesUs: number[];
  /** Bytes. */
  sizes: number[];
  /** Which samples decode alone. */
  keys: boolean[];
  /** How long the last one lasts. */
  lastUs: number;
  shown: boolean;
  alternate: number;
  left: number;
}

/** Rows of a lane that lie side by side in the file; `end` is behind the last. */
export interface Chunk {
  lane: number;
  first: number;
  end: number;
  bytes: number;
}

export interface Layout {
  /** All bytes before the first sample. */
  head: Uint8Array;
  /** As they follow in the file. */
  chunks: Chunk[];
  /** Of all samples. */
  mediaBytes: number;
  /** Of the movie. */
  durationUs: number;
}

export function startOf(lane: Lane): number {
  return lane.timesUs[0] as number;
}

export function endOf(lane: Lane): number {
  return (lane.timesUs.at(-1) as number) + lane.lastUs;
}

/** `lanes`: at least one, none empty. `createdUs`: Unix microseconds of time 0. Throws RangeError for what no file can say. */
export function layOut(lanes: readonly Lane[], createdUs: number, title: string): Layout {
  const chunks = lanes.flatMap((lane, number) => [...chunksOf(lane, number)]);
  const begins = ({ lane, first }: Chunk) => lanes[lane]?.timesUs[first] as number;
  chunks.sort((one, other) => begins(one) - begins(other) || one.lane - other.lane);
  const mediaBytes = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  const durationUs = lanes.reduce((latest, lane) => Math.max(latest, endOf(lane)), -Infinity);
  const ftyp = box("ftyp", utf8("isom"), numbers([32, 512]), utf8("isomiso2mp41"));
  const long = mediaBytes + 8 >= 2 ** 32;
  const mdat = long
    ? joined(numbers([32, 1]), utf8("mdat"), numbers([64, mediaBytes + 16]))
    : joined(numbers([32, mediaBytes + 8]), utf8("mdat"));
  const head = (start: number, wide: boolean): Uint8Array => {
    const places: number[][] = lanes.map(() => []);
    let at = start;
    for (const { lane, bytes } of chunks) {
      places[lane]?.push(at);
      at += bytes;
    }
    const traks = lanes.map((lane, number) =>
      trak(number, lane, places[number] as number[], createdUs, wide),
    );
    const movie = movieHeader(createdUs, durationUs, lanes.length);
    return joined(ftyp, box("moov", movie, ...traks, titled(title)), mdat);
  };
  // The header's length does not depend on the places in it, only on how wide they are written.
  const wide = head(0, true).byteLength + mediaBytes >= 2 ** 32;
  return {
    head: head(head(0, true).byteLength + shorter(wide, chunks), wide),
    chunks,
    mediaBytes,
    durationUs,
  };
}

/** How much longer the header is where places are written in 32 bits. */
function shorter(wide: boolean, chunks: readonly Chunk[]): number {
  return wide ? 0 : -4 * chunks.length;
}

function* chunksOf({ timesUs, sizes }: Lane, lane: number): Generator<Chunk> {
  let [first, bytes] = [0, 0];
  const part = (row: number) => Math.floor((timesUs[row] as number) / CHUNK_US);
  for (let row = 0; row < timesUs.length; row++) {
    if (row > first && part(row) !== part(first)) {
      yield { lane, first, end: row, bytes };
      [first, bytes] = [row, 0];
    }
    bytes += sizes[row] as number;
  }
  yield { lane, first, end: timesUs.length, bytes };
}

function trak(number: number, lane: Lane, places: number[], createdUs: number, wide: boolean): Uint8Array {
  const { config, name, shown, alternate, left, sizes } = lane;
  const mediaUs = endOf(lane) - startOf(lane);
  const edits = editsOf(startOf(lane), mediaUs);
  const header = { number: number + 1, config, name, createdUs, mediaUs, movieUs: endOf(lane) };
  return track(
    { ...header, shown, alternate, left, edits },
    sampleTable(
      config,
      runs("stts", equal(stepsOf(lane)).flat()),
      ...(config.kind === "video" ? [syncSamples(lane)] : roll(lane)),
      runs("stsc", samplesOfChunks(lane, number), 3),
      fullBox("stsz", 0, 0, numbers([32, 0], [32, sizes.length]), column(32, sizes)),
      fullBox(wide ? "co64" : "stco", 0, 0, numbers([32, places.length]), column(wide ? 64 : 32, places)),
    ),
  );
}

/** Nothing until the lane starts, then all of it. */
function editsOf(startUs: number, mediaUs: number): Uint8Array {
  const all = joined(numbers([64, mediaUs], [64, 0], [32, 1 << 16]));
  const empty = joined(numbers([64, startUs]), new Uint8Array(8).fill(255), numbers([32, 1 << 16]));
  const entries = startUs ? [empty, all] : [all];
  return box("edts", fullBox("elst", 1, 0, numbers([32, entries.length]), ...entries));
}

function stepsOf({ timesUs, lastUs }: Lane): number[] {
  return timesUs.map((time, row) =>
    row + 1 < timesUs.length ? (timesUs[row + 1] as number) - time : lastUs,
  );
}

function samplesOfChunks(lane: Lane, number: number): number[] {
  let chunk = 1;
  return equal([...chunksOf(lane, number)].map(({ first, end }) => end - first)).flatMap(
    ([count, samples]) => {
      const entry = [chunk, samples, 1];
      chunk += count;
      return entry;
    },
  );
}

function syncSamples({ keys }: Lane): Uint8Array {
  const rows = keys.flatMap((key, row) => (key ? [row + 1] : []));
  return fullBox("stss", 0, 0, numbers([32, rows.length]), column(32, rows));
}

/** Opus needs 80 ms of packets before it sounds right: four of the usual length. */
function roll({ sizes }: Lane): Uint8Array[] {
  const described = joined(utf8("roll"), numbers([32, 2], [32, 1], [16, -4]));
  const grouped = joined(utf8("roll"), numbers([32, 1], [32, sizes.length], [32, 1]));
  return [fullBox("sgpd", 1, 0, described), fullBox("sbgp", 0, 0, grouped)];
}

function titled(title: string): Uint8Array {
  if (!title) return new Uint8Array();
  const data = box("data", numbers([32, 1], [32, 0]), new TextEncoder().encode(title));
  const handler = joined(new Uint8Array(4), utf8("mdirappl"), new Uint8Array(9));
  return box(
    "udta",
    fullBox("meta", 0, 0, fullBox("hdlr", 0, 0, handler), box("ilst", box("\u00a9nam", data))),
  );
}

/** `width`: numbers a row. */
function runs(kind: string, flat: readonly number[], width = 2): Uint8Array {
  return fullBox(kind, 0, 0, numbers([32, flat.length / width]), column(32, flat));
}

/** How many, and the value, of each stretch of equal values. */
function equal(values: readonly number[]): [count: number, value: number][] {
  const found: [number, number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last?.[1] === value) last[0] += 1;
    else found.push([1, value]);
  }
  return found;
}
