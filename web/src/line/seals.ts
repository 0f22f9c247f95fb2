/**
 * What a publisher's worker has of sealing: it goes on by itself, and never holds up a sample or throws.
 *
 * A fault of sealing is told once, and the run goes on unsealed from there: pictures and sound are worth more than
 * their proof, and whoever watches sees that the proof is gone.
 *
 * @module
 */

import type { Broadcast } from "@moq/net";
import { type ErrorCode, VivavoceError } from "../errors";
import type { Lacking } from "./arrival";
import type { Devices, Track } from "./catalog";
import type { Sealing } from "./sealing";
import { SealsTrack } from "./sealstrack";

/** How often `tick` is to be called, ms. */
export const TICK_MS = 10;
/** A signature that takes this many ticks is told of. */
const SLOW_TICKS = 100;

export interface SealsOptions {
  /** Unix microseconds. */
  nowUs: () => number;
  /** Called once: nothing more is sealed, or `seal.apart` where sealing goes on, but far too slowly. */
  onTrouble: (code: ErrorCode) => void;
}

export class Seals {
  readonly #options: SealsOptions;
  readonly #track: SealsTrack;
  /** Null once it has failed. */
  #sealing: Sealing | null;
  /** Told, and not hashed yet. */
  #samples: Parameters<Sealing["sample"]>[] = [];
  #waited = 0;
  #signing = false;
  #told = false;

  constructor(sealing: Sealing, options: SealsOptions) {
    this.#sealing = sealing;
    this.#track = new SealsTrack(sealing.papers);
    this.#options = options;
  }

  /** As `Sealing.track`. */
  track(track: Track): void {
    this.#try((sealing) => sealing.track(track));
  }

  /** As `Sealing.devices`. */
  devices(devices: Devices): void {
    this.#try((sealing) => sealing.devices(devices));
  }

  /** As `Sealing.sample`, but hashed at the next `tick`: what is on its way to the line does not wait for that. */
  sample(...sample: Parameters<Sealing["sample"]>): void {
    if (this.#sealing) this.#samples.push(sample);
  }

  /** As `Sealing.rest`. */
  rest(track: string, group: number): void {
    this.#try((sealing) => sealing.rest(track, group));
  }

  /** The host lacks something of these spans (L17): it is told their leaves. */
  asked(lacking: readonly Lacking[]): void {
    this.#try((sealing) => {
      sealing.asked(lacking, this.#options.nowUs());
      this.#tellLeaves(sealing);
    });
  }

  /** There is a session: its broadcast, before it is announced. */
  attach(broadcast: Broadcast.Producer): void {
    this.#track.attach(broadcast);
  }

  /** The session is lost. */
  detach(): void {
    this.#track.detach();
  }

  /** A seal is being signed. */
  get signing(): boolean {
    return this.#signing;
  }

  /** Hash what was told, and seal if it is time. */
  tick(): void {
    this.#try(() => {});
    if (this.#signing) {
      this.#waited += 1;
      if (this.#waited === SLOW_TICKS) this.#tell("seal.apart");
      return;
    }
    this.#try((sealing) => {
      const nowUs = this.#options.nowUs();
      if (sealing.due(nowUs)) void this.#seal(sealing, nowUs);
    });
  }

  /** Seal what is left and say that nothing follows. Resolves when it was written; never rejects. */
  async end(): Promise<void> {
    const sealing = this.#sealing;
    if (!sealing) return;
    try {
      this.#hash(sealing);
      for (const seal of await sealing.end(this.#options.nowUs())) this.#track.write(seal);
      this.#tellLeaves(sealing);
    } catch (error) {
      this.#failed(error);
    }
    this.#sealing = null;
    this.#track.finish();
  }

  async #seal(sealing: Sealing, nowUs: number): Promise<void> {
    this.#signing = true;
    this.#waited = 0;
    try {
      this.#track.write(await sealing.seal(nowUs));
      this.#tellLeaves(sealing);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#signing = false;
    }
  }

  #tellLeaves(sealing: Sealing): void {
    const { newest } = this.#track;
    if (newest !== null) this.#track.addLeaves(sealing.leaves(newest));
  }

  #try(work: (sealing: Sealing) => void): void {
    if (!this.#sealing) return;
    try {
      this.#hash(this.#sealing);
      work(this.#sealing);
    } catch (error) {
      this.#failed(error);
    }
  }

  #hash(sealing: Sealing): void {
    const samples = this.#samples;
    this.#samples = [];
    for (const sample of samples) sealing.sample(...sample);
  }

  #failed(error: unknown): void {
    this.#sealing = null;
    this.#samples = [];
    this.#tell(error instanceof VivavoceError ? error.code : "internal");
  }

  #tell(code: ErrorCode): void {
    if (!this.#told) this.#options.onTrouble(code);
    this.#told = true;
  }
}
