"""A track's file, read once: every whole sample's place, time and leaf (docs/formats/seal.md, S6).

A discussion of two hours has a million and a half samples, so what can be done for many at once is: a window
of the file is walked by its sizes, and all headers of it are looked at together. Then they are written over,
so that nothing is copied to be summed or hashed: what the CRC-32 covers is moved over it, to be one piece,
and a leaf's beginning is put right before the sample's bytes. Where anything is not as it should be,
`fragments.scan` says what it is.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np
from isal.isal_zlib import crc32

from vivavoce.line.sample import MAX_SAMPLE_BYTES
from vivavoce.record.fragments import FORM, FORM_BITS, FRAGMENT_OVERHEAD, Damage, scan
from vivavoce.seal.digest import LEAF_TAG
from vivavoce.seal.leaves import Leaves

__all__ = ["Hashed", "hash_file"]

if TYPE_CHECKING:  # numpy takes longer to import its types than itself
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

_WINDOW: Final = 1 << 20
_SIZE: Final = struct.Struct(">I")
_SIZE_AT: Final = 92
_CRC_AT: Final = 144
_MDAT_AT: Final = 148
_MOVED: Final = _MDAT_AT - _CRC_AT
_KEY: Final = 0x0200_0000
_DELTA: Final = 0x0101_0000
_FORM: Final = np.frombuffer(FORM.to_bytes(FRAGMENT_OVERHEAD, "big"), np.uint32)
_BITS: Final = np.frombuffer(FORM_BITS.to_bytes(FRAGMENT_OVERHEAD, "big"), np.uint32)
_TAG: Final = np.frombuffer(LEAF_TAG, np.uint8)
_SECOND_US: Final = 1_000_000


@dataclass(slots=True)
class Hashed:
    """least_us: by second of the run's time, the least of (arrival − timestamp), for `alignment`. first_us:
    the earliest timestamp, None without samples. end_us: the end of the last sample, as far as its own length
    is told."""

    leaves: Leaves = field(default_factory=Leaves)
    least_us: dict[int, int] = field(default_factory=dict)
    first_us: int | None = None
    end_us: int = 0


def hash_file(file: BufferedReader | BytesIO, start: int, into: Hashed) -> Iterator[Damage | int]:
    """Read all from byte `start` on into `into`. Yields where it has come to, a window at a time, and what is
    no whole sample."""
    at = start
    ordinary = buffer = bytearray(_WINDOW)  # one for all windows: memory that is new costs as much as reading
    while True:
        file.seek(at)
        read = file.readinto(buffer)
        done = _window(memoryview(buffer)[:read], into)
        if done:
            at, buffer = at + done, ordinary
            yield at
        elif read == len(buffer) <= MAX_SAMPLE_BYTES:
            buffer = bytearray(2 * MAX_SAMPLE_BYTES)
        elif not read:
            return
        else:
            found = next(scan(file, at))
            if not isinstance(found, Damage):
                raise AssertionError("what scan takes, a window of its size has taken")
            yield found
            at, buffer = found.end, ordinary


def _window(buffer: memoryview, into: Hashed) -> int:
    """Take the whole samples at the beginning of `buffer`, up to the first that is not as it should be.
    Returns how many bytes they are. Writes over their headers."""
    size_of, length = _SIZE.unpack_from, len(buffer)
    offsets: list[int] = []
    at = 0
    while at + FRAGMENT_OVERHEAD <= length:
        end = at + FRAGMENT_OVERHEAD + size_of(buffer, at + _SIZE_AT)[0]
        if end > length:
            break
        offsets.append(at)
        at = end
    if not offsets:
        return 0
    begins = np.array(offsets, np.int64)
    heads = _runs(buffer, FRAGMENT_OVERHEAD)[begins]
    _runs(buffer, _CRC_AT)[begins + _MOVED] = heads[:, :_CRC_AT]
    ends = [*offsets[1:], at]
    good = _formed(heads)
    said = _column(heads, _CRC_AT, ">u4").tolist()
    crcs = [crc32(buffer[first + _MOVED : end]) for first, end in zip(offsets, ends, strict=True)]
    if crcs[:good] != said[:good]:
        good = next(row for row in range(good) if crcs[row] != said[row])
    if good == 0:
        return 0
    _take(heads[:good], buffer, begins[:good], into)
    skip = FRAGMENT_OVERHEAD - len(LEAF_TAG) - 21
    sha256 = hashlib.sha256
    ends = ends[:good]
    leaves = [sha256(buffer[first + skip : end]).digest() for first, end in zip(offsets, ends, strict=False)]
    into.leaves.leaf += b"".join(leaves)
    return ends[-1]


def _runs(buffer: memoryview, length: int) -> Bytes:
    """By each place in `buffer` so many bytes from there on."""
    return np.ndarray((len(buffer) - length + 1, length), np.uint8, buffer, strides=(1, 1))


def _formed(heads: Bytes) -> int:
    """How many from the first have the form of a fragment: as `fragments.scan` has it."""
    flags, size = _column(heads, 96, ">u4"), _column(heads, _SIZE_AT, ">u4").astype(np.int64)
    good = ((heads.view(np.uint32) & _BITS) == _FORM).all(axis=1)
    good &= (flags == _KEY) | (flags == _DELTA)
    good &= (size + 8 == _column(heads, _MDAT_AT, ">u4")) & (size <= MAX_SAMPLE_BYTES)
    return len(good) if good.all() else int(good.argmin())


def _take(heads: Bytes, buffer: memoryview, begins: NDArray[np.int64], into: Hashed) -> None:
    """Keep places and times, and write the beginning of each leaf before the sample's bytes."""
    leaves = into.leaves
    leaves.group.frombytes(_column(heads, 124, ">u8").astype(np.uint64).tobytes())
    leaves.index.frombytes(_column(heads, 132, ">u4").astype(np.uint32).tobytes())
    time = _column(heads, 60, ">u8").astype(np.uint64)
    leaves.timestamp_us.frombytes(time.tobytes())
    place = heads[:, 124:136], heads[:, 60:68], (_column(heads, 96, ">u4") == _KEY)[:, None]
    tags = np.broadcast_to(_TAG, (len(heads), len(_TAG)))
    start = np.concatenate((tags, place[0], place[1], place[2].astype(np.uint8)), axis=1)
    _runs(buffer, start.shape[1])[begins + FRAGMENT_OVERHEAD - start.shape[1]] = start
    signed = time.astype(np.int64)
    delay = _column(heads, 136, ">u8").astype(np.int64) - signed
    second = signed // _SECOND_US
    order = np.lexsort((delay, second))
    seconds, first = np.unique(second[order], return_index=True)
    for one, least in zip(seconds.tolist(), delay[order][first].tolist(), strict=True):
        into.least_us[one] = min(least, into.least_us.get(one, least))
    first_us = int(time.min())
    into.first_us = first_us if into.first_us is None else min(into.first_us, first_us)
    ends = signed + _column(heads, 88, ">u4").astype(np.int64)
    into.end_us = max(into.end_us, int(ends.max()))


def _column(heads: Bytes, at: int, kind: str) -> NDArray[np.unsignedinteger]:
    width = np.dtype(kind).itemsize
    return np.ascontiguousarray(heads[:, at : at + width]).view(kind)[:, 0]
