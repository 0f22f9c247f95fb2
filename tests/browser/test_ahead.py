"""The audience page dials before its own code is there, where it is to watch the host's line."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.attacks.relay import Tamper
from tests.browser.chromium import Chromium
from tests.browser.conftest import Discussion, age
from tests.browser.relaying import relaying
from tests.browser.test_discussion import go_on_air, stage
from tests.fakes.hosts import Host


def watchers(page: Page) -> list[str]:
    """Where the page's workers have their text from."""
    return ["the page" if worker.url.startswith("blob:") else "a file" for worker in page.workers]


def test_it_watches_by_the_worker_that_stood_in_the_page(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    go_on_air(stage(browsers, discussion, "north"))
    page = browsers.open(discussion.audience_url)
    age(page, "north")
    assert watchers(page) == ["the page"], "one, and no second one"


def test_whoever_chose_a_relay_does_not_dial_the_host(
    host: Host, discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    go_on_air(stage(browsers, discussion, "north"))
    with relaying(host, discussion, tmp_path / "relay", Tamper()) as query:
        page = browsers.open(discussion.audience_url + query)
        age(page, "north")
        assert watchers(page) == ["a file"]
