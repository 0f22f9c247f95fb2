"""Attack: what was true in another discussion of the same host is shown in this one, or nothing at all is
shown to judge by. A sample's digest names its discussion and its run (docs/formats/seal.md, S3 and S7)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.discussion import BUSY, Discussion, Viewer, another, discussion, talking
from tests.attacks.relay import Frame, Tamper
from tests.line.parts import SOUND, until
from vivavoce.line.catalog import SEALS_TRACK
from vivavoce.record.verify import verify

pytestmark = pytest.mark.anyio

PATIENCE_S = 45
SAMPLES = 100


@dataclass
class FromElsewhere(Tamper):
    """One track comes from another broadcast."""

    track: str
    path: str

    def source(self, seat: str, track: str) -> tuple[str, str]:
        return (self.path if track == self.track else seat), track


class NoSeals(Tamper):
    """From joining on: neither papers nor seals."""

    def frames(self, frame: Frame) -> Iterable[bytes]:
        return () if frame.track == SEALS_TRACK else (frame.payload,)


class PapersOnly(Tamper):
    """From joining on: no seals, and papers as if there were some."""

    def frames(self, frame: Frame) -> Iterable[bytes]:
        return () if frame.track == SEALS_TRACK and frame.index else (frame.payload,)


@asynccontextmanager
async def two(folder: Path) -> AsyncIterator[tuple[Discussion, Discussion]]:
    """Two discussions at one host, on air with the same side."""
    async with discussion(folder) as here:
        there = await another(here.host, here.api, folder)
        grants = [await at.on_air() for at in (here, there)]
        sides = [at.side(grant, at.sealing(grant)) for at, grant in zip((here, there), grants, strict=True)]
        async with talking(sides[0]), talking(sides[1]):
            yield here, there


async def watched(at: Discussion, tamper: Tamper, mark: tuple[str, str | None]) -> Viewer:
    """A viewer behind a relay, once it has seen enough samples and stands as `mark` says."""
    async with at.relay(tamper) as relay, at.viewer(relay) as viewer:
        await until(lambda: len(viewer.samples) > SAMPLES, "samples", PATIENCE_S)
        await until(lambda: viewer.saw[-1] == mark, f"{mark}", PATIENCE_S)
        return viewer


@pytest.mark.parametrize(
    ("track", "mark"),
    [
        pytest.param(SOUND.name, ("broken", "sample.altered"), id="the sound of another discussion"),
        pytest.param(SEALS_TRACK, ("broken", "seal.run"), id="the seals of another discussion"),
    ],
)
async def test_a_viewer_is_told_of(track: str, mark: tuple[str, str], tmp_path: Path) -> None:
    async with two(tmp_path) as (here, there):
        viewer = await watched(here, FromElsewhere(track, there.path), mark)
        assert ("verified", None) not in viewer.saw or track == SOUND.name
        control = await watched(here, Tamper(), ("verified", None))
        assert control.codes <= BUSY, control.saw
    for at in (here, there):
        assert verify(at.record).holds, "neither side nor host did anything"


@pytest.mark.parametrize("tamper", [NoSeals(), PapersOnly()], ids=["nothing", "papers alone"])
async def test_a_side_whose_seals_are_withheld_from_joining_on_is_never_verified(
    tamper: Tamper, tmp_path: Path
) -> None:
    async with discussion(tmp_path) as at:
        grant = await at.on_air()
        async with talking(at.side(grant, at.sealing(grant))):
            viewer = await watched(at, tamper, ("unsealed", None))
            assert viewer.states <= {"unsealed", "pending"}, viewer.saw
            control = await watched(at, Tamper(), ("verified", None))
            assert control.codes <= BUSY, control.saw
    assert verify(at.record).holds
