"""The samples of a recorded track, as columns: a discussion of two hours has a million and a half."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vivavoce.record.fragments import Entry
from vivavoce.record.gaps import Gap

__all__ = ["Samples"]

if TYPE_CHECKING:  # numpy takes longer to import its types than itself
    from numpy.typing import NDArray


def _column() -> array[int]:
    return array("q")


@dataclass(slots=True)
class Samples:
    """Rows in the order of (group, index), once `sort` was called. file: which of the track's files."""

    file: array[int] = field(default_factory=_column)
    offset: array[int] = field(default_factory=_column)
    size: array[int] = field(default_factory=_column)
    group: array[int] = field(default_factory=_column)
    index: array[int] = field(default_factory=_column)
    timestamp_us: array[int] = field(default_factory=_column)
    received_us: array[int] = field(default_factory=_column)
    duration_us: array[int] = field(default_factory=_column)
    key: array[int] = field(default_factory=lambda: array("b"))

    def __len__(self) -> int:
        return len(self.group)

    def add(self, file: int, entry: Entry) -> None:
        self.file.append(file)
        self.offset.append(entry.offset)
        self.size.append(entry.size)
        self.group.append(entry.group)
        self.index.append(entry.index)
        self.timestamp_us.append(entry.timestamp_us)
        self.received_us.append(entry.received_us)
        self.duration_us.append(entry.duration_us)
        self.key.append(entry.key)

    def sort(self) -> None:
        """Put the samples into their groups' order: groups travel on streams of their own and may interleave.

        A sample that came twice, since a device sent it again to a host that came back, stands there twice.
        """
        places = list(zip(self.group, self.index, self.file, strict=True))
        order = sorted(range(len(self)), key=places.__getitem__)
        if order == list(range(len(self))):
            return
        for name in self.__dataclass_fields__:
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, (column[row] for row in order)))

    def of(self, name: str, rows: Sequence[int]) -> NDArray[np.int64]:
        """A column's values in these rows."""
        column = np.asarray(getattr(self, name))
        return column[rows.start : rows.stop : rows.step] if isinstance(rows, range) else column[list(rows)]

    def gaps(self) -> Iterator[Gap]:
        """Group numbers that are missing between others, and groups with a hole. The samples must be sorted.

        What is missing before the first and after the last sample cannot be seen from samples.
        """
        group, expected, hole = -1, 0, False
        for row in range(len(self)):
            if self.group[row] != group:
                if row and self.group[row] > group + 1:
                    yield Gap(group + 1, self.group[row] - 1, "missing")
                group, expected, hole = self.group[row], 0, False
            if self.index[row] > expected and not hole:
                hole = True
                yield Gap(group, group, "hole")
            expected = max(expected, self.index[row] + 1)

    def breaks(self) -> list[Gap]:
        """Where one file of the track ends and the next begins. The samples must be sorted."""
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for file, group in zip(self.file, self.group, strict=True):
            first.setdefault(file, group)
            last[file] = group
        return [
            Gap(last[before], first[after], "restart")
            for before, after in pairwise(sorted(last))
            if last[before] < first[after]
        ]

    def playable(self, *, picture: bool) -> tuple[list[int], dict[str, int]]:
        """(rows that decode as they should, how many were left out and why). The samples must be sorted.

        Of a group everything up to its first hole decodes; a picture group has to start with a key picture.
        A sample whose timestamp does not rise cannot stand in a track's order of decoding.
        """
        rows: list[int] = []
        left_out: dict[str, int] = {}
        group, expected, latest = -1, 0, -1
        for row in range(len(self)):
            if self.group[row] != group:
                group, expected = self.group[row], 0
            reason = ""
            if row and self._place(row) == self._place(row - 1):
                if (
                    self.timestamp_us[row] == self.timestamp_us[row - 1]
                    and self.size[row] == self.size[row - 1]
                ):
                    continue  # the same again
                reason = "another sample has its place"
            elif self.index[row] != expected:
                reason = "after a hole in its group"
            elif picture and not expected and not self.key[row]:
                reason = "no key picture before it"
            elif self.timestamp_us[row] <= latest:
                reason = "its time does not rise"
            elif not self.size[row]:
                reason = "empty"
                expected += 1
            if reason:
                left_out[reason] = left_out.get(reason, 0) + 1
            else:
                expected += 1
                latest = self.timestamp_us[row]
                rows.append(row)
        return rows, left_out

    def _place(self, row: int) -> tuple[int, int]:
        return self.group[row], self.index[row]
