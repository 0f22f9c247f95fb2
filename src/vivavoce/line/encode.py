"""Encoders of the terminal's sides: H.264 without B-pictures, Opus in packets of 20 ms.

They hold nothing back: a picture or 20 ms of sound in, its sample out. Both block while they work (x264
and Opus let other threads run), so they live in a source's own process, never on the line's event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import av
import numpy as np
from av.video.frame import PictureType
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from vivavoce.line import h264
from vivavoce.line.trackconfig import Role, TrackConfig

__all__ = ["OPUS_PACKET_US", "OPUS_SAMPLES", "SAMPLE_RATE", "Encoded", "PictureEncoder", "SoundEncoder"]

SAMPLE_RATE: Final = 48_000
OPUS_SAMPLES: Final = 960
OPUS_PACKET_US: Final = 20_000

_KEY_EVERY_US: Final = 1_900_000
"""Under the two seconds of rule L8, however unevenly the pictures come."""

_MICROSECONDS: Final = Fraction(1, 1_000_000)
_BT709: Final = 1
_LIMITED: Final = 1

Preset = Literal["ultrafast", "superfast", "veryfast", "faster"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """timestamp_us: as it was given. key: decodes alone. data: what L7 puts behind the timestamp."""

    timestamp_us: int
    key: bool
    data: bytes


class PictureEncoder:
    """x264, tuned for no delay.

    width, height: pixels, even. framerate: what the rate control expects; the timestamps decide.
    bitrate: bits a second that it stays under, over any second. Raises ValueError for odd sizes.
    """

    def __init__(
        self, *, width: int, height: int, framerate: float, bitrate: int, preset: Preset = "superfast"
    ) -> None:
        if width % 2 or height % 2 or width < 16 or height < 16:
            raise ValueError(
                f"a picture of {width}x{height} cannot be encoded: the sides must be even, over 16"
            )
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p"
        context.time_base = _MICROSECONDS
        context.framerate = Fraction(framerate).limit_denominator(1001)
        context.bit_rate = bitrate
        context.max_b_frames = 0
        threads = 1 if width * height <= 640 * 360 else 2
        context.thread_count = threads
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = _LIMITED
        context.flags |= int(av.codec.context.Flags.global_header)
        context.options = {
            "preset": preset,
            "tune": "zerolatency",
            "forced-idr": "1",
            "x264-params": (
                f"keyint=infinite:scenecut=0:sliced-threads={threads - 1}:vbv-maxrate={bitrate // 1000}"
                f":vbv-bufsize={bitrate // 1000}:nal-hrd=none"
            ),
        }
        context.open()
        self._context = context
        self._bitrate = bitrate
        self._framerate = framerate
        self._last_key_us: int | None = None
        self._wants_key = True
        self._description = h264.description_of(context.extradata or b"")

    def config(self, name: str, *, rotation: int = 0) -> TrackConfig:
        """What a decoder needs; known before the first picture."""
        return TrackConfig(
            name=name,
            kind="video",
            codec=h264.codec_of(self._description),
            description=self._description,
            width=self._context.width,
            height=self._context.height,
            rotation=rotation,
            framerate=round(self._framerate, 3),
            bitrate=self._bitrate,
        )

    def want_key(self) -> None:
        """The next picture decodes alone."""
        self._wants_key = True

    def encode(self, picture: NDArray[np.uint8] | av.VideoFrame, timestamp_us: int) -> list[Encoded]:
        """picture: height by width by 3 (sRGB), or any frame of FFmpeg's. timestamps rise strictly."""
        frame = (
            picture
            if isinstance(picture, av.VideoFrame)
            else av.VideoFrame.from_ndarray(picture, format="rgb24")
        )
        frame = frame.reformat(
            width=self._context.width,
            height=self._context.height,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        frame.pts, frame.time_base = timestamp_us, _MICROSECONDS
        due = self._last_key_us is None or timestamp_us - self._last_key_us >= _KEY_EVERY_US
        frame.pict_type = PictureType.I if due or self._wants_key else PictureType.NONE
        made: list[Encoded] = []
        for packet in self._context.encode(frame):
            stamp = timestamp_us if packet.pts is None else int(packet.pts)
            if packet.is_keyframe:
                self._last_key_us, self._wants_key = stamp, False
            made.append(Encoded(stamp, packet.is_keyframe, h264.length_prefixed(bytes(packet))))
        return made


class SoundEncoder:
    """libopus, fullband. channels: 1 or 2. bitrate: bits a second."""

    def __init__(self, *, channels: int = 1, bitrate: int = 64_000) -> None:
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate = SAMPLE_RATE
        context.format = "s16"
        context.layout = "mono" if channels == 1 else "stereo"
        context.bit_rate = bitrate
        context.time_base = Fraction(1, SAMPLE_RATE)
        context.options = {"application": "audio", "frame_duration": "20", "vbr": "on"}
        context.open()
        self._context = context
        self._channels = channels
        self._bitrate = bitrate
        self._samples = 0

    def config(
        self, name: str, *, language: str, role: Role = "floor", interprets: str | None = None
    ) -> TrackConfig:
        return TrackConfig(
            name=name,
            kind="audio",
            codec="opus",
            sample_rate=SAMPLE_RATE,
            channels=self._channels,
            bitrate=self._bitrate,
            language=language,
            role=role,
            interprets=interprets,
        )

    def encode(self, sound: NDArray[np.int16], timestamp_us: int) -> list[Encoded]:
        """sound: OPUS_SAMPLES by channels, interleaved in one row. timestamp_us: of its first sample.

        The decoded sound lies 6.5 ms later, since Opus looks ahead; WebCodecs' encoders stamp it so too.
        """
        if sound.shape != (1, OPUS_SAMPLES * self._channels):
            raise ValueError(f"20 ms of sound are 1 by {OPUS_SAMPLES * self._channels}, not {sound.shape}")
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound), format="s16", layout="mono" if self._channels == 1 else "stereo"
        )
        frame.sample_rate = SAMPLE_RATE
        frame.pts, frame.time_base = self._samples, Fraction(1, SAMPLE_RATE)
        self._samples += OPUS_SAMPLES
        return [Encoded(timestamp_us, True, bytes(packet)) for packet in self._context.encode(frame)]
