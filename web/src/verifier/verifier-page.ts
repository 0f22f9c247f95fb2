/**
 * The page that verifies: what is dropped is read and judged here, and nothing is sent anywhere.
 *
 * @module
 */

import { html, nothing } from "lit";
import { VivavoceError } from "../errors";
import { language, t } from "../i18n";
import type { Judged } from "../record/verdicts";
import { define, PageElement } from "../ui/element";
import "../ui/language-menu";
import { problemSentence, remedySentence } from "../ui/problem";
import { basics, controls, sheet } from "../ui/styles";
import { chosenAmong, type Found, type Nothing } from "./chosen";
import { dropped, picked } from "./dropped";
import { type Judging, judge } from "./judging";
import "./judged-view";
import { page } from "./styles";

/** The same for a terminal. */
const COMMAND = "vivavoce verify";

/** `<vv-verifier>` */
export class VerifierPage extends PageElement {
  static override properties = {
    over: { state: true },
    reading: { state: true },
    judged: { state: true },
    problem: { state: true },
  };

  static override styles = [basics, controls, sheet, page];

  private over = false;
  private reading: { name: string; done: number; total: number } | null = null;
  private judged: Judged | null = null;
  private problem: VivavoceError | Nothing | null = null;
  private judging: Judging | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    // What misses the box must not make the browser leave this page for the file.
    for (const type of ["dragover", "drop"]) addEventListener(type, this.keepHere);
  }

  override disconnectedCallback(): void {
    for (const type of ["dragover", "drop"]) removeEventListener(type, this.keepHere);
    this.cancel();
    super.disconnectedCallback();
  }

  private readonly keepHere = (event: Event): void => {
    event.preventDefault();
    if (event.type === "drop") this.over = false;
  };

  private readonly dragged = (event: DragEvent): void => {
    event.preventDefault();
    this.over = event.type === "dragover";
  };

  private readonly drop = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    this.over = false;
    if (!event.dataTransfer) return;
    this.cancel();
    try {
      await this.begin(await dropped(event.dataTransfer));
    } catch {
      // What was dropped went away, or may not be read.
      await this.begin([]);
    }
  };

  private readonly pick = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    const found = picked(input.files);
    input.value = ""; // so that the same may be chosen again
    if (found.length > 0) await this.begin(found);
  };

  private readonly open = (id: string) => (): void => {
    this.renderRoot.querySelector<HTMLInputElement>(`#${id}`)?.click();
  };

  private readonly cancel = (): void => {
    this.judging?.cancel();
    this.judging = this.reading = null;
  };

  private async begin(found: readonly Found[]): Promise<void> {
    this.cancel();
    this.judged = this.problem = null;
    const chosen = chosenAmong(found);
    if (typeof chosen === "string") {
      await this.conclude(null, chosen);
      return;
    }
    const name = chosen.name || t("verify.record");
    this.reading = { name, done: 0, total: 0 };
    const judging = judge(chosen, (done, total) => {
      if (this.judging === judging) this.reading = { name, done, total };
    });
    this.judging = judging;
    let [judged, problem]: [Judged | null, VivavoceError | null] = [null, null];
    try {
      judged = await judging.judged;
    } catch (error) {
      problem = error instanceof VivavoceError ? error : new VivavoceError("internal", String(error));
    }
    if (this.judging !== judging) return;
    this.cancel();
    await this.conclude(judged, problem);
  }

  /** Show it, and lead there who reads by keyboard or by ear. */
  private async conclude(judged: Judged | null, problem: VivavoceError | Nothing | null): Promise<void> {
    this.judged = judged;
    this.problem = problem;
    await this.updateComplete;
    const shown = this.renderRoot.querySelector<HTMLElement>("vv-judged, .problem");
    if (shown instanceof PageElement) await shown.updateComplete;
    (shown?.shadowRoot?.querySelector<HTMLElement>("h2") ?? shown)?.focus();
  }

  override render() {
    document.title = t("app.title", { title: t("verify.heading") });
    return html`<header>
        <strong>${t("app.name")}</strong>
        <vv-language></vv-language>
      </header>
      <main>
        <h1>${t("verify.heading")}</h1>
        <p class="what">${t("verify.what")}</p>
        <p class="soft">${t("verify.private")}</p>
        ${this.box()} ${this.progress()} ${this.trouble()}
        ${this.judged ? html`<vv-judged .judged=${this.judged}></vv-judged>` : nothing}
      </main>
      <footer>
        ${
          location.protocol === "file:"
            ? html`<p>${t("verify.saved")}</p>`
            : html`<p>
                <a href=${location.pathname} download="vivavoce-verify.html">${t("verify.save_page")}</a>
                ${t("verify.save_page_hint")}
              </p>
              <p>${t("verify.served", { host: location.host })}</p>`
        }
        <p>${t("verify.command")} <code dir="ltr">${COMMAND}</code></p>
      </footer>`;
  }

  private box() {
    return html`<section
      class="drop"
      aria-label=${t("verify.drop")}
      ?data-over=${this.over}
      @dragover=${this.dragged}
      @dragleave=${this.dragged}
      @drop=${this.drop}
    >
      <p>${t("verify.drop")}</p>
      <div class="buttons">
        <button class="main" @click=${this.open("folder")}>${t("verify.choose_folder")}</button>
        <button @click=${this.open("file")}>${t("verify.choose_file")}</button>
      </div>
      <input id="folder" type="file" webkitdirectory hidden @change=${this.pick} />
      <input id="file" type="file" accept="video/mp4,.mp4" hidden @change=${this.pick} />
    </section>`;
  }

  private progress() {
    if (!this.reading) return nothing;
    const { name, done, total } = this.reading;
    const read = t("verify.bytes", { done: megabytes(done), total: megabytes(total) });
    return html`<section class="reading">
      <p id="reading" role="status">${t("verify.reading", { name })}</p>
      <progress aria-labelledby="reading" max=${Math.max(1, total)} value=${done}></progress>
      <p class="bytes">
        <span dir="ltr">${total > 0 ? read : ""}</span>
        <button @click=${this.cancel}>${t("verify.cancel")}</button>
      </p>
    </section>`;
  }

  private trouble() {
    const { problem } = this;
    if (problem === null) return nothing;
    const ours = typeof problem === "string";
    const [sentence, remedy] = ours
      ? [t(`verify.nothing_${problem}`), t(`verify.instead_${problem}`)]
      : [problemSentence(problem.code, problem.message), remedySentence(problem.code, problem.remedy)];
    return html`<section class="problem" tabindex="-1" role="alert">
      <p><strong>${sentence}</strong></p>
      <p>${remedy}</p>
      ${
        ours
          ? nothing
          : html`<p class="soft">
            <span lang="en" dir="ltr">${problem.message}</span> <code dir="ltr">${problem.code}</code>
          </p>`
      }
    </section>`;
  }
}

function megabytes(bytes: number): string {
  const options = { style: "unit", unit: "megabyte", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language.intl, options).format(bytes / 1e6);
}

define("vv-verifier", VerifierPage);
