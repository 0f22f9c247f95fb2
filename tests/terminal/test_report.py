"""What `vivavoce watch` says of a side: each rule of `report`, on a clock that stands where it is put."""

from __future__ import annotations

import pytest

from vivavoce.line.catalog import Catalog
from vivavoce.line.events import CatalogSeen, GroupClosed, LineState, SampleSeen, SeatState
from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.terminal.report import HOLE_US, Continuity, Line, Reporter

START_US = 1_795_293_847_350_000
RUN = "9f86d081884c7d65"
SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")
PICTURE = TrackConfig("sd.1", "video", "avc1.42e01f", description=b"\x01", width=640, height=360)


class Viewer:
    """Feeds a reporter as a watcher would."""

    def __init__(self, *tracks: TrackConfig) -> None:
        self.reporter = Reporter(["north", "south"])
        self.now_us = START_US
        self.tracks = tracks or (PICTURE, SOUND)
        self.lines: list[Line] = self.reporter.take(LineState("live", None, self.now_us))

    def appears(self) -> None:
        self.lines += self.reporter.take(SeatState("north", True, self.now_us))
        catalog = Catalog(RUN, START_US, {track.name: track for track in self.tracks})
        self.lines += self.reporter.take(CatalogSeen("north", catalog, self.now_us))

    def leaves(self) -> None:
        self.lines += self.reporter.take(SeatState("north", False, self.now_us))

    def sample(self, track: str = "sd.1", delay_us: int | None = 40_000) -> None:
        sample = Sample("north", RUN, track, 0, 0, 0, True, b"x", self.now_us)
        uncertainty_us = None if delay_us is None else 1_000
        self.lines += self.reporter.take(SampleSeen(sample, delay_us, uncertainty_us))

    def group(self, group: int, *, whole: bool = True, run: str = RUN) -> None:
        closed = GroupClosed("north", run, "floor.1", group, 1, whole, self.now_us)
        self.lines += self.reporter.take(closed)

    def passes(self, milliseconds: int, *, samples: bool = True) -> None:
        for _ in range(milliseconds // 100):
            self.now_us += 100_000
            if samples:
                self.sample()
            self.lines += self.reporter.tick(self.now_us)

    def said(self, side: str = "north") -> list[tuple[str, str | None]]:
        """The states of a side, repetitions left out."""
        states = [(line.state, line.code) for line in self.lines if line.side == side]
        return [state for index, state in enumerate(states) if index == 0 or states[index - 1] != state]


@pytest.fixture
def viewer() -> Viewer:
    viewer = Viewer()
    viewer.appears()
    viewer.passes(3_000)
    return viewer


def test_a_side_that_nobody_sits_on_is_not_on_air_and_one_whose_samples_arrive_is_unsealed(
    viewer: Viewer,
) -> None:
    assert viewer.said("north") == [("gap", "air.not_on"), ("unsealed", None)]
    assert viewer.said("south") == [("gap", "air.not_on")]


def test_each_side_is_told_about_once_a_second(viewer: Viewer) -> None:
    viewer.lines.clear()
    viewer.passes(10_000)
    for side in ("north", "south"):
        assert 9 <= len([line for line in viewer.lines if line.side == side]) <= 11


def test_a_group_that_was_cut_off_is_a_gap_told_at_once_and_the_side_recovers(viewer: Viewer) -> None:
    viewer.lines.clear()
    viewer.group(7, whole=False)
    assert [(line.side, line.state, line.code) for line in viewer.lines] == [("north", "gap", None)]
    viewer.passes(2_000)
    assert viewer.said() == [("gap", None), ("unsealed", None)]


def test_a_group_that_never_came_is_a_gap_told_once(viewer: Viewer) -> None:
    for group in (5, 6, 8, 9):
        viewer.group(group)
    viewer.lines.clear()
    viewer.passes(HOLE_US // 1000 - 500)
    assert viewer.said() == [("unsealed", None)], "it may still come"
    viewer.passes(5_000)
    assert viewer.said() == [("unsealed", None), ("gap", None), ("unsealed", None)]


def test_a_group_that_comes_late_is_no_gap(viewer: Viewer) -> None:
    for group in (5, 6, 8, 9):
        viewer.group(group)
    viewer.passes(1_000)
    viewer.group(7)
    viewer.lines.clear()
    viewer.passes(5_000)
    assert viewer.said() == [("unsealed", None)]


def test_silence_is_a_gap_without_a_guess_at_its_cause(viewer: Viewer) -> None:
    viewer.lines.clear()
    viewer.passes(2_000, samples=False)
    assert viewer.said() == [("unsealed", None), ("gap", None)]


def test_leaving_the_air_and_a_lost_line_are_told_apart(viewer: Viewer) -> None:
    viewer.lines.clear()
    viewer.leaves()
    assert viewer.said() == [("gap", "air.not_on")]
    viewer.lines += viewer.reporter.take(LineState("reconnecting", "line.unreachable", viewer.now_us))
    assert viewer.said()[-1] == viewer.said("south")[-1] == ("gap", "line.unreachable")
    viewer.lines += viewer.reporter.take(LineState("live", None, viewer.now_us))
    assert viewer.said("south")[-1] == ("gap", "air.not_on")


def test_a_group_of_an_earlier_run_says_nothing_of_this_one(viewer: Viewer) -> None:
    viewer.lines.clear()
    viewer.group(3, whole=False, run="0" * 16)
    assert viewer.lines == []


def test_the_delay_is_the_pictures_and_unknown_while_a_clock_is(viewer: Viewer) -> None:
    viewer.sample("floor.1", delay_us=900_000)
    viewer.passes(1_000)
    newest = [line for line in viewer.lines if line.side == "north"][-1]
    assert newest.to_json() == {
        "at": "2026-11-21T20:44:10.450Z",
        "side": "north",
        "state": "unsealed",
        "code": None,
        "delay_ms": 40.0,
        "held_back_ms": None,
    }
    blind = Viewer(SOUND)
    blind.appears()
    blind.sample("floor.1", delay_us=None)
    assert blind.lines[-1].to_json()["delay_ms"] is None


def test_a_side_with_sound_only_has_its_sounds_delay() -> None:
    viewer = Viewer(SOUND)
    viewer.appears()
    viewer.sample("floor.1", delay_us=25_000)
    viewer.now_us += 1_100_000
    viewer.sample("floor.1", delay_us=25_000)
    newest = [line for line in viewer.lines if line.side == "north"][-1]
    assert newest.to_json()["delay_ms"] == 25.0


def test_continuity_counts_each_missing_group_once_and_begins_anywhere() -> None:
    groups = Continuity()
    for group in (41, 42, 45, 46, 49):
        groups.closed(group, 0)
    assert groups.holes(HOLE_US - 1) == 0
    assert groups.holes(HOLE_US) == 4
    assert groups.holes(2 * HOLE_US) == 0
    groups.closed(43, 3 * HOLE_US)
    assert groups.holes(9 * HOLE_US) == 0, "what was given up is not counted again"
