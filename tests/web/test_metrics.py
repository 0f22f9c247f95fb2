"""What is counted of the line, and that it is bounded."""

from __future__ import annotations

import pytest

from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.web.metrics import Metrics

ID, RUN = "k7m2xq4vw9", "9f86d081884c7d65"
EPOCH_US = 1_795_293_844_127_987


@pytest.fixture
def metrics() -> Metrics:
    made = Metrics()
    made.run_started(ID, "north", RUN, epoch_us=EPOCH_US, device="7f3a", at_us=EPOCH_US)
    picture = TrackConfig("hd.1", "video", "avc1.42e01f", width=640, height=360)
    sound = TrackConfig(
        "floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor"
    )
    for config in (picture, sound):
        made.track_added(ID, "north", RUN, config, at_us=EPOCH_US)
    return made


def sample(track: str, timestamp_us: int, received_us: int) -> Sample:
    return Sample("north", RUN, track, 0, 0, timestamp_us, True, b"x" * 100, received_us)


def test_capture_to_host_is_reckoned_by_the_sides_word_about_its_clock(metrics: Metrics) -> None:
    metrics.sample(ID, sample("hd.1", 1_000, EPOCH_US + 1_000 + 30_000))
    assert "capture_to_host_seconds_count{" not in metrics.page().decode(), (
        "nothing before the side told its clock"
    )
    metrics.clock(ID, "north", RUN, timestamp_us=0, offset_us=-10_000, uncertainty_us=900, at_us=EPOCH_US)
    metrics.sample(ID, sample("hd.1", 2_000, EPOCH_US + 2_000 - 10_000 + 25_000))
    metrics.sample(ID, sample("floor.1", 2_000, EPOCH_US + 2_000 - 10_000 + 5_000))
    page = metrics.page().decode()
    labels = f'{{discussion="{ID}",kind="picture",seat="north"}}'
    assert f"vivavoce_capture_to_host_seconds_sum{labels} 0.025" in page
    assert f"vivavoce_capture_to_host_seconds_count{labels} 1.0" in page
    assert f"vivavoce_line_samples_total{labels} 2.0" in page
    assert f"vivavoce_line_sample_bytes_total{labels} 200.0" in page
    assert f'vivavoce_capture_to_host_uncertainty_seconds{{discussion="{ID}",seat="north"}} 0.0009' in page


def test_a_sample_from_the_future_counts_as_no_delay(metrics: Metrics) -> None:
    metrics.clock(ID, "north", RUN, timestamp_us=0, offset_us=0, uncertainty_us=900, at_us=EPOCH_US)
    metrics.sample(ID, sample("hd.1", 9_000_000, EPOCH_US))
    assert 'seat="north"} 0.0' in metrics.page().decode()


def test_what_the_host_makes_of_a_side_is_counted(metrics: Metrics) -> None:
    metrics.judged(ID, "north", RUN, state="verified", code=None, at_us=EPOCH_US)
    metrics.judged(ID, "north", RUN, state="gap", code="sample.missing", at_us=EPOCH_US)
    page = metrics.page().decode()
    gap = f'{{code="sample.missing",discussion="{ID}",seat="north",state="gap"}}'
    assert f"vivavoce_verdicts_total{gap} 1.0" in page
    assert f'vivavoce_verdicts_total{{code="",discussion="{ID}",seat="north",state="verified"}} 1.0' in page


def test_groups_that_broke_off_and_runs_are_counted(metrics: Metrics) -> None:
    for whole in (True, False):
        metrics.group_closed(ID, "north", RUN, "hd.1", 0, count=1, whole=whole, at_us=EPOCH_US)
    metrics.run_ended(ID, "north", RUN, why="left", at_us=EPOCH_US)
    page = metrics.page().decode()
    assert f'vivavoce_line_groups_torn_total{{discussion="{ID}",seat="north"}} 1.0' in page
    assert f'vivavoce_runs_total{{discussion="{ID}",seat="north",why="left"}} 1.0' in page


def test_a_discussion_that_is_forgotten_leaves_no_series(metrics: Metrics) -> None:
    metrics.sample(ID, sample("hd.1", 1, EPOCH_US))
    metrics.seen(ID, "north", 5, 6)
    assert ID in metrics.page().decode()
    metrics.forget(ID)
    assert ID not in metrics.page().decode()


def test_what_is_unknown_is_not_counted(metrics: Metrics) -> None:
    metrics.sample("aaaaaaaaaa", sample("hd.1", 1, EPOCH_US))
    metrics.clock("aaaaaaaaaa", "north", RUN, timestamp_us=0, offset_us=0, uncertainty_us=1, at_us=1)
    metrics.run_ended("aaaaaaaaaa", "north", "0" * 16, why="left", at_us=1)
    assert "aaaaaaaaaa" not in metrics.page().decode()
