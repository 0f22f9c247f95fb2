/**
 * Seals what an encoder puts out: the side's half (docs/formats/seal.md, S7 to S10).
 *
 * It is given every sample, before any queue, and tells what is to be signed. Signing is the caller's, since a
 * browser signs only in its own time:
 *
 *     sealer.sample(track, group, index, timestampUs, key, data);
 *     if (sealer.due(clockUs)) envelope = sealer.signed(await sign(sealer.draft(clockUs)));
 *
 * The same rules as `src/vivavoce/seal/sealer.py`.
 *
 * @module
 */

import { sameBytes } from "./bytes";
import { configBytes, type SealedConfig } from "./config";
import { extended, leaf, spanStart, tagged } from "./digest";
import { purpose, sealedUp, toBeSigned } from "./envelope";
import { keyId } from "./keys";
import { type Delta, Flags, MOST_DELTAS, MOST_TRACKS, type Seal, sealBytes } from "./seal";

/** What is due after this is out before 200 ms are over (S10). */
export const EVERY_US = 160_000;
export const MOST_TRACK_NUMBER = 255;
/** So often a seal carries all configurations again, for those who join. */
export const CONFIGS_EVERY = 10;

interface Span {
  group: number;
  digest: Uint8Array;
  count: number;
  closed: boolean;
  changed: boolean;
}

interface Track {
  number: number;
  name: string;
  raw: Uint8Array;
  sound: boolean;
  /** Those that are not sealed yet, and a picture's open group. */
  spans: Span[];
  /** The newest group. */
  newest: number;
  /** The newest seal that said anything of it. */
  used: number;
}

/** What a seal says besides its samples. */
export interface Extras {
  /** Nothing follows; every open group is closed. */
  end?: boolean;
  /** Of the devices; the others are set by the sealer. */
  flags?: number;
  heard?: Seal["heard"];
  beacon?: Seal["beacon"];
  head?: Seal["head"];
  nonces?: Uint8Array;
}

/**
 * `founding`: the founding hash. `run`: 8 bytes. `key`: the run's public key. `statement`: its run statement's
 * envelope.
 */
export class Sealer {
  readonly #founding: Uint8Array;
  readonly #run: Uint8Array;
  readonly #kid: Uint8Array;
  readonly #aad: Uint8Array;
  readonly #tracks: Track[] = [];
  #prev: Uint8Array;
  #seq = 0;
  #sealedUs: number | null = null;
  #announced = 0;
  #payload: Uint8Array | null = null;
  #ended = false;
  /** What the newest draft says of samples. */
  told: readonly Delta[] = [];

  constructor(founding: Uint8Array, run: Uint8Array, key: Uint8Array, statement: Uint8Array) {
    this.#founding = founding;
    this.#run = run;
    this.#kid = keyId(key);
    this.#aad = purpose("seal", founding);
    this.#prev = tagged("vv/seal/1", statement);
  }

  /**
   * A track begins. Returns its number. The same configuration keeps its number.
   *
   * Throws RangeError for another one of the same name, and after 256 of them.
   */
  add(config: SealedConfig): number {
    const raw = configBytes(config);
    const { name, kind } = config;
    const there = this.#tracks.find((track) => track.name === name);
    if (there && sameBytes(there.raw, raw)) return there.number;
    if (there) throw new RangeError(`the track ${name} has another configuration`);
    const number = this.#tracks.length;
    if (number > MOST_TRACK_NUMBER) throw new RangeError(`a run has at most ${MOST_TRACK_NUMBER + 1} tracks`);
    this.#tracks.push({ number, name, raw, sound: kind === "sound", spans: [], newest: -1, used: -1 });
    return number;
  }

  /** What left an encoder. Returns its leaf. Throws RangeError where samples of a group are not given in their order. */
  sample(
    track: number,
    group: number,
    index: number,
    timestampUs: number,
    key: boolean,
    data: Uint8Array,
  ): Uint8Array {
    const one = this.#track(track);
    const span = this.#span(one, group, index);
    if (!one.sound && index !== span.count)
      throw new RangeError(`sample ${index} of group ${group} does not follow sample ${span.count - 1}`);
    const told = leaf(group, index, timestampUs, key, data);
    span.digest = extended(span.digest, told);
    span.count += 1;
    span.changed = true;
    return told;
  }

  /** A group without samples: the track rests from here on (line.md, L8). */
  rest(track: number, group: number): void {
    this.#begun(this.#track(track), group).closed = true;
  }

