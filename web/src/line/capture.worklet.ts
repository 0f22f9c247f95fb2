/**
 * Takes the microphone's sound off the audio thread in blocks of 5.3 ms, straight to the publisher's worker.
 *
 * Runs in an AudioWorkletGlobalScope. The page sends one message with the port to the worker in it.
 *
 * @module
 */

import type { CapturedSound } from "./messages";

/** Two render quanta: short against an Opus packet, and half as many messages. */
const BLOCK = 256;

class Capture extends AudioWorkletProcessor {
  #out: MessagePort | null = null;
  #block = new Float32Array(BLOCK);
  #filled = 0;
  #frame = 0;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<{ port: MessagePort }>) => {
      this.#out = event.data.port;
    };
  }

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0] ?? [];
    const length = channels[0]?.length ?? 0;
    if (!this.#out || length === 0) {
      this.#filled = 0;
      return true;
    }
    if (this.#filled === 0) this.#frame = currentFrame;
    for (let at = 0; at < length; at++) {
      let sum = 0;
      for (const channel of channels) sum += channel[at] ?? 0;
      this.#block[this.#filled + at] = sum / channels.length;
    }
    this.#filled += length;
    if (this.#filled >= BLOCK) {
      const samples = this.#block;
      this.#block = new Float32Array(BLOCK);
      this.#filled = 0;
      const message: CapturedSound = { frame: this.#frame, sampleRate, samples };
      this.#out.postMessage(message, [samples.buffer]);
    }
    return true;
  }
}

registerProcessor("vivavoce-capture", Capture);
