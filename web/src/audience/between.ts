/**
 * The line between the halves: the clock, the state of the whole, and the verdict's place.
 *
 * @module
 */

import { css, html, nothing } from "lit";
import { language, t } from "../i18n";
import type { HostState } from "../line/watcher";
import { define, PageElement } from "../ui/element";
import type { Overall } from "../ui/side-state";
import { basics, controls } from "../ui/styles";
import { localClock, utcClock, zoneName } from "../ui/time";

/** `<vv-between>`: `now` tells the host's clock in Unix microseconds; it is asked once a second. */
export class Between extends PageElement {
  static override properties = {
    overall: {},
    count: { type: Number },
    recording: { attribute: false },
    mirror: {},
    unsealed: { type: Boolean },
    now: { attribute: false },
    open: { state: true },
    atUs: { state: true },
  };

  overall: Overall = "connecting";
  /** How many sides are on air. */
  count = 0;
  recording: HostState["recording"] | null = null;
  /** The host of a relay that the reader chose, or empty. */
  mirror = "";
  /** Nobody on air has seals. Of who has, it is told under the picture. */
  unsealed = false;
  now: () => number = () => 0;
  private open = false;
  private atUs = 0;
  private timer = 0;

  static override styles = [
    basics,
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        align-items: center;
        gap: var(--gap-3);
        min-inline-size: 0;
        color: var(--ink-soft);
        font-size: var(--text-small);
        line-height: 1.35;
        text-align: center;
      }

      .thread {
        flex: 1;
        inline-size: 1px;
        min-block-size: var(--gap-4);
        background: var(--hairline);
      }

      .words {
        position: relative;
        display: grid;
        justify-items: center;
        gap: var(--gap-2);
      }

      button.plain {
        display: grid;
        justify-items: center;
        color: var(--ink);
        text-decoration: none;
      }

      button.plain:hover {
        background: none;
      }

      time {
        font-size: 1.25rem;
        line-height: 1.2;
      }

      .local {
        position: absolute;
        inset-block-end: calc(100% + var(--gap-2));
        inset-inline-start: 50%;
        z-index: 3;
        inline-size: max-content;
        max-inline-size: 15rem;
        padding: var(--gap-2) var(--gap-3);
        border: 1px solid var(--hairline);
        border-radius: var(--round);
        background: var(--surface);
        color: var(--ink);
        translate: -50% 0;
        visibility: hidden;
      }

      :host(:dir(rtl)) .local {
        translate: 50% 0;
      }

      .words:has(button:hover) .local,
      .local.open {
        visibility: visible;
      }

      .warn {
        color: var(--warn);
      }

      @media (orientation: portrait) {
        :host {
          flex-direction: row;
        }

        .thread {
          inline-size: auto;
          min-inline-size: var(--gap-3);
          min-block-size: 0;
          block-size: 1px;
        }

        .words {
          grid-auto-flow: column;
          align-items: baseline;
          gap: var(--gap-3);
        }

        button.plain {
          grid-auto-flow: column;
          align-items: baseline;
          gap: var(--gap-1);
        }

        time {
          font-size: 1rem;
        }

        .kept {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.tick();
  }

  override disconnectedCallback(): void {
    clearTimeout(this.timer);
    super.disconnectedCallback();
  }

  /** Once a second, just after the second changed. */
  private readonly tick = (): void => {
    this.atUs = this.now();
    const into = (this.atUs / 1000) % 1000;
    this.timer = window.setTimeout(this.tick, 1010 - into);
  };

  private readonly key = (event: KeyboardEvent): void => {
    if (event.key === "Escape") this.open = false;
  };

  override render() {
    const utc = utcClock(this.atUs);
    const line = this.overall === "lost" || this.overall === "failed";
    return html`
      <span class="thread"></span>
      <div class="words" role="group" aria-label=${t("audience.between")}>
        <button
          class="plain"
          aria-expanded=${this.open}
          aria-controls="local"
          @click=${() => {
            this.open = !this.open;
          }}
          @keydown=${this.key}
        >
          <time dir="ltr">${utc}</time>
          <span>${t("audience.clock_utc")}<span class="heard">${t("audience.clock_show")}</span></span>
        </button>
        <p id="local" class="local ${this.open ? "open" : ""}">
          ${t("audience.clock_local", { time: localClock(this.atUs, language.intl), zone: zoneName() })}<br />
          ${t("audience.clock_host")}
        </p>
        <p class=${line ? "warn" : ""}>
          ${this.overall === "some" ? t("audience.some", { count: this.count }) : t(`audience.${this.overall}`)}
        </p>
        ${
          this.unsealed
            ? html`<p title=${t("audience.unsealed_explain")}>${t("audience.unsealed")}</p>`
            : nothing
        }
        ${
          this.recording
            ? html`<p class=${this.recording === "disk_full" ? "warn" : "kept"}>
              ${t(`audience.recording_${this.recording}`)}
            </p>`
            : nothing
        }
        ${this.mirror ? html`<p class="kept">${t("audience.mirror", { host: this.mirror })}</p>` : nothing}
      </div>
      <span class="thread"></span>
    `;
  }
}

define("vv-between", Between);
