/**
 * A track on disk: a fragment a sample (docs/formats/record.md, R8 to R10).
 *
 *     moof 148
 *       mfhd 16  sequence
 *       traf 124
 *         tfhd 16  default-base-is-moof, track 1
 *         tfdt 20  timestamp, microseconds since the run's epoch
 *         trun 32  one sample: offset 156, duration, size, key or delta
 *         uuid 48  group u64, index u32, received_us u64, crc u32
 *     mdat 8 + the sample's bytes, untouched
 *
 * The CRC-32 covers all of the fragment but itself: it is whole to the last bit, or it is not there. The reading half of
 * `src/vivavoce/record/fragments.py`.
 *
 * @module
 */

import { bytesOfHex, joined, utf8 } from "../seal/bytes";
import { numbers } from "./boxes";
import { crc32 } from "./crc32";
import type { Damage } from "./sealslog";
import type { Source } from "./source";

/** A fragment without its sample. */
export const OVERHEAD = 156;
export const MAX_SAMPLE_BYTES = 4 * 1024 * 1024;
const SAMPLE_UUID = bytesOfHex("c1b1a6d3f4c94a6c9f0e5a1dbb0c7e02");
const KEY = 0x0200_0000;
const DELTA = 0x0101_0000;
const MOOF = 148;
const SIZE_AT = 92;
const FLAGS_AT = 96;
const CRC_AT = 144;
/** Which bytes of a fragment's overhead differ from one to the next; all others are the form. */
const CHANGES = [
  [20, 24],
  [60, 68],
  [88, 100],
  [124, 152],
] as const;
const STEP = 1 << 20;

const FORM = joined(
  numbers([32, MOOF]),
  utf8("moof"),
  numbers([32, 16]),
  utf8("mfhd"),
  numbers([32, 0], [32, 0], [32, 124]),
  utf8("traf"),
  numbers([32, 16]),
  utf8("tfhd"),
  numbers([32, 0x02_0000], [32, 1], [32, 20]),
  utf8("tfdt"),
  numbers([32, 1 << 24], [64, 0], [32, 32]),
  utf8("trun"),
  numbers([32, 0x701], [32, 1], [32, OVERHEAD], [32, 0], [32, 0], [32, 0], [32, 48]),
  utf8("uuid"),
  SAMPLE_UUID,
  new Uint8Array(28),
  utf8("mdat"),
);
const FIXED = Uint8Array.from(FORM.keys()).filter(
  (at) => !CHANGES.some(([start, end]) => start <= at && at < end),
);

/** One whole sample. Where its bytes lie is in `data` from `start` to `end`. */
export interface Fragment {
  start: number;
  end: number;
  key: boolean;
  durationUs: number;
}

/**
 * The whole fragment that begins at byte `at` of `data`, or why there is none: `short` where it may go on behind these
 * bytes, else `other`.
 */
export function fragmentAt(data: Uint8Array, view: DataView, at: number): Fragment | "short" | "other" {
  if (data.byteLength - at < OVERHEAD) return "short";
  for (const place of FIXED) if (data[at + place] !== FORM[place]) return "other";
  const [size, flags] = [view.getUint32(at + SIZE_AT), view.getUint32(at + FLAGS_AT)];
  if ((flags !== KEY && flags !== DELTA) || view.getUint32(at + MOOF) !== size + 8) return "other";
  if (size > MAX_SAMPLE_BYTES) return "other";
  const end = at + OVERHEAD + size;
  if (end > data.byteLength) return "short";
  const crc = crc32(data.subarray(at + MOOF, end), crc32(data.subarray(at, at + CRC_AT)));
  if (crc !== view.getUint32(at + CRC_AT)) return "other";
  return { start: at + OVERHEAD, end, key: flags === KEY, durationUs: view.getUint32(at + 88) };
}

/** What is wrong at byte `at`, where no whole fragment begins: up to the next one, or to the end. */
export async function damageAt(file: Source, at: number): Promise<Damage> {
  const following = await nextWhole(file, at + 1);
  if (following !== null) return { start: at, end: following, torn: false };
  const torn = (await isCut(file, at)) || (await isBlank(file, at));
  return { start: at, end: file.size, torn };
}

/** The file ends inside a fragment, or what may be the beginning of one. */
async function isCut(file: Source, at: number): Promise<boolean> {
  const head = await file.read(at, at + OVERHEAD);
  for (const place of FIXED) if (place < head.byteLength && head[place] !== FORM[place]) return false;
  if (head.byteLength < OVERHEAD) return true;
  const view = new DataView(head.buffer);
  const [size, flags] = [view.getUint32(SIZE_AT), view.getUint32(FLAGS_AT)];
  if ((flags !== KEY && flags !== DELTA) || view.getUint32(MOOF) !== size + 8) return false;
  return size <= MAX_SAMPLE_BYTES && at + OVERHEAD + size > file.size;
}

/** Where the next whole fragment starts, at `from` or later. */
async function nextWhole(file: Source, from: number): Promise<number | null> {
  const mark = FORM.subarray(0, 8);
  for (let start = from; start < file.size; start += STEP) {
    const window = await file.read(start, start + STEP + mark.byteLength - 1);
    for (let found = indexOf(window, mark, 0); found >= 0; found = indexOf(window, mark, found + 1)) {
      const one = await file.read(start + found, start + found + OVERHEAD + MAX_SAMPLE_BYTES);
      if (typeof fragmentAt(one, new DataView(one.buffer), 0) === "object") return start + found;
    }
  }
  return null;
}

function indexOf(data: Uint8Array, mark: Uint8Array, from: number): number {
  // By the `m` of `moof`: the zeros before it are everywhere.
  for (
    let at = data.indexOf(mark[4] as number, from + 4);
    at >= 0;
    at = data.indexOf(mark[4] as number, at + 1)
  )
    if (mark.every((byte, place) => data[at - 4 + place] === byte)) return at - 4;
  return -1;
}

/** Nothing but zeros, as a file system leaves a tail that it had made room for when the power went. */
async function isBlank(file: Source, from: number): Promise<boolean> {
  for (let start = from; start < file.size; start += STEP)
    if ((await file.read(start, start + STEP)).some((byte) => byte !== 0)) return false;
  return true;
}
