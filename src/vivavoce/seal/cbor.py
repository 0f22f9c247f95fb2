"""The part of CBOR that seals are made of: whole numbers, byte strings and arrays, each in its one form.

Everything else is refused, so that two readers never see different things in the same bytes, and what was
read is written back as the same bytes (docs/formats/seal.md, S1; RFC 8949 s.4.2.1).

`decode` reads anything. Whoever knows what follows reads it item by item, in half the time: `number`,
`byte_string`, `array` and those of a known length refuse what `decode` would, and what is of another kind.
Each says where it ended. They raise IndexError where nothing is left, and look at nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vivavoce.errors import EvidenceError

__all__ = [
    "MAX_BYTES",
    "MAX_INTEGER",
    "Item",
    "array",
    "array_of",
    "byte_string",
    "decode",
    "encode",
    "number",
    "sized",
]

Item = int | bytes | list["Item"]

MAX_BYTES = 64 * 1024
"""A seal has some three hundred bytes; this leaves room for a long answer to another side."""
MAX_INTEGER = (1 << 53) - 1
"""The largest whole number that JavaScript keeps exactly."""
_MAX_DEPTH = 6
_UINT, _BYTES, _ARRAY = 0, 2, 4
_LONGER: Final = ((1, 24), (2, 1 << 8), (4, 1 << 16), (8, 1 << 32))
"""In how many bytes a number is written from 24 on, and which is the least that needs them."""


def encode(item: int | bytes | Sequence[object]) -> bytes:
    """The one form of `item`. Raises ValueError for what has none."""
    if isinstance(item, bytes):
        return _head(_BYTES, len(item)) + item
    if isinstance(item, int) and not isinstance(item, bool):
        return _head(_UINT, item)
    if isinstance(item, list | tuple):
        return _head(_ARRAY, len(item)) + b"".join(encode(one) for one in item)
    raise ValueError(f"{type(item).__name__} has no place in a seal")


def _head(kind: int, value: int) -> bytes:
    if not 0 <= value <= MAX_INTEGER:
        raise ValueError(f"{value} is outside 0..2**53-1")
    if value < 24:
        return bytes([kind << 5 | value])
    for code, length in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * length):
            return bytes([kind << 5 | code]) + value.to_bytes(length, "big")
    raise AssertionError("unreachable: the range was checked")


_SIZED: Final = [_head(_BYTES, length) for length in range(256)]
"""How a byte string begins that has so many bytes."""


def decode(raw: bytes) -> Item:
    """What these bytes say. Raises EvidenceError `seal.form` for anything that `encode` would not
    have written."""
    if len(raw) > MAX_BYTES:
        raise _refused(f"{len(raw)} bytes are over {MAX_BYTES}")
    try:
        items, end = _items(raw, 0, 1, 0)
    except IndexError:
        raise _refused("it ends too early") from None
    if end != len(raw):
        raise _refused(f"{len(raw) - end} bytes follow its end")
    return items[0]


def _items(raw: bytes, at: int, count: int, depth: int) -> tuple[list[Item], int]:
    """So many items from `at` on, and where they end. One call an array: a record has a million of them."""
    if depth > _MAX_DEPTH:
        raise _refused(f"it is nested deeper than {_MAX_DEPTH}")
    items: list[Item] = []
    for _ in range(count):
        head = raw[at]
        kind, value, at = head >> 5, head & 31, at + 1
        if value == 24 and raw[at] >= 24:
            value, at = raw[at], at + 1
        elif value >= 24:
            value, at = _number(raw, value, at)
        if kind == _UINT:
            items.append(value)
        elif kind == _BYTES:
            end = at + value
            if end > len(raw):
                raise _refused("a byte string ends too early")
            items.append(raw[at:end])
            at = end
        elif kind == _ARRAY:
            inner: list[Item] = []
            if value:
                inner, at = _items(raw, at, value, depth + 1)
            items.append(inner)
        else:
            raise _refused(f"major type {kind} is not allowed")
    return items, at


def number(raw: bytes, at: int, most: int = MAX_INTEGER) -> tuple[int, int]:
    """The whole number that begins at `at`, and where it ends."""
    value, end = raw[at], at + 1
    if value >= 24:
        value, end = _number(raw, value, end)
    if value > most:
        raise _refused(f"the number {value} is over {most}")
    return value, end


def byte_string(raw: bytes, at: int) -> tuple[bytes, int]:
    """The byte string that begins at `at`, and where it ends."""
    length, start = raw[at] - (_BYTES << 5), at + 1
    if not 0 <= length < 24:
        length, start = _number(raw, length, start)
    end = start + length
    if end > len(raw):
        raise _refused("a byte string ends too early")
    return raw[start:end], end


def sized(raw: bytes, at: int, length: int) -> tuple[bytes, int]:
    """The same, for one of so many bytes, 0 to 255."""
    start = at + (1 if length < 24 else 2)
    end = start + length
    if raw[at:start] != _SIZED[length] or end > len(raw):
        raise _refused(f"byte {at} begins no byte string of {length}")
    return raw[start:end], end


def array(raw: bytes, at: int) -> tuple[int, int]:
    """How many items has the array that begins at `at`, and where the first of them begins."""
    length, start = raw[at] - (_ARRAY << 5), at + 1
    return (length, start) if 0 <= length < 24 else _number(raw, length, start)


def array_of(raw: bytes, at: int, length: int) -> int:
    """The same, for an array of so many items, 0 to 23."""
    if raw[at] != _ARRAY << 5 | length:
        raise _refused(f"byte {at} begins no array of {length}")
    return at + 1


def _number(raw: bytes, code: int, at: int) -> tuple[int, int]:
    """What `code`, in the byte before `at`, says that stands there, and where that ends."""
    if not 24 <= code <= 27:
        raise _refused(f"byte {at - 1} begins nothing that is allowed there")
    length, least = _LONGER[code - 24]
    end = at + length
    value = int.from_bytes(raw[at:end], "big")
    if end > len(raw) or not least <= value <= MAX_INTEGER:
        raise _refused(f"the number before byte {end} is not in its shortest form, or too large")
    return value, end


def _refused(why: str) -> EvidenceError:
    return EvidenceError("seal.form", f"These bytes are no seal: {why}.")
