"""A host, a discussion and real browsers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import Chromium, chromium
from tests.fakes.hosts import Host, serving

ROOT = Path(__file__).resolve().parents[2]

expect.set_options(timeout=60_000)  # a busy machine is no fault of the page's


@dataclass
class Discussion:
    """What `POST /api/discussions` answered, by name."""

    facts: Any

    @property
    def id(self) -> str:
        return str(self.facts["id"])

    @property
    def audience_url(self) -> str:
        return str(self.facts["audience_url"])

    def stage_url(self, side: str) -> str:
        return next(str(s["stage_url"]) for s in self.facts["sides"] if s["side"] == side)

    def secret(self, side: str) -> str:
        return self.stage_url(side).partition("#")[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with serving(tmp_path / "data") as running:
        yield running


@pytest.fixture
def discussion(host: Host) -> Discussion:
    sides = [{"name": "Northland", "language": "en"}, {"name": "Южный край", "language": "ru"}]
    return Discussion(host.new_discussion(title="On the bridge", sides=sides))


@pytest.fixture
def browsers(request: pytest.FixtureRequest) -> Iterator[Chromium]:
    with chromium(ROOT / "artefacts" / request.node.name) as opened:
        yield opened
        opened.keep_all()


def age(page: Page, seat: str, *, below_ms: int = 5_000, timeout_s: float = 90) -> int:
    """How many ms ago the picture on the page's canvas for `seat` was painted by the camera.

    Waits for one younger than `below_ms`; raises playwright's TimeoutError if none can be read."""
    handle = page.wait_for_function(
        """([seat, below]) => {
            const canvas = __vivavoceCanvas(seat);
            const age = canvas ? __vivavoceAge(canvas) : null;
            return age !== null && age < below ? { age } : null;
        }""",
        arg=[seat, below_ms],
        timeout=timeout_s * 1000,
        polling=100,
    )
    return int(handle.json_value()["age"])


def hears(page: Page, pitch: int, *, timeout_s: float = 90) -> None:
    """Waits until the page plays a tone of about `pitch` hertz."""
    page.wait_for_function(
        "pitch => __vivavoceHears().some((heard) => Math.abs(heard - pitch) < 15)",
        arg=pitch,
        timeout=timeout_s * 1000,
        polling=100,
    )
