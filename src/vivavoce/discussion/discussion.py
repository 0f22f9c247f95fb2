"""What a discussion is: its id, its seats, and what may be called a title, a name and a language.

Pure. Identifiers follow docs/formats/line.md, L1. Who is on air is in `air`, what is kept in `store`.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from vivavoce.errors import YourInputError

__all__ = [
    "ID_BYTES",
    "MAX_BOOTHS",
    "MAX_NAME",
    "MAX_TITLE",
    "SIDES",
    "Discussion",
    "NewSeat",
    "Seat",
    "booth_seat",
    "checked_identity",
    "checked_language",
    "checked_text",
    "discussion_id",
    "is_discussion_id",
    "is_seat_name",
    "seats_of",
]

SIDES: Final = ("north", "south")
ID_BYTES: Final = 7
"""Seven random bytes give the ten characters of an id 50 bits: not guessable by the asking."""
MAX_TITLE: Final = 200
MAX_NAME: Final = 80
MAX_BOOTHS: Final = 12
"""More languages than the United Nations interprets into, twice over."""

_KEY_BYTES: Final = 32

_ID = re.compile(r"[a-z2-7]{10}")
_SEAT = re.compile(r"north|south|booth-[a-z]{2,8}(-[a-z0-9]{1,8}){0,4}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
_MAX_LANGUAGE = 32

_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Seat:
    """A place from which someone publishes.

    seat: `north`, `south` or `booth-fr`. name: shown to everyone, 1 to 80 characters. language: BCP 47,
    what is spoken there. identity: the public Ed25519 key by which those who sit there vouch for their
    devices, 32 bytes, fixed from the beginning; empty where they brought none.
    """

    seat: str
    kind: Literal["side", "booth"]
    name: str
    language: str
    identity: bytes = b""


class NewSeat(NamedTuple):
    """A seat as it is asked for: as in `Seat`, but the name may be empty."""

    name: str
    language: str
    identity: bytes = b""


@dataclass(frozen=True, slots=True)
class Discussion:
    """The public facts of a discussion. created_us: the host's clock, Unix microseconds."""

    id: str
    title: str
    created_us: int
    seats: tuple[Seat, ...]

    def seat(self, name: str) -> Seat:
        """Raises YourInputError `seat.unknown`."""
        for seat in self.seats:
            if seat.seat == name:
                return seat
        raise YourInputError("seat.unknown", f"The discussion {self.id} has no seat {name[:64]!r}.")


def discussion_id(entropy: bytes) -> str:
    """The id for seven random bytes: ten characters of a-z2-7. Raises ValueError for another length."""
    if len(entropy) != ID_BYTES:
        raise ValueError(f"{len(entropy)} bytes, not {ID_BYTES}")
    return base64.b32encode(entropy).decode().lower()[:10]


def is_discussion_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def is_seat_name(text: str) -> bool:
    return _SEAT.fullmatch(text) is not None


def booth_seat(language: str) -> str:
    """The seat of the booth that interprets into `language`: `booth-` and the tag in lower case."""
    return "booth-" + language.lower()


def checked_language(tag: str) -> str:
    """The tag, if it has the form of BCP 47; raises YourInputError `input.malformed`.
    Does not check that such a language exists."""
    if len(tag) > _MAX_LANGUAGE or _LANGUAGE.fullmatch(tag) is None:
        raise YourInputError("input.malformed", f"{tag[:40]!r} is not a language tag such as en or pt-BR.")
    return tag


def checked_text(text: str, what: str, limit: int) -> str:
    """`text` in NFC, trimmed; raises YourInputError where it cannot be shown safely.

    what: for the message. limit: characters. Control characters and those that turn the direction of
    the text around them are refused, since a name stands in the middle of other people's sentences.
    """
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > limit:
        raise YourInputError(
            "input.too_large", f"The {what} has {len(text)} characters; {limit} are allowed."
        )
    for character in text:
        if character in _DIRECTION_CONTROLS or unicodedata.category(character) in ("Cc", "Cs"):
            name = f"U+{ord(character):04X}"
            raise YourInputError("input.malformed", f"The {what} holds {name}, which cannot be shown.")
    return text


def checked_identity(key: bytes) -> bytes:
    """The key, if it may be none or has 32 bytes; raises YourInputError `input.malformed`. Does not check
    that it is a good one: see `seal.keys.check_key`."""
    if key and len(key) != _KEY_BYTES:
        raise YourInputError("input.malformed", f"An identity key has {_KEY_BYTES} bytes, not {len(key)}.")
    return key


def seats_of(
    sides: Sequence[NewSeat | tuple[str, str]], booths: Sequence[NewSeat | tuple[str, str]] = ()
) -> tuple[Seat, ...]:
    """The seats of a new discussion.

    sides: north and south in this order, (name, language) where they bring no key; an empty name becomes
    North or South. booths: the same; an empty name becomes the language tag. Raises YourInputError for a
    name, a language, a key's length or a number of seats that is not allowed, and for two booths of one
    language.
    """
    if len(sides) != len(SIDES):
        raise YourInputError("input.malformed", f"A discussion has two sides, not {len(sides)}.")
    if len(booths) > MAX_BOOTHS:
        raise YourInputError(
            "input.too_large", f"{len(booths)} booths were asked for; {MAX_BOOTHS} are allowed."
        )
    seats = [
        Seat(
            seat,
            "side",
            checked_text(name, "side's name", MAX_NAME) or seat.title(),
            checked_language(language),
            checked_identity(identity),
        )
        for seat, (name, language, identity) in zip(SIDES, map(_new, sides), strict=True)
    ]
    for name, language, identity in map(_new, booths):
        seat = booth_seat(checked_language(language))
        if any(other.seat == seat for other in seats):
            raise YourInputError("input.malformed", f"Two booths interpret into {language!r}.")
        shown = checked_text(name, "booth's name", MAX_NAME) or language
        seats.append(Seat(seat, "booth", shown, language, checked_identity(identity)))
    return tuple(seats)


def _new(asked: NewSeat | tuple[str, str]) -> NewSeat:
    return asked if isinstance(asked, NewSeat) else NewSeat(*asked)
