"""Promise: whatever is changed in a record is told, by code, side and second, and nothing else is."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.samples import encode_picture, encode_sound
from tests.fakes.sealed import SealedSide, play_sealed
from tests.fakes.sides import DISCUSSION, START_US, SetClock
from tests.fakes.tampering import edit_samples, edit_seals, flip, rehead, resay, seals_of_file
from tests.record.conftest import FACTS
from vivavoce.line.sample import Sample
from vivavoce.record.contents import open_record
from vivavoce.record.founding import founding_of_record
from vivavoce.record.recorder import Recorder
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify import verify
from vivavoce.seal.config import parse_config
from vivavoce.seal.digest import leaf
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.leavesframe import LeavesFrame
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.seal import parse_seal
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Revocation

SOUTH = Signer()
SECONDS = 4.0


@dataclass(frozen=True)
class Kept:
    """A record, and where its parts lie. South is half a second later on air, and brought a key."""

    path: Path

    def of(self, seat: str, name: str) -> Path:
        return next(self.path.glob(f"{seat}/*/{name}"))

    @property
    def hd(self) -> Path:
        return self.of("north", "hd.1.mp4")

    @property
    def floor(self) -> Path:
        return self.of("south", "floor.1.mp4")

    @property
    def seals(self) -> Path:
        return self.of("north", "seals.log")

    def judged(self) -> Judged:
        return verify(self.path)


def facts() -> dict[str, object]:
    seats = {seat: dict(said) for seat, said in FACTS["seats"].items()}
    seats["south"]["identity"] = SOUTH.public.hex()
    return {**FACTS, "created_us": START_US - 10**9, "seats": seats}


def record(folder: Path, *, ends_sealed: bool = True) -> Path:
    pictures = encode_picture(seconds=SECONDS), encode_picture("vp9", seconds=SECONDS)
    north = SealedSide("north", [pictures[0], encode_sound(seconds=SECONDS)], ends_sealed=ends_sealed)
    south = SealedSide(
        "south",
        [pictures[1], encode_sound(seconds=SECONDS, language="ru", pitch=180)],
        identity=SOUTH,
        starts_us=START_US + 500_000,
    )
    founding = founding_of_record({**facts(), "discussion": DISCUSSION})
    for side in (north, south):
        side.seal(founding)

    async def write() -> None:
        recorder = Recorder(folder, SetClock())
        recorder.open_discussion(DISCUSSION, facts())
        play_sealed(recorder, [north, south])
        await recorder.close()

    asyncio.run(write())
    return folder / DISCUSSION


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("records"))


@pytest.fixture
def kept(clean: Path, tmp_path: Path) -> Kept:
    shutil.copytree(clean, tmp_path / DISCUSSION)
    return Kept(tmp_path / DISCUSSION)


def test_a_record_that_nobody_touched_holds_to_the_last_sample(kept: Kept) -> None:
    judged = kept.judged()
    assert judged.holds
    assert judged.findings == []
    assert judged.seconds == pytest.approx(SECONDS + 0.5, abs=0.05)
    assert [(one.side, one.by, one.ended) for one in judged.sides] == [
        ("north", "host", True),
        ("south", "identity", True),
    ]
    for side in judged.sides:
        assert side.proven_seconds == pytest.approx(SECONDS, abs=0.05)
        assert [one.samples for one in side.tracks] == [200, 120]
    assert any("introduced by the host" in one for one in judged.unknown)


Change = Callable[[Kept], None]


def samples(edit: Callable[[list[Sample]], list[Sample]], *, sound: bool = False) -> Change:
    return lambda kept: edit_samples(kept.floor if sound else kept.hd, edit)


def at(number: int, **fields: object) -> Callable[[list[Sample]], list[Sample]]:
    return lambda all: [*all[:number], replace(all[number], **fields), *all[number + 1 :]]  # type: ignore[arg-type]


def other_bit(all: list[Sample], number: int) -> list[Sample]:
    data = bytearray(all[number].data)
    data[len(data) // 2] ^= 4
    return at(number, data=bytes(data))(all)


def swapped(all: list[Sample]) -> list[Sample]:
    one, two = all[40], all[41]
    all[40], all[41] = replace(one, data=two.data), replace(two, data=one.data)
    return all


def from_another_track(kept: Kept) -> None:
    """South's picture in place of north's."""
    stolen: list[Sample] = []
    edit_samples(kept.of("south", "hd.1.mp4"), lambda all: stolen.extend(all) or all)  # type: ignore[func-returns-value]
    edit_samples(kept.hd, at(45, data=stolen[45].data))


def exchanged(kept: Kept) -> None:
    north, south = kept.seals, kept.of("south", "seals.log")
    mine, theirs = north.read_bytes(), south.read_bytes()
    north.write_bytes(theirs)
    south.write_bytes(mine)


def seals_exchanged_and_not_papers(kept: Kept) -> None:
    theirs = [one for one in seals_of_file(kept.of("south", "seals.log")) if one.index]
    edit_seals(kept.seals, lambda mine: [*(one for one in mine if not one.index), *theirs])


def a_bit_of_a_seal(kept: Kept) -> None:
    def edit(all: list) -> list:  # type: ignore[type-arg]
        raw = bytearray(all[10].raw)
        raw[-1] ^= 1
        return [*all[:10], replace(all[10], raw=bytes(raw)), *all[11:]]

    edit_seals(kept.seals, edit)


def another_title(kept: Kept) -> None:
    said = json.loads((kept.path / "record.json").read_text())
    (kept.path / "record.json").write_text(json.dumps({**said, "title": "Another talk"}))


def a_rest_that_nobody_sealed(kept: Kept) -> None:
    """The host says that a group was empty of which it has the samples taken out."""
    run = kept.hd.parent.name
    line = {"at_us": START_US, "event": "rest", "seat": "north", "run": run, "track": "hd.1", "group": 2}
    edit_samples(kept.hd, lambda all: [one for one in all if one.group != 2])
    with (kept.path / "journal.jsonl").open("a") as journal:
        journal.write(json.dumps(line) + "\n")


BROKEN: dict[str, tuple[Change, str, str, float]] = {
    "a bit of a picture": (samples(lambda all: other_bit(all, 45)), "sample.altered", "north", 1.5),
    "a bit of a sound": (
        samples(lambda all: other_bit(all, 100), sound=True),
        "sample.altered",
        "south",
        2.5,
    ),
    "a picture's time": (samples(at(45, timestamp_us=1_501_500)), "sample.altered", "north", 1.5),
    "a key picture that is said to be none": (samples(at(60, key=False)), "sample.altered", "north", 2.0),
    "a picture taken out": (samples(lambda all: all[:45] + all[46:]), "sample.hole", "north", 1.5),
    "two pictures swapped": (samples(swapped), "sample.altered", "north", 1.35),
    "a picture of the other side": (from_another_track, "sample.altered", "north", 1.5),
    "another picture behind a group": (
        samples(lambda all: [*all[:60], replace(all[59], index=30), *all[60:]]),
        "sample.foreign",
        "north",
        2.0,
    ),
    "a packet that is not its group's first": (
        samples(lambda all: [*all[:60], replace(all[59], index=1), *all[60:]], sound=True),
        "sample.foreign",
        "south",
        1.7,
    ),
    "a group behind the end": (
        samples(lambda all: [*all, replace(all[-1], group=99, index=0, timestamp_us=4_100_000)]),
        "sample.foreign",
        "north",
        4.1,
    ),
    "two of one place": (
        samples(lambda all: [*all[:45], replace(all[45], data=b"x"), *all[45:]]),
        "sample.altered",
        "north",
        1.5,
    ),
    "an empty group that nobody sealed": (a_rest_that_nobody_sealed, "sample.foreign", "north", 2.0),
    "another size in the header": (
        lambda kept: rehead(kept.hd, lambda config: replace(config, width=176)),
        "seal.config",
        "north",
        0.0,
    ),
    "another size in the boxes that players go by": (
        lambda kept: rehead(kept.hd, lambda config: replace(config, width=176), only_boxes=True),
        "seal.config",
        "north",
        0.0,
    ),
    "turned": (
        lambda kept: rehead(kept.hd, lambda config: replace(config, rotation=180)),
        "seal.config",
        "north",
        0.0,
    ),
    "the seals of two runs exchanged": (exchanged, "seal.run", "north", 0.0),
    "the seals of another run under these papers": (
        seals_exchanged_and_not_papers,
        "seal.signature",
        "north",
        3.9,
    ),
    "a bit of a seal": (a_bit_of_a_seal, "seal.signature", "north", 1.6),
    "another title": (another_title, "seal.run", "south", 0.5),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_was_changed_is_named_with_side_and_second(what: str, kept: Kept) -> None:
    change, code, side, second = BROKEN[what]
    change(kept)
    judged = kept.judged()
    assert not judged.holds
    found = [one for one in judged.findings if (one.code, one.side) == (code, side)]
    assert found, judged.findings
    assert any(one.from_s - 0.4 <= second <= one.until_s + 0.4 for one in found), found
    if code.startswith("sample"):
        assert {one.side for one in judged.findings} == {side}, "the other side is as good as it was"
        other = next(one for one in judged.sides if one.side != side)
        assert other.proven_seconds == pytest.approx(SECONDS, abs=0.05)


GAPS: dict[str, tuple[Change, set[str], bool]] = {
    "a group": (samples(lambda all: [one for one in all if one.group != 2]), {"sample.missing"}, True),
    "the last group": (samples(lambda all: [one for one in all if one.group != 3]), {"sample.missing"}, True),
    "a whole track": (lambda kept: kept.hd.unlink(), {"sample.missing"}, True),
    "a packet": (
        samples(lambda all: all[:100] + all[101:], sound=True),
        {"sample.missing", "sample.unproven"},
        False,
    ),
    "the end of a group": (
        samples(lambda all: all[:-3]),
        {"sample.missing", "sample.unproven"},
        False,
    ),
    "a seal and what it covers": (
        lambda kept: edit_seals(kept.seals, lambda all: all[:10] + all[11:]),
        {"seal.missing", "sample.unproven"},
        False,
    ),
}


@pytest.mark.parametrize("what", GAPS)
def test_what_is_missing_is_a_gap_and_never_a_lie(what: str, kept: Kept) -> None:
    change, codes, holds = GAPS[what]
    change(kept)
    judged = kept.judged()
    assert {one.code for one in judged.findings} == codes
    assert judged.holds == holds, "what is there holds, unless some of it cannot be proven"
    assert "Why something is missing." in judged.unknown


def test_a_record_without_seals_is_unsealed(kept: Kept) -> None:
    for file in kept.path.glob("*/*/seals.log"):
        file.unlink()
    judged = kept.judged()
    assert not judged.holds
    assert judged.verdict == "unsealed"
    assert [(one.code, one.side) for one in judged.findings] == [
        ("seal.none", "north"),
        ("seal.none", "south"),
    ]


def test_without_an_end_seal_more_may_have_followed(tmp_path: Path) -> None:
    judged = verify(record(tmp_path, ends_sealed=False))
    assert {one.code for one in judged.findings} == {"seal.late"}
    assert judged.verdict == "it holds, but for its last moment, which no seal covers"
    assert all(one.from_s > 3.7 for one in judged.findings)
    assert any("north" in one and "more may have followed" in one for one in judged.unknown)
    assert not any("south" in one and "more may have followed" in one for one in judged.unknown)


@pytest.mark.parametrize("told", [False, True], ids=["no leaves came", "leaves came: the control"])
def test_what_a_run_lost_as_it_was_cut_cannot_be_proven_and_accuses_nobody(
    told: bool, tmp_path: Path
) -> None:
    cut = Kept(record(tmp_path, ends_sealed=False))
    leaves = loses_a_packet(cut, -1)
    if told:
        hands(cut, leaves)
    judged = cut.judged()
    assert judged.holds == told
    partial = {"sample.unproven": "unproven"} if not told else {}
    assert {one.code: one.judgement for one in judged.findings} == {
        "sample.missing": "gap",
        "seal.late": "late",
        **partial,
    }
    assert all(one.from_s > SECONDS - 0.6 for one in judged.findings)
    words = "what is there holds; something is missing"
    assert judged.verdict == (words if told else "nothing in it is false, but not all of it is proven")


def test_another_founding_than_the_known_one_does_not_hold(kept: Kept) -> None:
    own = kept.judged().founding
    assert verify(kept.path, own.upper()).holds
    judged = verify(kept.path, "00" * 32)
    assert not judged.holds
    assert [one.code for one in judged.findings] == ["seal.founding"]


def test_samples_that_came_twice_or_late_are_no_fault(kept: Kept) -> None:
    edit_samples(kept.hd, lambda all: [*all[60:], *all[:61]])
    edit_seals(kept.seals, lambda all: [*all[::-1], *all[:5]])
    assert kept.judged().findings == []


def test_seals_cut_anywhere_leave_what_they_covered_proven(kept: Kept) -> None:
    whole = kept.seals.read_bytes()
    ends = [8]
    for one in seals_of_file(kept.seals):
        ends.append(ends[-1] + 28 + len(one.raw))
    assert ends[-1] == len(whole)
    proven = -1.0
    for end in sorted({*ends[:-1:3], *Random(1).sample(range(len(whole)), 8)}):
        kept.seals.write_bytes(whole[:end])
        judged = kept.judged()
        north = judged.sides[0]
        codes = {one.code for one in judged.findings}
        assert codes <= {"sample.unproven", "seal.none", "seal.late"}, end
        assert judged.holds == (codes == {"seal.late"})
        assert any("more may have followed" in one for one in judged.unknown) or north.by is None
        assert north.proven_seconds >= proven
        proven = north.proven_seconds
    assert proven > 3


def test_a_track_cut_anywhere_is_a_gap(kept: Kept) -> None:
    whole = kept.hd.read_bytes()
    for end in Random(2).sample(range(2_000, len(whole)), 12):
        kept.hd.write_bytes(whole[:end])
        codes = {one.code for one in kept.judged().findings}
        assert "sample.missing" in codes
        assert codes <= {"sample.missing", "sample.unproven"}, end


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_no_bit_of_tracks_or_seals_can_be_turned_unseen(clean: Path, data: st.DataObject) -> None:
    file = data.draw(st.sampled_from(sorted(clean.glob("*/*/*.*"))))
    whole = file.read_bytes()
    bit = data.draw(st.one_of(st.integers(0, 8 * len(whole) - 1), st.integers(0, 8_000)))
    try:
        flip(file, bit)
        judged = verify(clean)
    finally:
        file.write_bytes(whole)
    assert not judged.holds, (file.name, bit)
    assert any(one.judgement == "broken" for one in judged.findings), (file.name, bit, judged.findings)
    assert file.parent.parent.name in {one.side for one in judged.findings}


def rows_of_sound(kept: Kept) -> tuple[int, list[tuple[int, int]]]:
    """North's sound: its number in the seals, and of each row the first group and how many packets."""
    seals = [parse_seal(open_envelope(one.raw).payload) for one in seals_of_file(kept.seals) if one.index]
    names = {number: parse_config(raw).name for seal in seals for number, raw in seal.configs}
    number = next(number for number, name in names.items() if name == "floor.1")
    deltas = [delta for seal in seals for delta in seal.deltas if delta.track == number]
    return number, [(one.group, one.count) for one in deltas]


