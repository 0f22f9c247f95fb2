"""Promise: what is put into a record from elsewhere is told; what is put back from its copy is no fault."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes.samples import encode_picture, encode_sound
from tests.fakes.sealed import SealedSide, play_sealed
from tests.fakes.sides import DISCUSSION, START_US, SetClock
from tests.fakes.tampering import edit_samples, edit_seals, seals_of_file
from tests.record.conftest import FACTS
from vivavoce.line.sample import Sample
from vivavoce.record.founding import founding_of_record
from vivavoce.record.recorder import Recorder
from vivavoce.record.seals import Kept
from vivavoce.record.verify import verify

SECONDS = 4.0
RUN, LATER_RUN = "1" * 16, "2" * 16
SPLICE_GROUP = 2
"""Two seconds after a run began: of a picture's groups."""


def record(folder: Path, run: str, *, discussion: str = DISCUSSION, starts_us: int = START_US) -> Path:
    """North speaks for four seconds."""
    facts = {**FACTS, "created_us": START_US - 10**9}
    north = SealedSide(
        "north",
        [encode_picture(seconds=SECONDS), encode_sound(seconds=SECONDS)],
        run=run,
        starts_us=starts_us,
        epoch_us=starts_us,
    )
    north.seal(founding_of_record({**facts, "discussion": discussion}))

    async def write() -> None:
        recorder = Recorder(folder, SetClock())
        recorder.open_discussion(discussion, facts)
        play_sealed(recorder, [north], discussion)
        await recorder.close()

    asyncio.run(write())
    return folder / discussion


@dataclass(frozen=True)
class Records:
    """One, and two to take from: a later run of the same side in the same discussion, and a run of another
    discussion."""

    one: Path
    later: Path
    elsewhere: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Records:
    folder = tmp_path_factory.mktemp("records")
    return Records(
        record(folder / "one", RUN),
        record(folder / "later", LATER_RUN, starts_us=START_US + 10**7),
        record(folder / "elsewhere", LATER_RUN, discussion="m" * 10),
    )


@pytest.fixture
def records(made: Records, tmp_path: Path) -> Records:
    return replace(made, one=Path(shutil.copytree(made.one, tmp_path / DISCUSSION)))


def run_of(record: Path) -> Path:
    return next(record.glob("north/*"))


def samples_of(path: Path) -> list[Sample]:
    there: list[Sample] = []
    edit_samples(path, lambda all: there.extend(all) or all)  # type: ignore[func-returns-value]
    return there


def run_copied(into: Path, source: Path) -> None:
    shutil.copytree(run_of(source), into / "north" / run_of(source).name)


def picture_spliced(into: Path, source: Path) -> None:
    """From a moment on the picture is the other run's, in this one's places."""
    other = {(one.group, one.index): one for one in samples_of(run_of(source) / "hd.1.mp4")}

    def spliced(all: list[Sample]) -> list[Sample]:
        later = [one for one in all if one.group >= SPLICE_GROUP]
        return [
            *all[: len(all) - len(later)],
            *(replace(one, data=other[one.group, one.index].data + b"!") for one in later),
        ]

    edit_samples(run_of(into) / "hd.1.mp4", spliced)


def seals_merged(into: Path, source: Path) -> None:
    """The other run's seals stand behind this one's."""
    other = seals_of_file(run_of(source) / "seals.log")
    edit_seals(run_of(into) / "seals.log", lambda mine: [*mine, *other])


def seals_spliced(into: Path, source: Path) -> None:
    """From a moment on the seals are the other run's."""
    other = seals_of_file(run_of(source) / "seals.log")
    edit_seals(run_of(into) / "seals.log", lambda mine: [*mine[:12], *other[12:]])


Take = Callable[[Path, Path], None]
BROKEN: dict[str, tuple[Take, str, set[str]]] = {
    "a run of another discussion": (run_copied, "elsewhere", {"seal.run"}),
    "the picture of a later run from a moment on": (picture_spliced, "later", {"sample.altered"}),
    "the seals of a later run from a moment on": (seals_spliced, "later", {"seal.signature"}),
    "the seals of a later run beside its own": (seals_merged, "later", {"seal.run", "seal.signature"}),
    "the seals of another discussion beside its own": (
        seals_merged,
        "elsewhere",
        {"seal.run", "seal.signature"},
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_was_put_into_a_record_is_told(what: str, records: Records) -> None:
    take, source, expected = BROKEN[what]
    assert verify(records.one).holds
    take(records.one, getattr(records, source))
    judged = verify(records.one)
    assert not judged.holds
    broken = {one.code for one in judged.findings if one.judgement == "broken"}
    assert broken == expected, judged.findings


def test_a_later_run_of_the_same_discussion_may_be_put_beside_the_first(records: Records) -> None:
    """A control: two parts of one discussion, kept by two hosts, are one record."""
    run_copied(records.one, records.later)
    judged = verify(records.one)
    assert judged.holds
    assert judged.findings == []
    assert [(one.run, one.ended) for one in judged.sides] == [(RUN, True), (LATER_RUN, True)]


def test_two_copies_that_each_lack_something_make_one_that_holds(records: Records) -> None:
    """A control: what was lost here is put back from there, twice where both have it, and in any order."""
    log, hd = run_of(records.one) / "seals.log", run_of(records.one) / "hd.1.mp4"
    seals, pictures = seals_of_file(log), samples_of(hd)

    def lacking(all: list[Kept]) -> list[Kept]:
        return [*all[:5], *all[15:]]

    edit_seals(log, lacking)
    edit_samples(hd, lambda all: [one for one in all if one.group != SPLICE_GROUP])
    assert {one.code for one in verify(records.one).findings} >= {"seal.missing", "sample.unproven"}
    edit_seals(log, lambda mine: [*mine, *seals[3:20]])
    edit_samples(hd, lambda mine: [*mine, *(one for one in pictures if one.group in (1, SPLICE_GROUP))])
    judged = verify(records.one)
    assert judged.holds
    assert judged.findings == []
