"""The layout of an exported MP4: where every sample will lie, and the header that says so.

Bytes are not touched here, only sizes and times are looked at, so that the header can stand before the
samples ("fast start") and a player can begin before it has the whole file.

    ftyp  moov  mdat: half a second of every lane, then the next half second ...  uuid: what came from where

A lane is one track of the file. Times are microseconds from the movie's start. Source: ISO/IEC 14496-12:2022
s.8; for Opus's roll distance, "Encapsulation of Opus in ISO Base Media File Format" s.4.3.6.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.boxes import box, full_box
from vivavoce.record.tracks import TrackHeader, movie_header, sample_table, track

__all__ = ["MAX_STEP_US", "Lane", "Layout", "lay_out"]

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
    """Where everything goes. lanes: at least one, none empty. created_us: Unix microseconds of time 0."""
    order = sorted(
        (lane.times_us[first], number, first, last)
        for number, lane in enumerate(lanes)
        for first, last in _chunks(lane)
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

    def head(start: int, wide: bool) -> bytes:
        places: list[list[int]] = [[] for _ in lanes]
        for (number, _, _), length in zip(chunks, lengths, strict=True):
            places[number].append(start)
            start += length
        tracks = (_trak(number, lane, places[number], created_us, wide) for number, lane in enumerate(lanes))
        movie = movie_header(created_us, duration, len(lanes))
        return ftyp + box(b"moov", movie, *tracks, _title(title)) + mdat

    # The header's length does not depend on the places in it, only on how wide they are written.
    wide = len(head(0, True)) + media >= 1 << 32
    return Layout(head(len(head(0, wide)), wide), chunks, media, duration)


def _chunks(lane: Lane) -> Iterator[tuple[int, int]]:
    first = 0
    for row in range(1, len(lane.times_us)):
        if lane.times_us[row] // _CHUNK_US != lane.times_us[first] // _CHUNK_US:
            yield first, row
            first = row
    yield first, len(lane.times_us)


def _trak(number: int, lane: Lane, places: list[int], created_us: int, wide: bool) -> bytes:
    config = lane.config
    media = lane.end_us - lane.start_us
    header = TrackHeader(
        number + 1,
        config,
        lane.name,
        created_us,
        media,
        lane.end_us,
        lane.shown,
        lane.alternate,
        lane.left,
        _edits(lane.start_us, media),
    )
    sync = _sync_samples(lane) if config.kind == "video" else _roll(lane)
    return track(
        header,
        sample_table(
            config,
            _times(lane),
            *sync,
            _runs(b"stsc", _samples_of_chunks(lane)),
            full_box(b"stsz", 0, 0, struct.pack(">II", 0, len(lane.sizes)), _big_endian("I", lane.sizes)),
            full_box(
                b"co64" if wide else b"stco",
                0,
                0,
                struct.pack(">I", len(places)),
                _big_endian("Q" if wide else "I", places),
            ),
        ),
    )


def _edits(start_us: int, media_us: int) -> bytes:
    """Nothing until the lane starts, then all of it."""
    entries = [struct.pack(">QqI", media_us, 0, 1 << 16)]
    if start_us:
        entries.insert(0, struct.pack(">QqI", start_us, -1, 1 << 16))
    return box(b"edts", full_box(b"elst", 1, 0, struct.pack(">I", len(entries)), *entries))


def _times(lane: Lane) -> bytes:
    times = lane.times_us
    steps = [times[row + 1] - times[row] for row in range(len(times) - 1)]
    return _runs(b"stts", ((count, step) for count, step in _equal([*steps, lane.last_us])))


def _samples_of_chunks(lane: Lane) -> Iterator[tuple[int, int, int]]:
    chunk = 1
    for count, samples in _equal([last - first for first, last in _chunks(lane)]):
        yield chunk, samples, 1
        chunk += count


def _sync_samples(lane: Lane) -> tuple[bytes, ...]:
    rows = [row + 1 for row, key in enumerate(lane.keys) if key]
    return (full_box(b"stss", 0, 0, struct.pack(">I", len(rows)), _big_endian("I", rows)),)


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


def _runs(kind: bytes, rows: Iterator[tuple[int, ...]]) -> bytes:
    flat = list(rows)
    return full_box(
        kind, 0, 0, struct.pack(">I", len(flat)), _big_endian("I", [value for row in flat for value in row])
    )


def _equal(values: list[int]) -> Iterator[tuple[int, int]]:
    """(how many, value) of each stretch of equal values."""
    count = 0
    for at, value in enumerate(values):
        count += 1
        if at + 1 == len(values) or values[at + 1] != value:
            yield count, value
            count = 0


def _big_endian(code: str, values: Sequence[int]) -> bytes:
    packed = array(code, values)
    if sys.byteorder == "little":
        packed.byteswap()
    return packed.tobytes()
