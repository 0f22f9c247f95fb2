"""Sides on the line without the line: what a recorder is told of them, in the order of arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.fakes.samples import Encoded
from vivavoce.line.sample import Sample
from vivavoce.line.sink import Sink
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["DISCUSSION", "START_US", "SetClock", "Side", "play"]

DISCUSSION = "k7m2xq4vw9"
START_US = 1_795_293_844_000_000


@dataclass
class SetClock:
    """A host's clock that stands where it is put."""

    at_us: int = START_US

    def now_us(self) -> int:
        return self.at_us


@dataclass
class Side:
    """A device on air. starts_us: the host's true time at its timestamp 0. epoch_us: what the device's own,
    wrong clock said then. delay_us: the least time from capture to arrival; jitter_us: at most this more.
    lose: what never arrives, by (track, group, index)."""

    seat: str
    tracks: Sequence[tuple[TrackConfig, Sequence[Encoded]]]
    run: str = ""
    starts_us: int = START_US
    epoch_us: int = START_US
    delay_us: int = 3_000
    jitter_us: int = 2_000
    ends: str | None = "left"
    lose: Callable[[str, int, int], bool] = field(default=lambda _track, _group, _index: False)
    from_group: int = 0

    def __post_init__(self) -> None:
        self.run = self.run or f"{Random(self.seat).getrandbits(64):016x}"

    def samples(self) -> dict[str, list[Sample]]:
        """What leaves the device, numbered in groups, with the time when it arrives."""
        made: dict[str, list[Sample]] = {}
        late = Random(self.run)
        for config, encoded in self.tracks:
            group, index = self.from_group - 1, 0
            track = made[config.name] = []
            for one in encoded:
                group, index = (group + 1, 0) if one.key else (group, index + 1)
                at = self.starts_us + one.timestamp_us + self.delay_us + late.randint(0, self.jitter_us)
                track.append(
                    Sample(
                        self.seat,
                        self.run,
                        config.name,
                        group,
                        index,
                        one.timestamp_us,
                        one.key,
                        one.data,
                        at,
                    )
                )
        return made


def play(sink: Sink, sides: Iterable[Side], discussion: str = DISCUSSION) -> None:
    """Tell `sink` all of it, as the gate would."""
    told: list[tuple[int, int, Callable[[], None]]] = []

    def tell(at_us: int, order: int, what: Callable[[], None]) -> None:
        told.append((at_us, order, what))

    for side in sides:
        _tell_side(sink, side, discussion, tell)
    for _, _, what in sorted(told, key=lambda one: one[:2]):
        what()


def _tell_side(
    sink: Sink, side: Side, discussion: str, tell: Callable[[int, int, Callable[[], None]], None]
) -> None:
    seat, run, start = side.seat, side.run, side.starts_us
    tell(
        start,
        0,
        lambda: sink.run_started(discussion, seat, run, epoch_us=side.epoch_us, device="7f3a", at_us=start),
    )
    last = start
    for config, _ in side.tracks:
        tell(
            start,
            1,
            lambda config=config: sink.track_added(discussion, seat, run, config, at_us=start),  # type: ignore[misc]
        )
    for name, samples in side.samples().items():
        groups: dict[int, list[Sample]] = {}
        for sample in samples:
            groups.setdefault(sample.group, []).append(sample)
        for group, content in groups.items():
            kept = [one for one in content if not side.lose(name, group, one.index)]
            for sample in kept:
                tell(sample.received_us, 2, lambda sample=sample: sink.sample(discussion, sample))  # type: ignore[misc]
            if kept:
                at = max(one.received_us for one in kept)
                last = max(last, at)
                tell(
                    at,
                    3,
                    lambda name=name, group=group, kept=kept, content=content, at=at: sink.group_closed(  # type: ignore[misc]
                        discussion, seat, run, name, group, count=len(kept), whole=kept == content, at_us=at
                    ),
                )
    if side.ends is not None:
        why = side.ends
        tell(last, 4, lambda: sink.run_ended(discussion, seat, run, why=why, at_us=last))
