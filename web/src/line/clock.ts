/**
 * The host's clock as this page knows it.
 *
 * Cristian's estimate, as in `src/vivavoce/clock.py`: a probe leaves at t0 and returns at t3 on the page's
 * clock, the host saw it at t1 and answered at t2 on its own. offset = ((t1 - t0) + (t2 - t3)) / 2, wrong by at
 * most half of what the round trip took outside the host. Source: RFC 5905 s.8. Pure estimator
 * (`ClockEstimator`) and a thin shell that probes `GET /api/clock` (`HostClock`).
 *
 * @module
 */

/**
 * `offsetUs`: add it to the page's clock to get the host's. `uncertaintyUs`: it is wrong by at most
 * this, if the host told its clock truly.
 */
export interface ClockEstimate {
  readonly offsetUs: number;
  readonly uncertaintyUs: number;
}

/** The page's clock: Unix microseconds, never going back while the page lives. */
export function pageNowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** Two computers' clocks part by less than this: 50 parts in a million, twice a common crystal's. */
const DRIFT = 50e-6;

interface Probe extends ClockEstimate {
  atUs: number;
}

/** Takes times, reads none. `window`: how many probes are remembered. */
export class ClockEstimator {
  #probes: Probe[] = [];
  readonly #window: number;

  constructor(window = 16) {
    this.#window = window;
  }

  /**
   * Take in one probe, all in microseconds. One that ended before it began, on either clock, is ignored.
   *
   * A probe that contradicts the older ones (their bounds do not meet) means that a clock was stepped, as
   * after sleep: the older ones are dropped.
   */
  probe(sentUs: number, hostReceivedUs: number, hostSentUs: number, receivedUs: number): void {
    const outside = receivedUs - sentUs - (hostSentUs - hostReceivedUs);
    if (outside < 0 || hostSentUs < hostReceivedUs) return;
    const offsetUs = Math.floor((hostReceivedUs - sentUs + (hostSentUs - receivedUs)) / 2);
    const uncertaintyUs = Math.ceil(outside / 2);
    this.#probes = this.#probes.filter(
      (old) => Math.abs(old.offsetUs - offsetUs) <= aged(old, receivedUs) + uncertaintyUs + 1,
    );
    this.#probes.push({ offsetUs, uncertaintyUs, atUs: receivedUs });
    if (this.#probes.length > this.#window) this.#probes.shift();
  }

  /** The best estimate at `nowUs` on the page's clock, or null before the first probe. */
  estimate(nowUs: number): ClockEstimate | null {
    let best: Probe | null = null;
    for (const probe of this.#probes) {
      if (best === null || aged(probe, nowUs) < aged(best, nowUs)) best = probe;
    }
    return best && { offsetUs: best.offsetUs, uncertaintyUs: aged(best, nowUs) };
  }
}

function aged(probe: Probe, nowUs: number): number {
  return probe.uncertaintyUs + Math.ceil(Math.max(0, nowUs - probe.atUs) * DRIFT);
}

const FIRST_PROBES = 5;
const FIRST_EVERY_MS = 200;
const THEN_EVERY_MS = 5000;
const GIVE_UP_MS = 3000;

/**
 * Probes the host's clock: five times at `start()`, then every five seconds.
 *
 * Fires `estimate` (CustomEvent<ClockEstimate>) after each probe that told something. Probes that
 * fail are skipped; the newest estimate stays and its uncertainty grows with age.
 */
export class HostClock extends EventTarget {
  /** Where the clock is asked. */
  readonly url: string;
  readonly #estimator = new ClockEstimator();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;
  #asked = 0;

  /** `url`: of the clock, by default the host's own. */
  constructor(url: string | URL = "/api/clock") {
    super();
    this.url = new URL(url, location.href).href;
  }

  /** The best estimate so far, or null before the first probe came back. */
  get estimate(): ClockEstimate | null {
    return this.#estimator.estimate(pageNowUs());
  }

  /** The host's clock now, Unix microseconds; the page's own before the first probe came back. */
  nowUs(): number {
    const now = pageNowUs();
    return now + (this.#estimator.estimate(now)?.offsetUs ?? 0);
  }

  /** Begin to probe. Does nothing when it already does. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#asked = 0;
    void this.#ask();
  }

  /** Stop probing. */
  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    this.#asked += 1;
    try {
      const sentUs = pageNowUs();
      const answer = await fetch(this.url, { cache: "no-store", signal: AbortSignal.timeout(GIVE_UP_MS) });
      const receivedUs = pageNowUs();
      const told = (await answer.json()) as { received_us?: unknown; sent_us?: unknown };
      if (Number.isSafeInteger(told.received_us) && Number.isSafeInteger(told.sent_us)) {
        this.#estimator.probe(sentUs, told.received_us as number, told.sent_us as number, receivedUs);
        this.dispatchEvent(new CustomEvent("estimate", { detail: this.estimate }));
      }
    } catch {
      // The host is away; the next probe tells.
    }
    if (!this.#running) return;
    this.#timer = setTimeout(
      () => void this.#ask(),
      this.#asked < FIRST_PROBES ? FIRST_EVERY_MS : THEN_EVERY_MS,
    );
  }
}
