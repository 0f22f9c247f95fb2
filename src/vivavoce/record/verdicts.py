"""What `vivavoce verify` found, for people and as JSON (docs/formats/record.md, R25 to R28)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from vivavoce.seal.statement import Standing

__all__ = ["Finding", "Judged", "Judgement", "Span", "Verified", "VerifiedTrack", "clock_text", "without"]

Judgement = Literal["broken", "unproven", "gap", "late"]
Span = tuple[float, float]
"""From and until, in seconds from the beginning of the record."""

_JUDGED: Final[dict[str, tuple[Judgement, str]]] = {
    "file.form": ("broken", "the file shows it otherwise than its evidence says"),
    "record.damaged": ("broken", "the file is not as it was written"),
    "sample.altered": ("broken", "it is not what the side's device signed"),
    "sample.foreign": ("broken", "nobody sealed this"),
    "sample.hole": ("broken", "something was taken out of the middle"),
    "sample.missing": ("gap", "something that was sealed is not there"),
    "sample.unproven": ("unproven", "no seal proves it that is there, whole, with all that it covers"),
    "seal.apart": ("late", "the device sealed too seldom; what lay between may have waited there"),
    "seal.chain": ("broken", "a seal does not fit those beside it"),
    "seal.clock": ("broken", "the clock of the seals goes back"),
    "seal.config": ("broken", "the picture's or sound's form is not the one that was sealed"),
    "seal.fork": ("broken", "the device signed two different things for one place"),
    "seal.late": ("late", "the record ends before the seal that covers it"),
    "seal.form": ("broken", "these bytes are no seal"),
    "seal.founding": ("broken", "the founding facts are not those that were sealed"),
    "seal.key": ("broken", "the key is none that a seal may have"),
    "seal.missing": ("gap", "seals are missing"),
    "seal.none": ("unproven", "unsealed: there is nothing to check it by"),
    "seal.run": ("broken", "the run's papers do not show that it is this side's"),
    "seal.signature": ("broken", "a seal was not signed by this run's key"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """code: one of the error tree. side, run, track: empty where it concerns all. count: how many samples or
    seals, 0 where that says nothing. from_s, until_s: from the beginning of the record."""

    code: str
    side: str = ""
    run: str = ""
    track: str = ""
    from_s: float = 0.0
    until_s: float = 0.0
    count: int = 0
    detail: str = ""

    @property
    def judgement(self) -> Judgement:
        return _JUDGED[self.code][0]

    @property
    def what(self) -> str:
        counted = f" ({self.count})" if self.count else ""
        return f"{_JUDGED[self.code][1]}{counted}{f': {self.detail}' if self.detail else ''}"

    def to_json(self) -> dict[str, Any]:
        place = {"side": self.side, "run": self.run, "track": self.track}
        times = {"from_s": round(self.from_s, 3), "until_s": round(self.until_s, 3)}
        return {"code": self.code, "judgement": self.judgement, **place, **times, "what": self.what}


@dataclass(frozen=True, slots=True)
class VerifiedTrack:
    """samples: kept. proven: when what is kept is proven."""

    name: str
    samples: int
    proven: list[Span]

    def to_json(self) -> dict[str, Any]:
        spans = [[round(one, 3) for one in span] for span in self.proven]
        return {"track": self.name, "samples": self.samples, "proven": spans}


@dataclass(frozen=True, slots=True)
class Verified:
    """A run. by: whose word it stands by, None where by nobody's. proven_seconds: when all that is kept of it
    is proven. ended: its last seal says that nothing followed."""

    side: str
    run: str
    by: Standing | None
    proven_seconds: float
    ended: bool
    tracks: list[VerifiedTrack]

    def to_json(self) -> dict[str, Any]:
        about = {"side": self.side, "run": self.run, "by": self.by}
        proven = {"proven_seconds": round(self.proven_seconds, 3), "ended": self.ended}
        return {**about, **proven, "tracks": [one.to_json() for one in self.tracks]}


@dataclass(frozen=True, slots=True)
class Cutting:
    """Where a clip was cut, by the word of whoever cut it. from_s, until_s: what of its record it has whole.
    starts_s: where its own beginning lies in the record. edges: for each side, run and track what it has, in
    seconds of the clip."""

    from_s: float
    until_s: float
    starts_s: float
    edges: list[tuple[str, str, str, float, float]]

    def to_json(self) -> dict[str, Any]:
        edges = [
            {
                "side": side,
                "run": run,
                "track": track,
                "from_s": round(from_s, 3),
                "until_s": round(until_s, 3),
            }
            for side, run, track, from_s, until_s in self.edges
        ]
        times = {name: round(getattr(self, name), 3) for name in ("from_s", "until_s", "starts_s")}
        return {**times, "edges": edges}


@dataclass(slots=True)
class Judged:
    """A whole record, an exported file or a clip. founding: the founding hash in hex, empty where the facts
    cannot be read. cut: of a clip."""

    discussion: str
    title: str
    founding: str
    seconds: float = 0.0
    sides: list[Verified] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    file: Literal["record", "mp4", "clip"] = "record"
    cut: Cutting | None = None

    @property
    def holds(self) -> bool:
        """Nothing is broken, and all that is kept is proven. What is not there does not make it false."""
        bad = any(one.judgement in ("broken", "unproven") for one in self.findings)
        return not bad and any(track.proven for side in self.sides for track in side.tracks)

    @property
    def verdict(self) -> str:
        if self.holds:
            gaps = any(one.judgement == "gap" for one in self.findings)
            if not gaps and any(one.code == "seal.late" for one in self.findings):
                return "it holds, but for its last moment, which no seal covers"
            return "what is there holds; something is missing" if gaps else "it holds"
        codes = {one.code for one in self.findings}
        if "seal.none" in codes and codes <= {"seal.none", "seal.founding"}:
            return "unsealed"
        broken = any(one.judgement == "broken" for one in self.findings)
        return "it does not hold" if broken else "nothing in it is false, but not all of it is proven"

    def to_json(self) -> dict[str, Any]:
        return {
            "holds": self.holds,
            "verdict": self.verdict,
            "file": self.file,
            "discussion": self.discussion,
            "founding": self.founding,
            "seconds": round(self.seconds, 3),
            "vantage": "host",
            **({"cut": self.cut.to_json()} if self.cut else {}),
            "sides": [one.to_json() for one in self.sides],
            "findings": [one.to_json() for one in self.findings],
            "unknown": self.unknown,
        }


def clock_text(seconds: float) -> str:
    """`03:07.4`: minutes, seconds, tenths."""
    tenths = round(10 * max(0.0, seconds))
    return f"{tenths // 600:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def without(spans: Iterable[Span], holes: Iterable[Span]) -> float:
    """How many seconds lie in some of `spans` and in none of `holes`."""
    edges = [(at, 0, step) for span in spans for at, step in zip(span, (1, -1), strict=True)]
    edges += [(at, 1, step) for hole in holes for at, step in zip(hole, (1, -1), strict=True)]
    total, last, depth = 0.0, 0.0, [0, 0]
    for at, kind, step in sorted(edges):
        if depth[0] > 0 and depth[1] == 0:
            total += at - last
        depth[kind] += step
        last = at
    return total
