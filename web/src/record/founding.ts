/**
 * The founding facts of a record, from what its `record.json` says (docs/formats/seal.md, S14).
 *
 * They give the bytes that the host founded the discussion with, as long as nobody changed a fact: with another title or
 * another key they are other bytes, and no seal holds under them. The same as `src/vivavoce/record/founding.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex } from "../seal/bytes";
import { type Founding, foundingBytes, parseFounding } from "../seal/statement";
import { isObject } from "./trackconfig";

/**
 * `facts`: the object in `record.json`. Every seat is a side of the founding, booths included, in the order of the file.
 * Throws VivavoceError `seal.founding` where a fact is missing or of another kind.
 */
export function foundingOfRecord(facts: Record<string, unknown>): Founding {
  const { discussion, title, created_us: createdUs, seats } = facts;
  for (const key of ["discussion", "title", "created_us", "seats"])
    if (!Object.hasOwn(facts, key)) refuse(`'${key}'`);
  if (!isObject(seats)) return refuse("seats are no object");
  if (!Number.isSafeInteger(createdUs)) return refuse("created_us is no number");
  try {
    return parseFounding(
      foundingBytes({
        discussion: text(discussion, "discussion"),
        title: text(title, "title"),
        createdUs: createdUs as number,
        sides: Object.entries(seats).map(([seat, said]) => sideOf(seat, said)),
      }),
    );
  } catch (error) {
    if (error instanceof RangeError) return refuse(error.message);
    throw error;
  }
}

function sideOf(seat: string, said: unknown): Founding["sides"][number] {
  if (!isObject(said)) return refuse(`${seat} is no object`);
  for (const key of ["name", "language"]) if (!Object.hasOwn(said, key)) refuse(`'${key}'`);
  const identity = text(said.identity || "", "identity");
  if (!/^([0-9a-fA-F]{2})*$/.test(identity)) refuse(`the key of ${seat} is no hex`);
  return {
    seat,
    name: text(said.name, "name"),
    language: text(said.language, "language"),
    identity: bytesOfHex(identity),
  };
}

function text(value: unknown, name: string): string {
  return typeof value === "string" ? value : refuse(`${name} is no text`);
}

function refuse(why: string): never {
  throw new VivavoceError("seal.founding", `The record does not say all that it was founded with: ${why}.`);
}
