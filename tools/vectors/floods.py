"""More than a verifier keeps until a seal tells of it: what is let go for that is told."""

from __future__ import annotations

from collections.abc import Iterator

from tools.vectors.changes import flip, is_sample
from tools.vectors.show import Event, Scene, Show, on_air
from vivavoce.seal.early import MOST_EARLY, MOST_TRACKS
from vivavoce.seal.verdict import MOST_UNSEALED

_APART_US = 10


def floods() -> Iterator[Scene]:
    for track in ("floor.1", "hd.1"):
        what = "packets" if track == "floor.1" else "pictures"
        name = "sound" if track == "floor.1" else "pictures"
        about = f"as many {what} as a verifier keeps until they are sealed"
        yield f"unsealed_{name}", about, "V6", _waiting(track, MOST_UNSEALED)
        about = f"one more of {what} than a verifier keeps until they are sealed"
        yield f"unsealed_{name}_too_many", about, "V6", _waiting(track, MOST_UNSEALED + 1)

    def forged(event: Event) -> Event | list[Event]:
        if not is_sample(event, "hd.1", 2):
            return event
        beside = [event[0], "span", "hd.1", (1 << 40) + event[4], MOST_UNSEALED + 1, event[5], 1, "00"]
        return [flip(event), beside, [event[0], "tick"]]

    yield (
        "flood",
        "altered pictures are never proven beside a flood",
        "V6",
        on_air(3_000).change(forged),
    )
    early = on_air(1_500)
    early.events.insert(40, [early.events[39][0], "span", "hd.9", 0, MOST_EARLY + 1, 0, 10, "00"])
    yield "early", "more of a track that nobody sealed yet than a verifier keeps", "V6", early
    many = on_air(1_500)
    tracks = [
        [many.events[39][0], "sample", f"hd.{at}", 0, 0, 0, 1, "00"] for at in range(100, 101 + MOST_TRACKS)
    ]
    many.events[40:40] = tracks
    yield "early_tracks", "more tracks that nobody sealed yet than a verifier keeps", "V6", many


def _waiting(track: str, count: int) -> Show:
    """So many samples come within 100 ms, before the seal that covers them."""
    show = on_air(1_000)
    show.seal(980_000)
    sound = track == "floor.1"
    first, number = (20, show.floor) if sound else (2, show.hd)
    for at in range(count):
        place = (first + at, 0) if sound else (first, at)
        show.sealer.sample(number, *place, 1_000_000 + at * _APART_US, place[1] == 0, b"\0")
    show.events.append([1_050_000, "span", track, first, count, 1_000_000, _APART_US, "00"])
    show.events.append([1_100_000, "tick"])
    show.seal(1_150_000)
    return show.wait(1_200, 2_000)
