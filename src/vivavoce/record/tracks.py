"""What a track's header says, the same in a growing file of one track and in an exported one of all.

Source: ISO/IEC 14496-12:2022 s.8; `kind` with the roles of ISO/IEC 23009-1 s.5.8.5.5.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.boxes import IDENTITY, TIMESCALE, box, full_box, matrix
from vivavoce.record.languages import packed
from vivavoce.record.sample_entries import sample_entry

__all__ = ["TrackHeader", "movie_header", "sample_table", "track"]

_1904_TO_1970 = 2_082_844_800
_ENABLED, _IN_MOVIE = 1, 2
_DASH_ROLES = {"floor": "main", "booth": "dub", "clean": "alternate"}


@dataclass(frozen=True, slots=True)
class TrackHeader:
    """number: the track's id in the file, from 1. name: for people. created_us: Unix microseconds, 0 where
    unknown. media_us: from the first sample to the end of the last. movie_us: with the time before it.
    shown: whether a player should play it when it is not told otherwise. alternate: tracks with the same
    number above 0 stand for each other. left: pixels to the right where the picture stands.
    edits: an `edts` box, or nothing."""

    number: int
    config: TrackConfig
    name: str
    created_us: int = 0
    media_us: int = 0
    movie_us: int = 0
    shown: bool = True
    alternate: int = 0
    left: int = 0
    edits: bytes = b""


def _date(created_us: int) -> int:
    return created_us // 1_000_000 + _1904_TO_1970 if created_us else 0


def movie_header(created_us: int, duration_us: int, tracks: int) -> bytes:
    date = _date(created_us)
    return full_box(
        b"mvhd",
        1,
        0,
        struct.pack(">QQIQ", date, date, TIMESCALE, duration_us),
        struct.pack(">IH10x", 1 << 16, 1 << 8),  # normal speed, full volume
        IDENTITY,
        bytes(24),
        struct.pack(">I", tracks + 1),
    )


def sample_table(config: TrackConfig, *tables: bytes) -> bytes:
    """An `stbl` with one sample entry. tables: the rest of it, `stts` to `stco`."""
    return box(b"stbl", full_box(b"stsd", 0, 0, struct.pack(">I", 1), sample_entry(config)), *tables)


def track(header: TrackHeader, table: bytes) -> bytes:
    """A `trak`. table: its `stbl`."""
    config = header.config
    picture = config.kind == "video"
    handler = b"vide" if picture else b"soun"
    media_header = full_box(b"vmhd", 0, 1, bytes(8)) if picture else full_box(b"smhd", 0, 0, bytes(4))
    media = box(
        b"mdia",
        _mdhd(header),
        full_box(b"elng", 0, 0, config.language.encode() + b"\0") if config.language else b"",
        full_box(b"hdlr", 0, 0, struct.pack(">4x4s12x", handler), _text(header.name), b"\0"),
        box(
            b"minf",
            media_header,
            box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1))),
            table,
        ),
    )
    return box(b"trak", _tkhd(header), header.edits, media, _user_data(header))


def _text(name: str) -> bytes:
    return name.replace("\0", " ").encode("utf-8", "replace")


def _mdhd(header: TrackHeader) -> bytes:
    date = _date(header.created_us)
    language = packed(header.config.language)
    return full_box(
        b"mdhd", 1, 0, struct.pack(">QQIQHH", date, date, TIMESCALE, header.media_us, language, 0)
    )


def _tkhd(header: TrackHeader) -> bytes:
    config = header.config
    date = _date(header.created_us)
    picture = config.kind == "video"
    return full_box(
        b"tkhd",
        1,
        _IN_MOVIE | (_ENABLED if header.shown else 0),
        struct.pack(">QQI4xQ", date, date, header.number, header.movie_us),
        struct.pack(">8xHHH2x", 0, header.alternate, 0 if picture else 1 << 8),
        matrix(config.rotation, config.width, config.height, left=header.left) if picture else IDENTITY,
        struct.pack(">II", config.width << 16, config.height << 16),
    )


def _user_data(header: TrackHeader) -> bytes:
    role = _DASH_ROLES.get(header.config.role or "")
    kind = full_box(b"kind", 0, 0, b"urn:mpeg:dash:role:2011\0", role.encode() + b"\0") if role else b""
    return box(b"udta", box(b"name", _text(header.name)), kind)
