/**
 * What stands between a line that jitters and a loudspeaker that does not. Pure: sound and its arrival in, sound out.
 *
 * 1. Sound is played with a lag behind its fastest arrival. How long is measured (`ArrivalSpread`), and follows the
 *    line up at once and down gently.
 * 2. The lag is changed by playing faster or slower: a few milliseconds are left out or repeated where the sound looks
 *    like itself, so that pitch stays and nothing clicks. A lag that is far too long is cut at once.
 * 3. Where sound is missing the last pitch period goes on and fades out (hidden, 60 ms at most), then there is silence.
 *    Sound that comes too late is still played, blended in; the lag is then longer and falls again.
 * 4. Packets that the feed knows to be lost come as sound that its decoder made up, and count as hidden.
 * 5. A hole in the timestamps without a lost packet (a closed microphone) is silence of that length, and no loss.
 *
 * The clock here is the sound that was pulled: what the loudspeaker needs is what counts.
 *
 * @module
 */

import { ArrivalSpread } from "./arrivalspread";
import { Concealment, FADED } from "./concealment";
import type { PlayedSound } from "./messages";
import { MS, OVERLAP, RATE, SoundRing } from "./soundring";

/** Timestamps are off by less than this on their own. */
const HOLE = 5 * MS;
/** More of a lag than is wanted than this is cut at once. */
const FAR_MS = 120;
/** A lag may be wrong by this. */
const LONG_MS = 4;
const SHORT_MS = 2;
/** Between two changes, while the lag is nearly right and while it is not. */
const REST = 100 * MS;
const SHORT_REST = 25 * MS;
const NOT_NEAR_MS = 20;
/** After a search that found nothing. */
const AGAIN = 5 * MS;
/** When less than this is left, what is held for a missing packet is asked for: it has yet to be decoded. */
const LOW_MS = 4;
/** More than this is never kept: nobody was listening. */
const MOST = RATE;
/** Of how many packets the media time is known. */
const ANCHORS = 512;
/** After so much silence the next sound begins afresh, with the lag that is wanted. */
const AFRESH = 200 * MS;

/** What happened since the start, ms of sound unless said otherwise. */
export interface PlayoutCounts {
  /** Made up where sound was missing. */
  hiddenMs: number;
  /** Silence where sound was missing for longer. */
  silentMs: number;
  /** Left out or repeated, to play faster or slower. */
  stretchedMs: number;
  /** Left out at once, because the lag was far too long. */
  droppedMs: number;
  /** Packets that came after their turn. */
  late: number;
  /** Packets that did not come in time, the late ones included. */
  lost: number;
}

