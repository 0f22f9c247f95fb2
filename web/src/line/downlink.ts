/**
 * How large a picture a viewer's line carries. Pure: takes times, reads none.
 *
 * All seats share one line, so there is one judgement for all of them: how large a rendition each may take (`level`: 0
 * for any, 1 for the second largest and below, and so on).
 *
 * 1. A sample is late by how much longer it took from its capture than the fastest of the last seconds from its seat.
 *    Only where every seat is late is it the line; where one is, it is that side's own.
 * 2. Late for a while: one step down, at once. The queue that a key picture makes for a moment is forgiven.
 * 3. A key picture is several times as large as the one before it: how much later it comes says what the line
 *    carries. Where that is enough for a larger rendition, it goes up. It does so when a group begins: whoever
 *    joins is given the running group, which is long only later.
 * 4. Without such a sign it tries now and then. What failed is tried again after 2, 4, 8 … seconds, at most 32; a clear
 *    sign of a faster line waits for a second only.
 * 5. While the page itself stood still nothing is judged.
 *
 * @module
 */

import { LeastDelay } from "./leastdelay";

/** So late is late, beside what is usual; for three ticks, or for two where it is more than twice that. */
const LATE_MS = 110;
const MOST_USUAL_MS = 60;
const LATE_TICKS = 3;
/** How much of a key picture's queue is forgiven, and for how long. */
const FORGIVEN_MS = 140;
const BURST_MS = 350;
/** A seat whose samples stopped for longer does not count: nothing of it is under way. */
const FORGOTTEN_MS = 1_500;
/** A side may leave pictures out for so long where its own line is behind. */
const SILENT_MS = 350;
const NEVER = Number.NEGATIVE_INFINITY;
/** A key picture that is hardly larger than the others says nothing. */
const LEAST_EXTRA_BITS = 16_000;
/** After a change, or after the page stood still, everything is uneven for a while. */
const UNSURE_MS = 600;
/** A session begins with much at once, and a page with much else to do. */
const BEGINS_MS = 2_500;
const KEYS = 3;
/** Each time that more failed soon after it was tried, the sign for it must be so much clearer. */
const CLEARER = 1.4;
const MOST_FAILS = 4;
const STOOD_STILL_MS = 450;
const CALM_MS = 900;
const TRY_MS = 6_000;
const LITTLE_BITS = 600_000;
const LITTLE_TRY_MS = 2_000;
const FIRST_BACKOFF_MS = 2_000;
const MOST_BACKOFF_MS = 32_000;
const FAILED_WITHIN_MS = 3_500;
/** The line is to carry this much more than what is fetched. */
const SPARE = 1.12;
/** Below this a key picture's lateness says nothing, so far as the line is fast enough to be measured. */
const FINE_MS = 4;

interface Seat {
  /** Sound and pictures take their own time to encode. */
  sound: LeastDelay;
  pictures: LeastDelay;
  /** Something came since the last tick. */
  fresh: boolean;
  soundFresh: boolean;
  soundLateMs: number;
  soundMs: number;
  /** Of pictures that are no key pictures: the least since the last tick, and the newest. */
  lateMs: number;
  lastLateMs: number;
  bytes: number;
  /** When the newest picture came, and the newest key picture. */
  pictureMs: number;
  keyMs: number;
}

export class Downlink {
  readonly #seats = new Map<string, Seat>();
  #level = 0;
  #tickMs: number | null = null;
  #unsureUntilMs = 0;
  #lateTicks = 0;
  #usualMs = 0;
  #calmMs: number | null = null;
  #upMs = Number.NEGATIVE_INFINITY;
  #backoffMs = 0;
  #notBeforeMs = 0;
  #keys: number[] = [];
  #fails = 0;

  /** The largest rendition that may be fetched, counted from the largest that there is, 0. */
  get level(): number {
    return this.#level;
  }

  /** What key pictures lately said that the line carries, bits a second; null where they said nothing. */
  get carries(): number | null {
    // A busy processor makes a key picture late as well; it makes none early.
    return this.#keys.length > 0 ? Math.max(...this.#keys) : null;
  }

  /** Another session: what was learned of the old one's delays does not count. */
  reset(nowMs: number): void {
    this.#seats.clear();
    this.#keys = [];
    this.#unsure(nowMs);
    this.#unsureUntilMs = nowMs + BEGINS_MS;
  }

