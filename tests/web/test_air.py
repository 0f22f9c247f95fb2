"""Going on air and leaving it, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.web.conftest import Web, bearer, stage_secret

pytestmark = pytest.mark.anyio

PHONE = {"device": "the-phone-1"}
LAPTOP = {"device": "the-laptop"}


async def seat(web: Web, number: int = 0) -> tuple[str, dict[str, str]]:
    """The path of a side's seat in a new discussion, and the headers of who holds its secret."""
    made = await web.made()
    side = made["sides"][number]
    return f"/api/discussions/{made['id']}/seats/{side['side']}", bearer(stage_secret(side))


async def test_a_device_goes_on_air_and_leaves(web: Web, client: httpx.AsyncClient) -> None:
    path, headers = await seat(web)
    answer = await client.post(f"{path}/air", json=PHONE, headers=headers)
    assert answer.status_code == 201
    grant = answer.json()
    assert grant["line"] == {"url": "https://127.0.0.1:4443/line", "fingerprint": "ab" * 32}
    assert grant["path"] == path.split("/")[3] + "/north"
    assert grant["clock_us"] == web.clock.at_us
    known = web.site.desk.grant(grant["token"])
    assert known is not None
    assert known.run == grant["run"]
    now = (await client.get(path, headers=headers)).json()
    assert (now["seat"], now["on_air"], now["run"]) == ("north", True, grant["run"])
    assert now["discussion"]["state"]["seats"]["north"]["device"] == known.device
    left = await client.delete(f"{path}/air", headers=bearer(grant["token"]))
    assert (left.status_code, left.content) == (204, b"")
    assert web.site.desk.grant(grant["token"]) is None


async def test_another_device_takes_over_only_knowingly(web: Web, client: httpx.AsyncClient) -> None:
    path, headers = await seat(web)
    first = (await client.post(f"{path}/air", json=PHONE, headers=headers)).json()
    web.clock.at_us += 1_000_000
    refused = await client.post(f"{path}/air", json=LAPTOP, headers=headers)
    assert refused.status_code == 409
    error = refused.json()["error"]
    known = web.site.desk.grant(first["token"])
    assert known is not None
    assert (error["code"], error["device"]) == ("air.taken", known.device)
    assert error["since_us"] == web.clock.at_us - 1_000_000
    second = await client.post(f"{path}/air", json=LAPTOP | {"take_over": True}, headers=headers)
    assert second.status_code == 201
    assert web.site.desk.grant(first["token"]) is None
    events = [event["event"] for event in web.line.shown[path.split("/")[3]]["events"]]
    assert events == ["went_on_air", "taken_over"]


async def test_the_same_device_or_its_token_is_asked_nothing(web: Web, client: httpx.AsyncClient) -> None:
    path, headers = await seat(web)
    first = (await client.post(f"{path}/air", json=PHONE, headers=headers)).json()
    again = await client.post(f"{path}/air", json=PHONE, headers=headers)
    assert again.status_code == 201
    assert again.json()["run"] != first["run"]
    shown = await client.post(f"{path}/air", json=LAPTOP | {"token": again.json()["token"]}, headers=headers)
    assert shown.status_code == 201
    void = await client.post(f"{path}/air", json=PHONE | {"token": first["token"]}, headers=headers)
    assert void.status_code == 409


async def test_a_stage_address_that_leaked_is_worth_nothing_once_renewed(
    web: Web, client: httpx.AsyncClient
) -> None:
    path, leaked = await seat(web)
    thief = (await client.post(f"{path}/air", json=PHONE, headers=leaked)).json()
    renewed = await client.post(f"{path}/renew", json={})
    assert renewed.status_code == 200
    assert web.site.desk.grant(thief["token"]) is None
    assert web.line.ended == [(path.split("/")[3], "north", "renewed")]
    for method, body in (("GET", None), ("POST", PHONE)):
        address = path if method == "GET" else f"{path}/air"
        answer = await client.request(method, address, json=body, headers=leaked)
        assert answer.json()["error"]["code"] == "access.stage"
    fresh = bearer(stage_secret(renewed.json()))
    assert (await client.post(f"{path}/air", json=LAPTOP, headers=fresh)).status_code == 201


