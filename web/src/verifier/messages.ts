/**
 * What the page and its worker say to each other.
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { Judged } from "../record/verdicts";

/** To the worker: what was chosen. `files`: by their path from the record's folder on. */
export interface Chosen {
  name: string;
  files: readonly (readonly [path: string, file: File])[];
}

/** From the worker. */
export type Answer =
  | { kind: "progress"; done: number; total: number }
  | { kind: "judged"; judged: Judged }
  | { kind: "failed"; code: ErrorCode; message: string };
