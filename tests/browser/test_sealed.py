"""What a stage sends stands by its device's signature, and everyone can see whether it does.

Real Chromium over real QUIC to a real host. What the stage's code sealed, the other language's core judges;
what a page says of it is seen through a relay that its reader chose, which alters the line or does not.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.attacks.relay import Frame, Tamper
from tests.browser.chromium import Chromium, through
from tests.browser.conftest import Discussion, age
from tests.browser.forwarder import Forwarder
from tests.browser.relaying import relaying
from tests.browser.test_discussion import NORTH_PITCH, go_on_air
from tests.fakes.hosts import VIVAVOCE, Host
from tests.fakes.tampering import edit_samples, edit_seals, seals_of_file
from vivavoce.line.sample import Sample, decode_frame, encode_frame
from vivavoce.record.contents import open_record
from vivavoce.seal.leavesframe import is_leaves

UNALTERED = "Unaltered since Northland’s device signed it"
ALTERED = "Not what Northland’s device signed"
ALTERED_MARK = "What came is not what the side’s device signed"
PICTURES = ("hd", "sd", "ld")
# As a busy processor may have it, and then everyone is told so.
SELDOM, SELDOM_MARK = "seal.apart", "sealed too seldom"


def north(
    browsers: Chromium, discussion: Discussion, network: Forwarder | None = None, **options: Any
) -> Page:
    """North's stage, on air."""
    page = browsers.context(pitch=NORTH_PITCH, **options).new_page()
    browsers.listen(page)
    if network is not None:
        through(page, network.port)
    page.goto(discussion.stage_url("north"))
    go_on_air(page)
    return page


def watching(browsers: Chromium, discussion: Discussion, query: str = "") -> tuple[Page, Locator]:
    """The audience's page, and north's half of it."""
    page = browsers.open(discussion.audience_url + query, width=1440, height=900)
    return page, page.locator("vv-side").first


def says(side: Locator, what: str) -> Locator:
    return side.get_by_role("status").filter(has_text=what)


def marks(side: Locator) -> list[str]:
    """All that was found, but that the device sealed too seldom."""
    return [mark for mark in side.locator("vv-verdict li").all_text_contents() if SELDOM_MARK not in mark]


def folder_of(host: Host, discussion: Discussion) -> Path:
    return host.data / "records" / discussion.id


def seals_kept(host: Host, discussion: Discussion) -> int:
    return sum(len(seals_of_file(one)) for one in folder_of(host, discussion).glob("north/*/seals*.log"))


def kept(host: Host, discussion: Discussion) -> dict[str, int]:
    """How many samples of each rendition the host has written down."""
    if not folder_of(host, discussion).exists():
        return {}
    runs = open_record(folder_of(host, discussion)).runs
    return {name.partition(".")[0]: len(one.samples) for run in runs for name, one in run.tracks.items()}


def until(page: Page, there: Callable[[], bool], timeout_s: float = 60) -> None:
    for _ in range(int(10 * timeout_s)):
        if there():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come")


def leave(page: Page, host: Host, discussion: Discussion) -> None:
    """Leave the air, and wait until the host has written down that nothing follows."""
    page.get_by_role("button", name="Leave the air").click()
    until(page, lambda: open_record(folder_of(host, discussion)).runs[0].ended == "left")


def verified(folder: Path) -> Any:
    """What `vivavoce verify` says."""
    told = subprocess.run(
        [str(VIVAVOCE), "verify", str(folder), "--json"], capture_output=True, text=True, timeout=60
    )
    said = json.loads(told.stdout)
    assert told.returncode == (0 if said["holds"] else 1), told.stderr
    return said


def codes(said: Any) -> set[str]:
    return {one["code"] for one in said["findings"]}


