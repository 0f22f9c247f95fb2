/**
 * Sound in the order in which it is played, with what was played lately and what is still to come. Pure.
 *
 * Positions count samples since the start and only grow; the ring keeps the newest of them. All operations leave a
 * curve without a step: where two pieces of sound meet they are blended over `OVERLAP`.
 *
 * @module
 */

export const RATE = 48_000;
/** Samples a millisecond. */
export const MS = RATE / 1000;
const CAPACITY = 1 << 17;
const MASK = CAPACITY - 1;
/** Over this one piece of sound becomes another: 4 ms. */
export const OVERLAP = 4 * MS;
/** The pitch of voices: 80 to 400 Hz. */
const SHORTEST = 2.5 * MS;
const LONGEST = 12.5 * MS;
/** Under this (-50 dB) nobody hears where it was cut. */
const QUIET = 1e-5;

/** Where sound looks like itself. `likeness`: 1 if it is the same there, 0 if it has nothing in common. */
export interface Likeness {
  samples: number;
  likeness: number;
}

export class SoundRing {
  readonly #planes: Float32Array[];
  /** Of what is played next, and after what came last. */
  read = 0;
  written = 0;
  readonly #found: Likeness = { samples: 0, likeness: 0 };

  constructor(channels: number) {
    this.#planes = Array.from({ length: channels }, () => new Float32Array(CAPACITY));
  }

  /** Samples that are still to be played. */
  get unread(): number {
    return this.written - this.read;
  }

  /** The sample at a position that is not older than two seconds. */
  at(channel: number, position: number): number {
    return this.#planes[channel]?.[position & MASK] ?? 0;
  }

  set(channel: number, position: number, value: number): void {
    const plane = this.#planes[channel];
    if (plane) plane[position & MASK] = value;
  }

  /** Put sound behind what is there. A channel that it lacks gets its first. */
  append(channels: Float32Array[], from = 0): void {
    const length = channels[0]?.length ?? 0;
    for (const [channel, plane] of this.#planes.entries()) {
      const source = channels[channel] ?? channels[0];
      if (!source) continue;
      for (let at = from; at < length; at++) plane[(this.written + at - from) & MASK] = source[at] ?? 0;
    }
    this.written += Math.max(0, length - from);
  }

  /** Play: fill `out` with what comes next; a channel more than there are gets the first. */
  take(out: Float32Array[], length: number): void {
    for (let channel = 0; channel < out.length; channel++) {
      const plane = this.#planes[channel] ?? this.#planes[0];
      const into = out[channel];
      if (!plane || !into) continue;
      for (let at = 0; at < length; at++) into[at] = plane[(this.read + at) & MASK] ?? 0;
    }
    this.read += length;
  }

  /**
   * Where, up to `most` samples ahead, what comes looks most like what comes now. Needs `most + OVERLAP` unread.
   * The object is used again by the next search.
   */
  ahead(most: number): Likeness {
    return this.#search(this.read, 1, most);
  }

  /** The same for what was played before. Needs `OVERLAP` unread. */
  behind(most: number): Likeness {
    return this.#search(this.read, -1, most);
  }

  /** The period with which the newest sound repeats itself. */
  period(): Likeness {
    return this.#search(this.written - OVERLAP, -1, LONGEST);
  }

  /** Go on from `samples` ahead (behind if negative) instead of from here, blended over. */
  jump(samples: number): void {
    for (const plane of this.#planes) {
      for (let step = 0; step < OVERLAP; step++) {
        // A jump shorter than the overlap reads what it writes: in this order always before.
        const at = samples > 0 ? OVERLAP - 1 - step : step;
        const to = (this.read + samples + at) & MASK;
        const share = (at + 1) / (OVERLAP + 1);
        plane[to] = (plane[(this.read + at) & MASK] ?? 0) * (1 - share) + (plane[to] ?? 0) * share;
      }
    }
    this.read += samples;
  }

  #search(here: number, direction: 1 | -1, most: number): Likeness {
    const found = this.#found;
    found.samples = 0;
    found.likeness = Number.NEGATIVE_INFINITY;
    const plane = this.#planes[0];
    const longest = Math.min(LONGEST, Math.floor(most));
    if (!plane || longest < SHORTEST) {
      found.likeness = 0;
      return found;
    }
    let energy = 0;
    for (let at = 0; at < OVERLAP; at++) energy += (plane[(here + at) & MASK] ?? 0) ** 2;
    if (energy / OVERLAP < QUIET) {
      found.samples = longest;
      found.likeness = 1;
      return found;
    }
    for (let shift = SHORTEST; shift <= longest; shift += 4)
      this.#compare(here, direction * shift, energy, 2);
    const coarse = found.samples;
    found.likeness = Number.NEGATIVE_INFINITY;
    for (let shift = Math.max(SHORTEST, coarse - 3); shift <= Math.min(longest, coarse + 3); shift++) {
      this.#compare(here, direction * shift, energy, 1);
    }
    return found;
  }

  #compare(here: number, shift: number, energy: number, step: number): void {
    const plane = this.#planes[0];
    if (!plane) return;
    let product = 0;
    let other = 0;
    for (let at = 0; at < OVERLAP; at += step) {
      const there = plane[(here + shift + at) & MASK] ?? 0;
      product += (plane[(here + at) & MASK] ?? 0) * there;
      other += there * there;
    }
    const likeness = (step * product) / Math.sqrt(energy * step * other + 1e-12);
    // Of two that are alike the shorter, or a multiple of the pitch would be taken for it.
    if (likeness <= this.#found.likeness + 0.005) return;
    this.#found.likeness = likeness;
    this.#found.samples = Math.abs(shift);
  }
}
