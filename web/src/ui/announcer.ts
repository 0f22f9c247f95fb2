/**
 * Says changes to a screen reader, politely and not chattily: what comes within a second and a half is
 * said in one go, and a state that came and went in that time is not said at all.
 *
 * @module
 */

import { html, LitElement } from "lit";
import { define } from "./element";
import { basics } from "./styles";

const QUIET_MS = 1500;

/** `<vv-announcer>`: call `announce(topic, sentence)`; a newer sentence on a topic replaces the older. */
export class Announcer extends LitElement {
  static override properties = { said: { state: true } };
  static override styles = basics;

  private said = "";
  private readonly waiting = new Map<string, string>();
  private readonly last = new Map<string, string>();
  private timer = 0;

  announce(topic: string, sentence: string): void {
    this.waiting.set(topic, sentence);
    if (!this.timer) this.timer = window.setTimeout(() => this.speak(), QUIET_MS);
  }

  private speak(): void {
    this.timer = 0;
    const fresh = [...this.waiting].filter(([topic, sentence]) => this.last.get(topic) !== sentence);
    for (const [topic, sentence] of fresh) this.last.set(topic, sentence);
    this.waiting.clear();
    if (fresh.length) this.said = fresh.map(([, sentence]) => sentence).join(" ");
  }

  override disconnectedCallback(): void {
    clearTimeout(this.timer);
    super.disconnectedCallback();
  }

  override render() {
    return html`<p class="heard" role="status" aria-live="polite">${this.said}</p>`;
  }
}

define("vv-announcer", Announcer);
