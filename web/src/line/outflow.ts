/**
 * How much leaves a device: pictures and bits of the last second, counted in quarters of it. Pure.
 *
 * @module
 */

const QUARTERS = 4;

export class Outflow {
  #bits = 0;
  #pictures = 0;
  #counted = 0;
  #bitsBefore: number[] = [];
  #picturesBefore: number[] = [];

  /** Samples of so many bytes were handed to the line. */
  sent(bytes: number): void {
    this.#bits += 8 * bytes;
  }

  /** `encoded`: pictures of the largest rendition since the start. */
  pictures(encoded: number): void {
    this.#pictures += Math.max(0, encoded - this.#counted);
    this.#counted = encoded;
  }

  /** Call four times a second: pictures and bits a second over the last four calls. */
  quarter(): { fps: number; bitrate: number } {
    this.#bitsBefore = [...this.#bitsBefore, this.#bits].slice(-QUARTERS);
    this.#picturesBefore = [...this.#picturesBefore, this.#pictures].slice(-QUARTERS);
    this.#bits = 0;
    this.#pictures = 0;
    return { fps: sum(this.#picturesBefore), bitrate: sum(this.#bitsBefore) };
  }
}

const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
