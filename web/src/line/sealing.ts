/**
 * Seals what a publisher sends, before any queue (docs/formats/seal.md; line.md, L19).
 *
 * It is told each sample with its place on the line, and is asked now and then for a seal, and for the leaves of what
 * the host lacks. The same as `src/vivavoce/line/sealing.py`, but that a browser signs only in its own time.
 *
 * @module
 */

import { bytesOfHex } from "../seal/bytes";
import { papersBytes } from "../seal/papers";
import { Flags } from "../seal/seal";
import { CONFIGS_EVERY, Sealer } from "../seal/sealer";
import { Signer } from "../seal/signer";
import { runStatementBytes } from "../seal/statement";
import { Answering } from "./answering";
import type { Lacking } from "./arrival";
import type { Devices, Track } from "./catalog";
import { sealedConfig } from "./sealedconfig";

export interface SealingOptions {
  /** The founding hash. */
  founding: Uint8Array;
  seat: string;
  /** 16 hex digits. */
  run: string;
  /** The clock at timestamp 0. */
  epochUs: number;
  /** Signs the run. */
  device: Signer;
  /** The identity key's statements about the device. */
  vouchers?: readonly Uint8Array[];
  /** SHA-256 of the program, or empty. */
  client?: Uint8Array;
}

/** A seal, and the group of the seals' track that it stands in. */
export interface GroupedSeal {
  group: number;
  seal: Uint8Array;
  /** Of its draft, since the epoch. */
  clockUs: number;
}

/** One run's. Its key is made here and lives as long as this. */
export class Sealing {
  /** What every group of the seals' track begins with. */
  readonly papers: Uint8Array;
  readonly #epochUs: number;
  readonly #key: Signer;
  readonly #sealer: Sealer;
  readonly #answering = new Answering();
  readonly #numbers = new Map<string, number>();
  #flags: number = Flags.NONE;
  #seq = 0;
  #signing: Promise<unknown> = Promise.resolve();

  private constructor(papers: Uint8Array, epochUs: number, key: Signer, sealer: Sealer) {
    this.papers = papers;
    this.#epochUs = epochUs;
    this.#key = key;
    this.#sealer = sealer;
  }

  /** Throws VivavoceError `browser.cannot` where the browser has no Ed25519. */
  static async make(options: SealingOptions): Promise<Sealing> {
    const { founding, seat, epochUs, device, vouchers = [], client = new Uint8Array() } = options;
    const run = bytesOfHex(options.run);
    const key = await Signer.make();
    const said = runStatementBytes({ run, key: key.public, seat, epochUs, client });
    const statement = await device.envelope("run", founding, said);
    const papers = papersBytes({ device: device.public, statement, vouchers, revocations: [] });
    return new Sealing(papers, epochUs, key, new Sealer(founding, run, key.public, statement));
  }

  /** A track begins. Throws RangeError for another configuration of a known name. */
  track(track: Track): void {
    const number = this.#sealer.add(sealedConfig(track));
    this.#numbers.set(track.name, number);
    if (track.kind === "audio") this.#answering.sound(number);
  }

  /** What the next seals say of camera and microphone. */
  devices({ camera, microphone }: Devices): void {
    const shut = microphone === "live" ? Flags.NONE : Flags.MICROPHONE_SHUT;
    this.#flags = shut | (camera === "live" ? Flags.NONE : Flags.CAMERA_OFF);
  }

  /** Before it is handed to anything that may lose it. Throws RangeError for an unknown track. */
  sample(
    track: string,
    group: number,
    index: number,
    timestampUs: number,
    key: boolean,
    data: Uint8Array,
  ): void {
    const number = this.#number(track);
    const leaf = this.#sealer.sample(number, group, index, timestampUs, key, data);
    this.#answering.memory.add(number, group, index, leaf);
  }

  /** The host lacks something of these spans (L17). */
  asked(lacking: readonly Lacking[], nowUs: number): void {
    this.#answering.asked(lacking, nowUs);
  }

  /** As `Answering.frames`. */
  leaves(group: number): Uint8Array[] {
    return this.#answering.frames(group);
  }

  /** A group without samples: the track rests from here on (L8). */
  rest(track: string, group: number): void {
    this.#sealer.rest(this.#number(track), group);
  }

  /** Whether it is time; never while one is being signed. */
  due(nowUs: number): boolean {
    return this.#sealer.due(nowUs - this.#epochUs);
  }

  /** The next seal. What is told while it is being signed stands in the one after. */
  seal(nowUs: number): Promise<GroupedSeal> {
    return this.#inTurn(() => this.#sealed(nowUs, false));
  }

  /** The last seals; the very last says that nothing follows. Leaves follow it: see `leaves`. */
  end(nowUs: number): Promise<GroupedSeal[]> {
    return this.#inTurn(async () => {
      const seals: GroupedSeal[] = [];
      while (!this.#sealer.ended) seals.push(await this.#sealed(nowUs, true));
      this.#answering.end();
      return seals;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#signing.then(work);
    this.#signing = done.catch(() => {});
    return done;
  }

  async #sealed(nowUs: number, end: boolean): Promise<GroupedSeal> {
    const clockUs = Math.max(0, nowUs - this.#epochUs);
    const draft = this.#sealer.draft(clockUs, { end, flags: this.#flags });
    this.#answering.sealed(this.#sealer.told, nowUs);
    const seal = this.#sealer.signed(await this.#key.sign(draft));
    const group = Math.floor(this.#seq / CONFIGS_EVERY);
    this.#seq += 1;
    return { group, seal, clockUs };
  }

  #number(track: string): number {
    const number = this.#numbers.get(track);
    if (number === undefined) throw new RangeError(`there is no track ${track}`);
    return number;
  }
}
