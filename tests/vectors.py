"""Reads vectors/, as vectors/README.md describes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vivavoce.errors import CODES

_ROOT = Path(__file__).resolve().parents[1] / "vectors"
_KEYS = {"about", "source", "input", "expect", "output"}


def load(folder: str) -> list[Any]:
    """One pytest parameter for each file; its title is the file's `about`."""
    files = sorted((_ROOT / folder).glob("*.json"))
    assert files, f"vectors/{folder} is empty"
    vectors = []
    for file in files:
        vector = json.loads(file.read_text(encoding="utf-8"))
        assert set(vector) == _KEYS, f"{file.name} has the keys {sorted(vector)}"
        assert vector["expect"] == "ok" or vector["expect"] in CODES, f"{file.name} expects an unknown code"
        vectors.append(pytest.param(vector, id=vector["about"]))
    return vectors
