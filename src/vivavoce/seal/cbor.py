"""The part of CBOR that seals are made of: whole numbers, byte strings and arrays, each in its one form.

Everything else is refused, so that two readers never see different things in the same bytes, and what was
read is written back as the same bytes (docs/formats/seal.md, S1; RFC 8949 s.4.2.1).
"""

from __future__ import annotations

from collections.abc import Sequence

from vivavoce.errors import EvidenceError

__all__ = ["MAX_BYTES", "MAX_INTEGER", "Item", "decode", "encode"]

Item = int | bytes | list["Item"]

MAX_BYTES = 64 * 1024
"""A seal has some three hundred bytes; this leaves room for a long answer to another side."""
MAX_INTEGER = (1 << 53) - 1
"""The largest whole number that JavaScript keeps exactly."""
_MAX_DEPTH = 6
_UINT, _BYTES, _ARRAY = 0, 2, 4


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


def _number(raw: bytes, code: int, at: int) -> tuple[int, int]:
    length = 1 << (code - 24)
    if code > 27 or at + length > len(raw):
        raise _refused(f"byte {at - 1} begins nothing that is allowed")
    value, at = int.from_bytes(raw[at : at + length], "big"), at + length
    if value > MAX_INTEGER or value < (24 if length == 1 else 1 << (4 * length)):
        raise _refused(f"the number before byte {at} is not in its shortest form, or too large")
    return value, at


def _refused(why: str) -> EvidenceError:
    return EvidenceError("seal.form", f"These bytes are no seal: {why}.")
