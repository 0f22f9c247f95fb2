/**
 * A viewer's way to a discussion: its facts, the line's address, the host's clock, the watcher.
 *
 * @module
 */

import { workerAhead } from "../line/ahead";
import { HostClock } from "../line/clock";
import type { LineAddress } from "../line/publisher";
import { lacksForWatching } from "../line/support";
import { Watcher } from "../line/watcher";
import { type DiscussionFacts, discussionFacts, lineAddress, openingFacts, reportDelay } from "../ui/api";
import { discussionInPath, relayInQuery } from "./address";

const REPORT_EVERY_MS = 10_000;

/** What a page needs to watch; the screenshots' preview puts its own in place of this. */
export interface Watching {
  facts: DiscussionFacts;
  clock: HostClock;
  watcher: Watcher;
  /** The one that the reader chose instead of the host's, or null. */
  relay: LineAddress | null;
}

let begun: Promise<Watching> | null = null;

/** Begin to watch what the page's address names, before there is anything to show it on. */
export function beginWatching(): void {
  if (lacksForWatching().length > 0) {
    workerAhead()?.worker.terminate();
    return;
  }
  begun = openWatching();
  begun.catch(() => {}); // told to whoever asks for it
}

/** What was begun, once; otherwise, and when that failed, a new attempt. */
export function watching(): Promise<Watching> {
  const first = begun;
  begun = null;
  return first ?? openWatching();
}

/**
 * Find the discussion that the page's address names and connect to its line.
 *
 * Throws VivavoceError (`discussion.unknown`, `host.unreachable`, `input.malformed`, `browser.cannot`).
 */
async function openWatching(): Promise<Watching> {
  if (import.meta.env.DEV) {
    const name = new URLSearchParams(location.search).get("preview");
    if (name) return (await import("./preview")).previewWatching(name);
  }
  const relay = relayInQuery(location.search);
  const opening = openingFacts();
  const [facts, line] = opening
    ? [opening.facts, relay ?? opening.line]
    : await Promise.all([discussionFacts(discussionInPath(location.pathname)), relay ?? lineAddress()]);
  const clock = new HostClock();
  clock.start();
  const seats = facts.sides.map((side) => side.side);
  const watcher = new Watcher({
    line,
    discussion: facts.id,
    seats,
    clock,
    catalogs: opening?.catalogs ?? {},
    ahead: workerAhead(),
  });
  await watcher.start();
  return { facts, clock, watcher, relay };
}

/** Tell the host what delay this page sees, every ten seconds, for its metrics. Returns how to stop. */
export function reportDelays({ facts, watcher }: Watching): () => void {
  const timer = setInterval(() => {
    for (const { side } of facts.sides) {
      const report = watcher.report(side);
      if (!report?.onAir || report.displayDelayMs === null) continue;
      const { displayDelayMs: display_ms, loudspeakerDelayMs: loudspeaker_ms } = report;
      // The host may be gone while a mirror carries on; a figure that is lost harms nobody.
      reportDelay(facts.id, { seat: side, display_ms, loudspeaker_ms }).catch(() => {});
    }
  }, REPORT_EVERY_MS);
  return () => clearInterval(timer);
}
