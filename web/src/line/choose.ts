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
 * The place is filled as by `object-fit: contain`. A `width` of 0 (not laid out yet) takes the smallest.
 */
export function chooseVideo(catalog: Catalog, width: number, height: number): VideoTrack | null {
  const videos = catalog.tracks.filter((track) => track.kind === "video");
  videos.sort((a, b) => a.width * a.height - b.width * b.height);
  const fills = videos.find((track) => {
    const upright = track.rotation === 90 || track.rotation === 270;
    const [w, h] = upright ? [track.height, track.width] : [track.width, track.height];
    return Math.max(w / width, h / height) >= ENOUGH;
  });
  if (width <= 0 || height <= 0) return videos[0] ?? null;
  return fills ?? videos.at(-1) ?? null;
}

/** The floor of a seat: what was said there, in the original. */
export function chooseFloor(catalog: Catalog): AudioTrack | null {
  const sounds = catalog.tracks.filter((track) => track.kind === "audio");
  return (
    sounds.find((track) => track.role === "floor") ?? sounds.find((track) => track.role === "booth") ?? null
  );
}
