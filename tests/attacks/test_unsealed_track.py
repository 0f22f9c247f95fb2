"""Attack: a relay lists a track that the side never had, larger than the true one, and fills it itself.

Promise: as long as it goes on the side is not called well again, however good its own seals are (V7).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.discussion import BUSY, Viewer, discussion, talking
from tests.attacks.relay import Frame, Tamper
from tests.line.parts import PICTURE, until
from vivavoce.line.catalog import CATALOG_TRACK
from vivavoce.line.sample import decode_frame, encode_frame

PATIENCE_S = 45
SEALS = 15
"""Three times as many as a verdict needs to recover."""
FORGED = "hd.9"


@dataclass
class AddedTrack(Tamper):
    did: int = 0

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if frame.track == CATALOG_TRACK:
            said = json.loads(frame.payload)
            if PICTURE.name in said["video"]["renditions"]:
                larger = {"codedWidth": 1920, "codedHeight": 1080}
                said["video"]["renditions"][FORGED] = said["video"]["renditions"][PICTURE.name] | larger
                said["vivavoce"]["tracks"][FORGED] = said["vivavoce"]["tracks"][PICTURE.name]
            return (json.dumps(said).encode(),)
        if frame.track != FORGED:
            return (frame.payload,)
        self.did += 1
        at_us, data = decode_frame(frame.payload)
        return (encode_frame(at_us, data[::-1]),)

    def source(self, seat: str, track: str) -> tuple[str, str]:
        return seat, PICTURE.name if track == FORGED else track


@dataclass
class Seen:
    attack: AddedTrack
    forged: Viewer
    true: Viewer
    since: int
    """So many states the first had seen when it was late."""


async def _seen(folder: Path) -> Seen:
    attack = AddedTrack()
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(discussion(folder))
        grant = await at.on_air()
        async with talking(at.side(grant, at.sealing(grant))):
            relays = [await stack.enter_async_context(at.relay(one)) for one in (attack, Tamper())]
            forged, true = [await stack.enter_async_context(at.viewer(one)) for one in relays]
            await until(lambda: true.is_verified, "the control", PATIENCE_S)
            await until(lambda: forged.saw[-1] == ("late", "seal.late"), "late", PATIENCE_S)
            since, newest = len(forged.saw), forged.chain.newest
            await until(lambda: forged.chain.newest > newest + SEALS, "seals", PATIENCE_S)
            await asyncio.sleep(0.2)
            return Seen(attack, forged, true, since)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return asyncio.run(_seen(tmp_path_factory.mktemp("track")))


def test_a_side_is_not_well_again_while_a_track_goes_on_that_nobody_sealed(seen: Seen) -> None:
    assert seen.attack.did
    assert any(track == FORGED for _, track, _, _ in seen.forged.samples)
    assert any(track == PICTURE.name for _, track, _, _ in seen.forged.samples), "the true one came too"
    assert "verified" not in {state for state, _ in seen.forged.saw[seen.since :]}
    assert "seal.late" in seen.forged.marks


def test_without_it_the_same_side_is_well(seen: Seen) -> None:
    """The control."""
    assert seen.true.is_verified, seen.true.saw
    assert seen.true.codes <= BUSY
