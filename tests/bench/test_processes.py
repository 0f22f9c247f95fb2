"""Reading the processor time of processes and threads."""

from __future__ import annotations

import os
import threading
import time

import pytest
from bench.parts.processes import MAIN, parse_stat, role_of, spent, threads


def test_a_thread_s_name_may_hold_brackets_and_blanks() -> None:
    tail = "S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1 0 1 2 3"
    name, seconds = parse_stat(f"17 (a (b) c) {tail}")
    assert name == "a (b) c"
    assert seconds == pytest.approx(300 / os.sysconf("SC_CLK_TCK"))


@pytest.mark.parametrize(
    ("command", "role"),
    [
        (["/usr/lib/chromium/chromium", "--type=renderer", "--lang=en"], "renderer"),
        (
            ["chromium", "--type=utility", "--utility-sub-type=network.mojom.NetworkService"],
            "network service",
        ),
        (["chromium", "--type=utility", "--utility-sub-type=audio.mojom.AudioService"], "audio service"),
        (["chromium", "--type=gpu-process"], "gpu process"),
        (["/usr/lib/chromium/chromium", "--headless=new"], "browser"),
        (["/usr/bin/python", "-m", "vivavoce"], ""),
    ],
)
def test_a_process_is_known_by_its_command_line(command: list[str], role: str) -> None:
    assert role_of(command) == role


def test_busy_threads_are_found_and_idle_ones_are_not() -> None:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            sum(range(1000))

    worker = threading.Thread(target=work)
    before = threads({"self": [os.getpid()]})
    worker.start()
    time.sleep(0.5)
    told = spent(before, threads({"self": [os.getpid()]}))
    over.set()
    worker.join()
    own = {key: seconds for key, seconds in told.items() if key[1] == os.getpid()}
    assert any(name == MAIN for _, _, name in own)
    assert max(own.values()) > 0, "the worker worked"
    assert own["self", os.getpid(), MAIN] < max(own.values())
