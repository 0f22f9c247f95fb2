/**
 * Camera and microphone of this device: opened, chosen, lost, found again. Sends nothing to anyone.
 *
 * @module
 */

import { LARGEST } from "../line/codecs";
import type { Kept } from "./secret";

export type Kind = "camera" | "microphone";

/** What stands of one kind: `refused` holds the browser's reason, `lost` the label of what was unplugged. */
export interface Opened {
  track: MediaStreamTrack | null;
  refused: string;
  lost: string;
  /** The id that was asked for; `off` where none is wanted. */
  wanted: string;
}

const OFF = "off";
const KINDS = { camera: "videoinput", microphone: "audioinput" } as const;
const nothing = (): Opened => ({ track: null, refused: "", lost: "", wanted: "" });

/**
 * Fires `change` at each change. The microphone is opened with echo cancellation asked for, always; noise
 * suppression and automatic gain as chosen. Whether echo cancellation is on is what the track says of itself.
 */
export class DeviceDesk extends EventTarget {
  readonly opened: Record<Kind, Opened> = { camera: nothing(), microphone: nothing() };
  /** Every camera and microphone that the browser names. */
  list: MediaDeviceInfo[] = [];
  /** Whether leave was asked for since the page was opened. */
  asked = false;
  /** Whether the browser is being asked right now. */
  opening = false;
  noise = false;
  gain = false;

  /** `largest`: of the picture, which is what a camera is asked for. */
  constructor(
    private readonly kept: Kept,
    readonly largest = LARGEST,
  ) {
    super();
    navigator.mediaDevices?.addEventListener("devicechange", this.listed);
  }

  /** Whether the browser gave leave before, so that it will not ask again. */
  async leaveGiven(): Promise<boolean> {
    try {
      const names = ["camera", "microphone"] as unknown as PermissionName[];
      const answers = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
      return answers.every(({ state }) => state === "granted");
    } catch {
      return false;
    }
  }

  /** Ask for both, once; each that cannot be had is noted, and the other stays. */
  async open(): Promise<void> {
    this.asked = true;
    this.opening = true;
    this.dispatchEvent(new Event("change"));
    const ids = { camera: this.kept.get("camera"), microphone: this.kept.get("microphone") };
    try {
      if (ids.camera === OFF || ids.microphone === OFF) throw new Error("one by one");
      const stream = await navigator.mediaDevices.getUserMedia({
        video: this.constraints("camera", ids.camera),
        audio: this.constraints("microphone", ids.microphone),
      });
      for (const track of stream.getTracks()) {
        const kind = track.kind === "video" ? "camera" : "microphone";
        this.put(kind, track, ids[kind]);
      }
    } catch {
      await this.choose("camera", ids.camera);
      await this.choose("microphone", ids.microphone);
    }
    this.opening = false;
    await this.listed();
  }

  /** Use another device of a kind; `off` for none. The old one is let go only when the new one is there. */
  async choose(kind: Kind, id: string): Promise<void> {
    this.kept.set(kind, id);
    if (id === OFF) {
      this.put(kind, null, OFF);
      return;
    }
    try {
      const wish = this.constraints(kind, id);
      const stream = await navigator.mediaDevices.getUserMedia(
        kind === "camera" ? { video: wish } : { audio: wish },
      );
      this.put(kind, stream.getTracks()[0] ?? null, id);
    } catch (error) {
      const { track } = this.opened[kind];
      this.opened[kind] = {
        ...this.opened[kind],
        refused: error instanceof Error ? error.name : "Error",
        wanted: id,
      };
      if (track?.readyState === "ended") this.opened[kind].track = null;
      this.dispatchEvent(new Event("change"));
    }
  }

  /** Open the microphone anew with these: browsers do not change them on a running track alike. */
  async process(noise: boolean, gain: boolean): Promise<void> {
    this.noise = noise;
    this.gain = gain;
    if (this.opened.microphone.track) await this.choose("microphone", this.opened.microphone.wanted);
  }

  /** Devices of a kind that are plugged in. */
  of(kind: Kind): MediaDeviceInfo[] {
    return this.list.filter((device) => device.kind === KINDS[kind] && device.deviceId !== "");
  }

  /** What the microphone says of itself. */
  get echoCancellation(): boolean {
    // Newer browsers answer with the mode's name where older ones answer with true.
    const said: unknown = this.opened.microphone.track?.getSettings().echoCancellation;
    return said === true || said === "all" || said === "browser" || said === "system";
  }

  close(): void {
    navigator.mediaDevices?.removeEventListener("devicechange", this.listed);
    for (const kind of ["camera", "microphone"] as const) this.opened[kind].track?.stop();
  }

  private put(kind: Kind, track: MediaStreamTrack | null, wanted: string): void {
    const old = this.opened[kind].track;
    this.opened[kind] = { track, refused: "", lost: "", wanted };
    if (old && old !== track) old.stop();
    track?.addEventListener("ended", () => this.ended(kind, track));
    this.dispatchEvent(new Event("change"));
  }

  /** `stop()` fires no `ended`: the device itself is gone. */
  private ended(kind: Kind, track: MediaStreamTrack): void {
    if (this.opened[kind].track !== track) return;
    this.opened[kind] = { ...this.opened[kind], track: null, lost: track.label || kind };
    this.dispatchEvent(new Event("change"));
  }

  private readonly listed = async (): Promise<void> => {
    this.list = (await navigator.mediaDevices.enumerateDevices().catch(() => [])) ?? [];
    for (const kind of ["camera", "microphone"] as const) {
      // What was lost is used again when it is back, without a question: it was chosen.
      const { lost } = this.opened[kind];
      const back = lost && this.of(kind).find((device) => device.label === lost);
      if (back) void this.choose(kind, back.deviceId);
    }
    this.dispatchEvent(new Event("change"));
  };

  private constraints(kind: Kind, id: string): MediaTrackConstraints {
    const which: MediaTrackConstraints = id ? { deviceId: { exact: id } } : {};
    if (kind === "camera") {
      const { long, short } = this.largest;
      return { ...which, width: { ideal: long }, height: { ideal: short }, frameRate: { ideal: 30 } };
    }
    return {
      ...which,
      echoCancellation: { ideal: true },
      noiseSuppression: this.noise,
      autoGainControl: this.gain,
      channelCount: { ideal: 1 },
    };
  }
}
