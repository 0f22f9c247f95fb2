"""What somebody who holds a record could do to it, its checksums included."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.fragments import Entry, Header, read_header, scan, write_fragment, write_header
from vivavoce.record.seals import Kept, read_seals, write_entry

__all__ = ["Fragments", "edit_samples", "edit_seals", "flip", "rehead", "resay", "seals_of_file"]


@dataclass
class Fragments:
    """A track's file, taken apart."""

    header: Header
    samples: list[Sample]


def _read(path: Path) -> Fragments:
    data = path.read_bytes()
    with path.open("rb") as file:
        header, start = read_header(file)
        entries = [one for one in scan(file, start) if isinstance(one, Entry)]
    place = header.seat, header.run, header.config.name
    return Fragments(
        header,
        [
            Sample(
                *place,
                one.group,
                one.index,
                one.timestamp_us,
                one.key,
                data[one.offset : one.offset + one.size],
                one.received_us,
            )
            for one in entries
        ],
    )


def edit_samples(path: Path, edit: Callable[[list[Sample]], Sequence[Sample]]) -> None:
    """Write the file anew with other samples: every checksum fits."""
    there = _read(path)
    samples = edit(list(there.samples))
    config: TrackConfig = there.header.config
    written = [write_fragment(config, one, number) for number, one in enumerate(samples, 1)]
    path.write_bytes(write_header(there.header) + b"".join(written))


def rehead(path: Path, edit: Callable[[TrackConfig], TrackConfig], *, only_boxes: bool = False) -> None:
    """Write the file's beginning anew with another configuration. only_boxes: what players go by is changed,
    and what the record says of itself is not."""
    data = path.read_bytes()
    with path.open("rb") as file:
        header, start = read_header(file)
    other = write_header(replace(header, config=edit(header.config)))
    if only_boxes:
        mine = data[:start]
        boxes, said = other[: other.index(b"uuid") - 4], mine[mine.index(b"uuid") - 4 :]
        crc = crc32(said[32:], crc32(boxes))
        other = boxes + said[:28] + struct.pack(">I", crc) + said[32:]
    path.write_bytes(other + data[start:])


def resay(path: Path, **said: object) -> None:
    """Write what the file's beginning says of itself anew, and not the boxes that players go by."""
    with path.open("rb") as file:
        _, start = read_header(file)
    data = path.read_bytes()
    at = data.index(b"uuid") - 4
    about = json.dumps({**json.loads(data[at + 32 : start]), **said}).encode()
    crc = crc32(about, crc32(data[:at]))
    head = struct.pack(">I", 32 + len(about)) + data[at + 4 : at + 28] + struct.pack(">I", crc)
    path.write_bytes(data[:at] + head + about + data[start:])


def seals_of_file(path: Path) -> list[Kept]:
    return [one for one in read_seals(path.read_bytes()) if isinstance(one, Kept)]


def edit_seals(path: Path, edit: Callable[[list[Kept]], Sequence[Kept]]) -> None:
    """Write a run's seals anew: every checksum fits."""
    entries = edit(seals_of_file(path))
    path.write_bytes(path.read_bytes()[:8] + b"".join(map(write_entry, entries)))


def flip(path: Path, bit: int) -> None:
    """One bit of the file, and no checksum."""
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
