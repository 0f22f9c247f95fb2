/**
 * The publisher's worker: pictures and sound in, encoded, onto the line. Wiring; decisions are next door.
 *
 * @module
 */

import "./quiet";
import { Path } from "@moq/net";
import type { ErrorCode } from "../errors";
import { VivavoceError } from "../errors";
import { after } from "./after";
import { arrivalTrack, parseArrival } from "./arrival";
import { Camera } from "./camera";
import { type Devices, STATE_TRACK } from "./catalog";
import { type ClockEstimate, pageNowUs } from "./clock";
import { SOUND_BITRATE } from "./codecs";
import { Line, type Session } from "./connection";
import { follow } from "./follow";
import { codeIn, endedBecause } from "./grant";
import type { CapturedSound, FromPublisherWorker, ToPublisherWorker } from "./messages";
import { MicrophoneFeed } from "./microphonefeed";
import { Outflow } from "./outflow";
import { Publication, type TrackConfig } from "./publication";
import type { AirGrant, PublisherState } from "./publisher";
import { Renditions } from "./renditions";
import { type StartPublishing, sealsFor } from "./runseals";
import { type Seals, TICK_MS } from "./seals";
import { Sending } from "./sending";
import { SoundEncoder } from "./soundencoder";
import { openTransport } from "./transport";

