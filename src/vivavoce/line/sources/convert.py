"""From a file's packets to the line's samples, track by track: untouched where they fit, else encoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

import av

from vivavoce.line import h264
from vivavoce.line.encode import (
    OPUS_PACKET_US,
    OPUS_SAMPLES,
    SAMPLE_RATE,
    Encoded,
    PictureEncoder,
    SoundEncoder,
)
from vivavoce.line.sources.inspect import FoundPicture, FoundSound, Inspection, opus_packet_us
from vivavoce.line.sources.source import PICTURE
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Lane", "bitrate_for", "lanes_of", "size_for"]

_WIDEST, _HIGHEST = 1280, 720
_FASTEST: Final = 60.0
_BREAK_US: Final = 100_000


class Lane(Protocol):
    """One track. config: what is published. why: why it is encoded, empty if it is not.
    fill_us: how long a sample of it takes to be there, 20 ms for sound."""

    config: TrackConfig
    why: str
    fill_us: int

    def begin(self, shift_us: int) -> None:
        """A new pass over the file; shift_us is added to its times."""

    def want_key(self) -> None:
        """The next picture should decode alone, if it is encoded here."""

    def take(self, packet: Any) -> Iterable[Encoded]:
        """A packet of the file, or the empty one at its end. Timestamps rise strictly over all passes."""


def lanes_of(found: Inspection, seat: str) -> dict[int, Lane]:
    """A lane for each track that is published, by the stream's index."""
    lanes: dict[int, Lane] = {}
    if found.picture is not None:
        picture = found.picture
        lanes[picture.index] = _PictureAsIs(picture) if picture.as_it_is else _PictureEncoded(picture)
    for sound in found.sounds:
        lanes[sound.index] = _SoundAsIs(sound, seat) if sound.as_it_is else _SoundEncoded(sound, seat)
    return lanes


def size_for(width: int, height: int) -> tuple[int, int]:
    """The size at which a picture is encoded: even, within 1280 by 720 either way up, never enlarged."""
    widest, highest = (_WIDEST, _HIGHEST) if width >= height else (_HIGHEST, _WIDEST)
    share = min(1.0, widest / width, highest / height)
    return max(16, round(width * share / 2) * 2), max(16, round(height * share / 2) * 2)


def bitrate_for(width: int, height: int, framerate: float) -> int:
    """Bits a second for a talking person: 2.5 million at 1280 by 720 and 30 a second, less for less."""
    share = width * height * framerate / (1280 * 720 * 30)
    return int(min(4_000_000, max(200_000, 2_500_000 * share**0.75)))


def _time_us(thing: Any) -> int | None:
    if thing.pts is None or thing.time_base is None:
        return None
    at_us: int = round(thing.pts * thing.time_base * 1_000_000)
    return at_us


class _Rising:
    """Keeps timestamps rising where a pass begins a little before the last one ended."""

    def __init__(self) -> None:
        self._last_us: int | None = None

    def lets(self, at_us: int) -> bool:
        if self._last_us is not None and at_us <= self._last_us:
            return False
        self._last_us = at_us
        return True


class _PictureAsIs:
    why = ""
    fill_us = 0

    def __init__(self, found: FoundPicture) -> None:
        self.config = TrackConfig(
            name=PICTURE,
            kind="video",
            codec=h264.codec_of(found.description),
            description=found.description,
            width=found.width,
            height=found.height,
            rotation=found.rotation,
            framerate=round(found.framerate, 3),
        )
        self._shift_us = 0
        self._rising = _Rising()

    def begin(self, shift_us: int) -> None:
        self._shift_us = shift_us

    def want_key(self) -> None:
        pass

    def take(self, packet: Any) -> Iterator[Encoded]:
        at_us = _time_us(packet)
        if not packet.size or at_us is None or not self._rising.lets(at_us + self._shift_us):
            return
        data = bytes(packet)
        prefixed = (packet.stream.codec_context.extradata or b"")[:1] == b"\x01"
        yield Encoded(
            at_us + self._shift_us, bool(packet.is_keyframe), data if prefixed else h264.length_prefixed(data)
        )


