"""One track's samples against what was sealed of them (docs/formats/seal.md, S7 and V1 to V6).

A picture's span is its group, sealed in steps while it grows. A sound's is a row of groups of one packet
each, sealed
at once. Either way: samples one after the other, one digest after each, and what the seal says after the
n-th.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vivavoce.seal.config import SoundConfig, parse_config
from vivavoce.seal.digest import extended, span_start
from vivavoce.seal.seal import Delta

__all__ = ["PENDING_US", "Fault", "Missing", "Spans"]

PENDING_US: Final = 600_000
"""Shown but not proven for longer is late (design, rule 6)."""
GIVEN_UP_US: Final = 10_000_000
_KEPT: Final = 4
"""Spans that are remembered after they were judged."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong of a track. code: `sample.altered`, `sample.hole`, `sample.foreign`, `sample.missing`,
    `seal.late`, `seal.fork`. group: where it begins. count: how many samples, 0 where that is not known.
    from_us, until_us: the first and last timestamp concerned, or of what stands nearest."""

    code: str
    track: int
    group: int
    count: int
    from_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Missing:
    """Leaves by which a span that is not whole can be judged. count: of its samples, from the first."""

    track: int
    group: int
    count: int


@dataclass(slots=True)
class _Sample:
    leaf: bytes
    timestamp_us: int
    came_us: int
    judged: bool = False
    late: bool = False


@dataclass(slots=True)
class _Span:
    digests: list[bytes]
    """After no sample, after the first, after the second, as they came."""
    samples: dict[int, _Sample] = field(default_factory=dict)
    marks: dict[int, bytes] = field(default_factory=dict)
    """What was sealed: the digest after so many samples."""
    closed: int | None = None
    """How many there are, once that is sealed."""
    sealed_us: int = 0
    proven: int = 0
    over: bool = False
    """Nothing of it is judged any more."""
    late: bool = False

    @property
    def sealed(self) -> int:
        """How many samples are sealed."""
        return max(self.marks, default=0)


class Spans:
    """track: its number. config: its sealed configuration. report: called with each fault, once.

    joined_us: what was captured before this and is covered by no seal that came was before this verifier
    joined, and is not judged; the clock of the first seal that came, or 0 where that was the run's first."""

    def __init__(
        self,
        founding: bytes,
        run: bytes,
        track: int,
        config: bytes,
        report: Callable[[Fault], None],
        *,
        joined_us: int = 0,
    ) -> None:
        self._place = (founding, run, track)
        self._track = track
        self._config = config
        self._report = report
        self.sound = isinstance(parse_config(config), SoundConfig)
        self._spans: dict[int, _Span] = {}
        self._packets: dict[int, _Sample] = {}
        """Sound that no seal has covered yet, by its group."""
        self._joined_us = joined_us
        self.proven = False
        """Something that came is what was signed."""
        self._came_from: int | None = None
        """The first group that came since the track is taken: those before it are not missed."""
        self._last_us = 0

    def sample(self, group: int, index: int, timestamp_us: int, leaf: bytes, now_us: int) -> None:
        """A sample came. Samples of a group come one after the other; one that does not is a hole."""
        self._last_us = timestamp_us
        if self._came_from is None:
            self._came_from = group
        sample = _Sample(leaf, timestamp_us, now_us)
        if self.sound:
            self._packet(group, index, sample)
            return
        span = self._span(group)
        if index in span.samples or span.over:
            return
        if index != len(span.samples):
            span.over = True
            self._fault("sample.hole", group, 1, timestamp_us, timestamp_us)
            return
        span.samples[index] = sample
        self._judge(group, span)

    def sealed(self, delta: Delta, now_us: int, *, known: bool) -> bool:
        """A seal covers this. known: none is missing since the first that was received. Returns whether
        nothing of it was found wrong."""
        span = self._span(delta.group)
        if self.sound:
            for group in range(delta.group, delta.group + delta.count):
                if (packet := self._packets.pop(group, None)) is not None:
                    span.samples[group - delta.group] = packet
        if span.marks.get(delta.count, delta.digest) != delta.digest:
            span.over = True
            self._fault("seal.fork", delta.group, delta.count, self._last_us, self._last_us)
            return False
        span.marks[delta.count] = delta.digest
        span.sealed_us = now_us
        if delta.closed:
            span.closed = delta.count
        if known:
            self._passed_over(delta.group)
        good = self._judge(delta.group, span)
        self._forget()
        return good

    def resolved(self, missing: Missing, leaves: Sequence[bytes], now_us: int) -> bool:
        """Judge a span that is not whole by the leaves of all its samples. Returns whether they are the
        sealed ones."""
        span = self._spans.get(missing.group)
        if span is None or span.over or not leaves or len(leaves) != span.sealed:
            return False
        digest = span_start(*self._place, missing.group, self._config)
        for leaf in leaves:
            digest = extended(digest, leaf)
        if digest != span.marks[span.sealed]:
            return False
        for index, leaf in enumerate(leaves):
            sample = span.samples.get(index)
            if sample is None:
                self._fault("sample.missing", self._at(missing.group, index), 1, *self._near(span, index))
            elif not sample.judged:
                sample.judged = True
                self.proven = self.proven or sample.leaf == leaf
                if sample.leaf != leaf:
                    self._faults("sample.altered", self._at(missing.group, index), [sample])
        span.over = span.closed is not None
        return True

    def let_go(self) -> None:
        """The track is not taken any more: what does not come of it from now on is not missed."""
        self._came_from = None

    def tick(self, now_us: int) -> None:
        """Time has passed: what has not come by now is missing, what is not proven by now is late."""
        for group, span in self._spans.items():
            if span.over:
                continue
            unproven = [one for one in span.samples.values() if self._waits(one)]
            waits_us = now_us - min((one.came_us for one in unproven), default=now_us)
            # What came at joining, without what its span begins with, only leaves can prove.
            joined = self.sound and self._came_from is not None and group < self._came_from
            if waits_us > PENDING_US and not span.late and not joined:
                span.late = True
                self._faults("seal.late", group, unproven)
            span.over = waits_us > GIVEN_UP_US
            if span.marks and now_us - span.sealed_us > PENDING_US:
                self._tail(group, span)
        overdue = {at: one for at, one in self._packets.items() if now_us - one.came_us > PENDING_US}
        late = {at: one for at, one in overdue.items() if self._waits(one) and not one.late}
        if late:
            self._faults("seal.late", min(late), list(late.values()))
        for group, packet in overdue.items():
            packet.late = True
            if now_us - packet.came_us > GIVEN_UP_US:
                del self._packets[group]
        self._forget()

    def pending(self) -> bool:
        """Something came that is not proven yet."""
        return bool(self._packets) or any(
            not span.over and any(not one.judged for one in span.samples.values())
            for span in self._spans.values()
        )

    def missing(self) -> list[Missing]:
        """Spans that came in part, and that leaves would let be judged."""
        return [
            Missing(self._track, group, span.sealed)
            for group, span in self._spans.items()
            if not span.over and 0 < len(span.samples) < span.sealed
        ]

    def _packet(self, group: int, index: int, sample: _Sample) -> None:
        if index != 0:
            self._fault("sample.foreign", group, 1, sample.timestamp_us, sample.timestamp_us)
            return
        for first, span in self._spans.items():
            if first <= group < first + span.sealed:
                if group - first not in span.samples and not span.over:
                    span.samples[group - first] = sample
                    self._judge(first, span)
                return
        self._packets.setdefault(group, sample)

    def _judge(self, group: int, span: _Span) -> bool:
        """V1, V2. Returns whether nothing was found wrong; what has not come yet is not wrong."""
        if span.over:
            return False
        while (sample := span.samples.get(len(span.digests) - 1)) is not None:
            span.digests.append(extended(span.digests[-1], sample.leaf))
        for count in sorted(span.marks):
            if count >= len(span.digests) or count < span.proven:
                continue
            since = [span.samples[index] for index in range(span.proven, count)]
            span.over = span.digests[count] != span.marks[count]
            if span.over:
                self._faults("sample.altered", group, since)
                return False
            for one in since:
                one.judged = True
            self.proven = self.proven or bool(since)
            span.proven = count
        if span.closed is None:
            return True
        extra = [one for index, one in span.samples.items() if index >= span.closed]
        if extra:
            self._faults("sample.foreign", group, extra)
        span.over = bool(extra) or span.proven == span.closed
        return not extra

    def _tail(self, group: int, span: _Span) -> None:
        """V4: what was sealed long enough ago and did not come."""
        lacking = span.sealed - sum(index < span.sealed for index in span.samples)
        if lacking <= 0:
            return
        if self._came_from is None or group < self._came_from:
            span.over = not span.samples
            return
        if span.samples and self.sound and not span.late:
            return  # the leaves decide which of them came
        span.over = True
        came = len(span.digests) - 1
        self._fault("sample.missing", self._at(group, came), lacking, *self._near(span, came))

    def _passed_over(self, group: int) -> None:
        """V5: what came of groups that the seals have passed by was sealed by nobody."""
        for at, span in self._spans.items():
            if at >= group or span.marks or span.over:
                continue
            span.over = True
            if waiting := [one for one in span.samples.values() if self._waits(one)]:
                self._faults("sample.foreign", at, waiting)
        for at in [one for one in self._packets if one < group]:
            packet = self._packets.pop(at)
            if self._waits(packet):
                self._faults("sample.foreign", at, [packet])

    def _waits(self, sample: _Sample) -> bool:
        return not sample.judged and sample.timestamp_us >= self._joined_us

    def _forget(self) -> None:
        for group in sorted(self._spans)[:-_KEPT]:
            if self._spans[group].over:
                del self._spans[group]

    def _at(self, group: int, index: int) -> int:
        return group + index if self.sound else group

    def _near(self, span: _Span, index: int) -> tuple[int, int]:
        before = [one.timestamp_us for at, one in span.samples.items() if at < index]
        after = [one.timestamp_us for at, one in span.samples.items() if at > index]
        start = max(before) if before else (min(after) if after else self._last_us)
        return start, min(after) if after else start

    def _span(self, group: int) -> _Span:
        if group not in self._spans:
            self._spans[group] = _Span([span_start(*self._place, group, self._config)])
        return self._spans[group]

    def _faults(self, code: str, group: int, samples: Sequence[_Sample]) -> None:
        times = [one.timestamp_us for one in samples]
        self._fault(code, group, len(times), min(times), max(times))

    def _fault(self, code: str, group: int, count: int, from_us: int, until_us: int) -> None:
        self._report(Fault(code, self._track, group, count, from_us, until_us))
