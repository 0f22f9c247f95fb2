/**
 * A track's file, read once: every whole sample's place, time and leaf (docs/formats/seal.md, S6).
 *
 * Large samples are hashed by WebCrypto, many at a time: at six kilobytes it takes a seventh of what a hash in
 * JavaScript takes. Below half a kilobyte asking costs more than hashing. A leaf's beginning is put right before the
 * sample's bytes, where the fragment's header was, so that nothing is copied to be hashed. The same as
 * `src/vivavoce/record/leaves.py`.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { LEAF_TAG } from "../seal/digest";
import { Leaves } from "../seal/leaves";
import { damageAt, fragmentAt, MAX_SAMPLE_BYTES, OVERHEAD } from "./fragments";
import type { Damage } from "./sealslog";
import type { Source } from "./source";

/** Whole fragments of the largest size fit into it. */
const WINDOW = MAX_SAMPLE_BYTES + OVERHEAD;
/** Below it a hash in JavaScript is faster than asking the browser for one. */
export const WORTH_ASKING_BYTES = 512;
const SECOND_US = 1_000_000;
const PLACE_BYTES = 21;
const LEAF_START = LEAF_TAG.byteLength + PLACE_BYTES;

export class Hashed {
  readonly leaves = new Leaves();
  /** By second of the run's time, the least of (arrival − timestamp), for the alignment. */
  readonly leastUs = new Map<number, number>();
  /** The end of the last sample, as far as its own length is told. */
  endUs = 0;
}

/**
 * Read all from byte `start` on into `into`. Yields where it has come to, a window at a time, and what is no whole
 * sample.
 */
export async function* hashFile(file: Source, start: number, into: Hashed): AsyncGenerator<Damage | number> {
  for (let at = start; at < file.size; ) {
    const window = await file.read(at, at + WINDOW);
    const done = await hashWindow(window, into);
    if (done > 0) {
      at += done;
      yield at;
      continue;
    }
    const found = await damageAt(file, at);
    yield found;
    at = found.end;
  }
}

/** Take the whole samples at the beginning of `data`. Returns how many bytes they are. Writes over their headers. */
async function hashWindow(data: Uint8Array<ArrayBuffer>, into: Hashed): Promise<number> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const hashes: (Promise<ArrayBuffer> | Uint8Array)[] = [];
  const samples: [group: number, index: number, timestampUs: number][] = [];
  let at = 0;
  for (let one = fragmentAt(data, view, 0); typeof one === "object"; one = fragmentAt(data, view, at)) {
    samples.push([wide(view, at + 124), view.getUint32(at + 132), wide(view, at + 60)]);
    timed(view, at, one.durationUs, into);
    const leaf = leafBytes(data, at, one.start, one.end, one.key);
    const large = leaf.byteLength >= WORTH_ASKING_BYTES;
    hashes.push(large ? crypto.subtle.digest("SHA-256", leaf) : sha256(leaf));
    at = one.end;
  }
  const digests = await Promise.all(hashes);
  samples.forEach(([group, index, timestampUs], row) => {
    into.leaves.add(group, index, timestampUs, new Uint8Array(digests[row] as ArrayBuffer));
  });
  return at;
}

/** What the leaf is hashed of: its beginning is written before the sample, over the header of its fragment. */
function leafBytes(
  data: Uint8Array<ArrayBuffer>,
  header: number,
  start: number,
  end: number,
  key: boolean,
): Uint8Array<ArrayBuffer> {
  const place = data.slice(header + 124, header + 136);
  const time = data.slice(header + 60, header + 68);
  const from = start - LEAF_START;
  data.set(LEAF_TAG, from);
  data.set(place, from + LEAF_TAG.byteLength);
  data.set(time, from + LEAF_TAG.byteLength + 12);
  data[start - 1] = key ? 1 : 0;
  return data.subarray(from, end);
}

function timed(view: DataView, at: number, durationUs: number, into: Hashed): void {
  const time = signed(view, at + 60);
  const delay = signed(view, at + 136) - time;
  const second = Math.floor(time / SECOND_US);
  if (delay < (into.leastUs.get(second) ?? Infinity)) into.leastUs.set(second, delay);
  into.endUs = Math.max(into.endUs, time + durationUs);
}

/** Inexact above 2^53, where no seal speaks of it. */
function wide(view: DataView, at: number): number {
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}

function signed(view: DataView, at: number): number {
  return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);
}
