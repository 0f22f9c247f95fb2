/**
 * What was revoked, as far as a record or an MP4 tells (docs/formats/seal.md, S17). Nothing is checked here: whether an
 * identity key signed it is for `seal/revocations` to say. The same as `src/vivavoce/record/revoked.py`.
 *
 * @module
 */

import { revocationsOf } from "../seal/founding";
import { revocationsIn } from "../seal/revocations";
import type { Damage, KeptFrame } from "./sealslog";

/** The envelopes that `record.json` keeps beside the founding facts (R3). What is none is left out. */
export function revocationsOfRecord(facts: Record<string, unknown>): Uint8Array[] {
  return revocationsOf({ revocations: facts.revocations });
}

/** Those in the papers of a file of seals (R22). `found`: what was read of it. */
export function* revocationsOfSeals(found: Iterable<KeptFrame | Damage>): Generator<Uint8Array> {
  for (const one of found) if ("raw" in one && one.index === 0) yield* revocationsIn([one.raw]);
}
