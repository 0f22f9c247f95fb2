/**
 * The WebTransport session under a line: how it is dialled, and how it is dialled before the code that uses it is there.
 *
 * @module
 */

import { bytesOfHex } from "../seal/bytes";
import type {} from "./ahead";
import type { LineAddress } from "./publisher";

export type Transport = WebTransport & { readonly protocol?: string };

/** Dials an address, with the token of a device that publishes. The caller awaits `ready`. */
export type OpenTransport = (address: LineAddress, token?: string) => Transport;

/** The version of moq-lite whose frames carry timestamps and whose tracks can be asked about. */
const PROTOCOL = "moq-lite-05";

/** Dial. The caller awaits `ready`; a session that fails without being awaited is no error of anyone's. */
export function openTransport(address: LineAddress, token?: string): Transport {
  const url = new URL(address.url);
  if (token !== undefined) url.searchParams.set("token", token);
  const transport = new WebTransport(url, {
    allowPooling: false,
    congestionControl: "low-latency",
    protocols: [PROTOCOL],
    ...(address.fingerprint === null
      ? {}
      : { serverCertificateHashes: [{ algorithm: "sha-256", value: bytesOfHex(address.fingerprint) }] }),
  } as WebTransportOptions) as Transport;
  transport.closed.catch(() => {});
  transport.ready.catch(() => {});
  return transport;
}

/** The session that was dialled ahead for a viewer of this address, once; otherwise a new one. */
export function firstTransport(address: LineAddress, token?: string): Transport {
  const dialled = globalThis.vivavoceDialled;
  globalThis.vivavoceDialled = undefined;
  const same = dialled?.address.url === address.url && dialled.address.fingerprint === address.fingerprint;
  if (dialled && same && token === undefined) return dialled.transport;
  dialled?.transport.close();
  return openTransport(address, token);
}
