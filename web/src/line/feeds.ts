/**
 * Whose sound a listener may hear (docs/formats/line.md, L13).
 *
 * 1. A track is what a side says if its role is `floor` and its seat is a side.
 * 2. A booth's track leads to what its `interprets` names, and on from there, to the floor that it interprets.
 * 3. A track may be heard by a listener if it is another side's floor, or a booth's track that leads to one.
 * 4. It may not, if its chain passes the listener's own seat, ends at no floor, goes round, or cannot be followed
 *    because something it names is not there.
 * 5. `interprets` names a rendition: the newest track of it counts, and only the newest may be heard.
 *
 * Pure. The same rules stand in `src/vivavoce/line/feeds.py`; `vectors/feeds` holds the two together.
 *
 * @module
 */

import { type Role, renditionOf } from "./catalog";

/** A sound track as feeds see it. `name`: `floor.2`. */
export interface FeedTrack {
  name: string;
  language: string;
  role: Role;
  interprets: string | null;
}

/** What each seat's catalogue lists now, pictures left out. */
export type FeedSeats = ReadonlyMap<string, readonly FeedTrack[]>;

/** Where a track is. */
export interface Place {
  seat: string;
  track: string;
}

interface Sound extends Place {
  config: FeedTrack;
}

/** `floor`: the seat whose words it carries, or null if it may not be heard. `steps`: interpretations between. */
interface Heard extends Sound {
  floor: string | null;
  steps: number;
}

const isBooth = (seat: string) => seat.startsWith("booth-");

/** By code units, as Python sorts these names, which are ASCII. */
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const comparePlaces = (a: Place, b: Place) => compare(a.seat, b.seat) || compare(a.track, b.track);

/**
 * Every sound track that the listener may hear, sorted by seat and name.
 *
 * `listener`: their own seat; null for the audience, who may hear every side.
 */
export function allowed(listener: string | null, seats: FeedSeats): Place[] {
  return heard(listener, seats)
    .filter((sound) => sound.floor !== null)
    .map(({ seat, track }) => ({ seat, track }))
    .sort(comparePlaces);
}

/**
 * What to play to a listener: for each other side, sorted, its floor or one interpretation of it.
 *
 * `language`: the listener's BCP 47 tag. The floor is played if there is none, if the floor is in it, or if
 * nobody interprets into it; else an interpretation: one in exactly this language before one in another kind of
 * it, then the shortest chain, then the first by seat and name. Languages are the same if their tags' primary
 * subtags are; upper and lower case do not differ.
 */
export function returnFeed(listener: string | null, language: string | null, seats: FeedSeats): Place[] {
  const sounds = heard(listener, seats);
  const feed: Place[] = [];
  for (const side of [...seats.keys()].sort(compare)) {
    const floor = sounds
      .filter((one) => one.seat === side && one.steps === 0 && one.floor)
      .sort(comparePlaces)[0];
    if (!floor) continue;
    const interpretations = sounds
      .filter((one) => one.floor === side && one.steps > 0)
      .map((one) => ({ one, mismatch: mismatchOf(language, one.config.language) }))
      .filter((ranked) => ranked.mismatch !== null)
      .sort(
        (a, b) =>
          (a.mismatch ?? 0) - (b.mismatch ?? 0) || a.one.steps - b.one.steps || comparePlaces(a.one, b.one),
      );
    const inOwnLanguage = mismatchOf(language, floor.config.language) !== null;
    const chosen = inOwnLanguage ? floor : (interpretations[0]?.one ?? floor);
    feed.push({ seat: chosen.seat, track: chosen.track });
  }
  return feed;
}

function heard(listener: string | null, seats: FeedSeats): Heard[] {
  const newest = new Map<string, Sound>();
  for (const [seat, tracks] of seats) {
    for (const config of tracks) {
      const key = `${seat}/${renditionOf(config.name)}`;
      const before = newest.get(key);
      if (!before || numberOf(before.track) < numberOf(config.name)) {
        newest.set(key, { seat, track: config.name, config });
      }
    }
  }
  return [...newest.values()].map((sound) => ({ ...sound, ...sourceOf(listener, sound, newest) }));
}

function sourceOf(
  listener: string | null,
  from: Sound,
  newest: ReadonlyMap<string, Sound>,
): { floor: string | null; steps: number } {
  const passed = new Set<Sound>();
  let at: Sound | undefined = from;
  for (let steps = 0; at && !passed.has(at) && at.seat !== listener; steps++) {
    passed.add(at);
    const { role, interprets } = at.config;
    if (role === "floor" && !isBooth(at.seat)) return { floor: at.seat, steps };
    if (role !== "booth" || !isBooth(at.seat) || interprets === null) break;
    at = newest.get(interprets);
  }
  return { floor: null, steps: 0 };
}

function numberOf(name: string): number {
  return Number(name.slice(name.lastIndexOf(".") + 1));
}

/** 0 for the same language, 1 for another kind of it, null for another language. */
function mismatchOf(wanted: string | null, tag: string): 0 | 1 | null {
  if (wanted === null) return null;
  const [one, other] = [wanted.toLowerCase(), tag.toLowerCase()];
  if (one === other) return 0;
  return one.split("-")[0] === other.split("-")[0] ? 1 : null;
}
