/**
 * Where the watcher's worker starts: dials while the code that will use the session is still being fetched.
 *
 * @module
 */

import "./quiet";
import type { ToWatcherWorker } from "./messages";
import { dialEarly, firstTransport } from "./transport";

const before: MessageEvent<ToWatcherWorker>[] = [];

self.onmessage = (event: MessageEvent<ToWatcherWorker>) => {
  before.push(event);
  if (event.data.type === "start") dialEarly(event.data.line);
};

// Not awaited: what is fetched here shares code with this, and would wait for it in turn.
void import("./watcher.worker").then(({ take }) => {
  self.onmessage = (event) => take(event.data, firstTransport);
  for (const event of before) take(event.data, firstTransport);
}, reportError);
