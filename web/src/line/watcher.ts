/**
 * From the line to pixels and loudspeaker, for one discussion.
 *
 * @module
 */

import { type ErrorCode, VivavoceError } from "../errors";
import type { Ahead } from "./ahead";
import type { Devices } from "./catalog";
import { type HostClock, pageNowUs } from "./clock";
import type { FromWatcherWorker, PlayoutReport, SoundReport, ToWatcherWorker } from "./messages";
import { Painter } from "./painter";
import playoutUrl from "./playout.worklet.ts?worker&url";
import type { LineAddress } from "./publisher";
import { lacksForWatching } from "./support";

export type { LineAddress } from "./publisher";

export interface WatcherOptions {
  line: LineAddress;
  /** The discussion's id. */
  discussion: string;
  /** The seats to show and report on, e.g. `["north", "south"]`; booths are found by themselves. */
  seats: string[];
  clock: HostClock;
  /** Catalogues known beforehand, by seat: what they list is asked for at once. The line's own are believed instead. */
  catalogs?: Record<string, string>;
  /** A worker that was begun, with all of these, before this page's code was there. */
  ahead?: Ahead | null;
  /** The listener's own seat, on a stage: sound is then the return feed of rule L13, without the own voice. */
  listener?: string;
  /** The listener's BCP 47 tag: where a booth interprets into it, the booth is heard instead of the floor. */
  language?: string;
}

/** What this page concludes of what a seat sealed (docs/formats/seal.md, V1 to V10), by its own clock. */
export interface VerdictReport {
  state: "pending" | "verified" | "late" | "gap" | "broken";
  /** By whose word the device's key is the side's; null while that is not known. */
  standing: "identity" | "host" | null;
  /** Why, where something is wrong: of the newest mark. `browser.cannot`: nothing can be checked here. */
  code: ErrorCode | null;
  /** Since when the state is what it is, Unix microseconds on the page's clock. */
  sinceUs: number;
  /** How much was found wrong so far. */
  marks: number;
  /** The newest marks, the newest first; `atUs` as above. */
  newest: { code: ErrorCode; atUs: number }[];
  /** The side said that nothing follows. */
  ended: boolean;
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
  /** How its sound is played, or null while it is not. */
  sound: SoundReport | null;
  /** How much later pictures are shown than their voice is heard, ms, median of two seconds; null if unknown. */
  lipSkewMs: number | null;
  /** Null where it is not sealed. */
  verdict: VerdictReport | null;
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

type Picture = Extract<FromWatcherWorker, { type: "picture" }>;

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
  readonly #options: WatcherOptions;
  readonly #reports = new Map<string, SeatReport>();
  readonly #canvases = new Map<string, HTMLCanvasElement>();
  readonly #painters = new Map<string, Painter>();
  /** What came before there was a canvas for it: two of a seat at most (pictureport.ts). */
  #early: Picture[] = [];
  /** Whose sound has a place: every seat but the listener's own, and the booths that came. */
  readonly #heard: Set<string>;
  #worker: Worker | null = null;
  #line: LineState = { state: "connecting" };
  #host: HostState | null = null;
  #sizes: ResizeObserver | null = null;
  #context: AudioContext | null = null;
  /** The context has the worklet's code. */
  #loaded = false;

  constructor(options: WatcherOptions) {
    super();
    this.#options = options;
    this.#heard = new Set(options.seats.filter((seat) => seat !== options.listener));
  }

  /** The newest report of a seat, or null before the first. */
  report(seat: string): SeatReport | null {
    return this.#reports.get(seat) ?? null;
  }

  /** How the line is now. */
  get line(): LineState {
    return this.#line;
  }

  /** What the host told last, or null before it did. */
  get host(): HostState | null {
    return this.#host;
  }

