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

/** Each thing, and how it is asked for; the order is that of the answers. */
const WATCHING: readonly [Lack, (scope: Scope) => boolean][] = [
  ["secure-context", (scope) => scope.isSecureContext === true],
  ["webtransport", (scope) => "WebTransport" in scope],
  ["webcodecs", (scope) => "VideoDecoder" in scope && "AudioDecoder" in scope],
  ["audio-worklet", (scope) => "AudioWorkletNode" in scope],
  ["offscreen-canvas", (scope) => "OffscreenCanvas" in scope],
];

const PUBLISHING: readonly [Lack, (scope: Scope) => boolean][] = [
  ["webcodecs", (scope) => "VideoEncoder" in scope && "AudioEncoder" in scope],
  ["camera", (scope) => typeof scope.navigator?.mediaDevices?.getUserMedia === "function"],
  ["capture", canReadPictures],
];

interface Scope {
  isSecureContext?: boolean;
  navigator?: { mediaDevices?: { getUserMedia?: unknown } };
}

/** Chromium reads a camera's pictures in the page; Safari and Firefox in a worker, to which the track can go. */
function canReadPictures(scope: Scope): boolean {
  if ("MediaStreamTrackProcessor" in scope) return true;
  const agent = (scope as { navigator?: { userAgent?: string } }).navigator?.userAgent ?? "";
  return /Firefox\/|Version\/.*Safari/.test(agent);
}

/**
 * What is missing for watching: empty where the audience page works.
 *
 * Looks at what is there, decodes nothing: a browser whose decoders fail is told by the watcher
 * (`line.codec`).
 */
export function lacksForWatching(scope: object = globalThis): Lack[] {
  return WATCHING.filter(([, has]) => !has(scope)).map(([lack]) => lack);
}

/** What is missing for going on air: empty where the stage works. */
export function lacksForPublishing(scope: object = globalThis): Lack[] {
  const lacks = [...WATCHING, ...PUBLISHING].filter(([, has]) => !has(scope)).map(([lack]) => lack);
  return [...new Set(lacks)];
}
