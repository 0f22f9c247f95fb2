/**
 * Leaves of a span as they travel: by them what came of it in part can be judged (docs/formats/seal.md, S20).
 *
 *     83 01 18 64 58 60 …      track 1, from group 100 on, three leaves of 32 bytes
 *
 * Nobody signs them: they count only as far as they lead to a digest that was sealed. They are told from papers and
 * envelopes, which are arrays of four, by their first byte. The same rules as `src/vivavoce/seal/leavesframe.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { joined } from "./bytes";
import { decode, encode } from "./cbor";

export const MOST_LEAVES = 1_024;
const FIRST = 0x83;
const LEAF_BYTES = 32;
const MOST_TRACK = 255;

export interface LeavesFrame {
  /** Its number in the run. */
  track: number;
  /** The span's first. */
  group: number;
  /** Of its samples, from the first on. */
  leaves: readonly Uint8Array[];
}

export function leavesBytes({ track, group, leaves }: LeavesFrame): Uint8Array {
  return encode([track, group, joined(...leaves)]);
}

/** Whether these bytes are meant to be leaves, and not papers or an envelope. Does not check their form. */
export function isLeaves(raw: Uint8Array): boolean {
  return raw[0] === FIRST;
}

/** Throws VivavoceError `seal.form`. Whether they are the sealed ones is not looked at: see `Verdict.resolved`. */
export function parseLeaves(raw: Uint8Array): LeavesFrame {
  const item = decode(raw);
  if (Array.isArray(item) && item.length === 3) {
    const [track, group, all] = item;
    if (
      typeof track === "number" &&
      track <= MOST_TRACK &&
      typeof group === "number" &&
      all instanceof Uint8Array
    ) {
      const count = all.byteLength / LEAF_BYTES;
      if (Number.isInteger(count) && count > 0 && count <= MOST_LEAVES) {
        const leaves = Array.from({ length: count }, (_, at) =>
          all.subarray(LEAF_BYTES * at, LEAF_BYTES * (at + 1)),
        );
        return { track, group, leaves };
      }
    }
  }
  throw new VivavoceError("seal.form", `These ${raw.byteLength} bytes are no leaves of a span.`);
}
