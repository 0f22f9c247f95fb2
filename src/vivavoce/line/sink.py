"""What the gate tells whoever keeps or counts what passes (the recorder, the metrics)."""

from __future__ import annotations

from typing import Protocol

from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.verdict import State

__all__ = ["Sink"]


class Sink(Protocol):
    """Called on the event loop, in order of arrival; must return at once and never raise.

    discussion, seat, run, track: as in docs/formats/line.md. at_us: the host's clock, Unix microseconds.
    """

    def run_started(
        self, discussion: str, seat: str, run: str, *, epoch_us: int, device: str, at_us: int
    ) -> None:
        """A device went on air and its first catalogue came."""

    def track_added(self, discussion: str, seat: str, run: str, config: TrackConfig, *, at_us: int) -> None:
        """A track entered the catalogue; its samples follow."""

    def sample(self, discussion: str, sample: Sample) -> None:
        """One sample, in order within its group; groups of one track may interleave."""

    def group_closed(
        self,
        discussion: str,
        seat: str,
        run: str,
        track: str,
        group: int,
        *,
        count: int,
        whole: bool,
        at_us: int,
    ) -> None:
        """No more samples of this group; whole: the publisher finished it, so all `count` came."""

    def clock(
        self,
        discussion: str,
        seat: str,
        run: str,
        *,
        timestamp_us: int,
        offset_us: int,
        uncertainty_us: int,
        at_us: int,
    ) -> None:
        """The side's clock against the host's (rule L11)."""

    def sealed(
        self, discussion: str, seat: str, run: str, *, group: int, index: int, raw: bytes, at_us: int
    ) -> None:
        """A frame of the run's seals (line.md, L19), each once, in the order of arrival: index 0 of a group
        is the run's papers, the others are seals' envelopes and leaves. Only their form was looked at."""

    def judged(
        self, discussion: str, seat: str, run: str, *, state: State, code: str | None, at_us: int
    ) -> None:
        """The host's own verdict on the run changed (seal.md, V1). code: what is wrong, if anything is."""

    def run_ended(self, discussion: str, seat: str, run: str, *, why: str, at_us: int) -> None:
        """The device left the air, was taken over, or its seat was renewed; `why` says which."""
