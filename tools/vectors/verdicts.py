"""What a verdict says of a side on air, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.vectors.floods import floods
from tools.vectors.gaps import gaps
from tools.vectors.leaves import resolved
from tools.vectors.lies import lies
from tools.vectors.relapses import relapses
from tools.vectors.seals import seals
from tools.vectors.show import FOUNDING, RUN, RUN_ID, STATEMENT, Event, Show, public
from tools.vectors.vector import Vector, vector
from vivavoce.seal.config import SoundConfig
from vivavoce.seal.verdict import Verdict


def verdicts() -> Iterator[tuple[str, Vector]]:
    for scenes in (lies(), gaps(), resolved(), seals(), floods(), relapses()):
        for name, about, source, show in scenes:
            yield name, judged(about, source, show)


def judged(about: str, source: str, show: Show) -> Vector:
    given = {
        "founding": FOUNDING.digest.hex(),
        "run": RUN_ID.hex(),
        "key": public(RUN).hex(),
        "statement": STATEMENT.hex(),
        "events": show.events,
    }
    verdict = Verdict(FOUNDING.digest, RUN_ID, public(RUN), STATEMENT)
    return vector(about, source, given, "ok", play(verdict, show.events))


def play(verdict: Any, events: list[Event]) -> Vector:
    """What a verdict says of these events. The tests of both languages do the same."""
    for at_us, kind, *rest in events:
        if kind == "sample":
            track, group, index, timestamp_us, key, data = rest
            verdict.sample(track, group, index, timestamp_us, bool(key), bytes.fromhex(data), at_us)
        elif kind == "span":
            track, group, count, timestamp_us, apart_us, data = rest
            sound = isinstance(verdict.config(track), SoundConfig)
            for at in range(count):
                place = (group + at, 0) if sound else (group, at)
                us, key = timestamp_us + at * apart_us, place[1] == 0
                verdict.sample(track, *place, us, key, bytes.fromhex(data), at_us)
        elif kind == "seal":
            verdict.seal(bytes.fromhex(rest[0]), at_us)
        elif kind == "let_go":
            verdict.let_go(rest[0])
        elif kind == "leaves":
            track, group, leaves = rest
            for missing in verdict.missing():
                if verdict.config(track) and missing.group == group:
                    verdict.resolved(missing, [bytes.fromhex(one) for one in leaves], at_us)
        elif kind == "take":
            verdict.take(rest[0])
        else:
            verdict.tick(at_us)
    history = [
        [one.code, one.at_us, one.track, one.group, one.count, one.from_us, one.until_us, one.seq]
        for one in verdict.history
    ]
    chain = verdict.chain
    return {"state": verdict.state, "ended": chain.ended, "whole": chain.whole, "history": history}
