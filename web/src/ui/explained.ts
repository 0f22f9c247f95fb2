/**
 * Words that explain themselves on a press: what they mean unfolds under them, and Escape folds it again.
 *
 * @module
 */

import { css, html, type PropertyDeclarations, type TemplateResult } from "lit";
import { PageElement } from "./element";
import { basics, controls } from "./styles";

/** Give `explained` the words and what they mean. */
export abstract class Explained extends PageElement {
  static override properties: PropertyDeclarations = { open: { state: true } };

  private open = false;

  static override styles = [
    basics,
    controls,
    css`
      :host {
        display: block;
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
        max-block-size: 14rem;
        padding: var(--gap-4);
        overflow: auto;
        border: 1px solid var(--hairline);
        border-radius: var(--round);
        background: var(--surface);
        color: var(--ink);
        font-weight: 400;
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

  private readonly toggle = (): void => {
    this.open = !this.open;
  };

  private readonly key = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !this.open) return;
    this.open = false;
    event.stopPropagation();
    this.renderRoot.querySelector("button")?.focus();
  };

  /** words: inline. state: for styles, and told by the words. */
  protected explained(words: TemplateResult, explanation: TemplateResult, title = "", state = "") {
    return html`<div data-state=${state} @keydown=${this.key}>
      <button
        class="plain"
        aria-expanded=${this.open}
        aria-controls="explanation"
        title=${title}
        @click=${this.toggle}
      >
        ${words}
      </button>
      <div id="explanation" class="explanation" ?hidden=${!this.open}>${explanation}</div>
    </div>`;
  }
}
