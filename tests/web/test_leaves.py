"""Leaves for whoever lost a part of a span: found, not found, cached, and not for ever."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.web.conftest import Web
from vivavoce.seal.leavesframe import MOST_LEAVES, LeavesFrame

pytestmark = pytest.mark.anyio

RUN = "0123456789abcdef"
FRAME = LeavesFrame(1, 100, [bytes(32), bytes([1]) * 32]).to_bytes()
WANTED: dict[str, Any] = {"run": RUN, "track": 1, "group": 100, "count": 2}


async def asked(web: Web, client: httpx.AsyncClient, **changed: Any) -> httpx.Response:
    web.line.remembered[RUN, 1, 100, 2] = FRAME
    return await client.get("/api/discussions/k7m2xq4vw9/leaves", params=WANTED | changed)


async def test_they_are_given_as_they_travel_and_may_be_kept(web: Web, client: httpx.AsyncClient) -> None:
    answer = await asked(web, client)
    assert (answer.status_code, answer.content) == (200, FRAME)
    assert answer.headers["content-type"] == "application/cbor"
    assert answer.headers["cache-control"] == "public, max-age=60, immutable"


@pytest.mark.parametrize("changed", [{"run": "00" * 8}, {"track": 2}, {"group": 99}, {"count": 3}], ids=str)
async def test_what_is_not_remembered_is_not_found(
    changed: dict[str, Any], web: Web, client: httpx.AsyncClient
) -> None:
    answer = await asked(web, client, **changed)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "leaves.unknown"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "changed",
    [
        {"run": "x"},
        {"run": RUN.upper()},
        {"track": 256},
        {"track": -1},
        {"group": 1 << 53},
        {"count": 0},
        {"count": MOST_LEAVES + 1},
        {"more": 1},
    ],
    ids=str,
)
async def test_what_no_span_can_be_is_refused(
    changed: dict[str, Any], web: Web, client: httpx.AsyncClient
) -> None:
    answer = await asked(web, client, **changed)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "input.malformed"


async def test_an_address_may_ask_so_often_and_another_is_not_concerned(
    web: Web, client: httpx.AsyncClient
) -> None:
    web.site.leaves._limit = 5
    answers = [(await asked(web, client)).status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2
    async with web.client(address="192.0.2.7") as other:
        assert (await asked(web, other)).status_code == 200
    web.clock.at_us += 61_000_000
    assert (await asked(web, client)).status_code == 200
