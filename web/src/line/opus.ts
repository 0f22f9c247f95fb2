/**
 * What can be told of an Opus packet without decoding it. Source: RFC 6716 s.3.1, s.3.2.1, s.4.4.
 *
 * @module
 */

const CELT_MS = [2.5, 5, 10, 20];
const SILK_MS = [10, 20, 40, 60];

/** How long each of a packet's frames is, ms, and how many there are; null for an empty packet. */
export function opusFrames(packet: Uint8Array): { frameMs: number; count: number } | null {
  const toc = packet[0];
  if (toc === undefined) return null;
  const config = toc >> 3;
  const frameMs =
    config >= 16 ? CELT_MS[config & 3] : config >= 12 ? (config & 1 ? 20 : 10) : SILK_MS[config & 3];
  const code = toc & 3;
  const count = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  return frameMs === undefined || count === 0 ? null : { frameMs, count };
}

/**
 * A packet that tells a decoder that one frame like this packet's was lost: its table of contents and nothing else.
 *
 * A frame of no bytes is a lost frame (s.3.2.1); the decoder then continues the sound by itself, and the packet after it
 * is decoded as after a loss and not as if nothing had been missing. WebCodecs has no other way to say so.
 */
export function lostPacket(like: Uint8Array): Uint8Array {
  return Uint8Array.of((like[0] ?? 0) & 0xfc);
}
