/**
 * Where a device stands between its rehearsal and the air. Pure.
 *
 * 1. Nothing leaves the device in `ready`, `asking`, `taken_over`, `renewed`, `left` and `failed`.
 * 2. Only the reader's own `go` begins; nothing comes back on air by itself after it was left or taken.
 * 3. While the line is lost the device is `returning`: it still holds the air, and nobody hears it.
 * 4. An event that a state does not name leaves it as it is: a late `live` after `left` changes nothing.
 *
 * @module
 */

export type AirState =
  | "ready"
  | "asking"
  | "going"
  | "on_air"
  | "returning"
  | "taken_over"
  | "renewed"
  | "left"
  | "failed";

/**
 * `go`: the button. `granted`, `refused`: the host's answer; `taken`: another device is on air, the reader is
 * asked. `live`, `lost`: the line. `leave`: the button. `ousted`, `voided`, `broke`: the run was ended from
 * outside, by another device, by a new stage address, or by an error.
 */
export type AirEvent =
  | "go"
  | "granted"
  | "taken"
  | "refused"
  | "live"
  | "lost"
  | "leave"
  | "ousted"
  | "voided"
  | "broke";

const ENDED = { ousted: "taken_over", voided: "renewed", broke: "failed", leave: "left" } as const;

/** The rules as a table: state, event, next state. */
export const TABLE: Readonly<Record<AirState, Partial<Readonly<Record<AirEvent, AirState>>>>> = {
  ready: { go: "asking" },
  asking: { granted: "going", taken: "ready", refused: "failed", voided: "renewed" },
  going: { live: "on_air", lost: "returning", ...ENDED },
  on_air: { lost: "returning", ...ENDED },
  returning: { live: "on_air", ...ENDED },
  taken_over: { go: "asking", voided: "renewed" },
  renewed: {},
  left: { go: "asking" },
  failed: { go: "asking", voided: "renewed" },
};

/** The state after an event. */
export function next(state: AirState, event: AirEvent): AirState {
  return TABLE[state][event] ?? state;
}

/** Whether the device holds the air: closing the page would cut it off. */
export function holdsAir(state: AirState): boolean {
  return state === "going" || state === "on_air" || state === "returning";
}

/** Whether the button “Go on air” is of use. */
export function mayGo(state: AirState): boolean {
  return TABLE[state].go !== undefined;
}
