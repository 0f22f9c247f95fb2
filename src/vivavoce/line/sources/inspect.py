"""What a media file holds, and which of it can go on the line as it is.

A picture goes as it is if it is H.264 in 8-bit 4:2:0 without B-pictures, with an IDR picture at least every
two seconds (line.md, L5, L8, L9) and parameter sets that never change; sound, if it is Opus of one or two
channels in packets of 10 or 20 ms. The whole file is read for it once: a file keeps no promise that its
first minute makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av

from vivavoce.errors import PeerError, YourInputError
from vivavoce.line import h264
from vivavoce.line.sample import MAX_SAMPLE_BYTES
from vivavoce.line.trackconfig import Role

__all__ = ["FoundPicture", "FoundSound", "Inspection", "inspect", "opus_packet_us"]

MAX_SOUNDS: Final = 16
_KEY_EVERY_US: Final = 2_000_000
_PROFILES: Final = ("Baseline", "Constrained Baseline", "Main", "High")
_IDR, _SPS, _PPS = 5, 7, 8

_PAIRS: Final = """
    ara:ar bel:be ben:bn bul:bg cat:ca ces:cs cze:cs chi:zh zho:zh dan:da deu:de ger:de ell:el gre:el
    eng:en est:et fas:fa per:fa fin:fi fra:fr fre:fr heb:he hin:hi hrv:hr hun:hu ind:id ita:it jpn:ja
    kat:ka geo:ka kaz:kk kor:ko lav:lv lit:lt nld:nl dut:nl nor:no pol:pl por:pt ron:ro rum:ro rus:ru
    slk:sk slo:sk slv:sl spa:es srp:sr swe:sv tha:th tur:tr ukr:uk urd:ur uzb:uz vie:vi
"""
_LANGUAGES: Final = dict(pair.split(":") for pair in _PAIRS.split())
"""Containers say ISO 639-2; catalogues want BCP 47, with two letters where there are two. Others are kept."""


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """index: the stream's. description: avcC if it goes as it is; else empty, and `why` says why."""

    index: int
    width: int
    height: int
    framerate: float
    rotation: int
    description: bytes
    why: str

    @property
    def as_it_is(self) -> bool:
        return bool(self.description)


@dataclass(frozen=True, slots=True)
class FoundSound:
    """language: BCP 47. rendition: its name without a number. why: empty if it goes as it is."""

    index: int
    rendition: str
    language: str
    role: Role
    channels: int
    why: str

    @property
    def as_it_is(self) -> bool:
        return not self.why


@dataclass(frozen=True, slots=True)
class Inspection:
    """start_us: the file's own time of its first sample. duration_us: from there to its last one's end."""

    picture: FoundPicture | None
    sounds: tuple[FoundSound, ...]
    start_us: int
    duration_us: int


def inspect(path: Path, language: str) -> Inspection:
    """language: BCP 47, of the floor where the file does not say. Raises YourInputError `input.file`."""
    try:
        with av.open(str(path)) as container:
            return _inspected(container, path, language)
    except (av.FFmpegError, OSError, ValueError, UnicodeDecodeError) as error:
        raise YourInputError("input.file", f"{path.name!r} cannot be read: {_first_line(error)}.") from None


