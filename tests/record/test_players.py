"""Players that know nothing of Vivavoce play what it exports and what it keeps: VLC and Chromium.

ffprobe, ffmpeg and PyAV are asked in test_export.py.
"""

from __future__ import annotations

import functools
import os
import shutil
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright
from tools.setup import find_browser

from tests.fakes.samples import encode_picture, encode_sound
from tests.fakes.sides import START_US, Side
from tests.record.conftest import MakeRecordNow
from tests.record.films import film_record
from vivavoce.record.clip import clip_mp4
from vivavoce.record.export import export_mp4

SIDES: dict[str, Callable[[], list[Side]]] = {
    "h264 and vp9": lambda: [
        Side("north", [encode_picture("h264"), encode_sound()]),
        Side(
            "south",
            [encode_picture("vp9"), encode_sound(language="ru")],
            starts_us=START_US + 500_000,
            epoch_us=7,
        ),
    ],
    "av1": lambda: [Side("north", [encode_picture("av1"), encode_sound()])],
    "a hole": lambda: [
        Side(
            "north",
            [encode_picture("h264"), encode_sound()],
            lose=lambda name, group, _: (
                group in {1, 2} if name == "hd.1" else 50 <= group < 150  # from 1 s to 3 s
            ),
        )
    ],
}

