/**
 * The boxes of an ISO base media file: making them, and walking through them.
 *
 * A box is `size u32, type 4 bytes, content`; a full box puts `version u8, flags u24` before its content; a `uuid` box
 * puts 16 bytes of extended type there. Source: ISO/IEC 14496-12:2022, s.4.2 and s.11.1. The same as
 * `src/vivavoce/record/boxes.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { joined } from "../seal/bytes";

/** Ticks a second, in every track and in the movie: timestamps are microseconds. */
export const TIMESCALE = 1_000_000;

/** Where a box lies. `start`: of its header; `content`: after the header; `end`: after all. */
export interface Box {
  kind: string;
  start: number;
  content: number;
  end: number;
}

/** Numbers as they stand in a box: `[bits, value]`, big-endian. Throws RangeError for what does not fit. */
export function numbers(
  ...fields: readonly (readonly [bits: 8 | 16 | 32 | 64, value: number])[]
): Uint8Array {
  const view = new DataView(new ArrayBuffer(fields.reduce((length, [bits]) => length + bits / 8, 0)));
  let at = 0;
  for (const [bits, value] of fields) {
    if (!Number.isSafeInteger(value) || value >= 2 ** bits || value < (bits === 64 ? 0 : -(2 ** (bits - 1))))
      throw new RangeError(`${value} does not fit into ${bits} bits`);
    if (bits === 8) view.setUint8(at, value);
    else if (bits === 16) view.setUint16(at, value);
    else if (bits === 32) view.setUint32(at, value);
    else view.setBigUint64(at, BigInt(value));
    at += bits / 8;
  }
  return new Uint8Array(view.buffer);
}

/** A column of numbers of 32 or 64 bits, big-endian. Throws RangeError for what does not fit. */
export function column(bits: 32 | 64, values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer((bits / 8) * values.length));
  for (const [at, value] of values.entries()) {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** bits)
      throw new RangeError(`${value} does not fit into ${bits} bits`);
    if (bits === 32) view.setUint32(4 * at, value);
    else view.setBigUint64(8 * at, BigInt(value));
  }
  return new Uint8Array(view.buffer);
}

/** `kind`: four letters of Latin-1. */
export function box(kind: string, ...content: readonly Uint8Array[]): Uint8Array {
  const size = content.reduce((length, part) => length + part.byteLength, 8);
  const letters = Uint8Array.from(kind, (letter) => letter.charCodeAt(0));
  return joined(numbers([32, size]), letters, ...content);
}

export function fullBox(
  kind: string,
  version: number,
  flags: number,
  ...content: readonly Uint8Array[]
): Uint8Array {
  return box(kind, numbers([32, version * 2 ** 24 + flags]), ...content);
}

/**
 * The boxes that lie side by side in `data` from `start` to `end`, not what is inside them.
 *
 * Throws VivavoceError `record.unreadable` for a box that is shorter than its header or runs past the end.
 */
export function* walk(data: Uint8Array, start = 0, end = data.byteLength): Generator<Box> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = start; at < end; ) {
    if (end - at < 8) throw unreadable(`${end - at} bytes at byte ${at} are no box.`);
    let size = view.getUint32(at);
    const kind = String.fromCharCode(...data.subarray(at + 4, at + 8));
    let content = at + 8;
    if (size === 1 && end - at >= 16) {
      size = Number(view.getBigUint64(content));
      content += 8;
    } else if (size === 0) {
      size = end - at;
    }
    if (size < content - at || size > end - at)
      throw unreadable(`The box '${kind}' at byte ${at} claims ${size} bytes.`);
    yield { kind, start: at, content, end: at + size };
    at += size;
  }
}

/**
 * The transformation of a track's picture: turned clockwise, then moved back into view.
 *
 * `rotation`: 0, 90, 180 or 270 degrees. `width`, `height`: of the unturned picture, in pixels. `left`: pixels to move
 * it to the right, so that the sides stand next to each other. Source: ISO/IEC 14496-12, s.6.2.2.
 */
export function matrix(rotation = 0, width = 0, height = 0, left = 0): Uint8Array {
  const turns: Record<number, readonly [number, number, number, number, number, number]> = {
    0: [1, 0, 0, 1, 0, 0],
    90: [0, 1, -1, 0, height, 0],
    180: [-1, 0, 0, -1, width, height],
    270: [0, -1, 1, 0, 0, width],
  };
  const [a, b, c, d, x, y] = turns[rotation] ?? [1, 0, 0, 1, 0, 0];
  const one = 65_536;
  const fields = [a * one, b * one, 0, c * one, d * one, 0, (x + left) * one, y * one, 2 ** 30];
  return numbers(...fields.map((value) => [32, value] as const));
}

export const IDENTITY = matrix();

export function unreadable(message: string): VivavoceError {
  return new VivavoceError("record.unreadable", message);
}
