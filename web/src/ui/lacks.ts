/**
 * The page for a browser that cannot: what to use, and why.
 *
 * @module
 */

import { css, html } from "lit";
import { t } from "../i18n";
import type { Lack } from "../line/support";
import { define, PageElement } from "./element";
import "./problem";
import { basics } from "./styles";

/** `<vv-lacks>`: give it what support.ts found missing. */
export class Lacks extends PageElement {
  static override properties = { lacks: { attribute: false } };

  lacks: Lack[] = [];

  static override styles = [
    basics,
    css`
      p {
        margin-block-start: var(--gap-4);
        color: var(--ink-soft);
      }

      ul {
        padding-inline-start: 1.25em;
        list-style: disc;
      }
    `,
  ];

  override render() {
    return html`<vv-problem code="browser.cannot">
        <p>${t("support.why")}</p>
        <p>${t("support.lacks")}</p>
        <ul>
          ${this.lacks.map((lack) => html`<li>${t(`support.${lack}`)}</li>`)}
        </ul>
      </vv-problem>`;
  }
}

define("vv-lacks", Lacks);
