"""Who may do what is the host's alone, and by which name the host may be called."""

from __future__ import annotations

import httpx
import pytest

from tests.web.conftest import Web, bearer

pytestmark = pytest.mark.anyio

OWN = {"Content-Type": "application/json"}

STRANGERS = {
    "another machine": ("192.0.2.9", "http://localhost:8080", OWN),
    "a proxy for another machine": (
        "127.0.0.1",
        "http://localhost:8080",
        OWN | {"X-Forwarded-For": "192.0.2.9"},
    ),
    "a proxy that says so the new way": (
        "127.0.0.1",
        "http://localhost:8080",
        OWN | {"Forwarded": "for=192.0.2.9"},
    ),
    "whoever calls it by a public name": ("127.0.0.1", "http://studio.example", OWN),
    "another site's page": ("127.0.0.1", "http://localhost:8080", OWN | {"Origin": "https://evil.example"}),
    "another site's page of no origin": ("127.0.0.1", "http://localhost:8080", OWN | {"Origin": "null"}),
    "another port's page": ("127.0.0.1", "http://localhost:8080", OWN | {"Origin": "http://localhost:3000"}),
    "a page of the same site": ("127.0.0.1", "http://localhost:8080", OWN | {"Sec-Fetch-Site": "same-site"}),
    "another site's form": ("127.0.0.1", "http://localhost:8080", {"Content-Type": "text/plain"}),
    "another site's form of JSON": (
        "127.0.0.1",
        "http://localhost:8080",
        {"Content-Type": "application/x-www-form-urlencoded"},
    ),
}


@pytest.mark.parametrize("case", STRANGERS)
async def test_a_host_on_loopback_is_not_commanded_by(case: str, web: Web) -> None:
    address, base, headers = STRANGERS[case]
    async with web.client(base, address) as client:
        answer = await client.post("/api/discussions", content=b"{}", headers=headers)
    assert answer.status_code in (401, 422)
    assert not web.site.desk.rooms


async def test_a_host_on_loopback_is_commanded_by_its_own_machine(web: Web) -> None:
    for base, headers in {
        "http://localhost:8080": OWN,
        "http://127.0.0.1:8080": OWN | {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"},
        "http://[::1]:8080": OWN,
    }.items():
        async with web.client(base) as client:
            answer = await client.post("/api/discussions", content=b"{}", headers=headers)
        assert answer.status_code == 201, answer.text


HOST_ONLY = [
    ("POST", "/api/discussions"),
    ("GET", "/api/discussions"),
    ("POST", "/api/discussions/{id}/seats/north/renew"),
    ("GET", "/metrics"),
]


@pytest.mark.parametrize(("method", "path"), HOST_ONLY)
async def test_what_is_the_hosts_alone_needs_its_secret_where_others_can_reach_it(
    web: Web, method: str, path: str
) -> None:
    path = path.format(id=(await web.made())["id"])
    web.site.loopback = False
    async with web.client() as client:
        for headers in ({}, bearer("A" * 43), bearer("")):
            answer = await client.request(
                method, path, json={} if method == "POST" else None, headers=headers
            )
            assert answer.status_code == 401, headers
            assert answer.json()["error"]["code"] == "access.host"
        answer = await client.request(
            method, path, json={} if method == "POST" else None, headers=bearer(web.secret)
        )
        assert answer.status_code in (200, 201)


NAMES = {
    "localhost:8080": True,
    "LOCALHOST": True,
    "localhost.:8080": True,
    "127.0.0.1:1": True,
    "[::1]:8080": True,
    "192.0.2.7": True,
    "studio.example:443": True,
    "a.guests.example": True,
    "a.b.guests.example": False,
    "guests.example": False,
    "evil.example": False,
    "studio.example.evil.example": False,
    "localhost.evil.example": False,
    "127.0.0.1.evil.example": False,
    "localhost@evil.example": False,
    "evil.example/localhost": False,
    "": False,
    "localhost:port": False,
    "[::1": False,
}


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_that_is_not_the_hosts_own_is_refused_before_anything_else(web: Web, name: str) -> None:
    async with web.client() as client:
        answer = await client.get("/api/clock", headers={"Host": name})
    if NAMES[name]:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 421
        assert answer.json()["error"]["code"] == "access.origin"


async def test_nothing_is_said_to_other_sites_pages(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/line", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    preflight = await client.options(
        "/api/discussions",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert preflight.status_code == 405
