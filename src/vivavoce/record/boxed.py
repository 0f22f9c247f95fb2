"""The boxes of an MP4 beside each other, found without reading what they hold."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

__all__ = ["Boxed", "TopBox", "boxed"]

_MOST: Final = 100_000
"""An exported file has five; a stranger's, in fragments, has thousands, and nothing here needs them all."""
_FIRST: Final = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"uuid"}


@dataclass(frozen=True, slots=True)
class TopBox:
    """start: where it begins; content: behind its header, the extended type of a `uuid` included."""

    kind: bytes
    extended: bytes
    start: int
    content: int
    end: int

    @property
    def name(self) -> str:
        text = self.kind.decode("latin-1")
        return text if text.isprintable() else self.kind.hex()


@dataclass(frozen=True, slots=True)
class Boxed:
    """boxes: in their order. end: of the last. length: the file's; where that is another, what follows is no
    box."""

    boxes: list[TopBox]
    end: int
    length: int

    @property
    def is_mp4(self) -> bool:
        """It begins as such files do, whatever comes then."""
        return bool(self.boxes) and self.boxes[0].kind in _FIRST

    @property
    def whole(self) -> bool:
        return self.end == self.length


def boxed(file: BinaryIO) -> Boxed:
    """A last box that claims more than there is counts, up to the file's end, and the file is not whole."""
    length = file.seek(0, 2)
    boxes: list[TopBox] = []
    at = 0
    while length - at >= 8 and len(boxes) < _MOST:
        file.seek(at)
        head = file.read(32)
        size, kind = struct.unpack_from(">I4s", head)
        content = at + 8
        if size == 1 and len(head) >= 16:
            (size,) = struct.unpack_from(">Q", head, 8)
            content += 8
        elif size == 0:
            size = length - at
        if size < content - at:
            break
        extended = b""
        if kind == b"uuid":
            extended = head[content - at : content - at + 16]
            content += 16
        boxes.append(TopBox(kind, extended, at, content, min(at + size, length)))
        at += size
    return Boxed(boxes, length if len(boxes) == _MOST else at, length)
