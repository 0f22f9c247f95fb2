/**
 * The audience page: two equal halves and the line between them.
 *
 * @module
 */

import { html, nothing, type PropertyValues } from "lit";
import type { VivavoceError } from "../errors";
import { t } from "../i18n";
import { type Lack, lacksForWatching } from "../line/support";
import type { HostState, LineState, SeatReport } from "../line/watcher";
import type { Announcer } from "../ui/announcer";
import "../ui/announcer";
import { asProblem } from "../ui/api";
import { define, PageElement } from "../ui/element";
import "../ui/lacks";
import "../ui/problem";
import type { SidePicture } from "../ui/side-picture";
import "../ui/side-picture";
import { overallState, type SideState, sharedRatio, sideState, takenOverAt } from "../ui/side-state";
import { basics } from "../ui/styles";
import { utcClock } from "../ui/time";
import "./between";
import "./controls";
import { audienceStyles } from "./styles";
import { reportDelays, type Watching, watching } from "./watching";

/** `<vv-audience>`: finds its discussion in the address. */
export class AudiencePage extends PageElement {
  static override properties = {
    watching: { state: true },
    problem: { state: true },
    lacks: { state: true },
    reports: { state: true },
    host: { state: true },
    line: { state: true },
    sound: { state: true },
    note: { state: true },
    full: { state: true },
  };

  private watching: Watching | null = null;
  private problem: VivavoceError | null = null;
  private lacks: Lack[] = [];
  private reports: Record<string, SeatReport> = {};
  private host: HostState | null = null;
  private line: LineState["state"] = "connecting";
  private sound = false;
  private note = "";
  private full = false;
  private mirror = "";
  private attached = false;
  private stopReports = (): void => {};
  private readonly said = new Map<string, SideState>();

  static override styles = [basics, audienceStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("fullscreenchange", this.fullChanged);
    void this.begin();
  }

  override disconnectedCallback(): void {
    document.removeEventListener("fullscreenchange", this.fullChanged);
    this.stopReports();
    this.watching?.watcher.stop();
    this.watching?.clock.stop();
    super.disconnectedCallback();
  }

  private async begin(): Promise<void> {
    this.lacks = lacksForWatching();
    if (this.lacks.length) return;
    this.problem = null;
    try {
      this.watching = await watching();
    } catch (error) {
      this.problem = asProblem(error);
      return;
    }
    const { facts, watcher, relay } = this.watching;
    this.mirror = relay ? new URL(relay.url).host : "";
    this.host = watcher.host ?? facts.state;
    this.line = watcher.line.state;
    for (const { side } of facts.sides) {
      const report = watcher.report(side);
      if (report) this.reports = { ...this.reports, [side]: report };
    }
    watcher.addEventListener("seat", (event) => {
      const report = (event as CustomEvent<SeatReport>).detail;
      this.reports = { ...this.reports, [report.seat]: report };
    });
    watcher.addEventListener("host", (event) => {
      this.host = (event as CustomEvent<HostState>).detail;
    });
    watcher.addEventListener("line", (event) => {
      this.line = (event as CustomEvent<LineState>).detail.state;
    });
    this.stopReports = reportDelays(this.watching);
  }

  /** The canvases exist once the facts are drawn; they are handed over once and for all. */
  protected override updated(changed: PropertyValues): void {
    this.tellChanges(changed);
    if (!this.watching || this.attached) return;
    this.attached = true;
    void this.attach(this.watching);
  }

  private async attach({ watcher }: Watching): Promise<void> {
    const sides = [...this.renderRoot.querySelectorAll<SidePicture>("vv-side")];
    await Promise.all(sides.map((side) => side.updateComplete));
    for (const { side, canvas } of sides) if (side && canvas) watcher.attach(side.side, canvas);
  }

