/**
 * A session with the host or a mirror that comes back fast.
 *
 * A QUIC session notices a dead network only after half a minute, so we ask: a small request goes over the
 * session three times a second, and when none was answered for a second the line is taken as lost and `Redial`
 * says when to dial. The old session is kept until a new one is up, in case it recovers. The newest session wins,
 * here as on the host. This file does IO; what it decides is in `redial.ts`.
 *
 * @module
 */

import { Path } from "@moq/net";
import { STATE_TRACK } from "./catalog";
import { gatherWrites } from "./gathered";
import { Gauge } from "./gauge";
import { Pacer } from "./pacer";
import type { LineAddress } from "./publisher";
import { Redial } from "./redial";
import { renewed } from "./renewed";
import { overTransport, type Session } from "./session";
import type { Streams } from "./streams";
import type { OpenTransport, Transport } from "./transport";

export type { Session } from "./session";

const PING_EVERY_MS = 300;
const LOST_AFTER_MS = 1200;
const TICK_MS = 100;
const REACH_EVERY_MS = 250;
const REACH_GIVE_UP_MS = 1000;

export interface LineOptions {
  /** How it is dialled. */
  open: OpenTransport;
  address: LineAddress;
  /** The device's token, for a session that publishes. */
  token?: string;
  /** The discussion's id: its host broadcast is what the session is asked about. */
  discussion: string;
  /**
   * The host's `/api/line`, asked while the line is lost: that it answers says that the network is back, and what it
   * answers whether the certificate was renewed meanwhile. It counts only where it names the same line.
   */
  reachUrl: string;
  /** A new session is up, and the one before is closed; or the same one has recovered. */
  onSession: (session: Session) => void;
  /** The line is lost; `onSession` follows when it is back. */
  onLost: () => void;
  /** A dial failed (`null`: browsers do not say why), or the host closed the session with this code. */
  onRefused: (closeCode: number | null) => void;
}

export class Line {
  readonly #options: LineOptions;
  readonly #redial = new Redial();
  readonly #pacer = new Pacer();
  #address: LineAddress;
  #session: { established: Session; transport: Transport; gauge: Gauge } | null = null;
  #answeredMs = 0;
  #pings = 0;
  #pingedMs = 0;
  #reachedMs = 0;
  #reaching = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lost = false;
  #stopped = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#address = options.address;
  }

  /** Bytes that were given to the session and that the browser has not taken yet. */
  get unsent(): number {
    return this.#session?.gauge.waiting ?? 0;
  }

  /** Whether there is a session, and it answers. */
  get live(): boolean {
    return this.#session !== null && !this.#lost;
  }

  /** Large samples leave no faster than so many bits a second from now on; infinite for at once. */
  pace(bits: number): void {
    this.#pacer.rate = bits;
  }

  start(): void {
    this.#redial.lost(performance.now());
    this.#redial.answered(true);
    void this.#dial();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    self.addEventListener("online", this.#online);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    self.removeEventListener("online", this.#online);
    this.#session?.established.close();
    this.#session = null;
  }

  #online = (): void => {
    this.#reachedMs = 0;
    this.#tick();
  };

  #tick(): void {
    const now = performance.now();
    if (this.#session) {
      if (now - this.#pingedMs >= PING_EVERY_MS) this.#ping(now);
      if (now - this.#answeredMs > LOST_AFTER_MS) this.#lose(now);
    }
    if (!this.#lost && this.#session) return;
    if (now - this.#reachedMs >= REACH_EVERY_MS && !this.#reaching) void this.#reach(now);
    const due = this.#redial.due(now);
    if (due !== null && due <= now) void this.#dial();
  }

  #lose(now: number): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#redial.lost(now);
    this.#options.onLost();
  }

  /** Any answer will do, a refusal too: it says that both directions of the session work. */
  #ping(now: number): void {
    const session = this.#session;
    // A few may be under way when the network stalls; more would only queue up.
    if (!session || this.#pings >= 4) return;
    this.#pingedMs = now;
    this.#pings += 1;
    const host = session.established.consume(Path.from(this.#options.discussion, "host"));
    host
      .track(STATE_TRACK)
      .info()
      .catch(() => {})
      .then(() => {
        host.close();
        if (this.#session !== session) return;
        this.#pings -= 1;
        this.#answer();
      });
  }

  #answer(): void {
    this.#answeredMs = performance.now();
    if (!this.#lost || !this.#session) return;
    // The old session has recovered by itself before a new one was up.
    this.#lost = false;
    this.#redial.up();
    this.#options.onSession(this.#session.established);
  }

  async #reach(now: number): Promise<void> {
    this.#reachedMs = now;
    this.#reaching = true;
    try {
      const answer = await fetch(this.#options.reachUrl, {
        cache: "no-store",
        method: "GET",
        signal: AbortSignal.timeout(REACH_GIVE_UP_MS),
      });
      this.#address = renewed(this.#address, answer.ok ? await answer.json() : null);
      this.#redial.answered(true);
    } catch {
      this.#redial.answered(false);
    } finally {
      this.#reaching = false;
    }
  }

  async #dial(): Promise<void> {
    this.#redial.dialled(performance.now());
    const { token } = this.#options;
    const address = this.#address;
    let worked = false;
    try {
      const bare = new URL(address.url);
      const transport = this.#options.open(address, token);
      await transport.ready;
      const gauge = new Gauge();
      // Inside: what waits to be paced is unsent.
      this.#pacer.watch(transport as Streams);
      gauge.watch(transport as Streams);
      gatherWrites(transport);
      // Under the address without the token: the library writes addresses to the console.
      const established = overTransport(bare, transport);
      worked = true;
      this.#adopt(established, transport, gauge);
    } catch {
      if (!this.#stopped) this.#options.onRefused(null);
    } finally {
      this.#redial.settled(performance.now(), worked);
    }
  }

  #adopt(established: Session, transport: Transport, gauge: Gauge): void {
    // Of several dials that come through at once the first is enough.
    if (this.#stopped || (this.#session && !this.#lost)) {
      established.close();
      return;
    }
    const before = this.#session;
    const session = { established, transport, gauge };
    this.#session = session;
    this.#pings = 0;
    this.#answeredMs = performance.now();
    this.#lost = false;
    this.#redial.up();
    const over = (closeCode: number) => {
      if (this.#session !== session) return;
      this.#session = null;
      this.#lose(performance.now());
      // It was closed by the other end, so the network works: dial at once.
      this.#redial.answered(true);
      if (closeCode !== 0) this.#options.onRefused(closeCode);
      if (this.#stopped) return;
      this.#tick();
    };
    transport.closed.then(
      (info) => over(info?.closeCode ?? 0),
      () => over(0),
    );
    this.#options.onSession(established);
    before?.established.close();
  }
}
