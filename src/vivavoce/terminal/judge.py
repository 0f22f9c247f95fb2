"""What a viewer in the terminal may believe of each side, from the seals that arrive. Pure.

1. A run is judged from its papers on: they must name the run that the catalogue names, and hold by the
   founding facts.
2. A side that brought no identity key stands by its device's key, which the host has to name (S16). Until it
   has, the run is *pending*; where it names another, it is *broken*.
3. What a catalogue says of a track must be what is sealed of it: a player that followed it would show
   something else.
4. A run without papers is *unsealed*.
5. What an identity key revoked counts, whoever told it: the run's own papers, those of another run of the
   discussion, or the host, which is asked when a run begins. A run that began before stands (S17).
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.line.catalog import Catalog, TrackConfig
from vivavoce.line.events import CatalogSeen, Event, SampleSeen, SealSeen
from vivavoce.line.sealing import sealed_config
from vivavoce.seal.config import PictureConfig, SealedConfig
from vivavoce.seal.papers import Papers, parse_papers
from vivavoce.seal.statement import Founding, RunStatement, Standing, revocation_of, run_of
from vivavoce.seal.verdict import State, Verdict

__all__ = ["Judge", "Judgement"]

Taken = Callable[[str, TrackConfig, Mapping[str, TrackConfig]], bool]
_MOST_WAITING: Final = 4_096
_MOST_REVOKED: Final = 1_024


@dataclass(frozen=True, slots=True)
class Judgement:
    """code: what is wrong. by: by whose word the key is the side's; None where that is not known."""

    state: State
    code: str | None = None
    by: Standing | None = None


@dataclass(slots=True)
class _Run:
    run: str
    catalog: Catalog
    papers: Papers | None = None
    by: Standing | None = None
    verdict: Verdict | None = None
    wrong: str | None = None
    asked: bool = False
    """The host was asked what was revoked when it began."""
    known: set[str] = field(default_factory=set)
    """Tracks that were listed once."""
    waiting: deque[SampleSeen | SealSeen] = field(default_factory=lambda: deque(maxlen=_MOST_WAITING))


