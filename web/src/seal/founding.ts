/**
 * What the host tells of a discussion's founding, checked here (docs/formats/seal.md, S14 and S16).
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, hexOfBytes } from "./bytes";
import { KEY_BYTES } from "./keys";
import { type Founding, foundingDigest, parseFounding } from "./statement";

/** `GET /api/discussions/{id}/founding`, unchecked. */
export interface FoundingTold {
  /** Hex. */
  facts: string;
  /** Of the facts, hex. */
  hash: string;
  /** By seat, who is on the line and seals now: the run and its device's key, in hex. The host's word. */
  devices: Record<string, { run: string; device: string }>;
}

export interface Founded {
  founding: Founding;
  hash: Uint8Array;
}

const HEX = /^([0-9a-f]{2})*$/;

/**
 * The facts, and their hash as it was made here.
 *
 * Throws VivavoceError `seal.founding` where they are not of their form, are another discussion's, or have another
 * hash than was told.
 */
export function foundedBy(told: FoundingTold, discussion: string): Founded {
  if (typeof told.facts !== "string" || !HEX.test(told.facts)) refuse("they are not hex");
  const founding = parseFounding(bytesOfHex(told.facts));
  if (founding.discussion !== discussion) refuse(`they are those of ${founding.discussion}`);
  const hash = foundingDigest(founding);
  if (hexOfBytes(hash) !== told.hash) refuse("their hash is another");
  return { founding, hash };
}

/** The key by which the host introduces the device of a seat's run; null where it names none. */
export function deviceOf(told: FoundingTold, seat: string, run: string): Uint8Array | null {
  const one = told.devices?.[seat];
  if (one?.run !== run || typeof one.device !== "string") return null;
  return HEX.test(one.device) && one.device.length === 2 * KEY_BYTES ? bytesOfHex(one.device) : null;
}

function refuse(why: string): never {
  throw new VivavoceError("seal.founding", `The founding facts are refused: ${why}.`);
}
