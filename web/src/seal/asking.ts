/**
 * When to ask for the leaves of a span that came in part, and when to leave it at that.
 *
 * 1. A sample that is sealed and has not come is waited for a while: it may be on its way.
 * 2. Then the span's leaves are asked for, and again some times, as long as nothing changes.
 * 3. No more than so many at once and in a second, whatever is lost.
 *
 * The same as `src/vivavoce/seal/asking.py`.
 *
 * @module
 */

import { MOST_LEAVES } from "./leavesframe";
import type { Missing } from "./span";

export const VIEWER_ASKS_US = 250_000;
const AGAIN_US = 400_000;
const TIMES = 4;
const SECOND_US = 1_000_000;
const A_SECOND = 8;
const AT_ONCE = 4;

interface Want {
  lacks: number;
  sinceUs: number;
  askedUs: number | null;
  times: number;
}

export class Asking {
  readonly #afterUs: number;
  #wants = new Map<string, Want>();
  #asked: number[] = [];
  #open = 0;

  /** `afterUs`: how long a sample is waited for. */
  constructor(afterUs = VIEWER_ASKS_US) {
    this.#afterUs = afterUs;
  }

  /**
   * What to ask for now. `missing`: all that is, each time; to be called ten times a second or so. Each counts as open
   * until `done`.
   */
  due(missing: readonly Missing[], nowUs: number): Missing[] {
    const wants = new Map<string, Want>();
    this.#asked = this.#asked.filter((atUs) => nowUs - atUs < SECOND_US);
    const due: Missing[] = [];
    for (const one of missing) {
      const { track, group, count, lacks } = one;
      const place = `${track}/${group}`;
      const want = this.#wants.get(place) ?? { lacks, sinceUs: nowUs, askedUs: null, times: 0 };
      wants.set(place, want);
      if (want.lacks !== lacks) {
        // It came after all; what follows it may too.
        want.lacks = lacks;
        want.sinceUs = nowUs;
      }
      if (count > MOST_LEAVES || !this.#may(want, nowUs)) continue;
      want.askedUs = nowUs;
      want.times += 1;
      this.#asked.push(nowUs);
      this.#open += 1;
      due.push(one);
    }
    this.#wants = wants;
    return due;
  }

  /** A question was answered, or will not be. */
  done(): void {
    this.#open -= 1;
  }

  #may({ sinceUs, askedUs, times }: Want, nowUs: number): boolean {
    if (times >= TIMES || this.#open >= AT_ONCE || this.#asked.length >= A_SECOND) return false;
    if (askedUs !== null && nowUs - askedUs < AGAIN_US) return false;
    return nowUs - sinceUs >= this.#afterUs;
  }
}
