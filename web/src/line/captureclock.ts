/**
 * Puts a device's timestamps on the page's clock.
 *
 * A camera or a sound card counts on a clock of its own, from an unknown start. What is known is when each
 * picture or block reached us. It cannot arrive before it was taken, so the smallest (arrival - device time) of
 * the last seconds is the offset; everything above it is waiting. The offset slews, so that two timestamps
 * keep their distance to within half a percent, and steps only when the device's clock did. What arrives first is
 * often late (encoders are still being made), so nothing should be stamped before `settled`.
 *
 *     device   |--33ms--|--33ms--|--33ms--|
 *     arrival    |----35ms--|---31ms-|---34ms--|      offset = the least of (arrival - device)
 *
 * What a device holds back always (exposure, its own buffer) is not seen here and not in any delay.
 * Pure: takes times, reads none.
 *
 * @module
 */

const WINDOW_US = 4_000_000;
const SETTLE_US = 300_000;
const SLEW = 0.005;
/** Beyond this an error is stepped over: the device's clock stood still or jumped. */
const STEP_US = 500_000;

export class CaptureClock {
  readonly #stepUs: number;
  #recent: { arrivedUs: number; offsetUs: number }[] = [];
  #offsetUs: number | null = null;
  #firstUs: number | null = null;
  #lastArrivedUs = 0;
  #lastMappedUs = Number.NEGATIVE_INFINITY;

  /**
   * `stepUs`: an offset that is wrong by more than this for the whole window is corrected at once. Small for a
   * sound card, whose clock stands still when the machine is too busy to serve it.
   */
  constructor(stepUs = STEP_US) {
    this.#stepUs = stepUs;
  }

  /**
   * Take in what arrived. `deviceUs`: on the device's clock, of the newest instant it holds.
   * `arrivedUs`: on the page's clock, not falling.
   */
  arrived(deviceUs: number, arrivedUs: number): void {
    this.#firstUs ??= arrivedUs;
    const offsetUs = arrivedUs - deviceUs;
    this.#recent = this.#recent.filter(
      (one) => one.arrivedUs > arrivedUs - WINDOW_US && one.offsetUs < offsetUs,
    );
    this.#recent.push({ arrivedUs, offsetUs });
    const least = this.#recent[0]?.offsetUs ?? offsetUs;
    if (this.#offsetUs === null || !this.settled || Math.abs(least - this.#offsetUs) > this.#stepUs) {
      this.#offsetUs = least;
    } else {
      const most = Math.max(0, arrivedUs - this.#lastArrivedUs) * SLEW;
      this.#offsetUs += Math.max(-most, Math.min(most, least - this.#offsetUs));
    }
    this.#lastArrivedUs = arrivedUs;
  }

  /** Whether enough arrived to know the offset: for 300 ms. */
  get settled(): boolean {
    return this.#firstUs !== null && this.#lastArrivedUs - this.#firstUs >= SETTLE_US;
  }

  /**
   * A device's timestamp on the page's clock, in whole microseconds, rising strictly from call to call.
   *
   * Call after the first `arrived()`; throws otherwise.
   */
  map(deviceUs: number): number {
    if (this.#offsetUs === null) throw new Error("nothing arrived yet");
    const mapped = Math.max(Math.round(deviceUs + this.#offsetUs), this.#lastMappedUs + 1);
    this.#lastMappedUs = mapped;
    return mapped;
  }
}
