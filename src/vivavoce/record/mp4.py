"""The layout of an exported MP4: where every sample will lie, and the header that says so.

Bytes are not touched here, only sizes and times are looked at, so that the header can stand before the
samples ("fast start") and a player can begin before it has the whole file.

    ftyp  moov  mdat: half a second of every lane, then the next half second ...  uuid: what came from where

A lane is one track of the file. Times are microseconds from the movie's start. Source: ISO/IEC 14496-12:2022
s.8; for Opus's roll distance, "Encapsulation of Opus in ISO Base Media File Format" s.4.3.6.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.boxes import box, full_box
from vivavoce.record.tracks import TrackHeader, movie_header, sample_table, track

__all__ = ["MAX_STEP_US", "Lane", "Layout", "lay_out"]

if TYPE_CHECKING:  # numpy takes longer to import its types than itself
    from numpy.typing import NDArray

    Numbers = NDArray[Any]

MAX_STEP_US = (1 << 31) - 1
"""The longest time between two samples of a lane, 35 minutes: `stts` has 32 bits, and some sign them."""

_CHUNK_US = 500_000


@dataclass(slots=True)
class Lane:
    """One track of the exported file.

    times_us: when each sample is shown, rising strictly, steps of at most MAX_STEP_US. sizes: bytes.
    keys: which samples decode alone. last_us: how long the last one lasts. name, shown, alternate, left: as
    in TrackHeader.
    """

    config: TrackConfig
    name: str
    times_us: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("I"))
    keys: array[int] = field(default_factory=lambda: array("b"))
    last_us: int = 0
    shown: bool = True
    alternate: int = 0
    left: int = 0

    @property
    def start_us(self) -> int:
        return self.times_us[0]

    @property
    def end_us(self) -> int:
        return self.times_us[-1] + self.last_us


@dataclass(frozen=True, slots=True)
class Layout:
    """head: all bytes before the first sample. order: (lane, first row, row after the last) of each chunk, as
    they follow in the file. media_bytes: of all samples. duration_us: of the movie."""

    head: bytes
    order: list[tuple[int, int, int]]
    media_bytes: int
    duration_us: int


def lay_out(lanes: Sequence[Lane], *, created_us: int, title: str) -> Layout:
    """Where everything goes. lanes: at least one, none empty. created_us: Unix microseconds of time 0.

    Raises OverflowError for a time or a size that its box has no room for.
    """
    begins = [_chunks(lane) for lane in lanes]
    order = sorted(
        (lane.times_us[first], number, first, last)
        for number, lane in enumerate(lanes)
        for first, last in pairwise(begins[number])
    )
    chunks = [(number, first, last) for _, number, first, last in order]
    lengths = [sum(lanes[number].sizes[first:last]) for number, first, last in chunks]
    media = sum(lengths)
    duration = max(lane.end_us for lane in lanes)
    ftyp = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2mp41")
    long_mdat = media + 8 >= 1 << 32
    mdat = (
        struct.pack(">I4sQ", 1, b"mdat", media + 16) if long_mdat else struct.pack(">I4s", media + 8, b"mdat")
    )
    tables = [_tables(lane, starts) for lane, starts in zip(lanes, begins, strict=True)]

    def head(start: int, wide: bool) -> bytes:
        places: list[list[int]] = [[] for _ in lanes]
        for (number, _, _), length in zip(chunks, lengths, strict=True):
            places[number].append(start)
            start += length
        tracks = (
            _trak(number, lane, created_us, (*tables[number], _places(places[number], wide)))
            for number, lane in enumerate(lanes)
        )
        movie = movie_header(created_us, duration, len(lanes))
        return ftyp + box(b"moov", movie, *tracks, _title(title)) + mdat

    # The header's length does not depend on the places in it, only on how wide they are written.
    widest = len(head(0, True))
    wide = widest + media >= 1 << 32
    return Layout(head(widest if wide else widest - 4 * len(chunks), wide), chunks, media, duration)


def _chunks(lane: Lane) -> list[int]:
    """The first row of each chunk, and the row behind the last."""
    window = np.asarray(lane.times_us) // _CHUNK_US
    return [0, *_changes(window), len(window)]


def _trak(number: int, lane: Lane, created_us: int, tables: tuple[bytes, ...]) -> bytes:
    media = lane.end_us - lane.start_us
    header = TrackHeader(
        number + 1,
        lane.config,
        lane.name,
        created_us,
        media,
        lane.end_us,
        lane.shown,
        lane.alternate,
        lane.left,
        _edits(lane.start_us, media),
    )
    return track(header, sample_table(lane.config, *tables))


def _tables(lane: Lane, chunks: list[int]) -> tuple[bytes, ...]:
    """What tells of a lane's samples, but for where they lie. chunks: as `_chunks` has them."""
    steps = np.append(np.diff(np.asarray(lane.times_us)), lane.last_us)
    in_chunk = np.diff(np.array(chunks))
    alike = np.array([0, *_changes(in_chunk)])
    samples_of_chunks = np.stack((alike + 1, in_chunk[alike], np.ones_like(alike)), axis=1)
    return (
        full_box(b"stts", 0, 0, _rows(_equal(steps))),
        *(_sync_samples(lane) if lane.config.kind == "video" else _roll(lane)),
        full_box(b"stsc", 0, 0, _rows(samples_of_chunks)),
        full_box(b"stsz", 0, 0, struct.pack(">I", 0), _rows(np.asarray(lane.sizes))),
    )


