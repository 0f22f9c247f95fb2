"""The commands as a person types them, against a real host over real QUIC."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from tests.fakes.hosts import VIVAVOCE, Host, serving
from tests.terminal.media import write

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with serving(tmp_path_factory.mktemp("terminal") / "data") as host:
        yield host


_started: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def nothing_is_left_running() -> Iterator[None]:
    """A test that failed half-way must not leave a demo that draws for ever."""
    yield
    for process in _started:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=30)
    _started.clear()


def start(*words: str | Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [str(VIVAVOCE), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _started.append(process)
    return process


def stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
    process.send_signal(how)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def run(*words: str | Path) -> tuple[int, str, str]:
    process = start(*words)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.1)


def seat(host: Host, made: Any, side: str = "north") -> Any:
    return host.request("GET", f"/api/discussions/{made['id']}")["state"]["seats"][side]


def stage(made: Any, side: int = 0) -> str:
    return str(made["sides"][side]["stage_url"])


def states(out: str, side: str) -> list[tuple[str, str | None]]:
    """What watch said of a side, repetitions left out."""
    lines = [json.loads(line) for line in out.splitlines()]
    assert all(set(line) == {"at", "side", "state", "code", "delay_ms", "held_back_ms"} for line in lines)
    said = [(line["state"], line["code"]) for line in lines if line["side"] == side]
    return [state for index, state in enumerate(said) if index == 0 or said[index - 1] != state]


def test_a_side_goes_on_air_is_seen_to_and_leaves(host: Host) -> None:
    made = host.new_discussion()
    watcher = start("watch", made["audience_url"], "--json")
    side = start("publish", stage(made), "--synthetic")
    wait_for(lambda: seat(host, made)["sending"])
    time.sleep(3)
    assert stop(side)[0] == 0
    wait_for(lambda: not seat(host, made)["on_air"])
    time.sleep(0.5)
    code, out, _ = stop(watcher)
    assert code == 0
    north = states(out, "north")
    assert north[0] == north[-1] == ("gap", "air.not_on")
    assert ("verified", None) in north
    assert "broken" not in {state for state, _ in north}
    assert set(states(out, "south")) == {("gap", "air.not_on")}, "nobody sat there: the control"
    delays = [json.loads(line)["delay_ms"] for line in out.splitlines()]
    assert any(delay is not None and delay < 60_000 for delay in delays)


def test_another_device_takes_over_only_when_told_to_and_the_first_says_so(host: Host) -> None:
    made = host.new_discussion()
    first = start("publish", stage(made), "--synthetic")
    wait_for(lambda: seat(host, made)["sending"])
    run_before = seat(host, made)["run"]

    code, _, err = run("publish", stage(made), "--synthetic")
    assert code == 2
    assert "air.taken" in err
    assert "--take-over" in err
    assert seat(host, made)["run"] == run_before

    second = start("publish", stage(made), "--synthetic", "--take-over")
    out, _ = first.communicate(timeout=60)
    assert first.returncode == 1
    assert "air was taken" in out
    wait_for(lambda: seat(host, made)["sending"])
    assert seat(host, made)["run"] != run_before
    assert stop(second, signal.SIGTERM)[0] == 0
    assert not seat(host, made)["on_air"], "it left the air"


def test_a_file_is_published_to_its_end(host: Host, tmp_path: Path) -> None:
    made = host.new_discussion()
    path = write(tmp_path / "talk.mkv", seconds=2, sounds=(("libopus", "eng"), ("libopus", "rus")))
    code, _, err = run("publish", stage(made), "--file", path)
    assert (code, err) == (0, "")
    recorded = sorted(file.name for file in (host.data / "records" / made["id"]).rglob("*.mp4"))
    assert recorded == ["booth-ru.1.mp4", "floor.1.mp4", "hd.1.mp4"]


def test_a_viewer_whose_reader_leaves_ends_quietly(host: Host) -> None:
    watcher = start("watch", host.new_discussion()["audience_url"], "--json")
    assert watcher.stdout is not None
    assert watcher.stderr is not None
    assert json.loads(watcher.stdout.readline())
    watcher.stdout.close()
    with watcher.stderr:
        assert watcher.wait(timeout=30) == 0
        assert watcher.stderr.read() == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("publish", "{stage}"), "Give one of --file"),
        (("publish", "{stage}", "--synthetic", "--camera"), "Give one of --file"),
        (("publish", "{stage}", "--synthetic", "--loop"), "--loop goes with"),
        (("publish", "{stage}", "--file", "/nowhere/talk.mp4"), "/nowhere/talk.mp4"),
        (("publish", "{stage}", "--camera", "--camera-device", "/dev/video-none"), "device.camera"),
        (("publish", "{stage}x", "--synthetic"), "access.stage"),
        (("publish", "{audience}", "--synthetic"), "is not a stage address"),
        (("publish", "{unknown}", "--synthetic"), "discussion.unknown"),
        (("watch", "{stage}"), "is not an audience address"),
        (("watch", "{audience}", "--fingerprint", "12"), "64 hexadecimal"),
        (("watch", "http://localhost:9/d/k7m2xq4vw3"), "host.unreachable"),
        (("watch", "{audience}", "--relay", "https://localhost:9/line"), "line.unreachable"),
    ],
)
def test_what_cannot_be_done_is_one_line_without_the_secret(
    host: Host, words: tuple[str, ...], says: str
) -> None:
    made = host.new_discussion()
    address = stage(made)
    secret = address.partition("#")[2]
    unknown = address.replace(made["id"], "aaaaaaaaaa")
    code, out, err = run(
        *(word.format(stage=address, audience=made["audience_url"], unknown=unknown) for word in words)
    )
    assert code == 2
    assert says in err
    assert len(err.strip().splitlines()) == 1
    assert secret not in out + err


def test_a_demo_ends_with_its_record_and_a_verdict(tmp_path: Path) -> None:
    code, out, err = run(
        "demo", "--seconds", "3", "--port", "0", "--data", tmp_path / "data", "--json", "--no-open"
    )
    assert (code, err) == (0, "")
    facts = json.loads(out.splitlines()[-1])
    assert facts["verdict"] == "it holds"
    assert facts["audience_url"] in out.partition("{")[0]
    assert all(url in out.partition("{")[0] for url in facts["stage_urls"].values())
    assert facts["record"] in out.partition("{")[0], "whoever stops it by force has to know it before"
    files = {file.relative_to(facts["record"]).parts[0::2] for file in Path(facts["record"]).rglob("*.mp4")}
    assert files == {(side, track) for side in ("north", "south") for track in ("floor.1.mp4", "hd.1.mp4")}
    whole = tmp_path / "whole.mp4"
    assert run("export", facts["record"], "--mp4", whole)[0] == 0
    with av.open(str(whole)) as container:
        assert len(container.streams) == 4
        assert sum(1 for _ in container.decode(video=0)) > 10


def test_a_demo_without_an_end_ends_on_ctrl_c_and_lets_a_visitor_take_a_chair(tmp_path: Path) -> None:
    process = start("demo", "--port", "0", "--data", tmp_path / "data", "--no-open")
    assert process.stdout is not None
    address = ""
    for line in process.stdout:
        if "North's chair" in line:
            address = line.split()[-1]
        if "Ctrl-C" in line:
            break
    visitor = start("publish", address, "--synthetic", "--take-over")
    said = next(line for line in process.stdout if "leaves the chair" in line)
    assert said.startswith("North, drawn")
    code, out, err = stop(process)
    assert (code, err) == (0, "")
    assert "The record:" in out
    assert "Its verdict: " in out
    assert "not hold" not in out
    export = shlex.split(out.partition("One file of it: ")[2])
    assert shutil.which(export[0]), "what is told to type has to be there"
    visitor.kill()
    visitor.communicate(timeout=30)
