/**
 * An error as a reader meets it: what, and what to do now; the host's own words below, small.
 *
 * @module
 */

import { css, html, nothing } from "lit";
import { type Key, language, t } from "../i18n";
import { define, PageElement } from "./element";
import { basics, controls } from "./styles";

/** The sentence for a code in the page's language; `own` where the catalogue has none. */
export function problemSentence(code: string, own: string): string {
  return language.has(`problem.${code}`) ? t(`problem.${code}` as Key) : own;
}

/** The remedy for a code in the page's language; `own` where the catalogue has none. */
export function remedySentence(code: string, own: string): string {
  return language.has(`remedy.${code}`) ? t(`remedy.${code}` as Key) : own;
}

/** `<vv-problem>`: a whole page's worth. Fires `retry` when `retry` is set and the button is pressed. */
export class Problem extends PageElement {
  static override properties = {
    code: {},
    message: {},
    remedy: {},
    retry: { type: Boolean },
  };

  code = "internal";
  message = "";
  remedy = "";
  retry = false;

  static override styles = [
    basics,
    controls,
    css`
      :host {
        display: grid;
        align-content: center;
        justify-items: center;
        min-block-size: 100dvb;
        padding: var(--gap-6);
      }

      main {
        inline-size: 100%;
        max-inline-size: var(--measure);
        padding-block-end: 12dvb;
      }

      h1 {
        margin-block-end: var(--gap-3);
        font-size: var(--text-state);
        font-weight: 600;
        line-height: 1.25;
        text-wrap: balance;
      }

      p {
        font-size: 1.0625rem;
        text-wrap: pretty;
      }

      .own {
        margin-block-start: var(--gap-6);
        padding-block-start: var(--gap-3);
        border-block-start: 1px solid var(--hairline);
        color: var(--ink-soft);
        font-size: var(--text-small);
        overflow-wrap: anywhere;
      }

      code {
        font-family: var(--font-code);
      }

      nav {
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-3);
        margin-block-start: var(--gap-6);
      }
    `,
  ];

  override render() {
    const sentence = problemSentence(this.code, this.message);
    const remedy = remedySentence(this.code, this.remedy);
    document.title = t("app.title", { title: sentence });
    return html`<main>
      <h1>${sentence}</h1>
      <p>${remedy}</p>
      <slot></slot>
      <nav>
        ${
          this.retry
            ? html`<button class="main" @click=${() => this.dispatchEvent(new Event("retry"))}>
              ${t("problem.retry")}
            </button>`
            : nothing
        }
        <a class="button" href="/">${t("problem.home")}</a>
      </nav>
      <p class="own">
        ${this.message && this.message !== sentence ? html`<span lang="en" dir="ltr">${this.message}</span> ` : nothing}
        <code dir="ltr">${this.code}</code>
      </p>
    </main>`;
  }
}

define("vv-problem", Problem);
