/**
 * The beginning of a track's file: `ftyp`, `moov` and a box that says whose track it is (docs/formats/record.md, R6, R7).
 *
 * Players go by the boxes, this verifier by what the box says; so it makes the boxes anew and compares (audit.md, A7).
 * The same as `read_header` and `write_header` in `src/vivavoce/record/fragments.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, joined, sameBytes, utf8 } from "../seal/bytes";
import { box, fullBox, numbers, unreadable, walk } from "./boxes";
import { crc32 } from "./crc32";
import { FORMAT_VERSION } from "./sealslog";
import type { Source } from "./source";
import { configFromJson, configToJson, isObject, type TrackConfig } from "./trackconfig";
import { growing, movieHeader, sampleTable, track } from "./tracks";

const HEADER_UUID = bytesOfHex("c1b1a6d3f4c94a6c9f0e5a1dbb0c7e01");
/** A description of 8 KiB, twice, and names; a larger header is not ours. */
const MAX_HEADER_BYTES = 256 * 1024;
const RATE = /"framerate":([-+.0-9eE]+)/;

/** Whose track a file holds. Everything else is needed to read the file without any other. */
export interface Header {
  discussion: string;
  seat: string;
  run: string;
  epochUs: number;
  part: number;
  config: TrackConfig;
}

/** What was read. */
export interface ReadHeader {
  header: Header;
  /** In bytes; 0 where the beginning is damaged, and `header` is the journal's. */
  length: number;
  /** The file begins with exactly what its header says. */
  whole: boolean;
}

/**
 * The header at the start of a file.
 *
 * Rejects with VivavoceError `data.newer` for a later version, `record.unreadable` for anything that a recorder did not
 * write, down to the last bit.
 */
export async function readHeader(file: Source): Promise<ReadHeader> {
  const data = await file.read(0, MAX_HEADER_BYTES);
  const at = boxAt(data);
  if (at < 0 || data.byteLength < at + 32)
    throw unreadable("The file does not start as a track of a record does.");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [size, version, crc] = [view.getUint32(at), view.getUint32(at + 24), view.getUint32(at + 28)];
  if (version > FORMAT_VERSION && kinds(data.subarray(0, at)) === "ftyp moov")
    throw new VivavoceError("data.newer", `The track has format version ${version}, not ${FORMAT_VERSION}.`);
  const said = data.subarray(at + 32, at + size);
  const fits = size === 32 + said.byteLength && crc32(said, crc32(data.subarray(0, at))) === crc;
  if (version !== FORMAT_VERSION || !fits) throw unreadable("The start of the track's file is damaged.");
  const header = parsed(said);
  return { header, length: at + size, whole: isWhole(data.subarray(0, at + size), header, said) };
}

function parsed(said: Uint8Array): Header {
  let about: unknown;
  try {
    about = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(said));
  } catch {
    throw unreadable("The start of the track's file is none: it is no JSON.");
  }
  if (!isObject(about)) throw unreadable("The start of the track's file is none: it is no object.");
  const { discussion, seat, run, epoch_us: epochUs, part } = about;
  const texts = [discussion, seat, run].every((one) => typeof one === "string");
  if (!texts || ![epochUs, part].every((one) => Number.isInteger(one)))
    throw unreadable("The start of the track's file is none: a name or number is none.");
  const named = { discussion, seat, run, epochUs, part } as Omit<Header, "config">;
  return { ...named, config: configFromJson(about.config) };
}

/** Where the box with the header begins; negative where there is none. */
function boxAt(data: Uint8Array): number {
  const mark = joined(utf8("uuid"), HEADER_UUID);
  for (let at = data.indexOf(0x75); at >= 0; at = data.indexOf(0x75, at + 1))
    if (sameBytes(data.subarray(at, at + mark.byteLength), mark)) return at - 4;
  return -1;
}

function kinds(data: Uint8Array): string {
  try {
    return [...walk(data)].map(({ kind }) => kind).join(" ");
  } catch {
    return "";
  }
}

/** Whether a recorder would have written just these bytes. */
function isWhole(start: Uint8Array, header: Header, said: Uint8Array): boolean {
  try {
    const boxes = boxesOf(header);
    const json = utf8(jsonOf(header, new TextDecoder().decode(said)));
    const version = numbers([32, FORMAT_VERSION], [32, crc32(json, crc32(boxes))]);
    return sameBytes(start, joined(boxes, box("uuid", HEADER_UUID, version, json)));
  } catch (error) {
    // What does not fit into its place was written by nobody.
    if (error instanceof RangeError || error instanceof VivavoceError) return false;
    throw error;
  }
}

function boxesOf({ seat, epochUs, config }: Header): Uint8Array {
  const name = `${seat} ${config.name} ${config.language}`.trim();
  const empty = ["stts", "stsc", "stco"].map((kind) => fullBox(kind, 0, 0, new Uint8Array(4)));
  const table = sampleTable(config, ...empty, fullBox("stsz", 0, 0, new Uint8Array(8)));
  const defaults = fullBox("trex", 0, 0, numbers([32, 1], [32, 1], [32, 0], [32, 0], [32, 0]));
  return joined(
    box("ftyp", utf8("iso6"), numbers([32, 0]), utf8("iso6iso5mp41")),
    box(
      "moov",
      movieHeader(epochUs, 0, 1),
      track(growing(config, name, epochUs), table),
      box("mvex", defaults),
    ),
  );
}

/** As Python's `json.dumps` writes it: no spaces, ASCII only, and a rate of 30.0 is not 30. `said`: what stands there. */
function jsonOf({ discussion, seat, run, epochUs, part, config }: Header, said: string): string {
  const about = { discussion, seat, run, epoch_us: epochUs, part, config: configToJson(config) };
  const written = JSON.stringify(about).replaceAll(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const there = RATE.exec(said)?.[1] ?? "";
  const whole = /^-?(0|[1-9][0-9]*)$/.test(there);
  return whole ? written : written.replace(RATE, `"framerate":${pythonFloat(config.framerate)}`);
}

/** `repr` of a float: where an exponent begins is another place than in JavaScript. */
function pythonFloat(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) {
    const [digits, exponent] = value.toExponential().split("e-") as [string, string];
    return `${digits}e-${exponent.padStart(2, "0")}`;
  }
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
