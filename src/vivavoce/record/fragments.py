"""A track on disk while it grows: a fragmented MP4 that is only ever appended to, a fragment a sample.

The rules are docs/formats/record.md R6 to R10. The file starts with `ftyp`, `moov` and a `uuid` box that says
whose track it is; then, for each sample,

    moof 148
      mfhd 16  sequence
      traf 124
        tfhd 16  default-base-is-moof, track 1
        tfdt 20  timestamp, microseconds since the run's epoch
        trun 32  one sample: offset 156, duration, size, key or delta
        uuid 48  group u64, index u32, received_us u64, crc u32
    mdat 8 + the sample's bytes, untouched

The CRC-32 covers all of the fragment but itself. So reading is strict, whatever broke the file: a fragment is
whole to the last bit, or it is not there. Writing and reading take bytes and files that others opened.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Final
from zlib import crc32

from vivavoce.errors import EvidenceError, UnavailableError, VivavoceError
from vivavoce.line.sample import MAX_SAMPLE_BYTES, Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.boxes import box, full_box, uuid_box, walk
from vivavoce.record.sample_entries import sample_duration_us
from vivavoce.record.tracks import TrackHeader, movie_header, sample_table, track

__all__ = [
    "FORM",
    "FORMAT_VERSION",
    "FORM_BITS",
    "FRAGMENT_OVERHEAD",
    "Damage",
    "Entry",
    "Header",
    "config_from_json",
    "config_to_json",
    "read_header",
    "scan",
    "write_fragment",
    "write_header",
]

FORMAT_VERSION = 1

HEADER_UUID = bytes.fromhex("c1b1a6d3f4c94a6c9f0e5a1dbb0c7e01")
SAMPLE_UUID = bytes.fromhex("c1b1a6d3f4c94a6c9f0e5a1dbb0c7e02")

_HEAD = struct.Struct(">I4s I4sII I4s I4sII I4sIQ I4sIIIIII I4s16sQIQ")
_CRC = struct.Struct(">I")
_MDAT = struct.Struct(">I4s")
_MOOF_BYTES = _HEAD.size + _CRC.size
FRAGMENT_OVERHEAD = _MOOF_BYTES + _MDAT.size
_START = struct.pack(">I4s", _MOOF_BYTES, b"moof")
_KEY, _DELTA = 0x0200_0000, 0x0101_0000
_MAX_HEADER_BYTES = 256 * 1024
"""A description of 8 KiB, twice, and names; a larger header is not ours."""
_STEP = 1 << 20
_CHANGES: Final = ((20, 24), (60, 68), (88, 100), (124, 152))
"""Which bytes of a fragment's overhead differ from one to the next; all others are the form."""
assert _MOOF_BYTES == 148, "the layout above is the format"


@dataclass(frozen=True, slots=True)
class Header:
    """Whose track a file holds. part: 1, and one more each time a host that came back went on with the same
    run. epoch_us: as in L6. Everything else is needed to read the file without any other."""

    discussion: str
    seat: str
    run: str
    epoch_us: int
    config: TrackConfig
    part: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One whole sample in a file. offset, size: where its bytes lie."""

    offset: int
    size: int
    group: int
    index: int
    timestamp_us: int
    received_us: int
    duration_us: int
    key: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes `start` to `end` hold no whole fragment. torn: the file just ends there, as a crash leaves it."""

    start: int
    end: int
    torn: bool


def config_to_json(config: TrackConfig) -> dict[str, Any]:
    return {**asdict(config), "description": config.description.hex()}


def config_from_json(value: Any) -> TrackConfig:
    """Skips unknown keys. Raises EvidenceError `record.unreadable` for what is no configuration."""
    try:
        known = {key: value[key] for key in TrackConfig.__dataclass_fields__ if key in value}
        config = TrackConfig(**{**known, "description": bytes.fromhex(known.get("description", ""))})
        numbers = (config.width, config.height, config.channels, config.sample_rate, config.bitrate)
        if not all(isinstance(number, int) and 0 <= number < 1 << 31 for number in numbers):
            raise ValueError("a size or rate is no number")
        if config.rotation not in (0, 90, 180, 270) or config.kind not in ("video", "audio"):
            raise ValueError("rotation or kind")
        sample_table(config)  # the fields fit where they have to stand
    except (TypeError, ValueError, KeyError, AttributeError, struct.error, VivavoceError) as error:
        raise EvidenceError("record.unreadable", f"A track's configuration is damaged: {error}.") from None
    return config


