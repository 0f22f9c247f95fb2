/**
 * A side on air, as `tools/vectors/show.py` has it: its keys are made of words. Used by tests only.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesOfHex, joined, utf8 } from "./bytes";
import type { PictureConfig, SoundConfig } from "./config";
import { purpose, sealedUp, toBeSigned } from "./envelope";
import { keyId } from "./keys";
import { Sealer } from "./sealer";
import { type Founding, foundingDigest, runStatementBytes } from "./statement";

/** An Ed25519 key in PKCS #8, but for its 32 bytes (RFC 8410 s.7). */
const PKCS8 = bytesOfHex("302e020100300506032b657004220420");

export interface KeyPair {
  secret: CryptoKey;
  key: Uint8Array;
}

export async function keyPair(word: string): Promise<KeyPair> {
  const raw = joined(PKCS8, sha256(utf8(`vivavoce ${word}`))).slice();
  const secret = await crypto.subtle.importKey("pkcs8", raw, "Ed25519", true, ["sign"]);
  const { x = "" } = await crypto.subtle.exportKey("jwk", secret);
  const binary = atob(x.replaceAll("-", "+").replaceAll("_", "/"));
  return { secret, key: Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) };
}

export async function sign({ secret }: KeyPair, text: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("Ed25519", secret, text.slice()));
}

export async function signed(kind: string, payload: Uint8Array, by: KeyPair): Promise<Uint8Array> {
  const kid = keyId(by.key);
  return sealedUp(kid, payload, await sign(by, toBeSigned(kid, purpose(kind, FOUNDING_HASH), payload)));
}

export const IDENTITY = await keyPair("identity");
export const DEVICE = await keyPair("device");
export const RUN = await keyPair("run");
export const RUN_ID = bytesOfHex("9f86d081884c7d65");
export const EPOCH_US = 1_795_293_844_127_987;
export const FOUNDING: Founding = {
  discussion: "k7m2xq4vw9",
  title: "On the bridge",
  createdUs: 1_795_200_000_000_000,
  sides: [
    { seat: "north", name: "Northland", language: "en", identity: new Uint8Array() },
    { seat: "south", name: "Южный край", language: "ru", identity: IDENTITY.key },
  ],
};
export const FOUNDING_HASH = foundingDigest(FOUNDING);
export const HD: PictureConfig = {
  kind: "picture",
  name: "hd.1",
  codec: "avc1.42e01f",
  description: bytesOfHex("0142e01fffe1"),
  width: 1280,
  height: 720,
  rotation: 0,
  millihertz: 30_000,
};
export const SD: PictureConfig = { ...HD, name: "sd.1", codec: "avc1.42e01e", width: 640, height: 360 };
export const FLOOR: SoundConfig = {
  kind: "sound",
  name: "floor.1",
  codec: "opus",
  rate: 48_000,
  channels: 1,
  language: "en",
  role: "floor",
  interprets: "",
};
export const STATEMENT = await signed(
  "run",
  runStatementBytes({
    run: RUN_ID,
    key: RUN.key,
    seat: "north",
    epochUs: EPOCH_US,
    client: new Uint8Array(),
  }),
  DEVICE,
);

export function newSealer(): Sealer {
  return new Sealer(FOUNDING_HASH, RUN_ID, RUN.key, STATEMENT);
}