  private tellChanges(changed: PropertyValues): void {
    const announcer = this.renderRoot.querySelector<Announcer>("vv-announcer");
    if (!announcer || !this.watching) return;
    if (changed.has("line")) {
      const before = changed.get("line") as LineState["state"];
      if (this.line === "reconnecting") announcer.announce("line", t("audience.said_line_lost"));
      else if (this.line === "live" && before !== "connecting")
        announcer.announce("line", t("audience.said_line_back"));
    }
    for (const { side, name } of this.watching.facts.sides) {
      const takenUs = takenOverAt(side, this.host);
      if (takenUs !== null)
        announcer.announce(`${side} taken`, t("audience.said_taken_over", { name, time: utcClock(takenUs) }));
      const state = this.stateOf(side);
      const before = this.said.get(side);
      this.said.set(side, state);
      if (state === before || state === "waiting" || state === "line_lost") continue;
      if (before === undefined && state === "off") continue;
      announcer.announce(side, t(`audience.said_${state}`, { name }));
    }
  }

  private stateOf(side: string): SideState {
    return sideState(side, this.reports[side] ?? null, this.host, this.line);
  }

  private readonly toggleSound = async (): Promise<void> => {
    if (!this.watching) return;
    const wanted = !this.sound;
    this.note = "";
    try {
      await this.watching.watcher.setSound(wanted);
      this.sound = this.watching.watcher.sound;
      const announcer = this.renderRoot.querySelector<Announcer>("vv-announcer");
      announcer?.announce("sound", t(wanted ? "audience.said_sound_on" : "audience.said_sound_off"));
    } catch (error) {
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      this.note = t(refused ? "audience.sound_refused" : "audience.sound_failed");
    }
  };

  private readonly toggleFull = async (): Promise<void> => {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen?.().catch(() => {});
  };

  private readonly fullChanged = (): void => {
    this.full = document.fullscreenElement !== null;
  };

  override render() {
    if (this.lacks.length) return html`<vv-lacks .lacks=${this.lacks}></vv-lacks>`;
    if (this.problem) {
      const { code, message, remedy } = this.problem;
      const relay = message.startsWith("relay=") || message.startsWith("fingerprint=");
      return html`<vv-problem
        code=${relay ? "input.relay" : code}
        message=${message}
        remedy=${remedy}
        ?retry=${code === "host.unreachable"}
        @retry=${this.begin}
      ></vv-problem>`;
    }
    if (!this.watching) return html`<main class="loading" aria-busy="true">${t("app.loading")}</main>`;
    const { facts, clock } = this.watching;
    const title = facts.title || t("app.untitled");
    document.title = t("app.title", { title });
    const states = facts.sides.map(({ side }) => this.stateOf(side));
    return html`
      <header><h1 title=${title} dir="auto">${title}</h1></header>
      <main>
        <div class="halves">
          ${facts.sides.map((side, index) => [
            index === 0 ? nothing : this.between(states, () => clock.nowUs()),
            html`<vv-side
              .side=${side}
              .report=${this.reports[side.side] ?? null}
              .state=${states[index] ?? "waiting"}
              .takenUs=${takenOverAt(side.side, this.host)}
            ></vv-side>`,
          ])}
        </div>
      </main>
      <footer>
        ${this.note ? html`<p role="alert">${this.note}</p>` : nothing}
        <vv-audience-controls
          ?sound=${this.sound}
          ?full=${this.full}
          @sound=${this.toggleSound}
          @full=${this.toggleFull}
        ></vv-audience-controls>
      </footer>
      <vv-announcer></vv-announcer>
    `;
  }

  private between(states: SideState[], now: () => number) {
    return html`<vv-between
      overall=${overallState(states, this.line)}
      count=${states.filter((state) => state === "on_air").length}
      .recording=${this.host?.recording ?? null}
      mirror=${this.mirror}
      ?unsealed=${this.unsealed}
      .now=${now}
    ></vv-between>`;
  }

  private get unsealed(): boolean {
    const onAir = Object.values(this.reports).filter((report) => report.onAir);
    return onAir.length > 0 && onAir.every(({ verdict }) => verdict === null);
  }

  protected override willUpdate(): void {
    const sides = this.watching?.facts.sides ?? [];
    const ratio = sharedRatio(sides.map(({ side }) => this.reports[side] ?? null));
    this.style.setProperty("--ratio", ratio.toFixed(4));
  }
}

define("vv-audience", AudiencePage);
