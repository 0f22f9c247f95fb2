"""When copies of sound are asked for: vectors/losses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vectors import load
from vivavoce.line.losses import LossWatch


@pytest.mark.parametrize("vector", load("losses"))
def test_losses(vector: dict[str, Any]) -> None:
    watch = LossWatch()
    wants = [watch.came(sequence, at_ms) for sequence, at_ms in vector["input"]["arrivals"]]
    assert wants == vector["output"]["wants"]
