/**
 * The host's clock as this page knows it.
 *
 * Cristian's estimate, as in `src/vivavoce/clock.py`: the probe with the shortest round trip counts.
 * Pure estimator (`ClockEstimator`) and a thin shell that probes `GET /api/clock` (`HostClock`).
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

/**
 * Probes the host's clock: five times at `start()`, then every five seconds.
 *
 * Fires `estimate` (CustomEvent<ClockEstimate>) after each probe that told something. Probes that
 * fail are skipped; the newest estimate stays and its uncertainty grows with age.
 */
export class HostClock extends EventTarget {
  /** `url`: of the clock, by default the host's own. */
  constructor(url: string | URL = "/api/clock") {
    super();
    void url;
  }

  /** The best estimate so far, or null before the first probe came back. */
  get estimate(): ClockEstimate | null {
    return null;
  }

  /** The host's clock now, Unix microseconds; the page's own before the first probe came back. */
  nowUs(): number {
    return pageNowUs();
  }

  /** Begin to probe. Does nothing when it already does. */
  start(): void {}

  /** Stop probing. */
  stop(): void {}
}
