/** Promise: a viewer does not go on looking at a run that is over. */

import { expect, test } from "vitest";
import { Astray } from "./astray";

const OLD = "0123456789abcdef";
const NEW = "fedcba9876543210";

/** When it strays, asked every tenth of a second for five, by what the host tells and what is followed when. */
function strays(told: (ms: number) => string | null, followed: (ms: number) => string | null): number[] {
  const astray = new Astray();
  const found: number[] = [];
  for (let ms = 0; ms <= 5_000; ms += 100) {
    astray.told(told(ms));
    if (astray.strays(followed(ms), ms)) found.push(ms);
  }
  return found;
}

test.each([
  ["the run that is on air is followed", () => NEW, () => NEW, []],
  ["nobody is on air", () => null, () => OLD, []],
  ["the catalogue is a second behind", () => NEW, (ms: number) => (ms < 1_000 ? OLD : NEW), []],
  ["the catalogue is a second ahead", (ms: number) => (ms < 1_000 ? OLD : NEW), () => NEW, []],
  ["the old run is followed for good", () => NEW, () => OLD, [1_500, 3_000, 4_500]],
  ["no catalogue came", () => NEW, () => null, [1_500, 3_000, 4_500]],
  ["asking again helped", () => NEW, (ms: number) => (ms < 1_700 ? OLD : NEW), [1_500]],
])("%s", (_, told, followed, expected) => {
  expect(strays(told, followed)).toEqual(expected);
});
