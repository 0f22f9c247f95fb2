"""A tab that is really left in the background.

Playwright keeps every page that it holds visible, whatever is in front of it; so it lets go of this one for
as long as another tab is in front.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from tools.setup import find_browser

from tests.browser.chromium import ARGUMENTS, CAMERA
from tests.fakes.hosts import free_port

_KEEPS_AWAKE = (
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)
_WATCH_HIDDEN = """() => {
    let since = null;
    globalThis.__hiddenMs = 0;
    document.addEventListener("visibilitychange", () => {
        if (document.visibilityState === "hidden") since = performance.now();
        else if (since !== null) globalThis.__hiddenMs += performance.now() - since;
    });
}"""


class Tab:
    """One page in a browser that throttles what is in the background, as people's browsers do."""

    def __init__(self, playwright: Playwright, port: int) -> None:
        self._playwright = playwright
        self._address = f"http://127.0.0.1:{port}"
        self._browser: Browser | None = None
        self._id = ""

    def open(self, url: str) -> Page:
        context = self._hold()
        context.add_init_script(path=CAMERA)
        [page] = context.pages
        page.goto(url)
        page.evaluate(_WATCH_HIDDEN)
        return page

    def leave(self, seconds: float) -> Page:
        """Another tab is in front for so long. The page anew, since the one before is not held any more."""
        self._let_go()
        [tab] = [one for one in self._ask("/json/list") if one["type"] == "page"]
        self._ask("/json/new?about:blank", "PUT")
        time.sleep(seconds)
        self._ask(f"/json/activate/{tab['id']}")
        return next(page for page in self._hold().pages if page.url == tab["url"])

    def hidden_ms(self, page: Page) -> float:
        """For how long the page was told that nobody sees it."""
        return float(page.evaluate("__hiddenMs"))

    def close(self) -> None:
        if self._browser:
            self._let_go()

    def _hold(self) -> BrowserContext:
        self._browser = self._playwright.chromium.connect_over_cdp(self._address)
        return self._browser.contexts[0]

    def _let_go(self) -> None:
        assert self._browser
        self._browser.close()
        self._browser = None

    def _ask(self, path: str, method: str = "GET") -> list[dict[str, str]]:
        request = urllib.request.Request(self._address + path, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        return json.loads(body) if path == "/json/list" else []


@contextlib.contextmanager
def tab(playwright: Playwright, profile: Path) -> Iterator[Tab]:
    port = free_port()
    arguments = [one for one in ARGUMENTS if one not in _KEEPS_AWAKE]
    browser = subprocess.Popen(
        [
            str(find_browser()),
            *arguments,
            "--mute-audio",
            "--window-size=1440,900",
            f"--remote-debugging-port={port}",
            f"--user-data-dir={profile}",
            "about:blank",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    one = Tab(playwright, port)
    try:
        _answers(f"http://127.0.0.1:{port}/json/version", browser)
        yield one
    finally:
        one.close()
        browser.terminate()
        browser.wait(timeout=30)


def _answers(url: str, browser: subprocess.Popen[bytes], timeout_s: float = 60) -> None:
    until = time.monotonic() + timeout_s
    while browser.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.1)
    raise TimeoutError("the browser does not answer")
