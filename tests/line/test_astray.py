"""Promise: a viewer does not go on looking at a run that is over, though nobody told that it was closed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import moq
import pytest

from tests.fakes.line import DISCUSSION
from tests.line.parts import CLOCK, SOUND, catalog, certificate, until
from vivavoce.line.astray import Astray, run_on_air
from vivavoce.line.broadcast import Broadcast
from vivavoce.line.events import CatalogSeen
from vivavoce.line.watch import Watcher

OLD, NEW = "0123456789abcdef", "fedcba9876543210"

Told = Callable[[int], str | None]


def strays(told: Told, followed: Told) -> list[int]:
    """When it strays, in ms, asked every tenth of a second for five, by what the host tells and what is
    followed when."""
    astray, found = Astray(), []
    for ms in range(0, 5_001, 100):
        astray.told(told(ms))
        if astray.strays(followed(ms), ms * 1_000):
            found.append(ms)
    return found


CASES: dict[str, tuple[Told, Told, list[int]]] = {
    "the run that is on air is followed": (lambda ms: NEW, lambda ms: NEW, []),
    "nobody is on air": (lambda ms: None, lambda ms: OLD, []),
    "the catalogue is a second behind": (lambda ms: NEW, lambda ms: OLD if ms < 1_000 else NEW, []),
    "the catalogue is a second ahead": (lambda ms: OLD if ms < 1_000 else NEW, lambda ms: NEW, []),
    "the old run is followed for good": (lambda ms: NEW, lambda ms: OLD, [1_500, 3_000, 4_500]),
    "no catalogue came": (lambda ms: NEW, lambda ms: None, [1_500, 3_000, 4_500]),
    "asking again helped": (lambda ms: NEW, lambda ms: OLD if ms < 1_700 else NEW, [1_500]),
}


@pytest.mark.parametrize("name", CASES)
def test_it_strays_when(name: str) -> None:
    told, followed, when = CASES[name]
    assert strays(told, followed) == when


@pytest.mark.parametrize(
    ("state", "run"),
    [
        ({"seats": {"north": {"on_air": True, "run": NEW}}}, NEW),
        ({"seats": {"north": {"on_air": False, "run": NEW}}}, None),
        ({"seats": {"south": {"on_air": True, "run": NEW}}}, None),
        ({"seats": {"north": {"on_air": True, "run": 7}}}, None),
        ({"seats": {"north": {"on_air": True}}}, None),
        ({"seats": {"north": []}}, None),
        ({"seats": []}, None),
        ({}, None),
    ],
)
def test_the_run_on_air_is_read_of_a_state_that_may_be_anything(state: Any, run: str | None) -> None:
    assert run_on_air(state, "north") == run


class Announced:
    """What one session is shown: north's broadcast, and the host's."""

    def __init__(self, run: str) -> None:
        self.origin = moq.OriginProducer()
        self._north = Broadcast(self.origin, f"{DISCUSSION}/north")
        self._north.track("catalog.json").one(0, catalog([SOUND], run), 0)
        self._host = Broadcast(self.origin, f"{DISCUSSION}/host")
        self._states = 0
        self.says(run)

    def says(self, run: str) -> None:
        """That this run is on air."""
        state = {"seats": {"north": {"on_air": True, "run": run}}}
        self._host.track("state.json").one(self._states, json.dumps(state).encode(), 0)
        self._states += 1


@asynccontextmanager
async def relaying(folder: Path) -> AsyncIterator[tuple[Announced, Watcher]]:
    """Whoever is there has not seen that the old run was closed, and whoever dials now finds the new one."""
    own, sessions = certificate(folder), list[Any]()
    first, then = Announced(OLD), Announced(NEW)
    server: Any = moq.Server(
        "127.0.0.1:0",
        tls_cert=[str(own.cert)],
        tls_key=[str(own.key)],
        publish=moq.OriginProducer(),
        subscribe=moq.OriginProducer(),
    )

    async def accept() -> None:
        while True:
            request = await anext(server)
            request.set_publish((then if sessions else first).origin)
            sessions.append(await request.accept())

    async with server:
        accepting = asyncio.create_task(accept())
        watcher = Watcher(
            url=f"https://127.0.0.1:{server.local_addr.rpartition(':')[2]}/line",
            fingerprint=own.fingerprint,
            discussion=DISCUSSION,
            clock=CLOCK,
        )
        try:
            yield first, watcher
        finally:
            accepting.cancel()
            await asyncio.gather(accepting, return_exceptions=True)


async def _followed(folder: Path, *, told: bool) -> list[str]:
    """The runs that a viewer came to follow. told: the host says which is on air."""
    runs: list[str] = []

    async def follow(watcher: Watcher) -> None:
        async for event in watcher:
            if isinstance(event, CatalogSeen):
                runs.append(event.catalog.run)

    async with relaying(folder) as (shown, watcher), watcher:
        following = asyncio.create_task(follow(watcher))
        try:
            await until(lambda: runs == [OLD], "the old run")
            if told:
                shown.says(NEW)
                await until(lambda: NEW in runs, "the new run")
            else:
                await asyncio.sleep(3)
            return runs
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def test_a_viewer_finds_the_run_that_the_host_says_is_on_air(tmp_path: Path) -> None:
    assert asyncio.run(_followed(tmp_path, told=True)) == [OLD, NEW]


def test_a_viewer_who_is_not_told_goes_on_with_the_old_one(tmp_path: Path) -> None:
    """The control: nothing else would have helped."""
    assert asyncio.run(_followed(tmp_path, told=False)) == [OLD]
