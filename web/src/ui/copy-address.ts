/**
 * An address to hand on: read it, copy it, open it.
 *
 * @module
 */

import { css, html, nothing } from "lit";
import { t } from "../i18n";
import { define, PageElement } from "./element";
import { basics, controls } from "./styles";

/** `<vv-address>`: `address` and what it is for (`what`, `hint`). `plain`: a text that nobody can open. */
export class CopyAddress extends PageElement {
  static override properties = {
    address: {},
    what: {},
    hint: {},
    plain: { type: Boolean },
    copied: { state: true },
  };

  address = "";
  what = "";
  hint = "";
  plain = false;
  private copied = false;

  static override styles = [
    basics,
    controls,
    css`
      :host {
        display: block;
      }

      h2 {
        font-size: var(--text-body);
        font-weight: 600;
        overflow-wrap: anywhere;
      }

      p {
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      div {
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-2);
        margin-block-start: var(--gap-2);
      }

      input:not([type="checkbox"]) {
        flex: 1 1 14rem;
        inline-size: auto;
        min-inline-size: 0;
        font-family: var(--font-code);
        font-size: var(--text-small);
      }
    `,
  ];

  private readonly copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(this.address);
      this.copied = true;
      setTimeout(() => {
        this.copied = false;
      }, 4000);
    } catch {
      // Without leave to write the clipboard the address is marked, ready to be copied by hand.
      this.renderRoot.querySelector("input")?.select();
    }
  };

  override render() {
    return html`
      <h2>${this.what}</h2>
      ${this.hint ? html`<p>${this.hint}</p>` : nothing}
      <div>
        <input
          readonly
          dir="ltr"
          spellcheck="false"
          aria-label=${this.what}
          .value=${this.address}
          @focus=${(event: Event) => (event.target as HTMLInputElement).select()}
        />
        <button aria-label=${t("app.copy_named", { what: this.what })} @click=${this.copy}>
          <span aria-live="polite">${t(this.copied ? "app.copied" : "app.copy")}</span>
        </button>
        ${
          this.plain
            ? nothing
            : html`<a class="button" href=${this.address} target="_blank" rel="noreferrer">${t("home.open")}</a>`
        }
      </div>
    `;
  }
}

define("vv-address", CopyAddress);
