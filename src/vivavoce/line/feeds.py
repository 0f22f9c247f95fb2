"""Whose sound a listener may hear (docs/formats/line.md, L13).

1. A track is what a side says if its role is `floor` and its seat is a side.
2. A booth's track leads to what its `interprets` names, and on from there, to the floor that it interprets.
3. A track may be heard by a listener if it is another side's floor, or a booth's track that leads to one.
4. It may not, if its chain passes the listener's own seat, ends at no floor, goes round, or cannot be
   followed because something it names is not there.
5. `interprets` names a rendition: the newest track of it counts, and only the newest may be heard.

Pure. The same rules stand in `web/src/line/feeds.ts`; `vectors/feeds` holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Place", "allowed", "return_feed"]

_BOOTH = "booth-"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a track is: `seat` and the track's name there, `floor.2`."""

    seat: str
    track: str

    def __str__(self) -> str:
        return f"{self.seat}/{self.track}"


def allowed(listener: str | None, seats: Mapping[str, Sequence[TrackConfig]]) -> list[Place]:
    """Every sound track that the listener may hear, sorted by seat and name.

    listener: their own seat; None for the audience, who may hear every side. seats: what each seat's
    catalogue lists now. Pictures are passed over.
    """
    return sorted(place for place, floor, _ in _heard(listener, seats) if floor is not None)


def return_feed(
    listener: str | None, language: str | None, seats: Mapping[str, Sequence[TrackConfig]]
) -> list[Place]:
    """What to play to a listener: for each other side, sorted, its floor or one interpretation of it.

    language: the listener's BCP 47 tag. The floor is played if there is no language, if the floor is in it,
    or if nobody interprets into it; else an interpretation: one in exactly this language before one in
    another kind of it, then the shortest chain, then the first by seat and name. Languages are the same if
    their tags' primary subtags are; upper and lower case do not differ.
    """
    feed: list[Place] = []
    heard = _heard(listener, seats)
    configs = {place: config for place, config in _sounds(seats)}
    for side in sorted(seats):
        floors = sorted(place for place, floor, steps in heard if place.seat == side and steps == 0 and floor)
        if not floors:
            continue
        own = _mismatch(language, configs[floors[0]].language)
        ranked = [
            (mismatch, steps, place)
            for place, floor, steps in heard
            if floor is not None and steps > 0 and floor.seat == side
            if (mismatch := _mismatch(language, configs[place].language)) is not None
        ]
        feed.append(min(ranked)[2] if own is None and ranked else floors[0])
    return feed


def _heard(
    listener: str | None, seats: Mapping[str, Sequence[TrackConfig]]
) -> list[tuple[Place, Place | None, int]]:
    """(track, the floor it leads to or None if it may not be heard, how many interpretations between)."""
    newest = {(place.seat, config.rendition): (place, config) for place, config in _sounds(seats)}
    return [(place, *_source(listener, place, config, newest)) for place, config in newest.values()]


def _source(
    listener: str | None,
    place: Place,
    config: TrackConfig,
    newest: Mapping[tuple[str, str], tuple[Place, TrackConfig]],
) -> tuple[Place | None, int]:
    steps = 0
    passed: set[Place] = set()
    while place not in passed and place.seat != listener:
        passed.add(place)
        is_booth = place.seat.startswith(_BOOTH)
        if config.role == "floor" and not is_booth:
            return place, steps
        if config.role != "booth" or not is_booth or config.interprets is None:
            return None, steps
        seat, _, rendition = config.interprets.partition("/")
        if (seat, rendition) not in newest:
            return None, steps
        place, config = newest[seat, rendition]
        steps += 1
    return None, steps


def _sounds(seats: Mapping[str, Sequence[TrackConfig]]) -> list[tuple[Place, TrackConfig]]:
    """Every sound track, the newest of a rendition last."""
    sounds = [
        (Place(seat, each.name), each) for seat in seats for each in seats[seat] if each.kind == "audio"
    ]
    return sorted(sounds, key=lambda sound: (sound[0].seat, int(sound[0].track.rpartition(".")[2])))


def _mismatch(wanted: str | None, tag: str) -> int | None:
    """0 for the same language, 1 for another kind of it, None for another language."""
    if wanted is None:
        return None
    if wanted.lower() == tag.lower():
        return 0
    return 1 if wanted.lower().split("-")[0] == tag.lower().split("-")[0] else None
