"""All seals that were kept of one run, put in order and judged together (docs/formats/audit.md, A1 to A3).

1. Papers say whose run it is. Without any that hold nothing is proven.
2. Seals that stand on one another are one piece of chain. Each seal names the hash of the one before it, so a
   piece's last signature holds for all of it: only that one is checked. Where it does not hold, the last seal
   is left out and the one before it is asked, until one does.
3. Between the pieces lie breaks: numbers that are not there, or two that do not fit.
4. What the seals that hold say of samples is gathered by track and span.
5. Leaves that lead to what was sealed of a span are kept with it; others are as if they were not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from vivavoce.errors import EvidenceError
from vivavoce.seal.config import SoundConfig, parse_config
from vivavoce.seal.digest import span_end, span_start, tagged
from vivavoce.seal.envelope import open_envelope, purpose
from vivavoce.seal.keys import key_id
from vivavoce.seal.leavesframe import LeavesFrame, is_leaves, parse_leaves
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.seal import MOST_APART_US, Delta, Flags, Seal, parse_seal
from vivavoce.seal.statement import Founding, RunStatement, Standing, run_of

__all__ = ["KeptSeal", "KeptSeals", "Mark", "SealedSpan", "SealedTrack"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is wrong with a run's seals. code: one of the error tree. seq: of the first seal concerned, -1
    where that cannot be told. count: how many. from_us, until_us: on the run's clock, as near as is known."""

    code: str
    seq: int = -1
    count: int = 1
    from_us: int = 0
    until_us: int = 0


@dataclass(slots=True)
class SealedSpan:
    """What was sealed of one span (S7). marks: (samples so far, digest), rising. count: the last of those.
    first_seq: the first seal that tells of it. clock_us: that one's."""

    group: int
    first_seq: int
    clock_us: int
    marks: list[tuple[int, bytes]] = field(default_factory=list)
    count: int = 0
    closed: bool = False
    leaves: Sequence[bytes] = ()
    """Of its samples, from the first on, where somebody handed them: proven by one of `marks`."""

    def contradicts(self, delta: Delta) -> bool:
        """S11: two digests for one count, or more after the end, are a fork."""
        if delta.count > self.count:
            return self.closed
        shorter = delta.closed and delta.count < self.count
        return shorter or dict(self.marks).get(delta.count, delta.digest) != delta.digest


@dataclass(slots=True)
class SealedTrack:
    """config: the bytes that are sealed. spans: by their first group, rising, once all was judged."""

    number: int
    config: bytes
    sound: bool
    spans: list[SealedSpan] = field(default_factory=list)


class KeptSeal(NamedTuple):
    """digest: that the next one names. raw: its envelope."""

    digest: bytes
    raw: bytes
    seal: Seal


