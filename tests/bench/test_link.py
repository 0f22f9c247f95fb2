"""One direction of an impaired path: what leaves it, and when."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import replace

import pytest
from bench.parts.link import NS, Impairment, Link

MS = NS // 1000
FULL = bytes(1_250)
"""A packet of 10 000 bits."""


def journeys(link: Link, sent_ns: list[int], size: int = 100) -> list[tuple[int, int]]:
    """(number, time of leaving) of the packets that left, in the order in which they did."""
    left: list[tuple[int, int]] = []
    for number, at in enumerate(sent_ns):
        drain(link, at, left)
        link.send(number.to_bytes(4, "big") + bytes(size - 4), at)
    drain(link, sent_ns[-1] + 1_000 * NS, left)
    return left


def drain(link: Link, until_ns: int, left: list[tuple[int, int]]) -> None:
    while (due := link.deadline()) is not None and due <= until_ns:
        left += [(int.from_bytes(packet[:4], "big"), due) for packet in link.leaving(due)]


def every(ms: float, count: int) -> list[int]:
    return [round(number * ms * MS) for number in range(count)]


HARD = Impairment(delay_ms=30, jitter_ms=5, loss=0.1)


@pytest.mark.parametrize("reorders", [False, True])
def test_the_same_seed_gives_the_same_fate_and_another_seed_another(reorders: bool) -> None:
    harm, sent = replace(HARD, reorders=reorders), every(5, 2_000)
    first, again, other = (journeys(Link(harm, seed), sent) for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_which_packets_are_lost_does_not_hang_on_their_times() -> None:
    slow, fast = ({number for number, _ in journeys(Link(HARD, 7), every(gap, 2_000))} for gap in (0.1, 20))
    assert slow == fast


def test_the_share_that_was_asked_for_is_lost() -> None:
    link = Link(Impairment(loss=0.01), 3)
    left = journeys(link, every(1, 50_000))
    assert link.counted.lost == 50_000 - len(left)
    assert 0.008 < link.counted.lost / 50_000 < 0.012


def test_order_is_kept_unless_it_is_told_otherwise() -> None:
    order = [number for number, _ in journeys(Link(HARD, 1), every(1, 5_000))]
    assert order == sorted(order)
    order = [number for number, _ in journeys(Link(replace(HARD, reorders=True), 1), every(1, 5_000))]
    assert order != sorted(order)


@pytest.mark.parametrize("reorders", [False, True])
def test_delay_and_jitter_are_what_was_asked_for(reorders: bool) -> None:
    sent = every(20, 20_000)
    left = journeys(Link(Impairment(delay_ms=30, jitter_ms=5, reorders=reorders), 1), sent)
    delays = [(at - sent[number]) / MS for number, at in left]
    assert statistics.mean(delays) == pytest.approx(30, abs=0.3)
    assert statistics.stdev(delays) == pytest.approx(5, abs=0.3)


def test_packets_sent_together_arrive_together_when_order_is_kept() -> None:
    bursts = [33 * MS * turn + 50_000 * number for turn in range(2_000) for number in range(6)]
    left = [at for _, at in journeys(Link(Impairment(delay_ms=30, jitter_ms=5), 1), bursts)]
    spreads = [max(burst) - min(burst) for burst in zip(*[iter(left)] * 6, strict=True)]
    assert statistics.median(spreads) < 4 * MS


def test_two_halves_in_a_row_are_the_whole() -> None:
    whole = Impairment(delay_ms=30, jitter_ms=5, loss=0.2)
    sent = every(20, 40_000)
    first = journeys(Link(whole.halved(), "a"), sent)
    second = journeys(Link(whole.halved(), "b"), [at for _, at in first])
    delays = [(at - sent[first[number][0]]) / MS for number, at in second]
    assert len(second) / len(sent) == pytest.approx(0.8, abs=0.01)
    assert statistics.mean(delays) == pytest.approx(30, abs=0.3)
    assert statistics.stdev(delays) == pytest.approx(5, abs=0.3)


def test_no_more_passes_than_the_line_carries() -> None:
    link = Link(Impairment(bits_s=1_000_000, queue_ms=50), 1)
    left = journeys(link, every(1, 10_000), size=1_250)
    times = [at for _, at in left]
    assert all(b - a >= 10 * MS for a, b in itertools.pairwise(times))
    assert len(left) == pytest.approx(1_000, abs=10)


def test_the_queue_is_bounded_and_what_does_not_fit_is_counted() -> None:
    link = Link(Impairment(bits_s=1_000_000, queue_ms=50), 1)
    for _ in range(100):
        link.send(FULL, 0)
    assert link.counted.dropped == 95
    link.leaving(NS)
    assert link.counted.left == 5
    assert link.counted.longest_wait_ms == pytest.approx(50)


def test_a_slower_line_holds_what_waits_and_a_faster_one_lets_it_go() -> None:
    link = Link(Impairment(bits_s=1_000_000, queue_ms=50), 1)
    for _ in range(3):
        link.send(FULL, 0)
    link.change(replace(link.impairment, bits_s=500_000), 5 * MS)
    assert link.deadline() == 15 * MS
    link.change(replace(link.impairment, bits_s=5_000_000), 10 * MS)
    assert link.deadline() == 10 * MS + MS // 2
    assert len(link.leaving(15 * MS)) == 3
    link.send(FULL, 20 * MS)
    link.change(replace(link.impairment, bits_s=None), 20 * MS)
    assert len(link.leaving(20 * MS)) == 1


def test_without_impairment_a_packet_leaves_at_once() -> None:
    link = Link(Impairment())
    link.send(FULL, 5)
    assert link.deadline() == 5
    assert link.leaving(5) == [FULL]
    assert link.deadline() is None


@pytest.mark.parametrize(
    "wrong", [{"loss": 1.0}, {"loss": -0.1}, {"delay_ms": -1.0}, {"bits_s": 0.0}, {"jitter_ms": float("nan")}]
)
def test_what_cannot_be_is_refused_by_name(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Impairment(**wrong)  # type: ignore[arg-type]
