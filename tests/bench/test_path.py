"""Real namespaces, real packets."""

from __future__ import annotations

import json
import socket
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from bench.parts.link import Impairment
from bench.parts.path import Net, PathError, clear_leftovers, missing

lacking = missing()
here = pytest.mark.skipif(lacking is not None, reason=f"no path can be built here: {lacking}")

ECHO = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
    here.bind(("0.0.0.0", 7000))
    print("ready", flush=True)
    while True:
        data, sender = here.recvfrom(2000)
        here.sendto(data, sender)
"""
ASK = """
import json, socket, sys, time
there, count, gap = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
    here.connect((there, 7000))
    here.setblocking(False)
    back, begin = {}, time.monotonic()
    number = 0
    while time.monotonic() < begin + count * gap + 0.5:
        if number < count and time.monotonic() >= begin + number * gap:
            here.send(number.to_bytes(4, "big") + time.monotonic_ns().to_bytes(8, "big") + bytes(88))
            number += 1
        try:
            data = here.recv(2000)
        except BlockingIOError:
            time.sleep(0.0002)
            continue
        sent = int.from_bytes(data[4:12], "big")
        back[int.from_bytes(data[:4], "big")] = (time.monotonic_ns() - sent) / 1e6
print(json.dumps(back))
"""


def round_trips(net: Net, source: str, target: str, count: int = 300) -> list[float]:
    """Milliseconds of the packets that came back."""
    with subprocess.Popen(
        [*net.inside(target), sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True
    ) as echo:
        try:
            assert echo.stdout is not None
            echo.stdout.readline()
            told = subprocess.run(
                [*net.inside(source), sys.executable, "-c", ASK, net.address(target), str(count), "0.003"],
                capture_output=True,
                text=True,
                check=True,
            )
        finally:
            echo.terminate()
    return list(json.loads(told.stdout).values())


@here
def test_packets_between_two_namespaces_are_late_and_lost_as_asked_and_others_are_not() -> None:
    leg = Impairment(delay_ms=20, jitter_ms=2, loss=0.1)
    with Net(["side", "host"], {("side", "host"): leg}) as net:
        bad = round_trips(net, "side", "host")
        counted = net.counters()["links"]["side>host"]
        assert statistics.median(bad) >= 36
        assert counted["packets"] == 300
        assert counted["lost"] > 0
        assert len(bad) < 300
    # The control: without an impairment nothing is lost.
    with Net(["side", "host"], {}) as net:
        good = round_trips(net, "side", "host")
        assert len(good) == 300
        assert statistics.median(good) < 36


@here
def test_a_change_takes_effect_while_it_runs() -> None:
    with Net(["side", "host"], {("side", "host"): Impairment()}) as net:
        before = statistics.median(round_trips(net, "side", "host", 100))
        net.change(("side", "host"), delay_ms=60)
        after = statistics.median(round_trips(net, "side", "host", 100))
        assert before < 60 <= after


@here
def test_nothing_is_left_behind_and_what_the_dead_left_is_cleared_away() -> None:
    with Net(["side"], {}) as net:
        name = net.namespace("side")
        assert Path("/run/netns", name).exists()
        # One whose maker is alive is not touched.
        assert name not in clear_leftovers()
    assert not Path("/run/netns", name).exists()
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    left = f"vivavoce-{gone.pid}-side"
    subprocess.run(["ip", "netns", "add", left], check=True)
    assert clear_leftovers() == [left]
    assert not Path("/run/netns", left).exists()


@here
def test_the_driver_reaches_every_namespace_without_impairment() -> None:
    with (
        Net(["host"], {}) as net,
        subprocess.Popen(
            [*net.inside("host"), sys.executable, "-c", ECHO], stdout=subprocess.PIPE, text=True
        ) as echo,
    ):
        try:
            assert echo.stdout is not None
            echo.stdout.readline()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
                asking.settimeout(5)
                asking.connect((net.address("host"), 7000))
                asking.send(b"hello")
                assert asking.recv(100) == b"hello"
        finally:
            echo.terminate()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.parts.path.shutil.which", lambda name: None)
    with pytest.raises(PathError, match="the program ip is not installed"):
        Net(["side"], {}).__enter__()


@pytest.mark.parametrize("name", ["", "Side", "two words", "driver", "a" * 13, "../x"])
def test_a_name_that_cannot_be_a_namespaces_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="namespace"):
        Net([name], {})
