"""Attack: a side's device signs two chains of one run, and a relay shows some viewers the second.

Promise: where both reach one viewer it is told, by `seal.chain` or `seal.fork`. Who is shown only one of them
cannot know of the other; two who compare what they kept have the proof (docs/formats/seal.md, S11;
docs/trust.md).
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.attacks.discussion import BUSY, Discussion, Viewer, discussion, talking
from tests.attacks.forking import ForkingRelay, ForkingSealing, edited
from tests.attacks.relay import Frame
from tests.fakes.line import Network
from tests.fakes.tampering import edit_samples, edit_seals
from tests.line.parts import SOUND, until
from vivavoce.line.catalog import SEALS_TRACK
from vivavoce.record.seals import Kept
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify import verify

pytestmark = pytest.mark.anyio

PATIENCE_S = 45
SPLIT = {"seal.fork", "seal.chain"}
"""What says of a run that it has two chains."""


@asynccontextmanager
async def forking(folder: Path) -> AsyncIterator[tuple[Discussion, ForkingSealing]]:
    """North is on air, and signs two chains."""
    async with discussion(folder) as at:
        grant = await at.on_air()
        chains = at.sealing_by(ForkingSealing, grant)
        async with talking(at.side(grant, chains)):
            yield at, chains


async def well(viewer: Viewer) -> None:
    """It is verified, and nothing was wrong so far."""
    await until(lambda: viewer.is_verified, "verified", PATIENCE_S)
    assert viewer.codes <= BUSY, viewer.saw


def with_seals_of(viewer: Viewer, record: Path, folder: Path) -> Judged:
    """A record, judged with the seals that a viewer kept in the same file as its own."""
    copy = folder / record.name
    shutil.copytree(record, copy)
    kept = [Kept(one.at_us, one.group, one.index, one.raw) for one in viewer.seals]
    edit_seals(next(copy.glob("north/*/seals.log")), lambda there: [*there, *kept])
    return verify(copy)


async def test_a_viewer_who_is_switched_to_the_other_chain_in_mid_run_is_told(tmp_path: Path) -> None:
    async with forking(tmp_path) as (at, chains):
        tamper = ForkingRelay(chains)
        async with at.relay(tamper) as relay, at.viewer(relay) as viewer:
            await well(viewer)
            tamper.second = True
            await until(lambda: ("broken", "seal.chain") in viewer.saw, "told of it", PATIENCE_S)
            await until(lambda: viewer.is_verified, "the second chain goes on", PATIENCE_S)
            assert "seal.chain" in viewer.marks, "the mark stays"
    judged = verify(at.record)
    assert judged.holds, "who has the first chain alone has nothing to complain of"
    assert {one.code for one in judged.findings} <= BUSY


@dataclass
class CoveredSwitch(ForkingRelay):
    """Withholds the first seal after the switch, so that nothing has to fit."""

    withheld: int = 0

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if self.second and frame.track == SEALS_TRACK and frame.index and not self.withheld:
            self.withheld += 1
            return ()
        return super().frames(frame)


async def test_a_switch_under_a_withheld_seal_is_a_gap_at_least(tmp_path: Path) -> None:
    """Nobody can know what the seal would have said that is not there."""
    async with forking(tmp_path) as (at, chains):
        tamper = CoveredSwitch(chains)
        async with at.relay(tamper) as relay, at.viewer(relay) as viewer:
            await well(viewer)
            tamper.second = True
            await until(lambda: "seal.missing" in viewer.marks, "told of it", PATIENCE_S)
            assert tamper.withheld


async def test_two_seals_of_one_number_are_a_fork(tmp_path: Path) -> None:
    async with forking(tmp_path) as (at, chains):
        tamper = ForkingRelay(chains)
        async with at.relay(tamper) as relay, at.viewer(relay) as viewer:
            await well(viewer)
            tamper.doubles = True
            await until(lambda: ("broken", "seal.fork") in viewer.saw, "told of it", PATIENCE_S)
            assert tamper.did
            assert viewer.marks - BUSY == {"seal.fork"}
    assert verify(at.record).holds, "the host has one of the two"
    judged = with_seals_of(viewer, at.record, tmp_path)
    assert not judged.holds
    assert [(one.side, one.count) for one in judged.findings if one.code == "seal.fork"] == [("north", 2)]


class Doubling(ForkingRelay):
    """Gives every seal twice, of one chain."""

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if frame.payload not in self.chains.forked:
            return (frame.payload,)
        self.did = True
        return frame.payload, frame.payload


async def test_one_seal_twice_is_none(tmp_path: Path) -> None:
    """The control."""
    async with forking(tmp_path) as (at, chains):
        tamper = Doubling(chains)
        async with at.relay(tamper) as relay, at.viewer(relay) as viewer:
            await well(viewer)
            newest = viewer.chain.newest
            await until(lambda: viewer.chain.newest > newest + 10, "ten seals more", PATIENCE_S)
            assert tamper.did
            assert viewer.marks <= BUSY
    judged = with_seals_of(viewer, at.record, tmp_path)
    assert judged.holds
    assert {one.code for one in judged.findings} <= BUSY


@pytest.mark.parametrize("second", [True, False], ids=["another chain", "the same chain: the control"])
async def test_a_viewer_who_reconnects_to(second: bool, tmp_path: Path) -> None:
    """Its line breaks, and the relay that answers next shows what is asked for again: from the group of seals
    on at which the viewer was."""
    async with forking(tmp_path) as (at, chains):
        before = at.relay(ForkingRelay(chains))
        after = at.relay(ForkingRelay(chains, second=second), succeeds=before)
        async with (
            before,
            after,
            Network(before.port) as network,
            at.viewer(before, port=network.port) as viewer,
        ):
            await well(viewer)
            # In the middle of a group of seals, so that there is something to compare.
            await until(lambda: viewer.chain.newest % 10 in (4, 5, 6), "in mid-group", PATIENCE_S)
            newest = viewer.chain.newest
            network.move(after.port)
            await until(lambda: viewer.chain.newest > newest + 20, "it goes on", PATIENCE_S)
            if second:
                assert "seal.fork" in viewer.marks, viewer.saw
            else:
                assert not viewer.marks & SPLIT, viewer.saw
                assert "broken" not in viewer.states


async def test_who_is_shown_nothing_but_the_forked_chain_is_not_told_and_two_who_compare_are(
    tmp_path: Path,
) -> None:
    """The limit of what seals alone can show, live; and what gives it away."""
    async with forking(tmp_path) as (at, chains):
        first, second = at.relay(ForkingRelay(chains)), at.relay(ForkingRelay(chains, second=True))
        async with first, second, at.viewer(first) as one, at.viewer(second) as other:
            for viewer in (one, other):
                await well(viewer)
            newest = max(one.chain.newest, other.chain.newest)
            for viewer in (one, other):
                await until(lambda each=viewer: each.chain.newest > newest + 10, "more", PATIENCE_S)  # type: ignore[misc]
                assert viewer.codes <= BUSY, viewer.saw
    heard = [place for place in one.samples if place in other.samples and place[1] == SOUND.name]
    assert heard
    assert all(one.samples[place] != other.samples[place] for place in heard), "they heard different things"
    alone, same, compared = (
        verify(at.record),
        with_seals_of(one, at.record, tmp_path / "one"),
        with_seals_of(other, at.record, tmp_path / "other"),
    )
    for judged in (alone, same):
        assert judged.holds
        assert {each.code for each in judged.findings} <= BUSY
    assert not compared.holds
    assert "seal.fork" in {each.code for each in compared.findings}
    assert {each.side for each in compared.findings if each.judgement == "broken"} == {"north"}
    forged = _forged(chains, at.record, tmp_path / "forged")
    assert forged.holds, "a record of the second chain alone is as consistent as the first"


def _forged(chains: ForkingSealing, record: Path, folder: Path) -> Judged:
    """A record of the second chain, as a thief of the run's key makes it."""
    copy = folder / record.name
    shutil.copytree(record, copy)
    run = next(copy.glob("north/*"))
    edit_seals(
        run / "seals.log",
        lambda there: [replace(one, raw=chains.forked.get(one.raw, one.raw)) for one in there],
    )
    edit_samples(
        run / f"{SOUND.name}.mp4",
        lambda there: [replace(one, data=edited(SOUND.name, one.data)) for one in there],
    )
    return verify(copy)
