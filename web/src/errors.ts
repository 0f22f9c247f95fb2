/**
 * The codes that the host and the pages share, and what a page throws.
 *
 * The list is the one of `src/vivavoce/errors.py`; a test compares the two. The remedies here are
 * English; pages show their own catalogue's sentence for a code and fall back to these.
 *
 * @module
 */

/** Code to remedy: what the reader can do now. */
export const CODES = {
  "input.malformed": "Send what /api/docs describes.",
  "input.too_large": "Send less; the limit is in the message.",
  "input.file": "Give a file that ffprobe can read, with a picture or a sound track.",
  "input.option": "See the command's --help.",
  "discussion.unknown": "Check the address; ask whoever sent it for a new one.",
  "seat.unknown": "Check the address; the sides' names are in the discussion's description.",
  "record.unreadable": "Give the path of a record that this or an earlier version of Vivavoce wrote.",
  "record.empty": "Nothing was recorded here yet, so there is nothing to export.",
  "file.form": "Get the file from elsewhere; this one was made to show something else than was signed.",
  "record.damaged": "Get another copy of the record; this one was changed after it was written.",
  "leaves.unknown": "Ask somebody else who followed it, or the record: a host remembers a minute or two.",
  "page.unknown": "Start from the host's front page.",
  "page.not_built": "Run `make setup` where the host was installed.",
  "access.host": "Use the host's secret; its file is named where the host was started.",
  "access.stage": "Open the stage by the whole address that the host gave you, with the part after the #.",
  "access.token": "Go on air again from the stage page.",
  "access.throttled": "Wait a minute, then try again.",
  "access.origin": "Open the page by the address that the host printed.",
  "air.taken": "Another device is on air for this side; take over knowingly, or leave it there.",
  "air.not_on": "Go on air first.",
  "revocation.dated": "Sign it anew and send it at once: `vivavoce keys revoke --send`.",
  "revocation.full": "Let a later run carry it: `vivavoce publish --revocation`, or the stage page.",
  "line.forbidden": "A viewer only watches; a side publishes only its own broadcast.",
  "line.full": "The host has reached its number of connections; take the line from a mirror.",
  "line.catalog": "Publish a catalogue as docs/formats/line.md describes it.",
  "line.sample": "Publish samples as docs/formats/line.md describes them.",
  "line.codec": "Use a current Chrome, Edge or Firefox, which carry H.264, VP9 or AV1, and Opus.",
  "seal.form": "Its bytes were changed on the way, or a newer Vivavoce wrote them.",
  "seal.key": "Whoever made this key has to make another.",
  "seal.signature": "It was not signed by this side's device for this discussion: do not believe it.",
  "seal.founding": "Get the founding facts from where the side published its key.",
  "seal.run": "Ask the side, by another way, whether this is its device.",
  "seal.chain": "A seal was put between, left out or taken from elsewhere: do not believe what it covers.",
  "seal.fork": "Keep both: together they prove that this device signed two different things.",
  "seal.clock": "The device's clock went back; ask the side.",
  "seal.config": "The picture's or sound's form is not what was sealed: do not believe what is shown.",
  "seal.missing": "Get the missing seals from the host or from any mirror.",
  "seal.late": "Wait, or take the line from elsewhere: what is shown is not proven yet.",
  "seal.apart": "The device sealed too seldom; what lay between may have waited there.",
  "seal.none": "It was recorded without seals, or they were taken away: nothing here can be checked.",
  "sample.altered": "It is not what the side's device signed: do not believe it.",
  "sample.hole": "Something was taken out of the middle: do not believe it.",
  "sample.foreign": "Nobody sealed this: do not believe it.",
  "sample.missing": "Something that was sealed did not come; the whole record may have it.",
  "sample.unproven": "Get what is missing from another copy; until then do not rely on this part.",
  "port.busy": "Stop the program that holds it, or choose another with --port.",
  "data.read_only": "Choose a folder that you may write to with --data.",
  "data.in_use": "Stop the other host, or choose another folder with --data.",
  "data.newer": "Use the newer version of Vivavoce that wrote it.",
  "data.damaged": "Restore it from a copy, or choose another folder with --data.",
  "database.unreachable": "Check --database and that the server runs.",
  "disk.full": "Free some space; recording resumes by itself and the gap is written down.",
  "tls.unusable": "Give --tls-cert and --tls-key as PEM files that belong together.",
  "line.unreachable": "Check that the host runs and that UDP reaches its port.",
  "host.unreachable": "Check the address and that the host runs.",
  "browser.cannot": "Use a current Chrome, Edge or Firefox.",
  "device.camera": "Check that it is plugged in, allowed in the browser, and not in use elsewhere.",
  "device.microphone": "Check that it is plugged in, allowed in the browser, and not in use elsewhere.",
  internal: "This is a fault of Vivavoce; its log says more.",
} as const;

/** A stable code, the same in Python. */
export type ErrorCode = keyof typeof CODES;

/** Whether `code` is one of `CODES`; for what came over the wire. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(CODES, code);
}

/**
 * An error that Vivavoce raises on purpose.
 *
 * `message` is one sentence that names the thing and its value, never a secret; `remedy` says what
 * the reader can do now.
 */
export class VivavoceError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string = CODES[code]) {
    super(message);
    this.name = "VivavoceError";
    this.code = code;
    this.remedy = remedy;
  }
}
