/**
 * What every element of the pages shares: it waits for the words and is drawn anew in another language.
 *
 * @module
 */

import { LitElement } from "lit";
import { language } from "../i18n";

export abstract class PageElement extends LitElement {
  readonly #again = (): void => this.requestUpdate();

  override connectedCallback(): void {
    super.connectedCallback();
    language.addEventListener("change", this.#again);
  }

  override disconnectedCallback(): void {
    language.removeEventListener("change", this.#again);
    super.disconnectedCallback();
  }

  protected override shouldUpdate(): boolean {
    return language.ready;
  }
}

/** Register an element once; a page that is embedded twice must not fail. */
export function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

/** Tell the elements above, across shadow roots. */
export function tell<T>(from: EventTarget, type: string, detail?: T): void {
  from.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
}
