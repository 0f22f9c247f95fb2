"""What a verifier concludes of one run, moment by moment (docs/formats/seal.md, V1 to V10).

1. Samples are shown at once; a verdict follows within one seal.
2. `verified`: all that came until the newest seal is what the side's device signed.
3. `broken`: something is not, or there is a hole inside a group, or something is sealed by nobody.
4. `gap`: something sealed did not come, or seals did not; why is never guessed.
5. `late`: something was shown for more than 600 ms without a proof.
6. `pending`: nothing is proven yet and nothing is wrong. `unsealed`: the side has no seals.
7. What went wrong is over after five good seals. Its mark stays in the history. What goes on of it is told
   again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from vivavoce.errors import EvidenceError
from vivavoce.seal.chain import Chain, Linked
from vivavoce.seal.config import SealedConfig, parse_config
from vivavoce.seal.digest import leaf
from vivavoce.seal.early import Early, EarlySample
from vivavoce.seal.overdue import PENDING_US
from vivavoce.seal.seal import MOST_APART_US, Delta, Seal
from vivavoce.seal.span import Fault, Missing
from vivavoce.seal.spans import GIVEN_UP_US, Spans

__all__ = ["Finding", "State", "Verdict"]

State = Literal["unsealed", "pending", "verified", "late", "gap", "broken"]
_STATE_OF: Final[dict[str, State]] = {
    "sample.altered": "broken",
    "sample.hole": "broken",
    "sample.foreign": "broken",
    "sample.missing": "gap",
    "seal.fork": "broken",
    "seal.missing": "gap",
    "seal.late": "late",
    "seal.apart": "late",
}
_WORST: Final[tuple[State, ...]] = ("late", "gap", "broken")
RECOVERY_SEALS: Final = 5
MOST_WAITING: Final = 1_024
MOST_HISTORY: Final = 10_000
MOST_UNSEALED: Final = 4_096
"""Samples of all tracks together that wait for a seal (V6): twenty seconds of a side, and what one `tick` can
go through."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A mark in the history. code: what is wrong. at_us: when it was found, on the verifier's clock. track:
    its name, or empty where it is of the seals. group, count: samples. from_us, until_us: their timestamps.
    seq: of the newest seal then, -1 without one; for `seal.missing` of the first that is."""

    code: str
    at_us: int
    track: str = ""
    group: int = 0
    count: int = 0
    from_us: int = 0
    until_us: int = 0
    seq: int = -1


class _Track(NamedTuple):
    number: int
    config: SealedConfig
    spans: Spans


class Verdict:
    """founding: the founding hash. run: 8 bytes. key: the run's public key. statement: its envelope.
    patience_us: how long what came waits for a seal, if it is not more than MOST_UNSEALED.

    history: every mark, as they were found. A line that makes more than `MOST_HISTORY` of them has the rest
    counted in `unmarked`.
    """

    def __init__(
        self,
        founding: bytes,
        run: bytes,
        key: bytes,
        statement: bytes,
        *,
        patience_us: int = GIVEN_UP_US,
    ) -> None:
        self._founding = founding
        self._run = run
        self._patience_us = patience_us
        self.chain = Chain(founding, key, statement)
        self.history: list[Finding] = []
        self.unmarked = 0
        self._tracks: dict[str, _Track] = {}
        self._untaken: set[str] = set()
        self._early = Early()
        self._waiting: list[tuple[Delta, int, bool]] = []
        """What was sealed of tracks whose configuration has not come, and whether all before it was known."""
        self._now_us = 0
        self._seq = -1
        self._wrong: State | None = None
        self._good = 0
        self._found_new = False
        self._joined_us: int | None = None
        self._joined_at_us = 0
        self._gap_since_us: int | None = None
        self._given_up = -1
        """The newest seal that was."""

    @property
    def state(self) -> State:
        if self._wrong is not None:
            return self._wrong
        if self.chain.newest < 0:
            return "unsealed"
        return "verified" if any(one.spans.proven for one in self._tracks.values()) else "pending"

    def config(self, track: str) -> SealedConfig | None:
        """What to decode a track by, or None while it is not sealed."""
        known = self._tracks.get(track)
        return known.config if known else None

    def numbered(self, track: int) -> SealedConfig | None:
        """The same, by its number."""
        return next((one.config for one in self._tracks.values() if one.number == track), None)

    def seal(self, raw: bytes, now_us: int) -> None:
        """A seal came. One that does not hold is a finding with its code, and the run is broken."""
        self._now_us = now_us
        try:
            linked = self.chain.receive(raw)
        except EvidenceError as error:
            self._found(Finding(error.code, now_us), "broken")
            return
        if linked is None:
            return
        seal = linked.seal
        self._seq = seal.seq
        self._found_new = False
        if self._joined_us is None:
            self._joined_us = 0 if seal.seq == 0 else seal.clock_us
            self._joined_at_us = now_us
        if linked.skipped:
            self._lost(linked.skipped, seal.seq - linked.skipped, seal.seq - 1)
        for number, config in seal.configs:
            self._configured(number, config)
        self._apart(linked)
        waits = bool(self.chain.missing)
        for one in self._tracks.values():
            one.spans.waits = waits
        good = self._deltas(seal, known=linked.known)
        if not waits:
            self._gap_since_us = None
        elif self._gap_since_us is None:
            self._gap_since_us = now_us
        troubles = [one.spans.take_trouble() for one in self._tracks.values()]
        troubled = self._early.take_trouble() or any(troubles)
        self._good = self._good + 1 if good and not troubled and not self._found_new else 0
        if self._good >= RECOVERY_SEALS and self._wrong is not None:
            self._recovered()

    def sample(
        self, track: str, group: int, index: int, timestamp_us: int, key: bool, data: bytes, now_us: int
    ) -> None:
        """A sample came, and may be shown."""
        self.leaf(track, group, index, timestamp_us, leaf(group, index, timestamp_us, key, data), now_us)

    def leaf(
        self, track: str, group: int, index: int, timestamp_us: int, leaf_hash: bytes, now_us: int
    ) -> None:
        """The same, for whoever hashed it already."""
        self._now_us = now_us
        known = self._tracks.get(track)
        if known is not None:
            known.spans.sample(group, index, timestamp_us, leaf_hash, now_us)
        else:
            self._early.add(track, EarlySample(group, index, timestamp_us, leaf_hash, now_us))

    def resolved(self, missing: Missing, leaves: Sequence[bytes], now_us: int) -> bool:
        """The leaves of what `missing` named came from anywhere. Returns whether they are the sealed ones."""
        self._now_us = now_us
        return any(
            one.spans.resolved(missing, leaves)
            for one in self._tracks.values()
            if one.number == missing.track
        )

    def missing(self) -> list[Missing]:
        """Spans that came in part: their leaves would let what came of them be judged."""
        return [missing for one in self._tracks.values() for missing in one.spans.missing()]

    def let_go(self, track: str) -> None:
        """The track is not fetched any more, by its verifier's own choice: what does not come is not
        missed."""
        self._untaken.add(track)
        if track in self._tracks:
            self._tracks[track].spans.let_go()

    def take(self, track: str) -> None:
        """The track is fetched again. From the beginning every track is."""
        self._untaken.discard(track)
        if track in self._tracks:
            self._tracks[track].spans.take(self._now_us)

    def tick(self, now_us: int) -> None:
        """Ten times a second or so, and whenever something is asked."""
        self._now_us = now_us
        for one in self._tracks.values():
            one.spans.tick(now_us)
        if sum(one.spans.unsealed for one in self._tracks.values()) > MOST_UNSEALED:
            for one in self._tracks.values():
                one.spans.give_up()
        if self._joined_us is not None:
            for name, late in self._early.late(now_us, self._joined_us, self._joined_at_us):
                times = [one.timestamp_us for one in late]
                place = (late[0].group, len(late), min(times), max(times))
                self._found(Finding("seal.late", now_us, name, *place), "late")
        if self._gap_since_us is not None and now_us - self._gap_since_us > PENDING_US:
            self._gap_since_us = None
            missing = self.chain.missing
            self._lost(self.chain.give_up(), missing[0], missing[-1])

    def _lost(self, count: int, first: int, last: int) -> None:
        self._found(Finding("seal.missing", self._now_us, count=count, seq=first), "gap")
        for one in self._tracks.values():
            one.spans.lost(last)
        self._given_up = max(self._given_up, last)

    def _recovered(self) -> None:
        """V7."""
        self._wrong = None
        self._early.recovered()
        for one in self._tracks.values():
            one.spans.recovered()

    def _configured(self, number: int, raw: bytes) -> None:
        config = parse_config(raw)
        if config.name in self._tracks:
            return

        def report(fault: Fault) -> None:
            place = (fault.group, fault.count, fault.from_us, fault.until_us)
            self._found(
                Finding(fault.code, self._now_us, config.name, *place, self._seq), _STATE_OF[fault.code]
            )

        joined = {"joined_us": self._joined_us or 0, "joined_at_us": self._joined_at_us}
        joined["patience_us"] = self._patience_us
        spans = Spans(self._founding, self._run, number, raw, report, **joined)
        self._tracks[config.name] = _Track(number, config, spans)
        spans.lost(self._given_up)
        if config.name in self._untaken:
            spans.let_go()
        for one in self._early.pop(config.name):
            spans.sample(one.group, one.index, one.timestamp_us, one.leaf, one.came_us)

    def _deltas(self, seal: Seal, *, known: bool) -> bool:
        by_number = {one.number: one.spans for one in self._tracks.values()}
        good = True
        waiting, self._waiting = [*self._waiting, *((delta, seal.seq, known) for delta in seal.deltas)], []
        for delta, seq, was_known in waiting:
            if (spans := by_number.get(delta.track)) is not None:
                good &= spans.sealed(delta, self._now_us, seq=seq, known=was_known)
            elif len(self._waiting) < MOST_WAITING:
                self._waiting.append((delta, seq, was_known))
        return good

    def _apart(self, linked: Linked) -> None:
        """S10, between two that are both there."""
        clock_us = linked.seal.clock_us
        for from_us, until_us in (
            (clock_us - linked.after_us, clock_us),
            (clock_us, clock_us + linked.before_us),
        ):
            if until_us - from_us > MOST_APART_US:
                found = Finding("seal.apart", self._now_us, "", 0, 0, from_us, until_us, linked.seal.seq)
                self._found(found, "late")

    def _found(self, finding: Finding, state: State) -> None:
        if len(self.history) < MOST_HISTORY:
            self.history.append(finding)
        else:
            self.unmarked += 1
        self._found_new = True
        self._good = 0
        if self._wrong is None or _WORST.index(state) > _WORST.index(self._wrong):
            self._wrong = state
