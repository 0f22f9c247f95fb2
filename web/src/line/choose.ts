/**
 * Which tracks to fetch. Pure.
 *
 * @module
 */

import type { AudioTrack, Catalog, VideoTrack } from "./catalog";

/** A picture may be this much smaller than its place on the screen before the next larger one is fetched. */
const ENOUGH = 0.8;

/**
 * The picture track for a place of `width` by `height` device pixels: the smallest that fills it, else the largest.
 *
 * The place is filled as by `object-fit: contain`. For a place of no size (not laid out yet) it is the largest, which
 * every side always sends: a smaller one may rest until it is asked for, and the first picture is not to wait.
 */
export function chooseVideo(catalog: Catalog, width: number, height: number): VideoTrack | null {
  const videos = bySize(catalog);
  const fills = videos.find((track) => {
    const upright = track.rotation === 90 || track.rotation === 270;
    const [w, h] = upright ? [track.height, track.width] : [track.width, track.height];
    return Math.max(w / width, h / height) >= ENOUGH;
  });
  if (width <= 0 || height <= 0) return videos.at(-1) ?? null;
  return fills ?? videos.at(-1) ?? null;
}

/** The picture track with the fewest pixels, or null without any. */
export function smallestVideo(catalog: Catalog): VideoTrack | null {
  return bySize(catalog)[0] ?? null;
}

/** The floor of a seat: what was said there, in the original. */
export function chooseFloor(catalog: Catalog): AudioTrack | null {
  const sounds = catalog.tracks.filter((track) => track.kind === "audio");
  return (
    sounds.find((track) => track.role === "floor") ?? sounds.find((track) => track.role === "booth") ?? null
  );
}

function bySize(catalog: Catalog): VideoTrack[] {
  const videos = catalog.tracks.filter((track) => track.kind === "video");
  return videos.sort((a, b) => a.width * a.height - b.width * b.height);
}
