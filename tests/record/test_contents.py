"""What a record holds is read however it was left; what does not hold is named: record.md R4, R10, R12."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.samples import encode_picture, encode_sound
from tests.fakes.sides import DISCUSSION, Side
from tests.record.conftest import FACTS, MakeRecord
from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.record.contents import Record, open_record
from vivavoce.record.gaps import Gap

pytestmark = pytest.mark.anyio


@pytest.fixture
async def record(make_record: MakeRecord) -> Path:
    sound = encode_sound(seconds=1)
    return await make_record([Side("north", [encode_picture("h264"), sound]), Side("south", [sound])])


def track(record: Path, name: str = "floor.1", seat: str = "north") -> Path:
    (found,) = record.glob(f"{seat}/*/{name}.mp4")
    return found


def count(record: Record) -> int:
    return sum(len(track.samples) for run in record.runs for track in run.tracks.values())


async def test_a_whole_record_has_no_findings(record: Path) -> None:
    seen: list[tuple[int, int]] = []
    contents = open_record(record, lambda done, total: seen.append((done, total)))
    assert (contents.discussion, contents.title, contents.seats) == (
        DISCUSSION,
        FACTS["title"],
        FACTS["seats"],
    )
    assert contents.findings == []
    assert [(run.seat, run.device, run.ended) for run in contents.runs] == [
        ("north", "7f3a", "left"),
        ("south", "7f3a", "left"),
    ]
    assert count(contents) == 120 + 50 + 50
    assert seen[-1][0] == seen[-1][1] == sum(path.stat().st_size for path in record.glob("*/*/*.mp4"))


def tear(record: Path) -> None:
    path = track(record)
    path.write_bytes(path.read_bytes()[:-7])


def rot(record: Path) -> None:
    path = track(record)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def rot_start(record: Path) -> None:
    path = track(record)
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])


def rot_start_and_journal(record: Path) -> None:
    rot_start(record)
    (record / "journal.jsonl").write_bytes(b"\xff\n")


def without_facts(record: Path) -> None:
    (record / "record.json").unlink()


def with_broken_facts(record: Path) -> None:
    (record / "record.json").write_text("[" * 50_000)


def without_journal(record: Path) -> None:
    (record / "journal.jsonl").unlink()


def with_half_a_journal(record: Path) -> None:
    path = record / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-25])


def with_an_odd_event(record: Path) -> None:
    with (record / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"at_us": 5, "event": "gap", "seat": "north"}\n{"at_us": 6, "event": "unheard"}\n')


def emptied(record: Path) -> None:
    track(record).write_bytes(b"")


def moved(record: Path) -> None:
    other = record / "south" / "0123456789abcdef"
    other.mkdir()
    track(record).rename(other / "floor.1.mp4")


@pytest.mark.parametrize(
    ("harm", "left", "findings"),
    [
        (tear, 219, ["ends inside a sample"]),
        (rot, 219, ["is damaged"]),
        (rot_start, 220, ["start of the track's file is damaged", "hold no whole sample"]),
        (rot_start_and_journal, 170, ["line 1 cannot be read", "The journal does not help"]),
        (without_facts, 220, ["is missing"]),
        (with_broken_facts, 220, ["cannot be read"]),
        (without_journal, 220, ["is missing"]),
        (with_half_a_journal, 220, []),
        (with_an_odd_event, 220, ["lacks a field"]),
        (emptied, 170, ["does not start"]),
        (moved, 220, ["says that it is north/"]),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
async def test_a_harmed_record_is_read_as_far_as_it_holds(
    record: Path, harm: Callable[[Path], None], left: int, findings: list[str]
) -> None:
    harm(record)
    contents = open_record(record)
    assert contents.discussion == DISCUSSION
    assert count(contents) == left
    assert len(contents.findings) == len(findings), contents.findings
    for finding, said in zip(contents.findings, findings, strict=True):
        assert said in finding.what


async def test_what_is_missing_inside_is_seen_without_the_journal(make_record: MakeRecord) -> None:
    def lose(name: str, group: int, index: int) -> bool:
        return (name, group) == ("floor.1", 7) or (name, group, index) == ("hd.1", 1, 4)

    record = await make_record([Side("north", [encode_picture("h264"), encode_sound(seconds=1)], lose=lose)])
    without_journal(record)
    tracks = open_record(record).runs[0].tracks
    assert tracks["floor.1"].gaps == [Gap(7, 7, "missing")]
    assert tracks["hd.1"].gaps == [Gap(1, 1, "hole")]


async def test_a_cut_tail_is_known_from_the_journal(make_record: MakeRecord) -> None:
    def lose(name: str, group: int, index: int) -> bool:
        return name == "hd.1" and group == 3 and index > 10

    record = await make_record([Side("north", [encode_picture("h264")], lose=lose)])
    assert open_record(record).runs[0].tracks["hd.1"].gaps == [Gap(3, 3, "cut")]


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("x"), Path.mkdir])
def test_what_is_no_record_is_unreadable(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "k7m2xq4vw9"
    make(path)
    with pytest.raises(YourInputError) as caught:
        open_record(path)
    assert caught.value.code == "record.unreadable"
    assert str(path) in caught.value.message


async def test_a_record_of_a_later_version_is_said_to_be_one(record: Path) -> None:
    (record / "record.json").write_text(json.dumps({"version": 2, "discussion": DISCUSSION}))
    with pytest.raises(UnavailableError) as caught:
        open_record(record)
    assert caught.value.code == "data.newer"


async def test_files_that_are_not_the_records_are_left_alone(record: Path) -> None:
    shutil.copy(track(record), track(record).with_name("copy of floor.mp4"))
    (record / "notes.txt").write_text("mine")
    assert count(open_record(record)) == 220
