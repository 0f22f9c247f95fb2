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
    _sorted: int = field(default=0, init=False, compare=False)
    """So many rows, from the first on, are known to be in order."""

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
        self._sorted = max(0, self._sorted - rows)

    def sort(self) -> None:
        """By group, and by index within it. Groups travel on streams of their own, so they may interleave."""
        first, self._sorted = max(0, self._sorted - 1), len(self)
        if self._is_sorted(self.group[first:], self.index[first:]):
            return
        order = sorted(range(len(self)), key=list(zip(self.group, self.index, strict=True)).__getitem__)
        self.leaf = bytearray(b"".join(map(self.at, order)))
        for name in ("group", "index", "timestamp_us"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, map(column.__getitem__, order)))

    @staticmethod
    def _is_sorted(groups: array[int], indexes: array[int]) -> bool:
        if not all(map(le, groups, islice(groups, 1, None))):
            return False
        if not any(indexes):
            return True
        before, after = zip(groups, indexes, strict=True), zip(groups, indexes, strict=True)
        return all(map(le, before, islice(after, 1, None)))
