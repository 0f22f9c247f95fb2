"""What is written where, and what happens when it cannot be: record.md R1 to R5, R11, R14."""

from __future__ import annotations

import errno
import json
from typing import Any

import pytest

from tests.fakes.stores import MemoryStore
from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.contents import _without
from vivavoce.record.fragments import FRAGMENT_OVERHEAD, Header, write_header
from vivavoce.record.gaps import Gap
from vivavoce.record.journal import decode
from vivavoce.record.writer import Writer, track_path

ID, RUN = "k7m2xq4vw9", "9f86d081884c7d65"
SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")
PATH = f"{ID}/north/{RUN}/floor.1.mp4"
HEADER = write_header(Header(ID, "north", RUN, 5, SOUND))


def one(number: int, size: int = 100) -> Sample:
    data = b"\xf8" + bytes(size - 1)
    return Sample("north", RUN, "floor.1", number, 0, number * 20_000, True, data, 1000 + number)


class Desk:
    """A writer over a store in memory, on air with one sound track."""

    def __init__(self, store: MemoryStore | None = None, *, min_free: int = 0) -> None:
        self.store = store or MemoryStore()
        self.reports: list[tuple[str, dict[str, Any]]] = []
        self.writer = Writer(
            self.store,
            min_free_bytes=min_free,
            report=lambda event, **fields: self.reports.append((event, fields)),
        )
        self.writer.open_discussion(ID, {"title": "A talk"}, 1)
        self.writer.run_started(ID, "north", RUN, epoch_us=5, device="7f3a", at_us=2)
        self.writer.track_added(ID, "north", RUN, SOUND, at_us=3)

    def say(self, *numbers: int) -> None:
        for number in numbers:
            self.writer.sample(ID, one(number))
            self.closed(number, 1)

    def closed(self, number: int, count: int, *, whole: bool = True) -> None:
        at_us = 1000 + number
        self.writer.group_closed(ID, "north", RUN, "floor.1", number, count=count, whole=whole, at_us=at_us)

    def health(self) -> str:
        return self.writer.health

    def journal(self) -> list[dict[str, Any]]:
        events, damaged = decode(self.store.files[f"{ID}/journal.jsonl"])
        assert damaged == []
        return events

    def events(self) -> list[str]:
        return [event["event"] for event in self.journal()]

    def gaps(self) -> list[tuple[int, int, str]]:
        return [
            (event["from_group"], event["to_group"], event["why"])
            for event in self.journal()
            if event["event"] == "gap"
        ]

    def samples(self, path: str = PATH) -> int:
        return (len(self.store.files[path]) - len(HEADER)) // (FRAGMENT_OVERHEAD + 100)


def test_a_run_is_kept_and_told() -> None:
    desk = Desk()
    desk.say(0, 1, 2)
    desk.writer.clock(ID, "north", RUN, timestamp_us=9, offset_us=-3, uncertainty_us=1, at_us=4)
    desk.writer.run_ended(ID, "north", RUN, why="left", at_us=5)
    desk.writer.close(6)
    assert desk.events() == ["opened", "run", "track", "clock", "end", "closed"]
    assert desk.samples() == 3
    assert json.loads(desk.store.files[f"{ID}/record.json"]) == {
        "version": 1,
        "discussion": ID,
        "title": "A talk",
        "vantage": "host",
    }
    assert desk.store.synced == desk.store.files, "what is closed survives power loss"


def test_a_file_appears_with_its_first_sample() -> None:
    desk = Desk()
    assert PATH not in desk.store.files
    desk.say(0)
    assert desk.store.files[PATH].startswith(HEADER)


def test_every_tick_makes_all_survive_power_loss() -> None:
    desk = Desk()
    desk.say(0, 1)
    desk.writer.tick(2000)
    assert desk.store.synced == desk.store.files


def test_a_missing_and_a_cut_group_are_gaps() -> None:
    desk = Desk()
    desk.say(0, 3)
    desk.writer.sample(ID, one(4))
    desk.closed(4, 1, whole=False)
    desk.writer.run_ended(ID, "north", RUN, why="left", at_us=5)
    assert desk.gaps() == [(4, 4, "cut"), (1, 2, "missing")]


def test_a_group_without_samples_is_a_rest_and_no_gap() -> None:
    desk = Desk()
    desk.say(0)
    desk.closed(1, 0)
    desk.say(2, 4)
    desk.writer.run_ended(ID, "north", RUN, why="left", at_us=5)
    assert [event["group"] for event in desk.journal() if event["event"] == "rest"] == [1]
    assert desk.gaps() == [(3, 3, "missing")], "what did not come is still one: the control"


def test_the_hosts_verdict_is_written_down_while_the_run_lasts() -> None:
    desk = Desk()
    desk.say(0)
    for state, code in (("verified", None), ("gap", "sample.missing")):
        desk.writer.judged(ID, "north", RUN, state=state, code=code, at_us=5)  # type: ignore[arg-type]
    desk.writer.run_ended(ID, "north", RUN, why="left", at_us=6)
    desk.writer.judged(ID, "north", RUN, state="late", code="seal.late", at_us=7)
    told = [event for event in desk.journal() if event["event"] == "verdict"]
    assert [(event["seat"], event["run"], event["state"], event["code"]) for event in told] == [
        ("north", RUN, "verified", None),
        ("north", RUN, "gap", "sample.missing"),
    ]


def test_the_same_run_goes_on_in_another_part_after_a_restart() -> None:
    before = Desk()
    before.say(0, 1)
    kept = before.store.files[PATH]
    after = Desk(before.store)
    after.say(2)
    assert after.store.files[PATH] == kept, "what an earlier host wrote is never touched"
    assert after.samples(track_path((ID, "north", RUN, "floor.1"), 2)) == 1
    assert after.events() == ["opened", "run", "track", "restarted", "run", "track"]


