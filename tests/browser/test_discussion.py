"""The main job: two sides talk in their browsers, anyone watches, and all of it is kept.

Real Chromium over real QUIC to a real host. The cameras paint the time, so that a picture on a page proves
when it was taken; the microphones hum at different pitches, so that it is known whose voice is heard.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.chromium import Chromium, through
from tests.browser.conftest import Discussion, age, hears
from tests.browser.forwarder import Forwarder
from tests.fakes.hosts import VIVAVOCE, Host
from vivavoce.record.contents import open_record
from vivavoce.record.verify import verify

NORTH_PITCH, SOUTH_PITCH = 440, 990
LAST_S = 2.0
"""So long before a host is killed a busy machine may have no seal of what came."""


def stage(browsers: Chromium, discussion: Discussion, side: str) -> Page:
    """A side's stage with its devices open, not on air."""
    pitch, hue = (NORTH_PITCH, 210) if side == "north" else (SOUTH_PITCH, 20)
    page = browsers.open(discussion.stage_url(side), pitch=pitch, hue=hue)
    expect(page.get_by_role("button", name="Go on air")).to_be_enabled()
    return page


def go_on_air(page: Page) -> None:
    page.get_by_role("button", name="Go on air").click()
    expect(page.get_by_text("You are on air", exact=False).first).to_be_visible()


def decoded(path: Path, index: int) -> Iterator[object]:
    """The pictures of a movie's picture track."""
    with av.open(str(path)) as movie:
        yield from movie.decode(video=index)


