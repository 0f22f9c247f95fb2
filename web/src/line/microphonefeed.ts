/**
 * Reads a microphone's stream, or the port of the capture worklet, and hands on its blocks. One at a time.
 *
 * @module
 */

import type { CapturedSound } from "./messages";
import { SampleCount } from "./soundcount";

export class MicrophoneFeed {
  readonly #onBlock: (block: CapturedSound) => void;
  #port: MessagePort | null = null;
  #reader: ReadableStreamDefaultReader<AudioData> | null = null;

  constructor(onBlock: (block: CapturedSound) => void) {
    this.#onBlock = onBlock;
  }

  /** Blocks come from here from now on. */
  use(source: MessagePort | ReadableStream<AudioData>): void {
    this.close();
    if (source instanceof MessagePort) {
      this.#port = source;
      source.onmessage = (event: MessageEvent<CapturedSound>) => this.#onBlock(event.data);
    } else {
      this.#reader = source.getReader();
      void this.#read(this.#reader);
    }
  }

  close(): void {
    this.#port?.close();
    this.#port = null;
    this.#reader?.cancel().catch(() => {});
    this.#reader = null;
  }

  async #read(reader: ReadableStreamDefaultReader<AudioData>): Promise<void> {
    let count: SampleCount | null = null;
    try {
      for (;;) {
        const { value: data, done } = await reader.read();
        if (done) return;
        count ??= new SampleCount(data.sampleRate);
        if (reader === this.#reader) this.#onBlock(blockOf(data, count));
        data.close();
      }
    } catch {
      // The track ended; the page tells what became of it.
    }
  }
}

/** All channels as one. */
function blockOf(data: AudioData, count: SampleCount): CapturedSound {
  const { numberOfFrames, numberOfChannels, sampleRate, timestamp } = data;
  const samples = new Float32Array(numberOfFrames);
  data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
  if (numberOfChannels > 1) {
    const plane = new Float32Array(numberOfFrames);
    for (let planeIndex = 1; planeIndex < numberOfChannels; planeIndex++) {
      data.copyTo(plane, { planeIndex, format: "f32-planar" });
      for (let at = 0; at < numberOfFrames; at++) samples[at] = (samples[at] ?? 0) + (plane[at] ?? 0);
    }
    for (let at = 0; at < numberOfFrames; at++) samples[at] = (samples[at] ?? 0) / numberOfChannels;
  }
  return { frame: count.place(timestamp, numberOfFrames), sampleRate, samples };
}
