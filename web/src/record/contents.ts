/**
 * A record's folder, as far as a verdict needs it: whose tracks lie in which files, and what the journal says of them.
 *
 * It reads what a clean end, a crash, or a host that is still recording left, by the same code. What does not hold is a
 * finding, and the rest is read all the same. Samples are not read here. The same rules as
 * `src/vivavoce/record/contents.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { unreadable } from "./boxes";
import { type ReadHeader, readHeader } from "./header";
import { type Event, readJournal } from "./journal";
import { FORMAT_VERSION } from "./sealslog";
import type { Source } from "./source";
import { configFromJson, isObject, type TrackConfig } from "./trackconfig";

/** What was given. `files`: by their path from the record's folder on, as `north/9f86d081884c7d65/hd.1.mp4`. */
export interface Folder {
  name: string;
  files: ReadonlyMap<string, Source>;
}

/** Something in the record that is not as the format says. `where`: a file's path. */
export interface Oddity {
  where: string;
  what: string;
}

export interface TrackFile extends ReadHeader {
  name: string;
  source: Source;
}

/** A track of a run. `files`: its parts in order. `rests`: groups that came without samples. */
export interface Track {
  files: TrackFile[];
  rests: Set<number>;
}

/** What one device sent while it was on air once. `seals`: its files, in the order of their parts. */
export interface Run {
  seat: string;
  run: string;
  epochUs: number;
  tracks: Map<string, Track>;
  seals: { name: string; source: Source }[];
}

export interface Contents {
  discussion: string;
  title: string;
  /** What the host says that the seats are called. */
  names: ReadonlyMap<string, string>;
  /** All that `record.json` says. */
  facts: Record<string, unknown>;
  /** By the beginning of their own clock. */
  runs: Run[];
  oddities: Oddity[];
}

const FILE = /^([^/]+)\/([^/]+)\/([a-z0-9-]{1,24}\.[1-9][0-9]{0,5})(?:\.part([1-9][0-9]*))?\.mp4$/;
const SEALS = /^([^/]+)\/([^/]+)\/seals(?:\.part([1-9][0-9]*))?\.log$/;
const MAX_FACTS_BYTES = 1024 * 1024;

/** Whether a file of this path has a place in a record. */
export function isOfRecord(path: string): boolean {
  return path === "record.json" || path === "journal.jsonl" || FILE.test(path) || SEALS.test(path);
}

/**
 * Rejects with VivavoceError `record.unreadable` (nothing of a record in it) and `data.newer` (a later format). Does not
 * check who said what: see verify.ts.
 */
export async function openRecord(folder: Folder): Promise<Contents> {
  const reader = new Reader(folder);
  const facts = await reader.facts();
  const events = await reader.events();
  const tracks = placed(folder, FILE);
  if (facts === null && events === 0 && tracks.length === 0)
    throw unreadable(`The folder '${folder.name}' holds no record.`);
  for (const one of tracks) await reader.file(one);
  return reader.contents(facts ?? {}, placed(folder, SEALS));
}

interface Placed {
  path: string;
  source: Source;
  seat: string;
  run: string;
  /** Empty for seals. */
  track: string;
  part: number;
}

/** Files of this form, by seat, run, track and part. */
function placed(folder: Folder, form: RegExp): Placed[] {
  const found: Placed[] = [];
  for (const [path, source] of folder.files) {
    const match = form.exec(path);
    if (!match) continue;
    const [, seat = "", run = "", third, fourth] = match;
    const [track = "", part] = form === FILE ? [third, fourth] : [undefined, third];
    found.push({ path, source, seat, run, track, part: Number(part ?? 1) });
  }
  const order = (one: Placed) => [one.seat, one.run, one.track] as const;
  return found.sort((one, other) => byText(order(one), order(other)) || one.part - other.part);
}

function byText(one: readonly string[], other: readonly string[]): number {
  for (const [at, text] of one.entries()) {
    const against = other[at] as string;
    if (text !== against) return text < against ? -1 : 1;
  }
  return 0;
}

