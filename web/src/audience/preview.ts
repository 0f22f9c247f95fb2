/**
 * The audience page of a scene, for screenshots. Development builds only.
 *
 * @module
 */

import { scene } from "../ui/preview/scenes";
import { stillClock, stillWatcher } from "../ui/preview/watcher";
import type { Watching } from "./watching";

export function previewWatching(name: string): Watching {
  const shown = scene(name);
  const watcher = stillWatcher(shown);
  void watcher.start();
  return { facts: shown.facts, clock: stillClock(shown), watcher, relay: null };
}
