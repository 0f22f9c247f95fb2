"""What a run may publish, as a table (L4 to L9, vivavoce.line.state)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.line.parts import PICTURE, SMALL, SOUND, catalog
from vivavoce.errors import PeerError
from vivavoce.line.sample import encode_frame
from vivavoce.line.state import (
    MAX_GROUP_SAMPLES,
    MAX_GROUP_US,
    MAX_RUN_TRACKS,
    Allowance,
    ClockWord,
    RunState,
)
from vivavoce.line.trackconfig import TrackConfig

_RUN = "0123456789abcdef"


def _run(*tracks: TrackConfig) -> RunState:
    state = RunState("north", _RUN)
    state.take_catalog(catalog(tracks or (PICTURE, SOUND)))
    return state


def test_the_first_catalogue_adds_its_tracks_and_the_next_only_what_is_new() -> None:
    state = RunState("north", _RUN)
    first = state.take_catalog(catalog([PICTURE]))
    assert (first.first, first.same, first.added, first.left) == (True, False, (PICTURE,), ())
    again = state.take_catalog(catalog([PICTURE]))
    assert (again.first, again.same, again.added, again.left) == (False, True, (), ())
    second = state.take_catalog(catalog([SMALL]))
    assert (second.added, second.left) == ((SMALL,), ("hd.1",))
    back = state.take_catalog(catalog([PICTURE, SMALL]))
    assert (back.added, back.left) == ((), ())


# (what the second catalogue does, its bytes)
_REFUSED = {
    "names another run": catalog([PICTURE], run="f" * 16),
    "moves the run's epoch": catalog([PICTURE], epoch_us=2),
    "gives an old name another size": catalog([replace(PICTURE, width=1280)]),
    "gives an old name another description": catalog([replace(PICTURE, description=b"\x02")]),
    "gives an old name another rotation": catalog([replace(PICTURE, rotation=90)]),
    "is no JSON": b"{",
    "is cut off": catalog([PICTURE])[:-1],
    "is empty": b"",
}


@pytest.mark.parametrize("what", _REFUSED)
def test_a_second_catalogue_is_refused_that(what: str) -> None:
    state = _run(PICTURE)
    with pytest.raises(PeerError, match=r"line\.catalog"):
        state.take_catalog(_REFUSED[what])
    assert state.catalog is not None
    assert state.catalog.raw == catalog([PICTURE]), "the one before stands"


def test_a_bitrate_or_a_framerate_may_change_under_the_same_name() -> None:
    state = _run(PICTURE)
    assert not state.take_catalog(catalog([replace(PICTURE, bitrate=1, framerate=15)])).added


def test_a_run_has_only_so_many_tracks() -> None:
    state = _run(PICTURE)
    for number in range(2, MAX_RUN_TRACKS + 1):
        state.take_catalog(catalog([replace(PICTURE, name=f"hd.{number}")]))
    with pytest.raises(PeerError, match=r"line\.catalog"):
        state.take_catalog(catalog([replace(PICTURE, name=f"hd.{MAX_RUN_TRACKS + 1}")]))


def test_a_group_number_is_used_once_in_whatever_order() -> None:
    state = _run()
    taken = [number for number in (0, 2, 1, 2, 0, 5, 4, 3, 5) if state.open_group("floor.1", number)]
    assert taken == [0, 2, 1, 5, 4, 3]
    assert state.next_group("floor.1") == 6


def test_what_is_remembered_of_a_long_run_is_bounded_and_old_numbers_stay_used() -> None:
    state = _run()
    for number in range(20_000):
        assert state.open_group("floor.1", number) is not None
    assert state.open_group("floor.1", 0) is None
    assert state.open_group("floor.1", 19_500) is None
    assert len(state._tracks["floor.1"].seen) <= 2_049


@pytest.mark.parametrize("number", [-1, 1 << 53])
def test_a_group_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(PeerError, match=r"line\.sample"):
        _run().open_group("floor.1", number)


def test_samples_of_a_group_are_numbered_and_the_first_is_key() -> None:
    group = _run().open_group("hd.1", 7)
    assert group is not None
    samples = [group.take(encode_frame(us, b"x"), us + 9)[1] for us in (10, 20, 30)]
    assert [(each.index, each.key, each.timestamp_us, each.received_us) for each in samples if each] == [
        (0, True, 10, 19),
        (1, False, 20, 29),
        (2, False, 30, 39),
    ]
    assert group.count == 3


def test_a_marker_is_no_sample_and_is_not_counted() -> None:
    group = _run().open_group("hd.1", 0)
    assert group is not None
    assert group.take(encode_frame(10, b""), 0) == (10, None)
    assert group.count == 0


# (kind of track, timestamps of the group, how many are taken before it breaks)
_BROKEN = {
    "pictures that stand still in time": ("hd.1", [0, 40, 40], 2),
    "pictures that go back": ("hd.1", [0, 40, 39], 2),
    "a group that lasts too long": ("hd.1", [5, 5 + MAX_GROUP_US, 6 + MAX_GROUP_US], 2),
    "a group of too many": ("hd.1", list(range(MAX_GROUP_SAMPLES + 1)), MAX_GROUP_SAMPLES),
    "two packets in a group of sound": ("floor.1", [0, 20], 1),
    "a timestamp out of range": ("floor.1", [1 << 53], 0),
}


@pytest.mark.parametrize("what", _BROKEN)
def test_a_group_breaks_at(what: str) -> None:
    track, timestamps, whole = _BROKEN[what]
    group = _run().open_group(track, 0)
    assert group is not None
    for timestamp in timestamps[:whole]:
        group.take(encode_frame(timestamp, b"x"), 0)
    with pytest.raises(PeerError, match=r"line\.sample"):
        group.take(encode_frame(timestamps[whole], b"x"), 0)
    assert group.count == whole


def test_a_clocks_word_is_read() -> None:
    word = _run().take_clock(b'{"timestamp_us": 5, "offset_us": -312, "uncertainty_us": 900, "more": 1}')
    assert word == ClockWord(5, -312, 900)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b'{"timestamp_us": 5, "offset_us": 1}',
        b'{"timestamp_us": "5", "offset_us": 1, "uncertainty_us": 1}',
        b'{"timestamp_us": 5.5, "offset_us": 1, "uncertainty_us": 1}',
        b'{"timestamp_us": -5, "offset_us": 1, "uncertainty_us": 1}',
        b'{"timestamp_us": 5, "offset_us": 1, "uncertainty_us": -1}',
        b'{"timestamp_us": 5, "offset_us": 9007199254740992, "uncertainty_us": 1}',
        b" " * 1_025,
        b"\xff",
    ],
)
def test_a_clocks_word_is_refused(raw: bytes) -> None:
    with pytest.raises(PeerError, match=r"line\.sample"):
        _run().take_clock(raw)


@settings(deadline=None)  # a busy machine is no failure
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_peers_error(raw: bytes) -> None:
    state = _run()
    group = state.open_group("hd.1", 0)
    assert group is not None
    for take in (state.take_catalog, state.take_clock, lambda frame: group.take(frame, 0)):
        try:
            take(raw)
        except PeerError:
            continue


def test_an_allowance_is_spent_and_grows_back_up_to_its_burst() -> None:
    allowance = Allowance(per_second=10, burst=20, now_us=0)
    assert allowance.spend(20, 0)
    assert not allowance.spend(1, 0)
    assert not allowance.spend(11, 1_000_000)
    assert allowance.spend(10, 1_000_000)
    assert allowance.spend(20, 60_000_000)
    assert not allowance.spend(1, 60_000_000)
    assert not allowance.spend(1, 59_000_000), "a clock that goes back gives nothing"
