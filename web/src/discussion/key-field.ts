/**
 * A field for a side's identity key, folded away since most have none.
 *
 * @module
 */

import { css, html, nothing } from "lit";
import { live } from "lit/directives/live.js";
import { t } from "../i18n";
import { define, PageElement } from "../ui/element";
import { basics, controls } from "../ui/styles";
import { identityKeyIn, MOST_PEM, type Unusable } from "./identity-key";

/** `<vv-key-field>`: `side` is its name for those who only hear it. */
export class KeyField extends PageElement {
  static override properties = {
    side: {},
    text: { state: true },
    why: { state: true },
  };

  side = "";
  private text = "";
  private why: Unusable | null = null;

  static override styles = [
    basics,
    controls,
    css`
      :host {
        display: block;
      }

      summary {
        color: var(--ink-soft);
        font-size: var(--text-small);
        cursor: pointer;
      }

      div {
        position: relative;
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--gap-2);
        margin-block-start: var(--gap-2);
      }

      p {
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      p.why {
        padding-inline-start: var(--gap-3);
        border-inline-start: 3px solid var(--bad);
        color: var(--bad);
      }

      input[name="key"] {
        font-family: var(--font-code);
        font-size: var(--text-small);
      }
    `,
  ];

  /** 64 hexadecimal digits; empty for none; null while what was given is no key, which is told. */
  get key(): string | null {
    return this.why ? null : this.text;
  }

  /** Show what is wrong with it. */
  async point(): Promise<void> {
    const details = this.renderRoot.querySelector("details");
    if (details) details.open = true;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>('input[name="key"]')?.focus();
  }

  private take(text: string): void {
    const found = text.trim() ? identityKeyIn(text) : { key: "" };
    this.why = "why" in found ? found.why : null;
    // A secret that was pasted is not left standing there.
    this.text = "key" in found ? found.key : found.why === "private" ? "" : text;
    // The same refusal twice changes nothing here, and yet the field has to be emptied.
    this.requestUpdate();
  }

  private readonly typed = (event: Event): void => this.take((event.target as HTMLInputElement).value);

  /** A field that was emptied after a refusal has no change to tell: whoever types there begins anew. */
  private readonly begun = (event: Event): void => {
    if (!(event.target as HTMLInputElement).value) this.take("");
  };

  private async read(file: File | undefined): Promise<void> {
    if (file) this.take(await file.slice(0, MOST_PEM + 1).text());
  }

  private readonly chosen = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    void this.read(input.files?.[0]).then(() => {
      input.value = "";
    });
  };

  private readonly dropped = (event: DragEvent): void => {
    event.preventDefault();
    void this.read(event.dataTransfer?.files[0]);
  };

  override render() {
    const named = (what: string): string => t("home.key_of", { what, side: this.side });
    return html`<details @dragover=${(event: Event) => event.preventDefault()} @drop=${this.dropped}>
      <summary>${t("home.key")}</summary>
      <div>
        <p id="hint">${t("home.key_hint")}</p>
        <label for="key">${t("home.key_digits")}</label>
        <input
          id="key"
          name="key"
          autocomplete="off"
          spellcheck="false"
          dir="ltr"
          aria-label=${named(t("home.key_digits"))}
          aria-describedby="hint"
          aria-invalid=${this.why !== null}
          .value=${live(this.text)}
          @input=${this.begun}
          @change=${this.typed}
        />
        <p>${t("home.key_file_hint")}</p>
        <input id="pem" class="heard" type="file" aria-label=${named(t("home.key_file"))} @change=${this.chosen} />
        <label class="button" for="pem">${t("home.key_file")}</label>
        ${this.why ? html`<p class="why" role="alert">${t(`home.key_${this.why}`)}</p>` : nothing}
      </div>
    </details>`;
  }
}

define("vv-key-field", KeyField);
