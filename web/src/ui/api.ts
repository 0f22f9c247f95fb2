/**
 * What the pages ask the host over HTTP. The one place of the pages that calls `fetch`.
 *
 * @module
 */

import { CODES, type ErrorCode, isErrorCode, VivavoceError } from "../errors";
import type { AirGrant, LineAddress } from "../line/publisher";
import type { HostState } from "../line/watcher";

/** One side of a discussion as everyone may know it. */
export interface SideFacts {
  /** `north` or `south`. */
  side: string;
  name: string;
  /** BCP 47. */
  language: string;
}

/** `GET /api/discussions/{id}`: what everyone may know. */
export interface DiscussionFacts {
  id: string;
  title: string;
  sides: SideFacts[];
  /** As it stood when it was asked. */
  state: HostState;
}

/** What an audience page begins with. */
export interface Opening {
  facts: DiscussionFacts;
  line: LineAddress;
  /** `catalog.json` by seat, unchecked. */
  catalogs: Record<string, string>;
}

interface Seat {
  seat: string;
  kind: string;
  name: string;
  language: string;
}

interface Told {
  id: string;
  title: string;
  seats: Seat[];
  state: HostState;
}

/** As the host writes it into the audience page. */
export type OpeningTold = Omit<Opening, "facts"> & { discussion: Told };

/** In milliseconds; null where unknown. */
export interface DelayReport {
  seat: string;
  display_ms: number | null;
  loudspeaker_ms: number | null;
}

/** `GET …/seats/{seat}`: what the holder of the seat's secret may know. */
export interface SeatFacts {
  seat: string;
  name: string;
  language: string;
  discussion: DiscussionFacts;
}

/** `POST /api/discussions`. */
export interface Made {
  id: string;
  title: string;
  audience_url: string;
  sides: (SideFacts & { stage_url: string })[];
}

export interface NewDiscussion {
  title: string;
  /** `identity_key`: 64 hexadecimal digits. */
  sides: { name: string; language: string; identity_key?: string }[];
}

/** Going on air was refused because another device is. `sinceUs`: since when, or null if untold. */
export class AirTaken extends VivavoceError {
  constructor(
    message: string,
    remedy: string,
    readonly sinceUs: number | null,
  ) {
    super("air.taken", message, remedy);
  }
}

/**
 * What the host put into the audience page: the discussion as `discussionFacts` gives it, where the line is, and the catalogue
 * of each seat that is on it. Null where the page does not come from a host.
 */
export function openingFacts(): Opening | null {
  const element = document.getElementById("vivavoce-opening");
  if (!element?.textContent) return null;
  const told = JSON.parse(element.textContent) as OpeningTold;
  return { facts: known(told.discussion), line: told.line, catalogs: told.catalogs };
}

export async function discussionFacts(id: string): Promise<DiscussionFacts> {
  return known(await ask<Told>("GET", discussion(id)));
}

/** What this page measured at one side, for the host's metrics: anonymous, and the host may throw it away. */
export const reportDelay = (id: string, delay: DelayReport): Promise<void> =>
  ask("POST", `${discussion(id)}/delays`, "", delay);

export const lineAddress = (): Promise<LineAddress> => ask("GET", "/api/line");

/** Throws VivavoceError `access.stage` for a wrong secret, `access.throttled` after many of them. */
export async function seatFacts(id: string, seat: string, secret: string): Promise<SeatFacts> {
  const told = await ask<Seat & { discussion: Told }>("GET", seatPath(id, seat), secret);
  return { seat, name: told.name, language: told.language, discussion: known(told.discussion) };
}

/** hostSecret: empty where the host's own machine asks. Throws `access.host` when that is not enough. */
export const makeDiscussion = (wish: NewDiscussion, hostSecret: string): Promise<Made> =>
  ask("POST", "/api/discussions", hostSecret, wish);

export interface AirWish {
  device: string;
  takeOver: boolean;
  /** A token that this device held before, or null. */
  token: string | null;
}

/** Ask for the air. Throws AirTaken when another device holds it and `takeOver` is false. */
export const goOnAir = (id: string, seat: string, secret: string, wish: AirWish): Promise<AirGrant> =>
  ask("POST", `${seatPath(id, seat)}/air`, secret, {
    device: wish.device,
    take_over: wish.takeOver,
    ...(wish.token ? { token: wish.token } : {}),
  });

export const leaveAir = (id: string, seat: string, token: string): Promise<void> =>
  ask("DELETE", `${seatPath(id, seat)}/air`, token);

/** Any thrown thing as an error with a code. */
export function asProblem(error: unknown): VivavoceError {
  if (error instanceof VivavoceError) return error;
  return new VivavoceError("internal", error instanceof Error ? error.message : String(error));
}

const discussion = (id: string): string => `/api/discussions/${encodeURIComponent(id)}`;

const seatPath = (id: string, seat: string): string => `${discussion(id)}/seats/${encodeURIComponent(seat)}`;

function known({ id, title, seats, state }: Told): DiscussionFacts {
  const sides = seats.filter((seat) => seat.kind === "side");
  return {
    id,
    title,
    state,
    sides: sides.map(({ seat, name, language }) => ({ side: seat, name, language })),
  };
}

async function ask<T>(method: string, path: string, bearer = "", body?: object): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  if (body) headers["content-type"] = "application/json";
  let answer: Response;
  try {
    const init: RequestInit = { method, headers, cache: "no-store", credentials: "omit" };
    if (body) init.body = JSON.stringify(body);
    answer = await fetch(path, init);
  } catch {
    throw new VivavoceError("host.unreachable", `The host does not answer at ${location.origin}.`);
  }
  if (answer.status === 204) return undefined as T;
  const told: unknown = await answer.json().catch(() => null);
  if (answer.ok && told !== null) return told as T;
  throw refusal(answer.status, told);
}

function refusal(status: number, told: unknown): VivavoceError {
  const error = field(told, "error");
  const found = field(error, "code");
  const code: ErrorCode = isErrorCode(found) ? found : "internal";
  const message = text(field(error, "message")) ?? `The host answered ${status}.`;
  const remedy = text(field(error, "remedy")) ?? CODES[code];
  if (code !== "air.taken") return new VivavoceError(code, message, remedy);
  const since = field(error, "since_us");
  return new AirTaken(message, remedy, typeof since === "number" ? since : null);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