def in_between(said: Any) -> list[Any]:
    """What is missing of tracks of which something came later."""
    tracks = {track["track"]: track["proven"] for side in said["sides"] for track in side["tracks"]}
    return [
        one
        for one in said["findings"]
        if one["code"] == "sample.missing" and any(begin > one["from_s"] for begin, _ in tracks[one["track"]])
    ]


def altered(samples: list[Sample]) -> list[Sample]:
    """One bit of one picture in the middle is another."""
    at = len(samples) // 2
    data = bytearray(samples[at].data)
    data[-1] ^= 1
    return [*samples[:at], replace(samples[at], data=bytes(data)), *samples[at + 1 :]]


def aired(host: Host, discussion: Discussion, browsers: Chromium, seals: int) -> Path:
    """The record of a side that sealed so often, left the air, and whose host has stopped."""
    page = north(browsers, discussion)
    until(page, lambda: seals_kept(host, discussion) > seals)
    leave(page, host, discussion)
    host.stop()
    return folder_of(host, discussion)


def test_what_a_stage_sends_is_what_its_device_signed(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    folder = aired(host, discussion, browsers, 60)
    said = verified(folder)
    assert said["holds"], said["findings"]
    [side] = said["sides"]
    assert (side["side"], side["by"]) == ("north", "host")
    assert side["proven_seconds"] > 2
    assert side["ended"]
    # A busy device may hang up before its last pictures are out; then everyone is told that they are missing.
    assert codes(said) <= {SELDOM, "sample.missing"}, said["findings"]
    assert in_between(said) == []

    [picture] = folder.glob("north/*/hd.1.mp4")
    edit_samples(picture, altered)
    forged = verified(folder)
    assert not forged["holds"]
    assert ("sample.altered", "broken") in {(one["code"], one["judgement"]) for one in forged["findings"]}


def test_a_stage_that_lost_its_line_sealed_on_and_breaks_nothing(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    with Forwarder(("127.0.0.1", host.port)) as network:
        page = north(browsers, discussion, network)
        audience, side = watching(browsers, discussion)
        well = says(side, UNALTERED)
        expect(well).to_be_visible()
        until(page, lambda: seals_kept(host, discussion) > 20)
        network.cut()
        expect(page.get_by_text("Line lost, returning").first).to_be_visible()
        page.wait_for_timeout(2_000)
        before = seals_kept(host, discussion)
        network.mend()
        until(page, lambda: seals_kept(host, discussion) > before + 40)
        expect(page.get_by_text("You are on air", exact=False).first).to_be_visible()
        age(audience, "north")
        expect(well).to_be_visible()
        browsers.keep(audience, "unaltered-again")
        assert not any(ALTERED_MARK in mark for mark in marks(side))
        leave(page, host, discussion)
    said = verified(folder_of(host, discussion))
    assert said["sides"][0]["ended"]
    assert "broken" not in {one["judgement"] for one in said["findings"]}
    # What was sent while there was no line is not there, its seals are; and a group that was cut off in the
    # middle of what one seal covers is proven up to there.
    assert in_between(said), "the line was not lost: this would prove nothing"
    assert codes(said) <= {"sample.missing", "sample.unproven", SELDOM}, said["findings"]


@pytest.mark.parametrize(
    ("answer", "stage_says"),
    [
        pytest.param({"status": 404, "body": ""}, True, id="who-answers-nothing"),
        pytest.param({"status": 500, "json": {"error": {"code": "internal"}}}, True, id="who-fails"),
        # Nothing is wrong with the stage; everyone else is told all the same.
        pytest.param(
            {"status": 404, "json": {"error": {"code": "page.unknown"}}}, False, id="of-before-seals"
        ),
    ],
)
def test_a_host_without_founding_facts_gets_an_unsealed_run_and_everyone_is_told(
    answer: dict[str, Any], stage_says: bool, host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    def refuse(route: Route) -> None:
        route.fulfill(**answer)

    page = browsers.context(pitch=NORTH_PITCH).new_page()
    browsers.listen(page)
    page.route("**/founding", refuse)
    page.goto(discussion.stage_url("north"))
    go_on_air(page)
    said = page.get_by_role("alert").filter(has_text="What you send cannot be checked by those who watch")
    if stage_says:
        expect(said).to_be_visible()
    audience, side = watching(browsers, discussion)
    expect(says(side, "Not sealed: nothing proves that it is unaltered")).to_be_visible()
    browsers.keep(audience, "unsealed")
    until(page, lambda: kept(host, discussion).get("hd", 0) > 20)
    assert said.is_visible() == stage_says
    leave(page, host, discussion)
    assert list(folder_of(host, discussion).glob("north/*/seals*")) == []
    assert verified(folder_of(host, discussion))["verdict"] == "unsealed"


def test_a_stage_leaves_the_leaves_of_its_last_second_behind(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    folder = aired(host, discussion, browsers, 30)
    [sound], [log] = folder.glob("north/*/floor.1.mp4"), folder.glob("north/*/seals.log")
    assert any(one.index and is_leaves(one.raw) for one in seals_of_file(log))
    lost = [one for one in seals_of_file(log) if not (one.index and is_leaves(one.raw))]

    edit_samples(sound, lambda samples: [*samples[:-6], *samples[-5:]])
    said = verified(folder)
    assert said["holds"], said["findings"]
    assert codes(said) - {SELDOM} == {"sample.missing"}

    edit_seals(log, lambda _: lost)
    assert "sample.unproven" in codes(verified(folder)), "without them the row is not proven"


class Forger(Tamper):
    """Turns a bit of every second picture of north's while it is at work."""

    works = False

    def frames(self, frame: Frame) -> Iterable[bytes]:
        of_north = frame.seat == "north" and frame.track.partition(".")[0] in PICTURES
        if not self.works or not of_north or frame.index % 2 == 0:
            return (frame.payload,)
        raw = bytearray(frame.payload)
        raw[-1] ^= 1
        return (bytes(raw),)


def test_whoever_watches_sees_that_it_is_unaltered_and_when_it_is_not(
    host: Host, discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    forger = Forger()
    with relaying(host, discussion, tmp_path / "relay", forger) as query:
        page = north(browsers, discussion)
        until(page, lambda: seals_kept(host, discussion) > 0)
        audience, side = watching(browsers, discussion, query)
        well, bad = says(side, UNALTERED), says(side, ALTERED)
        expect(well).to_be_visible()
        expect(side.get_by_text("key introduced by the host")).to_be_visible()
        # The control: the same relay, for as long as a forged bit takes to be found several times over.
        for _ in range(30):
            audience.wait_for_timeout(100)
            assert not bad.is_visible()
        assert not any(ALTERED_MARK in mark for mark in marks(side))
        expect(well).to_be_visible()
        browsers.keep(audience, "unaltered")

        forger.works = True
        expect(bad).to_be_visible()
        browsers.keep(audience, "altered")
        forger.works = False
        expect(well).to_be_visible()
        expect(side.get_by_text("mark", exact=False).first).to_be_visible()
        side.get_by_role("button", expanded=False).filter(has_text="Unaltered").click()
        expect(side.get_by_text(ALTERED_MARK, exact=False).first).to_be_visible()
        browsers.keep(audience, "history")


def test_what_a_viewer_does_makes_no_mark(host: Host, discussion: Discussion, browsers: Chromium) -> None:
    page = north(browsers, discussion, size=(640, 360))
    until(page, lambda: seals_kept(host, discussion) > 0)
    audience, side = watching(browsers, discussion)
    well = says(side, UNALTERED)
    expect(well).to_be_visible()
    audience.get_by_role("button", name="Turn on the sound").click()
    audience.wait_for_timeout(2_000)
    for width, height in ((360, 300), (1440, 900), (360, 300)):
        audience.set_viewport_size({"width": width, "height": height})
        audience.wait_for_timeout(4_000)
    audience.get_by_role("button", name="Turn off the sound").click()
    audience.wait_for_timeout(2_000)
    browsers.keep(audience, "at-the-end")
    expect(well).to_be_visible()
    assert marks(side) == []
    renditions = {name for name, samples in kept(host, discussion).items() if samples > 0}
    assert {"hd", "sd", "floor"} <= renditions or {"hd", "ld", "floor"} <= renditions, renditions


class Garbler(Tamper):
    """Puts what no decoder takes in the place of one picture of each of three groups, late in the group."""

    LATE = 10

    def __init__(self) -> None:
        self.works = False
        self.groups: list[int] = []

    def frames(self, frame: Frame) -> Iterable[bytes]:
        of_north = frame.seat == "north" and frame.track.partition(".")[0] == "hd"
        due = self.works and len(self.groups) < 3 and frame.index == self.LATE
        if not (of_north and due):
            return (frame.payload,)
        self.groups.append(frame.group)
        timestamp, data = decode_frame(frame.payload)
        return (encode_frame(timestamp, b"\xff" * len(data)),)


_CODES = """() => {
    const find = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.localName === "vv-verdict") return element;
            const found = element.shadowRoot && find(element.shadowRoot);
            if (found) return found;
        }
        return null;
    };
    return (find(document)?.verdict?.newest ?? []).map(({ code }) => code);
}"""


def test_each_picture_that_no_decoder_takes_is_told(
    host: Host, discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    """Pictures that build on it are not shown, but what comes of them judges it: no leaves are needed."""
    north(browsers, discussion)
    tamper = Garbler()
    with relaying(host, discussion, tmp_path / "relay", tamper) as query:
        page, side = watching(browsers, discussion, query)
        page.route("**/leaves*", lambda route: route.abort())
        age(page, "north")
        expect(says(side, UNALTERED)).to_be_visible()
        tamper.works = True
        for _ in range(200):
            if len(tamper.groups) == 3:
                break
            page.wait_for_timeout(100)
        page.wait_for_timeout(2_500)
        assert page.evaluate(_CODES).count("sample.altered") == 3


class Loser(Tamper):
    """Lets one packet of north's sound go, once it is told to."""

    due = lost = False

    def group(self, seat: str, track: str, group: int) -> int | None:
        if self.due and (seat, track.partition(".")[0]) == ("north", "floor"):
            self.due, self.lost = False, True
            return None
        return group


@pytest.mark.parametrize("helped", [True, False], ids=["asks", "is-not-answered"])
def test_a_page_that_lost_a_packet(
    helped: bool, host: Host, discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    """By its row's leaves all else is proven; where nobody tells them the row is not."""
    loser = Loser()
    with relaying(host, discussion, tmp_path / "relay", loser) as query:
        page = north(browsers, discussion, size=(640, 360))
        until(page, lambda: seals_kept(host, discussion) > 0)
        audience = browsers.context(width=1440, height=900).new_page()
        browsers.listen(audience)
        asked: list[str] = []
        audience.on("request", lambda one: asked.append(one.url) if "/leaves?" in one.url else None)
        if not helped:
            audience.route("**/leaves?*", lambda route: route.abort())
        audience.goto(discussion.audience_url + query)
        side = audience.locator("vv-side").first
        well = says(side, UNALTERED)
        expect(well).to_be_visible()
        audience.get_by_role("button", name="Turn on the sound").click()
        audience.wait_for_timeout(4_000)
        before = len(marks(side))
        loser.due = True
        until(audience, lambda: loser.lost)
        audience.wait_for_timeout(3_000)
        expect(well).to_be_visible()
        found = marks(side)[: len(marks(side)) - before]
    assert any("sealed did not come" in mark for mark in found), found
    assert asked
    late = [mark for mark in found if "not proven" in mark or "late" in mark.lower()]
    assert bool(late) != helped, found
