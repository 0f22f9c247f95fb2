"""Reading a time code from a screen's memory."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from bench.parts.screen import BITS, Screen, code_in, rectangle
from numpy.typing import NDArray


def bars(code: int, width: int = 641) -> NDArray[np.uint8]:
    """What the camera paints across a picture that is shown `width` pixels wide."""
    ones = code.bit_count()
    cells = [255 * (ones % 2), *(255 * (code >> bit & 1) for bit in range(BITS)), 128]
    at = (np.arange(width) * (BITS + 2) / width).astype(int)
    painted: NDArray[np.uint8] = np.array(cells, dtype=np.uint8)[at]
    return painted


@pytest.mark.parametrize("code", [0, 1, 0x5A5A5A, 0xFFFFFF, 1 << 23])
@pytest.mark.parametrize("width", [160, 640, 641, 1283])
def test_a_code_is_read_at_any_width(code: int, width: int) -> None:
    assert code_in(bars(code, width)) == code


@pytest.mark.parametrize(
    ("what", "row"),
    [
        ("a black screen", np.zeros(640, dtype=np.uint8)),
        ("a white screen", np.full(640, 255, dtype=np.uint8)),
        ("a grey screen", np.full(640, 128, dtype=np.uint8)),
        ("one bit wrong", bars(5)),
    ],
)
def test_what_is_no_code_is_not_read_as_another(what: str, row: NDArray[np.uint8]) -> None:
    wrong = row.copy()
    if what == "one bit wrong":
        wrong[25:49] = 255 - wrong[25:49]
    assert code_in(wrong) is None


def test_the_header_says_where_the_pixels_begin() -> None:
    words = [0] * 25
    words[0], words[4], words[5], words[12], words[19] = 104, 1700, 1100, 6800, 256
    assert rectangle(struct.pack(">25I", *words)) == (104 + 256 * 12, 1700, 1100, 6800)


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")
def test_a_screen_opens_and_leaves_nothing_running(tmp_path: Path) -> None:
    with Screen(tmp_path) as screen:
        server = screen._server
        assert server is not None
        assert server.poll() is None
        assert screen.browser.stat().st_mode & 0o100
    assert server.poll() is not None
