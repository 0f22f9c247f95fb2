"""Small media files, made with the encoders at hand, and a decoder that is strict."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from vivavoce.line.sources.source import Control, Packet, Source, Tracks


class RunningClock:
    """A clock that jumps ahead whenever it is asked, so that a source's pacing costs no time."""

    def __init__(self, at_us: int = 1_795_293_840_000_000, step_us: int = 5_000) -> None:
        self.at_us, self.step_us = at_us, step_us

    def now_us(self) -> int:
        self.at_us += self.step_us
        return self.at_us


class SwiftControl(Control):
    """Waits by moving the clock."""

    def wait_until(self, at_us: int, clock: Any) -> bool:
        clock.at_us = max(clock.at_us, at_us)
        return not self.stop.is_set()


def write(
    path: Path,
    *,
    seconds: float = 2,
    picture: str | None = "libx264",
    options: dict[str, str] | None = None,
    sounds: Sequence[tuple[str, str]] = (("libopus", "eng"),),
    size: tuple[int, int] = (160, 96),
) -> Path:
    """picture: its encoder. sounds: encoder and ISO 639-2 language of each track."""
    with av.open(str(path), "w") as out:
        tracks: list[tuple[Any, int]] = []
        video: Any = None
        if picture:
            video = out.add_stream(picture, rate=Fraction(30), options=options or {"bf": "0", "g": "30"})
            video.width, video.height = size
            video.pix_fmt = "yuv420p"
        for codec, language in sounds:
            stream: Any = out.add_stream(codec, rate=48_000)
            stream.layout = "mono"
            stream.metadata["language"] = language
            tracks.append((stream, stream.codec_context.frame_size or 960))
        if video is not None:
            for index in range(int(seconds * 30)):
                image = np.full((size[1], size[0], 3), index * 3 % 255, dtype=np.uint8)
                out.mux(video.encode(av.VideoFrame.from_ndarray(image)))
            out.mux(video.encode(None))
        for stream, frame_size in tracks:
            size_of = frame_size if frame_size > 1 else 960
            for index in range(int(seconds * 48_000 / size_of)):
                phase = np.arange(size_of) + index * size_of
                tone = (8000 * np.sin(phase * 2 * np.pi * 440 / 48_000)).astype(np.int16)
                form = "fltp" if stream.codec_context.format.name == "fltp" else "s16"
                data = (tone / 32768).astype(np.float32)[None] if form == "fltp" else tone[None]
                frame = av.AudioFrame.from_ndarray(data, format=form, layout="mono")
                frame.sample_rate, frame.pts = 48_000, index * size_of
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return path


def run(source: Source, *, until_us: int = 10**9, clock: Any = None) -> tuple[Tracks, list[Packet]]:
    """What a source says within `until_us` of its clock: the first tracks, and every packet."""
    clock = clock or RunningClock()
    control = SwiftControl()
    control.go.set()
    begun_us = clock.at_us
    tracks: Tracks | None = None
    packets: list[Packet] = []
    for event in source.events(clock, control):
        if isinstance(event, Tracks):
            tracks = tracks or event
        elif isinstance(event, Packet):
            packets.append(event)
        if clock.at_us - begun_us > until_us:
            control.stop.set()
    assert tracks is not None
    return tracks, packets


def decoded(tracks: Tracks, packets: list[Packet], name: str) -> list[Any]:
    """The frames of one track, decoded from its configuration and its samples alone."""
    config = next(track for track in tracks.tracks if track.name == name)
    context: Any = av.CodecContext.create("h264" if config.kind == "video" else "libopus", "r")
    if config.kind == "video":
        context.extradata = config.description
    else:
        context.sample_rate = 48_000
        context.layout = "mono" if config.channels == 1 else "stereo"
    frames: list[Any] = []
    for packet in packets:
        if packet.track == name:
            raw = av.Packet(packet.data)
            raw.pts = packet.at_us
            raw.time_base = Fraction(1, 1_000_000)
            frames += context.decode(raw)
    return frames + list(context.decode(None))