export class Playout {
  readonly #ring: SoundRing;
  #spread = new ArrivalSpread();
  readonly #concealment: Concealment;
  readonly #counts: PlayoutCounts = {
    hiddenMs: 0,
    silentMs: 0,
    stretchedMs: 0,
    droppedMs: 0,
    late: 0,
    lost: 0,
  };
  /** Where in the ring which media time (samples) begins, newest last; a ring of its own. */
  readonly #places = new Float64Array(ANCHORS);
  readonly #media = new Float64Array(ANCHORS);
  #anchors = 0;
  #run = "";
  #pulled = 0;
  #started = false;
  #endMedia = 0;
  #missing = 0;
  #rest = 0;
  #wanting = 0;
  #leastMs = 0;
  #packetMs = 20;

  /** `channels`: kept of what comes; more than these are not played. */
  constructor(channels = 2) {
    this.#ring = new SoundRing(channels);
    this.#concealment = new Concealment(this.#ring, channels);
  }

  get run(): string {
    return this.#run;
  }

  get counts(): Readonly<PlayoutCounts> {
    return this.#counts;
  }

  /** Sound waiting to be played, ms. */
  get bufferedMs(): number {
    return this.#ring.unread / MS;
  }

  /** How much is to be there right after a packet came, ms: the lag that is wanted, and the packet. */
  get targetMs(): number {
    return this.waitMs + this.#packetMs;
  }

  /** The wait that the arrivals ask for, ms. */
  get spreadMs(): number {
    return this.#spread.spreadMs;
  }

  /** Little is left: whatever is held for a missing packet is to be handed over. */
  get low(): boolean {
    return this.#ring.unread < LOW_MS * MS;
  }

  /** The media time of the next sample that `pull` gives, us, or null while nothing plays. */
  get timestampUs(): number | null {
    if (!this.#started || (this.#dry && this.#concealment.samples >= FADED)) return null;
    return (this.#mediaAt(this.#ring.read) * 1000) / MS;
  }

  /** Not to play earlier than this, ms behind the fastest arrival; 0 for no such wish. At most 200. */
  keepBack(leastMs: number): void {
    this.#leastMs = Math.min(200, Math.max(0, leastMs));
  }

  /** A packet came after its turn, and is lost. */
  tooLate(timestampUs: number): void {
    this.#counts.late += 1;
    this.#spread.arrived(this.#pulled / MS + LOW_MS, timestampUs / 1000, this.#packetMs);
  }

  /** Take in decoded sound: 48 kHz, its packets in order. */
  push(sound: PlayedSound): void {
    const length = sound.channels[0]?.length ?? 0;
    if (length === 0) return;
    if (sound.run !== this.#run) this.#begin(sound.run);
    this.#counts.lost += sound.lost;
    const media = (sound.timestampUs * MS) / 1000;
    if (!sound.hidden) {
      this.#packetMs = length / MS;
      const early = sound.awaited ? LOW_MS : -sound.heldMs;
      this.#spread.arrived(this.#pulled / MS + early, sound.timestampUs / 1000, this.#packetMs);
    }
    const hole = media - this.#endMedia;
    const silence = this.#dry ? this.#concealment.samples : 0;
    if (hole > HOLE && sound.lost === 0) this.#missing = 0;
    if (this.#missing > 0) this.#settle();
    if (!this.#started || Math.abs(hole) > 10 * RATE || (silence > AFRESH && hole > AFRESH / 2)) {
      // The microphone was closed, or this is the first: free to choose when it plays.
      this.#pad(this.#due(media) - this.#pulled - this.#ring.unread);
    } else {
      // Behind made-up sound the media time has gone on already.
      const wait = media - this.#mediaAt(this.#ring.written);
      if (wait > HOLE) {
        this.#pad(wait);
        if (sound.lost > 0) this.#count(wait);
      }
    }
    this.#accept(sound, media, length);
  }

  /** Fill `out`, one array a channel, all of one length. */
  pull(out: Float32Array[]): void {
    const length = out[0]?.length ?? 0;
    if (!this.#started) {
      for (const into of out) into.fill(0);
      this.#pulled += length;
      return;
    }
    this.#follow(length);
    const short = length - this.#ring.unread;
    if (short > 0) {
      this.#concealment.extend(short);
      this.#missing += short;
    }
    this.#ring.take(out, length);
    this.#pulled += length;
  }

  get #dry(): boolean {
    return this.#started && this.#ring.unread === 0;
  }

  /** How long sound is to wait behind the fastest that came lately, ms. */
  get waitMs(): number {
    return Math.max(this.#spread.targetMs, this.#leastMs);
  }

  /** When sound of this media time is to be played, on the clock of what was pulled. */
  #due(media: number): number {
    return media + (this.#spread.leastOffsetMs + this.waitMs) * MS;
  }

  #begin(run: string): void {
    this.#run = run;
    this.#spread = new ArrivalSpread();
    this.#started = false;
    this.#missing = 0;
    this.#concealment.forget();
    this.#ring.read = this.#ring.written;
    this.#anchors = 0;
  }

  /** Silence, faded into, before what comes next. */
  #pad(samples: number): void {
    const length = Math.min(RATE, Math.round(samples));
    if (length > 0) this.#concealment.extend(length);
  }

  #accept(sound: PlayedSound, media: number, length: number): void {
    const ahead = this.#started ? this.#mediaAt(this.#ring.written) - media : 0;
    // What was made up in the place of a lost packet need not be made up twice.
    const skip =
      sound.hidden && this.#concealment.active ? Math.round(Math.min(length, Math.max(0, ahead))) : 0;
    if (sound.hidden) this.#counts.hiddenMs += (length - skip) / MS;
    this.#endMedia = media + length;
    if (skip >= length) return;
    const late = ahead > MS && !sound.hidden;
    if (!this.#started || this.#concealment.active) this.#concealment.end(sound.channels, skip, late);
    else this.#ring.append(sound.channels, skip);
    this.#started = true;
    this.#anchor(this.#ring.written - (length - skip), media + skip);
    if (this.#ring.unread <= MOST) return;
    const kept = Math.round(this.targetMs * MS);
    this.#counts.droppedMs += (this.#ring.unread - kept) / MS;
    this.#ring.read = this.#ring.written - kept;
  }

  /** What was made up while nothing came, now that it is known that something was missing. */
  #settle(): void {
    const hidden = Math.min(this.#missing, FADED);
    this.#counts.hiddenMs += hidden / MS;
    this.#counts.silentMs += (this.#missing - hidden) / MS;
    this.#missing = 0;
  }

  #count(samples: number): void {
    const made = this.#concealment.samples;
    const hidden = Math.max(0, Math.min(samples, FADED - Math.max(0, made - samples)));
    this.#counts.hiddenMs += hidden / MS;
    this.#counts.silentMs += (samples - hidden) / MS;
  }

  #anchor(place: number, media: number): void {
    const at = this.#anchors % ANCHORS;
    this.#places[at] = place;
    this.#media[at] = media;
    this.#anchors += 1;
  }

  #mediaAt(place: number): number {
    const oldest = Math.max(0, this.#anchors - ANCHORS);
    let index = this.#anchors - 1;
    while (index > oldest && (this.#places[index % ANCHORS] ?? 0) > place) index -= 1;
    const at = Math.max(0, index) % ANCHORS;
    return (this.#media[at] ?? 0) + place - (this.#places[at] ?? 0);
  }

  /** Play faster or slower by a little, if the lag is not what is wanted. */
  #follow(length: number): void {
    const ring = this.#ring;
    this.#rest -= length;
    const lagMs = (this.#pulled - this.#mediaAt(ring.read)) / MS - this.#spread.leastOffsetMs;
    const wrongMs = lagMs - this.waitMs;
    const room = ring.unread - OVERLAP - length;
    const far = Math.round(wrongMs * MS);
    if (wrongMs > FAR_MS && room >= far) {
      ring.jump(far);
      this.#counts.droppedMs += wrongMs;
      this.#changed(SHORT_REST);
      return;
    }
    const wants = wrongMs > LONG_MS || wrongMs < -SHORT_MS;
    this.#wanting = wants ? this.#wanting + length : 0;
    if (!wants || this.#rest > 0 || this.#concealment.active) return;
    // The longer it cannot be done well, the less well it needs to be done.
    const patience = Math.abs(wrongMs) > NOT_NEAR_MS ? 0.3 : 0.9;
    const alike = patience - (0.4 * this.#wanting) / RATE;
    if (ring.unread < OVERLAP + length) return;
    const found =
      wrongMs > 0 ? ring.ahead(Math.min(room, (wrongMs + 1) * MS)) : ring.behind((5 - wrongMs) * MS);
    if (found.samples === 0 || found.likeness < alike) {
      this.#rest = AGAIN;
      return;
    }
    ring.jump(wrongMs > 0 ? found.samples : -found.samples);
    this.#counts.stretchedMs += found.samples / MS;
    this.#changed(Math.abs(wrongMs) > NOT_NEAR_MS ? SHORT_REST : REST);
  }

  #changed(rest: number): void {
    this.#rest = rest;
    this.#wanting = 0;
  }
}
