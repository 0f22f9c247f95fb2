/**
 * The stage once its address was found good: the other side near the camera, the state, everything else small.
 *
 * @module
 */

import { html, nothing, type PropertyValues } from "lit";
import { t } from "../i18n";
import type { HostClock } from "../line/clock";
import type { Devices } from "../line/publisher";
import type { HostState, LineState, SeatReport, Watcher } from "../line/watcher";
import type { Announcer } from "../ui/announcer";
import "../ui/announcer";
import type { AirTaken, SeatFacts } from "../ui/api";
import { define, PageElement } from "../ui/element";
import "../ui/language-menu";
import type { SidePicture } from "../ui/side-picture";
import "../ui/side-picture";
import { sideState } from "../ui/side-state";
import { basics, controls } from "../ui/styles";
import { holdsAir } from "./air";
import type { Question } from "./air-panel";
import "./air-panel";
import "./device-panel";
import type { DeviceDesk } from "./devices";
import { type Happening, withDevices, withHost } from "./happenings";
import type { Identity } from "./identity";
import "./identity-panel";
import "./log";
import type { OnAir } from "./on-air";
import { roomStyles } from "./styles";

/** `<vv-room>`: everything that it shows is given to it, ready made, before it is connected. */
export class Room extends PageElement {
  static override properties = {
    facts: { attribute: false },
    report: { state: true },
    host: { state: true },
    line: { state: true },
    hearing: { state: true },
    note: { state: true },
    question: { state: true },
    happenings: { state: true },
  };

  facts!: SeatFacts;
  desk!: DeviceDesk;
  identity!: Identity;
  onAir!: OnAir;
  watcher!: Watcher;
  clock!: HostClock;

  private reports: Record<string, SeatReport> = {};
  private host: HostState | null = null;
  private line: LineState["state"] = "connecting";
  private hearing = false;
  private note = "";
  private question: Question | null = null;
  private happenings: readonly Happening[] = [];
  private readonly devices: Record<string, Devices> = {};
  private attached = false;

  static override styles = [basics, controls, roomStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.hostTold(this.facts.discussion.state);
    this.watcher.addEventListener("seat", (event) =>
      this.seatTold((event as CustomEvent<SeatReport>).detail),
    );
    this.watcher.addEventListener("host", (event) => this.hostTold((event as CustomEvent<HostState>).detail));
    this.watcher.addEventListener("line", (event) => {
      this.line = (event as CustomEvent<LineState>).detail.state;
    });
    this.onAir.addEventListener("change", this.airChanged);
    this.onAir.addEventListener("taken", (event) => {
      this.question = { sinceUs: (event as CustomEvent<AirTaken>).detail.sinceUs };
    });
    this.onAir.addEventListener("publisher", () => {
      this.onAir.publisher?.addEventListener("devices", (event) => {
        this.devicesTold(this.facts.seat, (event as CustomEvent<Devices>).detail);
      });
    });
    this.desk.addEventListener("change", this.redraw);
    this.identity.addEventListener("change", this.redraw);
    addEventListener("beforeunload", this.warn);
  }

  override disconnectedCallback(): void {
    removeEventListener("beforeunload", this.warn);
    this.onAir.removeEventListener("change", this.airChanged);
    this.desk.removeEventListener("change", this.redraw);
    this.identity.removeEventListener("change", this.redraw);
    super.disconnectedCallback();
  }

  private readonly redraw = (): void => this.requestUpdate();

  private readonly warn = (event: BeforeUnloadEvent): void => {
    if (holdsAir(this.onAir.state)) event.preventDefault();
  };

  private lastState = "ready";

  private readonly airChanged = (): void => {
    const { state } = this.onAir;
    if (state !== this.lastState) {
      this.lastState = state;
      const sentence =
        state === "on_air" ? t("air.said_on_air") : state === "ready" ? "" : t(`air.${this.headline}`);
      if (sentence) this.announce("air", sentence);
    }
    this.requestUpdate();
  };

  private get headline() {
    const { state } = this.onAir;
    return state === "going" ? "asking" : state;
  }

  private announce(topic: string, sentence: string): void {
    this.renderRoot.querySelector<Announcer>("vv-announcer")?.announce(topic, sentence);
  }

  private seatTold(report: SeatReport): void {
    this.reports = { ...this.reports, [report.seat]: report };
    if (report.devices && report.onAir) this.devicesTold(report.seat, report.devices);
    this.requestUpdate();
  }

  private devicesTold(seat: string, now: Devices): void {
    this.happenings = withDevices(this.happenings, seat, this.devices[seat] ?? null, now, this.clock.nowUs());
    this.devices[seat] = now;
  }

