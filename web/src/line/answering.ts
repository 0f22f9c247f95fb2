/**
 * What a side does when the host lacks something of a span: it tells the span's leaves among its seals (L17, L19).
 *
 * A span is told at most three times, and as many in a group of seals as a group may have. At the end of a run, when
 * most is lost and nobody is there to be asked, the last second's spans are told unasked. The same as
 * `src/vivavoce/line/answering.py`.
 *
 * @module
 */

import { LeafMemory } from "../seal/leafmemory";
import { leavesBytes } from "../seal/leavesframe";
import type { Lacking } from "./arrival";

/** What a group of the seals' track may have of them. */
export const LEAVES_A_GROUP = 16;
export const LEAVES_BYTES_A_GROUP = 64 * 1024;
const AGAIN_US = 250_000;
const TIMES = 3;
/** A question about what was sealed before has come by the end. */
const LAST_US = 1_000_000;
const MOST_WAITING = 64;
const MOST_ANSWERED = 1_024;

/** Tracks are known by their numbers. `memory` has to be told every leaf that is sealed. */
export class Answering {
  readonly memory = new LeafMemory();
  readonly #sounds = new Set<number>();
  readonly #waiting = new Map<string, Lacking>();
  readonly #sealed: { atUs: number; one: Lacking }[] = [];
  readonly #answered = new Map<string, { times: number; atUs: number }>();
  #group = -1;
  #frames = 0;
  #bytes = 0;

  /** This track is one of sound: its spans are rows. */
  sound(track: number): void {
    this.#sounds.add(track);
  }

  /** The host lacks something of these. */
  asked(lacking: readonly Lacking[], nowUs: number): void {
    for (const one of lacking) {
      const name = nameOf(one);
      const { times, atUs } = this.#answered.get(name) ?? { times: 0, atUs: nowUs - AGAIN_US };
      if (times >= TIMES || nowUs - atUs < AGAIN_US || this.#waiting.size >= MOST_WAITING) continue;
      this.#waiting.set(name, one);
      this.#answered.set(name, { times: times + 1, atUs: nowUs });
      for (const oldest of this.#answered.keys()) {
        if (this.#answered.size <= MOST_ANSWERED) break;
        this.#answered.delete(oldest);
      }
    }
  }

  /** This was sealed. */
  sealed(deltas: readonly Lacking[], nowUs: number): void {
    for (const { track, group, count } of deltas)
      if (count > 0) this.#sealed.push({ atUs: nowUs, one: { track, group, count } });
    while (nowUs - (this.#sealed[0]?.atUs ?? nowUs) > LAST_US) this.#sealed.shift();
  }

  /** Nothing follows, and nobody can ask any more: what was sealed last is told unasked. */
  end(): void {
    const last = new Map(this.#sealed.map(({ one }) => [`${one.track}/${one.group}`, one]));
    for (const one of [...last.values()].slice(-LEAVES_A_GROUP)) this.#waiting.set(nameOf(one), one);
  }

  /**
   * What is to be written now into this group of the seals' track, which is the newest; what it has no room for waits
   * for the next one.
   */
  frames(group: number): Uint8Array[] {
    if (group !== this.#group) {
      this.#group = group;
      this.#frames = 0;
      this.#bytes = 0;
    }
    const told: Uint8Array[] = [];
    for (const [name, one] of this.#waiting) {
      const leaves = this.memory.of(one.track, one.group, one.count, this.#sounds.has(one.track));
      const raw = leaves && leavesBytes({ track: one.track, group: one.group, leaves });
      const bytes = raw?.byteLength ?? 0;
      if (raw && (this.#frames >= LEAVES_A_GROUP || this.#bytes + bytes > LEAVES_BYTES_A_GROUP)) break;
      this.#waiting.delete(name);
      if (!raw) continue;
      this.#frames += 1;
      this.#bytes += bytes;
      told.push(raw);
    }
    return told;
  }
}

const nameOf = ({ track, group, count }: Lacking) => `${track}/${group}/${count}`;
