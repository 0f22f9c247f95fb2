"""A revocation is kept by the host and told to everybody, if an identity key of the discussion signed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.web.conftest import Web
from vivavoce.discussion.discussion import Discussion
from vivavoce.discussion.revoked import LATE_US, MOST_REVOKED
from vivavoce.seal.founding import founding_of
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Revocation

pytestmark = pytest.mark.anyio


@dataclass
class Sides:
    """A discussion to which north and south brought identity keys."""

    web: Web
    id: str
    north: Signer = field(default_factory=Signer)
    south: Signer = field(default_factory=Signer)
    device: Signer = field(default_factory=Signer)

    @property
    def discussion(self) -> Discussion:
        return self.web.site.desk.rooms[self.id].discussion

    def signed(
        self, *, by: Signer | None = None, device: bytes | None = None, later_us: int = 0, kind: str = ""
    ) -> bytes:
        """later_us: than the host's clock. kind: of statement, if it is to be signed as another."""
        said = Revocation(device or self.device.public, self.web.clock.at_us + later_us)
        founding = founding_of(self.discussion)
        return (by or self.north).envelope(kind or "revocation", founding.digest, said.to_bytes())

    async def sends(self, raw: bytes, client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(f"/api/discussions/{self.id}/revocations", content=raw)

    async def told(self, client: httpx.AsyncClient) -> list[str]:
        answer = await client.get(f"/api/discussions/{self.id}/founding")
        return list(answer.json()["revocations"])


@pytest.fixture
async def sides(web: Web) -> Sides:
    north, south = Signer(), Signer()
    keys = [{"identity_key": each.public.hex()} for each in (north, south)]
    return Sides(web, (await web.made(sides=keys))["id"], north, south)


async def test_it_is_kept_told_and_recorded(sides: Sides, client: httpx.AsyncClient) -> None:
    assert await sides.told(client) == []
    raw = sides.signed()
    assert (await sides.sends(raw, client)).status_code == 204
    assert await sides.told(client) == [raw.hex()]
    recording: Any = sides.web.site.desk._recording
    assert recording.opened[sides.id]["revocations"] == [raw.hex()]
    assert sides.web.line.ended == [], "nobody is put off the air by it"


async def test_it_is_still_there_when_the_host_has_let_the_discussion_go(
    sides: Sides, client: httpx.AsyncClient
) -> None:
    raw = sides.signed()
    await sides.sends(raw, client)
    sides.web.site.desk._let_go(sides.id)
    assert await sides.told(client) == [raw.hex()]


async def test_one_that_comes_again_changes_nothing_however_late(
    sides: Sides, client: httpx.AsyncClient
) -> None:
    raw, later = sides.signed(), sides.signed(later_us=5)
    await sides.sends(raw, client)
    sides.web.clock.at_us += 2 * LATE_US
    assert (await sides.sends(raw, client)).status_code == 204
    assert (await sides.sends(later, client)).status_code == 204
    assert await sides.told(client) == [raw.hex()], "what is revoked from then on is so later too"


async def test_an_earlier_one_of_the_same_device_is_kept_too(sides: Sides, client: httpx.AsyncClient) -> None:
    late, early = sides.signed(later_us=5), sides.signed()
    for raw in (late, early):
        assert (await sides.sends(raw, client)).status_code == 204
    assert await sides.told(client) == [late.hex(), early.hex()]


HOSTILE: dict[str, tuple[Callable[[Sides], bytes], int, str]] = {
    "nothing": (lambda _: b"", 422, "seal.form"),
    "noise": (lambda _: b"\x84" * 128, 422, "seal.form"),
    "JSON": (lambda _: b'{"revocation": ""}', 422, "seal.form"),
    "one that is cut off": (lambda it: it.signed()[:-1], 422, "seal.form"),
    "one with a byte after its end": (lambda it: it.signed() + b"\0", 422, "seal.form"),
    "one byte over what may be": (lambda _: b"\x84" * 257, 413, "input.too_large"),
    "far too much": (lambda _: b"\x84" * 70_000, 413, "input.too_large"),
    "one that a stranger signed": (lambda it: it.signed(by=Signer()), 422, "seal.signature"),
    "one that the device itself signed": (lambda it: it.signed(by=it.device), 422, "seal.signature"),
    "a bit of the signature turned": (
        lambda it: it.signed()[:-1] + bytes([it.signed()[-1] ^ 1]),
        422,
        "seal.signature",
    ),
    "a signature that was made for another purpose": (
        lambda it: it.signed(kind="device"),
        422,
        "seal.signature",
    ),
    "a voucher that was signed as a revocation": (
        lambda it: it.north.envelope(
            "revocation",
            founding_of(it.discussion).digest,
            DeviceStatement(it.device.public, "north", "", 0, 1).to_bytes(),
        ),
        422,
        "seal.form",
    ),
    "one for another discussion": (
        lambda it: it.north.envelope(
            "revocation", b"\0" * 32, Revocation(it.device.public, it.web.clock.at_us).to_bytes()
        ),
        422,
        "seal.signature",
    ),
    "one that reaches back": (lambda it: it.signed(later_us=-LATE_US - 1), 422, "revocation.dated"),
}


@pytest.mark.parametrize("case", HOSTILE)
async def test_nothing_is_kept_of(case: str, sides: Sides, client: httpx.AsyncClient) -> None:
    make, status, code = HOSTILE[case]
    answer = await sides.sends(make(sides), client)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error["remedy"]
    assert await sides.told(client) == []


async def test_one_that_is_ten_minutes_old_is_just_taken(sides: Sides, client: httpx.AsyncClient) -> None:
    assert (await sides.sends(sides.signed(later_us=-LATE_US), client)).status_code == 204


async def test_an_identity_key_has_room_for_so_many_and_no_side_takes_the_others(
    sides: Sides, client: httpx.AsyncClient
) -> None:
    for number in range(MOST_REVOKED):
        raw = sides.signed(device=bytes([number]) * 32)
        assert (await sides.sends(raw, client)).status_code == 204
    answer = await sides.sends(sides.signed(device=b"\xff" * 32), client)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "revocation.full")
    assert (await sides.sends(sides.signed(device=b"\x01" * 32, later_us=9), client)).status_code == 204
    assert (await sides.sends(sides.signed(by=sides.south), client)).status_code == 204
    assert len(await sides.told(client)) == MOST_REVOKED + 1


async def test_where_no_side_brought_a_key_nobody_can_revoke(web: Web, client: httpx.AsyncClient) -> None:
    sides = Sides(web, (await web.made())["id"])
    answer = await sides.sends(sides.signed(), client)
    assert answer.json()["error"]["code"] == "seal.signature"


async def test_an_unknown_discussion_keeps_none(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/discussions/aaaaaaaaaa/revocations", content=b"x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "discussion.unknown")


async def test_what_one_address_sends_is_capped(sides: Sides, client: httpx.AsyncClient) -> None:
    answers = [(await sides.sends(b"x", client)).status_code for _ in range(61)]
    assert answers == [422] * 60 + [429]
    async with sides.web.client(address="192.0.2.9") as other:
        assert (await sides.sends(sides.signed(), other)).status_code == 204
