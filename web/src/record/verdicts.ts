/**
 * What was found of a record, for people and as JSON (docs/formats/record.md, R25 to R28).
 *
 * The same words and the same JSON as `src/vivavoce/record/verdicts.py`; pages have their own words for the codes.
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { Standing } from "../seal/statement";

export type Judgement = "broken" | "unproven" | "gap" | "late";
/** From and until, in seconds from the beginning of the record. */
export type Span = readonly [from: number, until: number];

const JUDGED = {
  "file.form": ["broken", "the file shows it otherwise than its evidence says"],
  "record.damaged": ["broken", "the file is not as it was written"],
  "sample.altered": ["broken", "it is not what the side's device signed"],
  "sample.foreign": ["broken", "nobody sealed this"],
  "sample.hole": ["broken", "something was taken out of the middle"],
  "sample.missing": ["gap", "something that was sealed is not there"],
  "sample.unproven": ["unproven", "no seal proves it that is there, whole, with all that it covers"],
  "seal.apart": ["late", "the device sealed too seldom; what lay between may have waited there"],
  "seal.chain": ["broken", "a seal does not fit those beside it"],
  "seal.clock": ["broken", "the clock of the seals goes back"],
  "seal.config": ["broken", "the picture's or sound's form is not the one that was sealed"],
  "seal.fork": ["broken", "the device signed two different things for one place"],
  "seal.late": ["late", "the record ends before the seal that covers it"],
  "seal.form": ["broken", "these bytes are no seal"],
  "seal.founding": ["broken", "the founding facts are not those that were sealed"],
  "seal.key": ["broken", "the key is none that a seal may have"],
  "seal.missing": ["gap", "seals are missing"],
  "seal.none": ["unproven", "unsealed: there is nothing to check it by"],
  "seal.run": ["broken", "the run's papers do not show that it is this side's"],
  "seal.signature": ["broken", "a seal was not signed by this run's key"],
} as const satisfies Partial<Record<ErrorCode, readonly [Judgement, string]>>;

export type FindingCode = keyof typeof JUDGED;
export const FINDING_CODES = Object.keys(JUDGED) as FindingCode[];

/** `side`, `run`, `track`: empty where it concerns all. `count`: samples or seals, 0 where that says nothing. */
export interface Finding {
  code: FindingCode;
  side: string;
  run: string;
  track: string;
  fromS: number;
  untilS: number;
  count: number;
  detail: string;
}

export function judgementOf({ code }: Finding): Judgement {
  return JUDGED[code][0];
}

/** A track: `samples` that are kept, and when what is kept is proven. */
export interface VerifiedTrack {
  name: string;
  samples: number;
  proven: readonly Span[];
}

export interface VerifiedRun {
  side: string;
  run: string;
  /** Whose word it stands by, null where by nobody's. */
  by: Standing | null;
  /** When all that is kept of it is proven. */
  provenSeconds: number;
  /** Its last seal says that nothing followed. */
  ended: boolean;
  tracks: readonly VerifiedTrack[];
}

/** What cannot be known; a page says it in its own words. */
export type Unknown =
  | { kind: "file"; where: string; what: string }
  | { kind: "founding"; hash: string }
  | { kind: "host"; side: string }
  | { kind: "open"; side: string; run: string }
  | { kind: "apart"; side: string; run: string; beside: string; besideRun: string; laterS: number }
  | { kind: "jump"; side: string; run: string; atS: number; movedS: number }
  | { kind: "cut"; fromS: number; untilS: number }
  | { kind: "gaps" | "runs" | "time" };

export type Verdict = "holds" | "last" | "gaps" | "unsealed" | "unproven" | "broken";

const VERDICTS: Record<Verdict, string> = {
  holds: "it holds",
  last: "it holds, but for its last moment, which no seal covers",
  gaps: "what is there holds; something is missing",
  unsealed: "unsealed",
  unproven: "nothing in it is false, but not all of it is proven",
  broken: "it does not hold",
};

/**
 * Where a clip was cut, by the word of whoever cut it: what of its record it has whole, where its own beginning lies in
 * the record, and what each track has, in seconds of the clip.
 */
export interface Cutting {
  fromS: number;
  untilS: number;
  startsS: number;
  edges: { side: string; run: string; track: string; fromS: number; untilS: number }[];
}

/** A whole record, an exported file or a clip. */
export interface Judged {
  file: "record" | "mp4" | "clip";
  /** Of a clip. */
  cut: Cutting | null;
  discussion: string;
  title: string;
  /** What the host says that the sides are called; believed only of a run that stands by somebody's word. */
  names: ReadonlyMap<string, string>;
  /** The founding hash in hex, empty where the facts cannot be read. */
  founding: string;
  seconds: number;
  sides: VerifiedRun[];
  findings: Finding[];
  unknown: Unknown[];
}

/** Before anything is known. */
export function nothingJudged(file: Judged["file"]): Judged {
  const about = { file, cut: null, discussion: "", title: "", names: new Map(), founding: "", seconds: 0 };
  return { ...about, sides: [], findings: [], unknown: [] };
}

/** Nothing is broken, and all that is kept is proven. What is not there does not make it false. */
export function holds({ findings, sides }: Judged): boolean {
  const bad = findings.some((one) => ["broken", "unproven"].includes(judgementOf(one)));
  return !bad && sides.some(({ tracks }) => tracks.some(({ proven }) => proven.length > 0));
}

export function verdictOf(judged: Judged): Verdict {
  const { findings } = judged;
  if (holds(judged)) {
    if (findings.some((one) => judgementOf(one) === "gap")) return "gaps";
    return findings.some(({ code }) => code === "seal.late") ? "last" : "holds";
  }
  const none = findings.some(({ code }) => code === "seal.none");
  const only = findings.every(({ code }) => code === "seal.none" || code === "seal.founding");
  if (none && only) return "unsealed";
  return findings.some((one) => judgementOf(one) === "broken") ? "broken" : "unproven";
}

