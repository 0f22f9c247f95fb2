/**
 * One seat as a watcher sees it: its catalogue, its clock, its picture, its sound, and the report on all of it.
 *
 * @module
 */

import type { Broadcast } from "@moq/net";
import { type ErrorCode, VivavoceError } from "../errors";
import { Arrivals } from "./arrivals";
import { Astray } from "./astray";
import {
  type AudioTrack,
  CATALOG_TRACK,
  type Catalog,
  CLOCK_TRACK,
  parseCatalog,
  renditionOf,
} from "./catalog";
import { chooseFloor } from "./choose";
import { type ClockEstimate, pageNowUs } from "./clock";
import { follow } from "./follow";
import type { JudgeOptions } from "./judge";
import { Lips } from "./lips";
import type { PlayoutReport, SoundReport, ToPlayout } from "./messages";
import { Meter } from "./meter";
import { PRIORITY, priorityOf } from "./priority";
import { Refusals } from "./refusals";
import { SeatPicture } from "./seatpicture";
import { SeatVerdict } from "./seatverdict";
import { SoundFeed } from "./soundfeed";
import type { SeatReport } from "./watcher";

/** A voice and its copies, with what the protocols add. */
const SOUND_BITS = 250_000;
const AGAIN_MS = 300;
const DELAY_WINDOW_MS = 2000;

/** A sample came. */
export interface SampleArrival {
  kind: "sound" | "key" | "delta";
  /** Since its capture, on clocks that differ by a constant. */
  tookMs: number;
  bytes: number;
  /** It is of a rendition that is fetched to see whether the line carries it. */
  tried: boolean;
}

export interface SeatWatchOptions {
  discussion: string;
  seat: string;
  /** As of `JudgeOptions`. */
  founding: JudgeOptions["founding"];
  leaves: JudgeOptions["leaves"];
  /** How the page's clock stands to the host's now. */
  estimate: () => ClockEstimate | null;
  /** Something changed that is worth a report at once. */
  onChange: () => void;
  /** The largest rendition that the line carries, as `Downlink` counts; and the largest that may be fetched. */
  level: () => number;
  fetched: () => number;
  onArrival: (arrival: SampleArrival) => void;
  /** To the page, to be drawn at once. */
  onPicture: (picture: VideoFrame, rotation: number) => void;
  /** The seat's sound tracks changed: what is heard of all seats may change with them (L13). */
  onSounds: () => void;
}

