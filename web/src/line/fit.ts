/**
 * Which of a seat's pictures fits: the place on the screen, the line, and the device's decoder. Pure: takes times.
 *
 * @module
 */

import { Sparing } from "./backlog";
import type { Catalog, VideoTrack } from "./catalog";
import { chooseVideo, smallestVideo, withinLevel } from "./choose";

export class Fit {
  #width = 0;
  #height = 0;
  #spareFrom = Number.POSITIVE_INFINITY;
  #spareUntilMs = Number.NEGATIVE_INFINITY;
  readonly #sparing = new Sparing();

  /** The place on the screen, in device pixels; 0 while it is not known. */
  resized(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
  }

  /** The decoder could not keep up with this. Returns until when a smaller one is to be taken. */
  tooMuch(track: VideoTrack, nowMs: number): number {
    this.#spareFrom = track.width * track.height;
    this.#spareUntilMs = this.#sparing.failed(nowMs);
    return this.#spareUntilMs;
  }

  /** The track to fetch, or null where there is no picture. `level`: the largest rendition that the line carries. */
  choose(whole: Catalog, level: number, nowMs: number): VideoTrack | null {
    const catalog = withinLevel(whole, level);
    const most = nowMs < this.#spareUntilMs ? this.#spareFrom : Number.POSITIVE_INFINITY;
    const easy = catalog.tracks.filter(
      (track) => track.kind === "audio" || track.width * track.height < most,
    );
    return chooseVideo({ ...catalog, tracks: easy }, this.#width, this.#height) ?? smallestVideo(catalog);
  }
}
