/**
 * Asks the host for a discussion's founding facts.
 *
 * @module
 */

import { isErrorCode, VivavoceError } from "../errors";
import type { FoundingTold } from "../seal/founding";

const PATIENCE_MS = 5_000;

/**
 * Unchecked: see `foundedBy`. `apiUrl`: of the host's API, ending in a slash.
 *
 * Throws VivavoceError: the host's own, or `host.unreachable`.
 */
export async function founding(apiUrl: string, discussion: string): Promise<FoundingTold> {
  let [ok, told]: [boolean, unknown] = [false, null];
  try {
    const answer = await fetch(new URL(`discussions/${encodeURIComponent(discussion)}/founding`, apiUrl), {
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    [ok, told] = [answer.ok, await answer.json()];
  } catch {
    throw new VivavoceError("host.unreachable", "The host does not tell the founding facts.");
  }
  if (ok) return told as FoundingTold;
  const code = (told as { error?: { code?: unknown } } | null)?.error?.code;
  throw new VivavoceError(
    isErrorCode(code) ? code : "internal",
    "The host does not tell the founding facts.",
  );
}