  /** Draw a seat on a canvas that nobody has drawn on. A canvas can be given once; a later one replaces it. */
  attach(seat: string, canvas: HTMLCanvasElement): void {
    const before = this.#canvases.get(seat);
    if (before === canvas) return;
    if (before) this.#sizes?.unobserve(before);
    this.#canvases.set(seat, canvas);
    if (this.#worker) this.#handOver(seat, canvas);
  }

  /** Connect, and draw on whatever canvas is there or comes. Throws VivavoceError `browser.cannot`. */
  async start(): Promise<void> {
    const lacks = lacksForWatching();
    if (lacks.length > 0)
      throw new VivavoceError("browser.cannot", `This browser lacks ${lacks.join(", ")}.`);
    if (this.#worker) throw new Error("start() was called before");
    const { line, discussion, seats, listener = null, language = null, clock } = this.#options;
    const { catalogs = {}, ahead = null } = this.#options;
    const own = () => new Worker(new URL("./watcher.worker.ts", import.meta.url), { type: "module" });
    const worker = ahead?.worker ?? own();
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<FromWatcherWorker>) => this.#told(event.data);
    worker.onerror = () => this.#emit("line", { state: "failed", code: "internal" } satisfies LineState);
    for (const event of ahead?.told ?? []) this.#told(event.data);
    if (!ahead)
      this.#tell({
        type: "start",
        line,
        discussion,
        seats,
        listener,
        language,
        catalogs,
        reachUrl: new URL("line", clock.url).href,
      });
    clock.addEventListener("estimate", this.#onEstimate);
    this.#onEstimate();
    this.#sizes = new ResizeObserver((entries) => {
      for (const entry of entries) this.#resized(entry.target as HTMLCanvasElement);
    });
    for (const [seat, canvas] of this.#canvases) this.#handOver(seat, canvas);
  }

  /** Disconnect and let go of everything; the watcher cannot be started again. */
  stop(): void {
    this.#options.clock.removeEventListener("estimate", this.#onEstimate);
    this.#sizes?.disconnect();
    this.#silence();
    for (const { picture } of this.#early) picture.close();
    this.#early = [];
    this.#tell({ type: "stop" });
    this.#worker = null;
  }

  /**
   * Sound on or off. Switching on must happen within a click or a key press; rejects with a NotAllowedError
   * where the browser demands one. Switched off, no sound is fetched.
   */
  async setSound(on: boolean): Promise<void> {
    if (!on) {
      this.#silence();
      return;
    }
    if (this.#context || !this.#worker) return;
    const context = new AudioContext({ latencyHint: 0, sampleRate: 48_000 });
    this.#context = context;
    // Without a gesture some browsers leave this pending for ever; with one it takes long on a busy device.
    const waitMs = navigator.userActivation?.hasBeenActive ? BUSY_MS : GESTURE_MS;
    await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, waitMs))]);
    if (context.state !== "running") {
      this.#silence();
      throw new DOMException("The browser starts sound only within a click.", "NotAllowedError");
    }
    await context.audioWorklet.addModule(playoutUrl);
    if (this.#context !== context) return;
    this.#loaded = true;
    for (const seat of this.#heard) this.#play(seat, context);
  }

  /** Whether sound is on. */
  get sound(): boolean {
    return this.#context !== null;
  }

  #play(seat: string, context: AudioContext): void {
    const node = new AudioWorkletNode(context, "vivavoce-playout", {
      numberOfInputs: 0,
      numberOfOutputs: 1,
      outputChannelCount: [2],
    });
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage({ port: port1 }, [port1]);
    this.#tell({ type: "sound", seat, port: port2 }, [port2]);
    node.connect(context.destination);
    node.port.onmessage = (event: MessageEvent<PlayoutReport>) => {
      const report = event.data;
      this.#tell({ type: "played", seat, report, atUs: heardUs(context, report.contextTime) });
    };
  }

  #silence(): void {
    const context = this.#context;
    this.#context = null;
    this.#loaded = false;
    if (!context) return;
    for (const seat of this.#heard) this.#tell({ type: "sound", seat, port: null });
    context.close().catch(() => {});
  }

  #handOver(seat: string, canvas: HTMLCanvasElement): void {
    this.#painters.set(seat, new Painter(canvas));
    this.#tell({ type: "canvas", seat });
    const early = this.#early.filter((picture) => picture.seat === seat);
    this.#early = this.#early.filter((picture) => picture.seat !== seat);
    for (const picture of early) this.#paint(picture);
    this.#sizes?.observe(canvas);
    this.#resized(canvas);
  }

  #resized(canvas: HTMLCanvasElement): void {
    for (const [seat, one] of this.#canvases) {
      if (one !== canvas) continue;
      const { width, height } = canvas.getBoundingClientRect();
      this.#tell({ type: "size", seat, width: width * devicePixelRatio, height: height * devicePixelRatio });
    }
  }

  #onEstimate = (): void => {
    const estimate = this.#options.clock.estimate;
    if (estimate) this.#tell({ type: "clock", estimate });
  };

  #tell(message: ToWatcherWorker, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  #told(message: FromWatcherWorker): void {
    if (message.type === "picture") {
      if (this.#painters.has(message.seat)) this.#paint(message);
      else this.#early.push(message);
    } else if (message.type === "booth") {
      this.#heard.add(message.seat);
      if (this.#context && this.#loaded) this.#play(message.seat, this.#context);
    } else if (message.type === "seat") {
      if (!this.#options.seats.includes(message.report.seat)) return;
      this.#reports.set(message.report.seat, message.report);
      this.#emit("seat", message.report);
    } else {
      if (message.type === "line") this.#line = message.state;
      else this.#host = message.state;
      this.#emit(message.type, message.state);
    }
  }

  #paint({ seat, picture, rotation }: Picture): void {
    this.#painters.get(seat)?.paint(picture, rotation);
    this.#tell({ type: "drawn", seat, atUs: pageNowUs() });
  }

  #emit(type: "line" | "host" | "seat", detail: LineState | HostState | SeatReport): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

const GESTURE_MS = 1000;
const BUSY_MS = 10_000;

/** When what the context renders at `contextTime` (seconds) leaves the loudspeaker, on the page's clock. */
function heardUs(context: AudioContext, contextTime: number): number {
  const output = context.getOutputTimestamp();
  const heardMs =
    output.performanceTime && output.contextTime
      ? output.performanceTime + (contextTime - output.contextTime) * 1000
      : performance.now() + (context.outputLatency || context.baseLatency || 0) * 1000;
  return Math.round((performance.timeOrigin + heardMs) * 1000);
}
