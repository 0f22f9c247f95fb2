"""The samples of one track as a judge needs them: their places, their times and their leaves, as columns.

A sample's bytes are hashed once and let go: what is kept of each is 52 bytes, however large it was.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import islice
from operator import le

from vivavoce.seal.digest import DIGEST_BYTES

__all__ = ["Leaves"]


def _wide() -> array[int]:
    return array("Q")


@dataclass(slots=True)
class Leaves:
    """Rows in the order of groups once `sort` was called. leaf: 32 bytes a row."""

    group: array[int] = field(default_factory=_wide)
    index: array[int] = field(default_factory=lambda: array("I"))
    timestamp_us: array[int] = field(default_factory=_wide)
    leaf: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.group)

    def add(self, group: int, index: int, timestamp_us: int, leaf: bytes) -> None:
        self.group.append(group)
        self.index.append(index)
        self.timestamp_us.append(timestamp_us)
        self.leaf += leaf

    def at(self, row: int) -> bytes:
        """A row's leaf."""
        return bytes(self.leaf[DIGEST_BYTES * row : DIGEST_BYTES * (row + 1)])

    def between(self, first: int, end: int) -> bytes:
        """The leaves of these rows, one behind the other."""
        return bytes(self.leaf[DIGEST_BYTES * first : DIGEST_BYTES * end])

    def drop(self, rows: int) -> None:
        """Forget so many rows, from the first on."""
        del self.group[:rows], self.index[:rows], self.timestamp_us[:rows], self.leaf[: DIGEST_BYTES * rows]

    def sort(self) -> None:
        """By group, and by index within it. Groups travel on streams of their own, so they may interleave."""
        places = self.group
        if all(map(le, places, islice(places, 1, None))) and self._rising():
            return
        order = sorted(range(len(self)), key=list(zip(self.group, self.index, strict=True)).__getitem__)
        self.leaf = bytearray(b"".join(map(self.at, order)))
        for name in ("group", "index", "timestamp_us"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, map(column.__getitem__, order)))

    def _rising(self) -> bool:
        """Whether indexes rise within groups, which are in order."""
        if not any(self.index):
            return True
        before = zip(self.group, self.index, strict=True)
        return all(map(le, before, islice(zip(self.group, self.index, strict=True), 1, None)))
