/**
 * Keeps pictures and voice within 45 ms of each other, and leaves both alone while they are.
 *
 *     skew = when a picture is shown - when the voice of its instant is heard; above 0 the picture is the later
 *
 * 1. A picture that would be shown more than 40 ms before its voice is held until it is not, at most 250 ms.
 * 2. When pictures are more than 45 ms later than the voice for a second, the voice is asked to wait for them, up to
 *    200 ms behind its own fastest arrival; when they are early again it is let go, by 10 ms a second.
 * 3. Without a voice that is known to be playing nothing is held and nothing waits.
 *
 * Where viewers begin to mind: ITU-R BT.1359-1 (45 ms of sound first, 125 of picture first). Pure: takes times, reads none.
 *
 * @module
 */

import { Meter } from "./meter";

const MOST_SKEW_MS = 45;
const HOLD_OVER_MS = 40;
const MOST_HOLD_MS = 250;
const MOST_WAIT_MS = 200;
/** The voice waits until this much is left; more would be sound delayed for nothing. */
const LEFT_MS = 30;
const EARLY_MS = 10;
const EASE_MS = 10;
const EVERY_MS = 1000;
const WINDOW_MS = 2000;
/** A playout that has not told for so long is silent. */
const OLD_MS = 1000;

interface Voice {
  run: string;
  timestampUs: number;
  atUs: number;
  waitMs: number;
}

export class Lips {
  readonly #skews = new Meter(WINDOW_MS);
  #voice: Voice | null = null;
  #leastMs = 0;
  #askedMs = 0;
  #toldUs = 0;

  /**
   * The playout tells: media time `timestampUs` of `run` leaves the loudspeaker at `atUs` on the page's clock, and its
   * sound waits `waitMs`. `nowUs`: when that was told.
   */
  heard(voice: Voice, nowUs: number): void {
    this.#voice = voice;
    this.#toldUs = nowUs;
  }

  /** No sound any more. */
  silent(): void {
    this.#voice = null;
    this.#leastMs = 0;
    this.#skews.clear();
  }

  /** How long, ms, to hold a picture that could be shown at `nowUs`; 0 to show it at once. */
  holdMs(run: string, timestampUs: number, nowUs: number): number {
    const skewMs = this.#skewMs(run, timestampUs, nowUs);
    return skewMs === null ? 0 : Math.min(MOST_HOLD_MS, Math.max(0, -HOLD_OVER_MS - skewMs));
  }

  /** A picture was shown at `atUs`. */
  shown(run: string, timestampUs: number, atUs: number): void {
    const skewMs = this.#skewMs(run, timestampUs, atUs);
    const nowMs = atUs / 1000;
    if (skewMs === null) return;
    this.#skews.add(skewMs, nowMs);
    if (nowMs - this.#askedMs < EVERY_MS) return;
    this.#askedMs = nowMs;
    this.#ask(this.#skews.median(nowMs) ?? 0);
  }

  /** How long, ms, the voice is to wait at least behind its fastest arrival; 0 for as short as it can. */
  get leastMs(): number {
    return this.#leastMs;
  }

  /** The median skew of the last two seconds, ms, or null while there is none. */
  skewMs(nowUs: number): number | null {
    return this.#skews.median(nowUs / 1000);
  }

  #ask(skewMs: number): void {
    const waitMs = this.#voice?.waitMs ?? 0;
    if (skewMs > MOST_SKEW_MS) {
      this.#leastMs = Math.min(MOST_WAIT_MS, Math.max(waitMs, this.#leastMs) + skewMs - LEFT_MS);
      // What was seen until now is answered.
      this.#skews.clear();
    } else if (skewMs < EARLY_MS) this.#leastMs = Math.max(0, this.#leastMs - EASE_MS);
  }

  #skewMs(run: string, timestampUs: number, atUs: number): number | null {
    const voice = this.#voice;
    if (!voice || voice.run !== run || atUs - this.#toldUs > OLD_MS * 1000) return null;
    return (atUs - voice.atUs - (timestampUs - voice.timestampUs)) / 1000;
  }
}
