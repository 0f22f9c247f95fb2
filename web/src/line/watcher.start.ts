/**
 * Where the watcher's worker starts: dials while the code that will use the session is still being fetched.
 *
 * @module
 */

import "./quiet";
import type { ToWatcherWorker } from "./messages";
import { dialEarly } from "./transport";

const before: MessageEvent<ToWatcherWorker>[] = [];

self.onmessage = (event: MessageEvent<ToWatcherWorker>) => {
  before.push(event);
  if (event.data.type === "start") dialEarly(event.data.line);
};

await import("./watcher.worker");
for (const event of before) self.onmessage?.(event);
