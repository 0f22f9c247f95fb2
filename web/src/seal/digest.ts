/**
 * Hashes of samples and of what they stand in (docs/formats/seal.md, S6 and S7). SHA-256 throughout.
 *
 * By @noble/hashes, which is audited and synchronous: WebCrypto answers only later, and what an encoder puts out
 * has to be hashed in order. The same rules as `src/vivavoce/seal/digest.py`.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { joined, utf8 } from "./bytes";
import { MAX_INTEGER } from "./cbor";

export const DIGEST_BYTES = 32;
const MAX_INDEX = 2 ** 32 - 1;

function tag(name: string): Uint8Array {
  return joined(Uint8Array.of(name.length), utf8(name));
}

const SPAN = tag("vv/span/1");
const SAMPLE = tag("vv/sample/1");
/** What a leaf is hashed of begins with this; group, index, timestamp, key and the bytes follow (S6). */
export const LEAF_TAG = SAMPLE;
const CHAIN = tag("vv/chain/1");

function hashed(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = sha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** H(name, parts…): the tag's length, the tag, then the parts. They must be of fixed length, but the last. */
export function tagged(name: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return hashed(tag(name), ...parts);
}

/**
 * d0 of the span that begins with `group`. `founding`: 32 bytes. `run`: 8. `track`: 0 to 255. `config`: S5's
 * bytes.
 */
export function spanStart(
  founding: Uint8Array,
  run: Uint8Array,
  track: number,
  group: number,
  config: Uint8Array,
): Uint8Array {
  within(track, 255);
  within(group, MAX_INTEGER);
  const place = new DataView(new ArrayBuffer(9));
  place.setUint8(0, track);
  place.setBigUint64(1, BigInt(group));
  return hashed(SPAN, founding, run, new Uint8Array(place.buffer), hashed(config));
}

/** Of one sample. `group`, `timestampUs`: below 2^53. `index`: below 2^32. Throws RangeError otherwise. */
export function leaf(
  group: number,
  index: number,
  timestampUs: number,
  key: boolean,
  data: Uint8Array,
): Uint8Array {
  return hashed(leafStart(group, index, timestampUs, key), data);
}

/** What stands before a sample's bytes where its leaf is hashed. Throws RangeError as `leaf` does. */
export function leafStart(group: number, index: number, timestampUs: number, key: boolean): Uint8Array {
  within(group, MAX_INTEGER);
  within(index, MAX_INDEX);
  within(timestampUs, MAX_INTEGER);
  const place = new DataView(new ArrayBuffer(21));
  place.setBigUint64(0, BigInt(group));
  place.setUint32(8, index);
  place.setBigUint64(12, BigInt(timestampUs));
  place.setUint8(20, key ? 1 : 0);
  return joined(SAMPLE, new Uint8Array(place.buffer));
}

/** d(i) from d(i-1) and the leaf of sample i. */
export function extended(digest: Uint8Array, leafHash: Uint8Array): Uint8Array {
  return hashed(CHAIN, digest, leafHash);
}

/** d(i + n) from d(i) and n leaves, one behind the other. */
export function spanEnd(digest: Uint8Array, leaves: Uint8Array): Uint8Array {
  const link = joined(CHAIN, digest, digest);
  const at = CHAIN.byteLength;
  for (let leaf = 0; leaf < leaves.byteLength; leaf += DIGEST_BYTES) {
    link.set(leaves.subarray(leaf, leaf + DIGEST_BYTES), at + DIGEST_BYTES);
    link.set(sha256(link), at);
  }
  return link.slice(at, at + DIGEST_BYTES);
}

function within(value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > most)
    throw new RangeError(`${value} is outside 0..${most}`);
}