/** What a side is called: its name where seals hold under it (R25), else its seat. */
export function nameOf({ sides, names }: Judged, side: string): string {
  const believed = sides.some((one) => one.side === side && one.by !== null);
  return (believed ? names.get(side) : undefined) || side;
}

/** The sides of which something is kept, for people: as they were founded, not as they came. */
export function sidesOf({ sides, names }: Judged): string[] {
  const there = new Set(sides.map(({ side }) => side));
  const founded = [...names.keys()].filter((side) => there.has(side));
  return [...new Set([...founded, ...there])];
}

/** As `vivavoce verify --json` says it. */
export function toJson(judged: Judged): unknown {
  const { file, discussion, founding, seconds, cut, sides, findings, unknown } = judged;
  return {
    holds: holds(judged),
    verdict: VERDICTS[verdictOf(judged)],
    file,
    discussion,
    founding,
    seconds: rounded(seconds),
    vantage: "host",
    ...(cut ? { cut: cutJson(cut) } : {}),
    sides: sides.map(runJson),
    findings: findings.map(findingJson),
    unknown: unknown.map(sentence),
  };
}

function runJson({ side, run, by, provenSeconds, ended, tracks }: VerifiedRun): unknown {
  return {
    side,
    run,
    by,
    proven_seconds: rounded(provenSeconds),
    ended,
    tracks: tracks.map(({ name, samples, proven }) => ({
      track: name,
      samples,
      proven: proven.map((span) => span.map(rounded)),
    })),
  };
}

function cutJson({ fromS, untilS, startsS, edges }: Cutting): unknown {
  const spans = edges.map(({ side, run, track, ...times }) => ({
    side,
    run,
    track,
    from_s: rounded(times.fromS),
    until_s: rounded(times.untilS),
  }));
  const times = { from_s: rounded(fromS), until_s: rounded(untilS), starts_s: rounded(startsS) };
  return { ...times, edges: spans };
}

function findingJson(finding: Finding): unknown {
  const { code, side, run, track, fromS, untilS, count, detail } = finding;
  const what = `${JUDGED[code][1]}${count ? ` (${count})` : ""}${detail ? `: ${detail}` : ""}`;
  const times = { from_s: rounded(fromS), until_s: rounded(untilS) };
  return { code, judgement: judgementOf(finding), side, run, track, ...times, what };
}

function sentence(one: Unknown): string {
  switch (one.kind) {
    case "file":
      return `${one.where}: ${one.what}.`;
    case "founding":
      return (
        "Whether both sides know these founding facts: compare their hash " +
        `${one.hash} with what each side published.`
      );
    case "host":
      return `Whether ${one.side} is who it is said to be: key introduced by the host.`;
    case "open":
      return `${one.side}, run ${one.run}, has no end seal: more may have followed.`;
    case "apart":
      return (
        "How the sides stand to each other in time: this is the host's view; by their devices' own clocks " +
        `${one.side} is ${fixed(Math.abs(one.laterS), 3)} s ${one.laterS >= 0 ? "later" : "earlier"} beside ` +
        `${one.beside} than shown here (runs ${one.run}, ${one.besideRun}).`
      );
    case "jump":
      return (
        `Whether ${one.side} paused at ${fixed(one.atS, 1)} s: by the host's word its device stood still there ` +
        `for ${fixed(one.movedS, 3)} s (run ${one.run}).`
      );
    case "cut":
      return (
        "What was sealed before and after this clip. It was cut from the seconds " +
        `${fixed(one.fromS, 1)} to ${fixed(one.untilS, 1)} of its record, by its cutter's word.`
      );
    case "gaps":
      return "Why something is missing.";
    case "runs":
      return "Whether there were runs of which nothing was kept.";
    case "time":
      return "The time of day: clocks are the devices' and the host's own word.";
  }
}

/** To thousandths, as Python rounds. */
export function rounded(value: number): number {
  return Number(fixed(value, 3));
}

/** So many digits behind the point; of two equally near the even one, as Python does. */
export function fixed(value: number, digits: number): string {
  // Only an odd multiple of this lies in the very middle of two.
  const halves = value * 2 ** (digits + 1);
  if (!Number.isInteger(halves) || halves % 2 === 0) return value.toFixed(digits);
  const below = Math.floor(value * 10 ** digits);
  return ((below % 2 === 0 ? below : below + 1) / 10 ** digits).toFixed(digits);
}

/** `03:07.4`: minutes, seconds, tenths. */
export function clockText(seconds: number): string {
  const tenths = Math.round(10 * Math.max(0, seconds));
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(Math.floor(tenths / 600))}:${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
}

/** How many seconds lie in some of `spans` and in none of `holes`. */
export function without(spans: readonly Span[], holes: readonly Span[]): number {
  const edges = [...edgesOf(spans, 0), ...edgesOf(holes, 1)];
  edges.sort((one, other) => one.at - other.at || one.kind - other.kind || one.step - other.step);
  const depth: [number, number] = [0, 0];
  let [total, last] = [0, 0];
  for (const { at, kind, step } of edges) {
    if (depth[0] > 0 && depth[1] === 0) total += at - last;
    depth[kind] += step;
    last = at;
  }
  return total;
}

function edgesOf(spans: readonly Span[], kind: 0 | 1): { at: number; kind: 0 | 1; step: number }[] {
  return spans.flatMap(([from, until]) => [
    { at: from, kind, step: 1 },
    { at: until, kind, step: -1 },
  ]);
}
