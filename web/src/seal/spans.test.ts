/** Promise: what a seal may still tell of is remembered, and nobody can have a verifier remember for ever. */

import { expect, test } from "vitest";
import { utf8 } from "./bytes";
import { configBytes } from "./config";
import { extended, leaf, spanStart } from "./digest";
import { FOUNDING_HASH, HD, RUN_ID } from "./show";
import { Spans } from "./spans";

test.each([
  { waits: false, groups: 10, forgets: false },
  { waits: false, groups: 40, forgets: true },
  { waits: true, groups: 40, forgets: false },
  { waits: true, groups: 5_000, forgets: true },
])("of $groups spans the first is forgotten: $forgets; a seal is waited for: $waits", (one) => {
  const found: string[] = [];
  const config = configBytes(HD);
  const place = { founding: FOUNDING_HASH, run: RUN_ID, track: 0, config, joinedUs: 0, joinedAtUs: 0 };
  const spans = new Spans(place, ({ code }) => found.push(code));
  spans.waits = one.waits;
  const leafOf = (group: number) => leaf(group, 0, group, true, utf8("picture"));
  for (let group = 0; group < one.groups; group++) {
    const digest = extended(spanStart(FOUNDING_HASH, RUN_ID, 0, group, config), leafOf(group));
    spans.sample(group, 0, group, leafOf(group), group);
    const delta = { track: 0, group, count: 1, closed: true, digest };
    expect(spans.sealed(delta, group, { seq: group, known: !one.waits })).toBe(true);
  }
  expect(found).toEqual([]);
  spans.sample(0, 0, 0, leafOf(0), one.groups);
  expect(found).toEqual(one.forgets ? ["seal.late"] : []);
});
