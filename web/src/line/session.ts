/**
 * A MoQ session over a transport that is already there: moq-lite 05, nothing else.
 *
 * The library's own `connect` speaks eleven versions, of which the line uses one: its code is two fifths of a worker's, and
 * would be fetched and parsed before the first picture. So the one is taken from inside the package, by an alias
 * in vite.config.ts; the package's version is pinned.
 *
 * @module
 */

import type { Connection } from "@moq/net";
import { Connection as Lite } from "moq-lite/connection.js";
import { Track, TrackInfo } from "moq-lite/track.js";
import { ALPN_05, Version } from "moq-lite/version.js";
import { Stream, Writer } from "moq-stream";
import { forgetOpened, forgetRaces } from "./race";
import { knowTrackInfo } from "./trackinfo";
import type { Transport } from "./transport";

forgetRaces();
forgetOpened(Writer as Parameters<typeof forgetOpened>[0]);
knowTrackInfo({ Stream, Track, TrackInfo });

/** An established session. */
export type Session = Connection.Established;

/**
 * `url`: what the session is called in messages, so without secrets. `transport`: ready.
 *
 * Throws when the other end chose another version.
 */
export function overTransport(url: URL, transport: Transport): Session {
  if (transport.protocol !== ALPN_05) throw new Error(`the line speaks ${transport.protocol}`);
  return new Lite({ url, quic: transport, version: Version.DRAFT_05, discovery: true });
}
