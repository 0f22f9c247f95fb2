/**
 * The part of CBOR that seals are made of: whole numbers, byte strings and arrays, each in its one form.
 *
 * Everything else is refused, so that two readers never see different things in the same bytes, and what was
 * read is written back as the same bytes (docs/formats/seal.md, S1; RFC 8949 s.4.2.1). The same rules as
 * `src/vivavoce/seal/cbor.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { joined } from "./bytes";

/** What was read. */
export type Item = number | Uint8Array | Item[];
/** What can be written. */
export type Encodable = number | Uint8Array | readonly Encodable[];

export const MAX_BYTES = 64 * 1024;
/** The largest whole number that JavaScript keeps exactly. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER;
const MAX_DEPTH = 6;
const UINT = 0;
const BYTES = 2;
const ARRAY = 4;
/** How many bytes of a number follow each of the longer heads. */
const LENGTHS: ReadonlyMap<number, number> = new Map([
  [24, 1],
  [25, 2],
  [26, 4],
  [27, 8],
]);

/** The one form of `item`. Throws RangeError for what has none. */
export function encode(item: Encodable): Uint8Array {
  if (item instanceof Uint8Array) return joined(head(BYTES, item.byteLength), item);
  if (typeof item === "number") return head(UINT, item);
  if (Array.isArray(item)) return joined(head(ARRAY, item.length), ...item.map(encode));
  throw new RangeError(`${typeof item} has no place in a seal`);
}

function head(kind: number, value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is outside 0..2**53-1`);
  if (value < 24) return Uint8Array.of(kind * 32 + value);
  const [code, length] = [...LENGTHS].find(([, one]) => value < 256 ** one) as [number, number];
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setBigUint64(1, BigInt(value));
  bytes[8 - length] = kind * 32 + code;
  return bytes.subarray(8 - length);
}

/**
 * What these bytes say, in memory of its own.
 *
 * Throws VivavoceError `seal.form` for anything that `encode` would not have written.
 */
export function decode(raw: Uint8Array): Item {
  if (raw.byteLength > MAX_BYTES) refuse(`${raw.byteLength} bytes are over ${MAX_BYTES}`);
  const [item, end] = itemAt(raw, 0, 0);
  if (end !== raw.byteLength) refuse(`${raw.byteLength - end} bytes follow its end`);
  return item;
}

function itemAt(raw: Uint8Array, from: number, depth: number): [item: Item, end: number] {
  if (depth > MAX_DEPTH) refuse(`it is nested deeper than ${MAX_DEPTH}`);
  const first = raw[from] ?? refuse("it ends too early");
  const kind = first >> 5;
  const [value, at] = numberAt(raw, from + 1, first & 31);
  if (kind === UINT) return [value, at];
  if (kind === BYTES) {
    if (at + value > raw.byteLength) refuse("a byte string ends too early");
    return [raw.slice(at, at + value), at + value];
  }
  if (kind !== ARRAY) refuse(`major type ${kind} is not allowed`);
  const items: Item[] = [];
  let end = at;
  for (let count = 0; count < value; count++) {
    const [item, next] = itemAt(raw, end, depth + 1);
    items.push(item);
    end = next;
  }
  return [items, end];
}

function numberAt(raw: Uint8Array, at: number, short: number): [value: number, end: number] {
  if (short < 24) return [short, at];
  const length = LENGTHS.get(short);
  if (length === undefined || at + length > raw.byteLength)
    return refuse(`byte ${at - 1} begins nothing that is allowed`);
  // Inexact above 2^53, and there it is refused.
  const value = raw.subarray(at, at + length).reduce((number, byte) => number * 256 + byte, 0);
  if (value > MAX_INTEGER || value < (length === 1 ? 24 : 16 ** length))
    refuse(`the number before byte ${at + length} is not in its shortest form, or too large`);
  return [value, at + length];
}

function refuse(why: string): never {
  throw new VivavoceError("seal.form", `These bytes are no seal: ${why}.`);
}
