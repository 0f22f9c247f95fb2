/**
 * How long sound has to wait so that it is there when its turn comes, from how it arrived until now.
 *
 *     media    |--10ms--|--10ms--|--10ms--|
 *     arrival      |---11---|---------16------|-8-|     offset = arrival - media time of the packet's start
 *     lateness = offset - the least offset of the last seconds
 *
 * 1. A packet is in time when its lateness is at most the wait. The target is the wait that costs least, where one
 *    percent of sound that comes too late costs as much as so many milliseconds of waiting.
 * 2. Two memories answer, and the longer wait counts: a short one (1 to 2 s) that heeds only what happens often, so that a
 *    line that begins to jitter is followed within a second, and a long one (4 to 8 s) for what happens now and then. One
 *    stall is no reason to wait from now on; a stall every second is.
 * 3. The target rises at once and falls gently, by 10 ms a second or by half of what is too much. It begins at 30 ms, and
 *    is never under 3 nor over 200.
 *
 * Two clocks that drift apart are followed by the least offset, which forgets after six seconds of sound. Pure: takes
 * times, reads none. Same idea: NetEq's DelayManager (WebRTC), whose histogram has steps of one packet.
 *
 * @module
 */

const FIRST_MS = 30;
const LEAST_MS = 3;
const MOST_MS = 200;
/** A millisecond a hundred, and half of what is too much each second. */
const FALL = 0.01;
const FALL_SHARE = 0.0005;
/** What comes first is late because everything is still being made, decoders and pages: it says nothing of the line. */
const SETTLED_MS = 1_000;
const BINS = 512;
const SPAN_MS = 500;
const SPANS = 12;

/**
 * Latenesses of the last seconds in steps of a millisecond, on the grid of offsets, so that the least may move. Kept as
 * two halves: when the newer is full the older is forgotten.
 */
class Memory {
  #newer = new Float64Array(BINS);
  #older = new Float64Array(BINS);
  #newerMs = 0;
  #olderMs = 0;
  readonly #halfMs: number;
  readonly #worthMs: number;

  /** `halfMs`: of sound; it remembers so much to twice as much. `worthMs`: of waiting, for one percent that is in time. */
  constructor(halfMs: number, worthMs: number) {
    this.#halfMs = halfMs;
    this.#worthMs = worthMs;
  }

  clear(): void {
    this.#newer.fill(0);
    this.#older.fill(0);
    this.#newerMs = this.#olderMs = 0;
  }

  add(offsetMs: number, durationMs: number): void {
    const bin = Math.floor(offsetMs) & (BINS - 1);
    this.#newer[bin] = (this.#newer[bin] ?? 0) + durationMs;
    this.#newerMs += durationMs;
    if (this.#newerMs < this.#halfMs) return;
    [this.#newer, this.#older] = [this.#older, this.#newer];
    this.#newer.fill(0);
    this.#olderMs = this.#newerMs;
    this.#newerMs = 0;
  }

  /** The wait, ms, that costs least. */
  wait(leastMs: number): number {
    const total = this.#newerMs + this.#olderMs;
    const first = Math.floor(leastMs);
    let late = total;
    let best = 0;
    let cheapest = Number.POSITIVE_INFINITY;
    for (let at = 0; at <= MOST_MS; at++) {
      const bin = (first + at) & (BINS - 1);
      late -= (this.#newer[bin] ?? 0) + (this.#older[bin] ?? 0);
      const waitMs = Math.max(0, first + at + 1 - leastMs);
      const cost = waitMs + (100 * this.#worthMs * Math.max(0, late)) / total;
      if (cost < cheapest - 1e-6) {
        cheapest = cost;
        best = waitMs;
      }
    }
    return best;
  }
}

export class ArrivalSpread {
  readonly #short = new Memory(1_000, 6);
  readonly #long = new Memory(4_000, 16);
  readonly #spans = new Float64Array(SPANS).fill(Number.POSITIVE_INFINITY);
  #span = 0;
  #filledMs = 0;
  #leastMs = Number.POSITIVE_INFINITY;
  #waitMs = 0;
  #heardMs = 0;
  #targetMs = FIRST_MS;

  /**
   * A packet came. `atMs`: when, on the player's clock. `mediaMs`: of its first sample. `durationMs`: of it, above 0.
   */
  arrived(atMs: number, mediaMs: number, durationMs: number): void {
    const offsetMs = atMs - mediaMs;
    // A clock that jumped, or another path altogether: what was known is worth nothing.
    if (offsetMs < this.#leastMs - SPAN_MS) this.#forget();
    this.#spans[this.#span] = Math.min(this.#spans[this.#span] ?? offsetMs, offsetMs);
    this.#filledMs += durationMs;
    if (this.#filledMs >= SPAN_MS) {
      this.#filledMs = 0;
      this.#span = (this.#span + 1) % SPANS;
      this.#spans[this.#span] = offsetMs;
    }
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < SPANS; at++) least = Math.min(least, this.#spans[at] ?? least);
    this.#leastMs = least;
    // What no wait would have saved is no reason to wait.
    const counted = offsetMs - least > MOST_MS ? least : offsetMs;
    this.#short.add(counted, durationMs);
    this.#long.add(counted, durationMs);
    this.#waitMs = Math.max(this.#short.wait(least), this.#long.wait(least));
    const most = this.#heardMs < SETTLED_MS ? FIRST_MS : MOST_MS;
    const wanted = Math.min(most, Math.max(LEAST_MS, this.#waitMs));
    const much = Math.max(FALL, FALL_SHARE * (this.#targetMs - wanted));
    this.#targetMs = Math.max(wanted, this.#targetMs - much * durationMs);
    if (this.#heardMs < SETTLED_MS && this.#heardMs + durationMs >= SETTLED_MS) this.#forget();
    this.#heardMs += durationMs;
  }

  /** How long sound is to wait, ms, beyond the fastest that came lately. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /** The wait that the arrivals of the last seconds ask for, ms, before it is smoothed. */
  get spreadMs(): number {
    return this.#waitMs;
  }

  /** The least offset of the last seconds, ms; infinite before anything came. */
  get leastOffsetMs(): number {
    return this.#leastMs;
  }

  #forget(): void {
    this.#short.clear();
    this.#long.clear();
    this.#spans.fill(Number.POSITIVE_INFINITY);
    this.#spans[this.#span] = this.#leastMs;
    this.#filledMs = 0;
  }
}
