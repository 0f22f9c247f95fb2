"""Records made of real samples, the way the host makes them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.fakes.sides import DISCUSSION, SetClock, Side, play
from vivavoce.record.recorder import Recorder

FACTS: dict[str, Any] = {
    "title": "A talk — Разговор",
    "seats": {
        "north": {"kind": "side", "name": "North", "language": "en"},
        "south": {"kind": "side", "name": "Юг", "language": "ru"},
    },
}


class MakeRecord(Protocol):
    async def __call__(self, sides: Iterable[Side]) -> Path: ...


@pytest.fixture
def make_record(tmp_path: Path) -> MakeRecord:
    """Records what the sides send and gives the record's folder."""

    async def make(sides: Iterable[Side]) -> Path:
        recorder = Recorder(tmp_path / "records", SetClock())
        recorder.open_discussion(DISCUSSION, FACTS)
        play(recorder, sides)
        await recorder.close()
        return tmp_path / "records" / DISCUSSION

    return make