def write_header(header: Header) -> bytes:
    """The start of a file. Raises YourInputError `line.codec` for a codec that cannot stand in an MP4."""
    config = header.config
    name = f"{header.seat} {config.name} {config.language}".strip()
    empty = (full_box(kind, 0, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco"))
    table = sample_table(config, *empty, full_box(b"stsz", 0, 0, bytes(8)))
    start = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6iso5mp41") + box(
        b"moov",
        movie_header(header.epoch_us, 0, 1),
        track(TrackHeader(1, config, name, header.epoch_us), table),
        box(b"mvex", full_box(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0))),
    )
    about = {
        "discussion": header.discussion,
        "seat": header.seat,
        "run": header.run,
        "epoch_us": header.epoch_us,
        "part": header.part,
        "config": config_to_json(config),
    }
    said = json.dumps(about, separators=(",", ":")).encode()
    return start + uuid_box(HEADER_UUID, struct.pack(">II", FORMAT_VERSION, crc32(said, crc32(start))), said)


def write_fragment(config: TrackConfig, sample: Sample, sequence: int) -> bytes:
    """One sample as it is appended. sequence: counts the fragments of a file from 1."""
    size = len(sample.data)
    head = _HEAD.pack(
        *(_MOOF_BYTES, b"moof"),
        *(16, b"mfhd", 0, sequence & 0xFFFF_FFFF),
        *(_MOOF_BYTES - 24, b"traf"),
        *(16, b"tfhd", 0x02_0000, 1),
        *(20, b"tfdt", 1 << 24, sample.timestamp_us),
        *(32, b"trun", 0x701, 1, FRAGMENT_OVERHEAD, sample_duration_us(config, sample.data)),
        *(size, _KEY if sample.key else _DELTA),
        *(48, b"uuid", SAMPLE_UUID, sample.group, sample.index, sample.received_us),
    )
    mdat = _MDAT.pack(8 + size, b"mdat")
    crc = crc32(sample.data, crc32(mdat, crc32(head)))
    return b"".join((head, _CRC.pack(crc), mdat, sample.data))


