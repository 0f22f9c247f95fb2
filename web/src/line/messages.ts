/**
 * What pages and their workers tell each other. Types only.
 *
 * @module
 */

import type { DeviceState, Devices } from "./catalog";
import type { ClockEstimate } from "./clock";
import type { AirGrant, LineAddress, PublisherState, PublisherStats } from "./publisher";
import type { HostState, LineState, SeatReport } from "./watcher";

/** From the capture worklet to the publisher's worker. `frame`: the first sample's place on the context's clock. */
export interface CapturedSound {
  frame: number;
  sampleRate: number;
  samples: Float32Array;
}

export type ToPublisherWorker =
  | { type: "start"; grant: AirGrant; language: string; devices: Devices; apiUrl: string; reachUrl: string }
  /** `frames` where the page reads the camera, `track` where a worker must. */
  | {
      type: "camera";
      frames: ReadableStream<VideoFrame> | null;
      track: MediaStreamTrack | null;
      framerate: number;
    }
  | { type: "microphone"; port: MessagePort }
  | { type: "device"; camera?: DeviceState; microphone?: DeviceState; echoCancellation?: boolean }
  | { type: "clock"; estimate: ClockEstimate }
  | { type: "stop" };

export type FromPublisherWorker =
  | { type: "state"; state: PublisherState }
  | { type: "epoch"; epochUs: number }
  | { type: "devices"; devices: Devices }
  | { type: "stats"; stats: PublisherStats };

/** From the watcher's worker to a playout worklet: sound decoded, at 48 kHz, one array a channel. */
export interface PlayedSound {
  /** Of the first sample, microseconds since the run's epoch. */
  timestampUs: number;
  /** Changes with the run: what was buffered of another run is dropped. */
  run: string;
  channels: Float32Array[];
}

/** From a playout worklet to the page, four times a second while it plays. */
export interface PlayoutReport {
  run: string;
  /** The media time that the context's time `contextTime` (seconds) plays. */
  timestampUs: number;
  contextTime: number;
  /** Sound waiting to be played, ms. */
  bufferedMs: number;
  /** How much it tries to keep, ms. */
  targetMs: number;
  /** Times that it ran dry since the start. */
  underruns: number;
}

export type ToWatcherWorker =
  | {
      type: "start";
      line: LineAddress;
      discussion: string;
      seats: string[];
      listener: string | null;
      language: string | null;
      reachUrl: string;
    }
  | { type: "canvas"; seat: string; canvas: OffscreenCanvas }
  | { type: "size"; seat: string; width: number; height: number }
  | { type: "sound"; seat: string; port: MessagePort | null }
  | { type: "played"; seat: string; run: string; timestampUs: number; atUs: number }
  | { type: "clock"; estimate: ClockEstimate }
  | { type: "stop" };

export type FromWatcherWorker =
  | { type: "line"; state: LineState }
  | { type: "host"; state: HostState }
  | { type: "seat"; report: SeatReport }
  /** A booth came on the line: it needs a place for its sound. */
  | { type: "booth"; seat: string };
