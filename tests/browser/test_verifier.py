"""Promise: the page that verifies says what holds and what does not, served or saved, and sends nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.chromium import Chromium
from tests.browser.test_pages import LANGUAGES, what_axe_finds
from tests.fakes.hosts import Host
from tests.fakes.mp4s import edit_moov
from tests.fakes.tampering import edit_samples, flip
from tests.record.test_verify import at, record
from tests.record.test_verify_mp4 import shifted
from vivavoce.record.clip import clip_mp4
from vivavoce.record.export import export_mp4
from vivavoce.record.verify import verify
from vivavoce.record.verify_mp4 import verify_mp4

HOLDS = "It holds: nothing was changed since the sides’ devices signed it"
BROKEN = "It does not hold"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with ThreadPoolExecutor(1) as thread:  # the browser's loop runs in this one
        return thread.submit(record, tmp_path_factory.mktemp("records")).result()


@pytest.fixture
def kept(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "kept" / made.name))


@pytest.fixture
def saved(host: Host, tmp_path: Path) -> Path:
    """The page as anybody saves it."""
    with urllib.request.urlopen(f"{host.url}/verify", timeout=30) as answer:
        data = answer.read()
    path = tmp_path / "saved.html"
    path.write_bytes(data)
    return path


class Watched:
    """A page, and every request that anything in its browser makes."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.asked: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        self.page = context.new_page()
        self.page.goto(f"{address}?lang=en")
        expect(self.page.get_by_role("heading", name="Verify a record")).to_be_visible()

    def choose(self, folder: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose a folder").click()
        chooser.value.set_files(folder)

    def choose_file(self, file: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose an MP4").click()
        chooser.value.set_files(file)

    def drop(self, *paths: Path) -> None:
        """As a file manager does."""
        box = self.page.locator("section.drop").bounding_box()
        assert box
        client = self.page.context.new_cdp_session(self.page)
        about = {"x": box["x"] + 9, "y": box["y"] + 9}
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            client.send("Input.dispatchDragEvent", {"type": kind, **about, "data": data})

    @property
    def verdict(self) -> Any:
        return self.page.locator("vv-judged h2")

    def json(self) -> Any:
        self.page.locator("vv-judged details").evaluate("(details) => { details.open = true; }")
        expect(self.page.locator("vv-judged pre")).to_contain_text('"unknown"')
        return json.loads(self.page.locator("vv-judged pre").text_content() or "")

    @property
    def asked_for(self) -> list[str]:
        """But for the page itself and what it is made of."""
        return [url for url in self.asked[1:] if not url.startswith(("blob:", "data:"))]


@pytest.fixture(params=["served", "saved"])
def watched(request: pytest.FixtureRequest, host: Host, saved: Path, browsers: Chromium) -> Iterator[Watched]:
    address = f"{host.url}/verify" if request.param == "served" else saved.as_uri()
    with_ear = Watched(browsers.context(own_camera=True), address)
    browsers.listen(with_ear.page)
    yield with_ear
    assert browsers.troubles == []


def test_a_record_that_was_dropped_holds_and_one_with_a_bit_turned_does_not(
    watched: Watched, kept: Path, browsers: Chromium
) -> None:
    watched.drop(kept)
    expect(watched.verdict).to_contain_text(HOLDS)
    expect(watched.page.get_by_role("img", name="North: 00:04.0 of 00:04.5 proven")).to_be_visible()
    expect(watched.page.locator("vv-side-timeline strong")).to_have_text(["North", "Юг"])
    expect(watched.page.get_by_text("Юг is 0.500 s earlier beside North than shown.")).to_be_visible()
    assert watched.json() == verify(kept).to_json()
    browsers.keep(watched.page, "holds")
    edit_samples(
        next(kept.glob("south/*/floor.1.mp4")),
        lambda all: at(100, data=bytes([all[100].data[0] ^ 1]) + all[100].data[1:])(all),
    )
    watched.drop(kept)
    expect(watched.verdict).to_contain_text(BROKEN)
    found = watched.page.locator("vv-judged .findings li")
    expect(found.first).to_contain_text("Юг: It is not what the side’s device signed.")
    expect(found.first).to_contain_text("00:02.")
    assert watched.json() == verify(kept).to_json()
    assert watched.asked_for == []
    browsers.keep(watched.page, "broken")


def test_a_record_that_was_chosen_is_judged_too(watched: Watched, kept: Path) -> None:
    watched.choose(kept)
    expect(watched.verdict).to_contain_text(HOLDS)
    expect(watched.verdict).to_be_focused()
    flip(next(kept.glob("north/*/hd.1.mp4")), 8 * 50_000)
    watched.choose(kept)
    expect(watched.verdict).to_contain_text(BROKEN)
    assert watched.asked_for == []


def test_an_mp4_and_a_clip_are_judged_too(
    watched: Watched, kept: Path, tmp_path: Path, browsers: Chromium
) -> None:
    film, clip = tmp_path / "film.mp4", tmp_path / "clip.mp4"
    export_mp4(kept, film)
    clip_mp4(kept, clip, 1_200_000, 2_300_000)
    watched.choose_file(film)
    expect(watched.verdict).to_contain_text(HOLDS)
    assert watched.json() == verify_mp4(film).to_json()
    edit_moov(film, shifted(3, 4))
    watched.drop(film)
    expect(watched.verdict).to_contain_text(BROKEN)
    found = watched.page.locator("vv-judged .findings li")
    expect(found.first).to_contain_text("The file shows it otherwise than its evidence says.")
    assert watched.json() == verify_mp4(film).to_json()
    browsers.keep(watched.page, "film")
    watched.drop(clip)
    expect(watched.verdict).to_contain_text(HOLDS)
    assert watched.json()["file"] == "clip"
    assert watched.json() == verify_mp4(clip).to_json()
    watched.drop(Path(__file__))
    expect(watched.page.get_by_role("alert")).to_contain_text("Here is no record that can be read.")
    assert watched.asked_for == []
    browsers.keep(watched.page, "no-film")


def test_what_takes_long_may_be_cancelled_and_another_begun(
    host: Host, made: Path, kept: Path, browsers: Chromium
) -> None:
    with next(kept.glob("north/*/hd.1.mp4")).open("r+b") as file:
        file.truncate(8 << 30)  # zeros that lie on no disk, and have to be read
    watched = Watched(browsers.context(own_camera=True), f"{host.url}/verify")
    cancel = watched.page.get_by_role("button", name="Cancel")
    watched.choose(kept)
    cancel.click()
    expect(cancel).to_be_hidden()
    expect(watched.verdict).to_be_hidden()
    watched.choose(kept)
    expect(watched.page.get_by_role("progressbar", name="Reading “k7m2xq4vw9”")).to_be_visible()
    watched.choose(made)
    expect(watched.verdict).to_contain_text(HOLDS)
    expect(cancel).to_be_hidden()


def unsealed(path: Path) -> None:
    for file in path.glob("*/*/seals.log"):
        file.unlink()


def cut(path: Path) -> None:
    [file] = path.glob("north/*/hd.1.mp4")
    file.write_bytes(file.read_bytes()[:60_000])


CHANGED: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut": (cut, "Not all of it can be proven"),
    "unsealed": (unsealed, "It is not sealed"),
    "without a track": (
        lambda path: next(path.glob("north/*/hd.1.mp4")).unlink(),
        "What is there holds; something is missing",
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_the_page_and_the_command_say_the_same(what: str, host: Host, kept: Path, browsers: Chromium) -> None:
    change, sentence = CHANGED[what]
    change(kept)
    watched = Watched(browsers.context(own_camera=True), f"{host.url}/verify")
    watched.choose(kept)
    expect(watched.verdict).to_contain_text(sentence)
    assert watched.json() == verify(kept).to_json()
    browsers.keep(watched.page, what)


def test_what_is_no_record_is_told_with_the_remedy(watched: Watched, kept: Path) -> None:
    page = watched.page
    for path, sentence in (
        (kept / "north", "This is a part of a record."),
        (Path(__file__).parent, "There is no record in this."),
        (next(kept.glob("north/*/hd.1.mp4")), "This is a part of a record."),
        (kept.parent, None),
    ):
        watched.drop(path)
        if sentence:
            expect(page.get_by_role("alert")).to_contain_text(sentence)
            expect(page.get_by_role("alert")).to_be_focused()
        else:
            expect(watched.verdict).to_contain_text(HOLDS)
    (kept / "record.json").write_text('{"version": 2}')
    watched.drop(kept)
    expect(page.get_by_role("alert")).to_contain_text("A newer version of Vivavoce wrote this.")
    expect(page.get_by_role("alert")).to_contain_text("data.newer")
    assert watched.asked_for == []


def test_the_saved_page_has_the_bytes_of_the_served_one(host: Host, saved: Path, browsers: Chromium) -> None:
    watched = Watched(browsers.context(own_camera=True), f"{host.url}/verify")
    with watched.page.expect_download() as download:
        watched.page.get_by_role("link", name="Save this page").click()
    again = Path(download.value.path()).read_bytes()
    assert hashlib.sha256(again).digest() == hashlib.sha256(saved.read_bytes()).digest()


def test_the_browser_itself_keeps_the_page_from_connecting(
    watched: Watched, host: Host, browsers: Chromium
) -> None:
    def tries(page: Page) -> Any:
        return page.evaluate(
            """url => Promise.all([
                fetch(url, {mode: "no-cors"}).then(() => "sent", () => "refused"),
                new Promise((told) => {
                    const socket = new WebSocket(url.replace("http", "ws"));
                    socket.onerror = () => told("refused");
                }),
            ])""",
            host.url,
        )

    assert tries(watched.page) == ["refused", "refused"]
    assert watched.asked_for == []
    assert any("violates the following Content Security Policy" in one for one in browsers.troubles)
    assert all("Content Security Policy" in one for one in browsers.troubles)
    browsers.troubles.clear()
    # A page without that policy can, and the ear hears it.
    watched.page.goto(f"{host.url}/api/clock")
    watched.asked.clear()
    assert tries(watched.page)[0] == "sent"
    assert f"{host.url}/" in watched.asked
    browsers.troubles.clear()


def test_axe_finds_nothing_in_any_language_and_state(host: Host, kept: Path, browsers: Chromium) -> None:
    found: list[str] = []
    for language in LANGUAGES:
        watched = Watched(browsers.context(own_camera=True), f"{host.url}/verify")
        page = watched.page
        page.goto(f"{host.url}/verify?lang={language}")
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.get_by_role("main")).to_be_visible()
        found += what_axe_finds(page)
        watched.drop(Path(__file__))
        expect(page.get_by_role("alert")).to_be_visible()
        found += what_axe_finds(page)
        watched.drop(kept)
        expect(watched.verdict).to_be_visible()
        page.locator("summary").click()
        found += what_axe_finds(page)
    assert found == []
