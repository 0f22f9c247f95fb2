/**
 * The stage of a scene, for screenshots: `?preview=on_air` and so on; real devices, no host, nothing sent.
 * Development builds only.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { AirTaken } from "../ui/api";
import { scene } from "../ui/preview/scenes";
import { stillClock, stillWatcher } from "../ui/preview/watcher";
import type { AirState } from "./air";
import { DeviceDesk } from "./devices";
import { OnAir } from "./on-air";
import { previewIdentity } from "./preview-identity";
import { Kept } from "./secret";
import type { RoomParts } from "./stage-page";

export async function previewStage(name: string): Promise<RoomParts> {
  const [state, ...rest] = name.split("-");
  const shown = scene(rest.join("-") || "both");
  const side = shown.facts.sides[0];
  if (!side) throw new VivavoceError("seat.unknown", "The scene has no side.");
  const address = { discussion: shown.facts.id, seat: side.side };
  const kept = new Kept(address);
  const clock = stillClock(shown);
  const desk = new DeviceDesk(kept);
  const identity = await previewIdentity(address, state);
  const given = { address, secret: "", device: "preview", language: "en", kept, clock, desk, identity };
  const onAir = new OnAir(given);
  desk.leaveGiven = async () => false;
  if (state !== "closed") await desk.open();
  if (state === "asks") {
    const taken = new AirTaken("", "", shown.facts.state.at_us - 761_000_000);
    setTimeout(() => onAir.dispatchEvent(new CustomEvent("taken", { detail: taken })), 300);
  } else if (state === "unplugged") {
    onAir.state = "on_air";
    const { track } = desk.opened.camera;
    desk.opened.camera = { track: null, refused: "", lost: "A camera that was unplugged", wanted: "" };
    track?.stop();
    onAir.setMicrophone(false);
  } else if (state && !["closed", "vouched", "unvouched"].includes(state)) onAir.state = state as AirState;
  if (state === "failed") onAir.problem = new VivavoceError("host.unreachable", "The host does not answer.");
  onAir.sinceUs = shown.facts.state.at_us - 761_000_000;
  const facts = { seat: side.side, name: side.name, language: side.language, discussion: shown.facts };
  return { facts, desk, identity, onAir, watcher: stillWatcher(shown), clock };
}
