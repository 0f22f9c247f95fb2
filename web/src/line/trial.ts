/**
 * The largest rendition, fetched beside the one that is shown to see what the line carries. Pure: takes times.
 *
 * A host sends the smaller picture first (L10), so what a trial takes is what is left over, and one that fails is hardly
 * seen by anyone. Where the larger picture comes in time, it is carried; where not, all that came together tells what is.
 *
 * @module
 */

/** Counted from the first sample that is tried: a key picture's own queue is to be over. */
const LEAST_MS = 450;
const MOST_MS = 900;
/** It comes within a round trip, or as soon as the side has begun to make it. */
const COMES_MS = 600;
/** A line that has to spare what it needs is not kept by its first key picture for longer. */
const KEY_MS = 320;
/** What came within the last while is judged. */
const JUDGED_MS = 250;
const IN_TIME_MS = 60;
const SPARE = 1.1;
/** What QUIC, UDP and IP add to a sample. */
const OVERHEAD_BYTES = 60;

interface Came {
  ms: number;
  lateMs: number | null;
  bits: number;
}

export class Trial {
  /** Bits a second of all that would be fetched at each level, from 0; the last is that of what is shown. */
  readonly #costs: readonly number[];
  readonly #beganMs: number;
  #firstMs: number | null = null;
  #keyLateMs = 0;
  #came: Came[] = [];

  constructor(costs: readonly number[], nowMs: number) {
    this.#costs = costs;
    this.#beganMs = nowMs;
  }

  /** A sample came. `lateMs`: by how much, for one of the larger rendition; null for any other. */
  came(nowMs: number, lateMs: number | null, bytes: number): void {
    if (lateMs !== null && this.#firstMs === null) {
      this.#firstMs = nowMs;
      this.#keyLateMs = lateMs;
    }
    this.#came.push({ ms: nowMs, lateMs, bits: 8 * (bytes + OVERHEAD_BYTES) });
    this.#came = this.#since(nowMs - JUDGED_MS);
  }

  /**
   * The level that the line carries, or null while that is not known. `hurts`: what is shown is late because of it.
   * Ask now and then; the first answer stands.
   */
  verdict(nowMs: number, hurts: boolean): number | null {
    const forMs = this.#firstMs === null ? 0 : nowMs - this.#firstMs;
    const never = this.#firstMs === null && nowMs - this.#beganMs > COMES_MS;
    const hopeless = hurts || never || this.#keyLateMs > KEY_MS;
    if (!hopeless && forMs < LEAST_MS) return null;
    const judged = this.#since(nowMs - JUDGED_MS);
    const late = judged.flatMap(({ lateMs }) => lateMs ?? []);
    // A moment in which a processor was busy makes some late, not all.
    if (!hopeless && late.length > 2 && Math.min(...late) < IN_TIME_MS) return 0;
    const rate = (1000 / JUDGED_MS) * judged.reduce((sum, { bits }) => sum + bits, 0);
    const shown = this.#costs.length - 1;
    const carried = late.length > 0 ? this.#costs.findIndex((cost) => rate > SPARE * cost) : -1;
    const level = carried < 0 ? shown : Math.min(carried, shown);
    return level === 0 || hopeless || forMs > MOST_MS ? level : null;
  }

  #since(ms: number): Came[] {
    return this.#came.filter((one) => one.ms > ms);
  }
}
