"""One track's samples against what was sealed of them (docs/formats/seal.md, S7 and V1 to V6).

A picture's span is its group, sealed in steps while it grows. A sound's is a row of groups of one packet
each, sealed at once. Either way: samples one after the other, one digest after each, and what the seal says
after the n-th.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from vivavoce.seal.config import SoundConfig, parse_config
from vivavoce.seal.digest import span_start
from vivavoce.seal.overdue import PENDING_US, Overdue
from vivavoce.seal.seal import Delta
from vivavoce.seal.span import Fault, Missing, Sample, Span, extent

__all__ = ["GIVEN_UP_US", "Spans"]

GIVEN_UP_US: Final = 10_000_000
_KEPT: Final = 16
"""Spans that are remembered after they were judged."""
_MOST_KEPT: Final = 4_096
"""While a seal is waited for. A side that leaves one out again and again is not to fill anybody's memory."""


class Spans:
    """track: its number. config: its sealed configuration. report: called with each fault, once.

    joined_us: what was captured before this, came by `joined_at_us` on the verifier's clock or soon after,
    and is covered by no seal that came, was before this verifier joined, and is not judged. 0 where it was
    there from the run's first seal on. patience_us: how long what came waits for a seal."""

    def __init__(
        self,
        founding: bytes,
        run: bytes,
        track: int,
        config: bytes,
        report: Callable[[Fault], None],
        *,
        joined_us: int = 0,
        joined_at_us: int = 0,
        patience_us: int = GIVEN_UP_US,
    ) -> None:
        self._place = (founding, run, track)
        self._track = track
        self._config = config
        self._report = report
        self.sound = isinstance(parse_config(config), SoundConfig)
        self._spans: dict[int, Span] = {}
        self._packets: dict[int, Sample] = {}
        """Sound that no seal has covered yet, by its group."""
        self._overdue = Overdue(joined_us, joined_at_us)
        self._patience_us = patience_us
        self.proven = False
        """Something that came is what was signed."""
        self.waits = False
        """A seal has not come that may tell of what is older: until it has, or is given up, next to
        nothing is forgotten."""
        self._forgotten = -1
        self._lost_until = -1
        """The newest seal that was given up, until one behind it tells of this track."""
        self._unsure_below = 0
        """What came of groups below may have been sealed by what never came."""
        self._last_us = 0

    def sample(self, group: int, index: int, timestamp_us: int, leaf: bytes, now_us: int) -> None:
        """A sample came. Samples of a group come one after the other; one that does not is a hole."""
        self._last_us = timestamp_us
        sample = Sample(leaf, timestamp_us, now_us)
        if self.sound:
            self._packet(group, index, sample)
        elif self._is_forgotten(group):
            self._are_late(group, [sample])
        else:
            self._add(self._span(group), index, sample)

    def sealed(self, delta: Delta, now_us: int, *, seq: int, known: bool) -> bool:
        """A seal covers this. seq: its number. known: none is missing since the first that was received.
        Returns whether nothing of it was found wrong."""
        if self._is_forgotten(delta.group):
            return True
        span = self._span(delta.group)
        if span.contradicts(delta):
            span.over = True
            self._fault("seal.fork", delta.group, delta.count, self._last_us, self._last_us)
            return False
        span.mark(delta, now_us)
        # By what came and not by `count`, which may be four thousand million.
        for group in sorted(at for at in self._packets if span.covers(at)):
            span.samples.setdefault(group - delta.group, self._packets.pop(group))
        if known and seq > self._lost_until:
            if self._lost_until >= 0:
                self._lost_until, self._unsure_below = -1, delta.group
            self._passed_over(delta.group)
        good = self._judge(span)
        self._forget()
        return good

    def resolved(self, missing: Missing, leaves: Sequence[bytes]) -> bool:
        """Judge a span that is not whole by the leaves of all its samples, or of as many as some seal tells
        of. Returns whether they are the sealed ones."""
        span = self._spans.get(missing.group)
        if span is None or span.over or not span.fits(leaves):
            return False
        span.leaves = max(span.leaves, leaves, key=len)
        for index in range(len(leaves)):
            if (sample := span.samples.get(index)) is not None:
                self._compare(span, index, sample)
        return True

    def lost(self, last: int) -> None:
        """Seals were given up, the newest of them `last`: what they covered cannot be told from what nobody
        sealed."""
        self._lost_until = max(self._lost_until, last)
        self.waits = False

    def let_go(self) -> None:
        """The track is not taken any more: what does not come of it is not missed, and what came since its
        last seal cannot be proven any more without what follows."""
        spans = (one for span in self._spans.values() for one in span.samples.values())
        self._overdue.let_go([*spans, *self._packets.values()])

    def take(self, now_us: int) -> None:
        """The track is taken again: from what is proven of it on, what does not come is missed. It is joined
        anew, and may begin with what was held of it."""
        self._overdue.take(now_us)

    def tick(self, now_us: int) -> None:
        """Time has passed: what has not come by now is missing, what is not proven by now is late."""
        for span in self._spans.values():
            if span.over:
                continue
            waiting = self._waiting(span.samples.values())
            waits_us = now_us - min((one.came_us for one in waiting), default=now_us)
            sealed_for_us = now_us - span.sealed_us if span.marks else 0
            self._overdue.trouble_if_fresh(waiting, now_us)
            untold_us = now_us - min((one.came_us for one in waiting if not one.told), default=now_us)
            told = (span.late and not span.forgiven) or self._overdue.began_before(span)
            if untold_us > PENDING_US and not told:
                span.late, span.forgiven = True, False
                self._are_late(span.group, waiting)
            if sealed_for_us > PENDING_US:
                self._tail(span)
            span.over = sealed_for_us > GIVEN_UP_US if span.marks else waits_us > self._patience_us
        old = {at: one for at, one in self._packets.items() if now_us - one.came_us > PENDING_US}
        if late := {at: one for at, one in old.items() if self._overdue.waits(one)}:
            self._are_late(min(late), list(late.values()))
            self._overdue.trouble_if_fresh(late.values(), now_us)
        for group, packet in old.items():
            if now_us - packet.came_us > self._patience_us:
                del self._packets[group]
        self._forget()

    @property
    def unsealed(self) -> int:
        """How many samples wait for a seal to tell of them."""
        spans = (one for one in self._spans.values() if not one.marks and not one.over)
        return len(self._packets) + sum(len(one.samples) for one in spans)

    def give_up(self) -> None:
        """Too much waits for a seal: what waits of this track is late, and is not judged any more."""
        given_up = {at: [one] for at, one in self._packets.items()}
        self._packets.clear()
        for span in self._spans.values():
            if not span.marks and not span.over:
                span.over = True
                given_up[span.group] = list(span.samples.values())
        waiting = {at: some for at, many in given_up.items() if (some := self._waiting(many))}
        if waiting:
            self._overdue.trouble()
            self._are_late(min(waiting), [one for some in waiting.values() for one in some])
        self._forget()

    def recovered(self) -> None:
        """The verdict is good again: what goes on of what was told is told again (V7)."""
        self._overdue.recovered()
        for span in self._spans.values():
            span.forgiven = True

    def take_trouble(self) -> bool:
        """Whether what nobody proves has gone on coming since this was asked, told of or not."""
        return self._overdue.take_trouble()

    def missing(self) -> list[Missing]:
        """Spans that came in part, and that leaves would let be judged: what was shown of a track that
        was let go, too."""
        return [
            Missing(self._track, group, span.sealed, len(span.digests) - 1)
            for group, span in self._spans.items()
            if not span.over
            and len(span.samples) < span.sealed
            and any(not one.judged for index, one in span.samples.items() if index < span.sealed)
        ]

    def _packet(self, group: int, index: int, sample: Sample) -> None:
        if index != 0:
            self._faults("sample.foreign", group, [sample])
            return
        for span in self._spans.values():
            if span.covers(group):
                self._add(span, group - span.group, sample)
                return
        if group <= self._forgotten:
            self._are_late(group, [sample])
        elif self._packets.setdefault(group, sample).leaf != sample.leaf:
            self._faults("sample.altered", group, [sample])

    def _add(self, span: Span, index: int, sample: Sample) -> None:
        if (there := span.samples.get(index)) is not None:
            if there.leaf != sample.leaf:
                self._faults("sample.altered", span.at(index), [sample])
        elif span.closed is not None and index >= span.closed:
            self._overdue.trouble()
            if not span.extra or span.forgiven:
                self._faults("sample.foreign", span.at(index), [sample])
            span.extra, span.forgiven = True, False
        elif span.over:
            self._overdue.trouble()
            if span.forgiven:
                span.forgiven = False
                self._are_late(span.at(index), [sample])
        elif not self.sound and index != len(span.samples):
            span.over = True
            self._faults("sample.hole", span.group, [sample])
        else:
            span.samples[index] = sample
            if index < len(span.leaves):
                self._compare(span, index, sample)
            self._judge(span)

    def _compare(self, span: Span, index: int, sample: Sample) -> None:
        if sample.judged:
            return
        sample.judged = True
        if sample.leaf == span.leaves[index]:
            self._is_proven(span.at(index))
        else:
            self._faults("sample.altered", span.at(index), [sample])

    def _judge(self, span: Span) -> bool:
        """V1, V2. Returns whether nothing was found wrong; what has not come yet is not wrong."""
        if span.over:
            return span.proven == span.closed
        span.grow()
        for count in sorted(span.marks):
            if count >= len(span.digests) or count < span.proven or 0 < count <= len(span.leaves):
                continue
            since = [span.samples[index] for index in range(span.proven, count)]
            if span.digests[count] != span.marks[count]:
                span.over = True
                self._faults("sample.altered", span.group, since)
                return False
            for one in since:
                one.judged = True
            if since:
                self._is_proven(span.at(span.proven))
            span.proven = count
        if span.closed is None:
            return True
        extra = [one for index, one in span.samples.items() if index >= span.closed]
        if extra and not span.extra:
            self._faults("sample.foreign", span.group, extra)
            span.extra = True
        span.over = span.proven == span.closed
        return not extra

    def _tail(self, span: Span) -> None:
        """V4: what was sealed long enough ago and did not come."""
        if span.lacking > 0 and not span.missed and self._overdue.misses(span.group):
            span.missed = True
            self._is_missing(span, len(span.digests) - 1, span.lacking)

    def _passed_over(self, group: int) -> None:
        """V5: what came of groups that the seals have passed by was sealed by nobody."""
        # A seal that tells of what was forgotten is not looked at any more.
        first = max(self._unsure_below, self._forgotten + 1)
        for at, span in self._spans.items():
            if not first <= at < group or span.marks or span.over or span.late:
                continue
            span.over = True
            self._unsealed(at, list(span.samples.values()))
        for at in [at for at, one in self._packets.items() if first <= at < group and not one.told]:
            self._unsealed(at, [self._packets.pop(at)])

    def _unsealed(self, group: int, samples: Sequence[Sample]) -> None:
        """No seal that came covers these. One that came before, and that nobody here saw, may have."""
        waiting = self._waiting(samples)
        if before := [one for one in waiting if self._overdue.is_before(one)]:
            self._are_late(group, before)
        if after := [one for one in waiting if not self._overdue.is_before(one)]:
            self._faults("sample.foreign", group, after)

    def _waiting(self, samples: Iterable[Sample]) -> list[Sample]:
        return [one for one in samples if self._overdue.waits(one)]

    def _is_proven(self, group: int) -> None:
        self.proven = True
        self._overdue.is_proven(group)

    def _are_late(self, group: int, samples: Sequence[Sample]) -> None:
        if new := self._overdue.late(samples):
            self._faults("seal.late", group, new)

    def _is_forgotten(self, group: int) -> bool:
        return group <= self._forgotten and group not in self._spans

    def _forget(self) -> None:
        kept = _MOST_KEPT if self.waits else _KEPT
        if len(self._spans) <= kept:
            return
        for group in sorted(self._spans)[:-kept]:
            span = self._spans[group]
            if span.over:
                if span.marks:
                    self._forgotten = max(self._forgotten, span.at(max(span.sealed, 1) - 1))
                del self._spans[group]

    def _span(self, group: int) -> Span:
        if group not in self._spans:
            self._spans[group] = Span(group, self.sound, [span_start(*self._place, group, self._config)])
        return self._spans[group]

    def _is_missing(self, span: Span, index: int, count: int) -> None:
        near = span.near(index, self._last_us)
        self._fault("sample.missing", span.at(index), count, *near)

    def _faults(self, code: str, group: int, samples: Sequence[Sample]) -> None:
        self._fault(code, group, len(samples), *extent(samples, self._last_us))

    def _fault(self, code: str, group: int, count: int, from_us: int, until_us: int) -> None:
        self._report(Fault(code, self._track, group, count, from_us, until_us))
