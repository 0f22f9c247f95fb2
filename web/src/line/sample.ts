/**
 * One encoded picture or sound packet, and how it stands in a MoQ frame.
 *
 * Framing (docs/formats/line.md, L7): a QUIC varint with the timestamp in microseconds since the run's
 * epoch, then the encoder's bytes untouched. The same rules as `src/vivavoce/line/sample.py`; `vectors/sample`
 * holds the two together.
 *
 * @module
 */

import { VivavoceError } from "../errors";

/** A 4K key picture stays below a megabyte; four leave room, and a hostile frame is refused. */
export const MAX_SAMPLE_BYTES = 4 * 1024 * 1024;

const VARINT_END = 1n << 62n;

/** A frame taken apart. `data` shares memory with the frame; empty for a marker, which is no sample. */
export interface Frame {
  timestampUs: bigint;
  data: Uint8Array;
}

/**
 * The MoQ frame for a sample. `timestampUs`: whole microseconds, 0 to 2^62 - 1.
 *
 * Throws RangeError otherwise. Source: RFC 9000 s.16.
 */
export function encodeFrame(timestampUs: number | bigint, data: Uint8Array): Uint8Array {
  const timestamp = BigInt(timestampUs);
  if (timestamp < 0n || timestamp >= VARINT_END) {
    throw new RangeError(`timestamp ${timestamp} is outside 0..2^62-1 microseconds`);
  }
  const tag = timestamp < 1n << 6n ? 0 : timestamp < 1n << 14n ? 1 : timestamp < 1n << 30n ? 2 : 3;
  const length = 1 << tag;
  const varint = new DataView(new ArrayBuffer(8));
  varint.setBigUint64(0, timestamp | (BigInt(tag) << BigInt(8 * length - 2)));
  const frame = new Uint8Array(length + data.byteLength);
  frame.set(new Uint8Array(varint.buffer, 8 - length), 0);
  frame.set(data, length);
  return frame;
}

/**
 * Timestamp and sample bytes of a MoQ frame.
 *
 * Throws VivavoceError `line.sample` for an empty, truncated or oversized frame. Does not look inside the bytes.
 */
export function decodeFrame(frame: Uint8Array): Frame {
  const first = frame[0];
  const length = first === undefined ? 1 : 1 << (first >> 6);
  if (first === undefined || frame.byteLength < length) {
    throw new VivavoceError("line.sample", `A frame of ${frame.byteLength} bytes ends inside its timestamp.`);
  }
  if (frame.byteLength > MAX_SAMPLE_BYTES + 8) {
    throw new VivavoceError(
      "line.sample",
      `A frame of ${frame.byteLength} bytes is over ${MAX_SAMPLE_BYTES} bytes.`,
    );
  }
  const varint = new Uint8Array(8);
  varint.set(frame.subarray(0, length), 8 - length);
  varint[8 - length] = first & 0x3f;
  return { timestampUs: new DataView(varint.buffer).getBigUint64(0), data: frame.subarray(length) };
}
