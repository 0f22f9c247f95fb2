"""Whose run it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tools.vectors.show import (
    DEVICE,
    EPOCH_US,
    FOUNDING,
    IDENTITY,
    OTHER,
    RUN,
    RUN_ID,
    STATEMENT,
    public,
    signed,
)
from tools.vectors.vector import Vector, vector
from vivavoce.seal.statement import DeviceStatement, Founding, Revocation, RunStatement


def runs() -> Iterator[tuple[str, Vector]]:
    south = RunStatement(RUN_ID, public(RUN), "south", EPOCH_US)
    voucher = DeviceStatement(public(DEVICE), "south", "A laptop", EPOCH_US - 1, EPOCH_US + 1)
    statement = signed("run", south.to_bytes(), DEVICE)
    vouched = signed("device", voucher.to_bytes(), IDENTITY)
    elsewhere = replace(FOUNDING, discussion="aaaaaaaaaa")
    small = RunStatement(RUN_ID, (1).to_bytes(32, "little"), "north", EPOCH_US)

    def case(
        about: str,
        statement: bytes,
        vouchers: list[bytes],
        expect: str = "seal.run",
        *,
        standing: str | None = None,
        device: Ed25519PrivateKey = DEVICE,
        revocations: tuple[bytes, ...] = (),
        founding: Founding = FOUNDING,
        source: str = "S16",
    ) -> Vector:
        given = {
            "founding": founding.to_bytes().hex(),
            "statement": statement.hex(),
            "device": public(device).hex(),
            "vouchers": [one.hex() for one in vouchers],
            "revocations": [one.hex() for one in revocations],
        }
        return vector(about, source, given, expect, {"standing": standing} if standing else None)

    def vouch(by: Ed25519PrivateKey = IDENTITY, **changed: Any) -> bytes:
        return signed("device", replace(voucher, **changed).to_bytes(), by)

    def revoke(at_us: int) -> bytes:
        return signed("revocation", Revocation(public(DEVICE), at_us).to_bytes(), IDENTITY)

    yield "host", case("a side without an identity key", STATEMENT, [], "ok", standing="host")
    yield (
        "identity",
        case("a side that vouches for its device", statement, [vouched], "ok", standing="identity"),
    )
    yield (
        "two_vouchers",
        case(
            "one voucher of two holds", statement, [vouch(seat="north"), vouched], "ok", standing="identity"
        ),
    )
    yield "no_voucher", case("an identity key, and no voucher", statement, [])
    yield "other_device", case("a statement of another device", STATEMENT, [], device=OTHER)
    yield "other_discussion", case("a statement for another discussion", STATEMENT, [], founding=elsewhere)
    yield (
        "other_kind",
        case("a seal in place of a statement", signed("seal", south.to_bytes(), DEVICE), [vouched]),
    )
    yield (
        "no_seat",
        case("a side that is not there", signed("run", replace(south, seat="west").to_bytes(), DEVICE), []),
    )
    yield "foreign_voucher", case("a voucher of another key", statement, [vouch(OTHER)])
    yield "other_seat", case("a voucher for the other side", statement, [vouch(seat="north")])
    yield (
        "too_early",
        case(
            "a voucher that is not valid yet", statement, [vouch(from_us=EPOCH_US + 1, until_us=EPOCH_US + 2)]
        ),
    )
    yield "over", case("a voucher that is over", statement, [vouch(until_us=EPOCH_US)])
    yield (
        "revoked",
        case(
            "a device that was revoked", statement, [vouched], revocations=(revoke(EPOCH_US),), source="S17"
        ),
    )
    yield (
        "revoked_later",
        case(
            "a device that was revoked afterwards",
            statement,
            [vouched],
            "ok",
            standing="identity",
            revocations=(revoke(EPOCH_US + 1),),
            source="S17",
        ),
    )
    yield (
        "foreign_revocation",
        case(
            "a revocation that the side did not sign",
            statement,
            [vouched],
            "ok",
            standing="identity",
            revocations=(signed("revocation", Revocation(public(DEVICE), 0).to_bytes(), OTHER),),
            source="S17",
        ),
    )
    yield (
        "rubbish",
        case("rubbish before a voucher", statement, [b"rubbish", vouched], "ok", standing="identity"),
    )
    twice = replace(FOUNDING, sides=(FOUNDING.sides[0], FOUNDING.sides[0]))
    titled = replace(FOUNDING, title="🎙" * 200)
    named = signed("run", RunStatement(RUN_ID, public(RUN), "north", EPOCH_US).to_bytes(), DEVICE, titled)
    yield (
        "title_long",
        case("the longest title, 800 bytes", named, [], "ok", standing="host", founding=titled, source="S14"),
    )
    over = replace(FOUNDING, title="x" * 1025)
    yield "title_over", case("too long a title", STATEMENT, [], "seal.founding", founding=over, source="S14")
    yield "seat_twice", case("a seat twice", STATEMENT, [], "seal.founding", founding=twice, source="S14")
    yield (
        "small_order",
        case(
            "a run's key of small order", signed("run", small.to_bytes(), DEVICE), [], "seal.key", source="S4"
        ),
    )
    yield "cut", case("a statement that is cut off", STATEMENT[:-1], [])
    yield (
        "founding",
        {
            **case("founding facts that are none", STATEMENT, [], "seal.founding", source="S14"),
            "input": {**case("", STATEMENT, [])["input"], "founding": "8400"},
        },
    )
