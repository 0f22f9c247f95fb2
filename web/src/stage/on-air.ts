/**
 * One device's time on air: asks the host, publishes, comes back, leaves. The rules are in air.ts.
 *
 * @module
 */

import { type ErrorCode, VivavoceError } from "../errors";
import type { HostClock } from "../line/clock";
import {
  type AirGrant,
  Publisher,
  type PublisherOptions,
  type PublisherState,
  type SealedBy,
} from "../line/publisher";
import { AirTaken, asProblem, goOnAir, leaveAir, seatFacts } from "../ui/api";
import { type AirEvent, type AirState, holdsAir, mayGo, next } from "./air";
import type { DeviceDesk, Kind } from "./devices";
import type { Identity } from "./identity";
import type { Kept, StageAddress } from "./secret";
import { Wake } from "./wake";

export interface OnAirOptions {
  address: StageAddress;
  secret: string;
  device: string;
  language: string;
  kept: Kept;
  clock: HostClock;
  desk: DeviceDesk;
  identity: Identity;
  /** The screenshots' preview publishes nowhere. */
  publish?: (options: PublisherOptions) => Publisher;
}

/** Fires `change` whenever something that is shown changed, and `taken` (CustomEvent<AirTaken>) for the question. */
export class OnAir extends EventTarget {
  state: AirState = "ready";
  /** Why the state is `failed`. */
  problem: VivavoceError | null = null;
  /** Why what is sent now is not sealed, though it was to be; null where it is, or where the host knows no seals. */
  unsealed: ErrorCode | null = null;
  microphoneOpen = true;
  /** When this run became live, by the host's clock; null before. */
  sinceUs: number | null = null;
  readonly wake = new Wake();
  publisher: Publisher | null = null;
  run = "";

  constructor(private readonly options: OnAirOptions) {
    super();
    options.desk.addEventListener("change", this.devicesChanged);
    this.wake.addEventListener("change", this.changed);
  }

  /** Whether this page was on air before it was reloaded. */
  get returns(): boolean {
    return this.state === "ready" && this.options.kept.get("token") !== "";
  }

  /** The button. takeOver: the reader was asked and wants it. Nothing is sent before the host has granted it. */
  async go(takeOver: boolean): Promise<void> {
    if (!mayGo(this.state)) return;
    const { address, secret, device, kept } = this.options;
    this.problem = null;
    this.unsealed = null;
    this.step("go");
    try {
      const token = kept.get("token") || null;
      const sealedBy = this.sealedBy();
      const grant = await goOnAir(address.discussion, address.seat, secret, { device, takeOver, token });
      kept.set("token", grant.token);
      this.step("granted");
      await this.publish(grant, await sealedBy);
    } catch (error) {
      if (error instanceof AirTaken) {
        this.step("taken");
        this.dispatchEvent(new CustomEvent("taken", { detail: error }));
        return;
      }
      this.problem = asProblem(error);
      const voided = this.problem.code === "access.stage";
      const token = kept.get("token");
      const held = holdsAir(this.state);
      this.step(voided ? "voided" : this.state === "asking" ? "refused" : "broke");
      await this.end();
      // Granted, and then this page could not publish: the host is not left waiting for it.
      if (held && token) await leaveAir(address.discussion, address.seat, token).catch(() => {});
    }
  }

  /** The button. The device is off the air at once, whether or not the host hears of it now. */
  async leave(): Promise<void> {
    if (!holdsAir(this.state)) return;
    const { address, kept } = this.options;
    const token = kept.get("token");
    this.step("leave");
    await this.end();
    // The host notices by itself that nothing comes; this only tells it sooner and by name.
    if (token) await leaveAir(address.discussion, address.seat, token).catch(() => {});
  }

  setMicrophone(open: boolean): void {
    this.microphoneOpen = open;
    this.publisher?.setMicrophone(open);
    this.changed();
  }

