/**
 * The encoders of one camera's picture, one a rendition: made for its size, asked for key pictures in step, and at rest
 * while nobody wants what they make.
 *
 * The processor is the scarcest thing on a side's device. Each encoder makes one key picture, to have its description,
 * which stands in the catalogue from then on; after that it encodes only what is wanted. It stays configured while it
 * rests, so that its track stays the same (L4).
 *
 * @module
 */

import { LARGEST, type Largest, renditionsOf } from "./codecs";
import { PictureEncoder } from "./pictureencoder";
import type { TrackConfig } from "./publication";

/** A group is to end before two seconds are over (L8). */
const KEY_EVERY_US = 1_900_000;

const FINE = 0.06;

export interface RenditionsOptions {
  /** What the largest rendition is fitted into. */
  largest?: Largest;
  /** An encoder's description is known, or is another one: its track can be listed. */
  onTrack: (rendition: string, config: TrackConfig) => void;
  /** A sample left an encoder. `config` is what a decoder needs for it and those after it. */
  onSample: (
    rendition: string,
    config: TrackConfig,
    timestampUs: number,
    key: boolean,
    data: Uint8Array,
  ) => void;
  /** A rendition rests from here on: none of its samples comes before the next key picture. */
  onRest: (rendition: string) => void;
  /** There is no encoder for this picture: VivavoceError `line.codec`. */
  onCannot: (error: unknown) => void;
}

/** One rendition while the camera's size stays. */
interface Place {
  rendition: string;
  encoder: PictureEncoder;
  /** Its first picture was handed to it. */
  begun: boolean;
  /** It encodes what comes. */
  runs: boolean;
}

export class Renditions {
  readonly #options: RenditionsOptions;
  #framerate = 30;
  #places: Place[] = [];
  #fitting = false;
  #size = "";
  #lastKeyUs = Number.NEGATIVE_INFINITY;
  #dropped = 0;
  #encoded = 0;
  #wanted: ReadonlySet<string> = new Set(["hd"]);
  readonly #bitrates = new Map<string, number>();

  constructor(options: RenditionsOptions) {
    this.#options = options;
  }

  /** The encoder of the largest rendition that is sent, or null before the first picture. */
  get largest(): PictureEncoder | null {
    return this.#running()?.encoder ?? null;
  }

  /** The encoders that there are, the largest first. */
  get shapes(): PictureEncoder["shape"][] {
    return this.#places.map((place) => place.encoder.shape);
  }

  /** Pictures of the largest rendition that was sent at the time, since the start. */
  get encoded(): number {
    return this.#encoded;
  }

  /** Pictures left out because an encoder was behind. */
  get dropped(): number {
    return this.#places.reduce((sum, { encoder }) => sum + encoder.dropped, this.#dropped);
  }

  /** Pictures a second that the camera gives. */
  setFramerate(framerate: number): void {
    this.#framerate = framerate;
  }

  /** Encode these from the next picture on, which is a key picture where one begins; let the others rest. */
  setWanted(renditions: ReadonlySet<string>): void {
    this.#wanted = renditions;
    for (const place of this.#places) this.#settle(place);
  }

  /** How many bits a second a rendition may have from the next picture on; at most what its shape says. */
  setBitrate(rendition: string, bitrate: number): void {
    this.#bitrates.set(rendition, bitrate);
    for (const place of this.#places) if (place.rendition === rendition) this.#rate(place);
  }

  /** Make encoders for a picture of this size, unless they are there. Pictures that come meanwhile are not encoded. */
  fit(width: number, height: number): void {
    const size = `${width} ${height} ${this.#framerate}`;
    if (this.#fitting || size === this.#size) return;
    this.#fitting = true;
    void this.#make(width, height, size);
  }

  /** Encode a picture in every rendition that is wanted; it stays the caller's. */
  encode(picture: VideoFrame): void {
    this.fit(picture.displayWidth, picture.displayHeight);
    if (this.#fitting || this.#places.length === 0) return;
    if (picture.timestamp - this.#lastKeyUs >= KEY_EVERY_US) {
      this.#lastKeyUs = picture.timestamp;
      for (const { encoder } of this.#places) encoder.askKey();
    }
    for (const place of this.#places) {
      if (!place.runs && place.begun) continue;
      place.encoder.encode(picture);
      place.begun = true;
    }
  }

  /** A picture was left out because the line is behind. */
  leaveOut(): void {
    this.#dropped += 1;
  }

  /** The next picture is to be a key picture in every rendition. */
  askKey(): void {
    this.#lastKeyUs = Number.NEGATIVE_INFINITY;
  }

  /** Let the encoders go; the next picture makes new ones. */
  close(): void {
    this.#dropped = this.dropped;
    for (const { encoder } of this.#places) encoder.close();
    this.#places = [];
    this.#size = "";
    this.askKey();
  }

  #running(): Place | undefined {
    return this.#places.find((place) => place.runs) ?? this.#places[0];
  }

  #settle(place: Place): void {
    const runs = this.#wanted.has(place.rendition);
    if (runs === place.runs) return;
    place.runs = runs;
    if (runs) place.encoder.askKey();
    else this.#options.onRest(place.rendition);
  }

  #rate({ rendition, encoder }: Place): void {
    const most = encoder.shape.bitrate;
    const bitrate = Math.round(Math.min(most, this.#bitrates.get(rendition) ?? most));
    // An encoder's rate is not that exact, and to set it takes time.
    if (bitrate === most || Math.abs(bitrate - encoder.bitrate) > FINE * encoder.bitrate)
      encoder.setBitrate(bitrate);
  }

  async #make(width: number, height: number, size: string): Promise<void> {
    this.close();
    const made: Place[] = [];
    let failed = false;
    try {
      const shapes = renditionsOf(width, height, this.#framerate, this.#options.largest ?? LARGEST);
      for (const shape of shapes) {
        // An encoder that fails (a driver reset) is made anew with the others for the next picture.
        const onError = () => {
          failed = true;
          if (this.#places === made) this.close();
        };
        const place: Place = {
          rendition: shape.rendition,
          begun: false,
          runs: this.#wanted.has(shape.rendition),
          encoder: await PictureEncoder.make(
            shape,
            (config, timestampUs, key, data) => this.#came(place, config, timestampUs, key, data),
            onError,
          ),
        };
        made.push(place);
        this.#rate(place);
      }
      this.#places = made;
      this.#size = size;
      for (const place of made) this.#settle(place);
      if (failed) this.close();
    } catch (error) {
      for (const { encoder } of made) encoder.close();
      this.#options.onCannot(error);
    } finally {
      this.#fitting = false;
    }
  }

  #came(place: Place, config: TrackConfig, timestampUs: number, key: boolean, data: Uint8Array): void {
    if (place === this.#running()) this.#encoded += 1;
    if (place.runs) this.#options.onSample(place.rendition, config, timestampUs, key, data);
    else this.#options.onTrack(place.rendition, config);
  }
}