class Reader {
  readonly #folder: Folder;
  readonly #oddities: Oddity[] = [];
  readonly #runs = new Map<string, Run>();
  readonly #configs = new Map<string, TrackConfig>();
  readonly #rests = new Map<string, Set<number>>();
  #discussion = "";
  /** `record.json` has this version: then no track can have a later one, unless it is damaged. */
  #isOurs = false;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  async facts(): Promise<Record<string, unknown> | null> {
    const source = this.#folder.files.get("record.json");
    if (!source) {
      this.#odd("record.json", "is missing");
      return null;
    }
    const facts = parsed(await source.read(0, MAX_FACTS_BYTES));
    if (!isObject(facts) || !Number.isInteger(facts.version)) {
      this.#odd("record.json", "cannot be read");
      return null;
    }
    if ((facts.version as number) > FORMAT_VERSION)
      throw new VivavoceError(
        "data.newer",
        `The record '${this.#folder.name}' has version ${facts.version}, not ${FORMAT_VERSION}.`,
      );
    this.#isOurs = true;
    return facts;
  }

  /** How many there are. */
  async events(): Promise<number> {
    const source = this.#folder.files.get("journal.jsonl");
    if (!source) {
      this.#odd("journal.jsonl", "is missing");
      return 0;
    }
    const lacking: Event[] = [];
    let count = 0;
    for await (const event of readJournal(source)) {
      if (typeof event === "number") {
        this.#odd("journal.jsonl", `line ${event} cannot be read`);
        continue;
      }
      count += 1;
      if (!this.#event(event)) lacking.push(event);
    }
    for (const { event, at_us } of lacking)
      this.#odd("journal.jsonl", `the ${event} at ${at_us} lacks a field`);
    return count;
  }

  async file({ path, source, seat, run, track: name }: Placed): Promise<void> {
    const read = await this.#header(path, source, seat, run, name);
    if (!read) return;
    const { header } = read;
    this.#discussion ||= header.discussion;
    const of = this.#run(header.seat, header.run);
    of.epochUs ||= header.epochUs;
    const track = of.tracks.get(header.config.name) ?? { files: [], rests: new Set() };
    of.tracks.set(header.config.name, track);
    track.files.push({ ...read, name: path.slice(path.lastIndexOf("/") + 1), source });
  }

  contents(facts: Record<string, unknown>, seals: readonly Placed[]): Contents {
    const runs = [...this.#runs.values()].sort((one, other) => one.epochUs - other.epochUs);
    for (const run of runs)
      for (const [name, track] of run.tracks)
        track.rests = this.#rests.get(placeOf(run.seat, run.run, name)) ?? new Set();
    for (const { path, source, seat, run } of seals) {
      const known = runs.find((one) => one.seat === seat && one.run === run);
      const of: Run = known ?? newRun(seat, run);
      if (!known) runs.push(of);
      of.seals.push({ name: path.slice(path.lastIndexOf("/") + 1), source });
    }
    const { title, seats } = facts;
    const told = isObject(seats) ? Object.entries(seats) : [];
    const named = told.filter((one): one is [string, { name: string }] => typeof nameOf(one[1]) === "string");
    return {
      discussion: String(facts.discussion || this.#discussion || this.#folder.name),
      title: typeof title === "string" ? title : "",
      names: new Map(named.map(([seat, { name }]) => [seat, name])),
      facts,
      runs,
      oddities: this.#oddities,
    };
  }

  /** Whether it has the fields that it should. */
  #event(event: Event): boolean {
    if (!["run", "track", "clock", "gap", "rest", "end"].includes(event.event)) return true;
    if (!has(event, "seat", "run")) return false;
    const run = this.#run(String(event.seat), String(event.run));
    const place = placeOf(run.seat, run.run, String(event.track));
    if (event.event === "run") {
      if (!has(event, "epoch_us", "device") || whole(event.epoch_us) === null) return false;
      run.epochUs = whole(event.epoch_us) as number;
    } else if (event.event === "end") {
      return has(event, "why");
    } else if (event.event === "track") {
      try {
        const config = configFromJson(event.config);
        if (!has(event, "track")) return false;
        this.#configs.set(place, config);
      } catch {
        return false;
      }
    } else if (event.event === "rest") {
      const group = whole(event.group);
      if (!has(event, "track") || group === null) return false;
      this.#rests.set(place, (this.#rests.get(place) ?? new Set()).add(group));
    } else if (event.event === "gap" && event.why !== "missing") {
      return has(event, "why", "track") && whole(event.from_group) !== null && whole(event.to_group) !== null;
    }
    return true;
  }

  #run(seat: string, run: string): Run {
    const place = placeOf(seat, run);
    const known = this.#runs.get(place) ?? newRun(seat, run);
    this.#runs.set(place, known);
    return known;
  }

  /** Null where neither the file nor the journal says what it holds. */
  async #header(
    path: string,
    source: Source,
    seat: string,
    run: string,
    name: string,
  ): Promise<ReadHeader | null> {
    let read: ReadHeader;
    try {
      read = await readHeader(source);
    } catch (error) {
      if (!(error instanceof VivavoceError) || (error.code === "data.newer" && !this.#isOurs)) throw error;
      const config = this.#configs.get(placeOf(seat, run, name));
      const { epochUs } = this.#run(seat, run);
      this.#odd(path, config ? error.message : `${error.message} The journal does not help.`);
      if (!config) return null;
      return { header: { discussion: "", seat, run, epochUs, part: 1, config }, length: 0, whole: true };
    }
    const { header } = read;
    const said = `${header.seat}/${header.run}/${header.config.name}`;
    if (said !== `${seat}/${run}/${name}`) this.#odd(path, `says that it is ${said}`);
    return read;
  }

  #odd(where: string, what: string): void {
    this.#oddities.push({ where, what });
  }
}

function newRun(seat: string, run: string): Run {
  return { seat, run, epochUs: 0, tracks: new Map(), seals: [] };
}

function placeOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

function nameOf(said: unknown): unknown {
  return isObject(said) ? said.name : undefined;
}

function has(event: Event, ...keys: readonly string[]): boolean {
  return keys.every((key) => Object.hasOwn(event, key));
}

/** As Python's `int` reads what JSON can hold; null for what is no number. */
function whole(value: unknown): number | null {
  const number = typeof value === "string" && /^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number === "boolean") return Number(number);
  return typeof number === "number" && Number.isFinite(number) ? Math.trunc(number) : null;
}

function parsed(raw: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw));
  } catch {
    return null;
  }
}
