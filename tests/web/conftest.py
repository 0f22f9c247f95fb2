"""The HTTP interface without a network: the real application on a real store, with a line that remembers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.lines import FakeClock, FakeLine, FakeRecording
from vivavoce.discussion.database import database_url
from vivavoce.discussion.desk import Desk
from vivavoce.discussion.secrets import digest, new_secret
from vivavoce.discussion.store import Store
from vivavoce.web.app import create_app
from vivavoce.web.metrics import Metrics
from vivavoce.web.site import Site

PAGES = {
    "index.html": "<!doctype html><head></head>front",
    "audience.html": "<!doctype html><head></head>audience",
    "stage.html": "<!doctype html><head></head>stage",
    "verify.html": (
        "<!doctype html><head>"
        '<meta http-equiv="Content-Security-Policy" '
        """content="default-src 'none'; script-src 'sha256-x'" />"""
        "</head>verify"
    ),
    "error.html": "<!doctype html><head></head><vv-error></vv-error>",
    "icon.svg": "<svg/>",
    "assets/main-abc123.js": "export {}",
}


@dataclass
class Web:
    site: Site
    app: Any
    line: FakeLine
    clock: FakeClock
    secret: str

    def client(self, base: str = "http://localhost:8080", address: str = "127.0.0.1") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 50_000), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=base)

    async def made(self, **facts: Any) -> Any:
        async with self.client() as client:
            answer = await client.post("/api/discussions", json=facts)
        assert answer.status_code == 201, answer.text
        return answer.json()


def stage_secret(address: Any) -> str:
    """The part after the # of a side's or booth's stage address."""
    return str(address["stage_url"].partition("#")[2])


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    static = tmp_path / "static"
    for name, text in PAGES.items():
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text(text)
    (tmp_path / "outside.txt").write_text("not for you")
    async with Store(database_url(f"sqlite:///{tmp_path / 'web.db'}")) as store:
        clock, line, secret = FakeClock(), FakeLine(), new_secret()
        desk = Desk(store, clock)
        desk.attach(line, FakeRecording())
        await desk.open()
        site = Site(
            desk=desk,
            line=line,
            clock=clock,
            metrics=Metrics(),
            host_secret=digest(secret),
            base="http://localhost:8080",
            names=frozenset({"localhost", "studio.example", "*.guests.example"}),
            loopback=True,
            static=static,
        )
        yield Web(site, create_app(site), line, clock, secret)
        await desk.close()


@pytest.fixture
async def client(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    async with web.client() as opened:
        yield opened