def read_header(file: BinaryIO) -> tuple[Header, int]:
    """(header, its length) from the start of a file.

    Raises UnavailableError `data.newer` for a later version, EvidenceError `record.unreadable` for anything
    that `write_header` did not write, down to the last bit.
    """
    file.seek(0)
    data = file.read(_MAX_HEADER_BYTES)
    at = data.find(b"uuid" + HEADER_UUID) - 4
    if at < 0 or len(data) < at + 32:
        raise EvidenceError("record.unreadable", "The file does not start as a track of a record does.")
    (size,) = struct.unpack_from(">I", data, at)
    version, crc = struct.unpack_from(">II", data, at + 24)
    if version > FORMAT_VERSION and [found.kind for found in walk(data, 0, at)] == [b"ftyp", b"moov"]:
        raise UnavailableError("data.newer", f"The track has format version {version}, not {FORMAT_VERSION}.")
    said = data[at + 32 : at + size]
    if version != FORMAT_VERSION or size != 32 + len(said) or crc32(said, crc32(data[:at])) != crc:
        raise EvidenceError("record.unreadable", "The start of the track's file is damaged.")
    try:
        about = json.loads(said)
        texts = about["discussion"], about["seat"], about["run"]
        numbers = about["epoch_us"], about["part"]
        if any(type(one) is not str for one in texts) or any(type(one) is not int for one in numbers):
            raise TypeError("a name or number is none")
        config = config_from_json(about["config"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise EvidenceError("record.unreadable", f"The start of the track's file is none: {error}.") from None
    return Header(*texts, numbers[0], config, numbers[1]), at + size


def scan(file: BinaryIO, start: int) -> Iterator[Entry | Damage]:
    """Every whole sample from byte `start` on, in the file's order, and what lies between them.

    start: the length of the header, or 0 where that is damaged. Recovery after a crash is this and nothing
    else. Does not check that groups and timestamps rise; see contents.py.
    """
    file.seek(start)
    at = start
    while head := file.read(FRAGMENT_OVERHEAD):
        entry, end = _parse(head, at, file)
        if entry is not None:
            yield entry
            at = end
            continue
        following = _next_whole(file, at + 1)
        length = file.seek(0, 2)
        cut = end > length and (len(head) == FRAGMENT_OVERHEAD or _begins(head))
        torn = following is None and (cut or _is_blank(file, at, length))
        yield Damage(at, length if following is None else following, torn)
        if following is None:
            return
        file.seek(following)
        at = following


def _parse(head: bytes, at: int, file: BinaryIO) -> tuple[Entry | None, int]:
    """The fragment that starts with `head`, and where it would end. Reads its sample from `file`."""
    if len(head) < FRAGMENT_OVERHEAD:
        return None, at + FRAGMENT_OVERHEAD
    if not head.startswith(_START):
        return None, at
    if not _has_form(head):
        return None, at
    fields = _HEAD.unpack_from(head)
    timestamp, duration, size, flags = fields[15], *fields[21:24]
    group, index, received = fields[27:30]
    end = at + FRAGMENT_OVERHEAD + size
    if size > MAX_SAMPLE_BYTES:
        return None, at
    data = file.read(size)
    if len(data) < size:
        return None, end
    crc = crc32(data, crc32(head[_MOOF_BYTES:], crc32(head[: _HEAD.size])))
    if crc != _CRC.unpack_from(head, _HEAD.size)[0]:
        return None, end
    entry = Entry(at + FRAGMENT_OVERHEAD, size, group, index, timestamp, received, duration, flags == _KEY)
    return entry, end


def _form() -> tuple[int, int]:
    """(what does not change in a fragment's overhead, which bits those are), as numbers."""
    names: list[int | bytes] = [_MOOF_BYTES, b"moof", 16, b"mfhd", 0, 0, _MOOF_BYTES - 24, b"traf"]
    names += [16, b"tfhd", 0x02_0000, 1, 20, b"tfdt", 1 << 24, 0, 32, b"trun", 0x701, 1, FRAGMENT_OVERHEAD]
    names += [0, 0, 0, 48, b"uuid", SAMPLE_UUID, 0, 0, 0]
    fixed = bytearray(b"\xff" * FRAGMENT_OVERHEAD)
    for start, end in _CHANGES:
        fixed[start:end] = bytes(end - start)
    head = _HEAD.pack(*names) + _CRC.pack(0) + _MDAT.pack(0, b"mdat")
    return int.from_bytes(head, "big"), int.from_bytes(fixed, "big")


FORM, FORM_BITS = _form()


def _has_form(head: bytes) -> bool:
    """A fragment of another form would be played otherwise than it is read here."""
    if int.from_bytes(head, "big") & FORM_BITS != FORM:
        return False
    size, flags = struct.unpack_from(">II", head, 92)
    return flags in (_KEY, _DELTA) and _MDAT.unpack_from(head, _MOOF_BYTES)[0] == size + 8


def _begins(head: bytes) -> bool:
    """The beginning of a fragment, shorter than its overhead."""
    rest = 8 * (FRAGMENT_OVERHEAD - len(head))
    return int.from_bytes(head, "big") & FORM_BITS >> rest == FORM >> rest


def _next_whole(file: BinaryIO, start: int) -> int | None:
    """Where the next whole fragment starts, at `start` or later."""
    while True:
        file.seek(start)
        window = file.read(_STEP)
        for found in re.finditer(re.escape(_START), window):
            at = start + found.start()
            file.seek(at)
            if _parse(file.read(FRAGMENT_OVERHEAD), at, file)[0] is not None:
                return at
        if len(window) < _STEP:
            return None
        start += _STEP - len(_START) + 1


def _is_blank(file: BinaryIO, start: int, end: int) -> bool:
    """Nothing but zeros, as a file system leaves a tail that it had made room for when the power went."""
    file.seek(start)
    while start < end:
        window = file.read(min(_STEP, end - start))
        if not window or window.count(0) != len(window):
            return False
        start += len(window)
    return True
