/**
 * How long pictures wait so that a line that freezes them again and again does so no more.
 *
 *     media    |--33--|--33--|--33--|
 *     arrival  |      |          |  ||      lateness = arrival - media time, above the least of the last seconds
 *     shown    |--33--|----83----|          without a wait
 *     shown      |--33--|---66---|--|       each picture 17 ms behind the fastest: what is late is missed less
 *
 * 1. A picture that leaves the one before it standing for over 100 ms is a freeze. By how much too long that is, so
 *    much later the one before had to be shown; later ones are shown when they are there.
 * 2. Two freezes in 30 seconds are no reason to wait. Of more, each is worth 30 ms of waiting: the wait is the one that
 *    costs least, at most 60 ms. What no such wait would have bridged does not count.
 * 3. It rises at once and falls by 10 ms a second.
 *
 * A side that leaves pictures out freezes by itself: no wait here helps. Pure: takes times, reads none.
 *
 * @module
 */

import { LeastDelay } from "./leastdelay";

/** Under what counts as a freeze: timers, drawing and screens add to it. */
const FREEZE_MS = 86;
/** Pictures that were taken further apart were left out by their side. */
const APART_MS = 70;
const MOST_MS = 60;
const REMEMBERED_MS = 30_000;
const MANY = 3;
const WORTH_MS = 30;
/** A millisecond a hundred. */
const FALL = 0.01;

export class Freezes {
  readonly #least = new LeastDelay();
  /** What would have bridged the freezes of the last seconds, the oldest first. */
  #needs: { atMs: number; waitMs: number }[] = [];
  #before: { atMs: number; mediaMs: number } | null = null;
  /** How long pictures wait behind the fastest that came lately. */
  #waitMs = 0;

  /** A picture of this media time could be shown now. Returns how long to hold it, ms. */
  holdMs(nowMs: number, mediaMs: number): number {
    const lateMs = this.#least.above(nowMs - mediaMs, nowMs);
    const before = this.#before;
    this.#before = { atMs: nowMs, mediaMs };
    if (!before) return 0;
    const spacingMs = mediaMs - before.mediaMs;
    const waitMs = lateMs + spacingMs - FREEZE_MS;
    const froze = nowMs - before.atMs > FREEZE_MS && spacingMs > 0 && spacingMs <= APART_MS;
    if (froze && waitMs > 0 && waitMs <= MOST_MS) this.#needs.push({ atMs: nowMs, waitMs });
    this.#needs = this.#needs.filter((one) => nowMs - one.atMs < REMEMBERED_MS);
    const fallen = this.#waitMs - FALL * (nowMs - before.atMs);
    this.#waitMs = Math.max(0, cheapest(this.#needs.map((one) => one.waitMs)), fallen);
    return Math.max(0, this.#waitMs - lateMs);
  }

  /** Pictures of another run: what is known of their lateness says nothing any more. */
  forget(): void {
    this.#least.forget();
    this.#before = null;
  }
}

/** The wait that costs least, where each of these freezes is bridged by a wait that is as long; 0 for a few. */
function cheapest(needs: number[]): number {
  if (needs.length < MANY) return 0;
  const longest = needs.sort((a, b) => b - a);
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let left = 0; left <= longest.length; left++) {
    const waitMs = longest[left] ?? 0;
    const cost = waitMs + WORTH_MS * left;
    if (cost < least) [least, best] = [cost, waitMs];
  }
  return best;
}
