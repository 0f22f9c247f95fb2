/**
 * What the identity keys of a discussion revoked, from wherever it comes (docs/formats/seal.md, S17).
 *
 * The same as `src/vivavoce/seal/revocations.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { hexOfBytes } from "./bytes";
import { MOST_REVOCATIONS } from "./founding";
import { parsePapers } from "./papers";
import { type Founding, revocationOf } from "./statement";

/** Their envelopes, each once, in the order in which they came; at most MOST_REVOCATIONS. */
export class Revocations {
  readonly #founding: Founding;
  readonly #kept = new Map<string, Uint8Array>();

  constructor(founding: Founding) {
    this.#founding = founding;
  }

  get all(): readonly Uint8Array[] {
    return [...this.#kept.values()];
  }

  /**
   * What no identity key of the facts signed is left out: so nobody can use up the room of others. Rejects with
   * `browser.cannot` as `checkSignature`.
   */
  async keep(raws: Iterable<Uint8Array>): Promise<void> {
    for (const raw of raws) {
      const name = hexOfBytes(raw);
      if (this.#kept.has(name) || this.#kept.size >= MOST_REVOCATIONS) continue;
      try {
        await revocationOf(this.#founding, raw);
        this.#kept.set(name, raw.slice());
      } catch (error) {
        passOver(error);
      }
    }
  }
}

/** All that these papers carry, unchecked. Papers that are none carry nothing. */
export function* revocationsIn(papers: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const raw of papers) {
    try {
      yield* parsePapers(raw).revocations;
    } catch (error) {
      passOver(error);
    }
  }
}

function passOver(error: unknown): void {
  if (!(error instanceof VivavoceError && error.code.startsWith("seal."))) throw error;
}
