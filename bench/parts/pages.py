"""The pages that are measured: the product's, and a plain call's. One browser a page."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route
from playwright.sync_api import Error as PlaywrightError
from tests.browser.chromium import Chromium
from tests.fakes.hosts import Host, serving

from bench.parts.figures import Headroom
from vivavoce.record.contents import open_record

HERE = Path(__file__).parent
RATE = 30
SIZE = (640, 360)
GRAIN = 0.12
"""How strong the noise is: at 1.5 Mbit/s an encoder's quantiser then stands near 30. Stronger, and each one
is at its end and leaves pictures out."""
CALL = "http://localhost/call"
"""Never asked of a network: the pages are put there by the driver. localhost, to be a secure context."""
_CALL_PAGE = """<!doctype html><title>call</title>
<style>body { margin: 0 } video, canvas { width: 641.25px; height: 360.7px; display: block }</style>
<video autoplay muted playsinline></video><canvas></canvas>"""
"""Shown as large as on the audience page: to scale a picture costs, too."""
_OWN = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}

REPORT = """() => {
    const find = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.localName === "vv-side" && element.side?.side === "north") return element;
            const found = element.shadowRoot && find(element.shadowRoot);
            if (found) return found;
        }
        return null;
    };
    return find(document)?.report ?? null;
}"""
"""What the audience page itself tells of a side."""
SAYS = f"() => ({REPORT})()?.displayDelayMs ?? null"
"""The delay that the audience page itself tells, camera's track to drawn."""

Round = dict[str, Any]
Reading = Callable[[Page, Page, str, float], Round]
"""As `read`, but from elsewhere than the page: page, painter, what to find, seconds."""


def size_of(text: str) -> tuple[int, int]:
    """1280x720. Raises ValueError for anything else than two whole numbers."""
    width, height = text.split("x")
    return int(width), int(height)


def reading_context(browsers: Chromium, *, sound: bool = False, **options: Any) -> BrowserContext:
    """A browser whose camera paints the time, and that can read it.

    sound: its microphone says the known signal, and what it plays can be heard (hearing.js).
    """
    if sound:
        # Its worklets come from blob addresses.
        options = {"audible": True, "bypass_csp": True, **options}
    context = browsers.context(**{"rate": RATE, "size": SIZE, **options})
    context.add_init_script(f"__vivavoceGrain = {GRAIN}; __vivavoceDirect = true;")
    context.add_init_script(path=HERE / "reading.js")
    context.add_init_script(path=HERE / "likeness.js")
    if sound:
        context.add_init_script(path=HERE / "hearing.js")
    return context


def read(page: Page, painter: Page, find: str, seconds: float, every_ms: int) -> Round:
    """Ages of the pictures that `find` shows, in ms, for so long. painter: the page with the camera."""
    headroom = Headroom.start()
    page.evaluate(f"every => __benchStart(() => {find}, every)", every_ms)
    began = time.time()
    page.wait_for_timeout(seconds * 1000)
    told = page.evaluate("__benchStop()")
    ended = time.time()
    idle = headroom.stop()
    apart = page.evaluate("__benchAgainstWall()") - painter.evaluate("__benchAgainstWall()")
    # The first one may have been standing there.
    samples = told["samples"][1:]
    at = [sample[0] for sample in samples]
    gaps = [b - a for a, b in itertools.pairwise(at)]
    return {
        "ages": [sample[1] - apart for sample in samples],
        "rate": len(samples) / (ended - began),
        "gaps_ms": gaps,
        "longest_ms": max(gaps, default=float("nan")),
        "misread": told["misread"],
        "headroom": idle,
        "clocks_apart_ms": apart,
        "began": began,
        "ended": ended,
    }


def likeness(page: Page, find: str, count: int) -> list[float]:
    """Mean SSIM of so many pictures that `find` shows, against what was painted; fewer where one cannot be
    read."""
    found = []
    for _ in range(count):
        # Not in step with groups of a second or two.
        page.wait_for_timeout(270)
        if (one := page.evaluate(f"__benchLikeness({find})")) is not None:
            found.append(float(one))
    return found


