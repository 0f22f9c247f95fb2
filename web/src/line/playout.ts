/**
 * The small buffer between a line that jitters and a loudspeaker that does not. Pure: samples in, samples out.
 *
 * 1. It fills to a target (40 ms at first) before it plays.
 * 2. When it runs dry it fades out, raises the target by 20 ms, at most to 200, and fills again. Silence of
 *    half a second is no jitter: the microphone was closed, and the target stays.
 * 3. After ten seconds without running dry the target falls by 5 ms, at least to 30.
 * 4. What it holds beyond the target is taken out 5 ms at a time where the sound repeats itself, so that no pitch
 *    changes; much more than that is dropped at once. It never holds more than the target and 120 ms.
 * 5. A hole in the timestamps becomes silence of the same length, so that sound stays in step with the picture.
 *
 * @module
 */

import type { PlayedSound } from "./messages";

const RATE = 48_000;
const MS = RATE / 1000;
const CAPACITY = 2 * RATE;
const FIRST_TARGET = 40 * MS;
const LEAST_TARGET = 30 * MS;
const MOST_TARGET = 200 * MS;
const GROW = 20 * MS;
const SHRINK = 5 * MS;
const CALM = 10 * RATE;
const EXCESS = 120 * MS;
const PACKET = 20 * MS;
const HOLE = 5 * MS;
const LONGEST_HOLE = 200 * MS;
const FADE = 96;
const OVERLAP = 120;
const LEAST_CUT = 120;
const MOST_CUT = 360;

interface Anchor {
  at: number;
  timestampUs: number;
}

export class Playout {
  readonly #rings: Float32Array[];
  #run = "";
  #written = 0;
  #read = 0;
  #anchors: Anchor[] = [];
  #expectedUs: number | null = null;
  #target = FIRST_TARGET;
  #playing = false;
  #fadeIn = 0;
  #dry = 0;
  #calm = 0;
  #grown = false;
  #least = Number.POSITIVE_INFINITY;
  #watched = 0;
  #underruns = 0;
  #last: number[];

  /** `channels`: of what `pull` fills. */
  constructor(channels = 2) {
    this.#rings = Array.from({ length: channels }, () => new Float32Array(CAPACITY));
    this.#last = this.#rings.map(() => 0);
  }

