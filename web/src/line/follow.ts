/**
 * Reads a track of one-frame JSON groups (`catalog.json`, `clock.json`, `state.json`), the newest only.
 *
 * @module
 */

import type { Broadcast } from "@moq/net";
import { MAX_CATALOG_BYTES } from "./catalog";

const AGAIN_MS = 500;

/**
 * Hand each newest payload of a track to `take`, for as long as `current()` holds.
 *
 * Subscribes again when the subscription ends. Payloads over 64 KiB, and those that `take` throws on, are left out.
 */
export async function follow(
  broadcast: Broadcast.Consumer,
  name: string,
  priority: number,
  current: () => boolean,
  take: (payload: Uint8Array) => void,
): Promise<void> {
  while (current()) {
    try {
      const subscription = broadcast.track(name).subscribe({ priority, latencyMax: 5000 });
      for (;;) {
        const group = await subscription.nextGroup();
        if (!group || !current()) break;
        const frame = await group.readFrame();
        group.close();
        if (!frame || !current() || frame.payload.byteLength > MAX_CATALOG_BYTES) continue;
        try {
          take(frame.payload);
        } catch {
          // Malformed: the newest good one stays.
        }
      }
      subscription.close();
    } catch {
      // The subscription was cut off.
    }
    if (!current() || broadcast.closed.peek() !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
