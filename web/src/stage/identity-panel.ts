/**
 * What a side's identity key says of this device, and where it is told: shown before the device goes on air.
 *
 * @module
 */

import { html, nothing } from "lit";
import { language, t } from "../i18n";
import { bytesOfHex, hexOfBytes } from "../seal/bytes";
import { keyId } from "../seal/keys";
import "../ui/copy-address";
import { define, PageElement } from "../ui/element";
import { basics, controls, questions } from "../ui/styles";
import { moment } from "../ui/time";
import type { Identity } from "./identity";
import { identityStyles } from "./identity-styles";

/** Twice what a file of `vivavoce keys` may have, and more than any has. */
const MOST_BYTES = 128 * 1024;

/** `<vv-identity>`: give it `identity`, and the `discussion` and `seat` for the command that is shown. */
export class IdentityPanel extends PageElement {
  static override properties = {
    identity: { attribute: false },
    discussion: {},
    seat: {},
    onAir: { type: Boolean },
    over: { state: true },
    asks: { state: true },
  };

  identity!: Identity;
  discussion = "";
  seat = "";
  onAir = false;
  /** A file is held over it. */
  private over = false;
  /** Whether the key is to be forgotten is being asked. */
  private asks = false;
  private readonly changed = (): void => this.requestUpdate();

  static override styles = [basics, controls, questions, identityStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.identity.addEventListener("change", this.changed);
  }

  override disconnectedCallback(): void {
    this.identity.removeEventListener("change", this.changed);
    super.disconnectedCallback();
  }

  protected override updated(): void {
    const dialog = this.renderRoot.querySelector("dialog");
    if (this.asks && dialog && !dialog.open) dialog.showModal();
    if (!this.asks && dialog?.open) dialog.close();
  }

  private async files(files: Iterable<File>): Promise<void> {
    for (const file of files)
      await this.identity.give(new Uint8Array(await file.slice(0, MOST_BYTES + 1).arrayBuffer()));
  }

  private readonly chosen = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    await this.files(input.files ?? []);
    // The same file may be chosen again.
    input.value = "";
  };

  private readonly typed = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    const text = input.value.trim();
    if (!text) return;
    await this.identity.give(new TextEncoder().encode(text));
    if (!this.identity.refused) input.value = "";
  };

  private readonly pasted = (event: InputEvent): void => {
    if (event.inputType === "insertFromPaste") void this.typed(event);
  };

  private readonly dragged = (event: DragEvent): void => {
    event.preventDefault();
    this.over = event.type === "dragover";
  };

  private readonly dropped = (event: DragEvent): void => {
    event.preventDefault();
    this.over = false;
    void this.files(event.dataTransfer?.files ?? []);
  };

  override render() {
    const { identity } = this;
    if (!identity.founded || !identity.device) return nothing;
    // What a run goes on air with stays so; why it is unsealed stands beside its state.
    const told = identity.key && !(this.onAir && identity.lack);
    return html`
      ${told ? this.brought() : nothing}
      <details>
        <summary>${t("identity.founding")}</summary>
        <vv-address
          plain
          address=${hexOfBytes(identity.founded.hash)}
          what=${t("identity.hash")}
          hint=${t("identity.hash_hint")}
        ></vv-address>
      </details>
    `;
  }

  private brought() {
    const { identity, onAir } = this;
    return html`<section aria-labelledby="brought">
      <h2 id="brought">${t("identity.brought")}</h2>
      ${this.says()}
      ${
        onAir
          ? nothing
          : html`<details class="needs" ?open=${identity.lack !== null}>
            <summary>${t("identity.needs")}</summary>
            <div class="within">${this.needs()}</div>
          </details>`
      }
      ${
        identity.revocations > 0
          ? html`<p class="soft">${t("identity.revocations", { count: identity.revocations })}</p>`
          : nothing
      }
    </section>`;
  }

  private says() {
    const { lack, voucher } = this.identity;
    const until = voucher ? moment(voucher.untilUs, language.intl) : "";
    return html`<p class="says" role="status" ?data-lack=${lack !== null}>
      <strong>${t(lack ? "identity.not_vouched" : "identity.vouched")}</strong>
      ${
        lack === null
          ? t("identity.vouched_as", { name: voucher?.name ?? "", until })
          : t(`identity.lack_${lack === "none" || lack === "revoked" || lack === "early" ? lack : "over"}`)
      }
    </p>`;
  }

  /** The key, the command, and where the voucher is given. */
  private needs() {
    const { identity } = this;
    const id = hexOfBytes(keyId(bytesOfHex(identity.device)));
    const command = [
      "vivavoce keys vouch --identity identity.pem",
      `--device ${identity.device}`,
      `--for ${location.origin}/d/${this.discussion}`,
      `--seat ${this.seat} --out voucher`,
    ].join(" ");
    const address = (what: string, hint: string, text: string) =>
      html`<vv-address plain what=${what} hint=${hint} address=${text}></vv-address>`;
    return html`
      ${address(t("identity.device"), t("identity.device_hint", { id }), identity.device)}
      ${address(t("identity.command"), t("identity.command_hint"), command)}
      <div
        class="give"
        ?data-over=${this.over}
        @dragover=${this.dragged}
        @dragleave=${this.dragged}
        @drop=${this.dropped}
      >
        <p id="file-hint" class="soft">${t("identity.file_hint")}</p>
        <input id="file" class="heard" type="file" multiple aria-describedby="file-hint" @change=${this.chosen} />
        <label class="button" for="file">${t("identity.file")}</label>
        <label for="text">${t("identity.text")}</label>
        <input id="text" autocomplete="off" spellcheck="false" dir="ltr" @change=${this.typed} @input=${this.pasted} />
        ${
          identity.refused
            ? html`<p class="refused" role="alert">${t(`identity.refused_${identity.refused}`)}</p>`
            : nothing
        }
      </div>
      ${identity.lasts ? nothing : html`<p class="soft">${t("identity.passing")}</p>`}
      <div><button @click=${() => this.ask(true)}>${t("identity.forget")}</button></div>
      ${this.asks ? this.question() : nothing}
    `;
  }

  private ask(asks: boolean): void {
    this.asks = asks;
  }

  private question() {
    const forget = async (): Promise<void> => {
      this.ask(false);
      await this.identity.forget();
    };
    return html`<dialog aria-labelledby="question" @cancel=${() => this.ask(false)}>
      <h2 id="question">${t("identity.forget_question")}</h2>
      <p>${t("identity.forget_explain")}</p>
      <div class="buttons">
        <button autofocus @click=${() => this.ask(false)}>${t("identity.forget_not")}</button>
        <button @click=${forget}>${t("identity.forget")}</button>
      </div>
    </dialog>`;
  }
}

define("vv-identity", IdentityPanel);
