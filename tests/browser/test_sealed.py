"""What a stage sends stands by its device's signature, and the other language's core says so.

Real Chromium over real QUIC. A carrier takes a side's line in place of the host: whoever carries it finds
nothing wrong, and whoever alters it on the way is found out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, Route

from tests.browser.carrier import SEALS, Came, Carrier, carrier, judged
from tests.browser.chromium import Chromium
from tests.browser.conftest import Discussion
from tests.browser.test_discussion import NORTH_PITCH, go_on_air
from vivavoce.seal.statement import Founding, FoundingSide


def founding_of(discussion: Discussion) -> Founding:
    sides = tuple(
        FoundingSide(one["side"], one["name"], one["language"]) for one in discussion.facts["sides"]
    )
    return Founding(discussion.id, discussion.facts["title"], 1_795_200_000_000_000, sides)


def tells(page: Page, founding: Founding) -> None:
    """The host tells these founding facts."""

    def fulfil(route: Route) -> None:
        facts, digest = founding.to_bytes().hex(), founding.digest.hex()
        route.fulfill(json={"facts": facts, "hash": digest, "devices": {}})

    page.route("**/founding", fulfil)


def until(page: Page, there: Callable[[], bool], timeout_s: float = 60) -> None:
    for _ in range(int(10 * timeout_s)):
        if there():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come")


def north(browsers: Chromium, discussion: Discussion, carried: Carrier, founding: Founding) -> Page:
    page = browsers.context(pitch=NORTH_PITCH).new_page()
    browsers.listen(page)
    tells(page, founding)
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
    # A processor that is busy may keep the device from sealing in time, and then everyone is told so.
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
