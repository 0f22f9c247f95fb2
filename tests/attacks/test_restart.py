"""Promise: a side whose program is killed with seals that never left it, and that comes back in a new run,
raises no alarm: a seal that nobody received is no fork (docs/formats/seal.md, S9 and S11). The run that was
killed has no end seal, which is said. What is cut out of the middle of a run is told."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.attacks.discussion import BUSY, Discussion, Viewer, discussion, talk, talking
from tests.attacks.relay import Frame, Tamper
from tests.fakes.line import Network
from tests.fakes.tampering import edit_seals, seals_of_file
from tests.line.parts import SOUND, until
from vivavoce.line.catalog import CATALOG_TRACK, SEALS_TRACK, Catalog
from vivavoce.line.sample import decode_frame, encode_frame
from vivavoce.record.seals import Kept
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify import verify
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.leavesframe import is_leaves
from vivavoce.seal.seal import parse_seal
from vivavoce.seal.signer import Signer

PATIENCE_S = 45
QUIET = BUSY | {"sample.missing"}
"""What may be said of a run whose end never came: something is not proven yet, or did not come. Never that
anything is false, nor that seals are missing."""
UNSENT = 5
CUT = 14
"""The seal that is cut out: in mid-group, two seconds after the run began."""


@dataclass
class OneSealCut(Tamper):
    """Of the first run."""

    did: int = 0

    def frames(self, frame: Frame) -> Iterable[bytes]:
        is_it = frame.track == SEALS_TRACK and (frame.group, frame.index) == (CUT // 10, CUT % 10 + 1)
        if not is_it or self.did:
            return (frame.payload,)
        self.did += 1
        return ()


@dataclass
class FirstRunAgain(Tamper):
    """In the second run the sound of the first is played, in the second's places and at its times."""

    runs: list[str] = field(default_factory=list)
    kept: dict[int, bytes] = field(default_factory=dict)
    did: int = 0

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if frame.track == CATALOG_TRACK:
            run = Catalog.parse(frame.payload).run
            self.runs += [] if run in self.runs else [run]
        if frame.track != SOUND.name:
            return (frame.payload,)
        at_us, data = decode_frame(frame.payload)
        if len(self.runs) < 2:
            self.kept[frame.group] = data
            return (frame.payload,)
        if frame.group not in self.kept:
            return (frame.payload,)
        self.did += 1
        return (encode_frame(at_us, self.kept[frame.group]),)


@dataclass
class Restarted:
    """Two runs of a side, and who saw them. made: seals of the first, the last of which never left it."""

    at: Discussion
    runs: tuple[str, str]
    made: int
    viewer: Viewer
    cut: Viewer
    replayed: Viewer
    cutting: OneSealCut
    replaying: FirstRunAgain

    def log(self, record: Path) -> Path:
        """The first run's seals."""
        return record / "north" / self.runs[0] / "seals.log"

    def judged(self) -> Judged:
        return verify(self.at.record)


def number(one: Kept) -> int | None:
    """None for papers and leaves."""
    if not one.index or is_leaves(one.raw):
        return None
    return parse_seal(open_envelope(one.raw).payload).seq


async def _restart(folder: Path) -> Restarted:
    cutting, replaying = OneSealCut(), FirstRunAgain()
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(discussion(folder))
        network = await stack.enter_async_context(Network(at.host.port))
        device = Signer()
        first = await at.on_air()
        sealing = at.sealing(first, device=device)
        viewers: list[Viewer] = []
        async with at.side(first, sealing, port=network.port) as killed:
            speaking = asyncio.create_task(talk(killed))
            for tamper in (Tamper(), cutting, replaying):
                relay = await stack.enter_async_context(at.relay(tamper))
                viewers.append(await stack.enter_async_context(at.viewer(relay)))
            viewer, cut, replayed = viewers
            await until(lambda: all(one.is_verified for one in viewers), "verified", PATIENCE_S)
            await until(lambda: "seal.missing" in cut.marks, "the cut is told", PATIENCE_S)
            await until(lambda: viewer.chain.newest > CUT + 10, "a while", PATIENCE_S)
            network.down = True
            before = sealing._seq
            await until(lambda: sealing._seq > before + UNSENT, "seals that never leave", PATIENCE_S)
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
        made = sealing._seq
        second = await at.on_air(take_over=True)
        async with talking(at.side(second, at.sealing(second, device=device))):
            await until(lambda: viewer.run == second.run and viewer.is_verified, "back", PATIENCE_S)
            await until(lambda: viewer.chain.newest > 15, "a while", PATIENCE_S)
            await until(lambda: "sample.altered" in replayed.codes, "the replay is told", PATIENCE_S)
    return Restarted(at, (first.run, second.run), made, viewer, cut, replayed, cutting, replaying)


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Restarted:
    return asyncio.run(_restart(tmp_path_factory.mktemp("restart")))


def test_seals_were_made_that_never_left(restarted: Restarted) -> None:
    numbers = [number(one) for one in seals_of_file(restarted.log(restarted.at.record))]
    assert max(one for one in numbers if one is not None) + UNSENT <= restarted.made


def test_no_viewer_is_alarmed(restarted: Restarted) -> None:
    viewer = restarted.viewer
    assert viewer.codes <= QUIET, viewer.saw
    assert "broken" not in viewer.states
    assert viewer.run == restarted.runs[1]
    assert ("verified", None) in viewer.saw


def test_the_host_is_not_alarmed(restarted: Restarted) -> None:
    said = [
        (one["run"], one["state"], one["code"]) for one in restarted.at.journal if one["event"] == "verdict"
    ]
    assert {code for _, _, code in said} <= QUIET
    for run in restarted.runs:
        assert (run, "verified", None) in said


def test_the_record_holds_and_says_which_run_has_no_end(restarted: Restarted) -> None:
    judged = restarted.judged()
    first, second = restarted.runs
    assert judged.holds, judged.findings
    assert {one.code for one in judged.findings if one.run == first} <= QUIET
    assert {one.code for one in judged.findings if one.run != first} <= {"seal.apart"}
    assert {one.run: one.ended for one in judged.sides} == {first: False, second: True}
    ends = [one for one in judged.unknown if "more may have followed" in one]
    assert ends == [f"north, run {first}, has no end seal: more may have followed."]


def test_a_seal_cut_out_of_the_middle_is_told_to_a_viewer(restarted: Restarted) -> None:
    """The control: this gap is no restart."""
    assert restarted.cutting.did
    assert ("gap", "seal.missing") in restarted.cut.saw


def test_a_seal_cut_out_of_the_middle_is_told_of_the_record(restarted: Restarted, tmp_path: Path) -> None:
    record = tmp_path / restarted.at.record.name
    shutil.copytree(restarted.at.record, record)
    edit_seals(restarted.log(record), lambda there: [one for one in there if number(one) != CUT])
    found = [one for one in verify(record).findings if one.code == "seal.missing"]
    assert [(one.run, one.count) for one in found] == [(restarted.runs[0], 1)]


def test_the_sound_of_the_first_run_in_the_second_is_not_what_was_sealed_there(restarted: Restarted) -> None:
    assert restarted.replaying.did
    assert ("broken", "sample.altered") in restarted.replayed.saw
    assert "broken" not in {state for state, _ in restarted.replayed.saw[:3]}, "the first run was well"
