/**
 * A dummy right-to-left language: English, each run of words turned round by Unicode's overrides.
 *
 * It shows at a glance what is not from the catalogue (it stays left to right) and what is laid out
 * by left and right instead of start and end.
 *
 * @module
 */

import { mapLiterals } from "./format";

const OVERRIDE = "\u202e";
const END = "\u202c";
const MARK = "\u200f";

/** The message with its words written from right to left and its arguments in place. */
export function pseudo(message: string): string {
  return mapLiterals(message, (text) =>
    text.replace(/\p{L}[\p{L}\p{N}'’-]*/gu, (word) => `${MARK}${OVERRIDE}${word}${END}${MARK}`),
  );
}
