/**
 * One rendition's encoder: pictures in, samples out, no queue.
 *
 * @module
 */

import { type PictureShape, pickPictureEncoding, withoutTemporalDelimiter } from "./codecs";
import type { TrackConfig } from "./publication";

/** `config` is what a decoder needs for this sample and those after it. */
export type PictureSample = (
  config: TrackConfig,
  timestampUs: number,
  key: boolean,
  data: Uint8Array,
) => void;

/** An encoder that is further behind leaves pictures out: a late picture is worth less than the next one. */
const MOST_QUEUED = 2;

export class PictureEncoder {
  readonly shape: PictureShape;
  readonly #encoder: VideoEncoder;
  readonly #settings: VideoEncoderConfig;
  #bitrate: number;
  #config: TrackConfig | null = null;
  #codec: string;
  #wantKey = true;
  /** Pictures left out because the encoder was behind. */
  dropped = 0;

  private constructor(
    shape: PictureShape,
    settings: VideoEncoderConfig,
    onSample: PictureSample,
    onError: (error: Error) => void,
  ) {
    this.shape = shape;
    this.#settings = settings;
    this.#bitrate = shape.bitrate;
    this.#codec = settings.codec;
    this.#encoder = new VideoEncoder({
      output: (chunk, metadata) => this.#output(chunk, metadata, onSample),
      error: onError,
    });
    this.#encoder.configure(settings);
  }

  /** Throws VivavoceError `line.codec` when there is no encoder for this shape. */
  static async make(
    shape: PictureShape,
    onSample: PictureSample,
    onError: (error: Error) => void,
  ): Promise<PictureEncoder> {
    return new PictureEncoder(shape, await pickPictureEncoding(shape), onSample, onError);
  }

  /** What the encoder calls what it makes. */
  get codec(): string {
    return this.#codec;
  }

  /** What a decoder needs for what it makes; null before its first sample. */
  get config(): TrackConfig | null {
    return this.#config;
  }

  /** Bits a second that it aims at now; `shape.bitrate` at first. */
  get bitrate(): number {
    return this.#bitrate;
  }

  /**
   * Aim at this many bits a second from the next picture on. Neither a key picture nor another description comes of
   * it (Chromium 156, OpenH264).
   */
  setBitrate(bitrate: number): void {
    if (bitrate === this.#bitrate || this.#encoder.state !== "configured") return;
    this.#bitrate = bitrate;
    this.#encoder.configure({ ...this.#settings, bitrate });
  }

  /** The next picture is to be a key picture. */
  askKey(): void {
    this.#wantKey = true;
  }

  /** Encode a picture; it stays the caller's. Its timestamp is that of the sample. */
  encode(picture: VideoFrame): void {
    if (this.#encoder.state !== "configured") return;
    if (this.#encoder.encodeQueueSize >= MOST_QUEUED) {
      this.dropped += 1;
      return;
    }
    this.#encoder.encode(picture, { keyFrame: this.#wantKey });
    this.#wantKey = false;
  }

  close(): void {
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }

  #output(
    chunk: EncodedVideoChunk,
    metadata: EncodedVideoChunkMetadata | undefined,
    onSample: PictureSample,
  ): void {
    const told = metadata?.decoderConfig;
    if (told) {
      this.#codec = told.codec;
      this.#config = {
        kind: "video",
        codec: told.codec,
        description: copyOf(told.description),
        width: told.codedWidth ?? this.shape.width,
        height: told.codedHeight ?? this.shape.height,
        rotation: quarter((told as { rotation?: number }).rotation),
        framerate: this.shape.framerate,
        bitrate: this.shape.bitrate,
      };
    }
    if (!this.#config) return;
    let data: Uint8Array = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    if (this.#codec.startsWith("av01")) data = withoutTemporalDelimiter(data);
    onSample(this.#config, chunk.timestamp, chunk.type === "key", data);
  }
}

function copyOf(description: AllowSharedBufferSource | undefined): Uint8Array {
  if (description === undefined) return new Uint8Array();
  if (ArrayBuffer.isView(description)) {
    return new Uint8Array(description.buffer, description.byteOffset, description.byteLength).slice();
  }
  return new Uint8Array(description).slice();
}

function quarter(rotation: number | undefined): 0 | 90 | 180 | 270 {
  return rotation === 90 || rotation === 180 || rotation === 270 ? rotation : 0;
}
