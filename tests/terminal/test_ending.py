"""Promise: of a side that left `vivavoce watch` says whether its device signed that this was all, and says so
of none that did not sign it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from vivavoce.line.catalog import Catalog
from vivavoce.line.events import CatalogSeen, LineState, SampleSeen, SealSeen, SeatState
from vivavoce.line.sample import Sample
from vivavoce.line.sealing import Sealing
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding, FoundingSide
from vivavoce.terminal.judge import Judge
from vivavoce.terminal.report import Line, Reporter
from vivavoce.terminal.words import words

RUN = "9f86d081884c7d65"
FOUNDING = Founding("k7m2xq4vw9", "A talk", 1, (FoundingSide("north", "North", "en"),))
SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")
STEP_US = 20_000
SIGNED = ". Its device signed that this was all"
NOT_SIGNED = ". No end was signed: more may have followed"


class Watched:
    """North speaks and seals, and a viewer is given what is to reach it."""

    def __init__(self, *, sealed: bool = True) -> None:
        device = Signer()
        self.side = Sealing(FOUNDING.digest, seat="north", run=RUN, epoch_us=0, device=device)
        self.side.track(SOUND)
        judge = Judge(FOUNDING)
        judge.name(RUN, device.public)
        self.reporter, self.sealed = Reporter(["north"], judge), sealed
        self.now_us, self.number = 0, 0
        self.lines: list[Line] = self.reporter.take(LineState("live", None, 0))
        self.lines += self.reporter.take(SeatState("north", True, 0))
        self.lines += self.reporter.take(CatalogSeen("north", Catalog(RUN, 0, {SOUND.name: SOUND}), 0))
        self._seal(0, self.side.papers)

    def speaks(self, ms: int = 3_000) -> Watched:
        for _ in range(ms // 20):
            self.side.sample(SOUND.name, self.number, 0, self.now_us, True, b"x")
            sample = Sample("north", RUN, SOUND.name, self.number, 0, self.now_us, True, b"x", self.now_us)
            self.lines += self.reporter.take(SampleSeen(sample, None, None))
            if self.side.due(self.now_us):
                self._seal(1, self.side.seal(self.now_us)[1])
            self.number += 1
            self.passes(20)
        return self

    def ends(self) -> Watched:
        for _, raw in self.side.end(self.now_us):
            self._seal(1, raw)
        return self

    def leaves(self) -> Watched:
        self.lines += self.reporter.take(SeatState("north", False, self.now_us))
        return self

    def loses_the_line(self) -> Watched:
        self.lines += self.reporter.take(LineState("reconnecting", "line.unreachable", self.now_us))
        return self

    def passes(self, ms: int) -> Watched:
        for _ in range(ms // 20):
            self.now_us += STEP_US
            self.lines += self.reporter.tick(self.now_us)
        return self

    def _seal(self, index: int, raw: bytes) -> None:
        if self.sealed:
            self.lines += self.reporter.take(SealSeen("north", 0, index, raw, self.now_us))

    @property
    def said(self) -> list[str]:
        """In words, repetitions left out."""
        said = [words(line) for line in self.lines]
        return [each for at, each in enumerate(said) if at == 0 or said[at - 1] != each]


CASES: dict[str, tuple[Callable[[], Watched], list[str]]] = {
    "it signed its end and left": (
        lambda: Watched().speaks().ends().leaves().passes(3_000),
        ["not on air" + SIGNED],
    ),
    "it left and signed nothing": (
        lambda: Watched().speaks().leaves().passes(3_000),
        ["not on air", "not on air" + NOT_SIGNED],
    ),
    "its end comes after it left": (
        lambda: Watched().speaks().leaves().passes(500).ends().passes(3_000),
        ["not on air", "not on air" + SIGNED],
    ),
    "its end comes even later": (
        lambda: Watched().speaks().leaves().passes(2_000).ends().passes(1_500),
        ["not on air", "not on air" + NOT_SIGNED, "not on air" + SIGNED],
    ),
    "it has no seals": (lambda: Watched(sealed=False).speaks().leaves().passes(3_000), ["not on air"]),
    "it signed its end and is still announced": (
        lambda: Watched().speaks().ends().passes(3_000),
        ["gap: something is missing" + SIGNED],
    ),
    "it is only silent, and may still say so": (
        lambda: Watched().speaks().passes(3_000),
        ["late: what is shown is not proven yet [seal.late]", "gap: something is missing"],
    ),
    "this viewer's line is down": (
        lambda: Watched().speaks().ends().loses_the_line().passes(3_000),
        ["this viewer's line is down"],
    ),
    "it is on air": (lambda: Watched().speaks(4_000), []),
}


@pytest.mark.parametrize("name", CASES)
def test_of_a_side_it_is_told_whether_its_end_was_signed(name: str) -> None:
    becomes, then = CASES[name]
    watched = becomes()
    well = "unaltered since its device signed it (key introduced by the host)"
    before = [well if watched.sealed else "on air, unsealed"]
    assert watched.said[watched.said.index(before[0]) :] == before + then


def test_the_json_has_the_fields_of_its_contract_and_no_other() -> None:
    newest = Watched().speaks().ends().leaves().passes(3_000).lines[-1]
    assert newest.ended is True
    assert list(newest.to_json()) == ["at", "side", "state", "code", "delay_ms", "held_back_ms"]
