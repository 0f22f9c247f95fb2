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

    Rows = NDArray[np.void]

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
_FIELDS: Final = {
    "covered": (f"V{_CRC_AT}", 0),
    "timestamp": (">u8", 60),
    "duration": (">u4", 88),
    "size": (">u4", _SIZE_AT),
    "flags": (">u4", 96),
    "group": (">u8", 124),
    "index": (">u4", 132),
    "received": (">u8", 136),
    "crc": (">u4", _CRC_AT),
    "mdat": (">u4", _MDAT_AT),
}
_HEAD: Final = np.dtype(
    {
        "names": list(_FIELDS),
        "formats": [kind for kind, _ in _FIELDS.values()],
        "offsets": [at for _, at in _FIELDS.values()],
        "itemsize": FRAGMENT_OVERHEAD,
    }
)
"""What differs from one fragment's overhead to the next (record.md, R8). covered: by the CRC, before it."""
_BEGIN: Final = np.dtype(
    [("tag", f"V{len(LEAF_TAG)}"), ("group", ">u8"), ("index", ">u4"), ("timestamp", ">u8"), ("key", "u1")]
)
"""What a leaf is hashed of, before the sample's bytes."""
_TAG: Final = np.void(LEAF_TAG)
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
    fields = heads.view(_HEAD)
    _runs(buffer, _CRC_AT)[begins + _MOVED] = fields["covered"]
    ends = [*offsets[1:], at]
    good = _formed(heads, fields)
    said = fields["crc"].tolist()
    crcs = [crc32(buffer[first + _MOVED : end]) for first, end in zip(offsets, ends, strict=True)]
    if crcs[:good] != said[:good]:
        good = next(row for row in range(good) if crcs[row] != said[row])
    if good == 0:
        return 0
    starts = begins[:good] + (FRAGMENT_OVERHEAD - _BEGIN.itemsize)
    _runs(buffer, _BEGIN.itemsize)[starts] = _taken(fields[:good], into)
    sha256, ends = hashlib.sha256, ends[:good]
    leaves = [sha256(buffer[start:end]).digest() for start, end in zip(starts.tolist(), ends, strict=True)]
    into.leaves.leaf += b"".join(leaves)
    return ends[-1]


def _runs(buffer: memoryview, length: int) -> Rows:
    """By each place in `buffer` so many bytes from there on, as one thing."""
    return np.ndarray((len(buffer) - length + 1,), f"V{length}", buffer, strides=(1,))


def _formed(heads: Rows, fields: Rows) -> int:
    """How many from the first have the form of a fragment: as `fragments.scan` has it."""
    flags, size = fields["flags"], fields["size"].astype(np.int64)
    good = (flags == _KEY) | (flags == _DELTA)
    good &= (size + 8 == fields["mdat"]) & (size <= MAX_SAMPLE_BYTES)
    fits = (heads.view(np.uint32).reshape(-1, len(_BITS)) & _BITS) == _FORM
    if not fits.all():
        good &= fits.all(axis=1)
    return len(good) if good.all() else int(good.argmin())


def _taken(fields: Rows, into: Hashed) -> Rows:
    """Keep places and times. Returns how each leaf begins."""
    group, index, timestamp = fields["group"], fields["index"], fields["timestamp"]
    into.leaves.group.frombytes(group.astype(np.uint64).tobytes())
    into.leaves.index.frombytes(index.astype(np.uint32).tobytes())
    into.leaves.timestamp_us.frombytes(timestamp.astype(np.uint64).tobytes())
    _keep_times(timestamp.astype(np.int64), fields, into)
    begin = np.empty(len(fields), _BEGIN)
    begin["tag"] = _TAG
    begin["group"], begin["index"], begin["timestamp"] = group, index, timestamp
    begin["key"] = fields["flags"] == _KEY
    return begin.view(f"V{_BEGIN.itemsize}")


def _keep_times(timestamp: NDArray[np.int64], fields: Rows, into: Hashed) -> None:
    second = timestamp // _SECOND_US
    begins = np.flatnonzero(np.concatenate(([True], second[1:] != second[:-1])))
    least_us = np.minimum.reduceat(fields["received"].astype(np.int64) - timestamp, begins)
    for one, least in zip(second[begins].tolist(), least_us.tolist(), strict=True):
        into.least_us[one] = min(least, into.least_us.get(one, least))
    first_us = int(fields["timestamp"].min())
    into.first_us = first_us if into.first_us is None else min(into.first_us, first_us)
    into.end_us = max(into.end_us, int((timestamp + fields["duration"]).max()))