def test_two_sides_talk_before_an_audience_and_what_was_said_is_kept(
    host: Host, discussion: Discussion, browsers: Chromium, tmp_path: Path
) -> None:
    north, south = stage(browsers, discussion, "north"), stage(browsers, discussion, "south")
    for side in (north, south):
        go_on_air(side)
    audience = browsers.open(discussion.audience_url, width=1440, height=900)
    for seat in ("north", "south"):
        assert age(audience, seat) > -200, "a picture from the future is no picture"
    age(north, "south")
    age(south, "north")

    audience.get_by_role("button", name="Turn on the sound").click()
    hears(audience, NORTH_PITCH)
    hears(audience, SOUTH_PITCH)
    expect(audience.get_by_text("measured, trusting the host’s clock").first).to_be_visible()
    for name, page in (("audience", audience), ("north", north), ("south", south)):
        browsers.keep(page, name)

    told = subprocess.run(
        [str(VIVAVOCE), "watch", discussion.audience_url, "--json", "--seconds", "4"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    states = {(line["side"], line["state"]) for line in lines}
    assert states >= {("north", "verified"), ("south", "verified")}
    assert "broken" not in {state for _, state in states}
    assert any(line["delay_ms"] is not None for line in lines)

    host.stop(signal.SIGKILL)
    out = tmp_path / "discussion.mp4"
    folder = host.data / "records" / discussion.id
    subprocess.run([str(VIVAVOCE), "export", str(folder), "--mp4", str(out)], check=True, timeout=120)
    judged = verify(folder)
    # Nothing is false. What a busy machine did not carry is a gap, and what was sealed together with it may
    # not be proven; nor what came last before the host was killed, for which no seal came any more.
    assert [one for one in judged.findings if one.judgement == "broken"] == []
    lost = {(one.run, one.track) for one in judged.findings if one.code == "sample.missing"}
    for one in judged.findings:
        last = one.until_s > judged.seconds - LAST_S
        assert one.judgement != "unproven" or last or (one.run, one.track) in lost, one
    assert all(side.by == "host" and side.proven_seconds > 2 for side in judged.sides)
    record = open_record(folder)
    assert sorted(run.seat for run in record.runs) == ["north", "south"]
    for run in record.runs:
        # Which rendition a side sends is for its line and its processor to say.
        pictures = [track for name, track in run.tracks.items() if not name.startswith("floor")]
        assert sum(len(track.samples) for track in pictures) > 30
    with av.open(str(out)) as movie:
        kinds = sorted(stream.type for stream in movie.streams)
        assert kinds.count("audio") == 2
        assert kinds.count("video") >= 2
    assert sum(1 for index in range(kinds.count("video")) for _ in decoded(out, index)) > 60


def test_a_listener_hears_the_other_side_and_never_their_own_voice(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    north, south = stage(browsers, discussion, "north"), stage(browsers, discussion, "south")
    for side in (north, south):
        go_on_air(side)
    hear = north.get_by_role("button", name="Hear the other side", exact=True)
    if hear.count():
        hear.click()
    hears(north, SOUTH_PITCH)
    for _ in range(10):
        heard = north.evaluate("__vivavoceHears()")
        assert not any(abs(pitch - NORTH_PITCH) < 15 for pitch in heard), heard
        north.wait_for_timeout(200)


def test_nothing_leaves_the_device_before_it_goes_on_air(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    with Forwarder(("127.0.0.1", host.port)) as network:
        page = browsers.context(pitch=NORTH_PITCH).new_page()
        through(page, network.port)
        sent: list[str] = []
        page.on("request", lambda asked: sent.append(f"{asked.method} {asked.url.split('?')[0]}"))
        page.goto(discussion.stage_url("north"))
        expect(page.get_by_role("button", name="Go on air")).to_be_enabled()
        page.wait_for_timeout(2000)
        before = network.to_host.bytes
        page.wait_for_timeout(5000)
        quiet = network.to_host.bytes - before
        # The page listens for the other side, so its line breathes; it does not speak.
        assert quiet < 5_000, f"{quiet} bytes left in five seconds of waiting"
        assert [request for request in sent if request.startswith("POST")] == []
        assert "device connected" not in host.log.read_text()

        go_on_air(page)
        before = network.to_host.bytes
        page.wait_for_timeout(5000)
        assert network.to_host.bytes - before > 50_000, "the count would have noticed a picture"


def test_a_lost_network_is_survived_and_everyone_is_told(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    with Forwarder(("127.0.0.1", host.port)) as network:
        north = browsers.context(pitch=NORTH_PITCH).new_page()
        through(north, network.port)
        north.goto(discussion.stage_url("north"))
        go_on_air(north)
        audience = browsers.open(discussion.audience_url)
        age(audience, "north")
        network.cut()
        expect(north.get_by_text("Line lost, returning").first).to_be_visible()
        expect(audience.get_by_text("No samples arriving").first).to_be_visible()
        with pytest.raises(PlaywrightTimeoutError):
            age(audience, "north", below_ms=1_000, timeout_s=2)
        browsers.keep(audience, "audience-without-samples")
        browsers.keep(north, "stage-returning")
        network.mend()
        age(audience, "north")
        expect(north.get_by_text("You are on air", exact=False).first).to_be_visible()
        expect(north.get_by_text("Northland returned", exact=False).first).to_be_visible()
    state = host.request("GET", f"/api/discussions/{discussion.id}")["state"]
    assert {"lost", "returned"} <= {event["event"] for event in state["events"]}


def test_a_host_that_stood_still_for_a_moment_goes_on_with_the_same_sessions(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    north = stage(browsers, discussion, "north")
    go_on_air(north)
    audience = browsers.open(discussion.audience_url)
    age(audience, "north")
    for _ in range(2):
        host.process.send_signal(signal.SIGSTOP)
        try:
            expect(north.get_by_text("Line lost, returning").first).to_be_visible()
        finally:
            host.process.send_signal(signal.SIGCONT)
        expect(north.get_by_text("You are on air", exact=False).first).to_be_visible()
        north.wait_for_timeout(1_000)  # long enough for a picture that was on its way before
        age(audience, "north", below_ms=900)


def test_another_device_takes_over_only_knowingly_and_everyone_sees_it(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    first = stage(browsers, discussion, "north")
    go_on_air(first)
    audience = browsers.open(discussion.audience_url)
    age(audience, "north")
    second = stage(browsers, discussion, "north")
    second.get_by_role("button", name="Go on air").click()
    expect(second.get_by_role("dialog")).to_be_visible()
    browsers.keep(second, "question")
    second.get_by_role("button", name="Leave it there").click()
    expect(first.get_by_text("You are on air", exact=False).first).to_be_visible()

    second.get_by_role("button", name="Go on air").click()
    second.get_by_role("button", name="Take over knowingly").click()
    expect(second.get_by_text("You are on air", exact=False).first).to_be_visible()
    expect(first.get_by_text("Another device took over").first).to_be_visible()
    browsers.keep(first, "taken-over")
    expect(audience.get_by_text("Another device took over at", exact=False).first).to_be_visible()
    age(audience, "north")
    browsers.keep(audience, "audience-is-told")
    state = host.request("GET", f"/api/discussions/{discussion.id}")["state"]
    assert "taken_over" in {event["event"] for event in state["events"]}


def test_a_reloaded_stage_goes_back_on_air_without_a_question(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    page = stage(browsers, discussion, "north")
    go_on_air(page)
    audience = browsers.open(discussion.audience_url)
    age(audience, "north")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_role("button", name="Go on air")).to_be_enabled()
    go_on_air(page)
    age(audience, "north")


def test_a_lost_camera_is_told_to_all_and_the_voice_goes_on(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    north, south = stage(browsers, discussion, "north"), stage(browsers, discussion, "south")
    for side in (north, south):
        go_on_air(side)
    audience = browsers.open(discussion.audience_url)
    age(audience, "north")
    audience.get_by_role("button", name="Turn on the sound").click()
    hears(audience, NORTH_PITCH)
    north.evaluate("__vivavoceUnplug('video')")
    expect(north.get_by_text("You stay on air.", exact=False).first).to_be_visible()
    expect(south.get_by_text("camera lost", exact=False).first).to_be_visible()
    browsers.keep(north, "stage-without-camera")
    browsers.keep(audience, "audience-without-camera")
    hears(audience, NORTH_PITCH)


def test_leaving_the_air_ends_it_for_everyone(host: Host, discussion: Discussion, browsers: Chromium) -> None:
    page = stage(browsers, discussion, "north")
    go_on_air(page)
    audience = browsers.open(discussion.audience_url)
    age(audience, "north")
    page.get_by_role("button", name="Leave the air").click()
    expect(page.get_by_text("You left the air").first).to_be_visible()
    expect(audience.get_by_text("Not on air").first).to_be_visible()
    expect(audience.get_by_text("Its device signed that this was all")).to_be_visible()
    run = open_record(host.data / "records" / discussion.id).runs[0]
    for _ in range(300):
        if run.ended is not None:
            break
        page.wait_for_timeout(100)
        run = open_record(host.data / "records" / discussion.id).runs[0]
    assert run.ended == "left"
    assert [(track.config.name, track.gaps) for track in run.tracks.values() if track.gaps] == []
