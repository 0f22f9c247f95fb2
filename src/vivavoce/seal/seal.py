"""One seal: what a side's device signed (docs/formats/seal.md, S8 to S13).

Everything is checked for form here and for nothing else: who signed it is `envelope`'s, what came before it
is `chain`'s, and whether samples are what it says is `verdict`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import Any, Final, NamedTuple

from vivavoce.errors import EvidenceError
from vivavoce.seal.cbor import decode, encode
from vivavoce.seal.digest import DIGEST_BYTES

__all__ = ["MOST_APART_US", "SEALED_WITHIN_US", "Delta", "Flags", "Heard", "Place", "Seal", "parse_seal"]

SEALED_WITHIN_US: Final = 200_000
"""A device on air seals at least so often."""
MOST_APART_US: Final = 600_000
"""What is further apart, by the device's own clock, is marked: a busy device's moment is not."""
RUN_BYTES: Final = 8
TAG_BYTES: Final = 16
BEACON_BYTES: Final = 48
MOST_TRACKS: Final = 24
MOST_DELTAS: Final = 256
MOST_HEARD: Final = 8
MOST_PLACES: Final = 256


class Flags(IntFlag):
    NONE = 0
    END = 1
    HEARTBEAT = 2
    MICROPHONE_SHUT = 4
    CAMERA_OFF = 8


_FLAGS: Final = [Flags(value) for value in range(16)]


@dataclass(frozen=True, slots=True)
class Delta:
    """How far a span has come (S7). track: its number. group: the span's first. count: samples so far.
    closed: there will be no more. digest: after the last of them."""

    track: int
    group: int
    count: int
    closed: bool
    digest: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Of another side's track: a group, and how many samples of it came; None where it never did."""

    track: int
    group: int
    count: int | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What this device had of another side's run when it sealed (S12).

    side: its number in the founding facts. run: 8 bytes. seq, seal: its newest seal, by number and hash.
    age_us: since that came, on this device's clock. got, missing: samples. tag: shows that the whole seal
    was here.
    """

    side: int
    run: bytes
    seq: int
    seal: bytes
    age_us: int
    got: tuple[Place, ...]
    missing: tuple[Place, ...]
    tag: bytes


class Seal(NamedTuple):
    """seq: from 0. prev: hash of the envelope before, or of the run statement (S9). clock_us: since the
    run's epoch. configs: (a track's number, its configuration's bytes). beacon: (round, signature). head:
    (size, root) of the log. nonces: root of the viewers' nonces, or empty."""

    seq: int
    prev: bytes
    clock_us: int
    flags: Flags = Flags.NONE
    configs: tuple[tuple[int, bytes], ...] = ()
    deltas: tuple[Delta, ...] = ()
    heard: tuple[Heard, ...] = ()
    beacon: tuple[int, bytes] | None = None
    head: tuple[int, bytes] | None = None
    nonces: bytes = b""

    def to_bytes(self) -> bytes:
        """The payload to sign."""
        return encode(
            [
                self.seq,
                self.prev,
                self.clock_us,
                int(self.flags),
                list(self.configs),
                [(one.track, one.group, one.count, int(one.closed), one.digest) for one in self.deltas],
                [_heard_item(one) for one in self.heard],
                list(self.beacon or ()),
                list(self.head or ()),
                self.nonces,
            ]
        )


def _heard_item(heard: Heard) -> list[Any]:
    got = [(one.track, one.group, one.count or 0) for one in heard.got]
    missing = [(one.track, one.group) for one in heard.missing]
    return [heard.side, heard.run, heard.seq, heard.seal, heard.age_us, got, missing, heard.tag]


def parse_seal(payload: bytes) -> Seal:
    """Raises EvidenceError `seal.form` for what is not of this form, or over a cap (S8)."""
    fields = _list(decode(payload), 10)
    seq, prev, clock_us, flags, configs, deltas, heard, beacon, head, nonces = fields
    return Seal(
        seq=_number(seq),
        prev=_bytes(prev, DIGEST_BYTES),
        clock_us=_number(clock_us),
        flags=_FLAGS[_number(flags, 15)],
        configs=tuple([_config(one) for one in _many(configs, MOST_TRACKS)]),
        deltas=tuple([_delta(one) for one in _many(deltas, MOST_DELTAS)]),
        heard=tuple([_heard(one) for one in _many(heard, MOST_HEARD)]),
        beacon=_pair(beacon, BEACON_BYTES),
        head=_pair(head, DIGEST_BYTES),
        nonces=_bytes(nonces, 0, DIGEST_BYTES),
    )


def _config(item: Any) -> tuple[int, bytes]:
    track, config = _list(item, 2)
    if not isinstance(config, bytes):
        raise _refused("a configuration is no byte string")
    return _number(track, 255), config


def _delta(item: Any) -> Delta:
    track, group, count, closed, digest = _list(item, 5)
    for number in (track, group, count, closed):
        if type(number) is not int:
            raise _refused("a number of a span is none")
    if track > 255 or count >= 1 << 32 or closed > 1:
        raise _refused("a number of a span is too large")
    return Delta(track, group, count, closed == 1, _bytes(digest, DIGEST_BYTES))


def _heard(item: Any) -> Heard:
    side, run, seq, seal, age_us, got, missing, tag = _list(item, 8)
    return Heard(
        side=_number(side, 255),
        run=_bytes(run, RUN_BYTES),
        seq=_number(seq),
        seal=_bytes(seal, DIGEST_BYTES),
        age_us=_number(age_us),
        got=tuple(_place(one, 3) for one in _many(got, MOST_PLACES)),
        missing=tuple(_place(one, 2) for one in _many(missing, MOST_PLACES)),
        tag=_bytes(tag, TAG_BYTES),
    )


def _place(item: Any, length: int) -> Place:
    track, group, *count = _list(item, length)
    return Place(_number(track, 255), _number(group), _number(count[0]) if count else None)


def _pair(item: Any, size: int) -> tuple[int, bytes] | None:
    if item == []:
        return None
    number, raw = _list(item, 2)
    return _number(number), _bytes(raw, size)


def _list(item: Any, length: int) -> list[Any]:
    if not isinstance(item, list) or len(item) != length:
        raise _refused(f"an array is not of {length}")
    return item


def _many(item: Any, most: int) -> list[Any]:
    if not isinstance(item, list) or len(item) > most:
        raise _refused(f"a list is none, or has more than {most}")
    return item


def _number(item: Any, most: int | None = None) -> int:
    if not isinstance(item, int) or (most is not None and item > most):
        raise _refused(f"a number is none, or over {most}")
    return item


def _bytes(item: Any, *lengths: int) -> bytes:
    if not isinstance(item, bytes) or len(item) not in lengths:
        raise _refused(f"a byte string is not of {lengths}")
    return item


def _refused(why: str) -> EvidenceError:
    return EvidenceError("seal.form", f"These bytes are no seal: {why}.")
