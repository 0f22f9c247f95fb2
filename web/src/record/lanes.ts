/**
 * Which tracks of an evidence become which tracks of the file, and when their samples are shown (evidence.md, E9 to E11).
 *
 * The same rules as `arrange` and `split` in `src/vivavoce/record/lanes.py`.
 *
 * @module
 */

import { rounded } from "../line/sealedconfig";
import { hexOfBytes } from "../seal/bytes";
import type { FoundingSide } from "../seal/statement";
import { type Aligned, hostTime } from "./alignment";
import type { EvidenceTrack } from "./evidence";
import { endOf, type Lane, MAX_STEP_US } from "./layout";
import { opusNothing } from "./opus";
import { sampleEntry } from "./sampleentries";
import type { TrackConfig } from "./trackconfig";

/** Half the usual packet: less is a clock being set right, not a packet that is missing. */
const HOLE_US = 10_000;
/** How long a picture lasts where nothing says it. */
const UNKNOWN_PICTURE_US = 33_333;
const ROLES = ["floor", "clean", "booth"];

/** Rows of a track that lie in a lane side by side, from its row `first` on. */
export interface Piece {
  first: number;
  seat: string;
  run: string;
  track: EvidenceTrack;
  rows: readonly number[];
}

/** Packets that say "nothing came", from the lane's row `first` on. */
export interface Fill {
  first: number;
  packets: Uint8Array[];
}

/** `lanes[i]` is made of `pieces[i]`. `startUs`: the host's clock at time 0. */
export interface Plan {
  startUs: number;
  lanes: Lane[];
  seats: string[];
  pieces: (Piece | Fill)[][];
}

/** Rows of one track with one offset and no step above MAX_STEP_US. Start and end: the host's clock. */
export interface Part {
  seat: string;
  run: string;
  track: EvidenceTrack;
  offsetUs: number;
  rows: number[];
  startUs: number;
  endUs: number;
}

/** The parts of a track. */
export function split(
  seat: string,
  run: string,
  track: EvidenceTrack,
  stretches: readonly Aligned[],
): Part[] {
  const parts: Part[] = [];
  track.samples.timestampUs.forEach((time, row) => {
    const shown = hostTime(stretches, time);
    const offsetUs = shown - time;
    const last = parts.at(-1);
    if (last && last.offsetUs === offsetUs && shown - last.endUs <= MAX_STEP_US) {
      last.rows.push(row);
      last.endUs = shown;
    } else {
      parts.push({ seat, run, track, offsetUs, rows: [row], startUs: shown, endUs: shown });
    }
  });
  return parts;
}

/** Put parts, of which there is at least one, into lanes. `sides`: in the order of the founding. */
export function arrange(sides: readonly FoundingSide[], parts: readonly Part[]): Plan {
  const startUs = parts.reduce((least, part) => Math.min(least, part.startUs), Infinity);
  const chains: { key: string; parts: [Part, ...Part[]] }[] = [];
  for (const part of [...parts].sort((one, other) => one.startUs - other.startUs)) {
    const key = sameness(part);
    const before = chains.find((one) => {
      const gap = part.startUs - (one.parts.at(-1) as Part).endUs;
      return one.key === key && gap > 0 && gap <= MAX_STEP_US;
    });
    if (before) before.parts.push(part);
    else chains.push({ key, parts: [part] });
  }
  const order = seatOrder(sides, parts);
  const ordered = chains.map((one) => one.parts).sort((one, other) => compared(one[0], other[0], order));
  const made: Plan = { startUs, lanes: [], seats: [], pieces: [] };
  for (const chain of ordered) {
    const { lane, pieces } = laneOf(sides, startUs, chain);
    made.lanes.push(lane);
    made.seats.push(chain[0].seat);
    made.pieces.push(pieces);
  }
  placePictures(made);
  return made;
}

function renditionOf({ name }: TrackConfig): string {
  return name.slice(0, Math.max(0, name.lastIndexOf(".")));
}

function sameness({ seat, track: { config } }: Part): string {
  const { rotation, language, role, interprets } = config;
  const entry = hexOfBytes(sampleEntry(config));
  return JSON.stringify([seat, renditionOf(config), entry, rotation, language, role, interprets]);
}

function seatOrder(sides: readonly FoundingSide[], parts: readonly Part[]): string[] {
  const others = parts
    .map(({ seat }) => seat)
    .sort((one, other) => (one < other ? -1 : one === other ? 0 : 1));
  return [...new Set(["north", "south", ...sides.map(({ seat }) => seat), ...others])];
}

