/** Promise: a device seals for its side as long as the side's own key says so, and says before it goes on air if not. */

import { expect, test } from "vitest";
import { hexOfBytes, utf8 } from "../seal/bytes";
import type { FoundingTold } from "../seal/founding";
import { papersBytes, parsePapers } from "../seal/papers";
import { EPOCH_US, FOUNDING, FOUNDING_HASH, IDENTITY, signed } from "../seal/show";
import { Signer } from "../seal/signer";
import {
  deviceStatementBytes,
  foundingBytes,
  revocationBytes,
  runOf,
  runStatementBytes,
} from "../seal/statement";
import { Identity } from "./identity";
import { Keeping } from "./keeping";

const DAY_US = 86_400_000_000;

/** The browser of a side, which may be reloaded; without IndexedDB, as tests run. */
class Browser {
  readonly keeping: Keeping;
  readonly revocations: string[] = [];
  nowUs = EPOCH_US;
  identity: Identity;

  constructor(readonly seat = "south") {
    this.keeping = new Keeping({ discussion: FOUNDING.discussion, seat }, undefined);
    this.identity = this.#page();
  }

  static async opened(seat = "south"): Promise<Browser> {
    const browser = new Browser(seat);
    await browser.identity.begin();
    return browser;
  }

  async reloads(): Promise<void> {
    this.identity = this.#page();
    await this.identity.begin();
  }

  async key(): Promise<Uint8Array> {
    return (await this.keeping.load()).key.public;
  }

  async voucher({ days = 1, device = null as Uint8Array | null, seat = "south" } = {}): Promise<Uint8Array> {
    const said = { device: device ?? (await this.key()), seat, name: "telephone", fromUs: this.nowUs - 1 };
    const payload = deviceStatementBytes({ ...said, untilUs: this.nowUs + days * DAY_US });
    return signed("device", payload, IDENTITY);
  }

  async revocation(device?: Uint8Array): Promise<Uint8Array> {
    const payload = revocationBytes({ device: device ?? (await this.key()), atUs: this.nowUs });
    return signed("revocation", payload, IDENTITY);
  }

  #page(): Identity {
    const told = async (): Promise<FoundingTold> => ({
      facts: hexOfBytes(foundingBytes(FOUNDING)),
      hash: hexOfBytes(FOUNDING_HASH),
      devices: {},
      revocations: this.revocations,
    });
    const address = { discussion: FOUNDING.discussion, seat: this.seat };
    return new Identity({ address, keeping: this.keeping, told, nowUs: () => this.nowUs });
  }
}

/** By whose word viewers say that a run stands that begins now. */
async function standing({ identity, nowUs, seat }: Browser): Promise<string | null> {
  const by = await identity.sealedBy();
  if (!by) return null;
  const device = new Signer(by.device);
  const run = { run: new Uint8Array(8), key: (await Signer.make()).public, seat, epochUs: nowUs };
  const said = runStatementBytes({ ...run, client: new Uint8Array() });
  const statement = await device.envelope("run", by.founding, said);
  const raw = papersBytes({ ...by, device: device.public, statement });
  const { vouchers, revocations } = parsePapers(raw);
  return (await runOf(FOUNDING, statement, device.public, vouchers, { revocations }))[1];
}

test("a device that is vouched for seals for its side, and is asked for nothing more", async () => {
  const browser = await Browser.opened();
  expect(browser.identity.lack).toBe("none");
  expect(await standing(browser)).toBeNull();
  await browser.identity.give(await browser.voucher());
  expect(browser.identity.lack).toBeNull();
  expect(browser.identity.voucher?.name).toBe("telephone");
  expect(await standing(browser)).toBe("identity");
});

test("a side without an identity key seals by a device that stays the same", async () => {
  const browser = await Browser.opened("north");
  expect(browser.identity.key).toBeNull();
  expect(await standing(browser)).toBe("host");
  const before = browser.identity.device;
  await browser.reloads();
  expect(browser.identity.device).toBe(before);
});

test("key and voucher are there after a reload, until the voucher is over", async () => {
  const browser = await Browser.opened();
  await browser.identity.give(await browser.voucher());
  await browser.reloads();
  expect(await standing(browser)).toBe("identity");
  browser.nowUs += 2 * DAY_US;
  expect(browser.identity.lack).toBe("over");
  expect(await standing(browser)).toBeNull();
  await browser.identity.give(await browser.voucher());
  expect(await standing(browser)).toBe("identity");
});

test.each([
  ["another device's", "device", (browser: Browser) => browser.voucher({ device: IDENTITY.key })],
  ["another seat's", "seat", (browser: Browser) => browser.voucher({ seat: "north" })],
  ["one that is over", "over", (browser: Browser) => browser.voucher({ days: -1 })],
  ["no voucher at all", "form", async () => utf8("voucher")],
] as const)("%s is refused, and what was kept stays", async (_, why, given) => {
  const browser = await Browser.opened();
  await browser.identity.give(await browser.voucher());
  await browser.identity.give(await given(browser));
  expect(browser.identity.refused).toBe(why);
  expect(await standing(browser)).toBe("identity");
});

test("a key that is forgotten takes its voucher with it", async () => {
  const browser = await Browser.opened();
  await browser.identity.give(await browser.voucher());
  await browser.identity.give(await browser.revocation(IDENTITY.key));
  const before = browser.identity.device;
  await browser.identity.forget();
  expect(browser.identity.device).not.toBe(before);
  expect(browser.identity.lack).toBe("none");
  expect(browser.identity.revocations).toBe(1);
});

test.each(["told by the host", "given here"])("a device that was revoked, %s, seals no more", async (how) => {
  const browser = await Browser.opened();
  await browser.identity.give(await browser.voucher());
  const revocation = await browser.revocation();
  if (how === "given here") await browser.identity.give(revocation);
  else browser.revocations.push(hexOfBytes(revocation));
  expect(await standing(browser)).toBeNull();
  expect(browser.identity.lack).toBe("revoked");
  await browser.identity.forget();
  await browser.identity.give(await browser.voucher());
  expect(await standing(browser)).toBe("identity");
});

test("another's revocation is carried and takes nothing from this device", async () => {
  const browser = await Browser.opened();
  await browser.identity.give(await browser.voucher());
  for (let times = 0; times < 2; times++) await browser.identity.give(await browser.revocation(IDENTITY.key));
  expect(browser.identity.revocations).toBe(1);
  expect((await browser.identity.sealedBy())?.revocations).toHaveLength(1);
  expect(await standing(browser)).toBe("identity");
});

test("there is room for thirty-two", async () => {
  const browser = await Browser.opened();
  for (let number = 0; number < 33; number++)
    await browser.identity.give(await browser.revocation(new Uint8Array(32).fill(number)));
  expect(browser.identity.revocations).toBe(32);
  expect(browser.identity.refused).toBe("many");
});

test("the key cannot be taken out of the browser", async () => {
  const browser = await Browser.opened();
  const { key } = await browser.keeping.load();
  expect(key.secret.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", key.secret)).rejects.toThrow();
  expect(browser.identity.lasts).toBe(false);
});