class _Check:
    """Reads one stream's packets, in order."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.first_us: int | None = None
        self.end_us = 0
        self.why = ""
        self._last_us: int | None = None
        self._key_us: int | None = None
        self.description = b""
        if stream.type == "video":
            self._begin_picture()

    def take(self, packet: Any) -> None:
        if packet.pts is None:
            self.why = self.why or "its packets have no times"
            return
        at_us, length_us = (
            round((each or 0) * packet.time_base * 1_000_000) for each in (packet.pts, packet.duration)
        )
        self.first_us = at_us if self.first_us is None else min(self.first_us, at_us)
        self.end_us = max(self.end_us, at_us + length_us)
        if self.why:
            return
        if self._last_us is not None and at_us <= self._last_us:
            self.why = "its pictures are not in the order in which they are shown"
        self._last_us = at_us
        if packet.size > MAX_SAMPLE_BYTES:
            self.why = f"a sample of it has {packet.size} bytes"
        elif self.stream.type == "video":
            self._picture(packet, at_us)
        elif opus_packet_us(bytes(packet)[:2]) not in (10_000, 20_000):
            self.why = "its packets are not of 10 or 20 ms"

    def finish(self) -> None:
        if self.stream.type == "video" and not self.why:
            if self._key_us is None:
                self.why = "it has no key picture"
            elif self.end_us - self._key_us > _KEY_EVERY_US + 100_000:
                self.why = "its key pictures are more than two seconds apart"

    def _begin_picture(self) -> None:
        context = self.stream.codec_context
        if context.name != "h264":
            self.why = f"it is {context.name}, not H.264"
        elif context.pix_fmt not in ("yuv420p", "yuvj420p") or str(context.profile) not in _PROFILES:
            self.why = f"its profile is {context.profile}, {context.pix_fmt}"
        elif context.sample_aspect_ratio not in (None, 0, 1):
            self.why = "its pixels are not square"
        else:
            try:
                self.description = h264.description_of(context.extradata or b"")
            except PeerError as error:
                self.why = error.message

    def _picture(self, packet: Any, at_us: int) -> None:
        if self._key_us is None and not packet.is_keyframe:
            self.why = "it does not begin with a key picture"
            return
        units = h264.units_in(
            bytes(packet), prefixed=(self.stream.codec_context.extradata or b"")[:1] == b"\x01"
        )
        kinds = {unit[0] & 0x1F for unit in units}
        if kinds & {_SPS, _PPS} and any(
            unit not in self.description for unit in units if unit[0] & 0x1F in (_SPS, _PPS)
        ):
            self.why = "its parameter sets change"
        if packet.is_keyframe:
            if _IDR not in kinds:
                self.why = "its key pictures do not stand alone"
            elif self._key_us is not None and at_us - self._key_us > _KEY_EVERY_US:
                self.why = "its key pictures are more than two seconds apart"
            self._key_us = at_us


def _inspected(container: Any, path: Path, language: str) -> Inspection:
    pictures = [stream for stream in container.streams.video if "attached_pic" not in str(stream.disposition)]
    sounds = list(container.streams.audio)[:MAX_SOUNDS]
    used = pictures[:1] + sounds
    if not used:
        raise YourInputError("input.file", f"{path.name!r} holds neither a picture nor sound.")
    checks = {stream.index: _Check(stream) for stream in used}
    for packet in container.demux(used):
        if packet.size:
            checks[packet.stream.index].take(packet)
    for check in checks.values():
        check.finish()
    starts = [check.first_us for check in checks.values() if check.first_us is not None]
    if not starts:
        raise YourInputError("input.file", f"{path.name!r} holds no sample.")
    end_us = max(check.end_us for check in checks.values())
    picture = _picture(path, pictures[0], checks[pictures[0].index]) if pictures else None
    return Inspection(picture, _sounds(sounds, checks, language), min(starts), end_us - min(starts))


def _picture(path: Path, stream: Any, check: _Check) -> FoundPicture:
    with av.open(str(path)) as container:
        frame = next(iter(container.decode(container.streams[stream.index])), None)
    if frame is None:
        raise YourInputError("input.file", f"The picture of {path.name!r} cannot be decoded.")
    ratio = stream.codec_context.sample_aspect_ratio or 1
    rate = float(stream.average_rate or stream.guessed_rate or 30)
    return FoundPicture(
        index=stream.index,
        width=round(frame.width * ratio),
        height=frame.height,
        framerate=min(max(rate, 1.0), 240.0),
        rotation=round(-frame.rotation / 90) * 90 % 360,
        description=b"" if check.why else check.description,
        why=check.why,
    )


def _sounds(streams: list[Any], checks: dict[int, _Check], floor: str) -> tuple[FoundSound, ...]:
    """The first track is the floor; one in another language is a booth's, one in the same is clean."""
    found: list[FoundSound] = []
    taken: set[str] = set()
    for number, stream in enumerate(streams):
        tag = str(stream.metadata.get("language", "")).lower()
        language = _LANGUAGES.get(tag, tag) if tag.isascii() and tag.isalpha() and len(tag) in (2, 3) else ""
        language = floor if language in ("", "und") else language
        if number == 0:
            floor, role, name = language, "floor", "floor"
        elif language != floor:
            role, name = "booth", f"booth-{language}"
        else:
            role, name = "clean", "clean"
        rendition, copy = name, 2
        while rendition in taken:
            rendition, copy = f"{name}-{copy}", copy + 1
        taken.add(rendition)
        channels = stream.codec_context.channels
        why = checks[stream.index].why
        if stream.codec_context.name != "opus":
            why = f"it is {stream.codec_context.name}, not Opus"
        elif channels not in (1, 2):
            why = f"it has {channels} channels"
        found.append(FoundSound(stream.index, rendition, language, role, min(channels, 2), why))  # type: ignore[arg-type]
    return tuple(found)


def opus_packet_us(head: bytes) -> int:
    """How long an Opus packet is, by its first two bytes; 0 if they are too few. Source: RFC 6716 s.3."""
    if not head:
        return 0
    mode, count = head[0] >> 3, head[0] & 3
    if mode < 12:
        frame_us = (10_000, 20_000, 40_000, 60_000)[mode & 3]
    elif mode < 16:
        frame_us = (10_000, 20_000)[mode & 1]
    else:
        frame_us = (2_500, 5_000, 10_000, 20_000)[mode & 3]
    if count == 3:
        return frame_us * (head[1] & 0x3F) if len(head) > 1 else 0
    return frame_us * (1 if count == 0 else 2)


def _first_line(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error)
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else type(error).__name__
