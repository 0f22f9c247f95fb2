"""One seal: what a side's device signed (docs/formats/seal.md, S8 to S13).

Everything is checked for form here and for nothing else: who signed it is `envelope`'s, what came before it
is `chain`'s, and whether samples are what it says is `verdict`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntFlag
from typing import Any, Final, NamedTuple, TypeVar

from vivavoce.errors import EvidenceError
from vivavoce.seal.cbor import MAX_BYTES, array, array_of, byte_string, encode, number, sized
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
_NOTHING: Final = encode([])[0]
"""An array without items, which most of a seal's are."""
_T = TypeVar("_T")
_MOST_TRACK: Final = 255
_MOST_SIDE: Final = 255
_MOST_COUNT: Final = (1 << 32) - 1


class Flags(IntFlag):
    NONE = 0
    END = 1
    HEARTBEAT = 2
    MICROPHONE_SHUT = 4
    CAMERA_OFF = 8


_FLAGS: Final = [Flags(value) for value in range(16)]


@dataclass(slots=True)  # not frozen: that takes three times as long to make, and a record has 100 000
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
    if len(payload) > MAX_BYTES:
        raise _refused(f"{len(payload)} bytes are over {MAX_BYTES}")
    try:
        seal, end = _seal(payload, 0)
    except IndexError:
        raise _refused("they end too early") from None
    if end != len(payload):
        raise _refused(f"{len(payload) - end} bytes follow their end")
    return seal


# Each of these reads what begins at `at`, and says where it ends.


def _seal(raw: bytes, at: int) -> tuple[Seal, int]:
    at = array_of(raw, at, 10)
    seq, at = number(raw, at)
    prev, at = sized(raw, at, DIGEST_BYTES)
    clock_us, at = number(raw, at)
    flags, at = number(raw, at, len(_FLAGS) - 1)
    configs, at = _many(raw, at, MOST_TRACKS, _config)
    deltas, at = _many(raw, at, MOST_DELTAS, _delta)
    heard, at = _many(raw, at, MOST_HEARD, _heard)
    beacon, at = _pair(raw, at, BEACON_BYTES)
    head, at = _pair(raw, at, DIGEST_BYTES)
    nonces, at = byte_string(raw, at)
    if len(nonces) not in (0, DIGEST_BYTES):
        raise _refused(f"nonces are not of {len(nonces)} bytes")
    return Seal(seq, prev, clock_us, _FLAGS[flags], configs, deltas, heard, beacon, head, nonces), at


def _config(raw: bytes, at: int) -> tuple[tuple[int, bytes], int]:
    at = array_of(raw, at, 2)
    track, at = number(raw, at, _MOST_TRACK)
    config, at = byte_string(raw, at)
    return (track, config), at


def _delta(raw: bytes, at: int) -> tuple[Delta, int]:
    at = array_of(raw, at, 5)
    track, at = number(raw, at, _MOST_TRACK)
    group, at = number(raw, at)
    count, at = number(raw, at, _MOST_COUNT)
    closed, at = number(raw, at, 1)
    digest, at = sized(raw, at, DIGEST_BYTES)
    return Delta(track, group, count, closed == 1, digest), at


def _heard(raw: bytes, at: int) -> tuple[Heard, int]:
    at = array_of(raw, at, 8)
    side, at = number(raw, at, _MOST_SIDE)
    run, at = sized(raw, at, RUN_BYTES)
    seq, at = number(raw, at)
    seal, at = sized(raw, at, DIGEST_BYTES)
    age_us, at = number(raw, at)
    got, at = _many(raw, at, MOST_PLACES, _came)
    missing, at = _many(raw, at, MOST_PLACES, _never_came)
    tag, at = sized(raw, at, TAG_BYTES)
    return Heard(side, run, seq, seal, age_us, got, missing, tag), at


def _came(raw: bytes, at: int) -> tuple[Place, int]:
    at = array_of(raw, at, 3)
    track, at = number(raw, at, _MOST_TRACK)
    group, at = number(raw, at)
    count, at = number(raw, at)
    return Place(track, group, count), at


def _never_came(raw: bytes, at: int) -> tuple[Place, int]:
    at = array_of(raw, at, 2)
    track, at = number(raw, at, _MOST_TRACK)
    group, at = number(raw, at)
    return Place(track, group, None), at


def _pair(raw: bytes, at: int, size: int) -> tuple[tuple[int, bytes] | None, int]:
    if raw[at] == _NOTHING:
        return None, at + 1
    at = array_of(raw, at, 2)
    first, at = number(raw, at)
    second, at = sized(raw, at, size)
    return (first, second), at


def _many(
    raw: bytes, at: int, most: int, read: Callable[[bytes, int], tuple[_T, int]]
) -> tuple[tuple[_T, ...], int]:
    if raw[at] == _NOTHING:
        return (), at + 1
    length, at = array(raw, at)
    if length > most:
        raise _refused(f"a list has {length} items, over {most}")
    items = []
    for _ in range(length):
        item, at = read(raw, at)
        items.append(item)
    return tuple(items), at


def _refused(why: str) -> EvidenceError:
    return EvidenceError("seal.form", f"These bytes are no seal: {why}.")
