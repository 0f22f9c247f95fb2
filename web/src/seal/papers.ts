/**
 * What a verifier needs before a run's first seal (docs/formats/seal.md, S19).
 *
 * They stand at the beginning of every group of the seals' track, and first in a record's file of seals, so whoever
 * joins, or has only a part, can judge it. The same rules as `src/vivavoce/seal/papers.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { decode, encode, type Item } from "./cbor";
import { checkKey } from "./keys";

const MOST_VOUCHERS = 8;
/** As many as a run carries. */
export const MOST_REVOCATIONS = 32;

export interface Papers {
  /** The device's public key. */
  device: Uint8Array;
  /** Its run statement's envelope. */
  statement: Uint8Array;
  /** Envelopes of the identity key's device statements. */
  vouchers: readonly Uint8Array[];
  /** Envelopes of its revocations. */
  revocations: readonly Uint8Array[];
}

export function papersBytes({ device, statement, vouchers, revocations }: Papers): Uint8Array {
  return encode([device, statement, vouchers, revocations]);
}

/**
 * Throws VivavoceError `seal.form`, or `seal.key` for a device key that none may have. No signature is checked here:
 * see `runOf`.
 */
export function parsePapers(raw: Uint8Array): Papers {
  const item = decode(raw);
  if (Array.isArray(item) && item.length === 4) {
    const [device, statement, vouchers, revocations] = item;
    if (
      device instanceof Uint8Array &&
      statement instanceof Uint8Array &&
      areEnvelopes(vouchers, MOST_VOUCHERS) &&
      areEnvelopes(revocations, MOST_REVOCATIONS)
    ) {
      checkKey(device);
      return { device, statement, vouchers, revocations };
    }
  }
  throw new VivavoceError("seal.form", `These ${raw.byteLength} bytes are no run's papers.`);
}

function areEnvelopes(item: Item | undefined, most: number): item is Uint8Array[] {
  return Array.isArray(item) && item.length <= most && item.every((one) => one instanceof Uint8Array);
}