def loses_a_packet(kept: Kept, at: int | None = None) -> bytes:
    """Takes one packet from the middle of a row. Returns the leaves of the row. at: which, by default the
    middle one."""
    number, rows = rows_of_sound(kept)
    first, count = rows[len(rows) // 2 if at is None else at]
    leaves: list[bytes] = []

    def without(all: list[Sample]) -> list[Sample]:
        row = [one for one in all if first <= one.group < first + count]
        leaves.extend(leaf(one.group, one.index, one.timestamp_us, one.key, one.data) for one in row)
        return [one for one in all if one is not row[2]]

    edit_samples(kept.of("north", "floor.1.mp4"), without)
    return LeavesFrame(number, first, leaves).to_bytes()


def hands(kept: Kept, *raws: bytes) -> None:
    edit_seals(kept.seals, lambda all: [*all, *(replace(all[-1], index=12, raw=raw) for raw in raws)])


def test_a_record_with_a_lost_packet_holds_by_its_rows_leaves(kept: Kept) -> None:
    hands(kept, loses_a_packet(kept))
    judged = kept.judged()
    assert judged.holds
    assert judged.verdict == "what is there holds; something is missing"
    assert [(one.code, one.side, one.track, one.count) for one in judged.findings] == [
        ("sample.missing", "north", "floor.1", 1)
    ]
    assert judged.findings[0].until_s - judged.findings[0].from_s < 0.1


@pytest.mark.parametrize("said", [{"epoch_us": -1}, {"epoch_us": 1 << 200}, {"part": -1}], ids=repr)
def test_a_file_that_says_what_no_header_holds_is_judged_all_the_same(
    said: dict[str, int], kept: Kept
) -> None:
    resay(kept.hd, **said)
    judged = kept.judged()
    assert not judged.holds
    assert "seal.config" in {one.code for one in judged.findings}


def test_without_leaves_it_does_not(kept: Kept) -> None:
    loses_a_packet(kept)
    judged = kept.judged()
    assert not judged.holds
    assert {one.code for one in judged.findings} == {"sample.missing", "sample.unproven"}
    assert judged.verdict == "nothing in it is false, but not all of it is proven"


@pytest.mark.parametrize("at", [1, 2, 3, 8, 40, -1])
def test_a_bit_of_leaves_in_a_file_proves_nothing_and_breaks_nothing(at: int, kept: Kept) -> None:
    before = kept.judged().to_json()
    true = loses_a_packet(kept)
    unhelped = kept.judged().to_json()
    false = bytearray(true)
    false[at] ^= 1
    hands(kept, bytes(false))
    assert kept.judged().to_json() == unhelped
    hands(kept, true)
    helped = kept.judged()
    assert helped.holds
    assert before["holds"]


def revoked(kept: Kept, *, by: Signer, from_us: int) -> None:
    """`record.json` keeps a revocation of south's device, dated so long after its run began."""
    path = kept.path / "record.json"
    facts = json.loads(path.read_text())
    papers = next(one for one in seals_of_file(kept.of("south", "seals.log")) if one.index == 0)
    device = parse_papers(papers.raw).device
    (run,) = (run for run in open_record(kept.path).runs if run.seat == "south")
    said = Revocation(device, run.epoch_us + from_us).to_bytes()
    founding = founding_of_record(facts)
    facts["revocations"] = [by.envelope("revocation", founding.digest, said).hex()]
    path.write_text(json.dumps(facts))


def test_a_run_that_begins_when_its_device_is_revoked_is_not_the_sides(kept: Kept) -> None:
    revoked(kept, by=SOUTH, from_us=0)
    judged = kept.judged()
    assert not judged.holds
    assert {(one.code, one.side) for one in judged.findings if one.code == "seal.run"} == {
        ("seal.run", "south")
    }
    assert [(one.side, one.by) for one in judged.sides] == [("north", "host"), ("south", None)]


@pytest.mark.parametrize(("by", "from_us"), [(SOUTH, 1), (Signer(), 0)], ids=["later", "by a stranger"])
def test_a_run_stands_that_was_revoked(kept: Kept, by: Signer, from_us: int) -> None:
    revoked(kept, by=by, from_us=from_us)
    assert kept.judged().findings == []


@pytest.mark.parametrize("told", [7, "ab", [7, None, "zz", "a", "AB", "ab" * 300], {"a": 1}], ids=repr)
def test_revocations_that_are_none_say_nothing(kept: Kept, told: object) -> None:
    path = kept.path / "record.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "revocations": told}))
    assert kept.judged().findings == []
