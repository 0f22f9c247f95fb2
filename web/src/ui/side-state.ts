/**
 * What is true of one side, and of both together, from what the line and the host tell. Pure.
 *
 * 1. Samples that arrive here decide whether a side is on air, not an open connection and not the host's word.
 * 2. While this page's own line is down it knows nothing of a side, and says so.
 * 3. A side that is announced, or on air by the host's word, but silent here, is "no samples arriving".
 *
 * @module
 */

import type { ErrorCode } from "../errors";
import type { HostState, LineState, SeatReport } from "../line/watcher";

export type SideState = "on_air" | "off" | "silent" | "waiting" | "line_lost" | "unplayable";

/** The sentence of a catalogue, by its key, that stands between the halves. */
export type Overall = "both" | "some" | "none" | "connecting" | "lost" | "failed";

/** The state of one side; see the rules above. */
export function sideState(
  seat: string,
  report: SeatReport | null,
  host: HostState | null,
  line: LineState["state"],
): SideState {
  if (line === "reconnecting" || line === "failed") return "line_lost";
  if (line === "connecting") return "waiting";
  if (report?.code) return "unplayable";
  if (report?.onAir) return "on_air";
  if (report?.announced || host?.seats[seat]?.on_air) return "silent";
  return report || host ? "off" : "waiting";
}

/** Both sides in one word. */
export function overallState(states: readonly SideState[], line: LineState["state"]): Overall {
  if (line === "failed") return "failed";
  if (line === "reconnecting") return "lost";
  const onAir = states.filter((state) => state === "on_air").length;
  if (onAir === states.length && onAir > 0) return "both";
  if (onAir > 0) return "some";
  return line === "connecting" || states.every((state) => state === "waiting") ? "connecting" : "none";
}

export type Lacking = "camera_lost" | "camera_off" | "picture_none" | "microphone_lost" | "microphone_off";

/**
 * What a side on air lacks, for a line under its name; the picture comes first. `picture_none`: its catalogue
 * says that the camera is live, yet no picture was drawn for a second, so the one on the canvas is old.
 */
export function lacking(report: SeatReport | null): Lacking | null {
  if (!report?.onAir || !report.devices) return null;
  const { camera, microphone } = report.devices;
  if (camera !== "live") return camera === "lost" ? "camera_lost" : "camera_off";
  if (report.fps === 0) return "picture_none";
  if (microphone !== "live") return microphone === "lost" ? "microphone_lost" : "microphone_off";
  return null;
}

/**
 * Of a sealed side that is not on air any more: whether its device signed that nothing followed (docs/formats/seal.md,
 * V10). Null while that is not the question, or where nothing is known of its seals.
 */
export function endingOf(state: SideState, report: SeatReport | null): "ended" | "not_ended" | null {
  const verdict = report?.verdict;
  if (!verdict?.standing || (state !== "off" && state !== "silent")) return null;
  if (verdict.ended) return "ended";
  // One that is only silent may still say so.
  return state === "off" ? "not_ended" : null;
}

/**
 * When another device took the seat's air from the one before, by the host's clock in microseconds; null when whoever
 * is on air now came by the ordinary way. Everyone is told for as long as that device is on air.
 */
export function takenOverAt(seat: string, host: HostState | null): number | null {
  if (!host?.seats[seat]?.on_air) return null;
  const changes = host.events.filter(
    ({ seat: whose, event }) => whose === seat && ["went_on_air", "left", "taken_over"].includes(event),
  );
  const last = changes.sort((a, b) => a.at_us - b.at_us).at(-1);
  return last?.event === "taken_over" ? last.at_us : null;
}

/** One shape for all pictures, so that no side's is larger: the tallest of them, between 4:3 and 16:9. */
export function sharedRatio(reports: readonly (SeatReport | null)[]): number {
  const ratios = reports.map((report) => (report?.height ? report.width / report.height : 16 / 9));
  return Math.min(16 / 9, Math.max(4 / 3, Math.min(...ratios)));
}

/** The code to explain under a side that cannot be shown. */
export function unplayableCode(report: SeatReport | null): ErrorCode {
  return report?.code ?? "line.codec";
}
