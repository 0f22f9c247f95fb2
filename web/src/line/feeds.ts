/**
 * Who hears what (docs/formats/line.md, L13): a return feed never contains the listener's own voice.
 *
 * The same rules as `src/vivavoce/line/feeds.py`; the vectors are `vectors/feeds`.
 *
 * @module
 */

import type { Role } from "./catalog";

/** A sound track as feeds see it. `rendition`: its name without the number. */
export interface FeedTrack {
  seat: string;
  name: string;
  rendition: string;
  role: Role;
  interprets: string | null;
}

/**
 * The seat where a track's words were first spoken, or null where the chain of `interprets` ends nowhere
 * or runs in a circle.
 */
function originOf(track: FeedTrack, tracks: readonly FeedTrack[]): string | null {
  const seen = new Set<string>();
  let at: FeedTrack | undefined = track;
  while (at) {
    if (at.interprets === null) return at.seat;
    const place = `${at.seat}/${at.rendition}`;
    if (seen.has(place)) return null;
    seen.add(place);
    const wanted: string = at.interprets;
    at = tracks.find((other) => `${other.seat}/${other.rendition}` === wanted);
  }
  return null;
}

/** Every seat that a track passes through on its way back to where it was first spoken, itself included. */
function chainOf(track: FeedTrack, tracks: readonly FeedTrack[]): Set<string> {
  const seats = new Set<string>();
  let at: FeedTrack | undefined = track;
  for (let steps = 0; at && steps <= tracks.length; steps++) {
    seats.add(at.seat);
    const wanted: string | null = at.interprets;
    at = wanted === null ? undefined : tracks.find((other) => `${other.seat}/${other.rendition}` === wanted);
  }
  return seats;
}

/**
 * The tracks that `listener` may hear: every other side's floor, or a booth's track that interprets it.
 *
 * `tracks`: all sound tracks of all seats. Keeps their order. Leaves out the listener's own broadcast, every
 * track whose chain of `interprets` leads through the listener's seat, and those whose chain cannot be followed.
 */
export function returnFeed<T extends FeedTrack>(listener: string, tracks: readonly T[]): T[] {
  return tracks.filter((track) => {
    if (track.role === "clean") return false;
    if (originOf(track, tracks) === null) return false;
    return !chainOf(track, tracks).has(listener);
  });
}
