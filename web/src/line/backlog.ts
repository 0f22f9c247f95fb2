/**
 * Whether a decoder keeps up with its track. Pure: takes times and counts, reads none.
 *
 * 1. A few pictures that wait after a hiccup are decoded: decoding is several times faster than a camera.
 * 2. More than a second's worth is not worth decoding: what is left of the group is left out.
 * 3. A decoder that has had a queue for a second on end, or whose queue was given up twice within ten, is too slow.
 * 4. When a track is joined, all of its running group comes at once: the queue of then does not count.
 *
 * @module
 */

const FEW = 8;
const MANY = 45;
const JOINING = 130;
const COMING_MS = 300;
const JOINING_MS = 3_000;
const TOO_LONG_MS = 1_000;
const STRIKES_MS = 10_000;

/** `decode`: go on. `skip`: wait for the next group. `behind`: the same, and the track is too much for this device. */
export type Advice = "decode" | "skip" | "behind";

export class Backlog {
  #joinedMs: number | null = null;
  #joining = true;
  #sinceMs: number | null = null;
  #skippedMs = Number.NEGATIVE_INFINITY;

  /** What to do with a picture that is to be decoded while `queued` wait. */
  advise(nowMs: number, queued: number): Advice {
    this.#joinedMs ??= nowMs;
    if (this.#joining) {
      const forMs = nowMs - this.#joinedMs;
      // Its first pictures find the decoder idle although all the others are about to come.
      this.#joining = forMs < COMING_MS || (queued > 1 && forMs < JOINING_MS);
      if (this.#joining && queued <= JOINING) return "decode";
    }
    if (queued <= FEW) {
      this.#sinceMs = null;
      return "decode";
    }
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs >= TOO_LONG_MS) return this.#behind();
    if (queued <= MANY) return "decode";
    if (nowMs - this.#skippedMs < STRIKES_MS) return this.#behind();
    this.#skippedMs = nowMs;
    this.#sinceMs = null;
    return "skip";
  }

  #behind(): Advice {
    this.#sinceMs = null;
    this.#skippedMs = Number.NEGATIVE_INFINITY;
    return "behind";
  }
}

const FIRST_SPARE_MS = 4_000;
const MOST_SPARE_MS = 60_000;

/** How long a device that was too slow for a picture is given a smaller one: longer each time that it fails again. */
export class Sparing {
  #spareMs = FIRST_SPARE_MS;
  #untilMs = Number.NEGATIVE_INFINITY;

  /** It was too slow. Returns until when to spare it. */
  failed(nowMs: number): number {
    const soon = nowMs - this.#untilMs < 2 * this.#spareMs;
    this.#spareMs = soon ? Math.min(MOST_SPARE_MS, 2 * this.#spareMs) : FIRST_SPARE_MS;
    this.#untilMs = nowMs + this.#spareMs;
    return this.#untilMs;
  }
}
