/**
 * The front page: what this is, and a form that makes a discussion.
 *
 * @module
 */

import { css, html, nothing } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import type { VivavoceError } from "../errors";
import { language, nameOfLanguage, t } from "../i18n";
import { founding } from "../line/founding";
import { hexOfBytes } from "../seal/bytes";
import { type Founded, foundedBy } from "../seal/founding";
import { asProblem, type Made, makeDiscussion } from "../ui/api";
import "../ui/copy-address";
import { define, PageElement } from "../ui/element";
import "../ui/language-menu";
import { SPOKEN } from "../ui/languages";
import { problemSentence, remedySentence } from "../ui/problem";
import { basics, controls, sheet } from "../ui/styles";
import type { KeyField } from "./key-field";
import "./key-field";

/** `<vv-home>` */
export class HomePage extends PageElement {
  static override properties = {
    made: { state: true },
    founded: { state: true },
    problem: { state: true },
    busy: { state: true },
    askSecret: { state: true },
    spoken: { state: true },
  };

  private made: Made | null = null;
  /** What it was founded with, as the host tells it; null while that is not known. */
  private founded: Founded | null = null;
  private problem: VivavoceError | null = null;
  private busy = false;
  private askSecret = false;
  /** What each side speaks, once it was chosen; the page's own language before. */
  private spoken: Record<number, string> = {};

  static override styles = [
    basics,
    controls,
    sheet,
    css`
      .what {
        font-size: 1.25rem;
        line-height: 1.5;
        text-wrap: pretty;
      }

      section {
        margin-block-start: var(--gap-8);
        padding-block-start: var(--gap-6);
        border-block-start: 1px solid var(--hairline);
      }

      h1 {
        margin-block-end: var(--gap-2);
        font-size: var(--text-title);
        font-weight: 600;
        line-height: 1.3;
      }

      h1:focus {
        outline: none;
      }

      form {
        display: grid;
        gap: var(--gap-6);
        margin-block-start: var(--gap-6);
      }

      label + input,
      label + select {
        margin-block-start: var(--gap-1);
      }

      .hint {
        margin-block-start: var(--gap-1);
        color: var(--ink-soft);
        font-size: var(--text-small);
      }

      .sides {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
        gap: var(--gap-6);
      }

      fieldset {
        display: grid;
        align-content: start;
        gap: var(--gap-3);
        min-inline-size: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }

      legend {
        margin-block-end: var(--gap-2);
        padding: 0;
        font-weight: 600;
      }

      .problem {
        padding-inline-start: var(--gap-3);
        border-inline-start: 3px solid var(--bad);
        overflow-wrap: anywhere;
      }

      .problem strong {
        color: var(--bad);
      }

      .addresses {
        display: grid;
        gap: var(--gap-8);
        margin-block: var(--gap-6) var(--gap-8);
      }

      footer {
        display: flex;
        flex-wrap: wrap;
        gap: var(--gap-2) var(--gap-6);
        margin-block-start: var(--gap-8);
        color: var(--ink-soft);
        font-size: var(--text-small);
      }
    `,
  ];

