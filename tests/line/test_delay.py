"""How late samples arrive, and how sure that is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.line.delay import DelaySummary, DelayWindow, arrival_delay_us


def test_nothing_was_seen() -> None:
    assert DelayWindow().summary(0) is None


def test_percentiles_are_delays_that_were_seen() -> None:
    window = DelayWindow()
    for number in range(1, 101):
        window.add(number, number * 1_000, 7)
    assert window.summary(100) == DelaySummary(100, 50_000, 99_000, 100_000, 7)


def test_one_sample_is_every_percentile() -> None:
    window = DelayWindow()
    window.add(0, 5, 1)
    assert window.summary(0) == DelaySummary(1, 5, 5, 5, 1)


def test_what_left_the_window_does_not_count() -> None:
    window = DelayWindow(window_us=1_000)
    window.add(0, 9_999, 99)
    window.add(600, 5, 1)
    assert window.summary(999) == DelaySummary(2, 5, 9_999, 9_999, 99)
    assert window.summary(1_000) == DelaySummary(1, 5, 5, 5, 1)
    assert window.summary(1_600) is None


def test_it_holds_only_so_many() -> None:
    window = DelayWindow(capacity=3)
    for number in range(10):
        window.add(0, number, 0)
    assert window.summary(0) == DelaySummary(3, 8, 9, 9, 0)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.integers(-1_000_000, 1_000_000), min_size=1, max_size=300))
def test_the_median_is_between_the_halves(delays: list[int]) -> None:
    window = DelayWindow()
    for delay in delays:
        window.add(0, delay, 0)
    summary = window.summary(0)
    assert summary is not None
    assert 2 * sum(delay <= summary.p50_us for delay in delays) >= len(delays)
    assert 2 * sum(delay >= summary.p50_us for delay in delays) >= len(delays)
    assert summary.p50_us <= summary.p99_us <= summary.max_us


def test_a_delay_is_told_on_the_hosts_clock() -> None:
    """The side is 300 µs ahead of the host, the viewer 2 s behind; it took 4,000 µs."""
    host_us = 1_000_000_000
    delay = arrival_delay_us(
        epoch_us=host_us + 300,
        timestamp_us=50_000,
        side_offset_us=-300,
        arrived_us=host_us + 54_000 - 2_000_000,
        own_offset_us=2_000_000,
    )
    assert delay == 4_000
