/**
 * The watcher's worker: the line in, pictures onto canvases, sound to the worklets. Wiring; decisions are next door.
 *
 * @module
 */

import "./quiet";
import { Path } from "@moq/net";
import { STATE_TRACK } from "./catalog";
import type { ClockEstimate } from "./clock";
import { Line, type Session } from "./connection";
import { Downlink } from "./downlink";
import { returnFeed } from "./feeds";
import { follow } from "./follow";
import { founding } from "./founding";
import { leaves } from "./leaves";
import type { FromWatcherWorker, PlayoutReport, ToWatcherWorker } from "./messages";
import { type SampleArrival, SeatWatch } from "./seatwatch";
import { firstTransport } from "./transport";
import type { HostState } from "./watcher";

const REPORT_EVERY_MS = 250;
const JUDGE_EVERY_MS = 100;
const FAILED_AFTER_MS = 5000;
/** Two sides and the booths of a large meeting; what a relay announces beyond is not followed. */
const MOST_SEATS = 32;

const tell = (message: FromWatcherWorker, transfer: Transferable[] = []) =>
  self.postMessage(message, { transfer });

class Work {
  readonly #discussion: string;
  readonly #apiUrl: string;
  readonly #listener: string | null;
  readonly #language: string | null;
  /** Catalogues known beforehand; each is used once, by the first session. */
  #catalogs: Map<string, string>;
  /** Seats that were opened before they were announced. */
  readonly #early = new Set<string>();
  readonly #seats = new Map<string, SeatWatch>();
  readonly #line: Line;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #downlink = new Downlink();
  readonly #judging: ReturnType<typeof setInterval>;
  #session: Session | null = null;
  #estimate: ClockEstimate | null = null;
  #lostMs: number | null = performance.now();
  #wasLive = false;
  #failed = false;

