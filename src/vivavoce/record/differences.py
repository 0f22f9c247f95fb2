"""Where the boxes of two files differ, by their paths: `moov/trak[2]/edts/elst`.

Numbers count boxes of one type beside each other, from 1, and stand where there are several. What a box holds
is looked into as far as ISO/IEC 14496-12 has it hold boxes.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.record.boxes import walk

__all__ = ["Difference", "differences"]

_HOLDING: Final = {b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"udta"}
_PLACES: Final = {b"stco": ">I", b"co64": ">Q"}
_DEEPEST: Final = 8
"""`moov/trak/mdia/minf/stbl/stco` is six deep."""
_LONGEST: Final = 32
"""So many are told; a file that differs in more is another one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """track: the number of the `trak` in which it lies, as it should be, from 1; 0 for none. how: `differs`,
    `is missing` or `does not belong there`."""

    path: str
    how: str
    track: int = 0


@dataclass(frozen=True, slots=True)
class _Named:
    kind: bytes
    name: str
    number: int
    data: bytes
    header: int


def differences(should: bytes, found: bytes) -> list[Difference]:
    """Of two rows of boxes. Empty only where they are the same bytes.

    Where samples lie is not told where all of a track's places are moved by the same, as they are by
    whatever is put before them, as long as that is told.
    """
    if should == found:
        return []
    told = list(_between(should, found, "", 0))
    others = [one for one in told if one.how != "moved"]
    chosen = others or told or [Difference("", "differs")]
    return [Difference(one.path, one.how.replace("moved", "differs"), one.track) for one in chosen[:_LONGEST]]


def _between(should: bytes, found: bytes, path: str, track: int) -> Iterator[Difference]:
    try:
        wanted, there = _boxes(should), _boxes(found)
    except EvidenceError:
        yield Difference(path.rstrip("/"), "differs", track)
        return
    left, over = _unmatched(wanted, there)
    if not left and not over and [one.data for one in wanted] != [one.data for one in there]:
        first = next(at for at, one in enumerate(wanted) if one.data != there[at].data)
        yield Difference(f"{path}{wanted[first].name}", "differs", track)
    for one in left:
        same = _likeliest(one, over)
        number = one.number if one.kind == b"trak" else track
        if same is None:
            yield Difference(f"{path}{one.name}", "is missing", number)
            continue
        over.remove(same)
        if one.kind in _HOLDING and one.header == same.header:
            inside = one.data[one.header :], same.data[same.header :]
            yield from _between(*inside, f"{path}{one.name}/", number)
        else:
            how = "moved" if _is_moved(one, same) else "differs"
            yield Difference(f"{path}{one.name}", how, number)
    for one in over:
        yield Difference(f"{path}{one.name}", "does not belong there", track)


def _boxes(data: bytes) -> list[_Named]:
    found = list(walk(data))
    kinds = Counter(one.kind for one in found)
    so_far: Counter[bytes] = Counter()
    named = []
    for one in found:
        so_far[one.kind] += 1
        number = so_far[one.kind]
        text = one.kind.decode("latin-1")
        text = text if text.isprintable() else one.kind.hex()
        name = f"{text}[{number}]" if kinds[one.kind] > 1 or one.kind == b"trak" else text
        named.append(_Named(one.kind, name, number, data[one.start : one.end], one.content - one.start))
    return named


def _unmatched(wanted: Sequence[_Named], there: Sequence[_Named]) -> tuple[list[_Named], list[_Named]]:
    """What is on one side only: boxes of the same bytes belong together wherever they stand."""
    over = list(there)
    left = []
    for one in wanted:
        same = next((other for other in over if other.data == one.data), None)
        if same is None:
            left.append(one)
        else:
            over.remove(same)
    return left, over


def _likeliest(one: _Named, over: Sequence[_Named]) -> _Named | None:
    """Which of these stands for `one`: what is the same but for the places of samples, else the first of its
    type."""
    same = [other for other in over if other.kind == one.kind]
    unmoved = _without_places(one.data)
    return next((other for other in same if _without_places(other.data) == unmoved), next(iter(same), None))


def _without_places(data: bytes, depth: int = 0) -> bytes:
    try:
        return b"".join(
            _without_places(data[one.content : one.end], depth + 1)
            if one.kind in _HOLDING and depth < _DEEPEST
            else data[one.start : one.content]
            if one.kind in _PLACES
            else data[one.start : one.end]
            for one in walk(data)
        )
    except EvidenceError:
        return data


def _is_moved(one: _Named, other: _Named) -> bool:
    form = _PLACES.get(one.kind)
    if form is None or len(one.data) != len(other.data) or one.data[:16] != other.data[:16]:
        return False
    pairs = zip(
        struct.iter_unpack(form, one.data[16:]), struct.iter_unpack(form, other.data[16:]), strict=True
    )
    return len({after[0] - before[0] for before, after in pairs}) == 1