  /** Sound waiting to be played, ms. */
  get bufferedMs(): number {
    return (this.#written - this.#read) / MS;
  }

  get targetMs(): number {
    return this.#target / MS;
  }

  get underruns(): number {
    return this.#underruns;
  }

  get run(): string {
    return this.#run;
  }

  /** The media time of the next sample that `pull` gives, or null while nothing plays. */
  get timestampUs(): number | null {
    if (!this.#playing) return null;
    let anchor: Anchor | undefined;
    for (const one of this.#anchors) if (one.at <= this.#read) anchor = one;
    return anchor ? anchor.timestampUs + ((this.#read - anchor.at) * 1e6) / RATE : null;
  }

  /** Take in decoded sound: 48 kHz, its packets in order. */
  push(sound: PlayedSound): void {
    const length = sound.channels[0]?.length ?? 0;
    if (length === 0) return;
    if (sound.run !== this.#run) this.#begin(sound.run);
    if (this.#expectedUs !== null) {
      const hole = Math.round(((sound.timestampUs - this.#expectedUs) * RATE) / 1e6);
      if (hole > HOLE && hole <= LONGEST_HOLE && this.#playing) this.#silence(hole);
    }
    if (this.#written + length - this.#read > CAPACITY) this.#read = this.#written;
    this.#anchors.push({ at: this.#written, timestampUs: sound.timestampUs });
    for (const [channel, ring] of this.#rings.entries()) {
      const from = sound.channels[channel] ?? sound.channels[0];
      if (!from) continue;
      for (let at = 0; at < length; at++) ring[(this.#written + at) % CAPACITY] = from[at] ?? 0;
    }
    this.#written += length;
    this.#expectedUs = sound.timestampUs + (length * 1e6) / RATE;
    const held = this.#written - this.#read;
    if (held > this.#target + EXCESS) this.#drop(held - this.#target);
    while (this.#anchors.length > 1 && (this.#anchors[1]?.at ?? 0) <= this.#read) this.#anchors.shift();
  }

  /** Fill `out`, one array a channel, all of one length. */
  pull(out: Float32Array[]): void {
    const length = out[0]?.length ?? 0;
    if (!this.#playing && this.#written - this.#read >= this.#target) {
      this.#playing = true;
      this.#fadeIn = 0;
      if (this.#grown && this.#dry > RATE / 2) this.#target = Math.max(LEAST_TARGET, this.#target - GROW);
      this.#grown = false;
      this.#dry = 0;
    }
    if (!this.#playing) {
      this.#dry += length;
      this.#tail(out, 0, length);
      return;
    }
    const held = Math.min(length, this.#written - this.#read);
    for (const [channel, into] of out.entries()) {
      const ring = this.#rings[channel] ?? this.#rings[0];
      if (!ring) continue;
      for (let at = 0; at < held; at++) {
        const gain = Math.min(1, (this.#fadeIn + at) / FADE);
        const value = (ring[(this.#read + at) % CAPACITY] ?? 0) * gain;
        into[at] = value;
        this.#last[channel] = value;
      }
    }
    this.#fadeIn += held;
    this.#read += held;
    if (held < length) {
      this.#tail(out, held, length);
      this.#ranDry();
      return;
    }
    this.#settle(length);
  }

  #begin(run: string): void {
    this.#run = run;
    this.#read = this.#written;
    this.#anchors = [];
    this.#expectedUs = null;
    this.#playing = false;
  }

  /** From the last sample down to nothing, so that it does not click. */
  #tail(out: Float32Array[], from: number, length: number): void {
    for (const [channel, into] of out.entries()) {
      for (let at = from; at < length; at++) {
        const value = (this.#last[channel] ?? 0) * (1 - 1 / FADE) ** 4;
        this.#last[channel] = Math.abs(value) < 1e-5 ? 0 : value;
        into[at] = this.#last[channel];
      }
    }
  }

  #ranDry(): void {
    this.#playing = false;
    this.#underruns += 1;
    this.#calm = 0;
    this.#dry = 0;
    this.#least = Number.POSITIVE_INFINITY;
    this.#watched = 0;
    const target = Math.min(MOST_TARGET, this.#target + GROW);
    this.#grown = target > this.#target;
    this.#target = target;
  }

  /** Watch how much is left at the emptiest moment of a second, and take out what is not needed. */
  #settle(length: number): void {
    this.#calm += length;
    if (this.#calm >= CALM) {
      this.#calm = 0;
      this.#target = Math.max(LEAST_TARGET, this.#target - SHRINK);
    }
    this.#least = Math.min(this.#least, this.#written - this.#read);
    this.#watched += length;
    if (this.#watched < RATE / 2) return;
    const spare = this.#least - Math.max(0, this.#target - PACKET);
    if (spare >= MOST_CUT && this.#written - this.#read >= MOST_CUT + OVERLAP) this.#cut();
    this.#watched = spare >= 2 * MOST_CUT ? RATE / 2 - RATE / 20 : 0;
    this.#least = Number.POSITIVE_INFINITY;
  }

  /** Jump ahead by a few ms to where the sound looks most like it does here, and blend over. */
  #cut(): void {
    const ring = this.#rings[0];
    if (!ring) return;
    let best = LEAST_CUT;
    let likeness = Number.NEGATIVE_INFINITY;
    for (let jump = LEAST_CUT; jump <= MOST_CUT; jump += 4) {
      let product = 0;
      let energy = 1e-9;
      for (let at = 0; at < OVERLAP; at += 2) {
        const there = ring[(this.#read + jump + at) % CAPACITY] ?? 0;
        product += (ring[(this.#read + at) % CAPACITY] ?? 0) * there;
        energy += there * there;
      }
      const score = product / Math.sqrt(energy);
      if (score > likeness) {
        likeness = score;
        best = jump;
      }
    }
    this.#blend(best);
  }

  #drop(samples: number): void {
    this.#blend(Math.min(samples, this.#written - this.#read - OVERLAP));
  }

  #blend(jump: number): void {
    for (const ring of this.#rings) {
      for (let at = 0; at < OVERLAP; at++) {
        const to = (this.#read + jump + at) % CAPACITY;
        const share = at / OVERLAP;
        ring[to] = (ring[(this.#read + at) % CAPACITY] ?? 0) * (1 - share) + (ring[to] ?? 0) * share;
      }
    }
    this.#read += jump;
  }

  #silence(length: number): void {
    for (const ring of this.#rings) {
      const last = ring[(this.#written + CAPACITY - 1) % CAPACITY] ?? 0;
      for (let at = 0; at < length; at++) {
        ring[(this.#written + at) % CAPACITY] = last * Math.max(0, 1 - at / FADE);
      }
    }
    this.#written += length;
  }
}
