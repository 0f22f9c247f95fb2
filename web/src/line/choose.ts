/**
 * Which tracks to fetch. Pure.
 *
 * @module
 */

import { type AudioTrack, type Catalog, renditionOf, type VideoTrack } from "./catalog";
import { RENDITIONS } from "./codecs";

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

const RANKS: readonly string[] = RENDITIONS;

/** How many renditions of this picture are larger, those included that are not listed now; 0 for the whole one. */
export function rankOf(track: VideoTrack, catalog: Catalog): number {
  const rank = RANKS.indexOf(renditionOf(track.name));
  return rank >= 0 ? rank : bySize(catalog).length - 1 - bySize(catalog).indexOf(track);
}

/** The same catalogue without the pictures that are larger than `level` allows, though never without any. */
export function withinLevel(catalog: Catalog, level: number): Catalog {
  const smallest = smallestVideo(catalog);
  const tracks = catalog.tracks.filter(
    (track) => track.kind === "audio" || track === smallest || rankOf(track, catalog) >= level,
  );
  return { ...catalog, tracks };
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
