/**
 * Whether a seat is followed in a run that is over: the host says that another one is on air, and has for a while.
 *
 * A path that is closed and opened again within a moment may never be seen to be closed (line.md, L15): on a busy
 * machine a quarter of a second is such a moment. Then asking for the broadcast again helps.
 *
 * @module
 */

/** An announcement and the host's state take different ways; so long they may differ. */
const PATIENCE_MS = 1_500;

export class Astray {
  #told: string | null = null;
  #sinceMs: number | null = null;

  /** The host says that this run of the seat is on air; null for none. */
  told(run: string | null): void {
    this.#told = run;
  }

  /** The broadcast was asked for just now. */
  opened(): void {
    this.#sinceMs = null;
  }

  /** `followed`: the run whose catalogue came last, null where none did. Says so once, and then after as long again. */
  strays(followed: string | null, nowMs: number): boolean {
    if (this.#told === null || this.#told === followed) {
      this.#sinceMs = null;
      return false;
    }
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < PATIENCE_MS) return false;
    this.#sinceMs = nowMs;
    return true;
  }
}
