"""One track of a catalogue, as everyone behind the line knows it (docs/formats/line.md, L5 and L6).

It is checked where it comes in, by `catalog`; whoever reads it from elsewhere need not load what checks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Role", "TrackConfig"]

Role = Literal["floor", "booth", "clean"]


@dataclass(frozen=True, slots=True)
class TrackConfig:
    """All that a decoder needs to play a track, and what a listener needs to choose it.

    name: `hd.1`. description: avcC for H.264, else empty. width, height: coded pixels, 0 for sound.
    rotation: degrees clockwise, 0, 90, 180 or 270. framerate: pictures a second, 0 where unknown.
    sample_rate, channels: 0 for pictures. bitrate: bits a second, 0 where unknown.
    language, role, interprets: sound only (L6).
    """

    name: str
    kind: Literal["video", "audio"]
    codec: str
    description: bytes = b""
    width: int = 0
    height: int = 0
    rotation: int = 0
    framerate: float = 0.0
    sample_rate: int = 0
    channels: int = 0
    bitrate: int = 0
    language: str = ""
    role: Role | None = None
    interprets: str | None = None

    @property
    def rendition(self) -> str:
        """The name without its number: `hd`."""
        return self.name.rpartition(".")[0]
