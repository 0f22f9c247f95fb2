/**
 * Ed25519 without its doubtful corners (docs/formats/seal.md, S4; RFC 8032).
 *
 * Libraries differ on keys of small order and on encodings that are not the shortest; both are refused here before
 * WebCrypto is asked. A key of mixed order is not detected: its owner could find signatures on which libraries
 * differ, which would make a seal of the owner's own doubtful and nobody else's. The same rules as
 * `src/vivavoce/seal/keys.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, hexOfBytes } from "./bytes";
import { tagged } from "./digest";

export const KEY_BYTES = 32;
export const KEY_ID_BYTES = 8;
export const SIGNATURE_BYTES = 64;
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The y coordinates of the eight points of small order. */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  littleEndian(bytesOfHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
  littleEndian(bytesOfHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")),
]);

/** Eight bytes by which an envelope names its key. It finds a key; it does not prove one. */
export function keyId(key: Uint8Array): Uint8Array {
  return tagged("vv/key/1", key).subarray(0, KEY_ID_BYTES);
}

/** Throws VivavoceError `seal.key` for what is not 32 bytes, not canonical, or of small order. */
export function checkKey(key: Uint8Array): void {
  if (key.byteLength === KEY_BYTES && yOf(key) < P && !SMALL_ORDER.has(yOf(key))) return;
  throw new VivavoceError("seal.key", `The key ${hexOfBytes(key)} is none that a seal may have.`);
}

/**
 * Throws VivavoceError: `seal.key` as `checkKey`; `seal.signature` where it is not canonical or does not hold;
 * `browser.cannot` where nothing was found out, because the browser has no Ed25519.
 */
export async function checkSignature(
  key: Uint8Array,
  signature: Uint8Array,
  signed: Uint8Array,
): Promise<void> {
  checkKey(key);
  if (signature.byteLength === SIGNATURE_BYTES) {
    const y = yOf(signature.subarray(0, 32));
    const canonical = y < P && littleEndian(signature.subarray(32)) < L;
    if (canonical && !SMALL_ORDER.has(y) && (await holds(key, signature, signed))) return;
  }
  throw new VivavoceError("seal.signature", `The signature does not hold for the key ${hexOfBytes(key)}.`);
}

async function holds(key: Uint8Array, signature: Uint8Array, signed: Uint8Array): Promise<boolean> {
  // Copies: whoever called may write over its bytes while this waits.
  const [one, text] = [signature.slice(), signed.slice()];
  if (globalThis.crypto?.subtle === undefined) throw cannot();
  try {
    const imported = await crypto.subtle.importKey("raw", key.slice(), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, one, text);
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotSupportedError") throw cannot();
    if (name === "DataError" || name === "OperationError") return false;
    throw error;
  }
}

function cannot(): VivavoceError {
  return new VivavoceError("browser.cannot", "This browser cannot check Ed25519 signatures.");
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${hexOfBytes(bytes.slice().reverse())}`);
}

function yOf(point: Uint8Array): bigint {
  return BigInt.asUintN(255, littleEndian(point));
}
