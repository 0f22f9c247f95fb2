/**
 * A side's delay: the number, how it is known, and two sentences on click.
 *
 * @module
 */

import { css, html, nothing, type PropertyValues } from "lit";
import { t } from "../i18n";
import type { SeatReport } from "../line/watcher";
import { define, PageElement } from "./element";
import { basics, controls } from "./styles";

/** The figure changes at most this often: a number that flickers cannot be read. */
const STEADY_MS = 1000;

interface Figures {
  display: number;
  sound: number | null;
  uncertainty: number;
}

/** `<vv-delay>`: give it `report`; null or a report without a delay shows that it is not measured yet. */
export class Delay extends PageElement {
  static override properties = {
    report: { attribute: false },
    open: { state: true },
    figures: { state: true },
  };

  report: SeatReport | null = null;
  private open = false;
  private figures: Figures | null = null;
  private steadyUntil = 0;

  static override styles = [
    basics,
    controls,
    css`
      :host {
        display: block;
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      button.plain {
        color: inherit;
        font-size: inherit;
      }

      /* Placed by the words that it belongs to (side-picture.ts), under them and never over a picture. */
      .explanation {
        position: absolute;
        inset-block-start: 100%;
        inset-inline-start: 0;
        z-index: 2;
        display: grid;
        gap: var(--gap-2);
        inline-size: max-content;
        max-inline-size: min(36rem, 100%);
        padding: var(--gap-4);
        border: 1px solid var(--hairline);
        border-radius: var(--round);
        background: var(--surface);
        color: var(--ink);
        line-height: 1.5;
      }

      @media (orientation: portrait), (max-height: 36rem) {
        .explanation {
          position: fixed;
          inset-block: auto var(--gap-2);
          inset-inline: var(--gap-2);
          inline-size: auto;
          max-inline-size: none;
        }
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has("report")) return;
    const display = this.report?.onAir ? this.report.displayDelayMs : null;
    if (display === null) {
      this.figures = null;
      this.steadyUntil = 0;
    } else if (performance.now() >= this.steadyUntil) {
      this.steadyUntil = performance.now() + STEADY_MS;
      const sound = this.report?.loudspeakerDelayMs ?? null;
      this.figures = {
        display: Math.round(display),
        sound: sound === null ? null : Math.round(sound),
        uncertainty: Math.max(1, Math.ceil(this.report?.uncertaintyMs ?? 0)),
      };
    }
  }

  private readonly toggle = (): void => {
    this.open = !this.open;
  };

  private readonly key = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && this.open) {
      this.open = false;
      event.stopPropagation();
      this.renderRoot.querySelector("button")?.focus();
    }
  };

  override render() {
    const { figures } = this;
    if (!figures) return html`<span>${t("delay.unknown")}</span>`;
    return html`<div @keydown=${this.key}>
      <button class="plain" aria-expanded=${this.open} aria-controls="explanation" @click=${this.toggle}>
        <span
          >${t("delay.value", { ms: figures.display })}
          <bdi>${t("delay.uncertainty", { ms: figures.uncertainty })}</bdi></span
        >
      </button>
      <div id="explanation" class="explanation" ?hidden=${!this.open}>
        <p>${t("delay.explain", { ms: figures.uncertainty })}</p>
        ${figures.sound === null ? nothing : html`<p>${t("delay.sound", { ms: figures.sound })}</p>`}
      </div>
    </div>`;
  }
}

define("vv-delay", Delay);
