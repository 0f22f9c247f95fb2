/**
 * Asks the host for the leaves of a span (docs/formats/seal.md, V6).
 *
 * @module
 */

import type { Missing } from "../seal/span";

const PATIENCE_MS = 3_000;

/**
 * As they travel, unchecked; null where the host does not have them or does not answer. `apiUrl`: of the host's API,
 * ending in a slash. `run`: 16 hex digits.
 */
export async function leaves(
  apiUrl: string,
  discussion: string,
  run: string,
  { track, group, count }: Missing,
): Promise<Uint8Array | null> {
  const url = new URL(`discussions/${encodeURIComponent(discussion)}/leaves`, apiUrl);
  url.search = new URLSearchParams({
    run,
    track: `${track}`,
    group: `${group}`,
    count: `${count}`,
  }).toString();
  try {
    const answer = await fetch(url, { credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : null;
  } catch {
    return null;
  }
}
