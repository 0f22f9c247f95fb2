/**
 * Opus packets in, samples out, lost packets made up by the decoder itself.
 *
 * @module
 */

import type { AudioTrack } from "./catalog";
import type { PlayedSound } from "./messages";
import { lostPacket, opusFrames } from "./opus";
import type { Frame } from "./sample";
import type { Turn } from "./sequencer";

export interface SoundDecoderOptions {
  track: AudioTrack;
  run: string;
  /** Decoded or made-up sound, in order. */
  onSound: (sound: PlayedSound) => void;
  /** It failed, and begins anew with the next packet. */
  onFault: () => void;
}

/** After this nothing of a voice is left that could be continued. */
const MOST_HIDDEN_MS = 60;

type Place = Omit<PlayedSound, "channels" | "run">;

export class SoundDecoder {
  readonly #options: SoundDecoderOptions;
  #decoder: AudioDecoder | null = null;
  /** Of the packets in the decoder: it counts samples from the first one on, and would not see a hole. */
  #places: Place[] = [];
  #last: { packet: Uint8Array; endUs: number } | null = null;
  /** Whether this browser's decoder takes a packet that says that one was lost. */
  #hides = true;
  #hiding = 0;

  constructor(options: SoundDecoderOptions) {
    this.#options = options;
  }

  /** Decode a packet, after as many made-up ones as are missing before it. */
  decode(turn: Turn<Frame>): void {
    const { timestampUs: stamp, data } = turn.item;
    const timestampUs = Number(stamp);
    const stoodFor = turn.lost > 0 ? this.#hide(turn.lost, timestampUs) : 0;
    const { heldMs, awaited } = turn;
    this.#put(data, { timestampUs, hidden: false, lost: turn.lost - stoodFor, heldMs, awaited });
    const frames = opusFrames(data);
    this.#last = frames && { packet: data, endUs: timestampUs + frames.frameMs * frames.count * 1000 };
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }

  /** Returns for how many of the lost packets something was made up. */
  #hide(lost: number, untilUs: number): number {
    const frames = this.#last && opusFrames(this.#last.packet);
    if (!this.#last || !frames || !this.#hides) return 0;
    const frameUs = frames.frameMs * 1000;
    const packets = Math.min(lost, Math.floor(MOST_HIDDEN_MS / (frames.frameMs * frames.count)));
    // A microphone may have been closed meanwhile: what was not sent is not made up.
    const room = Math.floor((untilUs - this.#last.endUs) / frameUs + 0.5);
    const made = Math.min(packets * frames.count, room);
    for (let frame = 0; frame < made; frame++) {
      this.#hiding += 1;
      this.#put(lostPacket(this.#last.packet), {
        timestampUs: this.#last.endUs + frame * frameUs,
        hidden: true,
        lost: frame % frames.count === 0 ? 1 : 0,
        heldMs: 0,
        awaited: false,
      });
    }
    return Math.max(0, Math.ceil(made / frames.count));
  }

  #put(data: Uint8Array, place: Place): void {
    try {
      const decoder = this.#ready();
      this.#places.push(place);
      decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: place.timestampUs, data }));
    } catch {
      this.#failed();
    }
  }

  #ready(): AudioDecoder {
    if (this.#decoder && this.#decoder.state === "configured") return this.#decoder;
    const { track, run } = this.#options;
    this.#places = [];
    this.#hiding = 0;
    const decoder = new AudioDecoder({
      output: (sound) => {
        const channels = Array.from({ length: sound.numberOfChannels }, (_, planeIndex) => {
          const plane = new Float32Array(sound.numberOfFrames);
          sound.copyTo(plane, { planeIndex, format: "f32-planar" });
          return plane;
        });
        const place = this.#places.shift();
        sound.close();
        if (!place || decoder !== this.#decoder) return;
        if (place.hidden) this.#hiding -= 1;
        this.#options.onSound({ ...place, run, channels });
      },
      error: () => this.#failed(),
    });
    decoder.configure({ codec: track.codec, sampleRate: track.sampleRate, numberOfChannels: track.channels });
    this.#decoder = decoder;
    return decoder;
  }

  #failed(): void {
    // The packet without bytes is the likeliest that a decoder does not know.
    if (this.#hiding > 0) this.#hides = false;
    this.#options.onFault();
  }
}
