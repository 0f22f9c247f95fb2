/**
 * Stands in the audience page itself and runs before anything that the page loads is there: begins the watcher's worker, lets
 * it dial, and tells it what the page will tell when its own code is there. What that code finds of it: src/line/ahead.ts.
 *
 * @module
 */

import Dialler from "../line/dial?worker&inline";
import type { ToWatcherWorker } from "../line/messages";
import type { OpeningTold } from "../ui/api";

/** The build puts the worker's file in. */
const CODE = "%WORKER%";

function begin({ discussion, line, catalogs }: OpeningTold): void {
  const worker = new Dialler();
  const told: MessageEvent[] = [];
  const here = (path: string) => new URL(path, location.href).href;
  const tell = (message: ToWatcherWorker) => worker.postMessage(message);
  worker.onmessage = (event) => told.push(event);
  // Then the page's own code begins another.
  worker.onerror = () => {
    window.vivavoceAhead = undefined;
  };
  const seats = discussion.seats.filter(({ kind }) => kind === "side").map(({ seat }) => seat);
  tell({ type: "dial", line, code: here(CODE) });
  tell({
    type: "start",
    line,
    discussion: discussion.id,
    seats,
    listener: null,
    language: null,
    catalogs,
    reachUrl: here("/api/line"),
  });
  // Side by side, or one above the other. The page tells the size when it is laid out; until then this is near it.
  const width = (devicePixelRatio * innerWidth) / (innerWidth > innerHeight ? 2 : 1);
  for (const seat of seats) {
    tell({ type: "size", seat, width, height: (width * 9) / 16 });
    tell({ type: "canvas", seat });
  }
  window.vivavoceAhead = { worker, told };
}

const opening = document.getElementById("vivavoce-opening")?.textContent;
const chooses = new URLSearchParams(location.search).has("relay");
if (opening && !chooses && "WebTransport" in window && "VideoDecoder" in window) begin(JSON.parse(opening));
