/**
 * A side on air: camera and microphone to the line.
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { HostClock } from "./clock";

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

/** `live`: it runs. `off`: chosen so. `lost`: the device went away. */
export type DeviceState = "live" | "off" | "lost";

/** The devices of a side, as its catalogue tells everyone. */
export interface Devices {
  camera: DeviceState;
  microphone: DeviceState;
  echoCancellation: boolean;
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

export interface PublisherOptions {
  grant: AirGrant;
  /** At most one camera and one microphone are taken from it; the tracks stay the caller's and are not stopped. */
  stream: MediaStream;
  /** BCP 47 tag of what is spoken. */
  language: string;
  /** What the microphone track says of itself: `track.getSettings().echoCancellation`. */
  echoCancellation: boolean;
  clock: HostClock;
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
 */
export class Publisher extends EventTarget {
  constructor(options: PublisherOptions) {
    super();
    void options;
  }

  /** The newest state; `connecting` before `start()`. */
  get state(): PublisherState {
    return { state: "connecting" };
  }

  /** The newest state of the devices. */
  get devices(): Devices {
    return { camera: "off", microphone: "off", echoCancellation: false };
  }

  /** Timestamp 0 of the run on the page's clock, Unix microseconds; null before `start()`. */
  get epochUs(): number | null {
    return null;
  }

  /**
   * Connect and begin to send; resolves when worker and devices are set up, not when the line is live.
   *
   * Throws VivavoceError `browser.cannot`. Can be called once.
   */
  async start(): Promise<void> {}

  /** Use another camera, or none (`off`). The line and the run stay. */
  async replaceVideo(track: MediaStreamTrack | null): Promise<void> {
    void track;
  }

  /** Use another microphone, or none (`off`). */
  async replaceAudio(track: MediaStreamTrack | null): Promise<void> {
    void track;
  }

  /** Open or close the microphone: closed, it sends no sound and the catalogue says `off`. */
  setMicrophone(open: boolean): void {
    void open;
  }

  /** Leave the line: finishes what was begun, closes the session, fires `ended`. Safe to call again. */
  async stop(): Promise<void> {}
}