/** R20: seats, pictures before sounds, roles, the largest first, renditions, time. */
function compared(one: Part, other: Part, order: readonly string[]): number {
  const rank = ({ seat, track: { config } }: Part) => {
    const role = ROLES.indexOf(config.role ?? "");
    const sound = config.kind === "audio" ? 1 : 0;
    return [order.indexOf(seat), sound, role < 0 ? ROLES.length : role, -config.width * config.height];
  };
  const against = rank(other);
  for (const [at, value] of rank(one).entries())
    if (value !== against[at]) return value - (against[at] as number);
  const [mine, theirs] = [renditionOf(one.track.config), renditionOf(other.track.config)];
  if (mine !== theirs) return mine < theirs ? -1 : 1;
  return one.startUs - other.startUs;
}

function laneOf(
  sides: readonly FoundingSide[],
  startUs: number,
  chain: readonly [Part, ...Part[]],
): { lane: Lane; pieces: (Piece | Fill)[] } {
  const [{ seat, track }] = chain;
  const { config } = track;
  const nothing = { timesUs: [], sizes: [], keys: [], lastUs: 0, shown: true, alternate: 0, left: 0 };
  const lane: Lane = { config, name: nameOf(sides, seat, config), ...nothing };
  const pieces: (Piece | Fill)[] = [];
  for (const part of chain) {
    const { samples } = part.track;
    const shiftUs = part.offsetUs - startUs;
    for (const rows of config.kind === "video" ? [part.rows] : withoutHoles(part)) {
      const firstUs = (samples.timestampUs[rows[0] as number] as number) + shiftUs;
      if (config.kind === "audio" && lane.timesUs.length > 0) fill(lane, pieces, firstUs);
      pieces.push({ first: lane.timesUs.length, seat: part.seat, run: part.run, track: part.track, rows });
      for (const row of rows) {
        lane.timesUs.push((samples.timestampUs[row] as number) + shiftUs);
        lane.sizes.push(samples.size[row] as number);
        lane.keys.push(samples.key[row] as boolean);
      }
      lane.lastUs = lastsUs(part.track, rows.at(-1) as number);
    }
  }
  return { lane, pieces };
}

/** How long a picture lasts by its rate alone (E10). */
export function pictureUs({ framerate }: TrackConfig): number {
  return framerate >= 1 ? rounded(1_000_000 / framerate) : UNKNOWN_PICTURE_US;
}

function lastsUs({ config, samples }: EvidenceTrack, row: number): number {
  if (config.kind === "video") return pictureUs(config);
  return Math.max(1, Math.min(samples.durationUs[row] as number, MAX_STEP_US));
}

function withoutHoles({ rows, track: { samples } }: Part): number[][] {
  const found: number[][] = [];
  let before: number | null = null;
  for (const row of rows) {
    const time = samples.timestampUs[row] as number;
    const ended =
      before === null ? 0 : (samples.timestampUs[before] as number) + (samples.durationUs[before] as number);
    if (before === null || time - ended >= HOLE_US) found.push([row]);
    else found.at(-1)?.push(row);
    before = row;
  }
  return found;
}

/** Fill a lane's sound from its end on. */
function fill(lane: Lane, pieces: (Piece | Fill)[], untilUs: number): void {
  let at = endOf(lane);
  if (untilUs - at < HOLE_US) return;
  const filled: Fill = { first: lane.timesUs.length, packets: [] };
  for (const [lasts, packet] of opusNothing(untilUs - at, lane.config.channels)) {
    filled.packets.push(packet);
    lane.timesUs.push(at);
    lane.sizes.push(packet.byteLength);
    lane.keys.push(true);
    at += lasts;
  }
  pieces.push(filled);
}

function nameOf(sides: readonly FoundingSide[], seat: string, config: TrackConfig): string {
  const plain = seat.replaceAll("-", " ");
  const said = sides.find((one) => one.seat === seat)?.name;
  const name = said || plain.slice(0, 1).toUpperCase() + plain.slice(1).toLowerCase();
  if (config.kind === "video") return `${name}, picture, ${renditionOf(config)}`;
  const heard = `${name}, ${config.role}, ${config.language}`;
  return config.interprets ? `${heard}, interprets ${config.interprets}` : heard;
}

/** The largest pictures next to each other where a player composes them, and the floors shown. */
function placePictures({ lanes, seats }: Plan): void {
  const shown = new Map<string, { rendition: string; left: number; number: number }>();
  let left = 0;
  for (const [at, lane] of lanes.entries()) {
    const seat = seats[at] as string;
    const { kind, role, rotation, width, height } = lane.config;
    if (kind === "audio") {
      lane.shown = role === "floor";
      continue;
    }
    const first = shown.get(seat) ?? { rendition: renditionOf(lane.config), left, number: shown.size + 1 };
    if (!shown.has(seat)) {
      shown.set(seat, first);
      left += rotation === 90 || rotation === 270 ? height : width;
    }
    lane.shown = first.rendition === renditionOf(lane.config);
    lane.left = first.left;
    lane.alternate = first.number;
  }
}