class KeptSeals:
    """seat, run: whose seals they are said to be; run is 8 bytes. revocations: envelopes that count beside
    those in the papers. Give all `papers` and `seal`s, in any order
    and as often as they are there; then `judge`, and read.

    by: whose word the run stands by, None where by nobody's. statement: the run's. tracks: by name. marks:
    what is wrong. ended: the last seal says that nothing follows. newest: the highest number that holds.
    """

    def __init__(self, founding: Founding, seat: str, run: bytes, revocations: Sequence[bytes] = ()) -> None:
        self._founding = founding
        self._revocations = tuple(revocations)
        self._hash = founding.digest
        self._seat, self._run = seat, run
        self.place = self._hash, run
        """Whose digests they are: the founding hash, and the run."""
        self._papers: dict[bytes, None] = {}
        self._digests: set[bytes] = set()
        self._seals: dict[int, list[KeptSeal]] = {}
        self._leaves: list[LeavesFrame] = []
        self._numbers: dict[int, SealedTrack] = {}
        self._spans: dict[tuple[int, int], SealedSpan] = {}
        """By a track's number and the span's first group."""
        self.some = False
        """Whether anything was kept at all."""
        self.clock_us = 0
        """That of the seal that was given last."""
        self.by: Standing | None = None
        self.statement: RunStatement | None = None
        self.tracks: dict[str, SealedTrack] = {}
        self.marks: list[Mark] = []
        self.ended = False
        self.newest = -1
        self.until_us = 0
        """The newest seal's clock."""
        self._missing: list[tuple[int, int]] = []

    def papers(self, raw: bytes) -> None:
        self.some = True
        self._papers[raw] = None

    def seal(self, raw: bytes) -> None:
        """A frame of the seals' track: a seal, or leaves. What is neither is a mark: `seal.form`."""
        if is_leaves(raw):
            self._handed(raw)
            return
        digest = tagged("vv/seal/1", raw)
        if digest in self._digests:
            return
        self.some = True
        self._digests.add(digest)
        try:
            seal = parse_seal(open_envelope(raw).payload)
        except EvidenceError as error:
            self._mark(error.code, -1, self.clock_us, self.clock_us)
            return
        self.clock_us = seal.clock_us
        self._seals.setdefault(seal.seq, []).append(KeptSeal(digest, raw, seal))

    def judge(self) -> None:
        """Call it once, after all seals."""
        first = self._stands()
        if first is not None:
            good = [one for piece in self._pieces() for one in self._checked(piece)]
            good.sort(key=lambda one: one.seal.seq)
            self._fit(good, first)
            self._gather(good)
            for (number, _), span in sorted(self._spans.items(), key=itemgetter(0)):
                if number in self._numbers:
                    self._lies(self._numbers[number], span)
            for told in self._leaves:
                about = self._spans.get((told.track, told.group))
                if about is not None and told.track in self._numbers:
                    self._resolve(self._numbers[told.track], about, told)
        for kept in (self._seals, self._digests, self._spans, self._leaves):
            kept.clear()

    def missing_between(self, first: int, last: int) -> bool:
        """Whether a seal is missing with a number after `first` and before `last`."""
        return any(start < last and end > first for start, end in self._missing)

    def _stands(self) -> bytes | None:
        """Judge the papers. Returns what the first seal stands on, None where no papers hold."""
        first: bytes | None = None
        faults: list[str] = []
        for raw in self._papers:
            try:
                papers = parse_papers(raw)
                said = papers.statement, papers.device, papers.vouchers
                revoked = (*papers.revocations, *self._revocations)
                run, by = run_of(self._founding, *said, revocations=revoked)
                if (run.seat, run.run) != (self._seat, self._run):
                    raise EvidenceError("seal.run", "These are the papers of another run.")
                if self.statement not in (None, run):
                    raise EvidenceError("seal.fork", "The run was stated twice.")
            except EvidenceError as error:
                faults.append(error.code)
                continue
            first = tagged("vv/seal/1", papers.statement)
            self.statement, self.by = run, by
            self._kid, self._aad = key_id(run.key), purpose("seal", self._hash)
        if not self._papers and self._seals:
            faults.append("seal.run")
        for code in dict.fromkeys(faults):
            self._mark(code, -1, 0, self.clock_us)
        return first

    def _holds(self, one: KeptSeal) -> bool:
        assert self.statement is not None
        envelope = open_envelope(one.raw)
        try:
            envelope.check(self.statement.key, self._aad)
        except EvidenceError:
            return False
        return envelope.kid == self._kid

    def _pieces(self) -> Iterator[list[KeptSeal]]:
        """Seals in rows, each of which names the one before it."""
        piece: list[KeptSeal] = []
        for seq in sorted(self._seals):
            one = self._chosen(seq)
            if one is None:
                continue
            if piece and (piece[-1].seal.seq + 1 != seq or one.seal.prev != piece[-1].digest):
                yield piece
                piece = []
            piece.append(one)
        if piece:
            yield piece

    def _chosen(self, seq: int) -> KeptSeal | None:
        """Of several with one number the first that holds: where two do, the device signed both."""
        there = self._seals[seq]
        if len(there) == 1:
            return there[0]
        good = [one for one in there if self._holds(one)]
        clock_us = there[0].seal.clock_us
        if len(good) < len(there):
            self._mark("seal.signature", seq, clock_us, clock_us, len(there) - len(good))
        if len(good) > 1:
            self._mark("seal.fork", seq, clock_us, clock_us, len(good))
        return good[0] if good else None

    def _checked(self, piece: list[KeptSeal]) -> list[KeptSeal]:
        while piece and not self._holds(piece[-1]):
            bad = piece.pop().seal
            self._mark("seal.signature", bad.seq, bad.clock_us, bad.clock_us)
        return piece

    def _fit(self, good: list[KeptSeal], first: bytes) -> None:
        """How the seals that hold stand to one another: S9 and S10."""
        if good and good[0].seal.seq == 0 and good[0].seal.prev != first:
            self._mark("seal.chain", 0, good[0].seal.clock_us, good[0].seal.clock_us)
        if good and good[0].seal.seq:
            self._absent(0, good[0].seal.seq - 1, 0, good[0].seal.clock_us)
        self._fit_together(good)

    def _fit_together(self, good: list[KeptSeal]) -> None:
        for one, after in pairwise(good):
            self._follows(one, after)
        if good:
            last = good[-1].seal
            self.newest, self.until_us = last.seq, last.clock_us
            self.ended = bool(last.flags & Flags.END)

    def _follows(self, one: KeptSeal, after: KeptSeal) -> None:
        seal, following = one.seal, after.seal
        clocks = seal.clock_us, following.clock_us
        if seal.flags is not Flags.NONE and seal.flags & Flags.END:
            self._mark("seal.chain", following.seq, *clocks)
        if seal.seq + 1 < following.seq:
            self._absent(seal.seq + 1, following.seq - 1, *clocks)
        elif following.prev != one.digest:
            self._mark("seal.chain", following.seq, *clocks)
        elif clocks[1] - clocks[0] > MOST_APART_US:
            self._mark("seal.apart", following.seq, *clocks)
        if clocks[1] < clocks[0]:
            self._mark("seal.clock", following.seq, *clocks)

    def _absent(self, first: int, last: int, from_us: int, until_us: int) -> None:
        self._missing.append((first, last))
        if not all(seq in self._seals for seq in range(first, min(last, first + len(self._seals)) + 1)):
            # Of those that are there and do not hold it was said already.
            self._mark("seal.missing", first, from_us, until_us, last - first + 1)

    def _gather(self, good: list[KeptSeal]) -> None:
        for one in good:
            self._configured(one.seal)
            for delta in one.seal.deltas:
                self._sealed(one.seal, delta)

    def _configured(self, seal: Seal) -> None:
        """S5: a number keeps its configuration, a name its number."""
        for number, raw in seal.configs:
            known = self._numbers.get(number)
            if known and known.config == raw:
                continue
            try:
                config = parse_config(raw)
                named = self.tracks.get(config.name)
                if known or (named and named.number != number):
                    raise EvidenceError("seal.config", f"Seal {seal.seq} changes {config.name}.")
            except EvidenceError as error:
                self._mark(error.code, seal.seq, seal.clock_us, seal.clock_us)
                continue
            track = SealedTrack(number, raw, isinstance(config, SoundConfig))
            self._numbers[number] = self.tracks[config.name] = track

    def _sealed(self, seal: Seal, delta: Delta) -> None:
        place = delta.track, delta.group
        span = self._spans.get(place)
        if span is None:
            span = self._spans[place] = SealedSpan(delta.group, seal.seq, seal.clock_us)
        if span.contradicts(delta):
            self._mark("seal.fork", seal.seq, seal.clock_us, seal.clock_us)
        elif delta.count > span.count or not span.marks:
            span.marks.append((delta.count, delta.digest))
            span.count = delta.count
        span.closed |= delta.closed

    def _handed(self, raw: bytes) -> None:
        """Nobody signed these: what has not their form is no fault of the run."""
        try:
            self._leaves.append(parse_leaves(raw))
        except EvidenceError:
            return

    def _resolve(self, track: SealedTrack, span: SealedSpan, told: LeavesFrame) -> None:
        sealed = dict(span.marks).get(len(told.leaves))
        if sealed is None or len(told.leaves) <= len(span.leaves):
            return
        start = span_start(self._hash, self._run, track.number, span.group, track.config)
        if span_end(start, b"".join(told.leaves)) == sealed:
            span.leaves = told.leaves

    def _lies(self, track: SealedTrack, span: SealedSpan) -> None:
        """Rows of sound do not overlap: a packet has one row."""
        before = track.spans[-1] if track.sound and track.spans else None
        if before and span.group < before.group + before.count:
            self._mark("seal.fork", span.first_seq, span.clock_us, span.clock_us)
        else:
            track.spans.append(span)

    def _mark(self, code: str, seq: int, from_us: int, until_us: int, count: int = 1) -> None:
        self.marks.append(Mark(code, seq, count, from_us, until_us))
