"""What a line lost or held back, and what a viewer does not take: none of it is ever broken."""

from __future__ import annotations

from collections.abc import Iterator

from tools.vectors.changes import drop, is_sample, joined
from tools.vectors.show import Scene, on_air


def gaps() -> Iterator[Scene]:
    yield (
        "tail",
        "the tail of a group never came",
        "V4",
        on_air().change(drop(lambda e: is_sample(e, "hd.1", 1) and e[4] > 6)).wait(2_000, 2_300),
    )
    yield (
        "whole_group",
        "a whole group never came",
        "V4",
        on_air().change(drop(lambda e: is_sample(e, "hd.1", 1))),
    )
    yield (
        "held_back",
        "a picture that came half a second late",
        "V5",
        on_air().change(lambda e: [e[0] + 500_000, *e[1:]] if is_sample(e, "hd.1", 1, 9) else e),
    )
    late = on_air(5_000).change(lambda e: [e[0] + 2_000_000, *e[1:]] if is_sample(e, "floor.1", 30) else e)
    late.events.sort(key=lambda one: one[0])
    yield "very_late", "a packet that comes two seconds late", "V4", late
    yield (
        "rendition_not_taken",
        "a rendition that is not fetched is not missed",
        "V4",
        on_air(sd=True).change(drop(lambda e: is_sample(e, "sd.1"))),
    )
    yield (
        "let_go",
        "a rendition that was let go is not missed",
        "V4",
        on_air(3_000, sd=True).change(
            lambda e: (
                None
                if is_sample(e, "sd.1") and e[3] > 2
                else [e, [e[0], "let_go", "sd.1"]]
                if is_sample(e, "sd.1", 2, 9)
                else e
            )
        ),
    )
    left = on_air(3_000, sd=True).change(
        lambda e: (
            None
            if is_sample(e, "sd.1") and e[0] > 1_251_000
            else ([e, [e[0], "let_go", "sd.1"]] if is_sample(e, "sd.1", 2, 5) else e)
        )
    )
    yield "let_go_at_once", "what came of a track just before it was let go is not late", "V4", left
    flight = on_air(3_000, sd=True).change(
        lambda e: (
            None
            if is_sample(e, "sd.1") and e[3] > 2
            else [[e[0] - 1, "let_go", "sd.1"], e]
            if is_sample(e, "sd.1", 2, 8)
            else e
        )
    )
    yield "in_flight", "what comes after a rendition was let go does not take it again", "V4", flight
    yield "joined", "joining in the middle of a group raises no alarm", "V9", joined(on_air(4_000), 3_270_000)
    seam = joined(on_air(4_000), 3_220_000).change(drop(lambda e: is_sample(e, "floor.1", 67)))
    yield "joined_seam", "packets of the first row that are missing to whoever joins", "V9", seam
