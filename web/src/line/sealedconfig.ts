/**
 * A track of the catalogue as it is sealed (docs/formats/seal.md, S5).
 *
 * @module
 */

import type { SealedConfig } from "../seal/config";
import type { Track } from "./catalog";

/** What of a track's configuration is sealed (S5): all that a decoder needs. */
export function sealedConfig(track: Track): SealedConfig {
  const { name, codec } = track;
  if (track.kind === "video") {
    const { description, width, height, rotation, framerate } = track;
    const millihertz = rounded(1000 * framerate);
    return { kind: "picture", name, codec, description, width, height, rotation, millihertz };
  }
  const { sampleRate, channels, language, role, interprets } = track;
  return {
    kind: "sound",
    name,
    codec,
    rate: sampleRate,
    channels,
    language,
    role,
    interprets: interprets ?? "",
  };
}

/** To the nearest, of two to the even one, as Python does. */
export function rounded(value: number): number {
  const up = Math.round(value);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}
