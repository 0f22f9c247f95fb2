/**
 * A side on air: camera and microphone to the line.
 *
 * @module
 */

import { type ErrorCode, VivavoceError } from "../errors";
import type { HeldKey } from "../seal/signer";
import captureUrl from "./capture.worklet.ts?worker&url";
import type { DeviceState, Devices } from "./catalog";
import type { HostClock } from "./clock";
import type { Largest } from "./codecs";
import type { FromPublisherWorker, ToPublisherWorker } from "./messages";
import { soundOf } from "./microphone";
import { lacksForPublishing } from "./support";

export type { DeviceState, Devices } from "./catalog";

/** Where the line is: its WebTransport address and the certificate to pin (hex SHA-256), or null. */
export interface LineAddress {
  url: string;
  fingerprint: string | null;
}

/** What `POST …/air` answers: leave to publish as one seat, for one run. */
export interface AirGrant {
  /** The device's secret for this run; never shown, never logged. */
  token: string;
  /** 16 hex digits. */
  run: string;
  /** The broadcast to announce: `<discussion>/<seat>`. */
  path: string;
  line: LineAddress;
}

/**
 * `connecting`: no session yet. `live`: the host takes samples. `reconnecting`: the line was lost, the
 * page dials. `ended`: over; `code` says why when it was not `stop()` (`access.token`: the host ended the
 * run, somebody took over or the stage address was renewed; `line.codec`: no encoder).
 */
export interface PublisherState {
  state: "connecting" | "live" | "reconnecting" | "ended";
  code?: ErrorCode;
}

/** What is being sent, four times a second. */
export interface PublisherStats {
  /** Pictures a second that left the encoder, of the largest rendition. */
  fps: number;
  width: number;
  height: number;
  /** The codec string of the largest rendition, empty before its first picture. */
  codec: string;
  /** Bits a second of all tracks over the last second. */
  bitrate: number;
  /** Peak of the microphone since the last report, 0 to 1; 0 while it is closed. */
  level: number;
  /** Samples handed to the line since `start()`. */
  samples: number;
  /** Pictures left out because encoder or line were behind. */
  dropped: number;
}

/** What a run is sealed by. */
export interface SealedBy {
  /** The founding hash. */
  founding: Uint8Array;
  device: HeldKey;
  /** What the side's identity key says of the device, and of those that it took back. */
  vouchers: readonly Uint8Array[];
  revocations: readonly Uint8Array[];
}

export interface PublisherOptions {
  grant: AirGrant;
  /** At most one camera and one microphone are taken from it; the tracks stay the caller's and are not stopped. */
  stream: MediaStream;
  /** BCP 47 tag of what is spoken. */
  language: string;
  /** What the microphone track says of itself: `track.getSettings().echoCancellation`. */
  echoCancellation: boolean;
  clock: HostClock;
  /** The longer and the shorter side of the largest picture to send; by default 1280 by 720. */
  largest?: Largest;
  /** Null to send it unsealed. */
  sealedBy: SealedBy | null;
}

/**
 * Publishes one seat from this page.
 *
 * Before `start()` nothing is encoded, sent or connected. Events:
 *
 * - `state`: CustomEvent<PublisherState>, at each change.
 * - `devices`: CustomEvent<Devices>, when a device was lost, came back or was switched; the same is
 *   told to everyone by the catalogue. Losing the camera does not end the sound, nor the other way round.
 * - `stats`: CustomEvent<PublisherStats>.
 * - `unsealed`: CustomEvent<ErrorCode>, at most once: sealing failed, or is far too slow. The run goes on.
 */