PLAY = """async (name) => {
    const video = document.querySelector("video");
    const context = new AudioContext();
    await context.resume();
    const ear = context.createAnalyser();
    context.createMediaElementSource(video).connect(ear).connect(context.destination);
    const heard = [], shown = [], wave = new Float32Array(ear.fftSize);
    const listen = () => {
        ear.getFloatTimeDomainData(wave);
        heard.push([video.currentTime, Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length)]);
    };
    const watch = (_, frame) => { shown.push(frame.mediaTime); video.requestVideoFrameCallback(watch); };
    video.requestVideoFrameCallback(watch);
    const listening = setInterval(listen, 50);
    const ended = new Promise((resolve, reject) => {
        video.onended = () => resolve();
        video.onerror = () => reject(new Error(video.error.message));
        setTimeout(() => reject(new Error("stuck at " + video.currentTime)), 25000);
    });
    video.src = name;
    await video.play();
    await ended;
    clearInterval(listening);
    return {duration: video.duration, at: video.currentTime, width: video.videoWidth, shown, heard};
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path != "/":
            super().do_GET()
            return
        page = b"<!doctype html><link rel=icon href=data:><video></video>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        arguments = ["--headless=new", "--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        opened = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Page]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    opened = browser.new_page()
    opened.goto(f"http://127.0.0.1:{server.server_port}/")
    yield opened
    opened.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
@pytest.mark.parametrize("sides", ["h264 and vp9", "av1"])
def test_chromium_plays_an_export_to_its_end(
    page: Page, make_record_now: MakeRecordNow, tmp_path: Path, sides: str
) -> None:
    exported = export_mp4(make_record_now(SIDES[sides]()), tmp_path / "out.mp4")
    played = page.evaluate(PLAY, "out.mp4")
    assert played["at"] == played["duration"] == pytest.approx(exported.seconds)
    assert played["width"] == 352
    # The machine may be too busy to draw them all; each that was drawn stood at its own time.
    assert len(played["shown"]) > 10
    assert all(round(at * 1e6) % 33_367 in {0, 1, 33_366} for at in played["shown"])


@pytest.mark.browser
@pytest.mark.parametrize("name", ["out.mp4", "clip.mp4"])
def test_chromium_notices_nothing_of_the_evidence_in_a_file_or_a_clip(
    page: Page, tmp_path: Path, name: str
) -> None:
    record = film_record(tmp_path)
    exported = export_mp4(record, tmp_path / "out.mp4")
    assert exported.verdict == "what is there holds; something is missing"
    clipped = clip_mp4(record, tmp_path / "clip.mp4", 500_000, 2_500_000)
    played = page.evaluate(PLAY, name)
    seconds = {"out.mp4": exported.seconds, "clip.mp4": clipped.seconds}[name]
    assert played["at"] == played["duration"] == pytest.approx(seconds)
    assert played["width"] == 352
    assert len(played["shown"]) > 10


@pytest.mark.browser
def test_sound_stays_with_its_picture_across_a_hole(
    page: Page, make_record_now: MakeRecordNow, tmp_path: Path
) -> None:
    export_mp4(make_record_now(SIDES["a hole"]()), tmp_path / "out.mp4")
    heard = page.evaluate(PLAY, "out.mp4")["heard"]
    in_the_hole = [loud for at, loud in heard if 1.3 < at < 2.8]
    after = [loud for at, loud in heard if 3.3 < at < 3.9]
    assert in_the_hole
    assert after
    assert max(in_the_hole) < 0.05 < max(after)


@pytest.mark.browser
def test_chromium_plays_a_file_of_the_record_as_it_lies_there(
    page: Page, make_record_now: MakeRecordNow, tmp_path: Path
) -> None:
    side = Side("north", [encode_picture("h264"), encode_sound()])
    record = make_record_now([side])
    path = (record / "north" / side.run / "hd.1.mp4").relative_to(tmp_path)
    played = page.evaluate(PLAY, path.as_posix())
    assert played["at"] == pytest.approx(4.0, abs=0.05)


@pytest.mark.browser
def test_chromium_does_notice_when_a_file_is_broken(
    page: Page, make_record_now: MakeRecordNow, tmp_path: Path
) -> None:
    export_mp4(make_record_now(SIDES["h264 and vp9"]()), tmp_path / "out.mp4")
    data = bytearray((tmp_path / "out.mp4").read_bytes())
    samples = data.find(b"mdat") + 4
    data[samples:] = bytes(len(data) - samples)
    (tmp_path / "broken.mp4").write_bytes(data)
    with pytest.raises(Exception, match=r"(?i)error|supported|stuck"):
        page.evaluate(PLAY, "broken.mp4")


def vlc(path: Path, home: Path) -> tuple[int, str]:
    """(exit code, what VLC says) for a whole play without screen or loudspeaker."""
    if not shutil.which("cvlc"):
        pytest.skip("cvlc is not installed")
    command: list[str | Path] = [
        "cvlc",
        "--play-and-exit",
        "--intf",
        "dummy",
        "--vout",
        "dummy",
        "--aout",
        "dummy",
        "-vv",
        path,
    ]
    if os.geteuid() == 0:  # VLC refuses to run as root
        if not shutil.which("setpriv"):
            pytest.skip("VLC does not run as root, and setpriv, which would drop it, is not there")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        os.chown(home, 65534, 65534)
        for folder in [home.parent, *home.parent.parents[:2]]:  # what pytest made, for its owner alone
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | 0o055)
        if subprocess.run([*command[:4], "test", "-r", path], check=False).returncode:
            pytest.skip(f"VLC does not run as root, and nobody else may read {path.parent}")
    done = subprocess.run(
        command, env={**os.environ, "HOME": str(home)}, capture_output=True, timeout=60, check=False
    )
    return done.returncode, done.stderr.decode(errors="replace")


@pytest.mark.parametrize("sides", list(SIDES))
def test_vlc_plays_an_export_to_its_end(make_record_now: MakeRecordNow, tmp_path: Path, sides: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    record = make_record_now(SIDES[sides]())
    export_mp4(record, tmp_path / "out.mp4")
    code, said = vlc(tmp_path / "out.mp4", home)
    assert code == 0
    assert "EOF reached" in said
    assert "mp4 demux error" not in said
    assert "decoder error" not in said


@pytest.mark.parametrize("name", ["out.mp4", "clip.mp4"])
def test_vlc_notices_nothing_of_the_evidence_in_a_file_or_a_clip(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    record = film_record(tmp_path)
    export_mp4(record, tmp_path / "out.mp4")
    clip_mp4(record, tmp_path / "clip.mp4", 500_000, 2_500_000)
    code, said = vlc(tmp_path / name, home)
    assert code == 0
    assert "EOF reached" in said
    assert "mp4 demux error" not in said
    assert "decoder error" not in said


def test_vlc_does_notice_when_a_file_is_broken(make_record_now: MakeRecordNow, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    export_mp4(make_record_now(SIDES["av1"]()), tmp_path / "out.mp4")
    (tmp_path / "broken.mp4").write_bytes((tmp_path / "out.mp4").read_bytes()[:200])
    _, said = vlc(tmp_path / "broken.mp4", home)
    assert "error" in said
