/**
 * One seat's picture: which of its renditions is fetched, which is on trial, and each picture on its way to the page.
 *
 * @module
 */

import type { Broadcast } from "@moq/net";
import type { Catalog, VideoTrack } from "./catalog";
import { rankOf, smallestVideo } from "./choose";
import { Fit } from "./fit";
import { Freezes } from "./freezes";
import { HeldPictures } from "./heldpictures";
import { PicturePort, type Shown } from "./pictureport";
import { PictureView } from "./pictureview";
import { priorityOf } from "./priority";
import type { SeatVerdict } from "./seatverdict";

/** The larger of two renditions is always a little behind, since the host sends the smaller first. */
const SWAPS_MS = 150;

export interface SeatPictureOptions {
  /** The largest rendition that the line carries, as `Downlink` counts; and the largest that may be fetched. */
  level: () => number;
  fetched: () => number;
  verdict: SeatVerdict;
  /** A sample of so many bytes came; `tried`: of a rendition that the line is not known to carry. */
  onSample: (timestampUs: number, key: boolean, bytes: number, tried: boolean) => void;
  /** To the page, to be drawn at once. */
  onPicture: (picture: VideoFrame, rotation: number) => void;
  /** How long a picture is to wait for its voice. */
  holdMs: (run: string, timestampUs: number) => number;
  /** What is to be fetched may be something else now. */
  onPick: () => void;
  /** A subscription ended although the seat is there. */
  onEnd: (track: VideoTrack, why: "ended" | "codec" | "sample") => void;
}

export class SeatPicture {
  readonly #options: SeatPictureOptions;
  readonly #port: PicturePort;
  readonly #fit = new Fit();
  readonly #held = new HeldPictures();
  readonly #freezes = new Freezes();
  #catalog: Catalog | null = null;
  #view: PictureView | null = null;
  #next: PictureView | null = null;
  /** It was shown until now. */
  #last: PictureView | null = null;

  constructor(options: SeatPictureOptions) {
    this.#options = options;
    this.#port = new PicturePort(options.onPicture);
  }

  /** There is somewhere to draw. */
  set ready(ready: boolean) {
    this.#port.ready = ready;
  }

  /** Size of the picture drawn, 0 before the first. */
  get width(): number {
    return this.#port.width;
  }

  get height(): number {
    return this.#port.height;
  }

  /** Its place on the screen, in device pixels. */
  resized(width: number, height: number): void {
    this.#fit.resized(width, height);
  }

  /** Nothing is fetched any more; what is under way to the page is forgotten. */
  close(): void {
    this.#port.close();
    this.forget();
  }

  /** Let go of what is fetched: of another run it is of no use, and its tracks may have the same names. */
  forget(): void {
    this.#last?.close();
    this.#next?.close();
    this.#view?.close();
    // A picture of the run before would be taken for one of a newer run.
    this.#held.close();
    this.#freezes.forget();
    this.#next = this.#view = this.#last = null;
  }

  /** Fetch what fits of these tracks. Returns what that is, or null. */
  pick(broadcast: Broadcast.Consumer, catalog: Catalog): VideoTrack | null {
    this.#catalog = catalog;
    const track = this.#port.ready ? this.#choose(catalog, this.#options.fetched()) : null;
    if ((this.#next ?? this.#view)?.track.name === track?.name) return track;
    this.#next?.close();
    this.#next = null;
    if (!track) {
      this.#view?.close();
      this.#view = null;
      return null;
    }
    if (track.name === this.#view?.track.name) return track;
    const view: PictureView = new PictureView({
      broadcast,
      track,
      priority: priorityOf(track),
      verdict: this.#options.verdict,
      onSample: (timestampUs, key, bytes) =>
        this.#options.onSample(timestampUs, key, bytes, this.#tried(view)),
      onPicture: (picture) => this.#hold(view, catalog.run, picture),
      onBehind: () => this.#spare(track),
      onEnd: (why) => {
        if (this.#view === view) this.#view = null;
        if (this.#next === view) this.#next = null;
        this.#options.onEnd(track, why);
      },
    });
    // The one before goes on until the new one has its first picture.
    if (this.#view) this.#next = view;
    else this.#view = view;
    return track;
  }

  /** The line carries less than before: let go at once of what is too much. */
  fell(catalog: Catalog): void {
    const level = this.#options.level();
    if (this.#next && rankOf(this.#next.track, catalog) < level) {
      this.#next.close();
      this.#next = null;
    }
    const most = this.#choose(catalog, level)?.name;
    if (this.#view && most !== this.#view.track.name && rankOf(this.#view.track, catalog) < level) {
      this.#view.close();
      this.#view = null;
    }
  }

  /** The rendition that is shown next, and the smallest there is, as `Downlink` counts; null where there is none. */
  ranks(catalog: Catalog): { shown: number; least: number } | null {
    const shown = this.#next && !this.#tried(this.#next) ? this.#next : this.#view;
    const smallest = smallestVideo(catalog);
    if (!shown || !smallest) return null;
    return { shown: rankOf(shown.track, catalog), least: rankOf(smallest, catalog) };
  }

  /** Bits a second of the picture that would be fetched at a level. */
  cost(catalog: Catalog, level: number): number {
    return (this.#port.ready && this.#choose(catalog, level)?.bitrate) || 0;
  }

  /** The page has drawn the oldest picture that it was sent; null where that is forgotten. */
  answered(): Shown | null {
    return this.#port.answered();
  }

  #choose(catalog: Catalog, level: number): VideoTrack | null {
    return this.#fit.choose(catalog, level, performance.now());
  }

  /** It is fetched beside what is shown, and larger than what the line is known to carry. */
  #tried(view: PictureView): boolean {
    if (view !== this.#next || !this.#view || !this.#catalog) return false;
    const known = this.#choose(this.#catalog, this.#options.level());
    return known !== null && rankOf(view.track, this.#catalog) < rankOf(known, this.#catalog);
  }

  #spare(track: VideoTrack): void {
    const now = performance.now();
    setTimeout(this.#options.onPick, this.#fit.tooMuch(track, now) - now + 1);
    this.#options.onPick();
  }

  /** At once, unless its voice says otherwise, or a line that freezes again and again. */
  #hold(view: PictureView, run: string, picture: VideoFrame): void {
    if (this.#tried(view)) {
      picture.close();
      return;
    }
    const voiceMs = this.#options.holdMs(run, picture.timestamp);
    const holdMs = Math.max(voiceMs, this.#freezes.holdMs(performance.now(), picture.timestamp / 1000));
    this.#held.hold(picture, holdMs, () => this.#draw(view, run, picture));
  }

  #draw(view: PictureView, run: string, picture: VideoFrame): void {
    const shown = { run, timestampUs: picture.timestamp, track: view.track.name };
    const behindMs = this.#port.behindMs(run, picture.timestamp);
    this.#port.show(picture, shown, view.track.rotation);
    if (view === this.#next && behindMs < SWAPS_MS) {
      this.#view?.linger();
      this.#last?.close();
      this.#last = this.#view;
      this.#view = view;
      this.#next = null;
    }
  }
}
