"""What a viewer in the terminal may believe of each side, from the seals that arrive. Pure.

1. A run is judged from its papers on: they must name the run that the catalogue names, and hold by the
   founding facts.
2. A side that brought no identity key stands by its device's key, which the host has to name (S16). Until it
   has, the run is *pending*; where it names another, it is *broken*.
3. What a catalogue says of a track must be what is sealed of it: a player that followed it would show
   something else.
4. A run without papers is *unsealed*.
5. Of a span that came in part the leaves are to be asked for, of whoever may have them.
6. What an identity key revoked counts, whoever told it: the run's own papers, those of another run of the
   discussion, or the host, which is asked when a run begins. A run that began before stands (S17).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from vivavoce.line.catalog import Catalog
from vivavoce.line.events import CatalogSeen, Event, SampleSeen, SealSeen
from vivavoce.line.runjudge import RunJudge
from vivavoce.line.sealedconfig import sealed_config
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.asking import VIEWER_ASKS_US, Asking
from vivavoce.seal.config import PictureConfig, SealedConfig
from vivavoce.seal.revocations import Revocations
from vivavoce.seal.span import Missing
from vivavoce.seal.statement import Founding, Standing
from vivavoce.seal.verdict import State

__all__ = ["Judge", "Judgement", "Lacking"]

Taken = Callable[[str, TrackConfig, Mapping[str, TrackConfig]], bool]


class Lacking(NamedTuple):
    """A span of a run of a seat that came in part."""

    seat: str
    run: str
    span: Missing


@dataclass(frozen=True, slots=True)
class Judgement:
    """code: what is wrong. by: by whose word the key is the side's; None where that is not known. ended: the
    side's device signed that nothing follows; None where nothing is known of its seals."""

    state: State
    code: str | None = None
    by: Standing | None = None
    ended: bool | None = None


@dataclass(slots=True)
class _Run:
    catalog: Catalog
    judge: RunJudge
    asked: bool = False
    """The host was asked what was revoked when it began."""
    asking: Asking = field(default_factory=lambda: Asking(VIEWER_ASKS_US))
    known: set[str] = field(default_factory=set)
    """Tracks that were listed once."""


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
        self._revoked = Revocations(founding)

    @property
    def unnamed(self) -> bool:
        """Somebody's device key is not named by the host yet: ask it, and tell `name`."""
        runs = [one.judge for one in self._runs.values()]
        return any(one.by == "host" and one.run not in self._named for one in runs)

    @property
    def unasked(self) -> bool:
        """A run began that an identity key vouches for: ask the host what was revoked, and tell `revoke`."""
        return any(one.judge.by == "identity" and not one.asked for one in self._runs.values())

    def revoke(self, revocations: Iterable[bytes]) -> None:
        """The host tells these revocations. What an identity key of the facts did not sign is left out."""
        self._revoked.keep(revocations)
        for run in self._runs.values():
            run.asked |= run.judge.by is not None
            run.judge.heed()

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
                judge = self._runs[event.sample.seat].judge
                if event.sample.run == judge.run:
                    judge.sample(event.sample)
            case _:
                pass

    def tick(self, now_us: int) -> None:
        for run in self._runs.values():
            run.judge.tick(now_us)

    def lacking(self, now_us: int) -> list[Lacking]:
        """Of which spans leaves are to be asked for now. Tell of each what came of it: `leaves`."""
        return [
            Lacking(seat, run.judge.run, one)
            for seat, run in self._runs.items()
            for one in run.asking.due(run.judge.missing(), now_us)
        ]

    def leaves(self, lacking: Lacking, raw: bytes | None, now_us: int) -> None:
        """What somebody answered, as it travels (seal.md, S20); None where nobody has them. What is not true
        is ignored."""
        run = self._runs.get(lacking.seat)
        if run is None or run.judge.run != lacking.run:
            return
        run.asking.done()
        if raw is not None:
            run.judge.leaves(raw, now_us)

    def of(self, seat: str) -> Judgement:
        """How a seat stands now."""
        run = self._runs.get(seat)
        judge = run.judge if run is not None else None
        if judge is None or (judge.papers is None and judge.wrong is None):
            return Judgement("unsealed")
        if judge.by == "host" and judge.wrong is None and judge.papers is not None:
            named = self._named.get(judge.run)
            if named is None:
                return Judgement("pending", None, "host")
            if named != judge.papers.device:
                return Judgement("broken", "seal.run", "host")
        ended = judge.verdict.chain.ended if judge.verdict is not None else None
        return Judgement(judge.state, judge.code, judge.by, ended)

    def _catalog(self, seat: str, catalog: Catalog) -> None:
        run = self._runs.get(seat)
        if run is None or run.judge.run != catalog.run:
            run = self._runs[seat] = _Run(catalog, RunJudge(self._founding, seat, catalog.run, self._revoked))
        run.catalog = catalog
        self._follow(seat, run)

    def _follow(self, seat: str, run: _Run) -> None:
        """Tell the verdict which tracks are fetched."""
        listed, verdict = run.catalog.tracks, run.judge.verdict
        if verdict is None:
            return
        taken = {name for name, config in listed.items() if self._taken(seat, config, listed)}
        for name in (run.known | set(listed)) - taken:
            verdict.let_go(name)
        for name in taken:
            verdict.take(name)
        run.known |= set(listed)

    def _seal(self, run: _Run, event: SealSeen) -> None:
        if run.judge.frame(event.index, event.raw, event.at_us):
            if run.judge.papers is not None:
                self._revoked.keep(run.judge.papers.revocations)
            self._follow(event.seat, run)
            run.judge.catch_up()
        self._compare(run)

    @staticmethod
    def _compare(run: _Run) -> None:
        """Rule 3."""
        if run.judge.verdict is None:
            return
        for name, config in run.catalog.tracks.items():
            sealed = run.judge.verdict.config(name)
            if sealed is not None and _shown(sealed) != _shown(sealed_config(config)):
                run.judge.wrong = "seal.config"


def _shown(config: SealedConfig) -> SealedConfig:
    """Without the rate, which changes nothing of what is shown."""
    return replace(config, millihertz=0) if isinstance(config, PictureConfig) else config
