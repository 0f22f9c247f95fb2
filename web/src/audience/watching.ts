/**
 * A viewer's way to a discussion: its facts, the line's address, the host's clock, the watcher.
 *
 * @module
 */

import { HostClock } from "../line/clock";
import type { LineAddress } from "../line/publisher";
import { Watcher } from "../line/watcher";
import { type DiscussionFacts, discussionFacts, lineAddress, reportDelay } from "../ui/api";

const REPORT_EVERY_MS = 10_000;

/** What a page needs to watch; the screenshots' preview puts its own in place of this. */
export interface Watching {
  facts: DiscussionFacts;
  clock: HostClock;
  watcher: Watcher;
}

/**
 * Find the discussion and make ready to watch it; nothing is connected before `watcher.start()`.
 *
 * relay: the one that the reader chose, or null for the host's. Throws VivavoceError
 * (`discussion.unknown`, `host.unreachable`).
 */
export async function openWatching(id: string, relay: LineAddress | null): Promise<Watching> {
  if (import.meta.env.DEV) {
    const name = new URLSearchParams(location.search).get("preview");
    if (name) return (await import("./preview")).previewWatching(name);
  }
  const [facts, line] = await Promise.all([discussionFacts(id), relay ?? lineAddress()]);
  const clock = new HostClock();
  clock.start();
  const seats = facts.sides.map((side) => side.side);
  return { facts, clock, watcher: new Watcher({ line, discussion: facts.id, seats, clock }) };
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
