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
/** The eye gets the value this often: with every frame it would take the page more than its pictures do. */
const DRAW_MS = 50;
/** And a screen reader. */
const TELL_MS = 1000;
/** It falls by so much each time. */
const FALL = 0.06;

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
        transform: scaleX(0);
        transform-origin: left;
        /* A layer of its own, that is stretched and not painted again. */
        will-change: transform;
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
    // As long as what passes between two drawings, so that no peak is missed.
    const ear = new AnalyserNode(audio, { fftSize: 4096 });
    const source = audio.createMediaStreamSource(new MediaStream([track]));
    source.connect(ear);
    void audio.resume();
    const wave = new Float32Array(ear.fftSize);
    const bar = this.renderRoot.querySelector<HTMLElement>(".level");
    let shown = 0;
    let drawn = "";
    let told = 0;
    const draw = (): void => {
      ear.getFloatTimeDomainData(wave);
      let peak = 0;
      for (const value of wave) peak = Math.max(peak, Math.abs(value));
      const level = Math.min(1, Math.max(0, 1 - (20 * Math.log10(peak || 1e-9)) / FLOOR_DB));
      // It rises at once and falls slowly, as broadcast meters do, so that a peak can be seen.
      shown = Math.max(level, shown - FALL);
      const now = `scaleX(${shown.toFixed(2)})`;
      if (bar && now !== drawn) bar.style.transform = drawn = now;
      told += DRAW_MS;
      if (told < TELL_MS) return;
      told = 0;
      this.percent = Math.round(shown * 100);
    };
    const timer = setInterval(draw, DRAW_MS);
    this.release = () => {
      clearInterval(timer);
      source.disconnect();
      void audio.close();
      if (bar) bar.style.transform = "";
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
