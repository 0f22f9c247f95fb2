/**
 * The microphone's level, live.
 *
 * @module
 */

import { css, html, type PropertyValues } from "lit";
import { t } from "../i18n";
import { define, PageElement } from "../ui/element";
import { basics } from "../ui/styles";

/** Below this nothing is shown: the noise of a quiet room. */
const FLOOR_DB = -60;
/** A screen reader gets the value this often, the eye with every frame. */
const TELL_MS = 1000;

/** `<vv-level>`: listens to `track` for as long as it is connected; `closed` dims it. */
export class LevelMeter extends PageElement {
  static override properties = {
    track: { attribute: false },
    closed: { type: Boolean, reflect: true },
    percent: { state: true },
  };

  track: MediaStreamTrack | null = null;
  closed = false;
  private percent = 0;
  private release = (): void => {};

  static override styles = [
    basics,
    css`
      :host {
        display: block;
      }

      [role="meter"] {
        block-size: 0.5rem;
        overflow: hidden;
        border-radius: var(--round);
        background: var(--surface-high);
      }

      .level {
        block-size: 100%;
        background: var(--ink);
        transform: scaleX(var(--level, 0));
        transform-origin: left;
      }

      :host(:dir(rtl)) .level {
        transform-origin: right;
      }

      :host([closed]) .level {
        opacity: 0.35;
      }
    `,
  ];

  override disconnectedCallback(): void {
    this.release();
    super.disconnectedCallback();
  }

  protected override updated(changed: PropertyValues): void {
    if (!changed.has("track")) return;
    this.release();
    if (this.track) this.listen(this.track);
  }

  private listen(track: MediaStreamTrack): void {
    const audio = new AudioContext();
    const ear = new AnalyserNode(audio, { fftSize: 1024 });
    const source = audio.createMediaStreamSource(new MediaStream([track]));
    source.connect(ear);
    void audio.resume();
    const wave = new Float32Array(ear.fftSize);
    let shown = 0;
    let told = 0;
    let frame = 0;
    const draw = (at: number): void => {
      ear.getFloatTimeDomainData(wave);
      const peak = wave.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const level = Math.min(1, Math.max(0, 1 - (20 * Math.log10(peak || 1e-9)) / FLOOR_DB));
      // It rises at once and falls slowly, as broadcast meters do, so that a peak can be seen.
      shown = Math.max(level, shown - 0.02);
      this.style.setProperty("--level", shown.toFixed(3));
      if (at - told > TELL_MS) {
        told = at;
        this.percent = Math.round(shown * 100);
      }
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    this.release = () => {
      cancelAnimationFrame(frame);
      source.disconnect();
      void audio.close();
      this.style.setProperty("--level", "0");
      this.release = () => {};
    };
  }

  override render() {
    const value = this.closed ? t("stage.level_closed") : t("stage.level_value", { percent: this.percent });
    return html`<div
      role="meter"
      aria-label=${t("stage.level")}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${this.percent}
      aria-valuetext=${value}
    >
      <div class="level"></div>
    </div>`;
  }
}

define("vv-level", LevelMeter);
