/**
 * Checks vectors as vectors/README.md describes them. Used by tests only.
 *
 * @module
 */

import { type ErrorCode, isErrorCode } from "./errors";

export interface Vector<Input, Output> {
  about: string;
  source: string;
  input: Input;
  expect: "ok" | ErrorCode;
  output: Output;
}

const KEYS = ["about", "expect", "input", "output", "source"];

/** The vectors of a folder. Throws on an empty folder, an unknown key and an unknown code. */
export function checked<Input, Output>(files: Record<string, unknown>): Vector<Input, Output>[] {
  const entries = Object.entries(files);
  if (entries.length === 0) throw new Error("the folder is empty");
  return entries.map(([file, content]) => {
    const vector = content as Vector<Input, Output>;
    const keys = Object.keys(vector).sort();
    if (keys.join() !== KEYS.join()) throw new Error(`${file} has the keys ${keys}`);
    if (vector.expect !== "ok" && !isErrorCode(vector.expect))
      throw new Error(`${file} expects an unknown code`);
    return vector;
  });
}
