/**
 * Signatures before everything else: WebCrypto answers only in its own time, a verdict wants seals in theirs.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { sameBytes } from "./bytes";
import { type Envelope, openEnvelope, purpose } from "./envelope";
import { keyId } from "./keys";
import type { Verdict } from "./verdict";

/**
 * Seals are checked one after another and handed to the verdict in the order in which they came.
 *
 * `founding`: the founding hash. `key`: the run's public key.
 */
export class Checker {
  readonly #verdict: Verdict;
  readonly #key: Uint8Array;
  readonly #kid: Uint8Array;
  readonly #aad: Uint8Array;
  #last: Promise<void> = Promise.resolve();

  constructor(verdict: Verdict, founding: Uint8Array, key: Uint8Array) {
    this.#verdict = verdict;
    this.#key = key;
    this.#kid = keyId(key);
    this.#aad = purpose("seal", founding);
  }

  /** Kept when the verdict has every seal that has come so far. */
  get done(): Promise<void> {
    return this.#last;
  }

  /**
   * A seal came at `nowUs`. The promise is kept when the verdict has it.
   *
   * Rejects with VivavoceError `browser.cannot`, and the verdict is told nothing, where no signature can be checked
   * at all: that is not the side's fault.
   */
  seal(raw: Uint8Array, nowUs: number): Promise<void> {
    const own = raw.slice();
    const done = this.#last.then(() => this.#handed(own, nowUs));
    this.#last = done.catch(() => {});
    return done;
  }

  async #handed(raw: Uint8Array, nowUs: number): Promise<void> {
    let envelope: Envelope;
    try {
      envelope = openEnvelope(raw);
      if (!sameBytes(envelope.kid, this.#kid))
        throw new VivavoceError("seal.signature", "The seal names a key that is not the run's.");
      await envelope.check(this.#key, this.#aad);
    } catch (error) {
      if (!(error instanceof VivavoceError) || !error.code.startsWith("seal.")) throw error;
      this.#verdict.refused(error.code, nowUs);
      return;
    }
    this.#verdict.seal(envelope, nowUs);
  }
}
