/**
 * The choice of language, each named in itself.
 *
 * @module
 */

import { css, html } from "lit";
import { language, nameOfLanguage, t } from "../i18n";
import { define, PageElement } from "./element";
import { basics, controls } from "./styles";

/** `<vv-language>`: changes the page's language at once and remembers it. */
export class LanguageMenu extends PageElement {
  static override styles = [
    basics,
    controls,
    css`
      select {
        inline-size: auto;
        max-inline-size: 10rem;
        border-color: transparent;
        background: transparent;
        cursor: pointer;
      }

      select:hover {
        background: var(--surface-high);
      }

      option {
        background: var(--surface);
      }
    `,
  ];

  override render() {
    const choose = (event: Event): void => {
      void language.choose((event.target as HTMLSelectElement).value);
    };
    return html`<select aria-label=${t("app.language")} @change=${choose}>
      ${language.available.map(
        (tag) =>
          html`<option value=${tag} lang=${tag} ?selected=${tag === language.locale}>
            ${nameOfLanguage(tag, tag)}
          </option>`,
      )}
    </select>`;
  }
}

define("vv-language", LanguageMenu);