class Judge:
    """founding: the facts. taken: whether a track of a seat is fetched, as for `Watcher`."""

    def __init__(
        self,
        founding: Founding,
        taken: Taken = lambda seat, track, listed: True,
    ) -> None:
        self._founding = founding
        self._taken = taken
        self._runs: dict[str, _Run] = {}
        self._named: dict[str, bytes] = {}
        self._revoked: dict[bytes, None] = {}

    @property
    def unnamed(self) -> bool:
        """Somebody's device key is not named by the host yet: ask it, and tell `name`."""
        return any(one.by == "host" and one.run not in self._named for one in self._runs.values())

    @property
    def unasked(self) -> bool:
        """A run began that an identity key vouches for: ask the host what was revoked, and tell `revoke`."""
        return any(one.by == "identity" and not one.asked for one in self._runs.values())

    def revoke(self, revocations: Iterable[bytes]) -> None:
        """The host tells these revocations. What an identity key of the facts did not sign is left out."""
        self._keep(revocations)
        for run in self._runs.values():
            run.asked |= run.papers is not None
            if run.papers is not None and run.by == "identity" and run.wrong is None:
                try:
                    self._stands(run.papers)
                except EvidenceError as error:
                    run.wrong = error.code

    def name(self, run: str, device: bytes) -> None:
        """The host says that this device key is the run's. What it said first counts."""
        self._named.setdefault(run, device)

    def take(self, event: Event) -> None:
        match event:
            case CatalogSeen(seat=seat, catalog=catalog):
                self._catalog(seat, catalog)
            case SealSeen(seat=seat) if seat in self._runs:
                self._seal(self._runs[seat], event)
            case SampleSeen() if event.sample.seat in self._runs:
                run = self._runs[event.sample.seat]
                if event.sample.run == run.run:
                    self._sample(run, event)
            case _:
                pass

    def tick(self, now_us: int) -> None:
        for run in self._runs.values():
            if run.verdict is not None:
                run.verdict.tick(now_us)

    def of(self, seat: str) -> Judgement:
        """How a seat stands now."""
        run = self._runs.get(seat)
        if run is None or (run.papers is None and run.wrong is None):
            return Judgement("unsealed")
        named = self._named.get(run.run)
        if run.wrong is not None or run.verdict is None or run.papers is None:
            return Judgement("broken", run.wrong, run.by)
        if run.by == "host" and named != run.papers.device:
            return (
                Judgement("pending", None, "host")
                if named is None
                else Judgement("broken", "seal.run", "host")
            )
        state = run.verdict.state
        history = run.verdict.history
        code = history[-1].code if history and state in ("late", "gap", "broken") else None
        return Judgement(state, code, run.by)

    def _catalog(self, seat: str, catalog: Catalog) -> None:
        run = self._runs.get(seat)
        if run is None or run.run != catalog.run:
            run = self._runs[seat] = _Run(catalog.run, catalog)
        run.catalog = catalog
        self._follow(seat, run)

    def _follow(self, seat: str, run: _Run) -> None:
        """Tell the verdict which tracks are fetched."""
        listed = run.catalog.tracks
        if run.verdict is None:
            return
        taken = {name for name, config in listed.items() if self._taken(seat, config, listed)}
        for name in (run.known | set(listed)) - taken:
            run.verdict.let_go(name)
        for name in taken:
            run.verdict.take(name)
        run.known |= set(listed)

    def _seal(self, run: _Run, event: SealSeen) -> None:
        if event.index == 0:
            if run.papers is None and run.wrong is None:
                self._papers(run, event)
        elif run.verdict is None:
            run.waiting.append(event)
        else:
            run.verdict.seal(event.raw, event.at_us)
            self._compare(run)

    def _papers(self, run: _Run, event: SealSeen) -> None:
        try:
            papers = parse_papers(event.raw)
            said, run.by = self._stands(papers)
            self._keep(papers.revocations)
        except EvidenceError as error:
            run.wrong = error.code
            return
        if said.run.hex() != run.run or said.seat != event.seat:
            run.wrong = "seal.run"
            return
        run.papers = papers
        run.verdict = Verdict(self._founding.digest, said.run, said.key, papers.statement)
        self._follow(event.seat, run)
        waiting, run.waiting = run.waiting, deque(maxlen=_MOST_WAITING)
        for one in waiting:
            if isinstance(one, SealSeen):
                self._seal(run, one)
            else:
                self._sample(run, one)

    def _stands(self, papers: Papers) -> tuple[RunStatement, Standing]:
        """Raises EvidenceError as `run_of`."""
        revoked = (*papers.revocations, *self._revoked)
        said = papers.statement, papers.device, papers.vouchers
        return run_of(self._founding, *said, revocations=revoked)

    def _keep(self, revocations: Iterable[bytes]) -> None:
        for raw in revocations:
            if raw not in self._revoked and len(self._revoked) < _MOST_REVOKED:
                with contextlib.suppress(EvidenceError):
                    revocation_of(self._founding, raw)
                    self._revoked[raw] = None

    @staticmethod
    def _sample(run: _Run, event: SampleSeen) -> None:
        if run.verdict is None:
            run.waiting.append(event)
            return
        one = event.sample
        place = (one.track, one.group, one.index, one.timestamp_us)
        run.verdict.sample(*place, one.key, one.data, one.received_us)

    @staticmethod
    def _compare(run: _Run) -> None:
        """Rule 3."""
        if run.verdict is None:
            return
        for name, config in run.catalog.tracks.items():
            sealed = run.verdict.config(name)
            if sealed is not None and _shown(sealed) != _shown(sealed_config(config)):
                run.wrong = "seal.config"


def _shown(config: SealedConfig) -> SealedConfig:
    """Without the rate, which changes nothing of what is shown."""
    return replace(config, millihertz=0) if isinstance(config, PictureConfig) else config