export class Publisher extends EventTarget {
  readonly #options: PublisherOptions;
  #worker: Worker | null = null;
  #state: PublisherState = { state: "connecting" };
  #devices: Devices;
  #epochUs: number | null = null;
  #camera: MediaStreamTrack | null;
  #microphone: MediaStreamTrack | null;
  #open = true;
  #context: AudioContext | null = null;
  #capture: AudioWorkletNode | null = null;
  #source: MediaStreamAudioSourceNode | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: PublisherOptions) {
    super();
    this.#options = options;
    this.#camera = options.stream.getVideoTracks()[0] ?? null;
    this.#microphone = options.stream.getAudioTracks()[0] ?? null;
    this.#devices = {
      camera: stateOf(this.#camera),
      microphone: stateOf(this.#microphone),
      echoCancellation: options.echoCancellation,
    };
  }

  /** The newest state; `connecting` before `start()`. */
  get state(): PublisherState {
    return this.#state;
  }

  /** The newest state of the devices. */
  get devices(): Devices {
    return this.#devices;
  }

  /** Timestamp 0 of the run on the page's clock, Unix microseconds; null before `start()`. */
  get epochUs(): number | null {
    return this.#epochUs;
  }

  /**
   * Connect and begin to send; resolves when worker and devices are set up, not when the line is live.
   *
   * Call it within a click: browsers start sound only then. Throws VivavoceError `browser.cannot`. Can be
   * called once.
   */
  async start(): Promise<void> {
    const lacks = lacksForPublishing();
    if (lacks.length > 0)
      throw new VivavoceError("browser.cannot", `This browser lacks ${lacks.join(", ")}.`);
    if (this.#worker) throw new Error("start() was called before");
    const { grant, language, clock } = this.#options;
    const worker = new Worker(new URL("./publisher.worker.ts", import.meta.url), { type: "module" });
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<FromPublisherWorker>) => this.#told(event.data);
    worker.onerror = () => {
      worker.terminate();
      this.#setState({ state: "ended", code: "internal" });
    };
    this.#tell({
      type: "start",
      grant,
      language,
      devices: this.#devices,
      apiUrl: new URL(".", clock.url).href,
      reachUrl: new URL("line", clock.url).href,
      largest: this.#options.largest ?? null,
      sealedBy: this.#options.sealedBy,
    });
    clock.addEventListener("estimate", this.#onEstimate);
    this.#onEstimate();
    if (this.#camera) this.#attachCamera(this.#camera);
    if (this.#microphone) await this.#attachMicrophone(this.#microphone);
  }

  /** Use another camera, or none (`off`). The line and the run stay. */
  async replaceVideo(track: MediaStreamTrack | null): Promise<void> {
    this.#camera?.removeEventListener("ended", this.#onEnded);
    this.#camera = track;
    if (!this.#worker) {
      this.#devices = { ...this.#devices, camera: stateOf(track) };
      return;
    }
    this.#tell({ type: "device", camera: stateOf(track) });
    if (track) this.#attachCamera(track);
    else this.#tell({ type: "camera", frames: null, track: null, framerate: 0 });
  }

  /** Use another microphone, or none (`off`). It stays closed if it was. */
  async replaceAudio(track: MediaStreamTrack | null): Promise<void> {
    this.#microphone?.removeEventListener("ended", this.#onEnded);
    this.#microphone = track;
    const echoCancellation = track?.getSettings().echoCancellation === true;
    if (!this.#worker) {
      this.#devices = { ...this.#devices, microphone: stateOf(track), echoCancellation };
      return;
    }
    if (track) await this.#attachMicrophone(track);
    else this.#source?.disconnect();
    this.#tell({ type: "device", microphone: this.#open ? stateOf(track) : "off", echoCancellation });
  }

  /** Open or close the microphone: closed, it sends no sound and the catalogue says `off`. */
  setMicrophone(open: boolean): void {
    this.#open = open;
    const microphone = open ? stateOf(this.#microphone) : "off";
    if (this.#worker) this.#tell({ type: "device", microphone });
    else this.#devices = { ...this.#devices, microphone };
  }

  /** Leave the line: finishes what was begun, closes the session, fires `ended`. Safe to call again. */
  stop(): Promise<void> {
    this.#stopping ??= new Promise((resolve) => {
      if (!this.#worker || this.#state.state === "ended") {
        this.#setState({ state: "ended" });
        resolve();
        return;
      }
      this.addEventListener("state", () => this.#state.state === "ended" && resolve());
      this.#tell({ type: "stop" });
    });
    return this.#stopping;
  }

  #attachCamera(track: MediaStreamTrack): void {
    track.addEventListener("ended", this.#onEnded);
    const framerate = Math.round(track.getSettings().frameRate ?? 30) || 30;
    if ("MediaStreamTrackProcessor" in globalThis) {
      const frames = new MediaStreamTrackProcessor({ track, maxBufferSize: 2 }).readable;
      this.#tell({ type: "camera", frames, track: null, framerate }, [frames]);
    } else {
      // The worker gets its own copy: a transferred track would go dark in the page.
      const copy = track.clone();
      this.#tell({ type: "camera", frames: null, track: copy, framerate }, [copy as unknown as Transferable]);
    }
  }

  async #attachMicrophone(track: MediaStreamTrack): Promise<void> {
    track.addEventListener("ended", this.#onEnded);
    const sound = await soundOf(track);
    if (this.#microphone !== track) {
      sound?.cancel().catch(() => {});
      return;
    }
    if (sound) {
      this.#tell({ type: "microphone", source: sound }, [sound]);
      this.#source?.disconnect();
      this.#source = null;
      return;
    }
    await this.#attachByContext(track);
  }

  async #attachByContext(track: MediaStreamTrack): Promise<void> {
    if (!this.#context) {
      const context = new AudioContext({ latencyHint: 0, sampleRate: 48_000 });
      this.#context = context;
      await context.audioWorklet.addModule(captureUrl);
      const capture = new AudioWorkletNode(context, "vivavoce-capture", {
        numberOfInputs: 1,
        numberOfOutputs: 1,
      });
      // Its output is silence; without a destination browsers do not run it.
      capture.connect(context.destination);
      this.#capture = capture;
      context.resume().catch(() => {});
    }
    const { port1, port2 } = new MessageChannel();
    this.#capture?.port.postMessage({ port: port1 }, [port1]);
    this.#tell({ type: "microphone", source: port2 }, [port2]);
    this.#source?.disconnect();
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    if (this.#capture) this.#source.connect(this.#capture);
  }

  #onEnded = (event: Event): void => {
    if (event.target === this.#camera) this.#tell({ type: "device", camera: "lost" });
    if (event.target === this.#microphone) this.#tell({ type: "device", microphone: "lost" });
  };

  #onEstimate = (): void => {
    const estimate = this.#options.clock.estimate;
    if (estimate) this.#tell({ type: "clock", estimate });
  };

  #tell(message: ToPublisherWorker, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  #told(message: FromPublisherWorker): void {
    if (message.type === "epoch") this.#epochUs = message.epochUs;
    else if (message.type === "state") this.#setState(message.state);
    else if (message.type === "stats")
      this.dispatchEvent(new CustomEvent("stats", { detail: message.stats }));
    else if (message.type === "unsealed")
      this.dispatchEvent(new CustomEvent("unsealed", { detail: message.code }));
    else {
      this.#devices = message.devices;
      this.dispatchEvent(new CustomEvent("devices", { detail: message.devices }));
    }
  }

  #setState(state: PublisherState): void {
    if (this.#state.state === "ended") return;
    this.#state = state;
    if (state.state === "ended") this.#release();
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  #release(): void {
    this.#options.clock.removeEventListener("estimate", this.#onEstimate);
    this.#camera?.removeEventListener("ended", this.#onEnded);
    this.#microphone?.removeEventListener("ended", this.#onEnded);
    this.#source?.disconnect();
    this.#context?.close().catch(() => {});
    this.#worker = null;
  }
}

function stateOf(track: MediaStreamTrack | null): DeviceState {
  if (!track) return "off";
  return track.readyState === "live" ? "live" : "lost";
}
