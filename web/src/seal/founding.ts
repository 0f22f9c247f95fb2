/**
 * What the host tells of a discussion's founding, checked here (docs/formats/seal.md, S14 and S16).
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, hexOfBytes } from "../line/catalog";
import { KEY_BYTES } from "./keys";
import { type Founding, foundingDigest, parseFounding } from "./statement";

/** `GET /api/discussions/{id}/founding`, unchecked. */
export interface FoundingTold {
  /** Hex. */
  facts: string;
  /** Of the facts, hex. */
  hash: string;
  /** By seat: the devices' keys that the host introduces, in hex, in whatever form. */
  devices: Record<string, unknown>;
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

/** The devices' keys that the host introduces for a seat. What is no key is left out. */
export function devicesOf(told: FoundingTold, seat: string): Uint8Array[] {
  return strings(told.devices?.[seat])
    .filter((one) => HEX.test(one) && one.length === 2 * KEY_BYTES)
    .map(bytesOfHex);
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...strings(one)]);
}

function refuse(why: string): never {
  throw new VivavoceError("seal.founding", `The founding facts are refused: ${why}.`);
}