  constructor(message: Extract<ToWatcherWorker, { type: "start" }>) {
    this.#discussion = message.discussion;
    this.#apiUrl = new URL(".", message.reachUrl).href;
    this.#listener = message.listener;
    this.#language = message.language;
    this.#catalogs = new Map(Object.entries(message.catalogs));
    for (const seat of message.seats) this.#seats.set(seat, this.#watch(seat));
    this.#line = new Line({
      open: firstTransport,
      address: message.line,
      discussion: message.discussion,
      reachUrl: message.reachUrl,
      onSession: (session) => this.#begin(session),
      onLost: () => {
        this.#lostMs = performance.now();
        tell({ type: "line", state: { state: this.#wasLive ? "reconnecting" : "connecting" } });
      },
      onRefused: () => {},
    });
    this.#line.start();
    this.#timer = setInterval(() => this.#tick(), REPORT_EVERY_MS);
    this.#judging = setInterval(() => this.#judge(), JUDGE_EVERY_MS);
  }

  canvas(seat: string): void {
    this.#seats.get(seat)?.canvas();
  }

  drawn(seat: string, atUs: number): void {
    this.#seats.get(seat)?.drawn(atUs);
  }

  size(seat: string, width: number, height: number): void {
    this.#seats.get(seat)?.size(width, height);
  }

  sound(seat: string, port: MessagePort | null): void {
    this.#seats.get(seat)?.sound(port);
  }

  played(seat: string, report: PlayoutReport, atUs: number): void {
    this.#seats.get(seat)?.played(report, atUs);
  }

  clock(estimate: ClockEstimate): void {
    this.#estimate = estimate;
  }

  stop(): void {
    clearInterval(this.#timer);
    clearInterval(this.#judging);
    for (const seat of this.#seats.values()) seat.close();
    this.#line.stop();
    self.close();
  }

  #begin(session: Session): void {
    this.#lostMs = null;
    this.#wasLive = true;
    this.#failed = false;
    tell({ type: "line", state: { state: "live" } });
    // The same one again: it had stalled and recovered, and so do its subscriptions.
    if (session === this.#session) return;
    this.#session = session;
    this.#downlink.reset(performance.now());
    for (const seat of this.#seats.values()) seat.close();
    this.#openEarly(session);
    void this.#announcements(session);
    const host = session.consume(Path.from(this.#discussion, "host"));
    const current = () => this.#session === session;
    void follow(host, STATE_TRACK, 90, current, (raw) => {
      const state = JSON.parse(new TextDecoder().decode(raw)) as HostState;
      if (typeof state?.seats !== "object" || !Array.isArray(state.events)) return;
      tell({ type: "host", state });
      for (const [seat, watch] of this.#seats) {
        const told = state.seats[seat];
        watch.told(told?.on_air ? told.run : null);
      }
    });
  }

  /** Ask again for the broadcasts of seats that went on in another run unseen. */
  #findAgain(session: Session): void {
    const prefix = Path.from(this.#discussion);
    for (const [seat, watch] of this.#seats)
      if (watch.strays()) watch.open(session.consume(Path.join(prefix, Path.from(seat))));
  }

  async #announcements(session: Session): Promise<void> {
    const prefix = Path.from(this.#discussion);
    const announced = session.announced(prefix);
    try {
      for (;;) {
        const event = await announced.next();
        if (!event || this.#session !== session) return;
        if (
          event.path.startsWith("booth-") &&
          !this.#seats.has(event.path) &&
          this.#seats.size < MOST_SEATS
        ) {
          this.#seats.set(event.path, this.#watch(event.path));
          tell({ type: "booth", seat: event.path });
        }
        const seat = this.#seats.get(event.path);
        if (!seat) continue;
        const kept = this.#early.delete(event.path) && !seat.troubled;
        if (!event.active) seat.close();
        else if (!kept) seat.open(session.consume(Path.join(prefix, event.path)));
        this.#report(event.path);
      }
    } catch {
      // The session is over; the next one announces again.
    }
  }

  /** What the page knew already need not be waited for. */
  #openEarly(session: Session): void {
    this.#early.clear();
    const prefix = Path.from(this.#discussion);
    for (const [name, catalog] of this.#catalogs) {
      const seat = this.#seats.get(name);
      if (!seat) continue;
      this.#early.add(name);
      seat.open(session.consume(Path.join(prefix, Path.from(name))), new TextEncoder().encode(catalog));
    }
    this.#catalogs.clear();
  }

  /** The seats that are shown, and the booths as they come. */
  #watch(seat: string): SeatWatch {
    return new SeatWatch({
      discussion: this.#discussion,
      seat,
      founding: () => founding(this.#apiUrl, this.#discussion),
      leaves: (run, span) => leaves(this.#apiUrl, this.#discussion, run, span),
      estimate: () => this.#estimate,
      onChange: () => this.#report(seat),
      level: () => this.#downlink.level,
      fetched: () => this.#downlink.fetched,
      onArrival: (arrival) => this.#arrived(seat, arrival),
      onPicture: (picture, rotation) => tell({ type: "picture", seat, picture, rotation }, [picture]),
      onSounds: () => this.#feed(),
    });
  }

  #arrived(seat: string, { kind, tookMs, bytes, tried }: SampleArrival): void {
    const now = performance.now();
    this.#downlink.came(now, seat, kind, tookMs, bytes, tried);
    if (kind !== "key" || tried || this.#downlink.level === 0) return;
    const cost = (level: number) => [...this.#seats.values()].reduce((sum, one) => sum + one.cost(level), 0);
    if (!this.#downlink.began(now, cost)) return;
    for (const watch of this.#seats.values()) watch.pick();
  }

  #judge(): void {
    if (this.#session && this.#lostMs === null) this.#findAgain(this.#session);
    for (const watch of this.#seats.values()) watch.judge();
    const ranks = [...this.#seats.values()].flatMap((watch) => watch.ranks ?? []);
    const largest = Math.min(...ranks.map((rank) => rank.shown));
    const least = Math.max(...ranks.map((rank) => rank.least));
    const change = this.#downlink.tick(performance.now(), largest, least);
    for (const watch of change ? this.#seats.values() : []) {
      if (change === "less") watch.fell();
      else watch.pick();
    }
  }

  /** Rule L13, each time that any seat's sound tracks change. */
  #feed(): void {
    const seats = new Map([...this.#seats].map(([seat, watch]) => [seat, watch.sounds]));
    const feed = returnFeed(this.#listener, this.#language, seats);
    for (const [seat, watch] of this.#seats) {
      watch.hear(feed.find((place) => place.seat === seat)?.track ?? null);
    }
  }

  #report(seat: string): void {
    const watch = this.#seats.get(seat);
    if (watch) tell({ type: "seat", report: watch.report() });
  }

  #tick(): void {
    for (const seat of this.#seats.keys()) this.#report(seat);
    if (this.#lostMs === null || this.#failed) return;
    if (performance.now() - this.#lostMs < FAILED_AFTER_MS) return;
    this.#failed = true;
    tell({ type: "line", state: { state: "failed", code: "line.unreachable" } });
  }
}

let work: Work | null = null;

function take(message: ToWatcherWorker): void {
  if (message.type === "start") work ??= new Work(message);
  else if (!work) return;
  else if (message.type === "canvas") work.canvas(message.seat);
  else if (message.type === "drawn") work.drawn(message.seat, message.atUs);
  else if (message.type === "size") work.size(message.seat, message.width, message.height);
  else if (message.type === "sound") work.sound(message.seat, message.port);
  else if (message.type === "played") work.played(message.seat, message.report, message.atUs);
  else if (message.type === "clock") work.clock(message.estimate);
  else if (message.type === "stop") work.stop();
}

// What came while this was fetched is heeded first (dial.ts).
const before = globalThis.vivavoceDialled?.before ?? [];
self.onmessage = (event: MessageEvent<ToWatcherWorker>) => take(event.data);
for (const event of before) take(event.data);
