/**
 * What a seat publishes, over however many sessions: its tracks, their groups' numbers, its catalogue.
 *
 * Rules kept here (docs/formats/line.md): a configuration never changes, a changed one is a new track (L4); group
 * numbers rise through a run and go on counting while there is no session, so that a gap shows (L9); a picture
 * group starts with a key picture, a sound group is one packet (L8). What has a group's number is sealed, whether or
 * not it is sent: what was sealed and did not come is a gap that everyone sees. Does no IO of its own: the session
 * sends.
 *
 * @module
 */

import { Broadcast, Group, type Track as MoqTrack, Path, Time } from "@moq/net";
import { hexOfBytes } from "../seal/bytes";
import { Again, againOf } from "./again";
import { buildCatalog, CATALOG_TRACK, CLOCK_TRACK, type Devices, renditionOf, type Track } from "./catalog";
import type { ClockEstimate } from "./clock";
import { PRIORITY, priorityOf } from "./priority";
import { encodeFrame } from "./sample";
import type { Seals } from "./seals";

/** A track without its name: the publication numbers it. */
export type TrackConfig = { [K in Track["kind"]]: Omit<Extract<Track, { kind: K }>, "name"> }[Track["kind"]];

/** What a session is asked for; `Connection.Established` has it. */
export interface Publishing {
  publish(path: Path.Valid, broadcast: Broadcast.Producer): void;
}

interface Outgoing {
  track: Track;
  /** As it was given last: most often it is the same object, and need not be compared. */
  config: TrackConfig;
  fingerprint: string;
  /** The next group's number. */
  next: number;
  producer: MoqTrack.Producer | null;
  /** Of a sound track. */
  again: Again | null;
  group: Group.Producer | null;
  /** Where its next sample stands that begins no group; null before its first key picture, and while it rests. */
  place: { group: number; index: number } | null;
  /** It stands in the catalogue. */
  listed: boolean;
}

/** The host reads everything at once; what it could not take within this is lost to it, and it says so. */
const MEDIA_KEPT_MS = 2_000;
/** The library forgets closed groups; a catalogue must outlast any discussion. */
const CATALOG_KEPT_MS = 7 * 24 * 3_600_000;

const fingerprintOf = (config: TrackConfig) =>
  JSON.stringify(config, (_, value) => (value instanceof Uint8Array ? hexOfBytes(value) : value));

export class Publication {
  readonly #run: string;
  readonly #epochUs: number;
  readonly #path: Path.Valid;
  readonly #seals: Seals | null;
  #devices: Devices;
  #tracks = new Map<string, Outgoing>();
  #numbers = new Map<string, number>();
  #broadcast: Broadcast.Producer | null = null;
  #catalog: MoqTrack.Producer | null = null;
  #clock: MoqTrack.Producer | null = null;
  #nextCatalog = 0;
  #nextClock = 0;
  #newestClock: Uint8Array | null = null;
  /** Samples handed to a session. */
  samples = 0;

  /** `seals`: null where the run is not sealed. */
  constructor(options: {
    path: string;
    run: string;
    epochUs: number;
    devices: Devices;
    seals: Seals | null;
  }) {
    this.#path = Path.from(options.path);
    this.#run = options.run;
    this.#epochUs = options.epochUs;
    this.#devices = options.devices;
    this.#seals = options.seals;
    this.#seals?.devices(options.devices);
  }

