/** Promise: a side learns before it goes on air whether its voucher is of use, and if not, why not. */

import { expect, test } from "vitest";
import { hexOfBytes, joined, utf8 } from "./bytes";
import { purpose, sealedUp, toBeSigned } from "./envelope";
import { keyId } from "./keys";
import { DEVICE, FOUNDING, FOUNDING_HASH, IDENTITY, keyPair, RUN, sign, signed } from "./show";
import { deviceStatementBytes, foundingDigest, revocationBytes, runStatementBytes } from "./statement";
import { envelopeIn, type Refusal, unfit, type Word, wordIn } from "./vouched";

const SAID = { device: DEVICE.key, seat: "south", name: "telephone", fromUs: 1_000, untilUs: 2_000 };
const VOUCHER = await signed("device", deviceStatementBytes(SAID), IDENTITY);
const REVOCATION = await signed("revocation", revocationBytes({ device: DEVICE.key, atUs: 7 }), IDENTITY);

const read = (given: Uint8Array): Promise<Word | Refusal> => wordIn(FOUNDING, IDENTITY.key, given);

test("a voucher says whom it names and until when", async () => {
  expect(await read(VOUCHER)).toEqual({ kind: "voucher", raw: VOUCHER, said: SAID });
});

test("a revocation is told from a voucher by itself", async () => {
  expect(await read(REVOCATION)).toMatchObject({ kind: "revocation", said: { device: DEVICE.key, atUs: 7 } });
});

test.each([
  ["digits", hexOfBytes(VOUCHER)],
  ["digits in capitals", hexOfBytes(VOUCHER).toUpperCase()],
  ["digits in lines", `${hexOfBytes(VOUCHER).replaceAll(/(.{60})/g, "$1\n")}\n`],
])("it may be given as %s", async (_, text) => {
  expect(await read(utf8(text))).toMatchObject({ kind: "voucher" });
});

async function elsewhere(): Promise<Uint8Array> {
  const hash = foundingDigest({ ...FOUNDING, title: "Another" });
  const kid = keyId(IDENTITY.key);
  const payload = deviceStatementBytes(SAID);
  return sealedUp(kid, payload, await sign(IDENTITY, toBeSigned(kid, purpose("device", hash), payload)));
}

const flipped = (raw: Uint8Array): Uint8Array => {
  const other = raw.slice();
  other[other.byteLength - 1] = (other.at(-1) ?? 0) ^ 1;
  return other;
};
const run = { run: new Uint8Array(8), key: RUN.key, seat: "south", epochUs: 1, client: new Uint8Array() };

test.each<[string, Refusal, () => Uint8Array | Promise<Uint8Array>]>([
  ["nothing", "form", () => new Uint8Array()],
  ["a sentence", "form", () => utf8("-----BEGIN PRIVATE KEY-----")],
  ["half of it", "form", () => VOUCHER.subarray(0, 80)],
  ["a byte more", "form", () => joined(VOUCHER, new Uint8Array(1))],
  ["far too much", "form", () => new Uint8Array(200_000)],
  ["what another key signed", "key", () => signed("device", deviceStatementBytes(SAID), DEVICE)],
  ["what was signed for another discussion", "signature", elsewhere],
  ["what was altered", "signature", () => flipped(VOUCHER)],
  [
    "a revocation that was signed as a voucher",
    "signature",
    () => signed("device", revocationBytes({ device: DEVICE.key, atUs: 7 }), IDENTITY),
  ],
  [
    "a run statement that was signed as a voucher",
    "form",
    () => signed("device", runStatementBytes(run), IDENTITY),
  ],
])("%s is refused: %s", async (_, why, given) => {
  expect(await read(await given())).toBe(why);
});

test("every beginning of a voucher is refused and none throws", async () => {
  for (let length = 0; length < VOUCHER.byteLength; length++)
    expect(typeof (await read(VOUCHER.subarray(0, length)))).toBe("string");
});

test.each<[string, Refusal | null, object]>([
  ["while it holds", null, {}],
  ["at its first moment", null, { nowUs: 1_000 }],
  ["a moment before", "early", { nowUs: 999 }],
  ["at its end", "over", { nowUs: 2_000 }],
  ["of another device", "device", { device: RUN.key }],
  ["of another seat", "seat", { seat: "north" }],
])("a voucher %s: %s", (_, why, changed) => {
  expect(unfit(SAID, { seat: "south", device: DEVICE.key, nowUs: 1_500, ...changed })).toBe(why);
});

test("what is given is read as it stands where it is no text", () => {
  expect(envelopeIn(VOUCHER)).toBe(VOUCHER);
  expect(envelopeIn(FOUNDING_HASH)).toBe(FOUNDING_HASH);
});

test("another's key pair is another", async () => {
  expect((await keyPair("another")).key).not.toEqual(IDENTITY.key);
});
