/**
 * A side's identity key in a scene, for screenshots: its keys are made and its words signed there and then.
 *
 * @module
 */

import { pageNowUs } from "../line/clock";
import { hexOfBytes } from "../seal/bytes";
import { newKey, Signer } from "../seal/signer";
import { deviceStatementBytes, type Founding, foundingBytes, foundingDigest } from "../seal/statement";
import { Identity } from "./identity";
import type { KeptKey } from "./keeping";
import type { StageAddress } from "./secret";

/** `state`: `vouched` and `unvouched` have a side that brought an identity key; elsewhere it brought none. */
export async function previewIdentity(address: StageAddress, state = ""): Promise<Identity> {
  const identity = await Signer.make();
  const brought = state === "vouched" || state === "unvouched" ? identity.public : new Uint8Array();
  const founding: Founding = {
    discussion: address.discussion,
    title: "",
    createdUs: 0,
    sides: [{ seat: address.seat, name: "North", language: "en", identity: brought }],
  };
  const hash = foundingDigest(founding);
  let kept: KeptKey = { key: await newKey(), voucher: null, revocations: [] };
  const fromUs = pageNowUs() - 1;
  const said = { device: kept.key.public, seat: address.seat, name: "Ana’s telephone", fromUs };
  const statement = deviceStatementBytes({ ...said, untilUs: fromUs + 86_400_000_000 });
  if (state === "vouched") kept = { ...kept, voucher: await identity.envelope("device", hash, statement) };
  const keeping = {
    lasts: state !== "unvouched",
    load: async () => kept,
    save: async (other: KeptKey) => {
      kept = other;
    },
    forget: async () => {},
  };
  const told = { facts: hexOfBytes(foundingBytes(founding)), hash: hexOfBytes(hash), devices: {} };
  const made = new Identity({ address, keeping, told: async () => told, nowUs: pageNowUs });
  await made.begin();
  return made;
}
