/**
 * One run's seals, one after the other (docs/formats/seal.md, S9 to S11).
 *
 * Seals come as they come: doubled, late, some never. What came is linked to its neighbours by hash; two different
 * ones with one number are told apart and prove that the side made two. The same rules as
 * `src/vivavoce/seal/chain.py`, but for signatures, which `checked` looks at first.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { sameBytes } from "./bytes";
import { parseConfig } from "./config";
import { tagged } from "./digest";
import type { Envelope } from "./envelope";
import { keyId } from "./keys";
import { Flags, parseSeal, type Seal } from "./seal";

/** Numbers that are remembered behind the newest: two minutes of seals. */
const KEPT = 600;

/** A seal that holds. */
export interface Linked {
  seal: Seal;
  /** Everything from the beginning of what was received up to it is there. */
  known: boolean;
  /** Between it and the one before, by their clock; 0 where that is not there. */
  afterUs: number;
  /** Between it and the one after. */
  beforeUs: number;
  /** It stands so far ahead that nobody waits for what is between: how many those are, else 0. */
  skipped: number;
}

interface Kept {
  digest: Uint8Array;
  prev: Uint8Array;
  clockUs: number;
}

/** `key`: the run's public key. `statement`: the run statement's envelope. */
export class Chain {
  readonly #kid: Uint8Array;
  readonly #first: Uint8Array;
  #kept = new Map<number, Kept>();
  #configs = new Map<number, Uint8Array>();
  #names = new Map<string, number>();
  #end: number | null = null;
  #from: number | null = null;
  #known = -1;
  #newest = -1;

  constructor(key: Uint8Array, statement: Uint8Array) {
    this.#kid = keyId(key);
    this.#first = tagged("vv/seal/1", statement);
  }

  /** The highest number so far, -1 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** The side said that nothing follows, and nothing before it is waited for. */
  get ended(): boolean {
    return this.#end !== null && this.#known >= this.#end;
  }

  /** Every seal from the run's first to the newest is there. */
  get whole(): boolean {
    return this.#from === 0 && this.#known === this.#newest;
  }

  /** Numbers between what was received that have not come. */
  get missing(): number[] {
    const missing: number[] = [];
    if (this.#from === null) return missing;
    for (let number = this.#known + 1; number < this.#newest; number++)
      if (!this.#kept.has(number)) missing.push(number);
    return missing;
  }

  /**
   * Take a seal whose signature was checked, as it came; null for one that is there already, or far behind.
   *
   * Throws VivavoceError: `seal.form`; `seal.signature` where it names another key; `seal.chain` where it does not
   * fit those beside it, or follows the end; `seal.fork` where another with its number is there; `seal.clock` where
   * its clock stands before that of the one before; `seal.config` where a track's configuration changed. What was
   * refused leaves no trace.
   */
  receive(envelope: Envelope): Linked | null {
    if (!sameBytes(envelope.kid, this.#kid))
      throw new VivavoceError("seal.signature", "The seal names a key that is not the run's.");
    const seal = parseSeal(envelope.payload);
    if (seal.seq < this.#newest - KEPT) return null;
    const digest = tagged("vv/seal/1", envelope.raw);
    const there = this.#kept.get(seal.seq);
    if (there) {
      if (sameBytes(there.digest, digest)) return null;
      throw new VivavoceError("seal.fork", `There are two different seals with the number ${seal.seq}.`);
    }
    this.#fits(seal, digest);
    let skipped = 0;
    if (seal.seq > this.#newest + KEPT && this.#from !== null) {
      skipped = seal.seq - this.#newest - 1 + this.missing.length;
      this.#beginAnew(seal.seq);
    }
    this.#keep(seal, digest);
    const [before, after] = this.#beside(seal);
    return {
      seal,
      known: seal.seq <= this.#known,
      afterUs: before ? seal.clockUs - before.clockUs : 0,
      beforeUs: after ? after.clockUs - seal.clockUs : 0,
      skipped,
    };
  }

  /** Wait no longer for what is missing. Returns how many those are. */
  giveUp(): number {
    const { missing } = this;
    const last = missing.at(-1);
    if (last !== undefined) {
      this.#beginAnew(last + 1);
      this.#catchUp();
    }
    return missing.length;
  }

  #beginAnew(seq: number): void {
    this.#from = seq;
    this.#known = seq - 1;
  }

  #beside({ seq }: Seal): [before: Kept | undefined, after: Kept | undefined] {
    return [this.#kept.get(seq - 1), this.#kept.get(seq + 1)];
  }

  #fits(seal: Seal, digest: Uint8Array): void {
    const [before, after] = this.#beside(seal);
    const prev = seal.seq === 0 ? this.#first : before?.digest;
    if ((prev && !sameBytes(seal.prev, prev)) || (after && !sameBytes(after.prev, digest)))
      throw new VivavoceError("seal.chain", `Seal ${seal.seq} does not fit those beside it.`);
    if (this.#end !== null && seal.seq > this.#end)
      throw new VivavoceError("seal.chain", `Seal ${seal.seq} follows the end, which was ${this.#end}.`);
    if ((seal.flags & Flags.END) !== 0 && this.#newest > seal.seq)
      throw new VivavoceError("seal.chain", `Seal ${seal.seq} is the end, and others follow it.`);
    if ((before && seal.clockUs < before.clockUs) || (after && after.clockUs < seal.clockUs))
      throw new VivavoceError("seal.clock", `The clock of seal ${seal.seq} goes back.`);
    const [configs, names] = [new Map(this.#configs), new Map(this.#names)];
    for (const [track, config] of seal.configs) {
      const { name } = parseConfig(config);
      const same = sameBytes(configs.get(track) ?? config, config);
      if (!same || (names.get(name) ?? track) !== track)
        throw new VivavoceError("seal.config", `Seal ${seal.seq} changes the configuration of ${name}.`);
      configs.set(track, config);
      names.set(name, track);
    }
  }

  #keep(seal: Seal, digest: Uint8Array): void {
    this.#kept.set(seal.seq, { digest, prev: seal.prev, clockUs: seal.clockUs });
    this.#newest = Math.max(this.#newest, seal.seq);
    for (const [track, config] of seal.configs) {
      this.#configs.set(track, config);
      this.#names.set(parseConfig(config).name, track);
    }
    if ((seal.flags & Flags.END) !== 0) this.#end = seal.seq;
    if (this.#from === null) this.#beginAnew(seal.seq);
    this.#catchUp();
    if (this.#kept.size <= 2 * KEPT) return;
    for (const number of this.#kept.keys()) if (number < this.#newest - KEPT) this.#kept.delete(number);
  }

  #catchUp(): void {
    while (this.#kept.has(this.#known + 1)) this.#known += 1;
    while (this.#from !== null && this.#kept.has(this.#from - 1)) this.#from -= 1;
  }
}
