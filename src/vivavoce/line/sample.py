"""One encoded picture or sound packet, and how it stands in a MoQ frame.

Framing (docs/formats/line.md, L7): a QUIC varint with the timestamp in microseconds, then the sample's
bytes untouched. It is hang's "legacy" container, so stock MoQ players read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from vivavoce.errors import PeerError

__all__ = ["MAX_SAMPLE_BYTES", "Sample", "decode_frame", "encode_frame"]

MAX_SAMPLE_BYTES = 4 * 1024 * 1024
"""A 4K key picture stays below a megabyte; four leave room, and a hostile frame is refused."""

_MAX_VARINT = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample as the host received it.

    seat: whose (`north`). run: 16 hex digits. track: its name in the catalogue. group, index: place on
    the track; index 0 opens the group. timestamp_us: microseconds since the run's epoch. key: whether
    it decodes alone. data: the encoder's bytes. received_us: the host's clock, Unix microseconds.
    """

    seat: str
    run: str
    track: str
    group: int
    index: int
    timestamp_us: int
    key: bool
    data: bytes
    received_us: int


def encode_frame(timestamp_us: int, data: bytes) -> bytes:
    """The MoQ frame for a sample. timestamp_us: 0 to 2**62 - 1. Source: RFC 9000 s.16 for the varint."""
    if timestamp_us < 0 or timestamp_us > _MAX_VARINT:
        raise ValueError(f"timestamp {timestamp_us} is outside 0..2**62-1 microseconds")
    for length, tag in ((1, 0), (2, 1), (4, 2), (8, 3)):
        bits = 8 * length - 2
        if timestamp_us < 1 << bits:
            return (timestamp_us | tag << bits).to_bytes(length, "big") + data
    raise AssertionError("unreachable: the range was checked")


def decode_frame(frame: bytes) -> tuple[int, bytes]:
    """(timestamp_us, sample bytes) of a MoQ frame.

    Raises PeerError `line.sample` for an empty, truncated or oversized frame. A frame with no bytes
    after its timestamp is a marker, not a sample: the bytes are then empty. Does not look inside them.
    """
    if not frame or len(frame) < 1 << (frame[0] >> 6):
        raise PeerError("line.sample", f"A frame of {len(frame)} bytes ends inside its timestamp.")
    if len(frame) > MAX_SAMPLE_BYTES + 8:
        raise PeerError("line.sample", f"A frame of {len(frame)} bytes is over {MAX_SAMPLE_BYTES} bytes.")
    length = 1 << (frame[0] >> 6)
    timestamp = int.from_bytes(frame[:length], "big") & ((1 << (8 * length - 2)) - 1)
    return timestamp, frame[length:]
