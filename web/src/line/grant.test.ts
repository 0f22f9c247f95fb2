import { expect, test } from "vitest";
import { codeIn } from "./grant";

const described = (run: unknown) => ({
  id: "k7m2xq4vw9",
  state: { seats: { north: { on_air: true, run } } },
});

test.each<[string, unknown, string | null]>([
  ["the same run is still on air", described("9f86d081884c7d65"), null],
  ["another run took over", described("0000000000000001"), "access.token"],
  ["nobody is on air", described(null), "access.token"],
  ["the seats stand at the top", { seats: { north: { run: "0000000000000001" } } }, "access.token"],
  ["the description says nothing of runs", { seats: { north: { name: "North" } } }, null],
  ["the seat is not there", { seats: {} }, null],
  ["it is no description", null, null],
])("%s", (_, answer, code) => {
  expect(codeIn(answer, "north", "9f86d081884c7d65")).toBe(code);
});
