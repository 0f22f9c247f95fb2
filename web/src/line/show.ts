/**
 * A stage on air whose seals are real, and a host that takes its broadcast. Used by tests only.
 *
 * @module
 */

import type { Broadcast, Path } from "@moq/net";
import type { ErrorCode } from "../errors";
import { EPOCH_US, FOUNDING_HASH } from "../seal/show";
import { Signer } from "../seal/signer";
import { SEALS_TRACK } from "./catalog";
import { Publication, type TrackConfig } from "./publication";
import { Sealing } from "./sealing";
import { Seals } from "./seals";

export const RUN = "9f86d081884c7d65";
export const PICTURE: TrackConfig = {
  kind: "video",
  codec: "avc1.42e01f",
  description: Uint8Array.of(1, 66, 224, 31),
  width: 1280,
  height: 720,
  rotation: 0,
  framerate: 30,
  bitrate: 2_500_000,
};
export const FLOOR: TrackConfig = {
  kind: "audio",
  codec: "opus",
  sampleRate: 48_000,
  channels: 1,
  bitrate: 96_000,
  language: "en",
  role: "floor",
  interprets: null,
};
export const DEVICES = { camera: "live", microphone: "live", echoCancellation: true } as const;
const KEY_EVERY = 20;
export const settle = () => new Promise((resolve) => setTimeout(resolve));

export interface Frame {
  track: string;
  group: number;
  index: number;
  payload: Uint8Array;
}

/** Takes everything of a broadcast, as a host does. */
export class Host {
  readonly frames: Frame[] = [];
  readonly #from: number | undefined;
  #tracks = new Set<string>();
  #broadcast: Broadcast.Producer | null = null;

  /** `from`: the first group of the seals that it lacks. */
  constructor(from?: number) {
    this.#from = from;
  }

  publish(_: Path.Valid, broadcast: Broadcast.Producer): void {
    this.#broadcast = broadcast;
    this.follow(SEALS_TRACK);
  }

  follow(track: string): void {
    if (this.#tracks.has(track) || !this.#broadcast) return;
    this.#tracks.add(track);
    const subscription = this.#broadcast.subscribe(track, { latencyMax: 600_000 });
    if (this.#from !== undefined && track === SEALS_TRACK) subscription.startAt(this.#from);
    void (async () => {
      for (let group = await subscription.recvGroup(); group; group = await subscription.recvGroup()) {
        const { sequence } = group;
        void (async (group) => {
          try {
            for (let index = 0; ; index++) {
              const frame = await group.readFrame();
              if (!frame) return;
              this.frames.push({ track, group: sequence, index, payload: frame.payload });
            }
          } catch {
            // The session was lost in the middle of it.
          }
        })(group);
      }
    })();
  }
}

export class Stage {
  nowUs = EPOCH_US;
  readonly trouble: ErrorCode[] = [];
  readonly publication: Publication;
  readonly seals: Seals;
  /** How often a signature is waited for: time stands still meanwhile, however busy the processor is. */
  patience = 1_000;
  #picture = 0;

  constructor(sealing: Sealing) {
    this.seals = new Seals(sealing, {
      nowUs: () => this.nowUs,
      onTrouble: (code) => this.trouble.push(code),
    });
    this.publication = new Publication({
      path: "k7m2xq4vw9/north",
      run: RUN,
      epochUs: EPOCH_US,
      devices: DEVICES,
      seals: this.seals,
    });
  }

  static async make(): Promise<Stage> {
    return new Stage(await newSealing());
  }

  /** Thirty pictures a second and packets of 20 ms, a tick every 10. */
  async runs(ms: number, host: Host): Promise<void> {
    for (let at = 0; at < ms; at += 10) {
      this.nowUs += 10_000;
      const us = this.nowUs - EPOCH_US;
      if (us % 30_000 === 0) this.#writes("hd", PICTURE, us, this.#picture++ % KEY_EVERY === 0, host);
      if (us % 20_000 === 0) this.#writes("floor", FLOOR, us, true, host);
      this.seals.tick();
      await settle();
      for (let waited = 0; this.seals.signing && waited < this.patience; waited++) await settle();
    }
  }

  key(): void {
    this.#picture = 0;
  }

  #writes(rendition: string, config: TrackConfig, us: number, key: boolean, host: Host): void {
    const name = this.publication.trackFor(rendition, config);
    host.follow(name);
    this.publication.write(name, us, key, new TextEncoder().encode(`${rendition} ${us} of the run`));
  }
}

export async function newSealing(): Promise<Sealing> {
  const device = await Signer.make();
  return Sealing.make({ founding: FOUNDING_HASH, seat: "north", run: RUN, epochUs: EPOCH_US, device });
}
