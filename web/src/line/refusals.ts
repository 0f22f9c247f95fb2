/**
 * The tracks of a run that this device cannot play: which are left, and what to say when none is. Pure.
 *
 * A track's name stands for one configuration as long as its run lasts (L4), so what was refused once stays so,
 * however often the catalogue comes.
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { Catalog, Track } from "./catalog";

export class Refusals {
  readonly #codes = new Map<string, ErrorCode>();

  /** This track cannot be played, for this reason. */
  refuse(name: string, code: ErrorCode): void {
    this.#codes.set(name, code);
  }

  /** Another run, or another broadcast: its names stand for something else. */
  forget(): void {
    this.#codes.clear();
  }

  /** The catalogue without what was refused. */
  usable(catalog: Catalog): Catalog {
    return { ...catalog, tracks: catalog.tracks.filter(({ name }) => !this.#codes.has(name)) };
  }

  /** Why nothing is seen, or nothing heard, of what is listed; null while a track of each listed kind is left. */
  code(catalog: Catalog): ErrorCode | null {
    return this.#codeOf(catalog, "video") ?? this.#codeOf(catalog, "audio");
  }

  #codeOf(catalog: Catalog, kind: Track["kind"]): ErrorCode | null {
    const codes = catalog.tracks
      .filter((track) => track.kind === kind)
      .map(({ name }) => this.#codes.get(name) ?? null);
    return codes.includes(null) ? null : (codes[0] ?? null);
  }
}