  /** The end was drafted; nothing follows. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it is time. `clockUs`: since the run's epoch. */
  due(clockUs: number): boolean {
    if (this.#ended || this.#payload) return false;
    return this.#sealedUs === null || clockUs - this.#sealedUs >= EVERY_US;
  }

  /**
   * What is to be signed now, by COSE. Call `signed` with the signature before the next one. Where more is open than a
   * seal may have, `end` is not the end yet: ask `ended`, and draft again.
   *
   * Throws RangeError after the end, while another is unsigned, or where the clock goes back.
   */
  draft(clockUs: number, extras: Extras = {}): Uint8Array {
    const { heard = [], beacon = null, head = null, nonces = new Uint8Array() } = extras;
    if (this.#ended || this.#payload)
      throw new RangeError("the run was ended, or its last seal is not signed yet");
    if (this.#sealedUs !== null && clockUs < this.#sealedUs)
      throw new RangeError(`the clock went back from ${this.#sealedUs} to ${clockUs} us`);
    const deltas = this.#deltas(extras.end ?? false);
    const end = extras.end === true && this.#tracks.every(({ spans }) => spans.length === 0);
    const flags =
      ((extras.flags ?? Flags.NONE) & (Flags.MICROPHONE_SHUT | Flags.CAMERA_OFF)) |
      (end ? Flags.END : Flags.NONE) |
      (deltas.length > 0 ? Flags.NONE : Flags.HEARTBEAT);
    const configs = this.#configs(deltas);
    const seal = { seq: this.#seq, prev: this.#prev, clockUs, flags, configs, deltas };
    this.#payload = sealBytes({ ...seal, heard, beacon, head, nonces });
    this.#sealedUs = clockUs;
    this.#ended = end;
    this.told = deltas;
    return toBeSigned(this.#kid, this.#aad, this.#payload);
  }

  /** The seal, to be sent. The next one stands on it. Does not check the signature. */
  signed(signature: Uint8Array): Uint8Array {
    if (!this.#payload) throw new RangeError("nothing waits to be signed");
    const envelope = sealedUp(this.#kid, this.#payload, signature);
    this.#payload = null;
    this.#prev = tagged("vv/seal/1", envelope);
    this.#seq += 1;
    return envelope;
  }

  #track(number: number): Track {
    const track = this.#tracks[number];
    if (!track) throw new RangeError(`there is no track ${number}`);
    return track;
  }

  #span(one: Track, group: number, index: number): Span {
    const last = one.spans.at(-1);
    if (last && !last.closed) {
      if (one.sound && group === last.group + last.count && index === 0) {
        one.newest = group;
        return last;
      }
      if (!one.sound && group === last.group) return last;
    }
    if (index !== 0) throw new RangeError(`sample ${index} of group ${group} begins no group`);
    return this.#begun(one, group);
  }

  #begun(one: Track, group: number): Span {
    if (group <= one.newest) throw new RangeError(`group ${group} does not follow group ${one.newest}`);
    close(one);
    const digest = spanStart(this.#founding, this.#run, one.number, group, one.raw);
    const span = { group, digest, count: 0, closed: false, changed: true };
    one.spans.push(span);
    one.newest = group;
    return span;
  }

  /** Those that are new, those that rested for long, and now and then all that are in use: for whoever joins. */
  #configs(deltas: readonly Delta[]): [track: number, config: Uint8Array][] {
    const tracks = new Set(this.#tracks.slice(this.#announced, this.#announced + MOST_TRACKS));
    this.#announced += tracks.size;
    for (const delta of deltas) {
      const track = this.#track(delta.track);
      if (this.#seq - track.used > CONFIGS_EVERY && tracks.size < MOST_TRACKS) tracks.add(track);
      track.used = this.#seq;
    }
    const room = MOST_TRACKS - tracks.size;
    if (this.#seq % CONFIGS_EVERY === 0 && room > 0) {
      const used = this.#tracks.slice(0, this.#announced).filter((track) => this.#inUse(track));
      used.sort((a, b) => a.used - b.used);
      for (const track of used.slice(-room)) tracks.add(track);
    }
    return [...tracks].sort((a, b) => a.number - b.number).map(({ number, raw }) => [number, raw]);
  }

  #inUse({ spans, used }: Track): boolean {
    return spans.length > 0 || used < 0 || this.#seq - used <= CONFIGS_EVERY;
  }

  /** What changed. More than a seal may have waits for the next. */
  #deltas(end: boolean): Delta[] {
    const deltas: Delta[] = [];
    for (const track of this.#tracks) {
      if (end || track.sound) close(track);
      for (const span of track.spans) {
        if (!span.changed || deltas.length >= MOST_DELTAS) continue;
        const { group, count, closed, digest } = span;
        deltas.push({ track: track.number, group, count, closed, digest });
        span.changed = false;
      }
      track.spans = track.spans.filter((span) => span.changed || !span.closed);
    }
    return deltas;
  }
}

function close(track: Track): void {
  for (const span of track.spans) {
    span.changed = span.changed || !span.closed;
    span.closed = true;
  }
}
