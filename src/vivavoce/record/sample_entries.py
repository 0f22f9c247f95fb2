"""How a track's decoder is configured in a file: the sample entry that stands in its `stsd`.

It is made from the catalogue's configuration alone (docs/formats/line.md, L5), so the same configuration
always gives the same bytes. Sources: ISO/IEC 14496-15 (avc1, avcC); "VP Codec ISO Media File Format Binding"
v1.0 (vp09, vpcC); "AV1 Codec ISO Media File Format Binding" v1.2 (av01, av1C); "Encapsulation of Opus in ISO
Base Media File Format" 0.8.1 (Opus, dOps).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from vivavoce.errors import YourInputError
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.boxes import box, full_box

__all__ = ["opus_duration_us", "opus_nothing", "sample_duration_us", "sample_entry"]

_UNKNOWN_PICTURE_US = 33_333
"""How long a picture lasts where nothing says it; the next one's timestamp corrects it."""


def sample_entry(config: TrackConfig) -> bytes:
    """The sample entry box for a configuration.

    Raises YourInputError `line.codec` for a codec that L5 does not list or a codec string whose fields are
    missing. Does not check that an avcC decodes.
    """
    family = config.codec.partition(".")[0]
    if family == "avc1" and config.description:
        return _visual(b"avc1", config, box(b"avcC", config.description))
    if family == "vp09":
        return _visual(b"vp09", config, _vpcc(config.codec))
    if family == "av01":
        # A description, where an encoder gives one, is the whole av1C, sequence header included.
        return _visual(b"av01", config, box(b"av1C", config.description or _av1c(config.codec)))
    if family == "opus":
        return _opus(config)
    raise YourInputError("line.codec", f"The track {config.name!r} has the codec {config.codec!r}.")


def sample_duration_us(config: TrackConfig, data: bytes) -> int:
    """How long a sample lasts, as far as it can be known before the next one comes; always positive."""
    if config.kind == "audio":
        return opus_duration_us(data)
    return round(1_000_000 / config.framerate) if config.framerate >= 1 else _UNKNOWN_PICTURE_US


def opus_duration_us(packet: bytes | memoryview) -> int:
    """What an Opus packet says it lasts, 2 500 to 120 000; 20 000 for a packet that says nonsense.

    Source: RFC 6716 s.3.1 and s.3.2.
    """
    if not packet:
        return 20_000
    setting = packet[0] >> 3
    if setting < 12:
        frame = (10_000, 20_000, 40_000, 60_000)[setting & 3]
    elif setting < 16:
        frame = (10_000, 20_000)[setting & 1]
    else:
        frame = 2_500 << (setting & 3)
    code = packet[0] & 3
    count = (1, 2, 2)[code] if code < 3 else (packet[1] & 0x3F if len(packet) > 1 else 0)
    return frame * count if 0 < frame * count <= 120_000 else 20_000


def opus_nothing(lasting_us: int, channels: int) -> Iterator[tuple[int, bytes]]:
    """(how long in microseconds, packet) of packets that say "nothing came", to stand where packets are
    missing.

    Each is one byte, a frame of no bytes; a decoder conceals it as it would a lost packet. They last as long
    as asked, but for less than 2 500. Source: RFC 6716 s.3.2.1.
    """
    for setting, lasts in ((31, 20_000), (30, 10_000), (29, 5_000), (28, 2_500)):
        while lasting_us >= lasts:
            yield lasts, bytes([setting << 3 | (channels == 2) << 2])
            lasting_us -= lasts


def _visual(kind: bytes, config: TrackConfig, configuration: bytes) -> bytes:
    name = b"Vivavoce"
    return box(
        kind,
        struct.pack(">6xH16xHH", 1, config.width, config.height),
        struct.pack(">IIIH", 72 << 16, 72 << 16, 0, 1),  # 72 dpi, one picture a sample
        struct.pack(">B31s", len(name), name),
        struct.pack(">Hh", 24, -1),  # depth; no colour table
        configuration,
        box(b"pasp", struct.pack(">II", 1, 1)),
    )


def _vpcc(codec: str) -> bytes:
    fields = _numbers(codec, least=3)
    profile, level, depth = fields[:3]
    # The defaults are those of the codec string: 4:2:0 with co-located chroma, BT.709, studio range.
    chroma, primaries, transfer, coefficients, full = (fields[3:] + [1, 1, 1, 1, 0][len(fields) - 3 :])[:5]
    packed = depth << 4 | chroma << 1 | full
    return full_box(
        b"vpcC", 1, 0, struct.pack(">6BH", profile, level, packed, primaries, transfer, coefficients, 0)
    )


def _av1c(codec: str) -> bytes:
    parts = codec.split(".")
    if len(parts) < 4 or parts[2][-1:] not in {"M", "H"}:
        raise YourInputError("line.codec", f"The codec {codec!r} lacks its profile, level or depth.")
    profile, level, depth = _numbers(f"av01.{parts[1]}.{parts[2][:-1]}.{parts[3]}", least=3)
    mono = parts[4:5] == ["1"]
    # Chroma as the codec string has it: 110 is 4:2:0 with unknown position.
    chroma = [int(digit) for digit in parts[5]] if len(parts) > 5 and parts[5].isdigit() else [1, 1, 0]
    sub_x, sub_y, position = [*chroma, 0, 0, 0][:3]
    flags = (parts[2][-1] == "H") << 7 | (depth > 8) << 6 | (depth == 12) << 5 | mono << 4
    flags |= (sub_x & 1) << 3 | (sub_y & 1) << 2 | position & 3
    return struct.pack(">4B", 0x81, profile << 5 | level, flags, 0)


def _numbers(codec: str, *, least: int) -> list[int]:
    fields = codec.split(".")[1:]
    if len(fields) < least or not all(field.isdigit() and int(field) < 256 for field in fields):
        raise YourInputError("line.codec", f"The codec {codec!r} lacks its profile, level or depth.")
    return [int(field) for field in fields]


def _opus(config: TrackConfig) -> bytes:
    # Pre-skip 0: the record starts in the middle of a stream, and a player that skipped would move every
    # timestamp; what the encoder looked ahead is part of what the live listener heard too.
    specific = box(b"dOps", struct.pack(">BBHIhB", 0, config.channels, 0, 48_000, 0, 0))
    return box(b"Opus", struct.pack(">6xH8xHH4xI", 1, config.channels, 16, 48_000 << 16), specific)
