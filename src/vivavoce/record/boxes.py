"""The boxes of an ISO base media file: making them, and walking through them.

A box is `size u32, type 4 bytes, content`; a full box puts `version u8, flags u24` before its content; a
`uuid` box puts 16 bytes of extended type there. Source: ISO/IEC 14496-12:2022, s.4.2 and s.11.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from vivavoce.errors import EvidenceError

__all__ = ["IDENTITY", "TIMESCALE", "Box", "box", "full_box", "matrix", "uuid_box", "walk"]

TIMESCALE = 1_000_000
"""Ticks a second, in every track and in the movie: timestamps are microseconds."""

_U32 = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box lies. start: of its header; content: after the header; end: after all."""

    kind: bytes
    start: int
    content: int
    end: int


def box(kind: bytes, *content: bytes) -> bytes:
    """A box. kind: four bytes. Raises ValueError above 4 GiB: such a box is written by `mdat_header`."""
    size = 8 + sum(map(len, content))
    if len(kind) != 4 or size > _U32:
        raise ValueError(f"no box of type {kind!r} and {size} bytes")
    return b"".join((struct.pack(">I4s", size, kind), *content))


def full_box(kind: bytes, version: int, flags: int, *content: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def uuid_box(extended: bytes, *content: bytes) -> bytes:
    """A box of our own; players skip it. extended: 16 bytes."""
    if len(extended) != 16:
        raise ValueError(f"an extended type has 16 bytes, not {len(extended)}")
    return box(b"uuid", extended, *content)


def walk(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes that lie side by side in `data[start:end]`, not what is inside them.

    Raises EvidenceError `record.unreadable` for a box that is shorter than its header or runs past the end.
    """
    end = len(data) if end is None else end
    while start < end:
        if end - start < 8:
            raise EvidenceError("record.unreadable", f"{end - start} bytes at byte {start} are no box.")
        size, kind = struct.unpack_from(">I4s", data, start)
        content = start + 8
        if size == 1 and end - start >= 16:
            (size,) = struct.unpack_from(">Q", data, content)
            content += 8
        elif size == 0:
            size = end - start
        if size < content - start or start + size > end:
            raise EvidenceError("record.unreadable", f"The box {kind!r} at byte {start} claims {size} bytes.")
        yield Box(kind, start, content, start + size)
        start += size


def matrix(rotation: int = 0, width: int = 0, height: int = 0, *, left: int = 0) -> bytes:
    """The transformation of a track's picture: turned clockwise, then moved back into view.

    rotation: 0, 90, 180 or 270 degrees. width, height: of the unturned picture, in pixels. left: pixels to
    move it to the right, so that the sides stand next to each other. Source: ISO/IEC 14496-12, s.6.2.2.
    """
    a, b, c, d, x, y = {
        0: (1, 0, 0, 1, 0, 0),
        90: (0, 1, -1, 0, height, 0),
        180: (-1, 0, 0, -1, width, height),
        270: (0, -1, 1, 0, 0, width),
    }[rotation]
    one = 1 << 16
    return struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, (x + left) * one, y * one, 1 << 30)


IDENTITY = matrix()