  private hostTold(host: HostState): void {
    this.host = host;
    this.happenings = withHost(this.happenings, host);
    const own = host.seats[this.facts.seat];
    if (own?.run && own.run === this.onAir.run && own.since_us) this.onAir.sinceUs = own.since_us;
  }

  protected override updated(_changed: PropertyValues): void {
    if (this.attached) return;
    this.attached = true;
    void this.attach();
  }

  private async attach(): Promise<void> {
    const sides = [...this.renderRoot.querySelectorAll<SidePicture>("vv-side")];
    await Promise.all(sides.map((side) => side.updateComplete));
    for (const { side, canvas } of sides) if (side && canvas) this.watcher.attach(side.side, canvas);
    await this.watcher.start();
  }

  private readonly hear = async (on: boolean): Promise<void> => {
    this.note = "";
    try {
      await this.watcher.setSound(on);
      this.hearing = this.watcher.sound;
    } catch (error) {
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      this.note = t(refused ? "stage.hear_refused" : "audience.sound_failed");
      this.hearing = this.watcher.sound;
    }
  };

  private readonly go = (event: CustomEvent<boolean>): void => {
    this.question = null;
    if (!this.hearing) void this.hear(true);
    void this.onAir.go(event.detail);
  };

  private readonly toggleMicrophone = (): void => {
    const open = !this.onAir.microphoneOpen;
    this.onAir.setMicrophone(open);
    this.announce("microphone", t(open ? "air.said_microphone_open" : "air.said_microphone_closed"));
  };

  override render() {
    const { facts, onAir, desk } = this;
    const title = facts.discussion.title || t("app.untitled");
    const heading = t("stage.title", { name: facts.name });
    const held = holdsAir(onAir.state);
    document.title = t("app.title", { title: onAir.state === "on_air" ? t("air.on_air") : heading });
    const microphone = desk.opened.microphone.track ? (onAir.microphoneOpen ? "open" : "closed") : "none";
    return html`
      <header>
        <h1 dir="auto">${heading}</h1>
        <p dir="auto">${title}</p>
        <vv-language></vv-language>
      </header>
      <main>
        <section class="others" aria-label=${t("stage.others")}>${this.others()}</section>
        <vv-air
          name=${facts.name}
          state=${onAir.state}
          ?ready=${desk.opened.camera.track !== null || desk.opened.microphone.track !== null}
          ?returns=${onAir.returns}
          .problem=${onAir.problem}
          microphone=${microphone}
          ?camera=${desk.opened.camera.track !== null}
          ?asleep=${held && !onAir.wake.awake}
          .unsealed=${onAir.unsealed}
          ?unvouched=${this.identity.lack !== null}
          .sinceUs=${onAir.sinceUs}
          .now=${() => this.clock.nowUs()}
          .question=${this.question}
          @go=${this.go}
          @stay=${() => {
            this.question = null;
          }}
          @leave=${() => onAir.leave()}
          @microphone=${this.toggleMicrophone}
        ></vv-air>
        <aside aria-label=${t("stage.your_devices")}>
          ${this.identity.key ? this.whose(held) : nothing}
          <vv-devices
            .desk=${desk}
            ?onAir=${held}
            ?closed=${held && !onAir.microphoneOpen}
            @allow=${() => this.hear(true)}
          ></vv-devices>
          <div class="rest"><div>
            <button @click=${() => this.hear(!this.hearing)}>
              ${t(this.hearing ? "stage.hear_stop" : "stage.hear")}
            </button>
            ${this.note ? html`<p class="note" role="alert">${this.note}</p>` : nothing}
          </div>
          <vv-log .happenings=${this.happenings} .names=${this.names}></vv-log>
          ${this.identity.key ? nothing : this.whose(held)}</div>
        </aside>
      </main>
      <vv-announcer></vv-announcer>
    `;
  }

  /** Above everything else where the side brought an identity key. */
  private whose(held: boolean) {
    const { identity, facts } = this;
    return html`<vv-identity
      .identity=${identity}
      discussion=${facts.discussion.id}
      seat=${facts.seat}
      ?onAir=${held}
    ></vv-identity>`;
  }

  private get names(): Record<string, string> {
    return Object.fromEntries(this.facts.discussion.sides.map(({ side, name }) => [side, name]));
  }

  private others() {
    return this.facts.discussion.sides
      .filter(({ side }) => side !== this.facts.seat)
      .map((side) => {
        const report = this.reports[side.side] ?? null;
        return html`<vv-side
          compact
          .side=${side}
          .report=${report}
          .state=${sideState(side.side, report, this.host, this.line)}
        ></vv-side>`;
      });
  }
}

define("vv-room", Room);
