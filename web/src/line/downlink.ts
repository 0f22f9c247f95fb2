/**
 * How large a picture a viewer's line carries. Pure: takes times, reads none.
 *
 * All seats share one line, so there is one judgement for all of them: how large a rendition each may take (`level`: 0
 * for any, 1 for the second largest and below, and so on).
 *
 * 1. A sample is late by how much longer it took from its capture than the fastest of the last seconds from its seat.
 *    Only where every seat is late is it the line; where one is, it is that side's own.
 * 2. Late for a while: one step down, or to the smallest where it is very late. The queue that a key picture makes for
 *    a moment is forgiven.
 * 3. The largest is tried beside the one that is shown (`Trial`) once nothing was late for a while; what the trial says
 *    is shown. It begins with a group: whoever joins is given the running group, which is long only later.
 * 4. It is tried 3 seconds after a fall, and 2, 4, 8 and 16 after it failed. A key picture is several times as large
 *    as the one before it: how much later it comes says what the line carries. Where that is much more than before, it
 *    is tried at once.
 * 5. While the page itself stood still nothing is judged.
 *
 * @module
 */

import { LeastDelay } from "./leastdelay";
import { Trial } from "./trial";

/** So late is late, beside what is usual; for three ticks, or for two where it is more than twice that. */
const LATE_MS = 110;
const MOST_USUAL_MS = 60;
const LATE_TICKS = 3;
const VERY = 2;
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
const STOOD_STILL_MS = 450;
const CALM_MS = 900;
const FIRST_BACKOFF_MS = 2_000;
const MOST_BACKOFF_MS = 16_000;
/** Just after a fall the host sends by what the line carried before, and a trial hurts most. */
const FALLEN_MS = 3_000;
/** So much more than before is a sign of a faster line, which waits for this only. */
const FASTER = 1.6;
const AGAIN_MS = 1_000;
/** What failed so long ago says nothing any more. */
const FORGIVEN_AFTER_MS = 10_000;
/** While a larger picture is tried, this late is late for what is shown. */
const HURT_MS = 70;
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
  #trial: Trial | null = null;
  #upMs = NEVER;
  #fellMs = NEVER;
  #failedMs = NEVER;
  #backoffMs = 0;
  /** What the newest key pictures said that the line carries, bits a second. */
  #keys: number[] = [];
  #faster = false;

  /** The largest rendition that may be shown, counted from the largest that there is, 0. */
  get level(): number {
    return this.#level;
  }

  /** The largest that may be fetched: it is on trial where it is larger than what may be shown. */
  get fetched(): number {
    return this.#trial ? 0 : this.#level;
  }

  /** Another session: what was learned of the old one's delays does not count. */
  reset(nowMs: number): void {
    this.#seats.clear();
    this.#keys = [];
    this.#trial = null;
    this.#unsure(nowMs);
    this.#unsureUntilMs = nowMs + BEGINS_MS;
  }

  /**
   * A sample came. `tookMs`: when it came less its timestamp, on clocks that may differ by any constant.
   * `kind`: a key picture says what the line carries. `tried`: it is of a rendition on trial.
   */
  came(
    nowMs: number,
    name: string,
    kind: "sound" | "key" | "delta",
    tookMs: number,
    bytes: number,
    tried = false,
  ): void {
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
    this.#trial?.came(nowMs, tried ? lateMs : null, bytes);
    if (tried) return;
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
      if (extraBits > LEAST_EXTRA_BITS) this.#keyCame((1000 * extraBits) / extraMs);
    } else {
      seat.lateMs = seat.fresh ? Math.min(seat.lateMs, lateMs) : lateMs;
      seat.fresh = true;
      seat.lastLateMs = lateMs;
      seat.bytes = bytes;
    }
  }

  /**
   * Ten times a second. `largest`: the largest rendition that is shown now for any seat, counted as `level` is;
   * `least`: the smallest that there is. Returns `less` where less may be fetched from now on, `trial` where a trial is
   * over.
   */
  tick(nowMs: number, largest: number, least: number): "less" | "trial" | null {
    const sinceMs = this.#tickMs === null ? 0 : nowMs - this.#tickMs;
    this.#tickMs = nowMs;
    if (sinceMs > STOOD_STILL_MS) this.#unsure(nowMs);
    const lateMs = this.#lateMs(nowMs);
    for (const seat of this.#seats.values()) seat.fresh = seat.soundFresh = false;
    const level = this.#trial?.verdict(nowMs, lateMs !== null && lateMs > HURT_MS + this.#usualMs) ?? null;
    if (level !== null) return this.#tried(nowMs, level);
    if (nowMs < this.#unsureUntilMs || lateMs === null) return null;
    const limitMs = LATE_MS + Math.min(MOST_USUAL_MS, 2.5 * this.#usualMs);
    if (lateMs <= limitMs) {
      this.#lateTicks = 0;
      this.#usualMs += (Math.max(0, lateMs) - this.#usualMs) / 32;
      this.#calmMs ??= nowMs;
      if (nowMs - Math.max(this.#upMs, this.#failedMs) > FORGIVEN_AFTER_MS) this.#backoffMs = 0;
      return null;
    }
    this.#calmMs = null;
    this.#lateTicks += lateMs > VERY * limitMs ? 1.5 : 1;
    if (this.#lateTicks < LATE_TICKS || largest >= least) return null;
    // Who joins a rendition is given its running group: the smallest is there soonest, and a trial tells what else is.
    this.#level = lateMs > VERY * limitMs ? least : largest + 1;
    this.#keys = [];
    this.#fellMs = nowMs;
    if (nowMs - this.#upMs < FORGIVEN_AFTER_MS) this.#failed(nowMs);
    this.#unsure(nowMs);
    return "less";
  }

  /**
   * A group began on what is shown. `costs`: bits a second of all that would be fetched at a level. Returns whether
   * more is to be fetched from now on, on trial or because it costs nothing.
   */
  began(nowMs: number, costs: (level: number) => number): boolean {
    if (this.#level === 0 || this.#trial || this.#calmMs === null || nowMs < this.#unsureUntilMs)
      return false;
    if (nowMs - this.#calmMs < CALM_MS) return false;
    if (costs(this.#level - 1) <= costs(this.#level)) {
      this.#level -= 1;
      return true;
    }
    const waitMs = this.#faster ? Math.min(AGAIN_MS, this.#backoffMs) : this.#backoffMs;
    if (nowMs - this.#failedMs < waitMs) return false;
    if (!this.#faster && nowMs - this.#fellMs < FALLEN_MS) return false;
    this.#faster = false;
    this.#trial = new Trial(
      Array.from({ length: this.#level + 1 }, (_, level) => costs(level)),
      nowMs,
    );
    return true;
  }

  #tried(nowMs: number, level: number): "trial" {
    this.#trial = null;
    if (level > 0) this.#failed(nowMs);
    if (level < this.#level) {
      this.#level = level;
      this.#upMs = nowMs;
    }
    this.#unsure(nowMs);
    return "trial";
  }

  /** A key picture said that the line carries so many bits a second. */
  #keyCame(carries: number): void {
    // A busy processor makes a key picture late as well; it makes none early.
    if (this.#keys.length > 0 && carries > FASTER * Math.max(...this.#keys)) this.#faster = true;
    this.#keys = [...this.#keys, carries].slice(-KEYS);
  }

  #failed(nowMs: number): void {
    this.#backoffMs = Math.min(MOST_BACKOFF_MS, Math.max(FIRST_BACKOFF_MS, 2 * this.#backoffMs));
    this.#failedMs = nowMs;
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
