"""Whole numbers in as few bytes as they need: E2 of docs/formats/evidence.md.

5 -> 05    300 -> ac 02    seven bits a byte, the lowest first; a byte that another follows has 128 more
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vivavoce.errors import EvidenceError
from vivavoce.seal.cbor import MAX_INTEGER

__all__ = ["Reader", "damaged", "number", "numbers", "signed"]

_MANY: Final = 64
_LONGEST: Final = 8
"""Bytes of 2**53 - 1."""
_SMALL: Final = [bytes([value]) for value in range(128)]


def damaged(why: str) -> EvidenceError:
    """For what is not of the form of E2 to E8."""
    return EvidenceError("record.damaged", f"The file's evidence is not of its form: {why}.")


def number(value: int) -> bytes:
    """Raises ValueError below 0 and above 2**53 - 1."""
    if 0 <= value < 128:
        return _SMALL[value]
    if not 0 <= value <= MAX_INTEGER:
        raise ValueError(f"{value} is outside 0..2**53-1")
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def numbers(*values: int) -> bytes:
    return b"".join(map(number, values))


def signed(value: int) -> bytes:
    return number(2 * value if value >= 0 else -2 * value - 1)


class Reader:
    """Reads `data[at:end]` from its beginning. Everything raises EvidenceError `record.damaged` for what is
    not there or not of its form."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end

    def number(self) -> int:
        return self.numbers(1)[0]

    def numbers(self, count: int) -> list[int]:
        """So many."""
        if count > self._end - self._at:
            raise damaged("a number ends too early")
        if count >= _MANY:
            return self._many(count)
        data, at, end = self._data, self._at, self._end
        found: list[int] = []
        for _ in range(count):
            if at >= end:
                raise damaged("a number ends too early")
            value = data[at]
            at += 1
            if value >= 128:
                value, at = self._long(at - 1)
            found.append(value)
        self._at = at
        return found

    def _many(self, count: int) -> list[int]:
        """The same, for as many as a track has samples: all ends are looked for at once."""
        raw = np.frombuffer(self._data, np.uint8, self._end - self._at, self._at)
        ends = np.flatnonzero(raw[: _LONGEST * count] < 128)[:count]
        if len(ends) < count:
            raise damaged("a number ends too early")
        starts = np.concatenate(([0], ends[:-1] + 1))
        lengths = ends - starts + 1
        if int(lengths.max()) > _LONGEST or bool(((raw[ends] == 0) & (lengths > 1)).any()):
            raise damaged("a number is too long, or not in its shortest form")
        values = np.zeros(count, np.int64)
        for at in range(int(lengths.max())):
            more = lengths > at
            values[more] |= (raw[starts[more] + at].astype(np.int64) & 127) << (7 * at)
        if int(values.max()) > MAX_INTEGER:
            raise damaged("a number is too large")
        self._at += int(ends[-1]) + 1
        found: list[int] = values.tolist()
        return found

    def signed(self) -> int:
        value = self.number()
        return -(value + 1) // 2 if value & 1 else value // 2

    def count(self, least: int) -> int:
        """A number of things that take at least so many bytes each: never more than there can be."""
        value = self.number()
        if value * least > self._end - self._at:
            raise damaged(f"there cannot be {value} of something")
        return value

    def take(self, length: int) -> bytes:
        if length > self._end - self._at:
            raise damaged("bytes end too early")
        self._at += length
        return self._data[self._at - length : self._at]

    def sized(self) -> bytes:
        return self.take(self.number())

    def rest(self) -> bytes:
        return self.take(self._end - self._at)

    def end(self) -> None:
        """Nothing is left."""
        if self._at != self._end:
            raise damaged(f"{self._end - self._at} bytes stand behind an entry")

    def _long(self, at: int) -> tuple[int, int]:
        value, shift = 0, 0
        while True:
            if at >= self._end or shift > 49:
                raise damaged("a number is too long")
            byte = self._data[at]
            at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
        if byte == 0 or value > MAX_INTEGER:
            raise damaged("a number is not in its shortest form, or too large")
        return value, at
