"""Records made of real samples, the way the host makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
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


class MakeRecordNow(Protocol):
    def __call__(self, sides: Iterable[Side]) -> Path: ...


@pytest.fixture
def make_record_now(make_record: MakeRecord) -> MakeRecordNow:
    """The same for tests that have no event loop, or whose loop belongs to a browser."""

    async def make(sides: Iterable[Side]) -> Path:
        return await make_record(sides)

    def now(sides: Iterable[Side]) -> Path:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, make(sides)).result()

    return now
