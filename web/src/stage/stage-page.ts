/**
 * The stage page: checks the address, then opens the room.
 *
 * @module
 */

import { css, html } from "lit";
import { VivavoceError } from "../errors";
import { t } from "../i18n";
import { HostClock, pageNowUs } from "../line/clock";
import { largestOf } from "../line/codecs";
import { founding } from "../line/founding";
import { type Lack, lacksForPublishing, lacksForWatching } from "../line/support";
import { Watcher } from "../line/watcher";
import { asProblem, lineAddress, seatFacts } from "../ui/api";
import { define, PageElement } from "../ui/element";
import "../ui/lacks";
import "../ui/problem";
import { basics } from "../ui/styles";
import { DeviceDesk } from "./devices";
import { Identity } from "./identity";
import { Keeping } from "./keeping";
import { OnAir } from "./on-air";
import type { Room } from "./room";
import "./room";
import { deviceName, Kept, type StageAddress, stageInPath, takeSecret } from "./secret";

/** What a room is made of. */
export type RoomParts = Pick<Room, "facts" | "desk" | "identity" | "onAir" | "watcher" | "clock">;

/** Check the secret and make the room's parts; nothing is connected, opened or sent. Throws VivavoceError. */
export async function openStage(address: StageAddress): Promise<RoomParts> {
  if (import.meta.env.DEV) {
    const name = new URLSearchParams(location.search).get("preview");
    if (name) return (await import("./preview")).previewStage(name);
  }
  const kept = new Kept(address);
  const secret = takeSecret(kept);
  if (!secret) throw new VivavoceError("access.stage", "The address has no part after the #.");
  const [facts, line] = await Promise.all([
    seatFacts(address.discussion, address.seat, secret),
    lineAddress(),
  ]);
  const clock = new HostClock();
  clock.start();
  const desk = new DeviceDesk(kept, largestOf(location.search));
  const device = await deviceName(kept);
  const seats = facts.discussion.sides.map(({ side }) => side).filter((side) => side !== address.seat);
  const watcher = new Watcher({ line, discussion: address.discussion, seats, clock, listener: address.seat });
  const { language } = facts;
  const identity = new Identity({
    address,
    keeping: new Keeping(address),
    told: () => founding(new URL("/api/", location.href).href, address.discussion),
    nowUs: pageNowUs,
  });
  // What fails is told when the device goes on air.
  identity.begin().catch(() => {});
  const onAir = new OnAir({ address, secret, device, language, kept, clock, desk, identity });
  return { facts, desk, identity, onAir, watcher, clock };
}

/** `<vv-stage>`: finds its seat in the address. */
export class StagePage extends PageElement {
  static override properties = {
    parts: { state: true },
    problem: { state: true },
    lacks: { state: true },
  };

  private parts: RoomParts | null = null;
  private problem: VivavoceError | null = null;
  private lacks: Lack[] = [];

  static override styles = [
    basics,
    css`
      :host {
        display: block;
      }

      .loading {
        display: grid;
        place-content: center;
        block-size: 100dvb;
        color: var(--ink-soft);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    // A new address pasted over this one changes only the part after the #, and loads nothing.
    addEventListener("hashchange", this.pasted);
    void this.begin();
  }

  override disconnectedCallback(): void {
    removeEventListener("hashchange", this.pasted);
    super.disconnectedCallback();
  }

  private readonly pasted = (): void => {
    if (location.hash.length > 1) location.reload();
  };

  private readonly begin = async (): Promise<void> => {
    this.lacks = [...new Set([...lacksForWatching(), ...lacksForPublishing()])];
    this.problem = null;
    if (this.lacks.length) return;
    try {
      const parts = await openStage(stageInPath(location.pathname));
      if (await parts.desk.leaveGiven()) void parts.desk.open();
      this.parts = parts;
    } catch (error) {
      this.problem = asProblem(error);
    }
  };

  override render() {
    if (this.lacks.length) return html`<vv-lacks .lacks=${this.lacks}></vv-lacks>`;
    if (this.problem) {
      const { code, message, remedy } = this.problem;
      return html`<vv-problem
          code=${code}
          message=${message}
          remedy=${remedy}
          ?retry=${code === "host.unreachable" || code === "access.throttled"}
          @retry=${this.begin}
        ></vv-problem>`;
    }
    if (!this.parts) return html`<main class="loading" aria-busy="true">${t("stage.checking")}</main>`;
    const { facts, desk, identity, onAir, watcher, clock } = this.parts;
    return html`<vv-room
      .facts=${facts}
      .desk=${desk}
      .identity=${identity}
      .onAir=${onAir}
      .watcher=${watcher}
      .clock=${clock}
    ></vv-room>`;
  }
}

define("vv-stage", StagePage);
