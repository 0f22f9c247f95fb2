/**
 * What pages and their workers tell each other. Types only.
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { DeviceState, Devices } from "./catalog";
import type { ClockEstimate } from "./clock";
import type { Largest } from "./codecs";
import type { AirGrant, LineAddress, PublisherState, PublisherStats, SealedBy } from "./publisher";
import type { HostState, LineState, SeatReport } from "./watcher";

/** From the capture worklet to the publisher's worker. `frame`: the first sample's place on the context's clock. */
export interface CapturedSound {
  frame: number;
  sampleRate: number;
  samples: Float32Array;
}

export type ToPublisherWorker =
  | {
      type: "start";
      grant: AirGrant;
      language: string;
      devices: Devices;
      apiUrl: string;
      reachUrl: string;
      largest: Largest | null;
      /** Null where the run is not to be sealed. */
      sealedBy: SealedBy | null;
    }
  /** `frames` where the page reads the camera, `track` where a worker must. */
  | {
      type: "camera";
      frames: ReadableStream<VideoFrame> | null;
      track: MediaStreamTrack | null;
      framerate: number;
    }
  /** A stream where the page can have one of the device, a capture worklet's port where it cannot. */
  | { type: "microphone"; source: MessagePort | ReadableStream<AudioData> }
  | { type: "device"; camera?: DeviceState; microphone?: DeviceState; echoCancellation?: boolean }
  | { type: "clock"; estimate: ClockEstimate }
  | { type: "stop" };

export type FromPublisherWorker =
  | { type: "state"; state: PublisherState }
  | { type: "epoch"; epochUs: number }
  | { type: "devices"; devices: Devices }
  | { type: "stats"; stats: PublisherStats }
  /** Sealing failed, or is far too slow; told once. Pictures and sound go on. */
  | { type: "unsealed"; code: ErrorCode };

/** From the watcher's worker to a playout worklet: sound decoded, at 48 kHz, one array a channel. */
export interface PlayedSound {
  /** Of the first sample, microseconds since the run's epoch. */
  timestampUs: number;
  /** Changes with the run: what was buffered of another run is dropped. */
  run: string;
  channels: Float32Array[];
  /** The decoder made it up, for a packet that is missing. */
  hidden: boolean;
  /** Packets missing right before it that nothing stands for; of a hidden one, itself. */
  lost: number;
  /** How long it was held for one before it that was missing, ms. */
  heldMs: number;
  /** Others were held for it. */
  awaited: boolean;
}

/** From the watcher's worker to a playout worklet. */
export type ToPlayout =
  | { type: "sound"; sound: PlayedSound }
  /** A packet came after it was given up. */
  | { type: "late"; timestampUs: number }
  /** Packets are held back for one before them, or no longer: ask for them when they are needed. */
  | { type: "holding"; holding: boolean }
  /** Not to play earlier than this behind the fastest arrival, ms: the picture is later. */
  | { type: "back"; leastMs: number };

/** From a playout worklet to the watcher's worker: what is held is needed now. */
export interface FromPlayout {
  type: "need";
}

/** How one seat's sound is played; milliseconds are of sound, counts since sound was switched on. */
export interface SoundReport {
  /** Waiting to be played. */
  bufferedMs: number;
  /** How much of it there is to be right after a packet came. */
  targetMs: number;
  /** How long it is to wait behind the fastest that came lately: the spread smoothed, or what the picture asks for. */
  waitMs: number;
  /** The wait that the arrivals of the last seconds ask for. */
  spreadMs: number;
  /** Made up where sound was missing. */
  hiddenMs: number;
  /** Silence where sound was missing for longer. */
  silentMs: number;
  /** Left out or repeated to play faster or slower. */
  stretchedMs: number;
  /** Left out at once, because it was far too late. */
  droppedMs: number;
  /** Packets that came after their turn. */
  late: number;
  /** Packets that did not come in time, the late ones included. */
  lost: number;
}

/** From a playout worklet to the page, four times a second while it plays. */
export interface PlayoutReport extends SoundReport {
  run: string;
  /** The media time that the context's time `contextTime` (seconds) plays. */
  timestampUs: number;
  contextTime: number;
}

export type ToWatcherWorker =
  /** Before anything else is known: dial, and fetch the worker's code (dial.ts). */
  | { type: "dial"; line: LineAddress; code: string }
  | {
      type: "start";
      line: LineAddress;
      discussion: string;
      seats: string[];
      listener: string | null;
      language: string | null;
      catalogs: Record<string, string>;
      reachUrl: string;
    }
  /** The seat has somewhere to be drawn. */
  | { type: "canvas"; seat: string }
  /** The oldest picture that was sent is drawn, at `atUs` on the page's clock. */
  | { type: "drawn"; seat: string; atUs: number }
  | { type: "size"; seat: string; width: number; height: number }
  | { type: "sound"; seat: string; port: MessagePort | null }
  /** `atUs`: when what the report tells of leaves the loudspeaker, on the page's clock. */
  | { type: "played"; seat: string; report: PlayoutReport; atUs: number }
  | { type: "clock"; estimate: ClockEstimate }
  | { type: "stop" };

export type FromWatcherWorker =
  | { type: "line"; state: LineState }
  | { type: "host"; state: HostState }
  | { type: "seat"; report: SeatReport }
  /** To be drawn at once; the page closes it and answers `drawn`. */
  | { type: "picture"; seat: string; picture: VideoFrame; rotation: number }
  /** A booth came on the line: it needs a place for its sound. */
  | { type: "booth"; seat: string };
