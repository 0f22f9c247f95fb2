"""What became of the seals: as they should be, late, lost, and put there by somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tools.vectors.changes import drop, flip, is_sample, numbered, replace_event, two_chains
from tools.vectors.show import HD, OTHER, STATEMENT, Scene, Show, on_air


def seals() -> Iterator[Scene]:
    yield "all_well", "all that came was signed", "V2", on_air()
    ended = on_air()
    ended.seal(2_000_000, end=True)
    yield "ended", "the side said that nothing follows", "V10", ended
    rested = on_air(1_000)
    rested.sealer.rest(rested.hd, 2)
    rested.seal(980_000)
    yield "rest", "a track that rests", "S7", rested
    yield (
        "pending",
        "nothing is proven before the first seal",
        "V6",
        Show().on_air(0, 50).change(lambda event: None if event[1] == "sample" else event),
    )
    yield "unsealed", "a side without seals", "V6", on_air().change(drop(lambda event: event[1] == "seal"))
    yield (
        "seals_stop",
        "seals stop, samples go on",
        "V6",
        on_air().change(drop(lambda e: e[1] == "seal" and e[0] > 1_000_000)),
    )
    lost = on_air()
    at = numbered(lost.events)[5]
    yield "seal_late", "a seal that comes a little late", "S11", replace_event(lost, at, 300_000)
    doubled = on_air()
    yield "seal_doubled", "each seal twice", "S11", doubled.change(lambda e: [e, e] if e[1] == "seal" else e)
    lost = on_air()
    del lost.events[numbered(lost.events)[5]]
    yield "seal_lost", "a seal that never comes", "V8", lost
    lost = on_air(4_500)
    del lost.events[numbered(lost.events)[5]]
    yield "seal_lost_once", "a seal that never comes is told once, and is over", "V8", lost
    given_up = on_air(4_500)
    del given_up.events[numbered(given_up.events)[5]]
    given_up = given_up.change(lambda e: [e[0] + 950_000, *e[1:]] if is_sample(e, "floor.1", 18) else e)
    given_up.events.sort(key=lambda one: one[0])
    yield "seal_lost_packet_late", "a packet a second late whose seal was lost is not foreign", "V5", given_up
    far = on_air(600)
    far.sealer._seq = 1 << 40
    far.seal(620_000)
    yield "far", "a seal from far ahead", "S11", far
    yield (
        "seal_bit",
        "a bit of a seal",
        "S3",
        on_air(600).change(lambda e: flip(e) if e[1] == "seal" and 300_000 < e[0] < 450_000 else e),
    )
    theirs = Show(key=OTHER).on_air(0, 600)
    yield "other_key", "seals of another key", "S3", theirs
    turned = on_air(600)
    turned.sealer._tracks[0].raw = replace(HD, width=640).to_bytes()
    turned.sealer._announced = 0
    turned.seal(700_000)
    yield "config", "another configuration for the same track", "S5", turned
    back = on_air(600)
    back.sealer._sealed_us = None
    back.seal(100_000)
    yield "clock", "a clock that goes back", "S10", back
    yield "apart", "seals a second apart", "S10", Show(apart_us=1_000_000).on_air(0, 2_500)
    two, again = on_air(600), Show(apart_us=150_000).on_air(0, 600)
    at = numbered(two.events)[2]
    two.events.insert(at + 1, again.events[numbered(again.events)[2]])
    yield "fork", "two different seals with one number", "S11", two
    elsewhere = Show(run=bytes(8), statement=STATEMENT[:-1] + b"\x00").on_air(0, 1_000)
    yield "other_chain", "the chain of another run", "S9", two_chains(on_air(1_000), elsewhere)
    after = on_air(1_000)
    after.seal(1_000_000, end=True)
    more = on_air(1_400)
    after.events += [e for e in more.events if e[0] > 1_000_500 and not (e[1] == "seal" and e[0] < 1_010_000)]
    yield "after_the_end", "seals after the end", "S11", after