const STATS_EVERY_MS = 250;
const CLOCK_EVERY_MS = 2_000;
/** What was finished goes out within this where the host is quick; where it is not, within that. */
const FINISH_MS = 400;
const MOST_FINISH_MS = 3_000;
const LOOK_MS = 50;
/** The end is signed and written within this, or not at all. */
const END_MS = 300;
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
  /** Of the one sound track. */
  readonly #floor: TrackConfig;
  readonly #epochUs: number;
  readonly #seals: Seals | null;
  readonly #publication: Publication;
  readonly #line: Line;
  readonly #sound: SoundEncoder;
  readonly #camera: Camera;
  readonly #renditions: Renditions;
  readonly #sending = new Sending();
  readonly #outflow = new Outflow();
  #devices: Devices;
  #estimate: ClockEstimate | null = null;
  #clockToldMs = Number.NEGATIVE_INFINITY;
  #lastSoundUs = -1;
  #pictureSeenMs = performance.now();
  #soundSeenMs = performance.now();
  readonly #microphone = new MicrophoneFeed((block) => this.#heard(block));
  #timer: ReturnType<typeof setInterval>;
  #sealer: ReturnType<typeof setInterval>;
  #asking = false;
  #session: Session | null = null;
  #seenOnAir = false;
  #ended = false;

  constructor(message: StartPublishing, epochUs: number, seals: Seals | null) {
    const { grant, language, devices, apiUrl, reachUrl } = message;
    this.#grant = grant;
    this.#epochUs = epochUs;
    this.#seals = seals;
    this.#apiUrl = apiUrl;
    this.#floor = {
      kind: "audio",
      codec: "opus",
      sampleRate: 48_000,
      channels: 1,
      bitrate: SOUND_BITRATE,
      language,
      role: "floor",
      interprets: null,
    };
    this.#devices = devices;
    tell({ type: "epoch", epochUs: this.#epochUs });
    this.#publication = new Publication({
      path: grant.path,
      run: grant.run,
      epochUs: this.#epochUs,
      devices,
      seals,
    });
    this.#sound = new SoundEncoder(
      (pageUs, data) => this.#packet(pageUs, data),
      (error) => this.#soundFailed(error),
    );
    this.#renditions = new Renditions({
      ...(message.largest ? { largest: message.largest } : {}),
      onTrack: (rendition, config) => {
        if (!this.#ended && this.#devices.camera === "live") this.#publication.trackFor(rendition, config);
      },
      onRest: (rendition) => this.#publication.rest(rendition),
      onSample: (rendition, config, timestampUs, key, data) => {
        if (this.#ended || this.#devices.camera !== "live") return;
        this.#send(rendition, config, timestampUs, key, data);
      },
      onCannot: (error) => this.end(error instanceof VivavoceError ? error.code : "line.codec"),
    });
    this.#camera = new Camera({
      epochUs: this.#epochUs,
      onSeen: (width, height) => {
        this.#pictureSeenMs = performance.now();
        this.#renditions.fit(width, height);
      },
      onPicture: (picture) => this.#picture(picture),
    });
    this.#line = new Line({
      open: openTransport,
      address: grant.line,
      token: grant.token,
      discussion: grant.path.split("/")[0] ?? "",
      reachUrl,
      onSession: (session) => {
        this.#renditions.askKey();
        // One that recovered by itself still carries the broadcast: a second one of the same name on the same
        // session is not followed for certain.
        if (session !== this.#session) {
          this.#session = session;
          this.#sending.reset();
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
    this.#sealer = setInterval(() => this.#seals?.tick(), TICK_MS);
  }

  /** Pictures from here on come from this camera; null for none. */
  camera(frames: ReadableStream<VideoFrame> | null, framerate: number): void {
    this.#camera.stop();
    this.#renditions.setFramerate(framerate);
    this.#pictureSeenMs = performance.now();
    if (frames) void this.#camera.read(frames);
    else this.#stopPictures();
  }

  microphone(source: MessagePort | ReadableStream<AudioData>): void {
    this.#soundSeenMs = performance.now();
    this.#microphone.use(source);
  }

  #heard(block: CapturedSound): void {
    this.#soundSeenMs = performance.now();
    if (this.#ended || this.#devices.microphone === "off") return;
    if (this.#devices.microphone === "lost") this.device({ microphone: "live" });
    this.#sound.push(block, pageNowUs());
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
    clearInterval(this.#sealer);
    this.#camera.stop();
    this.#microphone.close();
    this.#sound.close();
    this.#renditions.close();
    this.#publication.finish();
    void this.#finish(code);
  }

  async #finish(code?: ErrorCode): Promise<void> {
    await Promise.race([this.#seals?.end(), after(END_MS)]);
    // What was finished is still on its way. Of samples the host tells when they came; seals go before pictures.
    await after(FINISH_MS);
    const untilMs = performance.now() + MOST_FINISH_MS - FINISH_MS;
    while (!code && this.#line.live && this.#sending.unreported && performance.now() < untilMs)
      await after(LOOK_MS);
    this.#publication.detach();
    this.#line.stop();
    tell({ type: "state", state: code === undefined ? { state: "ended" } : { state: "ended", code } });
    self.close();
  }

  #picture(picture: VideoFrame): void {
    if (this.#ended || this.#devices.camera === "off") return;
    if (this.#devices.camera === "lost") this.device({ camera: "live" });
    // Left out before it is encoded: what was encoded must be sent, or all that builds on it is lost.
    if (this.#sending.holds(performance.now(), this.#line.unsent)) this.#renditions.leaveOut();
    else this.#renditions.encode(picture);
  }

  #stopPictures(): void {
    this.#renditions.close();
    this.#publication.drop("video");
  }

  #packet(pageUs: number, data: Uint8Array): void {
    if (this.#ended || this.#devices.microphone !== "live") return;
    const timestamp = Math.max(pageUs - this.#epochUs, this.#lastSoundUs + 1);
    if (timestamp < 0) return;
    this.#lastSoundUs = timestamp;
    this.#send("floor", this.#floor, timestamp, true, data);
  }

  #soundFailed(error: Error): void {
    if (error.name === "NotSupportedError") this.end("line.codec");
    else this.#sound.pause();
  }

  #send(rendition: string, config: TrackConfig, timestampUs: number, key: boolean, data: Uint8Array): void {
    this.#outflow.sent(data.byteLength);
    const track = this.#publication.trackFor(rendition, config);
    const sound = config.kind === "audio";
    this.#sending.sent(performance.now(), track, timestampUs, sound, data.byteLength, this.#line.unsent);
    this.#publication.write(track, timestampUs, key, data);
  }

  #tick(): void {
    const now = performance.now();
    if (this.#devices.camera === "live" && now - this.#pictureSeenMs > SILENT_MS)
      this.device({ camera: "lost" });
    if (this.#devices.microphone === "live" && now - this.#soundSeenMs > SILENT_MS)
      this.device({ microphone: "lost" });
    if (now - this.#clockToldMs >= CLOCK_EVERY_MS) this.#tellClock(now);
    this.#share(now);
    this.#tellStats();
  }

  /** What is encoded: what somebody watches, as far as the line carries it. */
  #share(now: number): void {
    this.#line.pace(this.#sending.pace(now));
    const { shapes } = this.#renditions;
    if (shapes.length === 0) return;
    const { bitrates, unlisted } = this.#sending.share(now, shapes);
    for (const [rendition, bitrate] of bitrates) this.#renditions.setBitrate(rendition, bitrate);
    this.#renditions.setWanted(new Set(bitrates.keys()));
    this.#publication.unlist(unlisted);
  }

  #arrived(raw: Uint8Array): void {
    const arrival = parseArrival(raw);
    if (arrival?.run !== this.#grant.run) return;
    const now = performance.now();
    this.#sending.arrived(now, arrival);
    if (this.#ended) return;
    if (arrival.lacking.length > 0) this.#seals?.asked(arrival.lacking);
    this.#share(now);
  }

  #tellClock(now: number): void {
    if (!this.#estimate) return;
    this.#clockToldMs = now;
    this.#publication.writeClock(pageNowUs() - this.#epochUs, this.#estimate);
  }

  #tellStats(): void {
    const { largest } = this.#renditions;
    this.#outflow.pictures(this.#renditions.encoded);
    const { fps, bitrate } = this.#outflow.quarter();
    tell({
      type: "stats",
      stats: {
        fps,
        width: largest?.shape.width ?? 0,
        height: largest?.shape.height ?? 0,
        codec: largest?.codec ?? "",
        bitrate,
        level: this.#sound.takePeak(),
        samples: this.#publication.samples,
        dropped: this.#renditions.dropped,
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
    const here = () => this.#session === session;
    const current = () => here() && !this.#ended;
    // To the very end: by it we know that all has come.
    void follow(host, arrivalTrack(seat), 95, here, (raw) => this.#arrived(raw));
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

function heed(work: Work, message: ToPublisherWorker): void {
  if (message.type === "camera") {
    const frames =
      message.frames ??
      (message.track ? new MediaStreamTrackProcessor({ track: message.track }).readable : null);
    work.camera(frames, message.framerate);
  } else if (message.type === "microphone") work.microphone(message.source);
  else if (message.type === "device") {
    const { type: _, ...change } = message;
    work.device(change);
  } else if (message.type === "clock") work.clock(message.estimate);
  else if (message.type === "stop") work.end();
}

/** What came while the keys were made is heeded afterwards, in its order. */
let work: Promise<Work> | null = null;

async function begin(message: StartPublishing): Promise<Work> {
  const epochUs = pageNowUs();
  const onTrouble = (code: ErrorCode) => tell({ type: "unsealed", code });
  return new Work(message, epochUs, await sealsFor(message, epochUs, onTrouble));
}

self.onmessage = (event: MessageEvent<ToPublisherWorker>) => {
  const message = event.data;
  if (message.type === "start") work ??= begin(message);
  // Reported as the worker's error: by it the page knows that this is over.
  void work?.then((work) => heed(work, message)).catch(reportError);
};
