"""Attack: a side's last answer is taken away, the end seal with it, and its broadcast ends as if it had left.

Promise: nobody takes that for the end. Only the end seal says that nothing followed (docs/formats/seal.md,
S10 and V10). Records whose seals alone or samples alone were cut are in tests/record/test_verify.py, clips in
tests/record/test_clip.py.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.attacks.discussion import BUSY, Discussion, Viewer, discussion, talking
from tests.attacks.relay import Frame, Tamper
from tests.fakes.tampering import edit_samples, edit_seals, seals_of_file
from tests.line.parts import SOUND, until
from vivavoce.line.catalog import CATALOG_TRACK, SEALS_TRACK
from vivavoce.record.seals import Kept
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify import verify
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.leavesframe import is_leaves
from vivavoce.seal.seal import Flags, Seal, parse_seal
from vivavoce.terminal.words import words

PATIENCE_S = 45
LAST_ANSWER = 10
"""So many seals long, and more."""


def seal_of(raw: bytes) -> Seal:
    return parse_seal(open_envelope(raw).payload)


@dataclass
class LastAnswerCut(Tamper):
    """Once it is armed nothing more of the side goes on."""

    armed: bool = False
    did: int = 0

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if not self.armed or frame.track == CATALOG_TRACK:
            return (frame.payload,)
        self.did += 1
        return ()


@dataclass
class EndSealCut(Tamper):
    """Everything goes on but the end seal."""

    did: int = 0

    def frames(self, frame: Frame) -> Iterable[bytes]:
        if frame.track != SEALS_TRACK or not frame.index or is_leaves(frame.payload):
            return (frame.payload,)
        if not seal_of(frame.payload).flags & Flags.END:
            return (frame.payload,)
        self.did += 1
        return ()


@dataclass
class Ended:
    """A side spoke and left. whole: a viewer behind a relay that cut nothing."""

    at: Discussion
    run: str
    whole: Viewer
    cut: Viewer
    endless: Viewer
    cutting: LastAnswerCut
    ending: EndSealCut
    lines_then: int
    """So many lines `watch` had written of the cut one when it was cut."""


async def _ended(folder: Path) -> Ended:
    cutting, ending = LastAnswerCut(), EndSealCut()
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(discussion(folder))
        grant = await at.on_air()
        async with talking(at.side(grant, at.sealing(grant))):
            relays = [await stack.enter_async_context(at.relay(one)) for one in (Tamper(), cutting, ending)]
            viewers = [await stack.enter_async_context(at.viewer(one)) for one in relays]
            await until(lambda: all(one.is_verified for one in viewers), "verified", PATIENCE_S)
            cutting.armed = True
            whole, cut, endless = viewers
            newest, lines_then = whole.chain.newest, len(cut.lines)
            await until(lambda: cutting.did > 0, "the attack", PATIENCE_S)
            relays[1].withdraw(at.path)
            await until(lambda: whole.chain.newest > newest + LAST_ANSWER, "the last answer", PATIENCE_S)
        await until(lambda: whole.chain.ended, "the end seal", PATIENCE_S)
        await until(lambda: ending.did > 0, "the end seal is cut", PATIENCE_S)
        await at.off_air(grant)
        for one in viewers:
            await until(lambda each=one: each.lines[-1].ended is not None, "it left", PATIENCE_S)  # type: ignore[misc]
    return Ended(at, grant.run, whole, cut, endless, cutting, ending, lines_then)


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return asyncio.run(_ended(tmp_path_factory.mktemp("tail")))


def test_a_viewer_who_was_given_everything_has_the_end(ended: Ended) -> None:
    """The control."""
    assert ended.whole.chain.ended
    assert ended.whole.codes <= BUSY, ended.whole.saw


def test_a_viewer_whose_tail_was_cut_has_no_end(ended: Ended) -> None:
    assert ended.cutting.did
    assert not ended.cut.chain.ended
    sound = [{place for place in one.samples if place[1] == SOUND.name} for one in (ended.whole, ended.cut)]
    assert len(sound[0] - sound[1]) > LAST_ANSWER, "the last answer did not come"
    assert ended.cut.chain.newest + LAST_ANSWER < ended.whole.chain.newest
    assert "broken" not in ended.cut.states, "what came is true"


def test_what_is_told_of_a_tail_that_was_cut_is_no_proof(ended: Ended) -> None:
    """`watch` says that the side is not on air, which is what it sees; not that all is well, nor that its end
    was signed."""
    told = ended.cut.lines[ended.lines_then :]
    assert told[-1].state == "gap"
    gone = next(at for at, one in enumerate(told) if one.code == "air.not_on")
    assert {one.state for one in told[gone:]} == {"gap"}
    assert words(told[-1]) == "not on air. No end was signed: more may have followed"


def test_a_viewer_who_was_given_everything_is_told_that_the_end_was_signed(ended: Ended) -> None:
    """The control."""
    assert words(ended.whole.lines[-1]) == "not on air. Its device signed that this was all"


def test_without_the_end_seal_alone_nobody_has_the_end(ended: Ended) -> None:
    assert ended.ending.did
    assert not ended.endless.chain.ended
    assert ended.endless.chain.newest == ended.whole.chain.newest - 1
    assert words(ended.endless.lines[-1]) == "not on air. No end was signed: more may have followed"


def test_the_hosts_record_has_the_end_and_holds(ended: Ended) -> None:
    judged = verify(ended.at.record)
    assert judged.holds
    assert {one.code for one in judged.findings} <= BUSY
    assert [one.ended for one in judged.sides] == [True]
    assert not any("more may have followed" in one for one in judged.unknown)


def without_its_tail(ended: Ended, record: Path) -> Judged:
    """Samples, seals and the end seal are cut as cleanly as can be: behind a seal and all that it covers."""
    shutil.copytree(ended.at.record, record)
    log = record / "north" / ended.run / "seals.log"
    seals = [seal_of(one.raw) for one in seals_of_file(log) if one.index and not is_leaves(one.raw)]
    last = seals[len(seals) // 2]

    def kept(one: Kept) -> bool:
        return not one.index or (not is_leaves(one.raw) and seal_of(one.raw).seq <= last.seq)

    edit_seals(log, lambda there: [one for one in there if kept(one)])
    for track in log.parent.glob("*.mp4"):
        edit_samples(track, lambda there: [one for one in there if one.timestamp_us <= last.clock_us])
    return verify(record)


def test_a_record_whose_tail_was_cut_says_that_more_may_have_followed(ended: Ended, tmp_path: Path) -> None:
    judged = without_its_tail(ended, tmp_path / ended.at.record.name)
    assert {one.code for one in judged.findings} <= BUSY, "what is there is true"
    assert [one.ended for one in judged.sides] == [False]
    assert f"north, run {ended.run}, has no end seal: more may have followed." in judged.unknown
    assert judged.seconds < verify(ended.at.record).seconds