  /** Publish over this session from now on. Pictures start again with the next key picture. */
  attach(session: Publishing): void {
    this.detach();
    const broadcast = new Broadcast.Producer();
    this.#broadcast = broadcast;
    const json = { timescale: Time.Timescale.MICRO, latencyMax: CATALOG_KEPT_MS };
    this.#catalog = broadcast.createTrack(CATALOG_TRACK, { ...json, priority: PRIORITY.catalog });
    this.#clock = broadcast.createTrack(CLOCK_TRACK, {
      timescale: Time.Timescale.MICRO,
      latencyMax: 10_000,
      priority: PRIORITY.clock,
    });
    this.#seals?.attach(broadcast);
    for (const outgoing of this.#tracks.values()) this.#open(outgoing);
    this.#writeCatalog();
    if (this.#newestClock) this.#writeJson(this.#clock, this.#nextClock++, this.#newestClock);
    session.publish(this.#path, broadcast);
  }

  /** The session is lost: what was being written to it ends, as a hole that the host sees. */
  detach(): void {
    const lost = new Error("session lost");
    for (const outgoing of this.#tracks.values()) {
      outgoing.group?.close(lost);
      outgoing.group = null;
      outgoing.producer = null;
      outgoing.again = null;
    }
    this.#seals?.detach();
    this.#broadcast?.close();
    this.#broadcast = null;
    this.#catalog = null;
    this.#clock = null;
  }

  /**
   * Leave: nothing more is written, every group is finished. The broadcast stays until `detach`, since taking it back
   * would cut off what is on its way.
   */
  finish(): void {
    for (const outgoing of this.#tracks.values()) {
      outgoing.group?.close();
      outgoing.group = null;
      outgoing.producer?.close();
      outgoing.producer = null;
      outgoing.again?.close();
      outgoing.again = null;
    }
  }

  /**
   * The track for this rendition and configuration, by name; a new one where the configuration changed.
   *
   * The catalogue is written anew when it did.
   */
  trackFor(rendition: string, config: TrackConfig): string {
    const before = this.#current(rendition);
    if (before?.config === config) return before.track.name;
    const fingerprint = fingerprintOf(config);
    if (before?.fingerprint === fingerprint) {
      before.config = config;
      return before.track.name;
    }
    if (before) this.#remove(before);
    const number = (this.#numbers.get(rendition) ?? 0) + 1;
    this.#numbers.set(rendition, number);
    const track = { ...config, name: `${rendition}.${number}` } as Track;
    const outgoing: Outgoing = {
      track,
      config,
      fingerprint,
      next: 0,
      producer: null,
      again: null,
      group: null,
      place: null,
      listed: true,
    };
    this.#tracks.set(track.name, outgoing);
    this.#seals?.track(track);
    this.#open(outgoing);
    this.#writeCatalog();
    return track.name;
  }

  /**
   * Nothing more of this rendition until its next key picture. An empty group says so (L8): whoever subscribes
   * meanwhile is not shown what was there before.
   */
  rest(rendition: string): void {
    const outgoing = this.#current(rendition);
    if (!outgoing?.place) return;
    const group = this.#restingGroup(outgoing);
    outgoing.producer?.writeGroup(group);
    group.close();
  }

  /** Leave these renditions out of the catalogue for now; their tracks stay as they are, and may come back. */
  unlist(renditions: ReadonlySet<string>): void {
    let changed = false;
    for (const outgoing of this.#tracks.values()) {
      const listed = !renditions.has(renditionOf(outgoing.track.name));
      changed ||= listed !== outgoing.listed;
      outgoing.listed = listed;
    }
    if (changed) this.#writeCatalog();
  }

  /** Take renditions out of the catalogue: the camera or microphone behind them is gone. */
  drop(kind: Track["kind"]): void {
    const gone = [...this.#tracks.values()].filter((outgoing) => outgoing.track.kind === kind);
    for (const outgoing of gone) this.#remove(outgoing);
    if (gone.length > 0) this.#writeCatalog();
  }

  /** What the catalogue says of the devices. */
  setDevices(devices: Devices): void {
    this.#devices = devices;
    this.#seals?.devices(devices);
    this.#writeCatalog();
  }

  /**
   * Seal and send a sample. `timestampUs`: since the run's epoch, rising strictly on a track. A picture that is not a
   * key picture is sealed but not sent while its group was not begun on this session; before the first key picture,
   * and while its track rests, it is neither.
   */
  write(name: string, timestampUs: number, key: boolean, data: Uint8Array): void {
    const outgoing = this.#tracks.get(name);
    if (!outgoing) return;
    if (key) this.#begin(outgoing);
    const { place } = outgoing;
    if (!place) return;
    this.#seals?.sample(name, place.group, place.index++, timestampUs, key, data);
    if (!outgoing.group) return;
    const payload = encodeFrame(timestampUs, data);
    outgoing.group.writeFrame({
      payload,
      timestamp: Time.Timestamp.fromMicros(timestampUs),
    });
    this.samples += 1;
    if (outgoing.track.kind === "audio") {
      outgoing.again?.add(outgoing.group.sequence, payload, timestampUs);
      outgoing.group.close();
      outgoing.group = null;
    }
  }

  /** Tell how the page's clock stands to the host's (L11). */
  writeClock(timestampUs: number, estimate: ClockEstimate): void {
    this.#newestClock = new TextEncoder().encode(
      JSON.stringify({
        timestamp_us: timestampUs,
        offset_us: estimate.offsetUs,
        uncertainty_us: estimate.uncertaintyUs,
      }),
    );
    if (this.#clock) this.#writeJson(this.#clock, this.#nextClock++, this.#newestClock);
  }

  #begin(outgoing: Outgoing): void {
    outgoing.group?.close();
    outgoing.group = null;
    outgoing.place = { group: outgoing.next++, index: 0 };
    if (!outgoing.producer) return;
    outgoing.group = new Group.Producer(outgoing.place.group);
    outgoing.producer.writeGroup(outgoing.group);
  }

  /** The next group, which has no samples: sealed, and to be sent. */
  #restingGroup(outgoing: Outgoing): Group.Producer {
    outgoing.group?.close();
    outgoing.group = null;
    outgoing.place = null;
    const group = new Group.Producer(outgoing.next++);
    this.#seals?.rest(outgoing.track.name, group.sequence);
    return group;
  }

  #current(rendition: string): Outgoing | undefined {
    return [...this.#tracks.values()].find((outgoing) => renditionOf(outgoing.track.name) === rendition);
  }

  #open(outgoing: Outgoing): void {
    const { track } = outgoing;
    outgoing.producer =
      this.#broadcast?.createTrack(track.name, {
        timescale: Time.Timescale.MICRO,
        latencyMax: MEDIA_KEPT_MS,
        priority: priorityOf(track),
      }) ?? null;
    if (track.kind === "audio") outgoing.again = this.#broadcast && new Again(this.#broadcast, track.name);
  }

  #remove(outgoing: Outgoing): void {
    this.#restingGroup(outgoing).close();
    outgoing.producer?.close();
    outgoing.again?.close();
    this.#broadcast?.removeTrack(outgoing.track.name);
    this.#broadcast?.removeTrack(againOf(outgoing.track.name));
    this.#tracks.delete(outgoing.track.name);
  }

  #writeCatalog(): void {
    // Nothing before the first encoder's output; afterwards an empty one says that everything was taken away.
    if (!this.#catalog || (this.#tracks.size === 0 && this.#nextCatalog === 0)) return;
    const raw = buildCatalog({
      run: this.#run,
      epochUs: this.#epochUs,
      tracks: [...this.#tracks.values()]
        .filter((outgoing) => outgoing.listed)
        .map((outgoing) => outgoing.track),
      devices: this.#devices,
    });
    this.#writeJson(this.#catalog, this.#nextCatalog++, raw);
  }

  #writeJson(track: MoqTrack.Producer, sequence: number, payload: Uint8Array): void {
    const group = new Group.Producer(sequence);
    track.writeGroup(group);
    group.writeFrame({ payload, timestamp: Time.Timestamp.fromMicros(0) });
    group.close();
  }
}
