"""Promise: nobody ever hears their own voice come back (L13)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vectors import load
from vivavoce.line.feeds import allowed, return_feed
from vivavoce.line.trackconfig import TrackConfig


def _track(each: dict[str, Any]) -> TrackConfig:
    return TrackConfig(
        name=each["name"],
        kind="audio",
        codec="opus",
        sample_rate=48_000,
        channels=1,
        language=each["language"],
        role=each["role"],
        interprets=each["interprets"],
    )


@pytest.mark.parametrize("vector", load("feeds"))
def test_vector(vector: dict[str, Any]) -> None:
    given_, output = vector["input"], vector["output"]
    seats = {seat: [_track(each) for each in tracks] for seat, tracks in given_["seats"].items()}
    assert [str(place) for place in allowed(given_["listener"], seats)] == output["allowed"]
    assert [str(place) for place in return_feed(given_["listener"], given_["language"], seats)] == output[
        "feed"
    ]


_seats = st.sampled_from(["north", "south", "booth-en", "booth-ru", "booth-fr"])
_tracks = st.builds(
    lambda role, language, interprets: TrackConfig(
        name=f"{role}.1",
        kind="audio",
        codec="opus",
        sample_rate=48_000,
        channels=1,
        language=language,
        role=role,
        interprets=interprets if role == "booth" else None,
    ),
    st.sampled_from(["floor", "booth", "clean"]),
    st.sampled_from(["en", "ru", "fr"]),
    st.builds("{}/{}".format, _seats, st.sampled_from(["floor", "booth", "clean"])),
)


@settings(deadline=None)  # a busy machine is no failure
@given(
    listener=_seats,
    language=st.sampled_from(["en", "ru", None]),
    seats=st.dictionaries(_seats, st.lists(_tracks, max_size=3, unique_by=lambda track: track.name)),
)
def test_no_chain_in_any_feed_passes_the_listener(
    listener: str, language: str | None, seats: dict[str, list[TrackConfig]]
) -> None:
    heard = allowed(listener, seats)
    assert set(return_feed(listener, language, seats)) <= set(heard)
    for place in heard:
        seat, track = place.seat, next(each for each in seats[place.seat] if each.name == place.track)
        for _ in range(len(seats) * 3):
            assert seat != listener
            if track.interprets is None:
                break
            seat, _, rendition = track.interprets.partition("/")
            track = next(each for each in seats[seat] if each.rendition == rendition)
        assert track.role == "floor"
