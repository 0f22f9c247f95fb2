/**
 * The encoders of one camera's picture, one a rendition: made for its size, asked for key pictures in step.
 *
 * @module
 */

import { renditionsOf } from "./codecs";
import { PictureEncoder } from "./pictureencoder";
import type { TrackConfig } from "./publication";

/** A group is to end before two seconds are over (L8). */
const KEY_EVERY_US = 1_900_000;

export interface RenditionsOptions {
  /** A sample left an encoder. `config` is what a decoder needs for it and those after it. */
  onSample: (
    rendition: string,
    config: TrackConfig,
    timestampUs: number,
    key: boolean,
    data: Uint8Array,
  ) => void;
  /** There is no encoder for this picture: VivavoceError `line.codec`. */
  onCannot: (error: unknown) => void;
}

export class Renditions {
  readonly #options: RenditionsOptions;
  #framerate = 30;
  #encoders: PictureEncoder[] = [];
  #fitting = false;
  #size = "";
  #lastKeyUs = Number.NEGATIVE_INFINITY;
  #dropped = 0;
  #encoded = 0;

  constructor(options: RenditionsOptions) {
    this.#options = options;
  }

  /** The largest rendition's encoder, or null before the first picture. */
  get largest(): PictureEncoder | null {
    return this.#encoders[0] ?? null;
  }

  /** Pictures that left the largest rendition's encoder since the start. */
  get encoded(): number {
    return this.#encoded + (this.largest?.encoded ?? 0);
  }

  /** Pictures left out because an encoder was behind. */
  get dropped(): number {
    return this.#encoders.reduce((sum, encoder) => sum + encoder.dropped, this.#dropped);
  }

  /** Pictures a second that the camera gives. */
  setFramerate(framerate: number): void {
    this.#framerate = framerate;
  }

  /** Make encoders for a picture of this size, unless they are there. Pictures that come meanwhile are not encoded. */
  fit(width: number, height: number): void {
    const size = `${width} ${height} ${this.#framerate}`;
    if (this.#fitting || size === this.#size) return;
    this.#fitting = true;
    void this.#make(width, height, size);
  }

  /** Encode a picture in every rendition; it stays the caller's. */
  encode(picture: VideoFrame): void {
    this.fit(picture.displayWidth, picture.displayHeight);
    if (this.#fitting || this.#encoders.length === 0) return;
    if (picture.timestamp - this.#lastKeyUs >= KEY_EVERY_US) {
      this.#lastKeyUs = picture.timestamp;
      for (const encoder of this.#encoders) encoder.askKey();
    }
    for (const encoder of this.#encoders) encoder.encode(picture);
  }

  /** The next picture is to be a key picture in every rendition. */
  askKey(): void {
    this.#lastKeyUs = Number.NEGATIVE_INFINITY;
  }

  /** Let the encoders go; the next picture makes new ones. */
  close(): void {
    this.#dropped = this.dropped;
    this.#encoded = this.encoded;
    for (const encoder of this.#encoders) encoder.close();
    this.#encoders = [];
    this.#size = "";
    this.askKey();
  }

  async #make(width: number, height: number, size: string): Promise<void> {
    this.close();
    const made: PictureEncoder[] = [];
    let failed = false;
    try {
      for (const shape of renditionsOf(width, height, this.#framerate)) {
        const onSample = (config: TrackConfig, timestampUs: number, key: boolean, data: Uint8Array) =>
          this.#options.onSample(shape.rendition, config, timestampUs, key, data);
        // An encoder that fails (a driver reset) is made anew with the others for the next picture.
        const onError = () => {
          failed = true;
          if (this.#encoders === made) this.close();
        };
        made.push(await PictureEncoder.make(shape, onSample, onError));
      }
      this.#encoders = made;
      this.#size = size;
      if (failed) this.close();
    } catch (error) {
      for (const encoder of made) encoder.close();
      this.#options.onCannot(error);
    } finally {
      this.#fitting = false;
    }
  }
}