export class SeatWatch {
  readonly seat: string;
  readonly #options: SeatWatchOptions;
  readonly #verdict: SeatVerdict;
  readonly #picture: SeatPicture;
  readonly #display = new Meter(DELAY_WINDOW_MS);
  readonly #loudspeaker = new Meter(DELAY_WINDOW_MS);
  readonly #drawn = new Meter(1000);
  #broadcast: Broadcast.Consumer | null = null;
  #catalog: Catalog | null = null;
  #side: ClockEstimate | null = null;
  #port: MessagePort | null = null;
  #hear: string | null = null;
  #feed: SoundFeed | null = null;
  #rendition: string | null = null;
  #sound: SoundReport | null = null;
  readonly #lips = new Lips();
  #leastMs = 0;
  readonly #arrivals = new Arrivals();
  readonly #astray = new Astray();
  /** Why the newest catalogue is of no use. */
  #fault: ErrorCode | null = null;
  #troubled = false;
  readonly #refusals = new Refusals();
  #pickLater: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SeatWatchOptions) {
    this.#options = options;
    this.seat = options.seat;
    const { discussion, seat, founding, leaves } = options;
    this.#verdict = new SeatVerdict({ discussion, seat, founding, leaves }, options.onChange);
    this.#picture = new SeatPicture({
      verdict: this.#verdict,
      level: options.level,
      fetched: options.fetched,
      onSample: (timestampUs, key, bytes, tried) =>
        this.#sampleCame(timestampUs, key ? "key" : "delta", bytes, tried),
      onPicture: options.onPicture,
      holdMs: (run, timestampUs) => this.#lips.holdMs(run, timestampUs, pageNowUs()),
      onPick: () => this.pick(),
      onEnd: (track, why) => this.#ended(track, why),
    });
  }

  /** As `Astray.told`. */
  told(run: string | null): void {
    this.#astray.told(run);
  }

  /** The seat's broadcast is there, and is to be asked for again. */
  strays(): boolean {
    return this.#broadcast !== null && this.#astray.strays(this.#catalog?.run ?? null, performance.now());
  }

  /** The seat's sound tracks, as its catalogue lists them now. */
  get sounds(): AudioTrack[] {
    return this.#catalog?.tracks.filter((track) => track.kind === "audio") ?? [];
  }

  /** A subscription failed since the broadcast was opened. */
  get troubled(): boolean {
    return this.#troubled;
  }

  /** The seat's broadcast is there. Replaces the one before. `catalog`: the newest known, until the line tells. */
  open(broadcast: Broadcast.Consumer, catalog?: Uint8Array): void {
    this.close();
    this.#broadcast = broadcast;
    this.#astray.opened();
    this.#troubled = false;
    this.#verdict.open(broadcast);
    if (catalog) this.#catalogCame(catalog);
    const current = () => this.#broadcast === broadcast;
    void follow(broadcast, CATALOG_TRACK, PRIORITY.catalog, current, (raw) => this.#catalogCame(raw));
    void follow(broadcast, CLOCK_TRACK, PRIORITY.clock, current, (raw) => this.#clockCame(raw));
    this.#options.onChange();
  }

  /** The seat's broadcast is gone. The last picture stays. */
  close(): void {
    clearTimeout(this.#pickLater);
    this.#picture.close();
    this.#feed?.close();
    this.#feed = null;
    this.#verdict.close();
    this.#broadcast?.close();
    this.#broadcast = null;
    this.#catalog = null;
    this.#side = null;
    this.#rendition = null;
    this.#fault = null;
    this.#refusals.forget();
    this.#display.clear();
    this.#loudspeaker.clear();
    this.#options.onSounds();
  }

  /** There is somewhere to draw. */
  canvas(): void {
    this.#picture.ready = true;
    this.pick();
  }

  size(width: number, height: number): void {
    this.#picture.resized(width, height);
    this.pick();
  }

  /** Where sound goes, or null for none. */
  sound(port: MessagePort | null): void {
    this.#port = port;
    this.#sound = null;
    this.#lips.silent();
    this.#leastMs = 0;
    this.#loudspeaker.clear();
    this.pick();
  }

  /** Which of its tracks the listener hears, by name; null for none. */
  hear(track: string | null): void {
    this.#hear = track;
    this.pick();
  }

  /** What the playout tells leaves the loudspeaker at `atUs` on the page's clock. */
  played(report: PlayoutReport, atUs: number): void {
    const { run, timestampUs, contextTime: _, ...sound } = report;
    if (run !== this.#catalog?.run) return;
    this.#sound = sound;
    this.#lips.heard({ run, timestampUs, atUs, waitMs: sound.waitMs }, pageNowUs());
    const delayMs = this.#delayMs(timestampUs, atUs);
    if (delayMs !== null) this.#loudspeaker.add(delayMs, performance.now());
  }

  /** Ten times a second. */
  judge(): void {
    this.#verdict.tick();
  }

  report(): SeatReport {
    const now = performance.now();
    const estimate = this.#options.estimate();
    const onAir = this.#arrivals.arriving(now);
    const floor = this.#catalog && chooseFloor(this.#catalog);
    const code = this.#fault ?? (this.#catalog && this.#refusals.code(this.#catalog));
    return {
      seat: this.seat,
      announced: this.#broadcast !== null,
      onAir,
      displayDelayMs: this.#display.median(now),
      loudspeakerDelayMs: this.#loudspeaker.median(now),
      uncertaintyMs:
        this.#side && estimate ? (this.#side.uncertaintyUs + estimate.uncertaintyUs) / 1000 : null,
      width: this.#picture.width,
      height: this.#picture.height,
      rendition: this.#rendition,
      fps: this.#drawn.count(now),
      devices: this.#catalog?.devices ?? null,
      language: floor?.language ?? null,
      sound: this.#sound,
      lipSkewMs: this.#lips.skewMs(pageNowUs()),
      verdict: this.#verdict.report(),
      ...(code ? { code } : {}),
    };
  }

  /** The rendition that is shown next, and the smallest there is, as `Downlink` counts; null where there is none. */
  get ranks(): { shown: number; least: number } | null {
    return this.#catalog && this.#picture.ranks(this.#catalog);
  }

  /** Bits a second of what would be fetched at a level, sound included. */
  cost(level: number): number {
    if (!this.#catalog) return 0;
    return this.#picture.cost(this.#catalog, level) + (this.#port ? SOUND_BITS : 0);
  }

  /** The line carries less than before: let go at once of what is too much, so that the rest gets through. */
  fell(): void {
    if (this.#catalog) this.#picture.fell(this.#catalog);
    this.pick();
  }

  /** Fetch what is wanted now: called when the catalogue, the canvas, its size, the sound or the feeds change. */
  pick(): void {
    if (!this.#broadcast || !this.#catalog) return;
    const usable = this.#refusals.usable(this.#catalog);
    const video = this.#picture.pick(this.#broadcast, usable);
    if (!video) this.#rendition = null;
    const sounds = usable.tracks.filter((track) => track.kind === "audio");
    const heard = (this.#port && sounds.find((track) => track.name === this.#hear)) ?? null;
    // Without a picture to count, sound is fetched to know whether the seat is on air.
    const counted = video ? null : chooseFloor(usable);
    this.#pickAudio(this.#broadcast, this.#catalog, heard ?? counted, heard ? this.#port : null);
  }

  #catalogCame(raw: Uint8Array): void {
    try {
      const catalog = parseCatalog(raw);
      if (catalog.run !== this.#catalog?.run) this.#runBegins();
      this.#verdict.runs(catalog.run);
      this.#catalog = catalog;
      this.#fault = null;
      this.#options.onSounds();
      this.pick();
    } catch (error) {
      this.#fault = error instanceof VivavoceError ? error.code : "line.catalog";
    }
    this.#options.onChange();
  }

  /** What is fetched of another run is of no use: its tracks may have the same names. */
  #runBegins(): void {
    this.#side = null;
    this.#refusals.forget();
    this.#picture.forget();
    this.#feed?.close();
    this.#feed = null;
  }

  #clockCame(raw: Uint8Array): void {
    const told = JSON.parse(new TextDecoder().decode(raw)) as {
      offset_us?: unknown;
      uncertainty_us?: unknown;
    };
    if (Number.isSafeInteger(told.offset_us) && Number.isSafeInteger(told.uncertainty_us)) {
      this.#side = { offsetUs: told.offset_us as number, uncertaintyUs: told.uncertainty_us as number };
    }
  }

  #pickAudio(
    broadcast: Broadcast.Consumer,
    catalog: Catalog,
    track: AudioTrack | null,
    port: MessagePort | null,
  ): void {
    if (this.#feed && this.#feed.track.name === track?.name && this.#feed.port === port) return;
    this.#feed?.close();
    this.#feed = track
      ? new SoundFeed({
          broadcast,
          track,
          run: catalog.run,
          priority: priorityOf(track),
          port,
          verdict: this.#verdict,
          onSample: (timestampUs, bytes) => this.#sampleCame(timestampUs, "sound", bytes, false),
          onEnd: (why) => this.#ended(track, why),
        })
      : null;
  }

  /** The page has drawn the oldest picture that it was sent, at `atUs` on its clock. */
  drawn(atUs: number): void {
    const shown = this.#picture.answered();
    if (!shown || shown.run !== this.#catalog?.run) return;
    this.#rendition = renditionOf(shown.track);
    const now = performance.now();
    this.#verdict.begin();
    this.#drawn.add(1, now);
    this.#lips.shown(shown.run, shown.timestampUs, atUs);
    this.#keepBack(this.#lips.leastMs);
    const delayMs = this.#delayMs(shown.timestampUs, atUs);
    if (delayMs !== null) this.#display.add(delayMs, now);
  }

  #keepBack(leastMs: number): void {
    if (leastMs === this.#leastMs) return;
    this.#leastMs = leastMs;
    this.#port?.postMessage({ type: "back", leastMs } satisfies ToPlayout);
  }

  /** Rule L11: both ends on the host's clock. */
  #delayMs(timestampUs: number, atUs: number): number | null {
    const here = this.#options.estimate();
    if (!here || !this.#side || !this.#catalog) return null;
    const capturedUs = this.#catalog.epochUs + timestampUs + this.#side.offsetUs;
    return (atUs + here.offsetUs - capturedUs) / 1000;
  }

  #sampleCame(timestampUs: number, kind: SampleArrival["kind"], bytes: number, tried: boolean): void {
    const now = performance.now();
    // Nothing will be shown of a side without a camera.
    if (kind === "sound" && this.#rendition === null) this.#verdict.begin();
    const tookMs = (pageNowUs() - (this.#catalog?.epochUs ?? 0) - timestampUs) / 1000;
    this.#options.onArrival({ kind, tookMs, bytes, tried });
    const before = this.#arrivals.arriving(now);
    this.#arrivals.came(now, this.#delayMs(timestampUs, pageNowUs()));
    if (this.#arrivals.arriving(now) !== before) this.#options.onChange();
  }

  /** A subscription ended although the seat is there: try again, or without that track. */
  #ended(track: { name: string }, why: "ended" | "codec" | "sample"): void {
    if (this.#feed?.track.name === track.name) this.#feed = null;
    this.#troubled = true;
    if (why !== "ended") {
      this.#refusals.refuse(track.name, why === "codec" ? "line.codec" : "line.sample");
      this.#options.onChange();
    }
    clearTimeout(this.#pickLater);
    this.#pickLater = setTimeout(() => this.pick(), AGAIN_MS);
  }
}
