/**
 * From the line to pixels and loudspeaker, for one discussion.
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { HostClock } from "./clock";
import type { Devices, LineAddress } from "./publisher";

export interface WatcherOptions {
  line: LineAddress;
  /** The discussion's id. */
  discussion: string;
  /** The seats to follow, e.g. `["north", "south"]`. */
  seats: string[];
  clock: HostClock;
  /** The listener's own seat, on a stage: sound is then the return feed of rule L13, without the own voice. */
  listener?: string;
}

/** How one seat arrives here; reported on change and four times a second. */
export interface SeatReport {
  seat: string;
  /** The seat's broadcast is announced on the line. */
  announced: boolean;
  /** Samples arrived within the last second. */
  onAir: boolean;
  /** Capture to the picture being handed to the screen, median of the last two seconds, or null if unknown. */
  displayDelayMs: number | null;
  /** Capture to the loudspeaker, or null if unknown or silent. */
  loudspeakerDelayMs: number | null;
  /** Both delays are wrong by at most this, if the side and the host told their clocks truly. */
  uncertaintyMs: number | null;
  /** Size of the picture drawn, 0 before the first. */
  width: number;
  height: number;
  /** The rendition drawn (`hd`), or null. */
  rendition: string | null;
  /** Pictures drawn in the last second. */
  fps: number;
  /** What the side's catalogue says of its devices, or null without one. */
  devices: Devices | null;
  /** The language of the floor, or null without a catalogue. */
  language: string | null;
  /** Why nothing can be shown: `line.codec`, `line.catalog`, `line.sample`. */
  code?: ErrorCode;
}

/** `failed` is shown while dialling goes on: the watcher never gives up before `stop()`. */
export interface LineState {
  state: "connecting" | "live" | "reconnecting" | "failed";
  code?: ErrorCode;
}

/** A seat in the host's state (rule L12). */
export interface HostSeat {
  kind: "side" | "booth";
  name: string;
  language: string;
  on_air: boolean;
  sending: boolean;
  since_us: number | null;
  run: string | null;
  device: string | null;
}

/** An event in the host's state (rule L12). */
export interface HostEvent {
  at_us: number;
  seat: string;
  event: "went_on_air" | "left" | "lost" | "returned" | "taken_over" | "renewed" | "refused";
  device: string | null;
}

/** `state.json` of the host, as it came (rule L12). */
export interface HostState {
  version: 1;
  at_us: number;
  discussion: string;
  title: string;
  recording: "running" | "off" | "disk_full";
  seats: Record<string, HostSeat>;
  events: HostEvent[];
}

/**
 * Watches one discussion. Events:
 *
 * - `line`: CustomEvent<LineState>.
 * - `host`: CustomEvent<HostState>, each time the host tells its state.
 * - `seat`: CustomEvent<SeatReport>.
 *
 * Draws the newest picture as soon as it is decoded. A canvas' drawing buffer takes the picture's size, so
 * place and letterbox it by CSS (`object-fit: contain`); which rendition is fetched follows its device pixels.
 * When a seat goes silent its last picture stays on the canvas: cover it when the report says so.
 */
export class Watcher extends EventTarget {
  constructor(options: WatcherOptions) {
    super();
    void options;
  }

  /** The newest report of a seat, or null before the first. */
  report(seat: string): SeatReport | null {
    void seat;
    return null;
  }

  /** Draw a seat on a canvas that nobody has drawn on. A canvas can be given once; a later one replaces it. */
  attach(seat: string, canvas: HTMLCanvasElement): void {
    void seat;
    void canvas;
  }

  /** Connect and begin to draw. Throws VivavoceError `browser.cannot`. */
  async start(): Promise<void> {}

  /** Disconnect and let go of everything; the watcher cannot be started again. */
  stop(): void {}

  /**
   * Sound on or off. Switching on must happen within a click or a key press; rejects with the browser's
   * NotAllowedError otherwise. Switched off, no sound is fetched.
   */
  async setSound(on: boolean): Promise<void> {
    void on;
  }

  /** Whether sound is on. */
  get sound(): boolean {
    return false;
  }
}
