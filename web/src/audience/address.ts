/**
 * What the audience page's address says: which discussion, and from which relay. Pure.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import type { LineAddress } from "../line/publisher";

/** The discussion's id in `/d/{id}`; empty where there is none. */
export function discussionInPath(pathname: string): string {
  return /^\/d\/([^/]+)\/?$/.exec(pathname)?.[1] ?? "";
}

/**
 * The relay that `?relay=URL&fingerprint=HEX` chooses, or null where the host is to be asked.
 *
 * fingerprint: SHA-256 of the certificate, 64 hex digits, colons allowed; without one the certificate
 * must be public. Throws VivavoceError `input.malformed`. Does not check that anything answers there.
 */
export function relayInQuery(search: string): LineAddress | null {
  const query = new URLSearchParams(search);
  const relay = query.get("relay");
  if (relay === null) return null;
  const fingerprint = query.get("fingerprint")?.replaceAll(":", "").toLowerCase() || null;
  const url = URL.canParse(relay) ? new URL(relay) : null;
  if (url?.protocol !== "https:" || url.username || url.password) {
    throw new VivavoceError("input.malformed", `relay=${relay.slice(0, 200)} is not an https address.`);
  }
  if (fingerprint !== null && !/^[0-9a-f]{64}$/.test(fingerprint)) {
    throw new VivavoceError("input.malformed", "fingerprint= is not 64 hexadecimal digits.");
  }
  return { url: url.href, fingerprint };
}
