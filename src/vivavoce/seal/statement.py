"""Who may seal for whom: founding facts, devices, runs (docs/formats/seal.md, S14 to S18).

    identity key ── device statement ──> device key ── run statement ──> run key ── seals

An identity key stands in the founding facts, which were published before the event. Where a side brought
none, its device's key is the host's word, and everyone is told so.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from vivavoce.errors import EvidenceError
from vivavoce.seal.cbor import decode, encode
from vivavoce.seal.digest import DIGEST_BYTES, tagged
from vivavoce.seal.envelope import open_envelope, purpose
from vivavoce.seal.keys import KEY_BYTES, check_key, key_id

__all__ = [
    "DeviceStatement",
    "Founding",
    "FoundingSide",
    "Revocation",
    "RunStatement",
    "Standing",
    "parse_founding",
    "revocation_of",
    "run_of",
]

Standing = Literal["identity", "host"]
"""By whose word a device's key is the side's: its own, given before the event, or the host's."""
RUN_BYTES: Final = 8
MOST_TEXT: Final = 1024
"""A title of 200 characters takes up to 800 bytes of UTF-8."""
MOST_SIDES: Final = 64


@dataclass(frozen=True, slots=True)
class FoundingSide:
    """seat: `north`. name: as it is shown. language: BCP 47. identity: 32 bytes, or empty where it brought
    none."""

    seat: str
    name: str
    language: str
    identity: bytes = b""


@dataclass(frozen=True, slots=True)
class Founding:
    """What is fixed before anybody is on air."""

    discussion: str
    title: str
    created_us: int
    sides: tuple[FoundingSide, ...]

    def to_bytes(self) -> bytes:
        sides = [
            [one.seat.encode(), one.name.encode(), one.language.encode(), one.identity] for one in self.sides
        ]
        return encode([self.discussion.encode(), self.title.encode(), self.created_us, sides])

    @property
    def digest(self) -> bytes:
        """The founding hash, in every signature and in every span."""
        return tagged("vv/founding/1", self.to_bytes())

    def side(self, seat: str) -> FoundingSide | None:
        return next((one for one in self.sides if one.seat == seat), None)


def parse_founding(raw: bytes) -> Founding:
    """Raises EvidenceError `seal.founding`."""
    try:
        match decode(raw):
            case [bytes(discussion), bytes(title), int(created_us), list(sides)] if len(sides) <= MOST_SIDES:
                all_sides = tuple(_founding_side(one) for one in sides)
                if len({one.seat for one in all_sides}) < len(all_sides):
                    raise _unfounded("a seat stands there twice")
                return Founding(_text(discussion), _text(title), created_us, all_sides)
    except EvidenceError as error:
        raise _unfounded("they are not of their form") from error
    raise _unfounded("they are not of their form")


def _founding_side(item: Any) -> FoundingSide:
    match item:
        case [bytes(seat), bytes(name), bytes(language), bytes(identity)]:
            if identity:
                check_key(identity)
            return FoundingSide(_text(seat), _text(name), _text(language), identity)
    raise _unfounded("a side is not of its form")


@dataclass(frozen=True, slots=True)
class DeviceStatement:
    """Signed by an identity key: this device speaks for the seat between two times, Unix microseconds."""

    device: bytes
    seat: str
    name: str
    from_us: int
    until_us: int

    def to_bytes(self) -> bytes:
        return encode([self.device, self.seat.encode(), self.name.encode(), self.from_us, self.until_us])


@dataclass(frozen=True, slots=True)
class Revocation:
    """Signed by an identity key: from `at_us` on this device does not speak for the seat."""

    device: bytes
    at_us: int

    def to_bytes(self) -> bytes:
        return encode([self.device, self.at_us])


@dataclass(frozen=True, slots=True)
class RunStatement:
    """Signed by a device key: this key seals this run. client: SHA-256 of the program that seals, or
    empty."""

    run: bytes
    key: bytes
    seat: str
    epoch_us: int
    client: bytes = b""

    def to_bytes(self) -> bytes:
        return encode([self.run, self.key, self.seat.encode(), self.epoch_us, self.client])