  /** What the run is sealed by; null where it goes on air unsealed, and `unsealed` then says why. */
  private async sealedBy(): Promise<SealedBy | null> {
    try {
      const sealedBy = await this.options.identity.sealedBy();
      if (!sealedBy) this.unsealed = "seal.run";
      return sealedBy;
    } catch (error) {
      const { code } = asProblem(error);
      // A host of before seals: everyone sees that nothing is sealed, and nothing is wrong here.
      if (code !== "page.unknown" && code !== "discussion.unknown") this.unsealed = code;
      return null;
    }
  }

  private async publish(grant: AirGrant, sealedBy: SealedBy | null): Promise<void> {
    const { desk, clock, language } = this.options;
    const tracks = [desk.opened.camera.track, desk.opened.microphone.track];
    const publisher = (this.options.publish ?? ((options) => new Publisher(options)))({
      grant,
      stream: new MediaStream(tracks.filter((track) => track !== null)),
      language,
      echoCancellation: desk.echoCancellation,
      largest: desk.largest,
      sealedBy,
      clock,
    });
    this.publisher = publisher;
    this.run = grant.run;
    this.sinceUs = null;
    publisher.addEventListener("state", (event) => {
      if (publisher === this.publisher) void this.line((event as CustomEvent<PublisherState>).detail);
    });
    publisher.addEventListener("unsealed", (event) => {
      if (publisher !== this.publisher) return;
      this.unsealed = (event as CustomEvent<ErrorCode>).detail;
      this.changed();
    });
    publisher.setMicrophone(this.microphoneOpen);
    this.published = { camera: tracks[0] ?? null, microphone: tracks[1] ?? null };
    this.dispatchEvent(new Event("publisher"));
    void this.wake.hold();
    await publisher.start();
  }

  private async line({ state, code }: PublisherState): Promise<void> {
    if (state === "live") {
      this.sinceUs ??= this.options.clock.nowUs();
      this.step("live");
    } else if (state === "reconnecting") this.step("lost");
    else if (state === "ended" && holdsAir(this.state)) {
      this.step(await this.whyEnded(code));
      await this.end();
    }
  }

  /** The line only says that the token is void; the host knows whether another device or a new address did it. */
  private async whyEnded(code: PublisherState["code"]): Promise<AirEvent> {
    if (code !== undefined && code !== "access.token") {
      this.problem = new VivavoceError(code, "The line was ended.");
      return "broke";
    }
    const { address, secret } = this.options;
    try {
      const { discussion } = await seatFacts(address.discussion, address.seat, secret);
      return discussion.state.seats[address.seat]?.on_air ? "ousted" : "leave";
    } catch (error) {
      this.problem = asProblem(error);
      return this.problem.code === "access.stage" ? "voided" : "broke";
    }
  }

  private async end(): Promise<void> {
    const { publisher } = this;
    this.publisher = null;
    this.options.kept.set("token", "");
    await Promise.all([publisher?.stop(), this.wake.letGo()]);
  }

  private published: Record<Kind, MediaStreamTrack | null> = { camera: null, microphone: null };

  /** On air, another camera or microphone takes the place of the old one; the run stays. */
  private readonly devicesChanged = (): void => {
    const { publisher } = this;
    if (!publisher) return;
    const { camera, microphone } = this.options.desk.opened;
    // A track that ended by itself is the publisher's to report as lost; a null here means “chosen off”.
    if (camera.track !== this.published.camera && !camera.lost) {
      this.published.camera = camera.track;
      void publisher.replaceVideo(camera.track);
    }
    if (microphone.track !== this.published.microphone && !microphone.lost) {
      this.published.microphone = microphone.track;
      void publisher.replaceAudio(microphone.track);
    }
  };

  private step(event: AirEvent): void {
    this.state = next(this.state, event);
    this.changed();
  }

  private readonly changed = (): void => {
    this.dispatchEvent(new Event("change"));
  };
}
