/**
 * The publisher's worker: pictures and sound in, encoded, onto the line. Wiring; decisions are next door.
 *
 * @module
 */

import "./quiet";
import { Path } from "@moq/net";
import type { ErrorCode } from "../errors";
import { VivavoceError } from "../errors";
import { CaptureClock } from "./captureclock";
import { type Devices, STATE_TRACK } from "./catalog";
import { type ClockEstimate, pageNowUs } from "./clock";
import { renditionsOf, SOUND_ENCODING } from "./codecs";
import { Line, type Session } from "./connection";
import { follow } from "./follow";
import { codeIn, endedBecause } from "./grant";
import type { CapturedSound, FromPublisherWorker, ToPublisherWorker } from "./messages";
import { PictureEncoder } from "./pictureencoder";
import { Publication } from "./publication";
import type { AirGrant, PublisherState } from "./publisher";
import { SoundEncoder } from "./soundencoder";

/** A group is to end before two seconds are over (L8). */
const KEY_EVERY_US = 1_900_000;
const STATS_EVERY_MS = 250;
const CLOCK_EVERY_MS = 2_000;
/** What was finished goes out within this. */
const FINISH_MS = 400;
/** A device that gives nothing for this long is lost. */
const SILENT_MS = 2_000;

/** What the host closes a session with when the run is over (src/vivavoce/line/closing.py). */
const FINAL: Record<number, ErrorCode> = {
  400: "line.sample",
  401: "access.token",
  403: "line.forbidden",
  410: "access.token",
  429: "line.sample",
};

const tell = (message: FromPublisherWorker) => self.postMessage(message);

class Work {
  readonly #grant: AirGrant;
  readonly #apiUrl: string;
  readonly #language: string;
  readonly #epochUs = pageNowUs();
  readonly #publication: Publication;
  readonly #line: Line;
  readonly #sound: SoundEncoder;
  #devices: Devices;
  #estimate: ClockEstimate | null = null;
  #clockToldMs = Number.NEGATIVE_INFINITY;
  #encoders: PictureEncoder[] = [];
  #fitting: Promise<void> = Promise.resolve();
  #camera = 0;
  #reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  #framerate = 30;
  #lastPictureUs = -1;
  #lastKeyUs = Number.NEGATIVE_INFINITY;
  #lastSoundUs = -1;
  #pictureSeenMs = performance.now();
  #soundSeenMs = performance.now();
  #soundPort: MessagePort | null = null;
  #bits = 0;
  #bitrates: number[] = [];
  #counted = 0;
  #dropped = 0;
  #fps: number[] = [];
  #timer: ReturnType<typeof setInterval>;
  #asking = false;
  #session: Session | null = null;
  #seenOnAir = false;
  #ended = false;

