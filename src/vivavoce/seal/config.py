"""A track's whole decoder configuration, as it is sealed (docs/formats/seal.md, S5).

A player decodes by this, never by the catalogue: who may change a picture's size may crop somebody out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vivavoce.errors import EvidenceError
from vivavoce.seal.cbor import Item, decode, encode

__all__ = ["ROLES", "PictureConfig", "SealedConfig", "SoundConfig", "parse_config"]

Role = Literal["floor", "booth", "clean"]
ROLES: Final[tuple[Role, ...]] = ("floor", "booth", "clean")
_MOST_TEXT: Final = 64
_MOST_DESCRIPTION: Final = 8_192
_MOST_SIDE: Final = 8_192


@dataclass(frozen=True, slots=True)
class PictureConfig:
    """name: `hd.1`. codec: `avc1.42e01f`. description: avcC, or empty. width, height: coded, 2 to 8192.
    rotation: 0, 90, 180 or 270 degrees clockwise. millihertz: pictures in a thousand seconds, 0 if
    unknown."""

    name: str
    codec: str
    description: bytes
    width: int
    height: int
    rotation: int
    millihertz: int

    def to_bytes(self) -> bytes:
        text = (self.name.encode(), self.codec.encode())
        return encode([0, *text, self.description, self.width, self.height, self.rotation, self.millihertz])


@dataclass(frozen=True, slots=True)
class SoundConfig:
    """language: BCP 47. interprets: `<seat>/<rendition>` for a booth, else empty."""

    name: str
    codec: str
    rate: int
    channels: int
    language: str
    role: Role
    interprets: str

    def to_bytes(self) -> bytes:
        text = (self.name.encode(), self.codec.encode())
        role = ROLES.index(self.role)
        of = (self.language.encode(), role, self.interprets.encode())
        return encode([1, *text, self.rate, self.channels, *of])


SealedConfig = PictureConfig | SoundConfig


def parse_config(raw: bytes) -> SealedConfig:
    """Raises EvidenceError `seal.config`. Whether a decoder can use it is not looked at."""
    try:
        match decode(raw):
            case [0, bytes(name), bytes(codec), bytes(description), int(w), int(h), int(turn), int(rate)]:
                if not (2 <= w <= _MOST_SIDE and 2 <= h <= _MOST_SIDE and turn in (0, 90, 180, 270)):
                    raise _refused(raw)
                if len(description) > _MOST_DESCRIPTION or rate > 240_000:
                    raise _refused(raw)
                return PictureConfig(_text(name, 1), _text(codec, 1), description, w, h, turn, rate)
            case [1, bytes(name), bytes(codec), int(rate), int(channels), bytes(lang), int(role), bytes(of)]:
                if rate == 0 or not 1 <= channels <= 8 or role >= len(ROLES):
                    raise _refused(raw)
                texts = _text(name, 1), _text(codec, 1)
                return SoundConfig(*texts, rate, channels, _text(lang, 1), ROLES[role], _text(of, 0))
    except EvidenceError as error:
        raise _refused(raw) from error
    raise _refused(raw)


def _text(raw: Item, least: int) -> str:
    """Printable ASCII: names, codecs and language tags need nothing else, and nobody is misled by
    how it looks."""
    if not isinstance(raw, bytes) or not least <= len(raw) <= _MOST_TEXT:
        raise EvidenceError("seal.config", "A text of a configuration is not of 1 to 64 bytes.")
    if not all(32 < byte < 127 for byte in raw):
        raise EvidenceError(
            "seal.config", "A text of a configuration is not printable ASCII of 1 to 64 bytes."
        )
    return raw.decode("ascii")


def _refused(raw: bytes) -> EvidenceError:
    return EvidenceError("seal.config", f"These {len(raw)} bytes are no decoder's configuration.")
