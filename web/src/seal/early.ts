/**
 * Samples of tracks whose configuration no seal has told yet (docs/formats/seal.md, V6, V7, V9).
 *
 * 1. They are kept until it comes: `MOST_EARLY` of a track, of `MOST_TRACKS` tracks. Of a track that has more, all are
 *    let go, and it begins again with a group.
 * 2. What waits longer than `PENDING_US` is late, and what is let go is late at once. That is told once for each track,
 *    and again after the verdict recovered. Until it stops the verdict does not.
 * 3. What was captured before the verifier joined, and came then, is not waited for.
 *
 * The same rules as `src/vivavoce/seal/early.py`.
 *
 * @module
 */

import { PENDING_US } from "./overdue";

const MOST_EARLY = 4_096;
const MOST_TRACKS = 32;

/** As `Spans.sample` takes it. */
export interface EarlySample {
  group: number;
  index: number;
  timestampUs: number;
  leaf: Uint8Array;
  /** When, on the verifier's clock. */
  cameUs: number;
}

interface Track {
  samples: EarlySample[];
  /** Of which nobody has asked yet. */
  letGo: EarlySample[];
  /** When the newest came that was late when somebody asked. */
  seenUs: number;
  /** Since the verdict recovered. */
  told: boolean;
}

type Late = [track: string, samples: EarlySample[]];

export class Early {
  readonly #tracks = new Map<string, Track>();
  /** The first of a track more than are kept, since somebody asked. */
  #beyond: Late | null = null;
  #toldBeyond = false;
  #troubled = false;

  add(name: string, sample: EarlySample): void {
    let track = this.#tracks.get(name);
    if (!track && this.#tracks.size >= MOST_TRACKS) {
      this.#beyond ??= [name, [sample]];
      return;
    }
    track ??= { samples: [], letGo: [], seenUs: -1, told: false };
    this.#tracks.set(name, track);
    const { samples, letGo, seenUs } = track;
    if (samples.length >= MOST_EARLY) {
      if (letGo.length === 0) track.letGo = samples.filter(({ cameUs }) => cameUs > seenUs);
      track.samples = [];
    }
    if (track.samples.length > 0 || sample.index === 0) track.samples.push(sample);
  }

  /** Its configuration came: what was kept of it. */
  pop(name: string): EarlySample[] {
    const samples = this.#tracks.get(name)?.samples ?? [];
    this.#tracks.delete(name);
    return samples;
  }

  /** What is to be told by now. `joinedUs`, `joinedAtUs`: as a `Place` has them. */
  late(nowUs: number, joinedUs: number, joinedAtUs: number): Late[] {
    const told: Late[] = [];
    for (const [name, track] of this.#tracks) {
      const { samples, letGo, seenUs } = track;
      const old = samples.filter(({ cameUs }) => cameUs > seenUs && nowUs - cameUs > PENDING_US);
      const late = [...letGo, ...old].filter(
        ({ timestampUs, cameUs }) => timestampUs >= joinedUs || cameUs > joinedAtUs + PENDING_US,
      );
      track.letGo = [];
      track.seenUs = old.reduce((newest, { cameUs }) => Math.max(newest, cameUs), seenUs);
      this.#troubled ||= late.length > 0;
      if (late.length === 0 || track.told) continue;
      track.told = true;
      told.push([name, late]);
    }
    if (this.#beyond) {
      this.#troubled = true;
      if (!this.#toldBeyond) told.push(this.#beyond);
      this.#toldBeyond = true;
      this.#beyond = null;
    }
    return told;
  }

  /** Whether something has been found late since this was asked, told or not. */
  takeTrouble(): boolean {
    const troubled = this.#troubled;
    this.#troubled = false;
    return troubled;
  }

  /** What goes on is told again. */
  recovered(): void {
    this.#toldBeyond = false;
    for (const track of this.#tracks.values()) track.told = false;
  }
}
