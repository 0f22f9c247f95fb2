/**
 * A run's seals on disk (docs/formats/record.md, R22 to R24).
 *
 *     56 56 53 4c  00000001                       "VVSL", the format's version
 *     length u32  crc u32  at_us u64  group u64  index u32  the bytes as they came
 *     …
 *
 * `length` counts what follows the CRC, the CRC-32 covers it. An entry is whole, or it is not there. The reading half of
 * `src/vivavoce/record/seals.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { sameBytes, utf8 } from "../seal/bytes";
import { MAX_BYTES } from "../seal/cbor";
import { crc32 } from "./crc32";

/** The version that is read here. */
export const FORMAT_VERSION = 1;
const MAGIC = utf8("VVSL");
const START_BYTES = 8;
const HEAD_BYTES = 8;
const PLACE_BYTES = 20;

/** Bytes `start` to `end` hold nothing whole. `torn`: the file just ends there, as a crash leaves it. */
export interface Damage {
  start: number;
  end: number;
  torn: boolean;
}

/** A frame of the seals' track. */
export interface KeptFrame {
  /** 0 for papers. */
  index: number;
  /** A copy of its own. */
  raw: Uint8Array;
}

/**
 * Every whole entry of a file, in its order, and what lies between them.
 *
 * Throws VivavoceError `data.newer` for a later version. Nothing that was signed is looked at.
 */
export function* readSeals(data: Uint8Array): Generator<KeptFrame | Damage> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const magic = sameBytes(data.subarray(0, MAGIC.byteLength), MAGIC);
  const begun = data.subarray(0, START_BYTES);
  const form = Uint8Array.of(...MAGIC, 0, 0, 0, FORMAT_VERSION);
  if (!sameBytes(begun, form)) {
    const version = begun.subarray(MAGIC.byteLength).reduce((number, byte) => 256 * number + byte, 0);
    if (magic && version > FORMAT_VERSION && nextWhole(view, START_BYTES) === null)
      throw new VivavoceError("data.newer", `The seals have format version ${version}.`);
    yield { start: 0, end: begun.byteLength, torn: sameBytes(begun, form.subarray(0, begun.byteLength)) };
  }
  for (let at = START_BYTES; at < data.byteLength; ) {
    const end = endOfEntry(view, at);
    if (end !== null) {
      const raw = data.slice(at + HEAD_BYTES + PLACE_BYTES, end);
      yield { index: view.getUint32(at + HEAD_BYTES + 16), raw };
      at = end;
      continue;
    }
    const following = nextWhole(view, at + 1);
    yield { start: at, end: following ?? data.byteLength, torn: following === null && isTorn(view, at) };
    if (following === null) return;
    at = following;
  }
}

/** Where the whole entry at `at` ends; null where there is none. */
function endOfEntry(view: DataView, at: number): number | null {
  if (view.byteLength - at < HEAD_BYTES) return null;
  const [length, start] = [view.getUint32(at), at + HEAD_BYTES];
  if (length <= PLACE_BYTES || length > PLACE_BYTES + MAX_BYTES || start + length > view.byteLength)
    return null;
  return crc32(bytesAt(view, start, start + length)) === view.getUint32(at + 4) ? start + length : null;
}

function nextWhole(view: DataView, from: number): number | null {
  // An entry's length is below 128 KiB: what does not begin so is not worth a checksum.
  for (let at = from; at + HEAD_BYTES <= view.byteLength; at++)
    if (view.getUint8(at) === 0 && view.getUint8(at + 1) <= 1 && endOfEntry(view, at) !== null) return at;
  return null;
}

/** A crash leaves the beginning of an entry, or zeros. What is whole but for its length was changed. */
function isTorn(view: DataView, at: number): boolean {
  if (bytesAt(view, at, view.byteLength).every((byte) => byte === 0)) return true;
  const rest = bytesAt(view, Math.min(at + HEAD_BYTES, view.byteLength), view.byteLength);
  if (view.byteLength - at < HEAD_BYTES) return true;
  const length = view.getUint32(at);
  const possible = length > PLACE_BYTES && length <= PLACE_BYTES + MAX_BYTES;
  if (!possible || at + HEAD_BYTES + length <= view.byteLength) return false;
  return rest.byteLength < PLACE_BYTES || crc32(rest) !== view.getUint32(at + 4);
}

function bytesAt(view: DataView, from: number, until: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + from, until - from);
}
