/**
 * Who may seal for whom: founding facts, devices, runs (docs/formats/seal.md, S14 to S18).
 *
 *     identity key ── device statement ──> device key ── run statement ──> run key ── seals
 *
 * An identity key stands in the founding facts, which were published before the event. Where a side brought none,
 * its device's key is the host's word, and everyone is told so. The same rules as
 * `src/vivavoce/seal/statement.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { sameBytes, utf8 } from "./bytes";
import { decode, encode, type Item } from "./cbor";
import { DIGEST_BYTES, tagged } from "./digest";
import { openEnvelope, purpose } from "./envelope";
import { checkKey, KEY_BYTES, keyId } from "./keys";
import { RUN_BYTES } from "./seal";

/** By whose word a device's key is the side's: its own, given before the event, or the host's. */
export type Standing = "identity" | "host";

/** A title of 200 characters takes up to 800 bytes of UTF-8. */
const MOST_TEXT = 1024;
const MOST_SIDES = 64;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface FoundingSide {
  /** `north`. */
  seat: string;
  /** As it is shown. */
  name: string;
  /** BCP 47. */
  language: string;
  /** 32 bytes, or empty where it brought none. */
  identity: Uint8Array;
}

/** What is fixed before anybody is on air. */
export interface Founding {
  discussion: string;
  title: string;
  createdUs: number;
  sides: readonly FoundingSide[];
}

/** Signed by an identity key: this device speaks for the seat between two times, Unix microseconds. */
export interface DeviceStatement {
  device: Uint8Array;
  seat: string;
  name: string;
  fromUs: number;
  untilUs: number;
}

/** Signed by an identity key: from `atUs` on this device does not speak for the seat. */
export interface Revocation {
  device: Uint8Array;
  atUs: number;
}

/** Signed by a device key: this key seals this run. */
export interface RunStatement {
  run: Uint8Array;
  key: Uint8Array;
  seat: string;
  epochUs: number;
  /** SHA-256 of the program that seals, or empty. */
  client: Uint8Array;
}

export function foundingBytes({ discussion, title, createdUs, sides }: Founding): Uint8Array {
  const items = sides.map((one) => [utf8(one.seat), utf8(one.name), utf8(one.language), one.identity]);
  return encode([utf8(discussion), utf8(title), createdUs, items]);
}

/** The founding hash, in every signature and in every span. */
export function foundingDigest(founding: Founding): Uint8Array {
  return tagged("vv/founding/1", foundingBytes(founding));
}

export function deviceStatementBytes({ device, seat, name, fromUs, untilUs }: DeviceStatement): Uint8Array {
  return encode([device, utf8(seat), utf8(name), fromUs, untilUs]);
}

export function revocationBytes({ device, atUs }: Revocation): Uint8Array {
  return encode([device, atUs]);
}

export function runStatementBytes({ run, key, seat, epochUs, client }: RunStatement): Uint8Array {
  return encode([run, key, utf8(seat), epochUs, client]);
}

/** Throws VivavoceError `seal.founding`. */
export function parseFounding(raw: Uint8Array): Founding {
  try {
    const [discussion, title, createdUs, sides, ...more] = items(decode(raw));
    if (!isBytes(discussion) || !isBytes(title) || !isNumber(createdUs) || !Array.isArray(sides))
      return unfounded("they are not of their form");
    if (sides.length > MOST_SIDES || more.length > 0) return unfounded("they are not of their form");
    const all = sides.map(foundingSide);
    if (new Set(all.map(({ seat }) => seat)).size < all.length) return unfounded("a seat stands there twice");
    return { discussion: text(discussion), title: text(title), createdUs, sides: all };
  } catch (error) {
    if (error instanceof VivavoceError) return unfounded("they are not of their form");
    throw error;
  }
}

function foundingSide(item: Item): FoundingSide {
  const [seat, name, language, identity, ...more] = items(item);
  if (!isBytes(seat) || !isBytes(name) || !isBytes(language) || !isBytes(identity) || more.length > 0)
    return unfounded("a side is not of its form");
  if (identity.byteLength > 0) checkKey(identity);
  return { seat: text(seat), name: text(name), language: text(language), identity };
}

/**
 * The run that a statement begins, and by whose word its device is the side's.
 *
 * `statement`, `vouchers`, `revocations`: envelopes of a run statement, of device statements and of revocations.
 * `deviceKey`: whom the host names. What of vouchers and revocations the identity key did not sign is left out.
 * Throws VivavoceError `seal.run` where the statement is not this device's, or the side brought an identity key and
 * no voucher of it holds for this device at the run's beginning, or it was revoked by then; `seal.key` for a key
 * that none may have; `browser.cannot` as `checkSignature`. Whether the client is a good one is not looked at.
 */
export async function runOf(
  founding: Founding,
  statement: Uint8Array,
  deviceKey: Uint8Array,
  vouchers: readonly Uint8Array[] = [],
  { revocations = [] }: { revocations?: readonly Uint8Array[] } = {},
): Promise<[run: RunStatement, standing: Standing]> {
  const run = runStatement(await opened(statement, "run", founding, deviceKey));
  const side = founding.sides.find((one) => one.seat === run.seat);
  if (!side) return noRun(`there is no side ${run.seat}`);
  if (side.identity.byteLength === 0) return [run, "host"];
  for await (const item of theirs(revocations, "revocation", founding, side.identity)) {
    const revoked = revocation(item);
    if (sameBytes(revoked.device, deviceKey) && revoked.atUs <= run.epochUs) noRun("its device was revoked");
  }
  for await (const item of theirs(vouchers, "device", founding, side.identity)) {
    const voucher = deviceStatement(item);
    const same = sameBytes(voucher.device, deviceKey) && voucher.seat === run.seat;
    if (same && voucher.fromUs <= run.epochUs && run.epochUs < voucher.untilUs) return [run, "identity"];
  }
  return noRun("the side's identity key does not vouch for its device at that time");
}

