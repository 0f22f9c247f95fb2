"""Promise: a side makes what is watched; a viewer sees what line and screen carry, as it is now."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.chromium import Chromium
from tests.browser.conftest import Discussion, age
from tests.fakes.hosts import Host
from vivavoce.record.contents import open_record

_REPORT = """seat => {
    const find = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.localName === "vv-side" && element.side?.side === seat) return element;
            const found = element.shadowRoot && find(element.shadowRoot);
            if (found) return found;
        }
        return null;
    };
    return find(document)?.report ?? null;
}"""
CAMERA = (640, 360)


def on_air(browsers: Chromium, discussion: Discussion, side: str = "north") -> Page:
    page = browsers.open(discussion.stage_url(side), size=CAMERA)
    page.get_by_role("button", name="Go on air").click()
    expect(page.get_by_text("You are on air", exact=False).first).to_be_visible()
    return page


def shows(page: Page, seat: str, rendition: str, *, timeout_s: float = 60) -> None:
    """Wait until the page draws this rendition of a seat."""
    page.wait_for_function(
        f"([seat, name]) => ({_REPORT})(seat)?.rendition === name",
        arg=[seat, rendition],
        timeout=timeout_s * 1000,
        polling=100,
    )


def kept(host: Host, discussion: Discussion, rendition: str) -> int:
    """Samples of a rendition that the host has written down."""
    record = open_record(host.data / "records" / discussion.id)
    tracks = [run.tracks.get(f"{rendition}.1") for run in record.runs]
    return sum(len(track.samples) for track in tracks if track is not None)


def until(true: Callable[[], bool], what: str, timeout_s: float = 60) -> None:
    end = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.25)


def test_a_rendition_is_made_while_somebody_watches_it(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    on_air(browsers, discussion)
    large = browsers.open(discussion.audience_url, width=1440, height=900)
    age(large, "north")
    shows(large, "north", "hd")
    large.wait_for_timeout(2000)
    assert kept(host, discussion, "hd") > 10
    assert kept(host, discussion, "ld") == 0, "nobody watches the small picture"

    small = browsers.open(discussion.audience_url, width=360, height=700)
    shows(small, "north", "ld")
    assert age(small, "north") > -200
    shows(large, "north", "hd")
    small.close()

    def rests() -> bool:
        before = kept(host, discussion, "ld")
        large.wait_for_timeout(2000)
        return kept(host, discussion, "ld") == before > 0

    until(rests, "the small picture is made although nobody watches it any more")
    again = browsers.open(discussion.audience_url, width=360, height=700)
    shows(again, "north", "ld")
    assert age(again, "north") > -200, "what was kept from before is not shown as now"
