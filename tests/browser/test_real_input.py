"""What really comes: a talking person's recording, a codec that nobody has, two laptops on one table."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.browser.chromium import Chromium
from tests.browser.conftest import Discussion, age
from tests.fakes.hosts import Host, free_port, serving
from tests.fakes.samples import carphone
from vivavoce.clock import SystemClock
from vivavoce.line.catalog import Devices, DeviceState
from vivavoce.line.publish import Publisher
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.contents import open_record
from vivavoce.record.export import export_mp4

Picture = NDArray[np.uint8]


def pictures(path: Path) -> list[Picture]:
    """A movie's pictures, 640 by 360, grey."""
    with av.open(str(path)) as movie:
        return [
            frame.reformat(640, 360, "gray").to_ndarray().astype(np.uint8) for frame in movie.decode(video=0)
        ]


@pytest.fixture(scope="module")
def camera_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip as Chromium takes a camera from a file: a stream of JPEG pictures, 30 a second."""
    path = tmp_path_factory.mktemp("camera") / "person.mjpeg"
    with av.open(str(carphone())) as clip, path.open("wb") as out:
        for frame in clip.decode(video=0):
            picture: Any = frame.reformat(640, 360)
            picture.to_image().save(out, "JPEG", quality=92)
    return path


def nearest(picture: Picture, among: list[Picture]) -> float:
    """Signal to noise, in dB, of the most similar picture."""
    least = min(float(np.mean((picture.astype(np.float32) - one) ** 2)) for one in among)
    return 10 * float(np.log10(255**2 / max(least, 1e-9)))


def test_a_real_person_is_seen_and_kept_at_a_real_bitrate(
    host: Host, discussion: Discussion, browsers: Chromium, camera_file: Path, tmp_path: Path
) -> None:
    arguments = [f"--use-file-for-fake-video-capture={camera_file}"]
    stage = browsers.open(discussion.stage_url("north"), own_camera=True, arguments=arguments)
    stage.get_by_role("button", name="Go on air").click()
    audience = browsers.open(discussion.audience_url)
    audience.wait_for_function("() => __vivavoceCanvas('north')?.width >= 320")
    expect(audience.get_by_text("On air", exact=True).first).to_be_visible()
    audience.wait_for_timeout(8000)
    browsers.keep(audience, "person")
    stage.get_by_role("button", name="Leave the air").click()
    expect(stage.get_by_text("You left the air").first).to_be_visible()

    folder = host.data / "records" / discussion.id
    track = open_record(folder).runs[0].tracks["hd.1"]
    seconds = (track.samples.timestamp_us[-1] - track.samples.timestamp_us[0]) / 1e6
    assert sum(track.samples.size) * 8 / seconds > 500_000, "a talking person needs bits"
    out = tmp_path / "person.mp4"
    export_mp4(folder, out)
    clip, frames = pictures(carphone()), pictures(out)
    assert nearest(frames[-1], clip) > 25
    assert nearest(np.rot90(frames[-1], 2), clip) < 20, "another picture would have been told apart"


async def publish_what_nobody_decodes(host: Host, discussion: Discussion, done: asyncio.Event) -> None:
    air = host.request(
        "POST",
        f"/api/discussions/{discussion.id}/seats/north/air",
        {"device": "exotic-device"},
        bearer=discussion.secret("north"),
    )
    clock = SystemClock()
    async with Publisher(
        url=air["line"]["url"],
        fingerprint=air["line"]["fingerprint"],
        token=air["token"],
        path=air["path"],
        run=air["run"],
        epoch_us=clock.now_us(),
        clock=clock,
    ) as publisher:
        # High 4:2:2: it is H.264, and no browser decodes it.
        description = bytes([1, 0x7A, 0, 30, 255, 225, 0, 0])
        exotic = TrackConfig("hd.1", "video", "avc1.7a001e", description, 640, 360, framerate=30)
        publisher.set_tracks([exotic])
        at = sent = 0
        while not done.is_set():
            publisher.write("hd.1", at, at % 30 == 0, bytes([0, 0, 0, 196, 0x65]) + bytes(195))
            if sent % 30 == 0:
                # A side's catalogue comes again with each change, and what was refused stays refused.
                state: DeviceState = "off" if sent % 60 else "lost"
                publisher.set_tracks([exotic], Devices(microphone=state))
            at += 33_333
            sent += 1
            await asyncio.sleep(1 / 30)


def test_a_codec_that_nobody_has_is_told_plainly_and_the_page_lives_on(
    host: Host, discussion: Discussion, browsers: Chromium
) -> None:
    done = asyncio.Event()
    loop = asyncio.new_event_loop()
    work = threading.Thread(
        target=lambda: loop.run_until_complete(publish_what_nobody_decodes(host, discussion, done))
    )
    work.start()
    try:
        audience = browsers.open(discussion.audience_url)
        unplayable = audience.get_by_text("Cannot be shown").first
        expect(unplayable).to_be_visible()
        audience.wait_for_timeout(2500)
        assert unplayable.is_visible(), "it is still so when the catalogue has come again"
        browsers.keep(audience, "cannot-be-shown")
        stage = browsers.open(discussion.stage_url("south"))
        stage.get_by_role("button", name="Go on air").click()
        age(audience, "south")
    finally:
        loop.call_soon_threadsafe(done.set)
        work.join(timeout=20)
        loop.close()


def test_two_laptops_on_one_table_hold_a_discussion_by_the_hosts_own_certificate(
    tmp_path: Path, browsers: Chromium
) -> None:
    port = free_port()
    # A browser that does not accept the certificate gets no page; this one was told to, as a person would.
    with serving(tmp_path / "lan", "--host", "0.0.0.0", port=port, secure=True) as host:
        secret = (host.data / "host-secret").read_text().strip()
        made = host.request("POST", "/api/discussions", {"title": "On one table"}, bearer=secret)
        discussion = Discussion(made)
        assert discussion.audience_url.startswith("https://")
        stage = browsers.open(discussion.stage_url("north"))
        stage.get_by_role("button", name="Go on air").click()
        audience = browsers.open(discussion.audience_url)
        age(audience, "north")
        said = host.log.read_text()
        assert "certificate" in said, "it says in two sentences how to accept its certificate"
