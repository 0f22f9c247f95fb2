/**
 * A microphone's sound as a stream that a worker can read, without an audio context around it.
 *
 * A context takes the sound through a loudspeaker's clock: it renders silence 375 times a second to be allowed to
 * listen, which costs a tenth of a core, and keeps some milliseconds in between. Chromium gives the sound as it comes
 * from the device.
 *
 * @module
 */

/** The encoder's rate. A device of another one goes through a context, which resamples. */
const RATE = 48_000;
/** A device that gave nothing for so long is muted, or none: its rate stays unknown. */
const FIRST_MS = 300;
/** Blocks of 10 ms, mostly; a worker that stood still for longer lost them. */
const MOST_QUEUED = 20;

/**
 * The stream of a microphone's blocks, to be transferred; null where a context has to take them.
 *
 * The track stays the caller's. Whoever reads the stream closes what it gives.
 */
export async function soundOf(track: MediaStreamTrack): Promise<ReadableStream<AudioData> | null> {
  if (!("MediaStreamTrackProcessor" in globalThis) || track.readyState !== "live") return null;
  let readable: ReadableStream<AudioData>;
  try {
    const processor = new MediaStreamTrackProcessor({ track, maxBufferSize: MOST_QUEUED });
    readable = processor.readable as unknown as ReadableStream<AudioData>;
  } catch {
    return null; // pictures only
  }
  const reader = readable.getReader();
  const first = await Promise.race([
    reader.read(),
    new Promise<null>((resolve) => setTimeout(() => resolve(null), FIRST_MS)),
  ]);
  const fits = first?.value?.sampleRate === RATE;
  first?.value?.close();
  if (!fits) {
    reader.cancel().catch(() => {});
    return null;
  }
  reader.releaseLock();
  return readable;
}
