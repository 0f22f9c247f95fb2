import { describe, expect, it } from "vitest";
import { type AirEvent, type AirState, holdsAir, mayGo, next, TABLE } from "./air";

const walk = (...events: AirEvent[]): AirState => events.reduce<AirState>(next, "ready");

describe("the way to the air", () => {
  it.each<[string, AirEvent[], AirState]>([
    ["goes by asking, connecting, live", ["go", "granted", "live"], "on_air"],
    ["another device is on air: the reader decides, nothing was sent", ["go", "taken"], "ready"],
    ["taking over knowingly is asking again", ["go", "taken", "go", "granted", "live"], "on_air"],
    ["a lost line returns by itself", ["go", "granted", "live", "lost", "live"], "on_air"],
    ["a line that never came up is returning too", ["go", "granted", "lost"], "returning"],
    ["another device takes over", ["go", "granted", "live", "ousted"], "taken_over"],
    ["it is taken over while the line is lost", ["go", "granted", "live", "lost", "ousted"], "taken_over"],
    ["the stage address is renewed", ["go", "granted", "live", "voided"], "renewed"],
    ["the host refuses", ["go", "refused"], "failed"],
    ["and can be asked again", ["go", "refused", "go"], "asking"],
    ["leaving ends it", ["go", "granted", "live", "leave"], "left"],
    [
      "what comes late after leaving changes nothing",
      ["go", "granted", "live", "leave", "live", "lost"],
      "left",
    ],
    ["nothing comes on air without the button", ["granted", "live"], "ready"],
  ])("%s", (_, events, state) => {
    expect(walk(...events)).toBe(state);
  });

  it("holds the air only between the grant and the end", () => {
    const holding = Object.keys(TABLE).filter((state) => holdsAir(state as AirState));
    expect(holding).toEqual(["going", "on_air", "returning"]);
  });

  it("offers the button in no state that holds the air, and not once the address is void", () => {
    for (const state of Object.keys(TABLE) as AirState[]) {
      expect(mayGo(state) && (holdsAir(state) || state === "renewed")).toBe(false);
    }
  });
});
