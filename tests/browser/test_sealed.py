"""What a stage sends stands by its device's signature, and the other language's core says so.

Real Chromium over real QUIC. A carrier takes a side's line in place of the host: whoever carries it finds
nothing wrong, and whoever alters it on the way is found out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.carrier import SEALS, Came, Carrier, carrier, judged
from tests.browser.chromium import Chromium
from tests.browser.conftest import Discussion
from tests.browser.test_discussion import NORTH_PITCH, go_on_air
from vivavoce.line.catalog import Catalog
from vivavoce.line.sample import decode_frame
from vivavoce.seal.config import parse_config
from vivavoce.seal.digest import leaf
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.leavesframe import LeavesFrame, is_leaves, parse_leaves
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.seal import parse_seal
from vivavoce.seal.statement import Founding, FoundingSide


def founding_of(discussion: Discussion) -> Founding:
    sides = tuple(
        FoundingSide(one["side"], one["name"], one["language"]) for one in discussion.facts["sides"]
    )
    return Founding(discussion.id, discussion.facts["title"], 1_795_200_000_000_000, sides)


def tells(page: Page, founding: Founding, carried: Carrier) -> None:
    """The host tells these founding facts, and names the device that seals."""

    def fulfil(route: Route) -> None:
        facts, digest = founding.to_bytes().hex(), founding.digest.hex()
        devices = {}
        for one in carried.came:
            if one.track == SEALS and one.index == 0:
                run = Catalog.parse(carried.catalogs[0]).run
                devices["north"] = {"run": run, "device": parse_papers(one.payload).device.hex()}
        route.fulfill(json={"facts": facts, "hash": digest, "devices": devices})

    page.route("**/founding", fulfil)


def until(page: Page, there: Callable[[], bool], timeout_s: float = 60) -> None:
    for _ in range(int(10 * timeout_s)):
        if there():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come")


def north(
    browsers: Chromium, discussion: Discussion, carried: Carrier, founding: Founding, **options: Any
) -> Page:
    page = browsers.context(pitch=NORTH_PITCH, **options).new_page()
    browsers.listen(page)
    tells(page, founding, carried)
    carried.lead(page)
    page.goto(discussion.stage_url("north"))
    go_on_air(page)
    return page


def altered(came: list[Came]) -> list[Came]:
    """One bit of one picture in the middle is another."""
    at = next(i for i, one in enumerate(came) if i > len(came) // 2 and one.track.startswith("hd"))
    raw = bytearray(came[at].payload)
    raw[-1] ^= 1
    return [*came[:at], replace(came[at], payload=bytes(raw)), *came[at + 1 :]]


def test_what_a_stage_sends_is_what_its_device_signed(
    discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    founding = founding_of(discussion)
    with carrier(f"{discussion.id}/north", tmp_path / "carrier") as carried:
        page = north(browsers, discussion, carried, founding)
        until(page, lambda: sum(one.track == SEALS for one in carried.came) > 60)
        page.get_by_role("button", name="Leave the air").click()
        page.wait_for_timeout(1500)
        came = list(carried.came)
    told = judged(founding, came)
    assert told.standing == "host"
    assert told.verdict.state == "verified"
    assert told.verdict.chain.ended
    assert told.verdict.chain.whole
    # As a busy processor may have it.
    assert {one.code for one in told.verdict.history} <= {"seal.apart"}

    forged = judged(founding, altered(came))
    assert "sample.altered" in {one.code for one in forged.verdict.history}
    assert "broken" in forged.states


def test_a_stage_that_lost_its_line_sealed_on_and_breaks_nothing(
    discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    founding = founding_of(discussion)
    with carrier(f"{discussion.id}/north", tmp_path / "carrier") as carried:
        page = north(browsers, discussion, carried, founding)
        until(page, lambda: sum(one.track == SEALS for one in carried.came) > 20)
        carried.drop()
        before = len(carried.came)
        until(page, lambda: sum(one.track == SEALS for one in carried.came[before:]) > 40)
        page.get_by_role("button", name="Leave the air").click()
        page.wait_for_timeout(1500)
        came = list(carried.came)
    told = judged(founding, came)
    assert told.verdict.chain.whole
    assert told.verdict.chain.ended
    assert "broken" not in told.states
    assert told.verdict.state in ("verified", "gap", "late")


def test_a_host_without_founding_facts_gets_an_unsealed_run(
    discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    with carrier(f"{discussion.id}/north", tmp_path / "carrier") as carried:
        page = browsers.context(pitch=NORTH_PITCH).new_page()
        page.route(
            "**/founding", lambda route: route.fulfill(status=404, json={"error": {"code": "page.unknown"}})
        )
        carried.lead(page)
        page.goto(discussion.stage_url("north"))
        go_on_air(page)
        until(page, lambda: sum(one.track.startswith("hd") for one in carried.came) > 20)
        assert not any(one.track == SEALS for one in carried.came)
        assert not page.get_by_text("cannot be checked").is_visible()


class Forger:
    """Turns a bit of every second picture while it is at work."""

    def __init__(self) -> None:
        self.works = False

    def __call__(self, came: Came) -> bytes | None:
        if not self.works or not came.track.startswith(("hd", "sd", "ld")) or came.index % 2 == 0:
            return came.payload
        raw = bytearray(came.payload)
        raw[-1] ^= 1
        return bytes(raw)


def test_whoever_watches_sees_that_it_is_unaltered_and_when_it_is_not(
    discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    founding, forger = founding_of(discussion), Forger()
    with carrier(f"{discussion.id}/north", tmp_path / "carrier") as carried:
        carried.alter = forger
        page = north(browsers, discussion, carried, founding)
        until(page, lambda: any(one.track == SEALS for one in carried.came))
        audience = browsers.context(width=1440, height=900).new_page()
        browsers.listen(audience)
        tells(audience, founding, carried)
        audience.goto(discussion.audience_url + carried.query)
        side = audience.locator("vv-side").first
        well = side.get_by_role("status").filter(has_text="Unaltered since Northland’s device signed it")
        expect(well).to_be_visible()
        expect(side.get_by_text("key introduced by the host")).to_be_visible()
        browsers.keep(audience, "unaltered")

        forger.works = True
        expect(
            side.get_by_role("status").filter(has_text="Not what Northland’s device signed")
        ).to_be_visible()
        browsers.keep(audience, "altered")
        forger.works = False
        expect(well).to_be_visible()
        expect(side.get_by_text("mark", exact=False).first).to_be_visible()
        side.get_by_role("button", expanded=False).filter(has_text="Unaltered").click()
        expect(
            side.get_by_text("What came is not what the side’s device signed", exact=False).first
        ).to_be_visible()
        browsers.keep(audience, "history")


def test_what_a_viewer_does_makes_no_mark(discussion: Discussion, browsers: Chromium, tmp_path: Path) -> None:
    founding = founding_of(discussion)
    with carrier(f"{discussion.id}/north", tmp_path / "carrier") as carried:
        page = north(browsers, discussion, carried, founding, size=(640, 360))
        until(page, lambda: any(one.track == SEALS for one in carried.came))
        audience = browsers.context(width=1440, height=900).new_page()
        browsers.listen(audience)
        tells(audience, founding, carried)
        audience.goto(discussion.audience_url + carried.query)
        side = audience.locator("vv-side").first
        well = side.get_by_role("status").filter(has_text="Unaltered since Northland’s device signed it")
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
        marks = side.locator("vv-verdict li").all_text_contents()
        # A processor that is busy may keep the device from sealing in time, and then everyone is told so.
        assert [mark for mark in marks if "sealed too seldom" not in mark] == []
        renditions = {one.track.partition(".")[0] for one in carried.came}
        assert {"hd", "sd", "floor"} <= renditions or {"hd", "ld", "floor"} <= renditions, renditions


def rows(came: list[Came]) -> list[tuple[int, int, int]]:
    """The rows of sound that the seals tell of: the track's number, the first group, how many packets."""
    seals = [
        parse_seal(open_envelope(one.payload).payload)
        for one in came
        if one.track == SEALS and one.index > 0 and not is_leaves(one.payload)
    ]
    names = {number: parse_config(raw).name for seal in seals for number, raw in seal.configs}
    deltas = [delta for seal in seals for delta in seal.deltas]
    return [(one.track, one.group, one.count) for one in deltas if names[one.track].startswith("floor")]


