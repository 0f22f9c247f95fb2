/**
 * What a run is sealed by: a key of its own, which its device vouches for.
 *
 * @module
 */

import { type ErrorCode, VivavoceError } from "../errors";
import { Signer } from "../seal/signer";
import { after } from "./after";
import { pageNowUs } from "./clock";
import type { ToPublisherWorker } from "./messages";
import { Sealing } from "./sealing";
import { Seals } from "./seals";

/** A browser that has not made its keys within this goes on air without. */
const KEYS_MS = 2_000;

export type StartPublishing = Extract<ToPublisherWorker, { type: "start" }>;

/** Null where the run is not to be sealed, or cannot be. `onTrouble`: why it cannot, or seals no more. */
export async function sealsFor(
  { grant, sealedBy }: StartPublishing,
  epochUs: number,
  onTrouble: (code: ErrorCode) => void,
): Promise<Seals | null> {
  if (!sealedBy) return null;
  try {
    const device = new Signer(sealedBy.device);
    const seat = grant.path.split("/")[1] ?? "";
    const made = Sealing.make({ ...sealedBy, device, seat, run: grant.run, epochUs });
    const sealing = await Promise.race([made, after(KEYS_MS)]);
    if (sealing) return new Seals(sealing, { nowUs: pageNowUs, onTrouble });
    onTrouble("seal.apart");
  } catch (error) {
    onTrouble(error instanceof VivavoceError ? error.code : "internal");
  }
  return null;
}
