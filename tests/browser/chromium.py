"""Real Chromium, one browser a page: two tabs of one browser would throttle each other."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from tools.setup import find_browser

CAMERA = Path(__file__).with_name("camera.js")

ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


class Chromium:
    """Opens pages, each in a browser of its own, and closes them all at the end."""

    def __init__(self, artefacts: Path) -> None:
        self.artefacts = artefacts
        self._stack = contextlib.ExitStack()
        self.playwright = self._stack.enter_context(sync_playwright())
        self.troubles: list[str] = []
        self._pages: list[Page] = []

    def context(
        self,
        *,
        width: int = 1280,
        height: int = 800,
        locale: str = "en-GB",
        arguments: list[str] | None = None,
        own_camera: bool = False,
        pitch: int = 220,
        hue: int = 210,
        rate: int = 12,
        size: tuple[int, int] = (320, 180),
        executable: Path | None = None,
        audible: bool = False,
        **options: Any,
    ) -> BrowserContext:
        """A fresh browser. own_camera: without the time-code camera, so that Chromium's own devices serve.
        pitch: of its microphone's hum, in hertz. hue, rate, size: of its camera's ground, in degrees, and its
        pictures, few a second and small where a test is not about them: three browsers share two cores.
        executable: what to run in place of the browser that was found. audible: with its loudspeaker as it
        would be, not the mute one that Playwright gives."""
        browser = self.playwright.chromium.launch(
            executable_path=executable or find_browser(),
            args=[*ARGUMENTS, *(arguments or [])],
            ignore_default_args=["--mute-audio"] if audible else None,
            headless=True,
        )
        self._stack.callback(browser.close)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            permissions=["camera", "microphone", "clipboard-read", "clipboard-write"],
            ignore_https_errors=True,
            **options,
        )
        context.set_default_timeout(30_000)
        if not own_camera:
            context.add_init_script(
                f"__vivavocePitch = {pitch}; __vivavoceHue = {hue}; __vivavoceRate = {rate};"
                f" __vivavoceSize = {list(size)};"
            )
            context.add_init_script(path=CAMERA)
        return context

    def open(self, url: str, **options: Any) -> Page:
        page = self.context(**options).new_page()
        self.listen(page)
        page.goto(url)
        return page

    def listen(self, page: Page) -> None:
        """Collect what the page complains of; a test may look at `troubles`."""
        self._pages.append(page)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self.troubles.append(line.text) if line.type == "error" else None)

    def keep(self, page: Page, name: str) -> Path:
        """A screenshot as an artefact."""
        self.artefacts.mkdir(parents=True, exist_ok=True)
        path = self.artefacts / f"{name}.png"
        page.screenshot(path=path)
        return path

    def keep_all(self) -> None:
        """Every page as it is now, and what they complained of: a failed test is understood by looking."""
        for number, page in enumerate(self._pages):
            with contextlib.suppress(PlaywrightError):
                self.keep(page, f"end-{number}")
        if self.troubles:
            (self.artefacts / "troubles.txt").write_text("\n".join(self.troubles))

    def close(self) -> None:
        self._stack.close()


def through(page: Page, port: int) -> None:
    """Lead the page's line through a forwarder on `port`: what the host answers is rewritten on its way."""

    def rewrite(route: Route) -> None:
        answer = route.fetch()
        try:
            body = answer.json()
        except ValueError:
            route.fulfill(response=answer)
            return
        line = body.get("line", body) if isinstance(body, dict) else {}
        if "url" in line:
            line["url"] = f"https://127.0.0.1:{port}/line"
        route.fulfill(response=answer, json=body)

    def rewrite_page(route: Route) -> None:
        answer = route.fetch()
        led = re.sub(r'"url":"https://[^"]*/line"', f'"url":"https://127.0.0.1:{port}/line"', answer.text())
        # A page that comes from here has no address, and Chromium lets what stands in it dial none of this
        # machine's; a worker from the host's files may.
        led = re.sub(r'<script id="vivavoce-ahead">.*?</script>', "", led, flags=re.DOTALL)
        route.fulfill(response=answer, body=led)

    page.route("**/api/line", rewrite)
    page.route("**/air", rewrite)
    page.route("**/d/*", rewrite_page)


@contextlib.contextmanager
def chromium(artefacts: Path) -> Iterator[Chromium]:
    browsers = Chromium(artefacts)
    try:
        yield browsers
    finally:
        browsers.close()
