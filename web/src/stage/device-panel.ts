/**
 * Choose and test camera, microphone and loudspeaker. Shows; the desk (devices.ts) does.
 *
 * @module
 */

import { css, html, nothing, type PropertyValues } from "lit";
import { t } from "../i18n";
import { define, PageElement, tell } from "../ui/element";
import { basics, controls } from "../ui/styles";
import type { DeviceDesk, Kind } from "./devices";
import "./level-meter";
import { playTone } from "./tone";

/** `<vv-devices>`: fires `allow` after leave was asked for, within the click. */
export class DevicePanel extends PageElement {
  static override properties = {
    desk: { attribute: false },
    onAir: { type: Boolean },
    closed: { type: Boolean },
    tone: { state: true },
  };

  desk!: DeviceDesk;
  onAir = false;
  /** The microphone is shut. */
  closed = false;
  private tone = false;
  private readonly changed = (): void => this.requestUpdate();

  static override styles = [
    basics,
    controls,
    css`
      :host {
        display: grid;
        align-content: start;
        gap: var(--gap-3);
        font-size: var(--text-small);
      }

      .preview {
        position: relative;
        display: grid;
        place-items: center;
        aspect-ratio: 16 / 9;
        overflow: hidden;
        background: var(--picture);
        color: var(--ink-soft);
      }

      video {
        position: absolute;
        inset: 0;
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
        transform: scaleX(-1);
      }

      .allow {
        display: grid;
        justify-items: start;
        gap: var(--gap-3);
        color: var(--ink-soft);
      }

      .lost {
        padding-inline-start: var(--gap-3);
        border-inline-start: 3px solid var(--warn);
        overflow-wrap: anywhere;
      }

      .lost strong {
        color: var(--warn);
      }

      .lost button {
        min-block-size: 2rem;
        margin-block-start: var(--gap-1);
      }

      select {
        margin-block-start: var(--gap-1);
        min-block-size: 2.25rem;
      }

      .echo[data-off] {
        color: var(--warn);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.desk.addEventListener("change", this.changed);
  }

  override disconnectedCallback(): void {
    this.desk.removeEventListener("change", this.changed);
    super.disconnectedCallback();
  }

  protected override updated(_changed: PropertyValues): void {
    const video = this.renderRoot.querySelector("video");
    const { track } = this.desk.opened.camera;
    if (!video || !track) return;
    const shown = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0] : null;
    if (shown !== track) video.srcObject = new MediaStream([track]);
  }

  private readonly allow = (): void => {
    void this.desk.open();
    tell(this, "allow");
  };

  private readonly test = async (): Promise<void> => {
    if (this.tone) return;
    this.tone = true;
    await playTone().finally(() => {
      this.tone = false;
    });
  };

  override render() {
    const { desk } = this;
    if (!desk.asked) {
      return html`<div class="allow">
        <p>${t("stage.allow_explain")}</p>
        <button class="main" @click=${this.allow}>${t("stage.allow")}</button>
      </div>`;
    }
    if (desk.opening) return html`<div class="preview" role="status">${t("stage.opening")}</div>`;
    return html`
      <div class="preview">
        ${
          desk.opened.camera.track
            ? html`<video autoplay muted playsinline aria-label=${t("stage.preview")}></video>`
            : t("stage.no_camera")
        }
      </div>
      ${this.missing("camera")} ${this.choice("camera")} ${this.missing("microphone")} ${this.choice("microphone")}
      ${this.sound()}
      <div>
        <button aria-disabled=${this.tone} @click=${this.test}>${t("stage.tone")}</button>
        <p role="status">${this.tone ? t("stage.tone_playing") : nothing}</p>
      </div>
    `;
  }

  private sound() {
    const { desk } = this;
    const { track } = desk.opened.microphone;
    if (!track) return nothing;
    const echo = desk.echoCancellation;
    return html`
      <vv-level .track=${track} ?closed=${this.closed}></vv-level>
      <p class="echo" ?data-off=${!echo}>${t(echo ? "stage.echo_on" : "stage.echo_off")}</p>
      <div>
        <label class="tick">
          <input
            type="checkbox"
            .checked=${desk.noise}
            @change=${(event: Event) => desk.process((event.target as HTMLInputElement).checked, desk.gain)}
          />${t("stage.noise")}
        </label>
        <label class="tick">
          <input
            type="checkbox"
            .checked=${desk.gain}
            @change=${(event: Event) => desk.process(desk.noise, (event.target as HTMLInputElement).checked)}
          />${t("stage.gain")}
        </label>
      </div>
    `;
  }

  private choice(kind: Kind) {
    const { desk } = this;
    const { track, wanted } = desk.opened[kind];
    const current = wanted === "off" ? "off" : (track?.getSettings().deviceId ?? "");
    const choose = (event: Event): void => void desk.choose(kind, (event.target as HTMLSelectElement).value);
    return html`<div>
      <label for=${kind}>${t(kind === "camera" ? "stage.camera" : "stage.microphone")}</label>
      <select id=${kind} @change=${choose}>
        ${desk.of(kind).map(
          (device, index) =>
            html`<option value=${device.deviceId} ?selected=${device.deviceId === current}>
              ${device.label || this.unnamed(kind, index)}
            </option>`,
        )}
        <option value="off" ?selected=${current === "off" || !track}>${t("stage.none")}</option>
      </select>
    </div>`;
  }

  private unnamed(kind: Kind, index: number): string {
    return t(kind === "camera" ? "stage.unnamed_camera" : "stage.unnamed_microphone", { number: index + 1 });
  }

  /** A device that was unplugged, or that could not be opened, and what may be used in its place. */
  private missing(kind: Kind) {
    const { desk } = this;
    const { lost, refused, wanted } = desk.opened[kind];
    if (lost) {
      const others = desk.of(kind).filter((device) => device.label !== lost);
      return html`<div class="lost" role="alert">
        <p>
          <strong>${t(kind === "camera" ? "stage.lost_camera" : "stage.lost_microphone", { device: lost })}</strong>
          ${this.onAir ? t("stage.lost_on_air") : nothing} ${others.length ? nothing : t("stage.no_other")}
        </p>
        ${others.map(
          (device) =>
            html`<button @click=${() => desk.choose(kind, device.deviceId)}>
              ${t("stage.use_other", { device: device.label })}
            </button>`,
        )}
      </div>`;
    }
    if (!refused) return nothing;
    return html`<div class="lost" role="alert">
      <p>
        <strong>${t(kind === "camera" ? "stage.refused_camera" : "stage.refused_microphone")}</strong>
        ${t(kind === "camera" ? "remedy.device.camera" : "remedy.device.microphone")}
      </p>
      <button @click=${() => desk.choose(kind, wanted === "off" ? "" : wanted)}>${t("stage.try_again")}</button>
    </div>`;
  }
}

define("vv-devices", DevicePanel);
