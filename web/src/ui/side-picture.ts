/**
 * One side as it arrives here: its picture, its name, whether it is on air, its delay, a place for captions.
 *
 * The rows are those of the grid that it stands in (subgrid), so that two sides always line up.
 *
 * @module
 */

import { css, html, nothing } from "lit";
import { type Key, nameOfLanguage, t } from "../i18n";
import type { SeatReport } from "../line/watcher";
import type { SideFacts } from "./api";
import "./delay";
import { define, PageElement } from "./element";
import { problemSentence, remedySentence } from "./problem";
import { endingOf, lacking, type SideState, unplayableCode } from "./side-state";
import { basics } from "./styles";
import { utcClock } from "./time";
import "./verdict";

/** `<vv-side>`: its canvas is there after the first update and is the same as long as the element lives. */
export class SidePicture extends PageElement {
  static override properties = {
    side: { attribute: false },
    report: { attribute: false },
    state: {},
    takenUs: { attribute: false },
  };

  side: SideFacts | null = null;
  report: SeatReport | null = null;
  state: SideState = "waiting";
  /** When another device took over, or null. */
  takenUs: number | null = null;

  static override styles = [
    basics,
    css`
      :host {
        display: grid;
        grid-row: span 3;
        grid-template-rows: subgrid;
        row-gap: 0;
        min-inline-size: 0;
      }

      .picture {
        position: relative;
        inline-size: min(100%, var(--picture-inline, 100%));
        block-size: 100%;
        margin-inline: auto;
        overflow: hidden;
        background: var(--picture);
      }

      canvas {
        position: absolute;
        inset: 0;
        inline-size: 100%;
        block-size: 100%;
        object-fit: contain;
      }

      .picture[data-state="silent"] canvas,
      .picture[data-state="line_lost"] canvas {
        opacity: 0.25;
      }

      .picture[data-state="off"] canvas,
      .picture[data-state="waiting"] canvas,
      .picture[data-state="unplayable"] canvas,
      .picture.dark canvas {
        visibility: hidden;
      }

      .picture[data-verdict="broken"]::after {
        content: "";
        position: absolute;
        inset: 0;
        border: 4px solid var(--bad);
        pointer-events: none;
      }

      .instead {
        position: absolute;
        inset: 0;
        display: grid;
        align-content: center;
        justify-items: center;
        gap: var(--gap-1);
        padding: var(--gap-4);
        text-align: center;
        text-wrap: balance;
      }

      .instead strong {
        font-size: var(--text-name);
        font-weight: 600;
      }

      .instead span {
        max-inline-size: 26rem;
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      .words {
        position: relative;
        inline-size: min(100%, var(--picture-inline, 100%));
        margin-inline: auto;
        padding-block-start: var(--gap-2);
        padding-inline: var(--words-edge, 0);
      }

      .who {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: var(--gap-3);
      }

      h2 {
        display: -webkit-box;
        min-inline-size: 0;
        overflow: hidden;
        font-size: var(--text-name);
        font-weight: 600;
        line-height: 1.3;
        overflow-wrap: anywhere;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        line-clamp: 2;
      }

      @media (orientation: portrait) and (max-width: 30rem) {
        h2 {
          -webkit-line-clamp: 1;
          line-clamp: 1;
        }
      }

      .state {
        flex: none;
        max-inline-size: 55%;
        text-align: end;
      }

      .state::before {
        content: "";
        display: inline-block;
        inline-size: 0.5em;
        block-size: 0.5em;
        margin-inline-end: 0.5em;
        border: 1.5px solid currentcolor;
        border-radius: 50%;
        vertical-align: 0.08em;
      }

      .state[data-state="on_air"]::before {
        background: currentcolor;
      }

      .state[data-state="silent"],
      .state[data-state="line_lost"],
      .lack {
        color: var(--warn);
      }

      .state[data-state="off"],
      .state[data-state="waiting"] {
        color: var(--ink-soft);
      }

      .facts {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        column-gap: var(--gap-3);
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      .captions {
        inline-size: min(100%, var(--picture-inline, 100%));
        margin-block-start: var(--gap-2);
        margin-inline: auto;
        padding-block: var(--gap-2);
        padding-inline: var(--words-edge, 0);
        border-block-start: 1px solid var(--hairline);
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      :host([compact]) .captions {
        display: none;
      }
    `,
  ];

  /** Where this side is drawn; give it to `Watcher.attach` once. */
  get canvas(): HTMLCanvasElement | null {
    return this.renderRoot.querySelector("canvas");
  }

  override render() {
    const { side, report, state } = this;
    if (!side) return nothing;
    const lack = lacking(report);
    const ending = endingOf(state, report);
    const dark = state === "on_air" && lack !== null && !lack.startsWith("microphone");
    return html`
      <div
        class="picture ${dark ? "dark" : ""}"
        data-state=${state}
        data-verdict=${(state === "on_air" && report?.verdict?.state) || nothing}
      >
        <canvas role="img" aria-label=${t("side.picture", { name: side.name })}></canvas>
        ${state === "on_air" && !dark ? nothing : this.instead(dark ? `side.${lack}` : null)}
      </div>
      <section class="words" aria-label=${side.name}>
        <div class="who">
          <h2 title=${side.name} dir="auto">${side.name}</h2>
          <span class="state" data-state=${state}>${t(`side.${state}`)}</span>
        </div>
        ${
          state === "on_air"
            ? html`<vv-verdict name=${side.name} .verdict=${report?.verdict ?? null}></vv-verdict>`
            : nothing
        }
        <div class="facts">
          ${state === "on_air" ? html`<vv-delay .report=${report}></vv-delay>` : html`<span>${this.spoken()}</span>`}
          ${this.takenUs === null ? nothing : html`<span>${t("side.taken_over", { time: utcClock(this.takenUs) })}</span>`}
          ${lack && !dark ? html`<span class="lack">${t(`side.${lack}`)}</span>` : nothing}
          ${ending ? html`<span>${t(`side.${ending}`)}</span>` : nothing}
        </div>
      </section>
      <section class="captions" aria-label=${t("side.captions", { name: side.name })}>
        ${t("side.captions_none")}
      </section>
    `;
  }

  private spoken(): string {
    const tag = this.report?.language ?? this.side?.language ?? "";
    return tag ? t("side.spoken", { language: nameOfLanguage(tag) }) : "";
  }

  /** Words where a picture would be; they stand there for the eye, the state below for the ear. */
  private instead(only: string | null) {
    const { state } = this;
    if (only) return html`<p class="instead" aria-hidden="true"><span>${t(only as Key)}</span></p>`;
    if (state === "on_air") return nothing;
    if (state === "unplayable") {
      const code = unplayableCode(this.report);
      return html`<p class="instead">
        <strong>${problemSentence(code, code)}</strong><span>${remedySentence(code, "")}</span>
      </p>`;
    }
    return html`<p class="instead">
      <strong aria-hidden="true">${t(`side.${state}`)}</strong><span>${t(`side.${state}_hint`)}</span>
    </p>`;
  }
}

define("vv-side", SidePicture);