/**
 * What an identity key says of a device, in an envelope of its own; whether that is of use to anybody is not looked at.
 *
 * Throws VivavoceError `seal.form` for what is no voucher and no revocation; `seal.key` where it names another key;
 * `seal.signature` where the key did not sign it for this discussion; `browser.cannot` as `checkSignature`.
 */
export async function wordOf(
  founding: Founding,
  identity: Uint8Array,
  raw: Uint8Array,
): Promise<{ voucher: DeviceStatement } | { revocation: Revocation }> {
  const envelope = openEnvelope(raw);
  const item = decode(envelope.payload);
  const kind = items(item).length === 2 ? "revocation" : "device";
  if (!sameBytes(envelope.kid, keyId(identity)))
    throw new VivavoceError("seal.key", "Another key signed this.");
  await envelope.check(identity, purpose(kind, foundingDigest(founding)));
  try {
    return kind === "device" ? { voucher: deviceStatement(item) } : { revocation: revocation(item) };
  } catch {
    throw new VivavoceError("seal.form", "What the identity key signed is no word about a device.");
  }
}

/**
 * What an envelope revokes. Throws VivavoceError `seal.form` for what is no revocation, `seal.signature` where no
 * identity key of these facts signed it for this discussion; `browser.cannot` as `checkSignature`. Whether its device was
 * ever the side's is not looked at.
 */
export async function revocationOf(founding: Founding, raw: Uint8Array): Promise<Revocation> {
  const { kid } = openEnvelope(raw);
  const keys = founding.sides.map(({ identity }) => identity).filter(({ byteLength }) => byteLength > 0);
  const key = keys.find((one) => sameBytes(keyId(one), kid));
  if (!key)
    throw new VivavoceError("seal.signature", "No identity key of this discussion signed the revocation.");
  const word = await wordOf(founding, key, raw);
  if ("revocation" in word) return word.revocation;
  throw new VivavoceError("seal.form", "What the identity key signed is no revocation.");
}

/** What of these the key signed: anybody may add something else, and nobody may stop a side by it. */
async function* theirs(
  raws: Iterable<Uint8Array>,
  kind: string,
  founding: Founding,
  key: Uint8Array,
): AsyncGenerator<Item> {
  for (const raw of raws) {
    let item: Item;
    try {
      item = await opened(raw, kind, founding, key);
    } catch (error) {
      // A browser that cannot check has found out nothing, and must not seem to have.
      if (error instanceof VivavoceError && error.code.startsWith("seal.")) continue;
      throw error;
    }
    yield item;
  }
}

async function opened(raw: Uint8Array, kind: string, founding: Founding, key: Uint8Array): Promise<Item> {
  try {
    const envelope = openEnvelope(raw);
    if (!sameBytes(envelope.kid, keyId(key))) return noRun(`its ${kind} statement names another key`);
    await envelope.check(key, purpose(kind, foundingDigest(founding)));
    return decode(envelope.payload);
  } catch (error) {
    if (error instanceof VivavoceError && ["seal.form", "seal.signature"].includes(error.code))
      noRun(`its ${kind} statement does not hold`);
    throw error;
  }
}

function runStatement(item: Item): RunStatement {
  const [run, key, seat, epochUs, client, ...more] = items(item);
  if (!isBytes(run) || !isBytes(key) || !isBytes(seat) || !isNumber(epochUs) || !isBytes(client))
    return noRun("its statement is not of its form");
  if (more.length > 0 || run.byteLength !== RUN_BYTES || ![0, DIGEST_BYTES].includes(client.byteLength))
    return noRun("its statement is not of its form");
  checkKey(key);
  return { run, key, seat: textOfRun(seat), epochUs, client };
}

function deviceStatement(item: Item): DeviceStatement {
  const [device, seat, name, fromUs, untilUs, ...more] = items(item);
  if (!isBytes(device) || !isBytes(seat) || !isBytes(name) || !isNumber(fromUs) || !isNumber(untilUs))
    return noRun("a device statement is not of its form");
  if (more.length > 0 || device.byteLength !== KEY_BYTES)
    return noRun("a device statement is not of its form");
  return { device, seat: textOfRun(seat), name: textOfRun(name), fromUs, untilUs };
}

function revocation(item: Item): Revocation {
  const [device, atUs, ...more] = items(item);
  if (!isBytes(device) || !isNumber(atUs) || more.length > 0 || device.byteLength !== KEY_BYTES)
    return noRun("a revocation is not of its form");
  return { device, atUs };
}

function items(item: Item): readonly Item[] {
  return Array.isArray(item) ? item : [];
}

function isBytes(item: Item | undefined): item is Uint8Array {
  return item instanceof Uint8Array;
}

function isNumber(item: Item | undefined): item is number {
  return typeof item === "number";
}

function textOfRun(raw: Uint8Array): string {
  try {
    return text(raw);
  } catch (error) {
    if (error instanceof VivavoceError) return noRun("a text of its statement is refused");
    throw error;
  }
}

function text(raw: Uint8Array): string {
  let text: string;
  try {
    text = decoder.decode(raw);
  } catch {
    return unfounded("a text is not UTF-8");
  }
  if (raw.byteLength > MOST_TEXT || raw.some((byte) => byte < 32 || byte === 127))
    return unfounded(`a text is over ${MOST_TEXT} bytes, or has control characters`);
  return text;
}

function unfounded(why: string): never {
  throw new VivavoceError("seal.founding", `The founding facts are refused: ${why}.`);
}

function noRun(why: string): never {
  throw new VivavoceError("seal.run", `The run is not this side's: ${why}.`);
}
