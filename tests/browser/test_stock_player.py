"""Promise: a seat is playable by strangers. A stock MoQ player, which knows nothing of Vivavoce, shows a side
that the product's own publisher sends (docs/formats/line.md, L3 and L7)."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.chromium import Chromium
from tests.browser.conftest import Discussion
from tests.fakes.hosts import Host

ROOT = Path(__file__).resolve().parents[2]
PAGES = Path(__file__).with_name("stock-player")

# A blank canvas reads as some time of day: what is seen must be of the last twenty seconds.
SEES_THE_TIME = """() => {
  const age = __vivavoceAge(document.querySelector('moq-watch canvas'));
  return age !== null && age >= 0 && age < 20000;
}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two pages of the test, built."""
    out = tmp_path_factory.mktemp("stock-player")
    node = shutil.which("node")
    assert node, "run `make setup` first: it brings Node"
    subprocess.run(
        [node, "node_modules/vite/bin/vite.js", "build", "-c", str(PAGES / "vite.config.mjs")],
        cwd=ROOT / "web",
        env={**os.environ, "STOCK_PLAYER_OUT": str(out)},
        check=True,
        timeout=120,
    )
    return out


@pytest.fixture
def pages(built: Path) -> Iterator[str]:
    """The address of the built pages, on an origin of their own."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def stand_in(host: Host, discussion: Discussion, seat: str) -> Any:
    """Leave to publish, as a stage page would get it."""
    path = f"/api/discussions/{discussion.id}/seats/{seat}/air"
    return host.request("POST", path, {"device": "stock-player-test"}, bearer=discussion.secret(seat))


@pytest.fixture
def side(host: Host, discussion: Discussion, browsers: Chromium, pages: str) -> Page:
    """A page that has north on the air."""
    page = browsers.context().new_page()
    page.goto(f"{pages}/side.html")
    page.wait_for_function("() => 'goOnAir' in globalThis")
    page.evaluate("grant => goOnAir(grant, {video: true, audio: true})", stand_in(host, discussion, "north"))
    page.wait_for_function("() => publisher.state.state === 'live'")
    return page


def watch(host: Host, browsers: Chromium, pages: str, name: str) -> Page:
    """A page with the stock player on it."""
    line = host.request("GET", "/api/line")
    page = browsers.context().new_page()
    query = urlencode({"line": line["url"], "fingerprint": line["fingerprint"], "name": name})
    page.goto(f"{pages}/index.html?{query}")
    return page


def test_a_stock_player_shows_a_side(
    host: Host, discussion: Discussion, browsers: Chromium, pages: str, side: Page
) -> None:
    page = watch(host, browsers, pages, f"{discussion.id}/north")
    page.wait_for_function(SEES_THE_TIME, timeout=30_000)
    catalog = page.evaluate("() => document.querySelector('moq-watch').catalog")
    browsers.keep(page, "stock-player")
    # H.264 with its description beside it, not in the stream, and Opus.
    videos, audios = catalog["video"]["renditions"], catalog["audio"]["renditions"]
    assert {name.partition(".")[0] for name in videos} == {"hd", "sd", "ld"}
    assert all(video["codec"].startswith("avc1.") and video["description"] for video in videos.values())
    assert {name.partition(".")[0]: audio["codec"] for name, audio in audios.items()} == {"floor": "opus"}


def test_it_shows_nothing_of_a_seat_that_is_not_on_air(
    host: Host, discussion: Discussion, browsers: Chromium, pages: str, side: Page
) -> None:
    page = watch(host, browsers, pages, f"{discussion.id}/south")
    with pytest.raises(PlaywrightTimeout):
        page.wait_for_function(SEES_THE_TIME, timeout=5_000)
