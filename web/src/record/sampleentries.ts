/**
 * How a track's decoder is configured in a file: the sample entry that stands in its `stsd`.
 *
 * It is made from the catalogue's configuration alone (docs/formats/line.md, L5), so the same configuration always gives
 * the same bytes. Sources: ISO/IEC 14496-15 (avc1, avcC); "VP Codec ISO Media File Format Binding" v1.0 (vp09, vpcC);
 * "AV1 Codec ISO Media File Format Binding" v1.2 (av01, av1C); "Encapsulation of Opus in ISO Base Media File Format"
 * 0.8.1 (Opus, dOps). The same as `src/vivavoce/record/sample_entries.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { joined, utf8 } from "../seal/bytes";
import { box, fullBox, numbers } from "./boxes";
import type { TrackConfig } from "./trackconfig";

/**
 * The sample entry box for a configuration.
 *
 * Throws VivavoceError `line.codec` for a codec that L5 does not list or a codec string whose fields are missing, and
 * RangeError for a number that does not fit. Does not check that an avcC decodes.
 */
export function sampleEntry(config: TrackConfig): Uint8Array {
  const { codec, description } = config;
  const family = codec.split(".")[0];
  if (family === "avc1" && description.byteLength > 0)
    return visual("avc1", config, box("avcC", description));
  if (family === "vp09") return visual("vp09", config, vpcc(codec));
  // A description, where an encoder gives one, is the whole av1C, sequence header included.
  if (family === "av01")
    return visual("av01", config, box("av1C", description.byteLength > 0 ? description : av1c(codec)));
  if (family === "opus") return opus(config.channels);
  throw new VivavoceError("line.codec", `The track '${config.name}' has the codec '${codec}'.`);
}

function visual(kind: string, { width, height }: TrackConfig, configuration: Uint8Array): Uint8Array {
  const name = utf8("Vivavoce");
  return box(
    kind,
    joined(new Uint8Array(6), numbers([16, 1]), new Uint8Array(16), numbers([16, width], [16, height])),
    numbers([32, 72 << 16], [32, 72 << 16], [32, 0], [16, 1]), // 72 dpi, one picture a sample
    joined(numbers([8, name.byteLength]), name, new Uint8Array(31 - name.byteLength)),
    numbers([16, 24], [16, -1]), // depth; no colour table
    configuration,
    box("pasp", numbers([32, 1], [32, 1])),
  );
}

function vpcc(codec: string): Uint8Array {
  const fields = numbersOf(codec, 3);
  // The defaults are those of the codec string: 4:2:0 with co-located chroma, BT.709, studio range.
  const [profile, level, depth, chroma, primaries, transfer, coefficients, full] = [
    ...fields,
    ...[1, 1, 1, 1, 0].slice(fields.length - 3),
  ] as [number, number, number, number, number, number, number, number];
  const packed = (depth << 4) | (chroma << 1) | full;
  return fullBox(
    "vpcC",
    1,
    0,
    numbers([8, profile], [8, level], [8, packed], [8, primaries], [8, transfer], [8, coefficients], [16, 0]),
  );
}

function av1c(codec: string): Uint8Array {
  const parts = codec.split(".");
  const tier = parts[2]?.at(-1);
  if (parts.length < 4 || (tier !== "M" && tier !== "H")) throw lacking(codec);
  const [profile, level, depth] = numbersOf(`av01.${parts[1]}.${parts[2]?.slice(0, -1)}.${parts[3]}`, 3) as [
    number,
    number,
    number,
  ];
  // Chroma as the codec string has it: 110 is 4:2:0 with unknown position.
  const chroma = /^\d+$/.test(parts[5] ?? "") ? [...(parts[5] as string)].map(Number) : [1, 1, 0];
  const [subX = 0, subY = 0, position = 0] = chroma;
  const bit = (set: boolean, at: number) => (set ? 1 << at : 0);
  const flags = bit(tier === "H", 7) | bit(depth > 8, 6) | bit(depth === 12, 5) | bit(parts[4] === "1", 4);
  const sampling = ((subX & 1) << 3) | ((subY & 1) << 2) | (position & 3);
  return numbers([8, 0x81], [8, (profile << 5) | level], [8, flags | sampling], [8, 0]);
}

function numbersOf(codec: string, least: number): number[] {
  const fields = codec.split(".").slice(1);
  if (fields.length < least || !fields.every((field) => /^\d+$/.test(field) && Number(field) < 256))
    throw lacking(codec);
  return fields.map(Number);
}

function opus(channels: number): Uint8Array {
  // Pre-skip 0: the record starts in the middle of a stream, and a player that skipped would move every timestamp.
  const specific = numbers([8, 0], [8, channels], [16, 0], [32, 48_000], [16, 0], [8, 0]);
  const entry = joined(
    joined(new Uint8Array(6), numbers([16, 1]), new Uint8Array(8)),
    joined(numbers([16, channels], [16, 16]), new Uint8Array(4), numbers([32, 48_000 * 65_536])),
  );
  return box("Opus", entry, box("dOps", specific));
}

function lacking(codec: string): VivavoceError {
  return new VivavoceError("line.codec", `The codec '${codec}' lacks its profile, level or depth.`);
}
