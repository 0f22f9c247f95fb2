/**
 * What is overdue of one track: proofs of what came, and what was sealed and did not come.
 *
 * 1. What waits for its proof longer than `PENDING_US` is late. That is told once, and again only after something was
 *    proven (V6).
 * 2. Nothing is missed of a track that is not taken, nor of groups before the first that was proven since (V4).
 * 3. What came at joining and was captured before is not waited for; a row of sound that only began then is left to
 *    leaves (V9).
 *
 * Source: docs/formats/seal.md. What to do about it is `spans`'. The same rules as `src/vivavoce/seal/overdue.py`.
 *
 * @module
 */

import type { Sample, Span } from "./span";

/** Shown but not proven for longer is late (design, rule 6). */
export const PENDING_US = 600_000;
/** What nobody proves troubles a verdict for so long after it came late. */
const FRESH_US = 400_000;

/** `joinedUs`, `joinedAtUs`: as a `Place` has them. */
export class Overdue {
  readonly #joinedUs: number;
  /** When this verifier joined, or took the track again. */
  #joinedAtUs: number;
  /** What does not come of the track is missed. */
  taken = true;
  #toldTaken = false;
  /** The first group of which something was proven since the track is taken: those before are not missed. */
  #provenFrom: number | null = null;
  /** It was told that something is late, and nothing was proven since. */
  #late = false;
  #troubled = false;

  constructor(joinedUs: number, joinedAtUs: number) {
    this.#joinedUs = joinedUs;
    this.#joinedAtUs = joinedAtUs;
  }

  /**
   * The track is not taken any more. `samples`: all that came of it and may still be judged; those that wait cannot be
   * proven any more without what follows.
   */
  letGo(samples: Iterable<Sample>): void {
    this.taken = false;
    for (const one of samples) one.told ||= this.waits(one);
  }

  /** The track is taken again, and joined anew. Nothing changes where it was told so already. */
  take(nowUs: number): void {
    if (this.taken && this.#toldTaken) return;
    this.taken = true;
    this.#toldTaken = true;
    this.#provenFrom = null;
    this.#joinedAtUs = nowUs;
  }

  /** Something of this group is what was signed. */
  isProven(group: number): void {
    this.#late = false;
    this.#provenFrom ??= group;
  }

  /** Whether it was captured before this verifier joined. */
  isBefore({ timestampUs }: Sample): boolean {
    return timestampUs < this.#joinedUs;
  }

  /** Whether it still has to be proven. */
  waits(sample: Sample): boolean {
    const held = this.isBefore(sample) && sample.cameUs <= this.#joinedAtUs + PENDING_US;
    return !sample.judged && !held;
  }

  /** Whether what does not come of this group is missed. */
  misses(group: number): boolean {
    return this.taken && this.#hasBegun(group);
  }

  /** What came at joining, without what its row begins with, only leaves can prove. */
  beganBefore({ group, sound, samples, marks }: Span): boolean {
    if (!sound || this.#hasBegun(group) || marks.size === 0) return false;
    const untilUs = this.#joinedAtUs + PENDING_US;
    return !samples.has(0) || [...samples.values()].every(({ cameUs }) => cameUs <= untilUs);
  }

  /** These are. Returns those that are to be told of: each once, and none until something is proven again. */
  late(samples: readonly Sample[]): Sample[] {
    const untold = samples.filter((one) => !one.told && this.taken);
    for (const one of samples) one.told = true;
    const told = this.#late;
    this.#late ||= untold.length > 0;
    return told ? [] : untold;
  }

  /** The verdict is good again: what is late from now on is told. */
  recovered(): void {
    this.#late = false;
  }

  /** Something came that nobody will prove. */
  trouble(): void {
    this.#troubled = true;
  }

  /** What waits troubles while it is newly late. */
  troubleIfFresh(waiting: readonly Sample[], nowUs: number): void {
    const fresh = (us: number) => us > PENDING_US && us <= PENDING_US + FRESH_US;
    this.#troubled ||= waiting.some(({ cameUs }) => fresh(nowUs - cameUs));
  }

  /** Whether what nobody proves has gone on coming since this was asked, told of or not. */
  takeTrouble(): boolean {
    const troubled = this.#troubled;
    this.#troubled = false;
    return troubled;
  }

  #hasBegun(group: number): boolean {
    return this.#provenFrom !== null && group >= this.#provenFrom;
  }
}