class _PictureEncoded:
    fill_us = 0

    def __init__(self, found: FoundPicture) -> None:
        self.why = found.why
        width, height = size_for(found.width, found.height)
        framerate = min(found.framerate, _FASTEST)
        self._encoder = PictureEncoder(
            width=width, height=height, framerate=framerate, bitrate=bitrate_for(width, height, framerate)
        )
        self.config = self._encoder.config(PICTURE, rotation=found.rotation)
        self._shortest_us = round(0.9e6 / _FASTEST)
        self._last_us: int | None = None
        self._shift_us = 0

    def begin(self, shift_us: int) -> None:
        self._shift_us = shift_us

    def want_key(self) -> None:
        self._encoder.want_key()

    def take(self, packet: Any) -> Iterator[Encoded]:
        for frame in packet.decode():
            at_us = _time_us(frame)
            if at_us is None:
                continue
            at_us += self._shift_us
            if self._last_us is not None and at_us - self._last_us < self._shortest_us:
                continue
            self._last_us = at_us
            yield from self._encoder.encode(frame, at_us)


class _SoundAsIs:
    why = ""
    fill_us = OPUS_PACKET_US

    def __init__(self, found: FoundSound, seat: str) -> None:
        self.config = TrackConfig(
            name=f"{found.rendition}.1",
            kind="audio",
            codec="opus",
            sample_rate=SAMPLE_RATE,
            channels=found.channels,
            language=found.language,
            role=found.role,
            interprets=f"{seat}/floor" if found.role == "booth" else None,
        )
        self._shift_us = 0
        self._rising = _Rising()

    def begin(self, shift_us: int) -> None:
        self._shift_us = shift_us

    def want_key(self) -> None:
        pass

    def take(self, packet: Any) -> Iterator[Encoded]:
        at_us = _time_us(packet)
        if packet.size and at_us is not None and self._rising.lets(at_us + self._shift_us):
            self.fill_us = opus_packet_us(bytes(packet)[:2])
            yield Encoded(at_us + self._shift_us, True, bytes(packet))


class _SoundEncoded:
    fill_us = OPUS_PACKET_US

    def __init__(self, found: FoundSound, seat: str) -> None:
        self.why = found.why
        self._encoder = SoundEncoder(channels=found.channels, bitrate=64_000 * found.channels)
        self.config = self._encoder.config(
            f"{found.rendition}.1",
            language=found.language,
            role=found.role,
            interprets=f"{seat}/floor" if found.role == "booth" else None,
        )
        self._layout = "mono" if found.channels == 1 else "stereo"
        self._shift_us = 0
        self._next_us: int | None = None
        self._resampler = self._new_resampler()

    def begin(self, shift_us: int) -> None:
        self._shift_us = shift_us

    def want_key(self) -> None:
        pass

    def take(self, packet: Any) -> Iterator[Encoded]:
        for frame in packet.decode():
            at_us = _time_us(frame)
            if at_us is not None:
                self._place(at_us + self._shift_us)
            if self._next_us is None:
                continue
            frame.pts = None  # the resampler would refuse a jump; the times are kept here
            for piece in self._resampler.resample(frame):
                if piece.samples != OPUS_SAMPLES:
                    continue
                yield from self._encoder.encode(piece.to_ndarray(), self._next_us)
                self._next_us += OPUS_PACKET_US

    def _place(self, at_us: int) -> None:
        """Begin at the first frame's time, and again after a break in the file, never going back."""
        if self._next_us is None or at_us - self._next_us > _BREAK_US:
            self._next_us = at_us
            self._resampler = self._new_resampler()

    def _new_resampler(self) -> Any:
        return av.AudioResampler(format="s16", layout=self._layout, rate=SAMPLE_RATE, frame_size=OPUS_SAMPLES)
