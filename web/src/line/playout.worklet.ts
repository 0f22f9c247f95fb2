/**
 * Plays one seat's sound. Runs in an AudioWorkletGlobalScope; the page sends one message with the port in it
 * on which the watcher's worker sends decoded sound.
 *
 * @module
 */

import type { PlayedSound, PlayoutReport } from "./messages";
import { Playout } from "./playout";

const REPORT_EVERY = 12_000;

class PlayoutProcessor extends AudioWorkletProcessor {
  #playout = new Playout(2);
  #reportAt = 0;
  #over = false;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<{ port: MessagePort | null }>) => {
      const { port } = event.data;
      if (!port) {
        this.#over = true;
        return;
      }
      port.onmessage = (sound: MessageEvent<PlayedSound>) => this.#playout.push(sound.data);
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0];
    if (!out || this.#over) return !this.#over;
    const timestampUs = this.#playout.timestampUs;
    this.#playout.pull(out);
    if (currentFrame >= this.#reportAt && timestampUs !== null) {
      this.#reportAt = currentFrame + REPORT_EVERY;
      const report: PlayoutReport = {
        run: this.#playout.run,
        timestampUs,
        contextTime: currentTime,
        bufferedMs: this.#playout.bufferedMs,
        targetMs: this.#playout.targetMs,
        underruns: this.#playout.underruns,
      };
      this.port.postMessage(report);
    }
    return true;
  }
}

registerProcessor("vivavoce-playout", PlayoutProcessor);