def go_on_air(stage: Page, url: str) -> None:
    """Open a stage and begin to send."""
    stage.goto(url)
    stage.get_by_role("button", name="Go on air").click()
    stage.get_by_text("You are on air").first.wait_for()


class Product:
    """The finished pages over a real host: a stage on air, an audience page.

    side, viewer: programs to run as their browsers, where they are elsewhere than here. sound: with the known
    signal said by the side and played to the viewer. listening: the viewer has turned the sound on, and no
    ear is there. reading: instead of from the page's own pixels. sealed: False, and the host of these pages
    is of before seals: nothing is signed and nothing judged.
    """

    def __init__(
        self,
        browsers: Chromium,
        host: Host,
        *,
        side: Path | None = None,
        viewer: Path | None = None,
        sound: bool = False,
        listening: bool = False,
        size: tuple[int, int] = SIZE,
        reading: Reading | None = None,
        sealed: bool = True,
    ) -> None:
        self._reading = reading
        self.host = host
        self._listening = sound or listening
        self._large = size[1] > 720
        self._stage = reading_context(browsers, executable=side, sound=sound, size=size)
        # As many pixels for a side as its camera has.
        scale = max(1.0, size[0] / SIZE[0])
        self._audience = reading_context(
            browsers,
            width=1440,
            height=900,
            device_scale_factor=scale,
            executable=viewer,
            sound=sound,
            size=size,
            **({"audible": True} if listening else {}),
        )
        if not sealed:
            for context in (self._stage, self._audience):
                context.route("**/founding", _before_seals)

    @contextlib.contextmanager
    def on_air(self, title: str) -> Iterator[tuple[Any, Page, Page]]:
        """A side on air, and its picture before an audience: the discussion's facts, stage, audience page."""
        facts = self.host.new_discussion(title=title)
        stage, audience = self._stage.new_page(), self._audience.new_page()
        try:
            url: str = facts["sides"][0]["stage_url"]
            go_on_air(stage, url.replace("#", "?largest=1080#") if self._large else url)
            audience.goto(facts["audience_url"])
            audience.wait_for_function(
                """() => {
                    const canvas = __vivavoceCanvas("north");
                    return canvas && __benchRead(canvas) !== null;
                }"""
            )
            if self._listening:
                audience.get_by_role("button", name="Turn on the sound").click()
            yield facts, stage, audience
        finally:
            leave = stage.get_by_role("button", name="Leave the air")
            with contextlib.suppress(PlaywrightError):
                leave.click(timeout=1000)
            stage.close()
            audience.close()

    def measure(self, seconds: float, warm_s: float, every_ms: int, looks: int = 0) -> Round:
        """looks: so many pictures are compared with what was painted, after the reading."""
        with self.on_air("Glass to glass") as (facts, stage, audience):
            audience.wait_for_timeout(warm_s * 1000)
            # Found once: walking the page's elements at each refresh would cost it time.
            audience.evaluate('globalThis.__benchCanvas = __vivavoceCanvas("north")')
            if self._reading:
                found = self._reading(audience, stage, "__benchCanvas", seconds)
            else:
                found = read(audience, stage, "__benchCanvas", seconds, every_ms)
            found["size"] = audience.evaluate("`${__benchCanvas.width}x${__benchCanvas.height}`")
            found["page_says_ms"] = audience.evaluate(SAYS)
            found["likenesses"] = likeness(audience, "__benchCanvas", looks)
        found["bits"] = self.bits(facts["id"], found["began"], found["ended"])
        return found

    def bits(self, discussion: str, began: float, ended: float) -> float:
        """Bits a second of the whole picture's samples, as the record has them."""
        time.sleep(0.5)
        record = open_record(self.host.data / "records" / discussion)
        total = 0
        for run in record.runs:
            for name, track in run.tracks.items():
                if name.startswith("hd."):
                    samples = track.samples
                    total += sum(
                        size
                        for size, at in zip(samples.size, samples.received_us, strict=True)
                        if began <= at / 1e6 < ended
                    )
        return total * 8 / (ended - began)


