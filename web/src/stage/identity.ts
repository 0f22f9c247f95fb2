/**
 * Whose device this is: the founding facts, this device's key, and what the side's identity key said of it.
 *
 * The rules for the stage page (docs/formats/seal.md, S15 to S19):
 *
 * 1. Where the side brought no identity key, this device's key is introduced by the host.
 * 2. Where it brought one, a run is sealed only while a voucher of it holds for this device: seals of a device that it
 *    does not vouch for would only accuse it.
 * 3. A device that was revoked seals nothing more for the seat; a new key may be vouched for.
 *
 * @module
 */

import type { SealedBy } from "../line/publisher";
import { hexOfBytes, sameBytes } from "../seal/bytes";
import { type Founded, type FoundingTold, foundedBy, revocationsOf } from "../seal/founding";
import { MOST_REVOCATIONS } from "../seal/papers";
import type { DeviceStatement } from "../seal/statement";
import { type Refusal, unfit, wordIn } from "../seal/vouched";
import type { Keeping, KeptKey } from "./keeping";
import type { StageAddress } from "./secret";

export interface IdentityOptions {
  address: StageAddress;
  keeping: Pick<Keeping, "load" | "save" | "forget" | "lasts">;
  /** What the host tells of the founding now. Throws VivavoceError. */
  told: () => Promise<FoundingTold>;
  /** By which runs begin, Unix microseconds. */
  nowUs: () => number;
}

/** Fires `change`. */
export class Identity extends EventTarget {
  /** Null before it was told. */
  founded: Founded | null = null;
  /** What was given last, and was of no use. */
  refused: Refusal | null = null;
  readonly #options: IdentityOptions;
  #kept: KeptKey | null = null;
  /** What the voucher says that is kept; null where there is none, or it is not this key's any more. */
  #said: DeviceStatement | null = null;
  /** This device's key was taken back, from then on. */
  #revokedUs: number | null = null;

  constructor(options: IdentityOptions) {
    super();
    this.#options = options;
  }

  /** The side's identity key; null where it brought none, or before that is known. */
  get key(): Uint8Array | null {
    const side = this.founded?.founding.sides.find(({ seat }) => seat === this.#options.address.seat);
    return side && side.identity.byteLength > 0 ? side.identity : null;
  }

  /** This device's public key, hex; empty before it is known. */
  get device(): string {
    return this.#kept ? hexOfBytes(this.#kept.key.public) : "";
  }

  /** Whether the key is there after a reload. */
  get lasts(): boolean {
    return this.#options.keeping.lasts;
  }

  /** How many revocations of other devices this one's runs carry. */
  get revocations(): number {
    return this.#kept?.revocations.length ?? 0;
  }

  /** The voucher that is kept, whether or not it holds now. */
  get voucher(): DeviceStatement | null {
    return this.#said;
  }

  /**
   * Why a run that began now would not be the side's; null where it would be, `none` without a voucher, `revoked` where
   * this device's key was taken back.
   */
  get lack(): Refusal | "none" | "revoked" | null {
    if (!this.key || !this.#kept) return null;
    const nowUs = this.#options.nowUs();
    if (this.#revokedUs !== null && this.#revokedUs <= nowUs) return "revoked";
    const { seat } = this.#options.address;
    return this.#said ? unfit(this.#said, { seat, device: this.#kept.key.public, nowUs }) : "none";
  }

  /** Ask the host and the browser. Throws VivavoceError: the host's, `seal.founding`, `browser.cannot`. */
  async begin(): Promise<void> {
    const { told, address, keeping } = this.#options;
    const [facts, kept] = await Promise.all([told(), keeping.load()]);
    this.founded = foundedBy(facts, address.discussion);
    await this.#look(kept, revocationsOf(facts));
  }

  /** A voucher or a revocation, as a file's bytes or as text. What is of no use is told by `refused`. */
  async give(given: Uint8Array): Promise<void> {
    const { key, founded } = this;
    const kept = this.#kept;
    if (!key || !founded || !kept) return;
    const word = await wordIn(founded.founding, key, given);
    if (typeof word === "string") this.refused = word;
    else if (word.kind === "voucher") {
      const { seat } = this.#options.address;
      const at = { seat, device: kept.key.public, nowUs: this.#options.nowUs() };
      this.refused = unfit(word.said, at);
      if (!this.refused) await this.#keep({ ...kept, voucher: word.raw });
    } else {
      const others = kept.revocations.filter((one) => !sameBytes(one, word.raw));
      this.refused = others.length < MOST_REVOCATIONS ? null : "many";
      if (!this.refused) await this.#keep({ ...kept, revocations: [...others, word.raw] });
    }
    this.#changed();
  }

  /** Forget this device's key with its voucher, and make another. Revocations of others stay. */
  async forget(): Promise<void> {
    const revocations = this.#kept?.revocations ?? [];
    await this.#options.keeping.forget();
    this.refused = null;
    this.#revokedUs = null;
    await this.#keep({ ...(await this.#options.keeping.load()), revocations });
  }

  /** What a run that begins now is sealed by; null where it would not be the side's. Throws as `begin`. */
  async sealedBy(): Promise<SealedBy | null> {
    await this.begin();
    const { founded } = this;
    const kept = this.#kept;
    if (!founded || !kept || this.lack) return null;
    const vouchers = this.#said && kept.voucher ? [kept.voucher] : [];
    return { founding: founded.hash, device: kept.key, vouchers, revocations: kept.revocations };
  }

  async #keep(kept: KeptKey): Promise<void> {
    await this.#options.keeping.save(kept);
    await this.#look(kept);
  }

  /** What is kept, looked at by the founding facts. */
  async #look(kept: KeptKey, told: readonly Uint8Array[] = []): Promise<void> {
    this.#kept = kept;
    this.#said = null;
    const { key, founded } = this;
    if (key && founded) {
      const { founding } = founded;
      const word = kept.voucher && (await wordIn(founding, key, kept.voucher));
      if (word && typeof word !== "string" && word.kind === "voucher") this.#said = word.said;
      for (const raw of [...told, ...kept.revocations]) {
        const one = await wordIn(founding, key, raw);
        if (typeof one === "string" || one.kind !== "revocation") continue;
        const { device, atUs } = one.said;
        if (sameBytes(device, kept.key.public))
          this.#revokedUs = Math.min(atUs, this.#revokedUs ?? Number.POSITIVE_INFINITY);
      }
    }
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
