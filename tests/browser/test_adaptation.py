"""Promise: a side makes what is watched; a viewer sees what line and screen carry, as it is now."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect

from tests.browser.chromium import Chromium, through
from tests.browser.conftest import Discussion, age
from tests.browser.forwarder import Forwarder
from tests.browser.tab import tab
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


def on_air(
    browsers: Chromium, discussion: Discussion, *, sound: bool = False, network: Forwarder | None = None
) -> Page:
    """North's stage. Without sound, which with its fifty or a hundred packets a second needs as much of the
    processor as the pictures that most of this is about. So nothing is said here of what a viewer
    on a thin line hears."""
    page = browsers.context(size=CAMERA, rate=12).new_page()
    browsers.listen(page)
    if network is not None:
        through(page, network.port)
    page.goto(discussion.stage_url("north"))
    page.get_by_role("button", name="Go on air").click()
    expect(page.get_by_text("You are on air", exact=False).first).to_be_visible()
    if not sound:
        page.evaluate("__vivavoceUnplug('audio')")
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


_WATCH_TIME = """() => {
    let last = performance.now();
    let longest = 0;
    const look = () => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
    };
    setInterval(look, 50);
    globalThis.__stoodStillMs = () => { look(); return longest; };
}"""
"""Lets `__stoodStillMs()` tell for how long the page ran nothing."""


def _renderers(page: Page) -> list[psutil.Process]:
    """The processes that run the page and its workers."""
    devtools = page.context.browser.new_browser_cdp_session()  # type: ignore[union-attr]
    found = devtools.send("SystemInfo.getProcessInfo")["processInfo"]
    return [psutil.Process(one["id"]) for one in found if one["type"] == "renderer"]


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

    def rests() -> bool:
        """The large picture goes on, the small one does not."""
        small_before, large_before = kept(host, discussion, "ld"), kept(host, discussion, "hd")
        large.wait_for_timeout(2000)
        assert age(large, "north") > -200
        if kept(host, discussion, "hd") <= large_before + 4:
            return False
        return kept(host, discussion, "ld") == small_before

    # A page on a busy device may have looked at the small one while it began.
    until(rests, "the small picture is made although nobody watches it")
    assert kept(host, discussion, "hd") > 10
    before = kept(host, discussion, "ld")

    small = browsers.open(discussion.audience_url, width=360, height=700)
    shows(small, "north", "ld")
    assert age(small, "north") > -200
    shows(large, "north", "hd")
    assert kept(host, discussion, "ld") > before
    small.close()
    until(rests, "the small picture is made although nobody watches it any more")
    again = browsers.open(discussion.audience_url, width=360, height=700)
    shows(again, "north", "ld")
    assert age(again, "north") > -200, "what was kept from before is not shown as now"


def test_a_viewer_on_a_thin_line_is_shown_less_and_then_all_again(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    on_air(browsers, discussion)
    with Forwarder(("127.0.0.1", host.port)) as network:
        page = browsers.context(width=1440, height=900).new_page()
        browsers.listen(page)
        through(page, network.port)
        page.goto(discussion.audience_url)
        age(page, "north")
        shows(page, "north", "hd")
        page.wait_for_timeout(3000)
        shows(page, "north", "hd")
        network.thin(to_client=600_000)
        page.wait_for_function(
            f"seat => ['sd', 'ld'].includes(({_REPORT})(seat)?.rendition)", arg="north", timeout=60_000
        )
        assert age(page, "north", below_ms=2_000) > -200
        network.thin()
        shows(page, "north", "hd")


def test_a_side_on_a_thin_line_sends_less_and_then_all_again(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    with Forwarder(("127.0.0.1", host.port)) as network:
        on_air(browsers, discussion, sound=True, network=network)
        page = browsers.open(discussion.audience_url, width=1440, height=900)
        age(page, "north")
        shows(page, "north", "hd")

        def bits_s() -> float:
            before = network.to_host.bytes
            page.wait_for_timeout(2000)
            return (network.to_host.bytes - before) * 8 / 2

        until(lambda: bits_s() > 800_000, "the test's camera does not need what it should", timeout_s=20)
        network.thin(to_host=500_000)
        until(lambda: bits_s() < 650_000, "the side goes on sending more than its line carries")
        assert age(page, "north", below_ms=2_000) > -200
        network.thin()
        until(lambda: bits_s() > 800_000, "the side does not come back to what it sent")
        shows(page, "north", "hd")


def test_a_page_left_in_the_background_comes_back_to_now(
    host: Host, discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    on_air(browsers, discussion)
    with tab(browsers.playwright, tmp_path / "profile") as left:
        age(left.open(discussion.audience_url), "north")
        page = left.leave(6)
        assert left.hidden_ms(page) > 4_000, "the page was not away: this would prove nothing"
        assert age(page, "north", below_ms=1_500) > -200


def test_a_page_whose_process_stood_still_comes_back_to_now(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    on_air(browsers, discussion)
    page = browsers.open(discussion.audience_url, width=1440, height=900)
    age(page, "north")
    shows(page, "north", "hd")
    page.evaluate(_WATCH_TIME)
    renderers = _renderers(page)
    assert renderers, "the page has a process"
    for process in renderers:
        process.suspend()
    time.sleep(5)
    for process in renderers:
        process.resume()
    assert page.evaluate("__stoodStillMs()") > 4_000, "the page did not stand still: this would prove nothing"
    assert age(page, "north", below_ms=1_500) > -200
    shows(page, "north", "hd")
