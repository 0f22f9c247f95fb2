"""One track's kept samples against all that was sealed of them (docs/formats/audit.md, A4 to A8).

    sealed   |0 . . . . |5 . . . . |10 . . . .|           spans, each with the digest after its last sample
    kept     |0 . . . . |5 . x . . |          |  15 . .
              proven     altered    missing     not sealed

A span that is there whole is proven by one comparison. Where it does not fit, what was sealed on the way
(a picture's group is sealed in steps) tells how far it was right.

What was judged need not be kept: a track can be audited a part at a time. What stands between two parts is
then judged as it is within one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from vivavoce.seal.digest import span_end, span_start
from vivavoce.seal.kept import KeptSeals, SealedSpan, SealedTrack
from vivavoce.seal.leaves import Leaves

__all__ = ["Stretch", "TrackAudit", "audit_track"]

Found = Literal[
    "proven",
    "sample.altered",
    "sample.foreign",
    "sample.hole",
    "sample.missing",
    "sample.unproven",
    "seal.config",
]


@dataclass(slots=True)
class Stretch:
    """Samples of a track that belong together. found: `proven`, or the code of what is wrong. count: how
    many. group: of the first. from_us, until_us: the first and last timestamp; of what is missing, those
    of the samples beside it, or the clocks of the seals."""

    found: Found
    group: int
    count: int
    from_us: int
    until_us: int


def audit_track(
    founding: bytes,
    run: bytes,
    seals: KeptSeals,
    name: str,
    config: bytes,
    rests: Iterable[int],
    leaves: Leaves,
) -> list[Stretch]:
    """What holds of a track, in the order of its groups; stretches of the same kind that touch are one.

    founding: the founding hash. run: 8 bytes. seals: judged. config: what the track's file would be decoded
    by, as S5's bytes; empty where there is no file. rests: groups of which the record says that they came
    without samples. leaves: sorted. What the bytes of a sample show is not looked at.
    """
    sealed = seals.tracks.get(name)
    if sealed is None:
        # A chain that is whole to its end names every track: this one is nobody's.
        sure = seals.ended and not seals.missing_between(-1, seals.newest + 1)
        rows = _Rows(leaves)
        rows.tell("sample.foreign" if sure else "sample.unproven", 0, len(leaves))
        return rows.stretches
    if config and config != sealed.config:
        rows = _Rows(leaves)
        rows.tell("seal.config", 0, len(leaves))
        return rows.stretches
    audit = TrackAudit(founding, run, seals, sealed, rests, leaves)
    audit.go_on(sealed.spans)
    return audit.ended()


class _Rows:
    """The stretches so far. It is told what rows are, in their order."""

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self.stretches: list[Stretch] = []
        self._end = 0

    def drop(self, rows: int) -> None:
        """So many rows are forgotten; all that follow have other numbers."""
        self._leaves.drop(rows)
        self._end -= rows

    def tell(self, found: Found, first: int, end: int) -> None:
        """Rows `first` to `end`, without the last."""
        if first >= end:
            return
        times, groups = self._leaves.timestamp_us, self._leaves.group
        last = self.stretches[-1] if self.stretches else None
        if last and last.found == found and self._end == first:
            last.count += end - first
            last.from_us = min(last.from_us, times[first])
            last.until_us = max(last.until_us, times[end - 1])
        else:
            self.stretches.append(Stretch(found, groups[first], end - first, times[first], times[end - 1]))
        self._end = end

    def lacks(self, found: Found, group: int, count: int, row: int, clocks: tuple[int, int]) -> None:
        """Before `row` something is not there. clocks: when it was sealed, if no samples stand beside it."""
        times = self._leaves.timestamp_us
        from_us = times[row - 1] if row else clocks[0]
        until_us = times[row] if row < len(times) else clocks[1]
        last = self.stretches[-1] if self.stretches else None
        if last and last.found == found and found == "sample.missing" and self._end == row:
            last.count += count
            last.until_us = max(last.until_us, until_us)
        else:
            self.stretches.append(
                Stretch(found, group, count, min(from_us, until_us), max(from_us, until_us))
            )
        self._end = row


class TrackAudit:
    """One track, audited as far as what was sealed of it and its samples are there.

    Its arguments are those of `audit_track`; leaves: rows may be added to it, behind those that were judged.
    Call `go_on` with the next spans in their order, `forget` when that is wanted, and `ended` at the end.
    until: rows of all groups below this one were judged; none may be added.
    """

    def __init__(
        self,
        founding: bytes,
        run: bytes,
        seals: KeptSeals,
        sealed: SealedTrack,
        rests: Iterable[int],
        leaves: Leaves,
    ) -> None:
        self._place = (founding, run, sealed.number)
        self._seals = seals
        self.sealed = sealed
        self._leaves = leaves
        self._rows = _Rows(leaves)
        self._row = 0
        self._before: SealedSpan | None = None
        self.rests = set(rests)
        """Groups that came without samples, by the record; of those that were judged no seal said so."""
        self.until = 0

    def go_on(self, spans: Iterable[SealedSpan]) -> None:
        """Judge these. leaves: sorted, with all rows of these spans, and the one that follows. sealed: with
        these spans, and the one that follows."""
        row, before = self._row, self._before
        for span in spans:
            row = self._between(row, before, span)
            row = self._span(row, before, span)
            if not span.count and span.group in self.rests:
                self.rests.discard(span.group)
            elif not span.count:
                self._rows.lacks("sample.missing", span.group, 0, row, (span.clock_us, span.clock_us))
            before = span
            self.until = span.group + (span.count if self.sealed.sound and span.count else 1)
        self._row, self._before = row, before

    def forget(self) -> None:
        """Let go of the rows that were judged, but of the last, beside which something may be missing."""
        rows = max(0, self._row - 1)
        self._rows.drop(rows)
        self._row -= rows

    def ended(self) -> list[Stretch]:
        """No span follows, and all rows are there. A rest that is left is judged by all spans: none may have
        been taken away."""
        self._between(self._row, self._before, None)
        for group in sorted(self.rests):
            self._rest(group)
        return self._rows.stretches

    def _between(self, row: int, before: SealedSpan | None, after: SealedSpan | None) -> int:
        """What no seal tells of. Returns the first row behind it."""
        end = bisect_left(self._leaves.group, after.group, row) if after else len(self._leaves)
        if end == row:
            return end
        sure = self._is_sure(before, after)
        self._rows.tell("sample.foreign" if sure else "sample.unproven", row, end)
        return end

    def _is_sure(self, before: SealedSpan | None, after: SealedSpan | None) -> bool:
        """All seals are there that could have told of something between these two."""
        if after is None and not self._seals.ended:
            return False
        first = before.first_seq if before else -1
        last = after.first_seq if after else self._seals.newest + 1
        return not self._seals.missing_between(first, last)

    def _span(self, row: int, before: SealedSpan | None, span: SealedSpan) -> int:
        groups, count = self._leaves.group, span.count
        if self.sealed.sound and count:
            end = bisect_left(groups, span.group + count, row)
        else:
            end = bisect_right(groups, span.group, row)
        clocks = before.clock_us if before else 0, span.clock_us
        if end == row:
            if count:
                self._rows.lacks("sample.missing", span.group, count, row, clocks)
            return end
        if end - row == count:
            start = span_start(*self._place, span.group, self.sealed.config)
            if span_end(start, self._leaves.between(row, end)) == span.marks[-1][1]:
                self._rows.tell("proven", row, end)
                return end
        self._apart(row, end, span, clocks)
        return end

    def _apart(self, row: int, end: int, span: SealedSpan, clocks: tuple[int, int]) -> None:
        """A span that is not as it was sealed: find out how far it is."""
        places = self._placed(row, end, span)
        whole = 0
        while whole in places and whole < span.count:
            whole += 1
        proven, bad = 0, 0
        digest = span_start(*self._place, span.group, self.sealed.config)
        for count, mark in [one for one in span.marks if 0 < one[0] <= whole]:
            found = self._leads([places[at] for at in range(proven, count)], digest, mark)
            if found is None:
                bad = count
                break
            digest, proven = mark, count
        # Rows in their order, since a stretch is of neighbours; places may stand there twice.
        follows = 0
        for at in sorted(places):
            rows = places[at]
            if at < proven:
                found_code: Found = "proven"
            elif at < len(span.leaves):
                found_code = "proven" if self._are(rows, span.leaves[at]) else "sample.altered"
            elif at < bad or not rows:
                found_code = "sample.altered"
            elif at >= span.count and self._is_over(span):
                found_code = "sample.foreign"
            else:
                found_code = "sample.unproven"
            if follows < at < span.count:
                self._lack(span, places, follows, at - follows, rows[0], clocks)
            follows = at + 1
            self._rows.tell(found_code, rows[0], rows[-1] + 1)
        if follows < span.count:
            self._lack(span, places, follows, span.count - follows, end, clocks)

    def _are(self, rows: list[int], leaf: bytes) -> bool:
        """All of these are the sample of this leaf."""
        return all(self._leaves.at(one) == leaf for one in rows)

    def _lack(
        self,
        span: SealedSpan,
        places: dict[int, list[int]],
        whole: int,
        count: int,
        row: int,
        clocks: tuple[int, int],
    ) -> None:
        """A tail that is missing is a gap, as a packet is; a picture inside its group was taken out."""
        hole = not self.sealed.sound and any(at > whole for at in places)
        group = span.group + whole if self.sealed.sound else span.group
        self._rows.lacks("sample.hole" if hole else "sample.missing", group, count, row, clocks)

    def _placed(self, row: int, end: int, span: SealedSpan) -> dict[int, list[int]]:
        """Rows by their place in the span, in order. A packet that is not its group's first stands behind."""
        places: dict[int, list[int]] = {}
        for one in range(row, end):
            at = self._leaves.index[one]
            if self.sealed.sound:
                at = self._leaves.group[one] - span.group if at == 0 else span.count + one
            places.setdefault(at, []).append(one)
        return places

    def _leads(self, rows: list[list[int]], digest: bytes, mark: bytes) -> list[int] | None:
        """One row of each place, if they lead from `digest` to `mark`. Doubled ones have to be equal."""
        doubled = [each for each in rows if len({self._leaves.at(one) for one in each}) > 1]
        if doubled:
            return None
        chosen = [each[0] for each in rows]
        return chosen if span_end(digest, b"".join(map(self._leaves.at, chosen))) == mark else None

    def _is_over(self, span: SealedSpan) -> bool:
        """Nothing can have been sealed of it beyond what is known."""
        spans = self.sealed.spans
        at = bisect_right(spans, span.group, key=lambda one: one.group)
        return span.closed or self._is_sure(span, spans[at] if at < len(spans) else None)

    def _rest(self, group: int) -> None:
        """The record says that this group is empty. A seal has to say so too."""
        spans = self.sealed.spans
        at = bisect_right(spans, group, key=lambda one: one.group)
        before, after = (spans[at - 1] if at else None), (spans[at] if at < len(spans) else None)
        if before and before.group == group and not before.count:
            return
        told = before and group < before.group + (before.count if self.sealed.sound else 1)
        if told or self._is_sure(before, after):
            row = bisect_left(self._leaves.group, group)
            clocks = (before.clock_us if before else 0), (after or before or SealedSpan(0, 0, 0)).clock_us
            self._rows.lacks("sample.foreign", group, 0, row, clocks)
