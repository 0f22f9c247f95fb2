"""A run's seals on disk: `seals.log`, only ever appended to (docs/formats/record.md, R22 to R24).

    56 56 53 4c  00000001                       "VVSL", the format's version
    length u32  crc u32  at_us u64  group u64  index u32  the bytes as they came
    …

`length` counts what follows the CRC, the CRC-32 covers it. Reading after a crash is no different from reading
after a clean end: an entry is whole, or it is not there.
"""

from __future__ import annotations

import errno
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from isal.isal_zlib import crc32

from vivavoce.errors import UnavailableError
from vivavoce.record.fragments import FORMAT_VERSION, Damage
from vivavoce.record.store import Store
from vivavoce.seal.cbor import MAX_BYTES

__all__ = [
    "SEALS",
    "SEALS_START",
    "Kept",
    "SealsLog",
    "read_seals",
    "read_seals_file",
    "seals_path",
    "write_entry",
]

SEALS: Final = "seals"
"""The track's name in the journal, as on the line."""
SEALS_START: Final = struct.pack(">4sI", b"VVSL", FORMAT_VERSION)
_HEAD: Final = struct.Struct(">II")
_PLACE: Final = struct.Struct(">QQI")
_WINDOW: Final = 1 << 18
_MAX_ENTRY_BYTES: Final = _HEAD.size + _PLACE.size + MAX_BYTES
_LIKELY: Final = re.compile(rb"(?=\x00[\x00\x01])")
"""How an entry's length begins, below 128 KiB."""


@dataclass(slots=True)  # not frozen: that takes three times as long to make, and a record has 100 000
class Kept:
    """A frame of the seals' track. at_us: when it came, by the host's clock. index: 0 for papers."""

    at_us: int
    group: int
    index: int
    raw: bytes


def seals_path(folder: str, part: int) -> str:
    """folder: `<discussion>/<seat>/<run>`. part: from 1."""
    return f"{folder}/seals{f'.part{part}' if part > 1 else ''}.log"


def write_entry(kept: Kept) -> bytes:
    rest = _PLACE.pack(kept.at_us, kept.group, kept.index) + kept.raw
    return _HEAD.pack(len(rest), crc32(rest)) + rest


def read_seals(data: bytes) -> Iterator[Kept | Damage]:
    """Every whole entry of a file, in its order, and what lies between them.

    Raises UnavailableError `data.newer` for a later version. Nothing that was signed is looked at.
    """
    at = len(SEALS_START)
    if data[:at] != SEALS_START:
        version = int.from_bytes(data[4:8], "big")
        if data[:4] == SEALS_START[:4] and version > FORMAT_VERSION and _next_whole(data, at) is None:
            raise UnavailableError("data.newer", f"The seals have format version {version}.")
        yield Damage(0, min(at, len(data)), torn=SEALS_START.startswith(data))
    yield from _entries(data, at, 0)


def read_seals_file(file: BinaryIO) -> Iterator[Kept | Damage]:
    """As `read_seals`. As long as entries follow one another whole, only a window of them is held."""
    if file.read(len(SEALS_START)) != SEALS_START:
        file.seek(0)
        yield from read_seals(file.read())
        return
    data, begins, at = b"", len(SEALS_START), 0
    while True:
        kept, end = _entry(data, at)
        if kept is not None:
            yield kept
            at = end
            continue
        more = file.read(_WINDOW) if len(data) - at < _MAX_ENTRY_BYTES else b""
        data, begins, at = data[at:] + more, begins + at, 0
        if not more:
            break
    yield from _entries(data + file.read(), 0, begins)


def _entries(data: bytes, at: int, begins: int) -> Iterator[Kept | Damage]:
    """begins: where in its file `data` does."""
    while at < len(data):
        kept, end = _entry(data, at)
        if kept is not None:
            yield kept
            at = end
            continue
        following = _next_whole(data, at + 1)
        torn = following is None and _is_torn(data, at, end)
        yield Damage(begins + at, begins + (following or len(data)), torn)
        if following is None:
            return
        at = following


def _entry(data: bytes, at: int) -> tuple[Kept | None, int]:
    """The entry at `at`, and where it would end."""
    if len(data) - at < _HEAD.size:
        return None, len(data) + 1
    length, crc = _HEAD.unpack_from(data, at)
    start, end = at + _HEAD.size, at + _HEAD.size + length
    if not _PLACE.size < length <= _PLACE.size + MAX_BYTES:
        return None, at
    if end > len(data) or crc32(data[start:end]) != crc:
        return None, end
    at_us, group, index = _PLACE.unpack_from(data, start)
    return Kept(at_us, group, index, data[start + _PLACE.size : end]), end


def _next_whole(data: bytes, at: int) -> int | None:
    return next((m.start() for m in _LIKELY.finditer(data, at) if _entry(data, m.start())[0]), None)


def _is_torn(data: bytes, at: int, end: int) -> bool:
    """A crash leaves the beginning of an entry, or zeros. What is whole but for its length was changed."""
    rest = data[at + _HEAD.size :]
    if not any(data[at:]):
        return True
    return end > len(data) and (len(rest) < _PLACE.size or crc32(rest) != _HEAD.unpack_from(data, at)[1])


@dataclass(slots=True)
class SealsLog:
    """One run's file while it grows. folder: as in `seals_path`. lost: first group, last group, how many."""

    folder: str
    path: str = ""  # empty until the first entry
    part: int = 0
    lost: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    _papers: set[bytes] = field(default_factory=set)

    def has(self, kept: Kept) -> bool:
        """These papers stand in the file already."""
        return kept.index == 0 and kept.raw in self._papers

    def append(self, store: Store, kept: Kept) -> None:
        """Raises OSError; nothing of the entry is then there."""
        entry = write_entry(kept)
        try:
            if self.path:
                store.append(self.path, entry)
            else:
                self._begin(store, entry)
        except OSError as error:
            if error.errno != errno.EFBIG or not self.path:
                raise
            store.release(self.path)  # as large as a file may be here: go on in the next part
            self.path = ""
            self._papers.clear()
            self._begin(store, entry)
        if kept.index == 0:
            self._papers.add(kept.raw)

    def lose(self, group: int, why: str) -> None:
        first, last, count = self.lost.get(why, (group, group, 0))
        self.lost[why] = (min(first, group), max(last, group), count + 1)

    def _begin(self, store: Store, entry: bytes) -> None:
        part = self.part + 1
        while store.exists(seals_path(self.folder, part)):
            part += 1
        store.append(seals_path(self.folder, part), SEALS_START + entry)
        self.path, self.part = seals_path(self.folder, part), part
