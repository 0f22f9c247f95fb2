/**
 * Whether a run that the line refuses is over, asked of the host.
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { AirGrant } from "./publisher";

/**
 * The code that a run ended with, or null while it has not, or nobody can tell.
 *
 * `apiUrl`: of the host's API, ending in a slash. Asks the discussion's public state which run is on air in the
 * grant's seat; the token is not sent.
 */
export async function endedBecause(grant: AirGrant, apiUrl: string): Promise<ErrorCode | null> {
  const [discussion, seat] = grant.path.split("/");
  if (!discussion || !seat) return null;
  try {
    const answer = await fetch(new URL(`discussions/${discussion}`, apiUrl), {
      cache: "no-store",
      signal: AbortSignal.timeout(2000),
    });
    if (answer.status === 404) return "discussion.unknown";
    if (!answer.ok) return null;
    return codeIn(await answer.json(), seat, grant.run);
  } catch {
    return null;
  }
}

/** What a discussion's description says of a run: `access.token` when another or none is on air in its seat. */
export function codeIn(described: unknown, seat: string, run: string): ErrorCode | null {
  const root = described as { state?: unknown; seats?: unknown };
  const seats = ((root?.state as { seats?: unknown })?.seats ?? root?.seats) as
    | Record<string, unknown>
    | undefined;
  const one = seats?.[seat] as { run?: unknown; on_air?: unknown } | undefined;
  if (!one || !("run" in one)) return null;
  return one.run === run ? null : "access.token";
}
