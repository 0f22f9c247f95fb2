"""A screen to read pictures from: an X server without a display, whose memory anyone may look into.

What a page's script reads from a canvas or a video is what the page has; what stands in the frame buffer is
what a display would be lit by next. Nothing of it is asked of the page, and reading costs it nothing.

A frame buffer in a file is `Xvfb -fbdir`; its layout is that of xwd (X11's XWDFile.h): a header of big-endian
words, colours, rows of pixels.
"""

from __future__ import annotations

import itertools
import mmap
import os
import shutil
import struct
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page
from tools.setup import find_browser

from bench.parts.figures import Headroom
from bench.parts.pages import Round

__all__ = ["Screen", "code_in", "rectangle"]

BITS = 24
EVERY_S = 0.001
_SIZE = (1700, 1100)
_WRAPPER = """#!/bin/sh
# The driver asks for a browser without a window; this one is to have one.
for argument do
  shift
  case "$argument" in --headless*) ;; *) set -- "$@" "$argument" ;; esac
done
DISPLAY={display} exec {browser} "$@" --window-position=0,0
"""
_PLACE = """element => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return [left, top, width, height].map((length) => length * devicePixelRatio);
}"""


def code_in(row: NDArray[np.uint8]) -> int | None:
    """The time code of tests/browser/camera.js in a row of pixels across its bars, or None."""
    cells = row[((np.arange(BITS + 2) + 0.5) * len(row) / (BITS + 2)).astype(int)].astype(int)
    bars = cells[1 : BITS + 1]
    if not 90 < cells[-1] < 165 or np.any((bars > 90) & (bars < 165)):
        return None
    bits = bars >= 165
    if (cells[0] > 128) != bool(bits.sum() % 2):
        return None
    return int((bits.astype(np.int64) << np.arange(BITS)).sum())


def rectangle(raw: bytes) -> tuple[int, int, int, int]:
    """(where the pixels begin, width, height, bytes a row) by the header of an xwd file."""
    head = struct.unpack(">25I", raw[:100])
    return head[0] + head[19] * 12, head[4], head[5], head[12]


class Screen:
    """Context manager. browser: run it instead of Chromium, and its window is on this screen.

    Raises RuntimeError where there is no Xvfb.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "screen"
        self.browser = self._folder / "browser"
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if shutil.which("Xvfb") is None:
            raise RuntimeError("There is no Xvfb here: Debian's package xvfb has it.")
        self._folder.mkdir(parents=True)
        told, tell = os.pipe()
        memory = ["-screen", "0", "{}x{}x24".format(*_SIZE), "-fbdir", str(self._folder)]
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(tell), *memory, "-nolisten", "tcp"],
            pass_fds=[tell],
            stderr=subprocess.DEVNULL,
        )
        os.close(tell)
        with os.fdopen(told) as answer:
            display = answer.readline().strip()
        if not display:
            raise RuntimeError("Xvfb did not start.")
        self.browser.write_text(_WRAPPER.format(display=f":{display}", browser=find_browser()))
        self.browser.chmod(0o755)
        with (self._folder / "Xvfb_screen0").open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        self._begin, self._width, self._height, self._row_bytes = rectangle(self._memory[:100])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._memory.close()
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=10)

    def read(self, page: Page, painter: Page, find: str, seconds: float) -> Round:
        """Ages of the pictures of `find` on the screen, in ms, for so long. painter: the page with the
        camera. Raises RuntimeError if the picture is not found on the screen."""
        left, y, width = self._find(page, find)
        headroom = Headroom.start()
        seen: list[tuple[float, int]] = []
        misread = 0

        def look() -> None:
            nonlocal misread
            last = None
            end = time.time() + seconds
            while (now := time.time()) < end:
                code = code_in(self._row(y, left, width))
                misread += code is None
                if code is not None and code != last:
                    last = code
                    seen.append((now * 1000, code))
                time.sleep(EVERY_S)

        began = time.time()
        looking = threading.Thread(target=look)
        looking.start()
        page.wait_for_timeout(seconds * 1000 + 50)
        looking.join()
        ended = time.time()
        idle = headroom.stop()
        ahead = painter.evaluate("__benchAgainstWall()")
        del seen[:1]  # it may have been standing there
        gaps = [b[0] - a[0] for a, b in itertools.pairwise(seen)]
        return {
            "ages": [
                (at + ahead - code + (1 << BITS - 1)) % (1 << BITS) - (1 << BITS - 1) for at, code in seen
            ],
            "rate": len(seen) / (ended - began),
            "gaps_ms": gaps,
            "longest_ms": max(gaps, default=float("nan")),
            "misread": misread,
            "headroom": idle,
            "clocks_apart_ms": ahead,
            "began": began,
            "ended": ended,
        }

    def _row(self, y: int, left: int, width: int) -> NDArray[np.uint8]:
        start = self._begin + y * self._row_bytes + 4 * left
        return np.frombuffer(self._memory[start : start + 4 * width], dtype=np.uint8)[::4]

    def _find(self, page: Page, find: str) -> tuple[int, int, int]:
        """(left, y, width) of the bars. The page knows where its element is in the window, not where the
        window's content begins on the screen: that is looked for."""
        left, top, width, height = page.evaluate(f"({_PLACE})({find})")
        across = (round(left), round(width))
        for _ in range(20):
            rows = range(round(top), min(self._height, round(top) + 260))
            read = [y for y in rows if code_in(self._row(y, *across)) is not None]
            if len(read) > height * 0.06:
                return across[0], read[len(read) // 2], across[1]
            page.wait_for_timeout(100)
        raise RuntimeError(f"The picture at {left:.0f}, {top:.0f} is not found on the screen.")
