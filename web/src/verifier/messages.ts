/**
 * What the page and its worker say to each other.
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { Judged } from "../record/verdicts";

/** To the worker: a record's files, by their path from its folder on; or an MP4. */
export type Chosen =
  | { kind: "record"; name: string; files: readonly (readonly [path: string, file: File])[] }
  | { kind: "mp4"; name: string; file: File };

/** From the worker. */
export type Answer =
  | { kind: "progress"; done: number; total: number }
  | { kind: "judged"; judged: Judged }
  | { kind: "failed"; code: ErrorCode; message: string };