  private readonly submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    const form = new FormData(event.target as HTMLFormElement);
    const field = (name: string): string => String(form.get(name) ?? "").trim();
    const fields = [...this.renderRoot.querySelectorAll<KeyField>("vv-key-field")];
    const keys = fields.map((one) => one.key);
    const wrong = fields.find((_, at) => keys[at] === null);
    if (wrong) {
      await wrong.point();
      return;
    }
    this.busy = true;
    this.problem = null;
    try {
      const sides = [1, 2].map((number) => ({
        name: field(`name-${number}`) || t("home.side", { number }),
        language: field(`language-${number}`),
        ...(keys[number - 1] ? { identity_key: keys[number - 1] as string } : {}),
      }));
      this.made = await makeDiscussion({ title: field("title"), sides }, field("secret"));
      void this.found(this.made.id);
      await this.updateComplete;
      this.renderRoot.querySelector<HTMLElement>("#made")?.focus();
    } catch (error) {
      this.problem = asProblem(error);
      if (this.problem.code === "access.host") {
        this.askSecret = true;
        await this.updateComplete;
        this.renderRoot.querySelector<HTMLElement>("#secret")?.focus();
      }
    } finally {
      this.busy = false;
    }
  };

  /** The discussion is made whether or not this is known; then the hash stands on each side's stage. */
  private async found(id: string): Promise<void> {
    this.founded = null;
    const founded = await founding(new URL("/api/", location.href).href, id)
      .then((told) => foundedBy(told, id))
      .catch(() => null);
    if (this.made?.id === id) this.founded = founded;
  }

  override render() {
    document.title = t("app.name");
    return html`
      <header>
        <strong>${t("app.name")}</strong>
        <vv-language></vv-language>
      </header>
      <main>
        <p class="what">${t("home.what")}</p>
        <section>${this.made ? this.addresses(this.made) : this.form()}</section>
      </main>
      <footer>
        <a href="/verify">${t("verify.link")}</a>
        <a href="/api/docs">${t("home.api")}</a>
      </footer>
    `;
  }

  private form() {
    return html`
      <h1>${t("home.heading")}</h1>
      <p>${t("home.how")}</p>
      <form @submit=${this.submit}>
        <div>
          <label for="title">${t("home.title")}</label>
          <input id="title" name="title" maxlength="200" autocomplete="off" aria-describedby="title-hint" dir="auto" />
          <p id="title-hint" class="hint">${t("home.title_hint")}</p>
        </div>
        <div class="sides">${[1, 2].map((number) => this.side(number))}</div>
        ${this.askSecret ? this.secret() : nothing}
        ${this.problem ? this.refusal(this.problem) : nothing}
        <div>
          <button class="main" aria-disabled=${this.busy}>${t(this.busy ? "home.making" : "home.make")}</button>
        </div>
      </form>
    `;
  }

  private side(number: number) {
    const spoken = this.spoken[number] ?? language.locale.split("-")[0];
    const named = SPOKEN.map((tag) => ({ tag, name: nameOfLanguage(tag) })).sort((a, b) =>
      a.name.localeCompare(b.name, language.intl),
    );
    const choose = (event: Event): void => {
      this.spoken = { ...this.spoken, [number]: (event.target as HTMLSelectElement).value };
    };
    return html`<fieldset>
      <legend>${t("home.side", { number })}</legend>
      <div>
        <label for="name-${number}">${t("home.name")}</label>
        <input id="name-${number}" name="name-${number}" maxlength="80" autocomplete="off" dir="auto" />
      </div>
      <div>
        <label for="language-${number}">${t("home.language")}</label>
        <select id="language-${number}" name="language-${number}" @change=${choose}>
          ${repeat(
            named,
            ({ tag }) => tag,
            ({ tag, name }) => html`<option value=${tag} .selected=${live(tag === spoken)}>${name}</option>`,
          )}
        </select>
      </div>
      <vv-key-field side=${t("home.side", { number })}></vv-key-field>
    </fieldset>`;
  }

  private secret() {
    return html`<div>
      <label for="secret">${t("home.host_secret")}</label>
      <input id="secret" name="secret" type="password" autocomplete="off" dir="ltr" aria-describedby="secret-hint" />
      <p id="secret-hint" class="hint">${t("home.host_secret_hint")}</p>
    </div>`;
  }

  private refusal({ code, message, remedy }: VivavoceError) {
    const sentence = problemSentence(code, message);
    return html`<div class="problem" role="alert">
      <p><strong>${sentence}</strong></p>
      <p>${remedySentence(code, remedy)}</p>
      ${message === sentence ? nothing : html`<p class="hint" lang="en" dir="ltr">${message}</p>`}
    </div>`;
  }

  private foundation({ founding, hash }: Founded) {
    const brought = founding.sides.filter(({ identity }) => identity.byteLength > 0);
    return html`
      <vv-address
        plain
        address=${hexOfBytes(hash)}
        what=${t("identity.hash")}
        hint=${t("identity.hash_hint")}
      ></vv-address>
      ${brought.map(
        ({ name, identity }) =>
          html`<vv-address
            plain
            address=${hexOfBytes(identity)}
            what=${t("home.brought", { name })}
            hint=${t("home.brought_hint", { name })}
          ></vv-address>`,
      )}
    `;
  }

  private addresses(made: Made) {
    const again = (): void => {
      this.made = null;
    };
    return html`
      <h1 id="made" tabindex="-1">${t("home.made")}</h1>
      <p dir="auto">${made.title}</p>
      <div class="addresses">
        <vv-address
          address=${made.audience_url}
          what=${t("home.audience")}
          hint=${t("home.audience_hint")}
        ></vv-address>
        ${made.sides.map(
          ({ name, stage_url }) =>
            html`<vv-address
              address=${stage_url}
              what=${t("home.stage", { name })}
              hint=${t("home.stage_hint", { name })}
            ></vv-address>`,
        )}
        ${this.founded ? this.foundation(this.founded) : nothing}
      </div>
      <button @click=${again}>${t("home.another")}</button>
    `;
  }
}

define("vv-home", HomePage);
