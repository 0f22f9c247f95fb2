/**
 * The audience's controls: sound, full screen, language. They leave when nobody has moved for a while and
 * come back with the next movement, key or focus; they never stand over a picture.
 *
 * @module
 */

import { css, html } from "lit";
import { t } from "../i18n";
import { define, PageElement, tell } from "../ui/element";
import "../ui/language-menu";
import { basics, controls } from "../ui/styles";

const STAY_MS = 4000;

/** `<vv-audience-controls>`: fires `sound` and `full` when they are asked for; holds no state of either. */
export class AudienceControls extends PageElement {
  static override properties = {
    sound: { type: Boolean },
    full: { type: Boolean },
    away: { type: Boolean, reflect: true },
  };

  sound = false;
  full = false;
  away = false;
  private timer = 0;

  static override styles = [
    basics,
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: var(--gap-2);
      }

      .rest {
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-2);
      }

      .fades {
        transition:
          opacity var(--quick),
          visibility var(--quick);
      }

      :host([away]) .fades {
        opacity: 0;
        visibility: hidden;
      }

      /* The sound stands in the middle, so that it stays there when the rest leaves. */
      @media (min-width: 40rem) {
        :host {
          display: grid;
          grid-template-columns: 1fr auto 1fr;
        }

        .sound {
          grid-column: 2;
        }

        .rest {
          justify-self: end;
        }
      }

      @media (max-width: 30rem) {
        button {
          padding-inline: var(--gap-3);
        }

        vv-language {
          max-inline-size: 7rem;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    for (const type of ["pointermove", "pointerdown", "keydown", "focusin"])
      addEventListener(type, this.stay);
    addEventListener("keydown", this.key);
    this.stay();
  }

  override disconnectedCallback(): void {
    for (const type of ["pointermove", "pointerdown", "keydown", "focusin"])
      removeEventListener(type, this.stay);
    removeEventListener("keydown", this.key);
    clearTimeout(this.timer);
    super.disconnectedCallback();
  }

  private readonly stay = (): void => {
    this.away = false;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      // A control that has the focus stays, or the focus would be lost.
      if (this.shadowRoot?.activeElement) this.stay();
      else this.away = true;
    }, STAY_MS);
  };

  /** By the key's place as well as its letter, so that M is M on a Cyrillic keyboard. */
  private readonly key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    const within = event.composedPath()[0];
    if (within instanceof HTMLInputElement || within instanceof HTMLSelectElement) return;
    if (event.code === "KeyM") tell(this, "sound");
    else if (event.code === "KeyF") tell(this, "full");
  };

  override render() {
    return html`
      <div class="sound ${this.sound ? "fades" : ""}">${this.soundButton()}</div>
      <div class="rest fades">
        ${document.fullscreenEnabled ? this.fullButton() : ""}
        <vv-language></vv-language>
      </div>
    `;
  }

  private fullButton() {
    return html`<button aria-keyshortcuts="F" @click=${() => tell(this, "full")}>
      ${t(this.full ? "audience.full_leave" : "audience.full")} <kbd aria-hidden="true">F</kbd>
    </button>`;
  }

  private soundButton() {
    return html`<button class=${this.sound ? "" : "main"} aria-keyshortcuts="M" @click=${() => tell(this, "sound")}>
      ${t(this.sound ? "audience.sound_off" : "audience.sound_on")} <kbd aria-hidden="true">M</kbd>
    </button>`;
  }
}

define("vv-audience-controls", AudienceControls);