def test_half_a_line_of_a_host_that_died_costs_itself_only() -> None:
    before = Desk()
    before.store.files[f"{ID}/journal.jsonl"] += b'{"at_us": 4, "event": "cl'
    after = Desk(before.store)
    events, damaged = decode(after.store.files[f"{ID}/journal.jsonl"])
    assert len(events) == 6
    assert damaged == [4]


def test_a_full_disk_is_told_and_recording_goes_on_when_there_is_room() -> None:
    desk = Desk()
    desk.say(0, 1)
    desk.store.room = 50
    desk.say(2, 3, 4)
    desk.writer.tick(3000)
    desk.say(5)
    assert desk.health() == "disk_full"
    assert desk.samples() == 2
    desk.store.room = 2_000_000
    desk.writer.tick(4000)
    assert desk.health() == "running"
    desk.say(6, 7)
    desk.writer.close(5000)
    assert desk.samples() == 4
    assert desk.events() == ["opened", "run", "track", "disk_full", "resumed", "gap", "closed"]
    assert desk.gaps() == [(2, 5, "disk_full")]
    assert desk.journal()[-2]["samples"] == 4


def test_the_margin_stops_samples_and_leaves_room_for_the_journal() -> None:
    desk = Desk(min_free=1_000_000)
    desk.say(0)
    desk.store.room = 999_999
    desk.writer.tick(2000)
    desk.say(1)
    assert desk.health() == "disk_full"
    assert desk.events()[-1] == "disk_full", "written at once, not when there is room again"
    desk.store.room = 1_999_000
    desk.writer.tick(3000)
    assert desk.health() == "disk_full", "it does not flutter"
    desk.store.room = 2_100_000
    desk.writer.tick(4000)
    desk.say(2)
    desk.writer.tick(5000)
    assert desk.health() == "running"
    assert desk.gaps() == [(1, 1, "disk_full")]
    assert desk.samples() == 2


def test_another_fault_of_the_disk_is_off_and_tried_again() -> None:
    desk = Desk()
    desk.store.fault = errno.EIO
    desk.say(0, 1)
    assert desk.health() == "off"
    assert desk.reports[0] == ("recording stopped", {"why": "off", "error": "a fault was asked for"})
    for second in range(3):
        desk.writer.tick(1_000_000 * second)
        desk.say(2)
    assert desk.health() == "off"
    desk.store.fault = 0
    desk.writer.tick(4_000_000)
    desk.say(3)
    desk.writer.close(3000)
    assert desk.samples() == 1
    assert desk.gaps() == [(0, 2, "off")]
    assert desk.events().count("off") == desk.events().count("resumed") == 1


def test_a_file_that_may_grow_no_more_goes_on_in_another_part() -> None:
    desk = Desk()
    desk.store.most = len(HEADER) + 3 * (FRAGMENT_OVERHEAD + 100)
    desk.say(0, 1, 2, 3)
    assert desk.samples() == 3
    assert desk.samples(track_path((ID, "north", RUN, "floor.1"), 2)) == 1
    assert desk.health() == "running"


def test_a_codec_that_cannot_be_kept_is_a_gap_and_no_harm_to_others() -> None:
    desk = Desk()
    odd = TrackConfig("hd.1", "video", "vp09.99", width=64, height=64)
    desk.writer.track_added(ID, "north", RUN, odd, at_us=3)
    desk.writer.sample(ID, Sample("north", RUN, "hd.1", 0, 0, 0, True, b"x", 1000))
    desk.say(0)
    desk.writer.close(5)
    assert desk.gaps() == [(0, 0, "codec")]
    assert desk.samples() == 1


@pytest.mark.parametrize("name", ["../../x", "a/b", "", "UPPER", "x" * 65])
def test_a_name_that_could_leave_the_folder_is_refused(name: str) -> None:
    desk = Desk()
    with pytest.raises(ValueError, match="discussion"):
        desk.writer.open_discussion(name, {}, 1)
    with pytest.raises(ValueError, match="run"):
        desk.writer.run_started(ID, name, RUN, epoch_us=1, device="", at_us=1)
    with pytest.raises(ValueError, match="run"):
        desk.writer.run_started(ID, "north", name, epoch_us=1, device="", at_us=1)
    odd = TrackConfig(name, "audio", "opus", sample_rate=48_000, channels=1)
    with pytest.raises(ValueError, match="track"):
        desk.writer.track_added(ID, "north", RUN, odd, at_us=1)


def test_samples_of_no_known_track_are_reported() -> None:
    desk = Desk()
    desk.writer.sample(ID, Sample("south", RUN, "hd.1", 0, 0, 0, True, b"x", 1000))
    assert desk.reports == [("sample outside any track", {"seat": "south", "run": RUN, "track": "hd.1"})]


def test_new_facts_replace_the_old_ones() -> None:
    desk = Desk()
    desk.writer.open_discussion(ID, {"title": "Another"}, 9)
    assert json.loads(desk.store.files[f"{ID}/record.json"])["title"] == "Another"
    assert desk.events().count("opened") == 1


@pytest.mark.parametrize(
    ("rests", "left"),
    [
        (set(), [(2, 6)]),
        ({2}, [(3, 6)]),
        ({6}, [(2, 5)]),
        ({3, 4}, [(2, 2), (5, 6)]),
        ({2, 3, 4, 5, 6}, []),
        ({1, 7}, [(2, 6)]),
    ],
)
def test_a_rest_is_taken_out_of_what_seems_missing(rests: set[int], left: list[tuple[int, int]]) -> None:
    parts = _without(Gap(2, 6, "missing"), rests)
    assert [(part.from_group, part.to_group) for part in parts] == left