class Call:
    """A plain call between two browsers, straight from one to the other.

    side, viewer: programs to run as its browsers, where they are elsewhere than here. sound: with the known
    signal beside the picture, in one stream, as calls have it. reading: as for the product.
    """

    def __init__(
        self,
        browsers: Chromium,
        *,
        side: Path | None = None,
        viewer: Path | None = None,
        sound: bool = False,
        size: tuple[int, int] = SIZE,
        reading: Reading | None = None,
    ) -> None:
        self._reading = reading
        self.sound = sound
        # Two browsers of one machine need no names made up for its addresses.
        plain = ["--disable-features=WebRtcHideLocalIpsWithMdns"]
        self._near = reading_context(browsers, arguments=plain, executable=side, sound=sound, size=size)
        self._far = reading_context(browsers, arguments=plain, executable=viewer, sound=sound, size=size)
        for context in (self._near, self._far):
            context.route(f"{CALL}/**", _put)
            context.add_init_script(path=HERE / "call.js")

    @contextlib.contextmanager
    def running(self, shown: str, bitrate: float) -> Iterator[tuple[Page, Page]]:
        """A call whose picture is there: the near page with the camera, the far one that shows it."""
        near, far = self._near.new_page(), self._far.new_page()
        try:
            for page in (near, far):
                page.goto(f"{CALL}/page.html")
            offer = near.evaluate(
                "([bitrate, sound]) => __callOffer(bitrate, sound)", [round(bitrate), self.sound]
            )
            answer = far.evaluate("([sdp, shown]) => __callAnswer(sdp, shown)", [offer, shown])
            near.evaluate("([sdp, bitrate]) => __callAnswered(sdp, bitrate)", [answer, bitrate])
            far.wait_for_function(
                """shown => {
                    const source = document.querySelector(shown);
                    return source && __benchRead(source) !== null;
                }""",
                arg=shown,
            )
            yield near, far
        finally:
            near.close()
            far.close()

    def measure(
        self, shown: str, bitrate: float, seconds: float, warm_s: float, every_ms: int, looks: int = 0
    ) -> Round:
        """shown: in a `video` element or drawn to a `canvas`. bitrate: the most, bits a second. looks: so
        many pictures are compared with what was painted, after the reading."""
        with self.running(shown, bitrate) as (near, far):
            far.wait_for_timeout(warm_s * 1000)
            far.evaluate("shown => { globalThis.__benchShown = document.querySelector(shown); }", shown)
            before = near.evaluate("__callSent()")
            if self._reading:
                found = self._reading(far, near, "__benchShown", seconds)
            else:
                found = read(far, near, "__benchShown", seconds, every_ms)
            after = near.evaluate("__callSent()")
            found["call_says"] = far.evaluate("__callShown()")
            found["likenesses"] = likeness(far, "__benchShown", looks)
        passed = (after["timestamp"] - before["timestamp"]) / 1000
        found["bits"] = (after["bytes"] - before["bytes"]) * 8 / passed
        found["size"] = f"{after['frameWidth']}x{after['frameHeight']}"
        found["qp"] = (after["qpSum"] - before["qpSum"]) / max(1, after["pictures"] - before["pictures"])
        return found


def _before_seals(route: Route) -> None:
    route.fulfill(status=404, json={"error": {"code": "page.unknown"}})


def _put(route: Route) -> None:
    if route.request.url.endswith("painter.js"):
        route.fulfill(path=HERE / "painter.js", content_type="text/javascript", headers=_OWN)
    else:
        route.fulfill(body=_CALL_PAGE, content_type="text/html", headers=_OWN)


@contextlib.contextmanager
def host_of(checkout: Path | None, data: Path) -> Iterator[Host]:
    """A host of this checkout, or of another one, whose pages must be built."""
    with contextlib.ExitStack() as stack:
        before = os.environ.get("PYTHONPATH")
        if checkout is not None:
            os.environ["PYTHONPATH"] = str(checkout.resolve() / "src")
        try:
            host = stack.enter_context(serving(data))
        finally:
            os.environ.pop("PYTHONPATH", None)
            if before is not None:
                os.environ["PYTHONPATH"] = before
        yield host
