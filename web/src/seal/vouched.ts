/**
 * Whether what an identity key signed lets this device speak for a seat, and if not, why not.
 *
 * For the page on which a side hands its device the voucher: before anything is sent, and in words. What viewers
 * conclude is `runOf`'s.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, sameBytes } from "./bytes";
import { MAX_BYTES } from "./cbor";
import { type DeviceStatement, type Founding, type Revocation, wordOf } from "./statement";

/**
 * Why something given is of no use. `form`: it is no voucher and no revocation. `key`: another key signed it.
 * `signature`: it was signed for another discussion, or altered. `device`, `seat`: it is another's. `early`, `over`:
 * not at this time. `many`: there is no room for more.
 */
export type Refusal = "form" | "key" | "signature" | "device" | "seat" | "early" | "over" | "many";

export type Word =
  | { kind: "voucher"; raw: Uint8Array; said: DeviceStatement }
  | { kind: "revocation"; raw: Uint8Array; said: Revocation };

const CODES: Record<string, Refusal> = {
  "seal.form": "form",
  "seal.key": "key",
  "seal.signature": "signature",
};

/**
 * What was given: the bytes of a file, or hexadecimal digits in it, as `vivavoce keys vouch` writes and shows them.
 * Null where it is neither.
 */
export function envelopeIn(given: Uint8Array): Uint8Array | null {
  if (given.byteLength === 0 || given.byteLength > 2 * MAX_BYTES) return null;
  const text = new TextDecoder().decode(given).replaceAll(/\s/g, "");
  if (/^([0-9a-f]{2})+$/i.test(text)) return bytesOfHex(text);
  return given.byteLength <= MAX_BYTES ? given : null;
}

/** What the identity key says there. Throws VivavoceError `browser.cannot` where it cannot be found out. */
export async function wordIn(
  founding: Founding,
  identity: Uint8Array,
  given: Uint8Array,
): Promise<Word | Refusal> {
  const raw = envelopeIn(given);
  if (!raw) return "form";
  try {
    const word = await wordOf(founding, identity, raw);
    return "voucher" in word
      ? { kind: "voucher", raw, said: word.voucher }
      : { kind: "revocation", raw, said: word.revocation };
  } catch (error) {
    const why = error instanceof VivavoceError ? CODES[error.code] : undefined;
    if (!why) throw error;
    return why;
  }
}

/** Why a voucher does not let a device begin a run at `nowUs`; null where it does. */
export function unfit(
  said: DeviceStatement,
  { seat, device, nowUs }: { seat: string; device: Uint8Array; nowUs: number },
): Refusal | null {
  if (!sameBytes(said.device, device)) return "device";
  if (said.seat !== seat) return "seat";
  if (nowUs < said.fromUs) return "early";
  return nowUs < said.untilUs ? null : "over";
}
