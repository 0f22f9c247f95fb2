/**
 * A side's delay: the number, how it is known, and two sentences on click.
 *
 * @module
 */

import { css, html, nothing, type PropertyValues } from "lit";
import { t } from "../i18n";
import type { SeatReport } from "../line/watcher";
import { define } from "./element";
import { Explained } from "./explained";

/** The figure changes at most this often: a number that flickers cannot be read. */
const STEADY_MS = 1000;

interface Figures {
  display: number;
  sound: number | null;
  uncertainty: number;
}

/** `<vv-delay>`: give it `report`; null or a report without a delay shows that it is not measured yet. */
export class Delay extends Explained {
  static override properties = {
    report: { attribute: false },
    figures: { state: true },
  };

  report: SeatReport | null = null;
  private figures: Figures | null = null;
  private steadyUntil = 0;

  static override styles = [
    ...Explained.styles,
    css`
      :host {
        color: var(--ink-soft);
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

  override render() {
    const { figures } = this;
    if (!figures) return html`<span>${t("delay.unknown")}</span>`;
    return this.explained(
      html`<span
        >${t("delay.value", { ms: figures.display })}
        <bdi>${t("delay.uncertainty", { ms: figures.uncertainty })}</bdi></span
      >`,
      html`<p>${t("delay.explain", { ms: figures.uncertainty })}</p>
        ${figures.sound === null ? nothing : html`<p>${t("delay.sound", { ms: figures.sound })}</p>`}`,
    );
  }
}

define("vv-delay", Delay);