def run_of(
    founding: Founding,
    statement: bytes,
    device_key: bytes,
    vouchers: Iterable[bytes] = (),
    *,
    revocations: Sequence[bytes] = (),
) -> tuple[RunStatement, Standing]:
    """The run that a statement begins, and by whose word its device is the side's.

    statement, vouchers, revocations: envelopes of a run statement, of device statements and of revocations.
    device_key: whom the host names. What of vouchers and revocations the identity key did not sign is left
    out. Raises EvidenceError `seal.run` where the statement is not this device's, or the side brought an
    identity key and no voucher of it holds for this device at the run's beginning, or it was revoked by
    then; `seal.key` for a key that none may have. Whether the client is a good one is not looked at.
    """
    run = _run(_opened(statement, "run", founding, device_key))
    side = founding.side(run.seat)
    if side is None:
        raise _no_run(f"there is no side {run.seat}")
    if not side.identity:
        return run, "host"
    for item in _theirs(revocations, "revocation", founding, side.identity):
        revoked = _revocation(item)
        if revoked.device == device_key and revoked.at_us <= run.epoch_us:
            raise _no_run("its device was revoked")
    for item in _theirs(vouchers, "device", founding, side.identity):
        voucher = _device(item)
        same = voucher.device == device_key and voucher.seat == run.seat
        if same and voucher.from_us <= run.epoch_us < voucher.until_us:
            return run, "identity"
    raise _no_run("the side's identity key does not vouch for its device at that time")


def revocation_of(founding: Founding, raw: bytes) -> tuple[bytes, Revocation]:
    """Which identity key of a discussion signed a revocation for it, and what it says.

    Raises EvidenceError `seal.form` for what is no revocation, `seal.signature` where no identity key of
    these facts signed it for this discussion. Whether its device was ever the side's is not looked at.
    """
    envelope = open_envelope(raw)
    keys = dict.fromkeys(one.identity for one in founding.sides if one.identity)
    key = next((one for one in keys if key_id(one) == envelope.kid), None)
    if key is None:
        raise EvidenceError("seal.signature", "No identity key of this discussion signed the revocation.")
    envelope.check(key, purpose("revocation", founding.digest))
    try:
        return key, _revocation(decode(envelope.payload))
    except EvidenceError as error:
        raise EvidenceError("seal.form", "What the identity key signed is no revocation.") from error


def _theirs(raws: Iterable[bytes], kind: str, founding: Founding, key: bytes) -> Iterator[Any]:
    """What of these the key signed: anybody may add something else, and nobody may stop a side by it."""
    for raw in raws:
        with contextlib.suppress(EvidenceError):
            yield _opened(raw, kind, founding, key)


def _opened(raw: bytes, kind: str, founding: Founding, key: bytes) -> Any:
    try:
        envelope = open_envelope(raw)
        if envelope.kid != key_id(key):
            raise _no_run(f"its {kind} statement names another key")
        envelope.check(key, purpose(kind, founding.digest))
        return decode(envelope.payload)
    except EvidenceError as error:
        if error.code in ("seal.run", "seal.key"):
            raise
        raise _no_run(f"its {kind} statement does not hold") from error


def _run(item: Any) -> RunStatement:
    match item:
        case [bytes(run), bytes(key), bytes(seat), int(epoch_us), bytes(client)]:
            if len(run) == RUN_BYTES and len(client) in (0, DIGEST_BYTES):
                check_key(key)
                return RunStatement(run, key, _seat(seat), epoch_us, client)
    raise _no_run("its statement is not of its form")


def _device(item: Any) -> DeviceStatement:
    match item:
        case [bytes(device), bytes(seat), bytes(name), int(from_us), int(until_us)]:
            if len(device) == KEY_BYTES:
                return DeviceStatement(device, _seat(seat), _seat(name), from_us, until_us)
    raise _no_run("a device statement is not of its form")


def _revocation(item: Any) -> Revocation:
    match item:
        case [bytes(device), int(at_us)] if len(device) == KEY_BYTES:
            return Revocation(device, at_us)
    raise _no_run("a revocation is not of its form")


def _seat(raw: bytes) -> str:
    try:
        return _text(raw)
    except EvidenceError as error:
        raise _no_run("a text of its statement is refused") from error


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unfounded("a text is not UTF-8") from error
    if len(raw) > MOST_TEXT or any(ord(one) < 32 or ord(one) == 127 for one in text):
        raise _unfounded(f"a text is over {MOST_TEXT} bytes, or has control characters")
    return text


def _unfounded(why: str) -> EvidenceError:
    return EvidenceError("seal.founding", f"The founding facts are refused: {why}.")


def _no_run(why: str) -> EvidenceError:
    return EvidenceError("seal.run", f"The run is not this side's: {why}.")
