/**
 * Plays one seat's sound. Runs in an AudioWorkletGlobalScope; the page sends one message with the port in it
 * on which the watcher's worker sends decoded sound.
 *
 * @module
 */

import type { FromPlayout, PlayoutReport, ToPlayout } from "./messages";
import { Playout } from "./playout";

const REPORT_EVERY = 12_000;

class PlayoutProcessor extends AudioWorkletProcessor {
  readonly #playout = new Playout(2);
  #feed: MessagePort | null = null;
  #holding = false;
  #reportAt = 0;
  #over = false;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<{ port: MessagePort | null }>) => {
      const { port } = event.data;
      this.#feed = port;
      if (port) port.onmessage = (told: MessageEvent<ToPlayout>) => this.#told(told.data);
      else this.#over = true;
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0];
    if (!out || this.#over) return !this.#over;
    const timestampUs = this.#playout.timestampUs;
    this.#playout.pull(out);
    if (this.#holding) this.#ask();
    if (currentFrame >= this.#reportAt && timestampUs !== null) {
      this.#reportAt = currentFrame + REPORT_EVERY;
      const { run, bufferedMs, targetMs, waitMs, spreadMs, counts } = this.#playout;
      const report: PlayoutReport = {
        run,
        timestampUs,
        contextTime: currentTime,
        bufferedMs,
        targetMs,
        waitMs,
        spreadMs,
        ...counts,
      };
      this.port.postMessage(report);
    }
    return true;
  }

  #told(message: ToPlayout): void {
    if (message.type === "sound") this.#playout.push(message.sound);
    else if (message.type === "late") this.#playout.tooLate(message.timestampUs);
    else if (message.type === "back") this.#playout.keepBack(message.leastMs);
    else {
      this.#holding = message.holding;
      if (this.#holding) this.#ask();
    }
  }

  #ask(): void {
    if (!this.#playout.low) return;
    this.#holding = false;
    this.#feed?.postMessage({ type: "need" } satisfies FromPlayout);
  }
}

registerProcessor("vivavoce-playout", PlayoutProcessor);
