/**
 * One encoded picture or sound packet, and how it stands in a MoQ frame.
 *
 * Framing (docs/formats/line.md, L7): a QUIC varint with the timestamp in microseconds since the run's
 * epoch, then the encoder's bytes untouched. The same rules as `src/vivavoce/line/sample.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";

/** A 4K key picture stays below a megabyte; four leave room, and a hostile frame is refused. */
export const MAX_SAMPLE_BYTES = 4 * 1024 * 1024;

/** A frame taken apart. `data` shares memory with the frame; empty for a marker, which is no sample. */
export interface Frame {
  timestampUs: number;
  data: Uint8Array;
}

const SIZES = [
  [1, 2 ** 6, 0x00],
  [2, 2 ** 14, 0x40],
  [4, 2 ** 30, 0x80],
  [8, Number.MAX_SAFE_INTEGER, 0xc0],
] as const;

/**
 * The MoQ frame for a sample. `timestampUs`: a whole number, 0 to 2^53 - 1.
 *
 * Throws RangeError otherwise. Source: RFC 9000 s.16.
 */
export function encodeFrame(timestampUs: number, data: Uint8Array): Uint8Array {
  if (!Number.isSafeInteger(timestampUs) || timestampUs < 0) {
    throw new RangeError(`timestamp ${timestampUs} is outside 0..2^53-1 microseconds`);
  }
  for (const [length, below, tag] of SIZES) {
    if (timestampUs < below || length === 8) {
      const frame = new Uint8Array(length + data.byteLength);
      let rest = timestampUs;
      for (let at = length - 1; at >= 0; at--) {
        frame[at] = rest % 256;
        rest = Math.floor(rest / 256);
      }
      frame[0] = (frame[0] ?? 0) | tag;
      frame.set(data, length);
      return frame;
    }
  }
  throw new Error("unreachable: eight bytes hold every safe integer");
}

/**
 * Timestamp and sample bytes of a MoQ frame.
 *
 * Throws VivavoceError `line.sample` for an empty, truncated or oversized frame, and for a timestamp
 * above 2^53 - 1. Does not look inside the bytes.
 */
export function decodeFrame(frame: Uint8Array): Frame {
  const first = frame[0];
  const length = first === undefined ? 1 : 1 << (first >> 6);
  if (first === undefined || frame.byteLength < length) {
    throw new VivavoceError("line.sample", `A frame of ${frame.byteLength} bytes ends inside its timestamp.`);
  }
  if (frame.byteLength > MAX_SAMPLE_BYTES + 8) {
    throw new VivavoceError("line.sample", `A frame of ${frame.byteLength} bytes is over ${MAX_SAMPLE_BYTES} bytes.`);
  }
  let timestampUs = first & 0x3f;
  for (let at = 1; at < length; at++) timestampUs = timestampUs * 256 + (frame[at] ?? 0);
  if (!Number.isSafeInteger(timestampUs)) {
    throw new VivavoceError("line.sample", "A frame's timestamp is over 2^53 - 1 microseconds.");
  }
  return { timestampUs, data: frame.subarray(length) };
}
