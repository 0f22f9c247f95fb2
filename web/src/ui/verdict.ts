/**
 * What this page concludes of a side's seals: a sentence, by whose word, and on a press what was found and what it means.
 *
 * @module
 */

import { css, html, nothing } from "lit";
import { t } from "../i18n";
import type { VerdictReport } from "../line/watcher";
import { define } from "./element";
import { Explained } from "./explained";
import { problemSentence } from "./problem";
import { utcClock } from "./time";

const LONGEST = 18;

/** `<vv-verdict>`: give it `verdict`, null where the side is not sealed, and the side's `name`. */
export class VerdictMark extends Explained {
  static override properties = { name: {}, verdict: { attribute: false } };

  name = "";
  verdict: VerdictReport | null = null;

  static override styles = [
    ...Explained.styles,
    css`
      button.plain {
        display: block;
        min-block-size: 1.25rem;
        line-height: 1.35;
        text-decoration: none;
        overflow-wrap: anywhere;
      }

      button.plain .what {
        text-decoration: underline dotted;
        text-decoration-thickness: 1px;
        text-underline-offset: 0.25em;
      }

      button.plain > * {
        margin-inline-end: var(--gap-2);
      }

      /* A shape for each, so that it is told without its colour. */
      .sign {
        font-weight: 700;
      }

      .soft,
      time {
        white-space: nowrap;
      }

      .soft {
        color: var(--ink-soft);
      }

      [data-state="verified"] .sign {
        color: var(--good);
      }

      [data-state="unsealed"],
      [data-state="pending"] {
        color: var(--ink-soft);
      }

      [data-state="late"],
      [data-state="gap"] {
        color: var(--warn);
      }

      [data-state="broken"] {
        color: var(--bad);
        font-weight: 600;
      }

      li {
        display: flex;
        gap: var(--gap-3);
      }

      h3 {
        font-size: inherit;
        font-weight: 600;
      }
    `,
  ];

  /** The whole of a long one stands right above. */
  private get called(): string {
    const letters = [...this.name];
    return letters.length > LONGEST
      ? `${letters
          .slice(0, LONGEST - 1)
          .join("")
          .trimEnd()}…`
      : this.name;
  }

  override render() {
    const { verdict, called: name } = this;
    const state = verdict?.state ?? "unsealed";
    const cannot = verdict?.code === "browser.cannot";
    const said = t(cannot ? "verdict.cannot" : `verdict.${state}`, { name });
    return this.explained(
      html`<span class="sign" aria-hidden="true">${SIGNS[state]}</span>
        <span class="what" role="status">${said}</span>
        ${this.aside(verdict)}`,
      html`<p>${t(`verdict.explain_${state}`)}</p>
        ${verdict?.standing ? html`<p>${t(`verdict.explain_${verdict.standing}`, { name })}</p>` : nothing}
        ${this.history(verdict)}
        <p><a href="/verify" target="_blank">${t("verify.link")}</a></p>`,
      t("verdict.show"),
      state,
    );
  }

  /** By whose word while all is well, since when while it is not; and how many marks stay. */
  private aside(verdict: VerdictReport | null) {
    if (!verdict) return nothing;
    const { state, standing, newest, marks } = verdict;
    const mark = newest[0];
    const wrong = state !== "verified" && state !== "pending";
    return html`
      ${
        standing && !wrong
          ? html`<span class="soft">${t(`verdict.standing_${standing}`, { name: this.called })}</span>`
          : nothing
      }
      ${
        wrong && mark
          ? html`<time dir="ltr">${t("verdict.at", { time: utcClock(mark.atUs) })}</time>`
          : nothing
      }
      ${marks > 0 ? html`<span class="soft">${t("verdict.marks", { count: marks })}</span>` : nothing}
    `;
  }

  private history(verdict: VerdictReport | null) {
    if (!verdict?.marks) return nothing;
    const before = verdict.marks - verdict.newest.length;
    return html`
      <h3>${t("verdict.history")}</h3>
      <ol>
        ${verdict.newest.map(
          ({ code, atUs }) => html`<li>
            <time dir="ltr">${t("verdict.at", { time: utcClock(atUs) })}</time>
            <span>${problemSentence(code, code)}</span>
          </li>`,
        )}
      </ol>
      ${before > 0 ? html`<p>${t("verdict.history_more", { count: before })}</p>` : nothing}
    `;
  }
}

const SIGNS = { unsealed: "○", pending: "…", verified: "✓", late: "◷", gap: "◌", broken: "✕" } as const;

define("vv-verdict", VerdictMark);
