"""SSIM as the pages compute it, against a slow one written from the paper."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

LIKENESS = Path(__file__).parents[2] / "bench" / "parts" / "likeness.js"

RUN = f"""
require({json.dumps(str(LIKENESS))});
const {{ one, other, width, height }} = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(__benchSsim(one, other, width, height));
"""

Picture = NDArray[np.float64]


def by_the_page(one: Picture, other: Picture) -> float:
    height, width = one.shape
    given = {"one": one.ravel().tolist(), "other": other.ravel().tolist(), "width": width, "height": height}
    told = subprocess.run(
        ["node", "-e", RUN], input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60
    )
    return float(told.stdout)


def by_the_paper(one: Picture, other: Picture) -> float:
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    height, width = one.shape
    each = []
    for top in range(0, height - 7, 4):
        for left in range(0, width - 7, 4):
            x = one[top : top + 8, left : left + 8].ravel()
            y = other[top : top + 8, left : left + 8].ravel()
            [[xx, xy], [_, yy]] = np.cov(x, y, ddof=1)
            mx, my = x.mean(), y.mean()
            each.append((2 * mx * my + c1) * (2 * xy + c2) / ((mx**2 + my**2 + c1) * (xx + yy + c2)))
    return float(np.mean(each))


def picture(seed: int = 1) -> Picture:
    random = np.random.default_rng(seed)
    ground = np.linspace(20, 200, 44)[None, :].repeat(30, axis=0)
    return np.clip(ground + random.normal(0, 25, ground.shape), 0, 255).round()


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("more noise", np.clip(picture() + np.random.default_rng(3).normal(0, 20, (30, 44)), 0, 255)),
        ("another picture", picture(2)),
        ("darker", picture() * 0.7),
        ("flat", np.full((30, 44), 90.0)),
    ],
)
def test_it_is_what_the_paper_says(what: str, other: Picture) -> None:
    assert by_the_page(picture(), other) == pytest.approx(by_the_paper(picture(), other), abs=1e-9), what


def test_a_picture_is_like_itself_and_less_like_a_blurred_one() -> None:
    whole = picture()
    blurred = (whole + np.roll(whole, 1, axis=1) + np.roll(whole, -1, axis=1)) / 3
    assert by_the_page(whole, whole) == pytest.approx(1)
    assert by_the_page(whole, blurred) < 0.95
    assert by_the_page(whole, 255 - whole) < 0