SECRETS = {
    "none": {},
    "one that is wrong": bearer("A" * 43),
    "one that is short": bearer("A"),
    "no bearer": {"Authorization": "Basic QTpC"},
    "nothing after bearer": {"Authorization": "Bearer "},
    "a long one": bearer("A" * 8000),
}


@pytest.mark.parametrize("case", SECRETS)
async def test_a_seat_is_closed_to_a_secret_that_is(case: str, web: Web, client: httpx.AsyncClient) -> None:
    path, _ = await seat(web)
    for method, address, body in (("GET", path, None), ("POST", f"{path}/air", PHONE)):
        answer = await client.request(method, address, json=body, headers=SECRETS[case])
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["error"]["code"] == "access.stage"
    assert web.site.desk.on_air == 0


async def test_one_sides_secret_does_not_open_the_other_sides_seat(
    web: Web, client: httpx.AsyncClient
) -> None:
    made = await web.made()
    north, south = (stage_secret(side) for side in made["sides"])
    path = f"/api/discussions/{made['id']}/seats"
    assert (await client.get(f"{path}/south", headers=bearer(north))).status_code == 401
    assert (await client.get(f"{path}/south", headers=bearer(south))).status_code == 200
    assert (await client.get(f"{path}/south", headers=bearer(web.secret))).status_code == 401


async def test_wrong_secrets_are_throttled_by_address_and_the_right_one_still_passes(
    web: Web, client: httpx.AsyncClient
) -> None:
    path, headers = await seat(web)
    codes = [(await client.get(path, headers=bearer("A" * 43))).status_code for _ in range(25)]
    assert codes == [401] * 20 + [429] * 5
    throttled = await client.get(path, headers=bearer("A" * 43))
    assert throttled.headers["retry-after"] == "60"
    assert (await client.get(path, headers=headers)).status_code == 200
    web.clock.at_us += 60_000_000
    assert (await client.get(path, headers=bearer("A" * 43))).status_code == 401


async def test_leaving_without_being_on_air_or_with_another_token_is_refused(
    web: Web, client: httpx.AsyncClient
) -> None:
    path, headers = await seat(web)
    assert (await client.delete(f"{path}/air", headers=bearer("x"))).json()["error"]["code"] == "air.not_on"
    await client.post(f"{path}/air", json=PHONE, headers=headers)
    assert (await client.delete(f"{path}/air", headers=headers)).json()["error"]["code"] == "access.token"
    assert (await client.delete(f"{path}/air")).json()["error"]["code"] == "access.token"
    assert web.site.desk.on_air == 1


BAD_ASKS: dict[str, Any] = {
    "no device": {},
    "a device of another form": {"device": "a b"},
    "a device that is short": {"device": "abc"},
    "a device that is long": {"device": "a" * 65},
    "take_over as text": PHONE | {"take_over": "yes"},
    "a long token": PHONE | {"token": "x" * 65},
    "more than was asked": PHONE | {"run": "0" * 16},
}


@pytest.mark.parametrize("case", BAD_ASKS)
async def test_going_on_air_is_refused_for(case: str, web: Web, client: httpx.AsyncClient) -> None:
    path, headers = await seat(web)
    answer = await client.post(f"{path}/air", json=BAD_ASKS[case], headers=headers)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "input.malformed"


async def test_an_unknown_seat_is_named_as_such(web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made()
    for seat_name in ("east", "host", "booth-fr"):
        answer = await client.get(
            f"/api/discussions/{made['id']}/seats/{seat_name}", headers=bearer("A" * 43)
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "seat.unknown")
