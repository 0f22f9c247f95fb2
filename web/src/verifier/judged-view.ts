/**
 * A verdict as a reader meets it: the sentence, each side's time, what was found, what cannot be known; the rest folded.
 *
 * @module
 */

import { html, nothing } from "lit";
import { t } from "../i18n";
import {
  clockText,
  type Finding,
  fixed,
  type Judged,
  judgementOf,
  nameOf,
  sidesOf,
  toJson,
  type Unknown,
  verdictOf,
} from "../record/verdicts";
import { define, PageElement } from "../ui/element";
import { basics, controls } from "../ui/styles";
import { judged as judgedStyles } from "./styles";
import "./side-timeline";

/** More than anybody reads; all of it is in the JSON. */
const MOST_SHOWN = 200;
const SIGNS = { holds: "✓", last: "✓", gaps: "◌", unsealed: "○", unproven: "○", broken: "✕" } as const;

/** `<vv-judged>`: give it `judged`. */
export class JudgedView extends PageElement {
  static override properties = {
    judged: { attribute: false },
    open: { state: true },
    copied: { state: true },
  };

  static override styles = [basics, controls, judgedStyles];

  judged: Judged | null = null;
  private open = false;
  private copied = false;

  override render() {
    const { judged } = this;
    if (!judged) return nothing;
    const kind = verdictOf(judged);
    const sides = sidesOf(judged);
    const believed = judged.sides.some(({ by }) => by !== null);
    return html`<article data-kind=${kind}>
      <h2 tabindex="-1"><span class="sign" aria-hidden="true">${SIGNS[kind]}</span> ${t(`verify.verdict_${kind}`)}</h2>
      <p class="means">${t(`verify.means_${kind}`)}</p>
      <p class="about">
        <span>${t(`verify.file_${judged.file}`)}</span>
        ${believed && judged.title ? html`<bdi>${judged.title}</bdi>` : nothing}
        <code dir="ltr">${judged.discussion}</code>
        <span dir="ltr">${clockText(judged.seconds)}</span>
      </p>
      ${
        sides.length > 0 && judged.seconds > 0
          ? html`<h3>${t("verify.sides")}</h3>
            ${sides.map((side) => html`<vv-side-timeline .judged=${judged} .side=${side}></vv-side-timeline>`)}
            <vv-side-legend .judged=${judged}></vv-side-legend>`
          : nothing
      }
      <h3>${t("verify.findings")}</h3>
      ${this.findings(judged)}
      <h3>${t("verify.unknown")}</h3>
      <ul class="plain">
        ${judged.unknown.slice(-MOST_SHOWN).map((one) => html`<li>${this.unknown(judged, one)}</li>`)}
      </ul>
      ${this.more(judged.unknown.length)}
      ${this.details(judged)}
    </article>`;
  }

  private findings(judged: Judged) {
    const { findings } = judged;
    if (findings.length === 0) return html`<p>${t("verify.findings_none")}</p>`;
    return html`<ol class="findings">
        ${findings.slice(0, MOST_SHOWN).map((one) => this.finding(judged, one))}
      </ol>
      ${this.more(findings.length)}`;
  }

  private more(count: number) {
    if (count <= MOST_SHOWN) return nothing;
    return html`<p class="soft">${t("verify.more", { count: count - MOST_SHOWN })}</p>`;
  }

  private finding(judged: Judged, one: Finding) {
    const where = one.side ? nameOf(judged, one.side) : "";
    return html`<li data-judgement=${judgementOf(one)}>
      <span class="when" dir="ltr">${one.side ? `${clockText(one.fromS)}–${clockText(one.untilS)}` : ""}</span>
      <span>
        <strong>${t(`verify.state_${judgementOf(one)}`)}.</strong>
        ${where ? html`<bdi>${where}</bdi>:` : nothing} ${t(`verify.found_${one.code}`)}
        <span class="soft" dir="ltr">${one.track} <code>${one.code}</code></span>
      </span>
    </li>`;
  }

  private unknown(judged: Judged, one: Unknown) {
    switch (one.kind) {
      case "file":
        return html`<code dir="ltr">${one.where}</code>: <span lang="en" dir="ltr">${one.what}</span>`;
      case "founding":
        return html`${t("verify.unknown_founding")} <code class="hash" dir="ltr">${one.hash}</code>`;
      case "host":
        return t("verify.unknown_host", { name: nameOf(judged, one.side) });
      case "open":
        return t("verify.unknown_open", { name: nameOf(judged, one.side) });
      case "apart": {
        const [name, other] = [nameOf(judged, one.side), nameOf(judged, one.beside)];
        const seconds = fixed(Math.abs(one.laterS), 3);
        const how = Number(seconds) === 0 ? "same" : one.laterS > 0 ? "later" : "earlier";
        return t("verify.unknown_apart", { name, other, how, seconds });
      }
      case "jump": {
        const [name, time] = [nameOf(judged, one.side), clockText(one.atS)];
        return t("verify.unknown_jump", { name, time, seconds: fixed(one.movedS, 3) });
      }
      case "cut":
        return t("verify.unknown_cut", { from: clockText(one.fromS), until: clockText(one.untilS) });
      default:
        return t(`verify.unknown_${one.kind}`);
    }
  }

  private details(judged: Judged) {
    const toggled = (event: Event): void => {
      this.open = (event.target as HTMLDetailsElement).open;
    };
    // Of a long record it is long: made only when somebody looks.
    const json = this.open ? JSON.stringify(toJson(judged), null, 1) : "";
    const runs = sidesOf(judged).flatMap((side) => judged.sides.filter((one) => one.side === side));
    return html`<details @toggle=${toggled}>
      <summary>${t("verify.details")}</summary>
      <dl>
        <dt>${t("verify.founding")}</dt>
        <dd><code class="hash" dir="ltr">${judged.founding || "–"}</code></dd>
        ${runs.map(
          (one) => html`<dt><bdi>${nameOf(judged, one.side)}</bdi>, <code dir="ltr">${one.run}</code></dt>
            <dd>
              ${t(`verify.by_${one.by ?? "nobody"}`)}
              <ul>
                ${one.tracks.map(
                  ({ name, samples }) => html`<li>
                    <code dir="ltr">${name}</code> ${t("verify.samples", { count: samples })}
                  </li>`,
                )}
              </ul>
            </dd>`,
        )}
      </dl>
      <p class="buttons">
        <button @click=${() => this.copy(json)}>${t(this.copied ? "app.copied" : "verify.copy_json")}</button>
        <button @click=${() => save(json, judged.discussion)}>${t("verify.save_json")}</button>
      </p>
      <pre dir="ltr" tabindex="0" aria-label=${t("verify.json")}>${json}</pre>
    </details>`;
  }

  private async copy(json: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(json);
      this.copied = true;
    } catch {
      // The browser may forbid it; the text stands below.
    }
  }
}

function save(json: string, discussion: string): void {
  const address = URL.createObjectURL(new Blob([json], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${discussion}.verdict.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

define("vv-judged", JudgedView);
