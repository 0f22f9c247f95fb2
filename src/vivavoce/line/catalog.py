"""A seat's catalogue: hang's form with our own section (docs/formats/line.md, L3 to L6).

What comes from a side is checked here before anyone else sees it; what passes is forwarded byte for byte.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vivavoce.errors import PeerError
from vivavoce.line.trackconfig import Role, TrackConfig

__all__ = [
    "CATALOG_TRACK",
    "CLOCK_TRACK",
    "MAX_CATALOG_BYTES",
    "SEALS_TRACK",
    "STATE_TRACK",
    "Catalog",
    "Devices",
]

CATALOG_TRACK = "catalog.json"
CLOCK_TRACK = "clock.json"
STATE_TRACK = "state.json"
SEALS_TRACK = "seals"
"""Of a seat that seals (L19). It is no track of the catalogue: stock players have no use for it."""
MAX_CATALOG_BYTES = 64 * 1024
"""Twenty-four tracks with long descriptions need a tenth of it; capped before it is parsed."""

_NAME = r"^[a-z0-9-]{1,24}\.[1-9][0-9]{0,5}$"
_LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$"
_HEX = r"^([0-9a-f]{2}){0,8192}$"

DeviceState = Literal["live", "off", "lost"]


@dataclass(frozen=True, slots=True)
class Devices:
    camera: DeviceState = "live"
    microphone: DeviceState = "live"
    echo_cancellation: bool = False


class _Strict(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Legacy(_Strict):
    kind: Literal["legacy"] = "legacy"


class _Video(_Strict):
    codec: str = Field(pattern=r"^(avc1|vp09|av01)\.[A-Za-z0-9.]{1,40}$")
    container: _Legacy = _Legacy()
    description: str = Field(default="", pattern=_HEX)
    codedWidth: int = Field(ge=2, le=8192)
    codedHeight: int = Field(ge=2, le=8192)
    framerate: float = Field(default=0, ge=0, le=240, allow_inf_nan=False)
    bitrate: int = Field(default=0, ge=0, le=200_000_000)


class _Audio(_Strict):
    codec: Literal["opus"]
    container: _Legacy = _Legacy()
    sampleRate: Literal[48_000]
    numberOfChannels: Literal[1, 2]
    bitrate: int = Field(default=0, ge=0, le=1_000_000)


class _VideoSection(_Strict):
    renditions: dict[str, _Video] = Field(default_factory=dict, max_length=8)


class _AudioSection(_Strict):
    renditions: dict[str, _Audio] = Field(default_factory=dict, max_length=16)


class _Track(_Strict):
    kind: Literal["video", "audio"]
    rotation: Literal[0, 90, 180, 270] = 0
    role: Role | None = None
    language: str | None = Field(default=None, pattern=_LANGUAGE)
    interprets: str | None = Field(default=None, pattern=r"^[a-z0-9-]{1,40}/[a-z0-9-]{1,24}$")


class _Devices(_Strict):
    camera: DeviceState = "live"
    microphone: DeviceState = "live"
    echo_cancellation: bool = False


class _Ours(_Strict):
    version: Literal[1]
    run: str = Field(pattern=r"^[0-9a-f]{16}$")
    epoch_us: int = Field(ge=0, lt=1 << 53)
    tracks: dict[str, _Track] = Field(max_length=24)
    devices: _Devices = _Devices()


class _Root(_Strict):
    video: _VideoSection = _VideoSection()
    audio: _AudioSection = _AudioSection()
    vivavoce: _Ours


@dataclass(frozen=True, slots=True)
class Catalog:
    """A checked catalogue. raw: the bytes that were checked, for forwarding untouched."""

    run: str
    epoch_us: int
    tracks: dict[str, TrackConfig]
    devices: Devices = field(default_factory=Devices)
    raw: bytes = b""

    @classmethod
    def parse(cls, raw: bytes) -> Catalog:
        """Check a catalogue that a seat published.

        Raises PeerError `line.catalog` (not JSON, too large, a rule of L3 to L6 broken, and which) or
        `line.codec`. Does not check that the descriptions decode.
        """
        if len(raw) > MAX_CATALOG_BYTES:
            raise PeerError("line.catalog", f"A catalogue of {len(raw)} bytes is over {MAX_CATALOG_BYTES}.")
        try:
            root = _Root.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole"
            code = "line.codec" if first["loc"] and first["loc"][-1] == "codec" else "line.catalog"
            raise PeerError(code, f"The catalogue is refused at {where}: {first['msg']}.") from None
        return cls(
            run=root.vivavoce.run,
            epoch_us=root.vivavoce.epoch_us,
            tracks=_tracks(root),
            devices=Devices(**root.vivavoce.devices.model_dump()),
            raw=raw,
        )

    def to_json(self) -> bytes:
        """The catalogue as a publisher writes it; `parse` gives it back."""
        video: dict[str, Any] = {}
        audio: dict[str, Any] = {}
        ours: dict[str, Any] = {}
        for track in self.tracks.values():
            if track.kind == "video":
                entry: dict[str, Any] = {"codec": track.codec, "container": {"kind": "legacy"}}
                if track.description:
                    entry["description"] = track.description.hex()
                entry |= {"codedWidth": track.width, "codedHeight": track.height}
                entry |= {"framerate": track.framerate, "bitrate": track.bitrate, "optimizeForLatency": True}
                video[track.name] = entry
                ours[track.name] = {"kind": "video", "rotation": track.rotation}
            else:
                audio[track.name] = {
                    "codec": track.codec,
                    "container": {"kind": "legacy"},
                    "sampleRate": track.sample_rate,
                    "numberOfChannels": track.channels,
                    "bitrate": track.bitrate,
                }
                ours[track.name] = {
                    "kind": "audio",
                    "role": track.role,
                    "language": track.language,
                    "interprets": track.interprets,
                }
        root: dict[str, Any] = {}
        if video:
            root["video"] = {"renditions": video}
        if audio:
            root["audio"] = {"renditions": audio}
        root["vivavoce"] = {
            "version": 1,
            "run": self.run,
            "epoch_us": self.epoch_us,
            "tracks": ours,
            "devices": {
                "camera": self.devices.camera,
                "microphone": self.devices.microphone,
                "echo_cancellation": self.devices.echo_cancellation,
            },
        }
        return json.dumps(root, separators=(",", ":")).encode()


def _tracks(root: _Root) -> dict[str, TrackConfig]:
    listed = set(root.video.renditions) | set(root.audio.renditions)
    if len(listed) != len(root.video.renditions) + len(root.audio.renditions):
        raise PeerError("line.catalog", "A track is listed both as picture and as sound.")
    if listed != set(root.vivavoce.tracks):
        odd = sorted(listed ^ set(root.vivavoce.tracks))[0]
        raise PeerError("line.catalog", f"The track {odd!r} stands in only one of the catalogue's sections.")
    tracks: dict[str, TrackConfig] = {}
    for name, video in root.video.renditions.items():
        ours = root.vivavoce.tracks[name]
        if not re.fullmatch(_NAME, name) or ours.kind != "video":
            raise PeerError("line.catalog", f"{name!r} is not the name and kind of a picture track.")
        if video.codec.startswith("avc1") and not video.description:
            raise PeerError("line.catalog", f"The H.264 track {name!r} has no description (avcC).")
        tracks[name] = TrackConfig(
            name=name,
            kind="video",
            codec=video.codec,
            description=bytes.fromhex(video.description),
            width=video.codedWidth,
            height=video.codedHeight,
            rotation=ours.rotation,
            framerate=video.framerate,
            bitrate=video.bitrate,
        )
    for name, audio in root.audio.renditions.items():
        ours = root.vivavoce.tracks[name]
        if not re.fullmatch(_NAME, name) or ours.kind != "audio":
            raise PeerError("line.catalog", f"{name!r} is not the name and kind of a sound track.")
        if (
            ours.language is None
            or ours.role is None
            or (ours.role == "booth") != (ours.interprets is not None)
        ):
            raise PeerError("line.catalog", f"The sound track {name!r} lacks its language, role or original.")
        tracks[name] = TrackConfig(
            name=name,
            kind="audio",
            codec=audio.codec,
            sample_rate=audio.sampleRate,
            channels=audio.numberOfChannels,
            bitrate=audio.bitrate,
            language=ours.language,
            role=ours.role,
            interprets=ours.interprets,
        )
    return tracks
