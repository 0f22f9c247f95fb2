/**
 * What happened, for both sides to read.
 *
 * @module
 */

import { css, html } from "lit";
import { language, t } from "../i18n";
import { define, PageElement } from "../ui/element";
import { basics } from "../ui/styles";
import { localClock } from "../ui/time";
import type { Happening } from "./happenings";

/** `<vv-log>`: `names` gives a seat's name. */
export class Log extends PageElement {
  static override properties = { happenings: { attribute: false }, names: { attribute: false } };

  happenings: readonly Happening[] = [];
  names: Readonly<Record<string, string>> = {};

  static override styles = [
    basics,
    css`
      :host {
        display: block;
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      h2 {
        margin-block-end: var(--gap-2);
        color: var(--ink);
        font-size: var(--text-small);
        font-weight: 600;
      }

      ol {
        display: grid;
        gap: var(--gap-1);
        max-block-size: 12rem;
        overflow: auto;
      }

      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: var(--gap-3);
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    return html`
      <h2 id="heading">${t("log.heading")}</h2>
      ${
        this.happenings.length
          ? html`<ol aria-labelledby="heading" tabindex="0">
            ${this.happenings.map(
              ({ atUs, seat, what }) =>
                html`<li>
                  <time>${localClock(atUs, language.intl)}</time>
                  <span>${t(`log.${what}`, { name: this.names[seat] ?? seat })}</span>
                </li>`,
            )}
          </ol>`
          : html`<p>${t("log.empty")}</p>`
      }
    `;
  }
}

define("vv-log", Log);