def test_a_stage_tells_the_leaves_of_what_its_host_lacks(
    discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    founding = founding_of(discussion)
    with carrier(f"{discussion.id}/north", tmp_path / "carrier") as carried:
        page = north(browsers, discussion, carried, founding)
        until(page, lambda: len(rows(carried.came)) > 20)
        row = rows(carried.came)[-1]
        carried.lacking = [row]
        until(page, lambda: any(one.track == SEALS and is_leaves(one.payload) for one in carried.came))
        carried.lacking = []
        page.wait_for_timeout(1000)
        came = list(carried.came)
    told = [parse_leaves(one.payload) for one in came if one.track == SEALS and is_leaves(one.payload)]
    assert {(one.track, one.group, len(one.leaves)) for one in told} == {row}
    lost = next(one for one in came if one.track.startswith("floor") and one.group == row[1] + 1)
    without = [one for one in came if one is not lost]
    codes = {one.code for one in judged(founding, without).verdict.history}
    assert codes - {"seal.apart", "seal.late"} == {"sample.missing"}
    silent = [one for one in without if one.track != SEALS or not is_leaves(one.payload)]
    late = [one for one in judged(founding, silent).verdict.history if one.code == "seal.late"]
    assert any(one.track == lost.track for one in late), "without them, what came beside it is not proven"


class Loser:
    """Lets one packet of sound go, once it is told to."""

    def __init__(self) -> None:
        self.group: int | None = None
        self.lost: Came | None = None

    def __call__(self, came: Came) -> bytes | None:
        if self.group is not None and came.track.startswith("floor") and came.group >= self.group:
            self.group, self.lost = None, came
            return None
        return came.payload


def answers(page: Page, carried: Carrier) -> list[str]:
    """The host has every leaf of what the carrier was sent. Returns what it was asked."""
    asked: list[str] = []

    def fulfil(route: Route) -> None:
        asked.append(route.request.url)
        wanted = {name: values[0] for name, values in parse_qs(urlsplit(route.request.url).query).items()}
        track, first, count = (int(wanted[name]) for name in ("track", "group", "count"))
        leaves = []
        for one in carried.came:
            if one.track.startswith("floor") and first <= one.group < first + count:
                timestamp_us, data = decode_frame(one.payload)
                leaves.append((one.group, leaf(one.group, 0, timestamp_us, True, data)))
        told = LeavesFrame(track, first, [each for _, each in sorted(leaves)])
        route.fulfill(body=told.to_bytes(), content_type="application/cbor")

    page.route("**/leaves?*", fulfil)
    return asked


@pytest.mark.parametrize("helped", [True, False], ids=["asks", "is not answered"])
def test_a_page_that_lost_a_packet(
    helped: bool, discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    """By its row's leaves all else is proven; where nobody has them the row is not."""
    founding, loser = founding_of(discussion), Loser()
    with carrier(f"{discussion.id}/north", tmp_path / "carrier") as carried:
        carried.alter = loser
        page = north(browsers, discussion, carried, founding, size=(640, 360))
        until(page, lambda: any(one.track == SEALS for one in carried.came))
        audience = browsers.context(width=1440, height=900).new_page()
        browsers.listen(audience)
        tells(audience, founding, carried)
        asked = answers(audience, carried) if helped else []
        audience.goto(discussion.audience_url + carried.query)
        side = audience.locator("vv-side").first
        well = side.get_by_role("status").filter(has_text="Unaltered since Northland’s device signed it")
        expect(well).to_be_visible()
        audience.get_by_role("button", name="Turn on the sound").click()
        audience.wait_for_timeout(4_000)
        loser.group = max(one.group for one in carried.came if one.track.startswith("floor")) + 5
        until(audience, lambda: loser.lost is not None)
        audience.wait_for_timeout(3_000)
        expect(well).to_be_visible()
        marks = side.locator("vv-verdict li").all_text_contents()
    missing = [mark for mark in marks if "sealed did not come" in mark]
    late = [mark for mark in marks if "not proven" in mark or "late" in mark.lower()]
    assert missing, marks
    assert bool(asked) == helped
    assert bool(late) != helped, marks