  constructor(message: Extract<ToPublisherWorker, { type: "start" }>) {
    const { grant, language, devices, apiUrl, reachUrl } = message;
    this.#grant = grant;
    this.#apiUrl = apiUrl;
    this.#language = language;
    this.#devices = devices;
    tell({ type: "epoch", epochUs: this.#epochUs });
    this.#publication = new Publication({
      path: grant.path,
      run: grant.run,
      epochUs: this.#epochUs,
      devices,
    });
    this.#sound = new SoundEncoder(
      (pageUs, data) => this.#packet(pageUs, data),
      (error) => this.#soundFailed(error),
    );
    this.#line = new Line({
      address: grant.line,
      token: grant.token,
      discussion: grant.path.split("/")[0] ?? "",
      reachUrl,
      onSession: (session) => {
        this.#lastKeyUs = Number.NEGATIVE_INFINITY;
        // One that recovered by itself still carries the broadcast: a second one of the same name on the same
        // session is not followed for certain.
        if (session !== this.#session) {
          this.#session = session;
          this.#publication.attach(session);
          void this.#heed(session);
        }
        this.#tellState({ state: "live" });
      },
      onLost: () => {
        this.#tellState({ state: "reconnecting" });
        void this.#askGrant();
      },
      onRefused: (closeCode) => {
        const code = closeCode === null ? undefined : FINAL[closeCode];
        if (code) this.end(code);
        else void this.#askGrant();
      },
    });
    this.#line.start();
    this.#timer = setInterval(() => this.#tick(), STATS_EVERY_MS);
  }

  /** Pictures from here on come from this camera; null for none. */
  async camera(frames: ReadableStream<VideoFrame> | null, framerate: number): Promise<void> {
    const mine = ++this.#camera;
    this.#reader?.cancel().catch(() => {});
    this.#reader = null;
    this.#framerate = framerate;
    this.#pictureSeenMs = performance.now();
    if (!frames) {
      this.#stopPictures();
      return;
    }
    const reader = frames.getReader();
    this.#reader = reader;
    const clock = new CaptureClock();
    try {
      for (;;) {
        const { value: picture, done } = await reader.read();
        if (done) break;
        if (mine !== this.#camera || this.#ended) {
          picture.close();
          await reader.cancel();
          break;
        }
        try {
          await this.#picture(picture, clock);
        } finally {
          picture.close();
        }
      }
    } catch {
      // The camera ended with an error; the page tells what became of it.
    }
  }

  microphone(port: MessagePort): void {
    this.#soundPort?.close();
    this.#soundPort = port;
    this.#soundSeenMs = performance.now();
    port.onmessage = (event: MessageEvent<CapturedSound>) => {
      this.#soundSeenMs = performance.now();
      if (this.#ended || this.#devices.microphone === "off") return;
      if (this.#devices.microphone === "lost") this.device({ microphone: "live" });
      this.#sound.push(event.data, pageNowUs());
    };
  }

  device(change: Partial<Devices>): void {
    const devices = { ...this.#devices, ...change };
    if (JSON.stringify(devices) === JSON.stringify(this.#devices)) return;
    this.#devices = devices;
    if (devices.microphone !== "live") this.#sound.pause();
    else this.#soundSeenMs = performance.now();
    if (devices.camera !== "live") this.#stopPictures();
    else this.#pictureSeenMs = performance.now();
    this.#publication.setDevices(devices);
    tell({ type: "devices", devices });
  }

  clock(estimate: ClockEstimate): void {
    const first = this.#estimate === null;
    this.#estimate = estimate;
    if (first) this.#tellClock(performance.now());
  }

  /** Finish and close. `code`: why, when it was not wished for. */
  end(code?: ErrorCode): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#reader?.cancel().catch(() => {});
    this.#soundPort?.close();
    this.#sound.close();
    for (const encoder of this.#encoders) encoder.close();
    this.#publication.finish();
    // What was finished is still on its way, and there is no asking when it has arrived.
    setTimeout(() => {
      this.#publication.detach();
      this.#line.stop();
      tell({ type: "state", state: code === undefined ? { state: "ended" } : { state: "ended", code } });
      self.close();
    }, FINISH_MS);
  }

  async #picture(picture: VideoFrame, clock: CaptureClock): Promise<void> {
    const arrivedUs = pageNowUs();
    this.#pictureSeenMs = performance.now();
    clock.arrived(picture.timestamp, arrivedUs);
    if (!clock.settled) {
      void this.#fitEncoders(picture.displayWidth, picture.displayHeight);
      return;
    }
    const timestamp = Math.max(clock.map(picture.timestamp) - this.#epochUs, this.#lastPictureUs + 1);
    if (timestamp < 0) return;
    this.#lastPictureUs = timestamp;
    if (this.#devices.camera === "off") return;
    if (this.#devices.camera === "lost") this.device({ camera: "live" });
    await this.#fitEncoders(picture.displayWidth, picture.displayHeight);
    if (timestamp - this.#lastKeyUs >= KEY_EVERY_US) {
      this.#lastKeyUs = timestamp;
      for (const encoder of this.#encoders) encoder.askKey();
    }
    const stamped = new VideoFrame(picture, { timestamp });
    for (const encoder of this.#encoders) encoder.encode(stamped);
    stamped.close();
  }

  /** Encoders for this size of picture; the same ones while it does not change. */
  #fitEncoders(width: number, height: number): Promise<void> {
    this.#fitting = this.#fitting.then(() => this.#fit(width, height));
    return this.#fitting;
  }

  async #fit(width: number, height: number): Promise<void> {
    const shapes = renditionsOf(width, height, this.#framerate);
    const fits = shapes.every((shape, at) => {
      const has = this.#encoders[at]?.shape;
      return (
        has && has.width === shape.width && has.height === shape.height && has.framerate === shape.framerate
      );
    });
    if (fits) return;
    for (const encoder of this.#encoders) encoder.close();
    this.#encoders = [];
    this.#lastKeyUs = Number.NEGATIVE_INFINITY;
    try {
      for (const shape of shapes) {
        this.#encoders.push(
          await PictureEncoder.make(
            shape,
            (config, timestampUs, key, data) => {
              if (this.#ended || this.#devices.camera !== "live") return;
              this.#send(this.#publication.trackFor(shape.rendition, config), timestampUs, key, data);
            },
            // An encoder that fails (a driver reset) is made anew for the next picture.
            () => this.#stopEncoders(),
          ),
        );
      }
    } catch (error) {
      this.end(error instanceof VivavoceError ? error.code : "line.codec");
    }
  }

  #stopEncoders(): void {
    for (const encoder of this.#encoders) {
      this.#dropped += encoder.dropped;
      encoder.close();
    }
    this.#encoders = [];
    this.#counted = 0;
  }

  #stopPictures(): void {
    this.#stopEncoders();
    this.#publication.drop("video");
  }

  #packet(pageUs: number, data: Uint8Array): void {
    if (this.#ended || this.#devices.microphone !== "live") return;
    const timestamp = Math.max(pageUs - this.#epochUs, this.#lastSoundUs + 1);
    if (timestamp < 0) return;
    this.#lastSoundUs = timestamp;
    const name = this.#publication.trackFor("floor", {
      kind: "audio",
      codec: "opus",
      sampleRate: 48_000,
      channels: 1,
      bitrate: SOUND_ENCODING.bitrate,
      language: this.#language,
      role: "floor",
      interprets: null,
    });
    this.#send(name, timestamp, true, data);
  }

  #soundFailed(error: Error): void {
    if (error.name === "NotSupportedError") this.end("line.codec");
    else this.#sound.pause();
  }

  #send(name: string, timestampUs: number, key: boolean, data: Uint8Array): void {
    this.#bits += 8 * data.byteLength;
    this.#publication.write(name, timestampUs, key, data);
  }

  #tick(): void {
    const now = performance.now();
    if (this.#devices.camera === "live" && now - this.#pictureSeenMs > SILENT_MS)
      this.device({ camera: "lost" });
    if (this.#devices.microphone === "live" && now - this.#soundSeenMs > SILENT_MS)
      this.device({ microphone: "lost" });
    if (now - this.#clockToldMs >= CLOCK_EVERY_MS) this.#tellClock(now);
    this.#tellStats();
  }

  #tellClock(now: number): void {
    if (!this.#estimate) return;
    this.#clockToldMs = now;
    this.#publication.writeClock(pageNowUs() - this.#epochUs, this.#estimate);
  }

  #tellStats(): void {
    const largest = this.#encoders[0];
    const encoded = largest?.encoded ?? 0;
    const perSecond = 1000 / STATS_EVERY_MS;
    this.#fps = [...this.#fps, Math.max(0, encoded - this.#counted)].slice(-perSecond);
    this.#counted = encoded;
    this.#bitrates = [...this.#bitrates, this.#bits].slice(-perSecond);
    this.#bits = 0;
    const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
    tell({
      type: "stats",
      stats: {
        fps: sum(this.#fps),
        width: largest?.shape.width ?? 0,
        height: largest?.shape.height ?? 0,
        codec: largest?.codec ?? "",
        bitrate: sum(this.#bitrates),
        level: this.#sound.takePeak(),
        samples: this.#publication.samples,
        dropped: this.#dropped + sum(this.#encoders.map((encoder) => encoder.dropped)),
      },
    });
  }

  #tellState(state: PublisherState): void {
    if (!this.#ended) tell({ type: "state", state });
  }

  /**
   * Read the host's state, to leave by itself when another device takes over. A session that is closed under a
   * page that is opening streams crashes Chromium 156, so the host gives notice before it cuts.
   */
  async #heed(session: Session): Promise<void> {
    const [discussion = "", seat = ""] = this.#grant.path.split("/");
    const host = session.consume(Path.from(discussion, "host"));
    const current = () => this.#session === session && !this.#ended;
    await follow(host, STATE_TRACK, 90, current, (raw) => {
      const code = codeIn(JSON.parse(new TextDecoder().decode(raw)), seat, this.#grant.run);
      // What was told before this run began does not count.
      if (code === null) this.#seenOnAir = true;
      else if (this.#seenOnAir) this.end(code);
    });
  }

  /** A refused session may mean that the run is over: somebody took over, or the address was renewed. */
  async #askGrant(): Promise<void> {
    if (this.#asking || this.#ended) return;
    this.#asking = true;
    try {
      const code = await endedBecause(this.#grant, this.#apiUrl);
      if (code) this.end(code);
    } finally {
      this.#asking = false;
    }
  }
}

let work: Work | null = null;

self.onmessage = (event: MessageEvent<ToPublisherWorker>) => {
  const message = event.data;
  if (message.type === "start") {
    work ??= new Work(message);
    return;
  }
  if (!work) return;
  if (message.type === "camera") {
    const frames =
      message.frames ??
      (message.track ? new MediaStreamTrackProcessor({ track: message.track }).readable : null);
    void work.camera(frames, message.framerate);
  } else if (message.type === "microphone") work.microphone(message.port);
  else if (message.type === "device") {
    const { type: _, ...change } = message;
    work.device(change);
  } else if (message.type === "clock") work.clock(message.estimate);
  else if (message.type === "stop") work.end();
};
