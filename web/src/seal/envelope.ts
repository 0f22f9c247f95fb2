/**
 * What carries a signature: COSE_Sign1 in exactly one form (docs/formats/seal.md, S2 and S3; RFC 9052 s.4.2).
 *
 *     84                      an array of four
 *        4d a2 01 27 04 48 …  protected: {alg: EdDSA, kid: 8 bytes}
 *        a0                   unprotected: nothing
 *        58 .. …              the payload
 *        58 40 …              the signature
 *
 * The same rules as `src/vivavoce/seal/envelope.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, joined, sameBytes, utf8 } from "./bytes";
import { encode, MAX_BYTES } from "./cbor";
import { checkSignature, KEY_ID_BYTES, SIGNATURE_BYTES } from "./keys";

const BEGIN = bytesOfHex("844da201270448");
const UNPROTECTED = bytesOfHex("a0");
const SIGNATURE = bytesOfHex("5840");
const PAYLOAD = BEGIN.byteLength + KEY_ID_BYTES + 1;
/** Of COSE's Sig_structure: an array of four, and its first text. */
const SIGN1 = joined(bytesOfHex("846a"), utf8("Signature1"));

/** Read, and not checked: only `check` says whether the key signed it. */
export class Envelope {
  /** All of it, as it came. */
  readonly raw: Uint8Array;
  /** Which key it names. */
  readonly kid: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;

  constructor(raw: Uint8Array, kid: Uint8Array, payload: Uint8Array, signature: Uint8Array) {
    this.raw = raw;
    this.kid = kid;
    this.payload = payload;
    this.signature = signature;
  }

  /**
   * Throws VivavoceError as `checkSignature`: `seal.key` or `seal.signature` unless this key signed it for this
   * purpose.
   */
  async check(key: Uint8Array, aad: Uint8Array): Promise<void> {
    await checkSignature(key, this.signature, toBeSigned(this.kid, aad, this.payload));
  }
}

/** The external data of a signature: `vivavoce/seal/1` and the hash of the founding facts. */
export function purpose(kind: string, founding: Uint8Array): Uint8Array {
  return joined(utf8(`vivavoce/${kind}/1`), founding);
}

/** COSE's Sig_structure: what the signature is of. `kid`: 8 bytes. */
export function toBeSigned(kid: Uint8Array, aad: Uint8Array, payload: Uint8Array): Uint8Array {
  return joined(SIGN1, encode(joined(BEGIN.subarray(2), kid)), encode(aad), encode(payload));
}

/** The whole envelope. Does not check the signature. */
export function sealedUp(kid: Uint8Array, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  if (kid.byteLength !== KEY_ID_BYTES || signature.byteLength !== SIGNATURE_BYTES)
    throw new RangeError("a key id has 8 bytes, a signature 64");
  return form(kid, payload, signature);
}

/**
 * An envelope in memory of its own.
 *
 * Throws VivavoceError `seal.form` for anything but the one form. The signature is *not* checked here.
 */
export function openEnvelope(raw: Uint8Array): Envelope {
  if (raw.byteLength > MAX_BYTES)
    refuse(`${raw.byteLength} bytes are no envelope of a seal: over ${MAX_BYTES}.`);
  const own = raw.slice();
  const kid = own.subarray(BEGIN.byteLength, PAYLOAD - 1);
  const signature = own.subarray(-SIGNATURE_BYTES);
  for (const head of [1, 2, 3]) {
    const payload = own.subarray(PAYLOAD + head, -SIGNATURE_BYTES - SIGNATURE.byteLength);
    if (sameBytes(own, form(kid, payload, signature))) return new Envelope(own, kid, payload, signature);
  }
  return refuse(`These ${raw.byteLength} bytes are no envelope of a seal.`);
}

function form(kid: Uint8Array, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return joined(BEGIN, kid, UNPROTECTED, encode(payload), SIGNATURE, signature);
}

function refuse(message: string): never {
  throw new VivavoceError("seal.form", message);
}
