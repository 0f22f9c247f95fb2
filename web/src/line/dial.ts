/**
 * Where the watcher's worker begins on the audience page: dials while the code that will use the session is being fetched.
 *
 * Its text stands in the page (src/audience/ahead.ts), so it shares no file with what it fetches.
 *
 * @module
 */

import type { ToWatcherWorker } from "./messages";
import { openTransport } from "./transport";

const before: MessageEvent<ToWatcherWorker>[] = [];

self.onmessage = (event: MessageEvent<ToWatcherWorker>) => {
  const message = event.data;
  if (message.type !== "dial") {
    before.push(event);
    return;
  }
  const { line: address, code } = message;
  globalThis.vivavoceDialled = { address, transport: openTransport(address), before };
  import(/* @vite-ignore */ code).catch(reportError);
};
