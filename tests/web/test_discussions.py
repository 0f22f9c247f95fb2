"""Making discussions, and knowing them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.web.conftest import Web, bearer, stage_secret
from vivavoce.seal.statement import Founding, FoundingSide, parse_founding

pytestmark = pytest.mark.anyio


async def test_a_new_discussion_tells_its_addresses_once(web: Web, client: httpx.AsyncClient) -> None:
    sides = [{"name": "Ana", "language": "pt"}, {"name": "Боб", "language": "ru"}]
    made = await web.made(title="Title", sides=sides, booths=[{"language": "fr"}])
    assert made["audience_url"] == f"http://localhost:8080/d/{made['id']}"
    assert [(side["side"], side["name"], side["language"]) for side in made["sides"]] == [
        ("north", "Ana", "pt"),
        ("south", "Боб", "ru"),
    ]
    assert made["booths"][0]["seat"] == "booth-fr"
    secrets = {stage_secret(each) for each in [*made["sides"], *made["booths"]]}
    assert len(secrets) == 3
    assert all(len(secret) == 43 for secret in secrets)
    for path in (f"/api/discussions/{made['id']}", "/api/discussions"):
        text = (await client.get(path)).text
        assert made["id"] in text
        assert not any(secret in text for secret in secrets)


async def test_a_discussion_may_be_made_of_nothing_but_defaults(web: Web) -> None:
    made = await web.made()
    assert [side["name"] for side in made["sides"]] == ["North", "South"]
    assert made["booths"] == []


async def test_the_public_facts_hold_the_state(web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made(title="Title")
    facts = (await client.get(f"/api/discussions/{made['id']}")).json()
    assert facts["title"] == "Title"
    assert [seat["seat"] for seat in facts["seats"]] == ["north", "south"]
    assert facts["state"]["seats"]["north"]["on_air"] is False
    assert facts["state"] == {**web.line.shown[made["id"]], "at_us": facts["state"]["at_us"]}


async def test_addresses_follow_the_name_that_was_asked(web: Web) -> None:
    async with web.client("http://127.0.0.1:9000") as other:
        made = (await other.post("/api/discussions", json={})).json()
    assert made["audience_url"].startswith("http://127.0.0.1:9000/d/")


async def test_a_host_that_others_reach_hands_out_addresses_that_they_can_use(web: Web) -> None:
    web.site.loopback = False
    web.site.base = "https://192.0.2.7:8080"
    async with web.client("https://localhost:8080") as own:
        made = (await own.post("/api/discussions", json={}, headers=bearer(web.secret))).json()
    assert made["audience_url"].startswith("https://192.0.2.7:8080/d/")
    async with web.client("https://studio.example:8080") as named:
        made = (await named.post("/api/discussions", json={}, headers=bearer(web.secret))).json()
    assert made["sides"][0]["stage_url"].startswith("https://studio.example:8080/stage/")


KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
ONE = "01" + "00" * 31
"""A key of small order: for it, anybody finds signatures."""


async def test_a_seat_may_bring_its_identity_key_and_everybody_is_told(
    web: Web, client: httpx.AsyncClient
) -> None:
    made = await web.made(
        sides=[{"identity_key": KEY.upper()}, {"identity_key": None}],
        booths=[{"language": "fr", "identity_key": KEY}, {"language": "de"}],
    )
    facts = (await client.get(f"/api/discussions/{made['id']}")).json()
    told = {seat["seat"]: seat["identity"] for seat in facts["seats"]}
    assert told == {"north": KEY, "south": None, "booth-fr": KEY, "booth-de": None}
    listed = (await client.get("/api/discussions")).json()["discussions"][0]
    assert {seat["seat"]: seat["identity"] for seat in listed["seats"]} == told


@pytest.mark.parametrize("place", ["sides.1", "booths.0"])
async def test_a_key_that_none_may_have_is_refused_by_its_place(
    place: str, web: Web, client: httpx.AsyncClient
) -> None:
    body: Any = {"sides": [{}, {}], "booths": [{"language": "fr"}]}
    seats, _, number = place.partition(".")
    body[seats][int(number)]["identity_key"] = ONE
    answer = await client.post("/api/discussions", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "seal.key")
    assert error["message"].startswith(f"{place}.identity_key: ")
    assert not web.site.desk.rooms


async def test_the_founding_facts_are_what_was_asked_for_and_their_hash_is_told(
    web: Web, client: httpx.AsyncClient
) -> None:
    title = "Щ" * 200
    sides = [{"name": "議" * 80, "language": "zh", "identity_key": KEY}, {"language": "ru"}]
    made = await web.made(title=title, sides=sides, booths=[{"language": "fr"}])
    answer = await client.get(f"/api/discussions/{made['id']}/founding")
    told = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    facts = parse_founding(bytes.fromhex(told["facts"]))
    assert facts == Founding(
        made["id"],
        title,
        web.clock.at_us,
        (
            FoundingSide("north", "議" * 80, "zh", bytes.fromhex(KEY)),
            FoundingSide("south", "South", "ru"),
            FoundingSide("booth-fr", "fr", "fr"),
        ),
    )
    assert told["hash"] == facts.digest.hex()
    assert told["devices"] == {}


async def test_the_devices_that_seal_now_are_told_by_seat(web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made()
    web.line.sealing = {"south": ("ab" * 8, KEY), "booth-fr": ("cd" * 8, KEY)}
    told = (await client.get(f"/api/discussions/{made['id']}/founding")).json()
    assert told["devices"] == {"south": {"run": "ab" * 8, "device": KEY}}, "there is no such booth"


async def test_an_unknown_discussion_has_no_founding_facts(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/discussions/aaaaaaaaaa/founding")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "discussion.unknown"


BAD_BODIES: dict[str, tuple[Any, str]] = {
    "no JSON": (b"{", "input.malformed"),
    "nothing": (b"", "input.malformed"),
    "a list": (b"[]", "input.malformed"),
    "not UTF-8": (b'{"title": "\xff"}', "input.malformed"),
    "JSON a thousand deep": (b'{"title":' + b"[" * 1000 + b"]" * 1000 + b"}", "input.malformed"),
    "JSON thirty thousand deep": (b"[" * 30_000 + b"]" * 30_000, "input.malformed"),
    "NaN": (b'{"title": NaN}', "input.malformed"),
    "a number for the title": (b'{"title": 7}', "input.malformed"),
    "a key that is not known": (b'{"titel": "x"}', "input.malformed"),
    "one side": (b'{"sides": [{}]}', "input.malformed"),
    "three sides": (b'{"sides": [{}, {}, {}]}', "input.malformed"),
    "a language that is none": (b'{"sides": [{"language": "e"}, {}]}', "input.malformed"),
    "a title of a thousand characters": (b'{"title": "' + b"x" * 1000 + b'"}', "input.malformed"),
    "a lone surrogate": (b'{"title": "\\ud800"}', "input.malformed"),
    "a control character": (b'{"title": "a\\u0000b"}', "input.malformed"),
    "a key that is cut off": (b'{"sides": [{"identity_key": "d75a"}, {}]}', "input.malformed"),
    "a key that is not hex": (b'{"sides": [{"identity_key": "' + b"g" * 64 + b'"}, {}]}', "input.malformed"),
    "two booths of a language": (b'{"booths": [{"language": "fr"}, {"language": "FR"}]}', "input.malformed"),
    "a body over the limit": (b'{"title": "' + b"x" * 70_000 + b'"}', "input.too_large"),
}


@pytest.mark.parametrize("case", BAD_BODIES)
async def test_a_discussion_is_refused_for(case: str, web: Web, client: httpx.AsyncClient) -> None:
    body, code = BAD_BODIES[case]
    answer = await client.post("/api/discussions", content=body, headers={"Content-Type": "application/json"})
    error = answer.json()["error"]
    assert error["code"] == code
    assert answer.status_code == (413 if code == "input.too_large" else 422)
    assert len(error["message"]) < 500
    assert error["remedy"]
    assert not web.site.desk.rooms


async def test_a_body_that_is_no_json_is_called_so(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/discussions", content=b"{bad", headers={"Content-Type": "application/json"}
    )
    assert answer.json()["error"]["message"].startswith("the body is no JSON from character 1 on: ")


async def test_a_body_without_a_length_is_capped_too(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 10_000

    answer = await client.post(
        "/api/discussions", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert sent < 20


@pytest.mark.parametrize("id", ["aaaaaaaaaa", "AAAAAAAAAA", "%00", "..%2f..%2fetc", "x" * 3000])
async def test_an_unknown_discussion_is_named_as_such(client: httpx.AsyncClient, id: str) -> None:
    answer = await client.get(f"/api/discussions/{id}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] in ("discussion.unknown", "page.unknown")


async def test_discussions_are_listed_page_by_page(web: Web, client: httpx.AsyncClient) -> None:
    for number in range(5):
        web.clock.at_us += 1
        await web.made(title=str(number))
    first = (await client.get("/api/discussions?limit=3")).json()
    assert [each["title"] for each in first["discussions"]] == ["4", "3", "2"]
    rest = (await client.get(f"/api/discussions?limit=3&before_us={first['next_before_us']}")).json()
    assert [each["title"] for each in rest["discussions"]] == ["1", "0"]
    assert rest["next_before_us"] is None


async def test_viewers_delays_are_counted_and_nothing_else(web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made()
    path = f"/api/discussions/{made['id']}/delays"
    report = {"seat": "north", "display_ms": 42.5, "loudspeaker_ms": None}
    assert (await client.post(path, json=report)).status_code == 204
    page = (await client.get("/metrics")).text
    labels = f'{{discussion="{made["id"]}",seat="north"}}'
    assert f"vivavoce_capture_to_display_seconds_sum{labels} 0.0425" in page
    assert f"vivavoce_capture_to_display_seconds_count{labels} 1.0" in page
    assert f"vivavoce_capture_to_loudspeaker_seconds_count{labels}" not in page


BAD_REPORTS = {
    "an unknown seat": ({"seat": "east", "display_ms": 1}, 404),
    "a delay below nothing": ({"seat": "north", "display_ms": -1}, 422),
    "a delay over a minute": ({"seat": "north", "display_ms": 60_001}, 422),
    "a delay that is text": ({"seat": "north", "display_ms": "1"}, 422),
    "no seat": ({"display_ms": 1}, 422),
    "more than was asked": ({"seat": "north", "display_ms": 1, "user": "me"}, 422),
}


@pytest.mark.parametrize("case", BAD_REPORTS)
async def test_a_report_is_refused_for(case: str, web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made()
    body, status = BAD_REPORTS[case]
    assert (await client.post(f"/api/discussions/{made['id']}/delays", json=body)).status_code == status


async def test_reports_from_one_address_are_capped(web: Web, client: httpx.AsyncClient) -> None:
    made = await web.made()
    path = f"/api/discussions/{made['id']}/delays"
    answers = [
        (await client.post(path, json={"seat": "north", "display_ms": 1})).status_code for _ in range(130)
    ]
    assert answers.count(204) == 120
    assert answers[-1] == 429
    async with web.client(address="192.0.2.9") as other:
        assert (await other.post(path, json={"seat": "north"})).status_code == 204
