/**
 * The watcher's worker that the audience page began before its own code was there: it has dialled, and fetches already
 * (src/audience/ahead.ts).
 *
 * @module
 */

import type { ToWatcherWorker } from "./messages";
import type { LineAddress } from "./publisher";
import type { Transport } from "./transport";

/** In the page. `told`: what the worker has told meanwhile. */
export interface Ahead {
  worker: Worker;
  told: readonly MessageEvent[];
}

/** In the worker: what it has done until its code was there, and been told. */
export interface Dialled {
  address: LineAddress;
  transport: Transport;
  before: readonly MessageEvent<ToWatcherWorker>[];
}

declare global {
  interface Window {
    vivavoceAhead?: Ahead | undefined;
  }
  var vivavoceDialled: Dialled | undefined;
}

/** That worker, once; null where there is none, or it has failed. */
export function workerAhead(): Ahead | null {
  const ahead = window.vivavoceAhead;
  window.vivavoceAhead = undefined;
  return ahead ?? null;
}
