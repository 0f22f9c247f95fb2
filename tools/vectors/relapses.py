"""What was told and forgiven, and goes on: it is told again."""

from __future__ import annotations

from collections.abc import Iterator

from tools.vectors.changes import is_sample
from tools.vectors.show import Event, Scene, Show, on_air

_FORGED = 1 << 40
_AFTER = range(8, 12)
"""The groups beside which somebody goes on: by then the verdict is good again."""


def relapses() -> Iterator[Scene]:
    yield (
        "late_again",
        "a group that nobody sealed goes on after five good seals",
        "V7",
        _forged("hd.1", _FORGED, (0,)),
    )
    yield (
        "broken_again",
        "a group with a hole goes on after five good seals",
        "V7",
        _forged("hd.1", _FORGED, (0, 2)),
    )
    yield (
        "beyond_again",
        "pictures beyond a group's end go on after five good seals",
        "V7",
        _forged("hd.1", 1, (99,)),
    )
    yield (
        "unsealed_track",
        "a track that nobody sealed, beside those that somebody did",
        "V7",
        on_air(4_000).change(lambda e: [e, [*e[:2], "hd.9", *e[3:]]] if is_sample(e, "hd.1") else e),
    )


def _forged(track: str, group: int, at_first: tuple[int, ...]) -> Show:
    def beside(event: Event) -> list[Event]:
        us, at = event[0], event[3:5]
        next_index = at_first[-1] + 1 + (at[0] - _AFTER.start) * 10 + at[1]
        indexes = at_first if at == [3, 0] else [next_index] if at[0] in _AFTER else []
        return [event, *([us, "sample", track, group, one, us + one, int(one == 0), "00"] for one in indexes)]

    return on_air(7_500).change(lambda e: beside(e) if is_sample(e, "hd.1") else e)