  /**
   * A sample came. `tookMs`: when it came less its timestamp, on clocks that may differ by any constant.
   * `kind`: a key picture says what the line carries.
   */
  came(nowMs: number, name: string, kind: "sound" | "key" | "delta", tookMs: number, bytes: number): void {
    let seat = this.#seats.get(name);
    if (!seat) {
      seat = {
        sound: new LeastDelay(),
        pictures: new LeastDelay(),
        fresh: false,
        soundFresh: false,
        soundLateMs: 0,
        soundMs: NEVER,
        lateMs: 0,
        lastLateMs: 0,
        bytes: 0,
        pictureMs: NEVER,
        keyMs: NEVER,
      };
      this.#seats.set(name, seat);
    }
    const lateMs = (kind === "sound" ? seat.sound : seat.pictures).above(tookMs, nowMs);
    // The least since the last tick: a moment in which a processor was busy makes some late, not all.
    if (kind === "sound") {
      seat.soundLateMs = seat.soundFresh ? Math.min(seat.soundLateMs, lateMs) : lateMs;
      seat.soundFresh = true;
      seat.soundMs = nowMs;
      return;
    }
    seat.pictureMs = nowMs;
    if (kind === "key") {
      seat.keyMs = nowMs;
      const extraBits = 8 * (bytes - seat.bytes);
      const extraMs = Math.max(FINE_MS, lateMs - seat.lastLateMs);
      if (extraBits > LEAST_EXTRA_BITS)
        this.#keys = [...this.#keys, (1000 * extraBits) / extraMs].slice(-KEYS);
    } else {
      seat.lateMs = seat.fresh ? Math.min(seat.lateMs, lateMs) : lateMs;
      seat.fresh = true;
      seat.lastLateMs = lateMs;
      seat.bytes = bytes;
    }
  }

  /**
   * Ten times a second. `largest`: the largest rendition that is fetched now for any seat, counted as `level` is;
   * `least`: the smallest that there is. Returns whether less may be fetched from now on.
   */
  tick(nowMs: number, largest: number, least: number): boolean {
    const sinceMs = this.#tickMs === null ? 0 : nowMs - this.#tickMs;
    this.#tickMs = nowMs;
    if (sinceMs > STOOD_STILL_MS) this.#unsure(nowMs);
    const lateMs = this.#lateMs(nowMs);
    for (const seat of this.#seats.values()) seat.fresh = seat.soundFresh = false;
    if (nowMs < this.#unsureUntilMs || lateMs === null) return false;
    const limitMs = LATE_MS + Math.min(MOST_USUAL_MS, 2.5 * this.#usualMs);
    if (lateMs <= limitMs) {
      this.#lateTicks = 0;
      this.#usualMs += (Math.max(0, lateMs) - this.#usualMs) / 32;
      this.#calmMs ??= nowMs;
      if (nowMs - this.#upMs > 3 * FAILED_WITHIN_MS) this.#backoffMs = this.#fails = 0;
      return false;
    }
    this.#calmMs = null;
    this.#lateTicks += lateMs > 2 * limitMs ? 1.5 : 1;
    if (this.#lateTicks < LATE_TICKS || largest >= least) return false;
    this.#level = largest + 1;
    this.#keys = [];
    if (nowMs - this.#upMs < FAILED_WITHIN_MS) {
      this.#backoffMs = Math.min(MOST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, 2 * this.#backoffMs));
      this.#notBeforeMs = nowMs + this.#backoffMs;
      this.#fails = Math.min(MOST_FAILS, this.#fails + 1);
    }
    this.#unsure(nowMs);
    return true;
  }

  /**
   * A group began on what is shown. `costs`: bits a second of all that would be fetched at a level. Returns whether
   * more may be fetched from now on.
   */
  began(nowMs: number, costs: (level: number) => number): boolean {
    if (this.#level === 0 || this.#calmMs === null || nowMs < this.#unsureUntilMs) return false;
    const calmMs = nowMs - this.#calmMs;
    const { carries } = this;
    const spare = SPARE * CLEARER ** this.#fails;
    let level = this.#level;
    if (carries !== null && calmMs >= CALM_MS && nowMs - this.#upMs >= FAILED_WITHIN_MS / 2) {
      while (level > 0 && carries >= spare * costs(level - 1)) level -= 1;
    }
    // A little more costs little to try; what the line was seen not to carry is hardly worth a try.
    const little = costs(this.#level - 1) - costs(this.#level) < LITTLE_BITS;
    const tryMs = little ? LITTLE_TRY_MS : carries === null ? TRY_MS : 4 * TRY_MS;
    const tries = level === this.#level && calmMs >= tryMs && nowMs >= this.#notBeforeMs;
    if (tries) level -= 1;
    if (level === this.#level) return false;
    this.#level = level;
    this.#upMs = nowMs;
    this.#unsure(nowMs);
    return true;
  }

  /** How late the least late seat is; null where nothing comes. */
  #lateMs(nowMs: number): number | null {
    let least: number | null = null;
    for (const seat of this.#seats.values()) {
      const soundMs = nowMs - seat.soundMs < FORGOTTEN_MS ? seat.soundLateMs : null;
      const silentMs = nowMs - seat.pictureMs;
      const pictureMs = silentMs < FORGOTTEN_MS ? Math.max(seat.lateMs, silentMs - SILENT_MS) : null;
      if (soundMs === null && pictureMs === null) continue;
      const forgivenMs = nowMs - seat.keyMs < BURST_MS ? FORGIVEN_MS : 0;
      // A host sends sound first: what the line does not carry makes pictures late, not sound.
      const lateMs = Math.max(soundMs ?? 0, pictureMs ?? 0) - forgivenMs;
      least = Math.min(least ?? lateMs, lateMs);
    }
    return least;
  }

  #unsure(nowMs: number): void {
    this.#unsureUntilMs = nowMs + UNSURE_MS;
    this.#lateTicks = 0;
    this.#calmMs = null;
  }
}
