/**
 * An identity key as a side hands it over: 64 hexadecimal digits, or a public key in PEM.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, hexOfBytes, sameBytes } from "../seal/bytes";
import { checkKey, KEY_BYTES } from "../seal/keys";

/**
 * Why it is none. `form`: neither digits nor PEM. `private`: it is the secret half, which must be given to nobody.
 * `kind`: a key of another kind than Ed25519. `weak`: one that none may have.
 */
export type Unusable = "form" | "private" | "kind" | "weak";

/** A PEM of Ed25519 has some 120 bytes; more is for the comments that tools put before it. */
export const MOST_PEM = 16 * 1024;
/** RFC 8410: SubjectPublicKeyInfo of an Ed25519 key, up to the key itself. */
const SPKI = bytesOfHex("302a300506032b6570032100");
const PEM = /-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----/;

/** 64 lower-case hexadecimal digits, or why there are none. */
export function identityKeyIn(text: string): { key: string } | { why: Unusable } {
  if (text.length > MOST_PEM) return { why: "form" };
  if (/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/.test(text)) return { why: "private" };
  const plain = text.replaceAll(/\s/g, "");
  if (/^[0-9a-f]{64}$/i.test(plain)) return checked(bytesOfHex(plain));
  const [, label, body = ""] = PEM.exec(text) ?? [];
  if (label !== "PUBLIC KEY") return { why: "form" };
  let der: Uint8Array;
  try {
    der = Uint8Array.from(atob(body.replaceAll(/\s/g, "")), (letter) => letter.charCodeAt(0));
  } catch {
    return { why: "form" };
  }
  const isEd25519 = der.byteLength === SPKI.byteLength + KEY_BYTES && sameBytes(der.subarray(0, 12), SPKI);
  return isEd25519 ? checked(der.subarray(SPKI.byteLength)) : { why: "kind" };
}

function checked(key: Uint8Array): { key: string } | { why: Unusable } {
  try {
    checkKey(key);
    return { key: hexOfBytes(key) };
  } catch (error) {
    if (error instanceof VivavoceError) return { why: "weak" };
    throw error;
  }
}
