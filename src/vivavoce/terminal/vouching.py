"""What an identity key says of devices (docs/formats/seal.md, S15 and S17), and in plain words what it said.

The host tells the founding facts to which a signature is bound; so they are shown to whoever signs.
Pure.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from vivavoce.errors import EvidenceError, YourInputError
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Founding, FoundingSide, Revocation, parse_founding

__all__ = ["founding_told", "in_words", "revoked", "seats_of_key", "vouched"]

BACKDATE_US: Final = 600_000_000
"""A voucher holds from ten minutes ago, so that a device whose clock is that slow may begin at once."""
DAY_US: Final = 86_400_000_000


def founding_told(told: dict[str, Any], discussion: str) -> Founding:
    """The founding facts in what the host answered. discussion: its id, as the audience address has it.

    Raises EvidenceError `seal.founding` where they are not of their form, not of this discussion, or the
    hash is not theirs. Whether they are what the sides agreed on is for whoever reads them.
    """
    try:
        founding = parse_founding(bytes.fromhex(told["facts"]))
    except (KeyError, TypeError, ValueError):
        raise EvidenceError("seal.founding", "The host tells no founding facts.") from None
    if founding.discussion != discussion or founding.digest.hex() != told.get("hash"):
        raise EvidenceError("seal.founding", f"The host's founding facts are not those of {discussion}.")
    return founding


def vouched(
    founding: Founding, seat: str, identity: Signer, device: bytes, *, name: str, now_us: int, days: int
) -> tuple[bytes, DeviceStatement]:
    """The envelope that lets a device speak for the seat for so many days from now, and what it says.

    name: of the device or of who holds it, for everybody to see; empty for the seat's. Raises YourInputError
    `seat.unknown`, or `seal.key` where the seat did not bring this identity key.
    """
    side = founding.side(seat)
    if side is None:
        there = ", ".join(one.seat for one in founding.sides)
        raise YourInputError("seat.unknown", f"There is no seat {seat[:40]!r}; there are {there}.")
    if side.identity != identity.public:
        brought = f"brought the identity key {side.identity.hex()}" if side.identity else _NO_KEY
        raise YourInputError(
            "seal.key",
            f"The seat {seat} {brought}, and this one is {identity.public.hex()}.",
            remedy="Give the key that the discussion was made with, or have it made anew with this one.",
        )
    until_us = now_us + days * DAY_US
    statement = DeviceStatement(device, seat, name or side.name, now_us - BACKDATE_US, until_us)
    return identity.envelope("device", founding.digest, statement.to_bytes()), statement


_NO_KEY: Final = "brought no identity key"


def revoked(founding: Founding, identity: Signer, device: bytes, now_us: int) -> bytes:
    """The envelope by which a device does not speak for the key's seats from now on. Raises YourInputError
    `seal.key` where the key is of no seat."""
    if not seats_of_key(founding, identity.public):
        raise YourInputError(
            "seal.key",
            f"No seat of {founding.discussion} brought the identity key {identity.public.hex()}.",
            remedy="Give the key that the discussion was made with.",
        )
    return identity.envelope("revocation", founding.digest, Revocation(device, now_us).to_bytes())


def seats_of_key(founding: Founding, key: bytes) -> tuple[str, ...]:
    return tuple(one.seat for one in founding.sides if one.identity == key)


def in_words(founding: Founding) -> str:
    """The founding facts, a line for each seat."""
    made = f"made {moment(founding.created_us)}"
    lines = [f"The discussion {shown(founding.title) or 'without a title'} ({founding.discussion}), {made}:"]
    return "\n".join(
        [
            *lines,
            *(f"  {_of_seat(one)}" for one in founding.sides),
            f"  founding hash {founding.digest.hex()}",
        ]
    )


def _of_seat(one: FoundingSide) -> str:
    key = f"identity key {one.identity.hex()}" if one.identity else "key introduced by the host"
    return f"{one.seat}: {shown(one.name)}, {shown(one.language)}, {key}"


def moment(at_us: int) -> str:
    """Unix microseconds as a date and a time of day, UTC."""
    try:
        return datetime.fromtimestamp(at_us // 1_000_000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"at {at_us} µs"


def shown(text: str) -> str:
    """A text of the host's for a terminal, which may be commanded by characters that are not seen."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
