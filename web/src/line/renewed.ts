/**
 * A certificate that the host made itself lives two weeks, so a page that stays open sees it renewed. Pure.
 *
 * @module
 */

import type { LineAddress } from "./publisher";

/**
 * `known` with the fingerprint of what the host answers now at `/api/line`, if that is the same line. A page that
 * takes its line from a mirror keeps the mirror's.
 */
export function renewed(known: LineAddress, answered: unknown): LineAddress {
  if (typeof answered !== "object" || answered === null) return known;
  const { url, fingerprint } = answered as { url?: unknown; fingerprint?: unknown };
  if (url !== known.url) return known;
  if (typeof fingerprint === "string" && /^[0-9a-f]{64}$/.test(fingerprint)) return { url, fingerprint };
  return fingerprint === null ? { url: known.url, fingerprint } : known;
}
