/**
 * A camera's pictures, one after another, stamped with the run's time. Holds none back: what is not taken is gone.
 *
 * @module
 */

import { CaptureClock } from "./captureclock";
import { pageNowUs } from "./clock";

export interface CameraOptions {
  /** Timestamp 0 of the run on the page's clock, Unix microseconds. */
  epochUs: number;
  /** A picture came, whether it can be stamped already or not. */
  onSeen: (width: number, height: number) => void;
  /** A picture whose timestamp is the sample's, rising strictly through the run. It is closed when this returns. */
  onPicture: (stamped: VideoFrame) => void;
}

export class Camera {
  readonly #options: CameraOptions;
  #turn = 0;
  #reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  #lastUs = -1;

  constructor(options: CameraOptions) {
    this.#options = options;
  }

  /** Take pictures from here on from this camera; the one before is let go. Resolves when it has ended. */
  async read(frames: ReadableStream<VideoFrame>): Promise<void> {
    this.stop();
    const mine = this.#turn;
    const reader = frames.getReader();
    this.#reader = reader;
    const clock = new CaptureClock();
    try {
      for (;;) {
        const { value: picture, done } = await reader.read();
        if (done) break;
        try {
          if (mine === this.#turn) this.#came(picture, clock);
        } finally {
          picture.close();
        }
        if (mine !== this.#turn) {
          await reader.cancel();
          break;
        }
      }
    } catch {
      // The camera ended with an error; the page tells what became of it.
    }
  }

  /** Let the camera go. */
  stop(): void {
    this.#turn += 1;
    this.#reader?.cancel().catch(() => {});
    this.#reader = null;
  }

  #came(picture: VideoFrame, clock: CaptureClock): void {
    clock.arrived(picture.timestamp, pageNowUs());
    this.#options.onSeen(picture.displayWidth, picture.displayHeight);
    if (!clock.settled) return;
    const timestamp = Math.max(clock.map(picture.timestamp) - this.#options.epochUs, this.#lastUs + 1);
    if (timestamp < 0) return;
    this.#lastUs = timestamp;
    const stamped = new VideoFrame(picture, { timestamp });
    try {
      this.#options.onPicture(stamped);
    } finally {
      stamped.close();
    }
  }
}