def _places(places: list[int], wide: bool) -> bytes:
    if not wide:
        return full_box(b"stco", 0, 0, _rows(np.array(places)))
    return full_box(b"co64", 0, 0, struct.pack(">I", len(places)), np.array(places, ">u8").tobytes())


def _edits(start_us: int, media_us: int) -> bytes:
    """Nothing until the lane starts, then all of it."""
    entries = [struct.pack(">QqI", media_us, 0, 1 << 16)]
    if start_us:
        entries.insert(0, struct.pack(">QqI", start_us, -1, 1 << 16))
    return box(b"edts", full_box(b"elst", 1, 0, struct.pack(">I", len(entries)), *entries))


def _sync_samples(lane: Lane) -> tuple[bytes, ...]:
    return (full_box(b"stss", 0, 0, _rows(np.flatnonzero(lane.keys) + 1)),)


def _roll(lane: Lane) -> tuple[bytes, ...]:
    """Opus needs 80 ms of packets before it sounds right: four of the usual length."""
    described = struct.pack(">4sIIh", b"roll", 2, 1, -4)
    grouped = struct.pack(">4sIII", b"roll", 1, len(lane.sizes), 1)
    return full_box(b"sgpd", 1, 0, described), full_box(b"sbgp", 0, 0, grouped)


def _title(title: str) -> bytes:
    if not title:
        return b""
    data = box(b"data", struct.pack(">II", 1, 0), title.encode("utf-8", "replace"))
    handler = full_box(b"hdlr", 0, 0, struct.pack(">4x4s4s9x", b"mdir", b"appl"))
    return box(b"udta", full_box(b"meta", 0, 0, handler, box(b"ilst", box(b"\xa9nam", data))))


def _changes(values: Numbers) -> list[int]:
    """The rows whose value is another than the one before."""
    found: list[int] = (np.flatnonzero(values[1:] != values[:-1]) + 1).tolist()
    return found


def _equal(values: Numbers) -> Numbers:
    """(how many, value) of each stretch of equal values."""
    begins = np.array([0, *_changes(values)])
    return np.stack((np.diff(begins, append=len(values)), values[begins]), axis=1)


def _rows(values: Numbers) -> bytes:
    """How many there are, and they, with 32 bits for each number."""
    if values.size and not 0 <= values.min() <= values.max() < 1 << 32:
        raise OverflowError(f"{values.min()} or {values.max()} does not fit 32 bits")
    return struct.pack(">I", len(values)) + values.astype(">u4").tobytes()
