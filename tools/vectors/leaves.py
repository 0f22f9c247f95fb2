"""Leaves of what came in part (S20, V6): how they travel, and what they let a verdict say."""

from __future__ import annotations

from collections.abc import Iterator

from tools.vectors.changes import drop, flip, is_sample, joined
from tools.vectors.show import RUN, Event, Scene, Show, on_air, signed
from tools.vectors.vector import Vector, vector
from vivavoce.seal.cbor import encode
from vivavoce.seal.digest import leaf
from vivavoce.seal.leavesframe import MOST_LEAVES, LeavesFrame
from vivavoce.seal.sealer import _Span


def frames() -> Iterator[tuple[str, Vector]]:
    one = bytes(range(32))
    for name, about, count in (("one", "of one sample", 1), ("most", "as many as there may be", MOST_LEAVES)):
        frame = LeavesFrame(1, 100, [one] * count)
        told = {"track": 1, "group": 100, "leaves": count}
        yield name, vector(f"the leaves {about}", "S20", {"leaves": frame.to_bytes().hex()}, "ok", told)
    last = LeavesFrame(255, (1 << 53) - 1, [one])
    told = {"track": 255, "group": (1 << 53) - 1, "leaves": 1}
    yield "last", vector("of the last track and group", "S20", {"leaves": last.to_bytes().hex()}, "ok", told)
    bad: list[tuple[str, str, bytes]] = [
        ("empty", "no bytes at all", b""),
        ("none", "no leaf", encode([1, 100, b""])),
        ("short", "a leaf of 31 bytes", encode([1, 100, one[:-1]])),
        ("long", "a leaf and a byte", encode([1, 100, one + b"0"])),
        ("many", "one too many", encode([1, 100, one * (MOST_LEAVES + 1)])),
        ("track", "a track's number over 255", encode([256, 100, one])),
        ("group", "bytes in place of the group", encode([1, one, one])),
        ("list", "a list of leaves", encode([1, 100, [one]])),
        ("few", "a field too few", encode([1, one])),
        ("more", "a field too many", encode([1, 100, one, 0])),
        ("long_number", "a number that is not in its shortest form", b"\x83\x18\x01" + encode([1, one])[2:]),
        ("trailing", "a byte after the end", encode([1, 100, one]) + b"\x00"),
        ("envelope", "a seal's envelope", signed("seal", b"", RUN)),
    ]
    for name, about, raw in bad:
        yield name, vector(about, "S20", {"leaves": raw.hex()}, "seal.form")


def resolved() -> Iterator[Scene]:
    for name, about, lie in (
        ("leaves", "a lost packet, and the leaves that tell which", False),
        ("leaves_that_lie", "leaves that are not the sealed ones", True),
    ):
        lost = on_air(1_800).change(drop(lambda e: is_sample(e, "floor.1", 13)))
        yield name, about, "V6", told(lost, 13, 4, 1_000_000, lie=lie)
    altered = on_air(1_800).change(drop(lambda e: is_sample(e, "floor.1", 13)))
    altered = altered.change(lambda e: flip(e) if is_sample(e, "floor.1", 15) else e)
    altered = told(altered, 13, 4, 1_000_000)
    yield "leaves_tell_apart", "of a row with a lost packet the one that was altered", "V6", altered
    after = on_air(1_800).change(lambda e: [e[0] + 400_000, *e[1:]] if is_sample(e, "floor.1", 13) else e)
    after.events.sort(key=lambda e: e[0])
    after = told(after, 13, 4, 900_000)
    yield "leaves_before_the_packet", "a packet that comes after its row's leaves is no gap", "V6", after
    tail = on_air(2_000).change(drop(lambda e: is_sample(e, "hd.1", 1) and e[4] > 5)).wait(2_000, 2_300)
    tail = told(tail, 1, 10, 1_150_000, track="hd.1")
    yield "leaves_of_a_picture", "a group that was cut between two seals, and its leaves", "V6", tail
    seam = joined(on_air(4_000), 3_270_000)
    yield "leaves_at_joining", "the first row to whoever joins", "V9", told(seam, 65, 4, 3_500_000)
    yield "leaves_after_an_outage", "a row of which a side kept the end while away", "V6", _outage()
    gone = on_air(3_000, sd=True).change(_let_go)
    gone = told(gone, 2, 10, 1_750_000, track="sd.1")
    yield "leaves_of_what_was_let_go", "what was shown last of a track that was let go, altered", "V6", gone
    begun = on_air(2_000).change(drop(lambda e: is_sample(e, "hd.1", 1) and e[4] > 0))
    begun.sealer._tracks[begun.hd].spans.append(_Span(1, bytes(32)))
    begun.seal(1_980_000)
    begun = told(begun, 1, 10, 1_150_000, track="hd.1")
    yield "leaves_and_another_start", "a group begins with another digest, after its leaves", "V2", begun


def _let_go(event: Event) -> Event | list[Event] | None:
    """The small picture is shown until its group 2 is half there. The last one of it is another."""
    if is_sample(event, "sd.1", 2, 5):
        return [flip(event), [event[0], "let_go", "sd.1"]]
    return None if is_sample(event, "sd.1") and event[0] > 1_251_000 else event


def _outage() -> Show:
    """From 1.5 to 9 seconds nothing comes. Then the seals do, the newest first, and what was kept: sound from
    the middle of the row 97 to 100 on."""
    away = range(1_500_000, 9_000_000)

    def came(event: Event) -> Event | None:
        if event[0] not in away:
            return event
        if event[1] == "tick" or is_sample(event, "hd.1") or (is_sample(event, "floor.1") and event[3] < 99):
            return None
        return [away.stop + (0 if event[1] == "sample" else 1), *event[1:]]

    show = on_air(12_000)
    sealed = [event for event in show.events if event[1] == "seal" and event[0] in away]
    show.change(came)
    newest = [event[2] for event in sealed[18:]]
    show.events.sort(key=lambda e: (e[0], e[1] == "seal" and e[2] not in newest))
    return told(show, 97, 4, 9_400_000)


def told(
    show: Show, group: int, count: int, at_us: int, *, track: str = "floor.1", lie: bool = False
) -> Show:
    """Somebody tells the leaves of a span."""

    def of_span(event: Event) -> bool:
        return is_sample(event, track) and (event[3] >= group if track == "floor.1" else event[3] == group)

    samples = [event for event in on_air(6_000, sd=track == "sd.1").events if of_span(event)]
    leaves = [leaf(e[3], e[4], e[5], bool(e[6]), bytes.fromhex(e[7])).hex() for e in samples[:count]]
    if lie:
        leaves[1] = leaves[0]
    show.events.append([at_us, "leaves", track, group, leaves])
    show.events.sort(key=lambda e: e[0])
    return show
