/**
 * A private key in this browser, and what it signs (docs/formats/seal.md, S3 and S4).
 *
 * Made by WebCrypto and never shown: not to the network, not to this program. The same as
 * `src/vivavoce/seal/signer.py`, but that a browser signs only in its own time.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { purpose, sealedUp, toBeSigned } from "./envelope";
import { keyId } from "./keys";

/** A key whose secret no program can read. It may be given to a worker, and to IndexedDB to be kept. */
export interface HeldKey {
  /** 32 bytes. */
  public: Uint8Array;
  secret: CryptoKey;
}

/** A key of its own making. Throws VivavoceError `browser.cannot` where the browser has no Ed25519. */
export async function newKey(): Promise<HeldKey> {
  if (globalThis.crypto?.subtle === undefined) throw cannot();
  let pair: CryptoKeyPair;
  try {
    // The second of the pair may always be shown; `false` holds for the first.
    pair = (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])) as CryptoKeyPair;
  } catch (error) {
    throw error instanceof DOMException && error.name === "NotSupportedError" ? cannot() : error;
  }
  const key = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { public: key, secret: pair.privateKey };
}

export class Signer {
  /** 32 bytes. */
  readonly public: Uint8Array;
  readonly #private: CryptoKey;

  constructor(held: HeldKey) {
    this.public = held.public;
    this.#private = held.secret;
  }

  /** As `newKey`. */
  static async make(): Promise<Signer> {
    return new Signer(await newKey());
  }

  /** 64 bytes, over exactly these. */
  async sign(signed: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign("Ed25519", this.#private, signed.slice()));
  }

  /** A payload under this key's signature. `kind`: `run`, `device` or `revocation`. `founding`: the hash. */
  async envelope(kind: string, founding: Uint8Array, payload: Uint8Array): Promise<Uint8Array> {
    const kid = keyId(this.public);
    return sealedUp(kid, payload, await this.sign(toBeSigned(kid, purpose(kind, founding), payload)));
  }
}

function cannot(): VivavoceError {
  return new VivavoceError("browser.cannot", "This browser cannot make Ed25519 signatures.");
}
