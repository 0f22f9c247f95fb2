/**
 * The one big thing on the stage: what state this device is in, how long, and the button.
 *
 * @module
 */

import { css, html, nothing } from "lit";
import type { ErrorCode, VivavoceError } from "../errors";
import { type Key, language, t } from "../i18n";
import { define, PageElement, tell } from "../ui/element";
import { problemSentence, remedySentence } from "../ui/problem";
import { basics, controls, questions } from "../ui/styles";
import { duration, localClock } from "../ui/time";
import { type AirState, holdsAir, mayGo } from "./air";

/** Another device on air, as the question tells it. */
export interface Question {
  sinceUs: number | null;
}

/** `<vv-air>`: fires `go` (detail: takeOver), `leave` and `microphone`; `ready` enables the button. */
export class AirPanel extends PageElement {
  static override properties = {
    name: {},
    state: {},
    ready: { type: Boolean },
    returns: { type: Boolean },
    problem: { attribute: false },
    microphone: {},
    camera: { type: Boolean },
    asleep: { type: Boolean },
    unsealed: {},
    unvouched: { type: Boolean },
    sinceUs: { attribute: false },
    now: { attribute: false },
    question: { attribute: false },
    tick: { state: true },
  };

  name = "";
  state: AirState = "ready";
  /** A camera or a microphone is open. */
  ready = false;
  returns = false;
  problem: VivavoceError | null = null;
  microphone: "open" | "closed" | "none" = "none";
  camera = false;
  /** The screen is not kept awake. */
  asleep = false;
  /** Why what is sent is not sealed, though it was to be. */
  unsealed: ErrorCode | null = null;
  /** The side's identity key has not vouched for this device. */
  unvouched = false;
  sinceUs: number | null = null;
  now: () => number = () => 0;
  question: Question | null = null;
  private tick = 0;
  private timer = 0;

  static override styles = [
    basics,
    controls,
    questions,
    css`
      :host {
        display: grid;
        justify-items: center;
        gap: var(--gap-3);
        text-align: center;
      }

      .state {
        font-size: var(--text-state);
        font-weight: 600;
        line-height: 1.25;
        text-wrap: balance;
      }

      .state[data-on]::before {
        content: "";
        display: inline-block;
        inline-size: 0.5em;
        block-size: 0.5em;
        margin-inline-end: 0.45em;
        border-radius: 50%;
        background: currentcolor;
        vertical-align: 0.1em;
      }

      .state[data-warn] {
        color: var(--warn);
      }

      .hint.warn {
        color: var(--warn);
      }

      .hint {
        max-inline-size: var(--measure);
        color: var(--ink-soft);
        text-wrap: balance;
      }

      .buttons {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: var(--gap-3);
      }

      .buttons .main {
        min-inline-size: 12rem;
        min-block-size: 3.25rem;
        font-size: 1.0625rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = window.setInterval(() => {
      if (holdsAir(this.state)) this.tick += 1;
    }, 1000);
    addEventListener("keydown", this.key);
  }

  override disconnectedCallback(): void {
    clearInterval(this.timer);
    removeEventListener("keydown", this.key);
    super.disconnectedCallback();
  }

  private readonly key = (event: KeyboardEvent): void => {
    if (event.code !== "KeyM" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const within = event.composedPath()[0];
    if (within instanceof HTMLInputElement || within instanceof HTMLSelectElement) return;
    if (holdsAir(this.state)) tell(this, "microphone");
  };

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.question && dialog && !dialog.open) dialog.showModal();
    if (!this.question && dialog?.open) dialog.close();
  }

  private get headline(): string {
    if (this.state === "ready") return t(this.ready ? "air.ready" : "air.closed");
    if (this.state === "going") return t("air.asking");
    if (this.state === "on_air") {
      return `${t("air.on_air")}, ${duration(this.sinceUs === null ? 0 : this.now() - this.sinceUs)}`;
    }
    return t(`air.${this.state}`);
  }

  private get hint(): string {
    if (this.problem && (this.state === "failed" || this.state === "ready")) {
      const { code, message, remedy } = this.problem;
      return `${problemSentence(code, message)} ${remedySentence(code, remedy)}`;
    }
    if (this.state === "on_air") {
      const missing = this.camera ? [] : [t("air.camera_none")];
      return [t(`air.microphone_${this.microphone}`), ...missing].join(", ");
    }
    if (this.state === "failed") return "";
    if (this.state !== "ready") return t(`air.${this.state}_hint` as Key);
    return t(this.returns ? "air.again_hint" : this.ready ? "air.ready_hint" : "air.closed_hint");
  }

  override render() {
    const on = this.state === "on_air";
    const warn = this.state === "returning" || this.state === "taken_over" || this.state === "renewed";
    return html`
      <div>
        <p class="state" ?data-on=${on} ?data-warn=${warn} dir="auto">${this.headline}</p>
        <p class="hint">${this.hint}</p>
        ${
          on && this.unsealed
            ? html`<p class="hint" role="alert">
              ${t("air.unsealed", { why: problemSentence(this.unsealed, "") })}
            </p>`
            : nothing
        }
        ${
          this.unvouched && mayGo(this.state) ? html`<p class="hint warn">${t("air.unvouched")}</p>` : nothing
        }
        ${on && this.asleep ? html`<p class="hint">${t("air.awake_no")}</p>` : nothing}
      </div>
      <div class="buttons">${this.buttons()}</div>
      ${this.question ? this.ask(this.question) : nothing}
    `;
  }

  private buttons() {
    if (holdsAir(this.state)) {
      const open = this.microphone === "open";
      return html`
        ${
          this.microphone === "none"
            ? nothing
            : html`<button aria-keyshortcuts="M" @click=${() => tell(this, "microphone")}>
              ${t(open ? "air.close_microphone" : "air.open_microphone")} <kbd aria-hidden="true">M</kbd>
            </button>`
        }
        <button @click=${() => tell(this, "leave")}>${t("air.leave")}</button>
      `;
    }
    if (this.state === "renewed") return nothing;
    const able = this.ready && mayGo(this.state);
    return html`<button
      class="main"
      aria-disabled=${able ? "false" : "true"}
      @click=${() => able && tell(this, "go", false)}
    >
      ${t("air.go")}
    </button>`;
  }

  private ask({ sinceUs }: Question) {
    const answer = (take: boolean): void => {
      tell(this, take ? "go" : "stay", take);
    };
    return html`<dialog aria-labelledby="question" @cancel=${() => answer(false)}>
      <h2 id="question">${t("air.take_question", { name: this.name })}</h2>
      <p>
        ${
          sinceUs === null
            ? t("air.take_explain_plain")
            : t("air.take_explain", { time: localClock(sinceUs, language.intl) })
        }
      </p>
      <div class="buttons">
        <button autofocus @click=${() => answer(false)}>${t("air.take_not")}</button>
        <button @click=${() => answer(true)}>${t("air.take")}</button>
      </div>
    </dialog>`;
  }
}

define("vv-air", AirPanel);
