"""What is judged of a record's folder and of an MP4 alike: runs, their seals, their tracks, and when it was.

Whoever reads the one or the other gives what it holds; nothing here reads anything. Faults are gathered on
the runs' own clocks, and get their seconds at the end, when all is known that they count from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vivavoce.record.alignment import Stretch as Aligned
from vivavoce.record.alignment import offset_at
from vivavoce.record.fragments import Damage
from vivavoce.record.seals import Kept
from vivavoce.record.vantage import apart, jumps
from vivavoce.record.verdicts import Finding, Judged, Span, Verified, VerifiedTrack, without
from vivavoce.seal.audit import Stretch, audit_track
from vivavoce.seal.inorder import SealsInOrder
from vivavoce.seal.kept import KeptSeals
from vivavoce.seal.leaves import Leaves
from vivavoce.seal.revocations import Revocations
from vivavoce.seal.seal import SEALED_WITHIN_US
from vivavoce.seal.statement import Founding

__all__ = ["JudgedRun", "JudgedTrack", "Judging", "run_bytes"]


@dataclass(slots=True)
class JudgedTrack:
    """samples: that are there. lacking: from and until of what was left out of a file, on the run's clock."""

    name: str
    samples: int
    stretches: list[Stretch]
    lacking: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class JudgedRun:
    """What is known of a run before time 0 is. faults: with times on the run's own clock. aligned: what is
    added to that to get the host's."""

    seat: str
    run: str
    seals: KeptSeals | None = None
    tracks: list[JudgedTrack] = field(default_factory=list)
    faults: list[tuple[str, str, int, int, int, str]] = field(default_factory=list)
    first_us: int | None = None
    end_us: int = 0
    aligned: list[Aligned] = field(default_factory=list)
    trimmed: bool = False

    def fault(
        self, code: str, track: str, from_us: int, until_us: int, *, count: int = 0, detail: str = ""
    ) -> None:
        self.faults.append((code, track, from_us, until_us, count, detail))

    def host_us(self, at_us: int) -> int:
        """The host's clock when the run's own says `at_us`."""
        return at_us + offset_at(self.aligned, at_us) if self.aligned else at_us


class Judging:
    """founding: None where the facts cannot be read, and nothing can be proven. Give it runs, each with its
    seals and then its tracks; then `place`, and read `judged`. revoked: what anybody told of revocations,
    unchecked; every run is judged by them, as by those in its own papers (S17)."""

    def __init__(
        self, judged: Judged, founding: Founding | None, expected: str = "", revoked: Iterable[bytes] = ()
    ) -> None:
        self.judged = judged
        self._founding = founding
        self._revoked: tuple[bytes, ...] = ()
        self._runs: list[JudgedRun] = []
        self._expected = expected
        if founding is None:
            return
        kept = Revocations(founding)
        kept.keep(revoked)
        self._revoked = tuple(kept)
        judged.founding = founding.digest.hex()
        if expected not in ("", judged.founding):
            detail = f"this was founded as {judged.founding}"
            judged.findings.append(Finding("seal.founding", detail=detail))

    @property
    def runs(self) -> list[JudgedRun]:
        return self._runs

    def run(self, seat: str, run: str) -> JudgedRun:
        about = JudgedRun(seat, run)
        self._runs.append(about)
        return about

    def seals(self, about: JudgedRun, found: Iterable[tuple[str, Kept | Damage]]) -> None:
        """found: everything that was kept of a run's seals, and in which file."""
        if self._founding is None:
            return
        seals = KeptSeals(self._founding, about.seat, run_bytes(about.run), self._revoked)
        for name, one in found:
            if isinstance(one, Kept):
                (seals.seal if one.index else seals.papers)(one.raw)
            elif not one.torn:
                about.fault("record.damaged", "seals", seals.clock_us, seals.clock_us, detail=name)
        seals.judge()
        about.seals = seals if seals.some else None

    def seals_in_order(self, about: JudgedRun) -> SealsInOrder | None:
        """For a run that is judged while it is read. None where nothing can be proven."""
        if self._founding is None:
            return None
        return SealsInOrder(self._founding, about.seat, run_bytes(about.run), self._revoked)

    def track(
        self,
        about: JudgedRun,
        name: str,
        config: bytes,
        rests: Iterable[int],
        leaves: Leaves,
        *,
        end_us: int = 0,
        left: int = 0,
    ) -> JudgedTrack:
        """leaves: sorted; `left` of them are known by their leaves alone. end_us: of the last sample."""
        stretches: list[Stretch] = []
        if about.seals and about.seals.by and self._founding:
            place = self._founding.digest, run_bytes(about.run), about.seals
            stretches = audit_track(*place, name, config, rests, leaves)
        track = JudgedTrack(name, len(leaves) - left, stretches)
        self.audited(about, track, min(leaves.timestamp_us, default=None), end_us)
        return track

    def audited(self, about: JudgedRun, track: JudgedTrack, first_us: int | None, end_us: int) -> None:
        """A track whose audit is done. first_us: the earliest timestamp, None without samples. end_us: of the
        last one."""
        if first_us is not None:
            about.first_us = first_us if about.first_us is None else min(about.first_us, first_us)
            about.end_us = max(about.end_us, end_us)
        about.tracks.append(track)
        for one in track.stretches:
            if one.found != "proven":
                cut = one is track.stretches[-1] and about.seals is not None and _is_cut(one, about.seals)
                code = "seal.late" if cut else one.found
                about.fault(code, track.name, one.from_us, one.until_us, count=one.count)

    def seals_told(self, about: JudgedRun, *, unsealed: bool) -> None:
        """What is wrong with a run's seals; once all its tracks are there. unsealed: there are none."""
        if unsealed:
            about.fault("seal.none", "", about.first_us or 0, about.end_us)
        for mark in about.seals.marks if about.seals else ():
            until_us = max(mark.until_us, about.end_us if mark.code == "seal.run" else 0)
            detail = f"from number {mark.seq}" if mark.seq >= 0 else ""
            about.fault(mark.code, "", mark.from_us, until_us, count=mark.count, detail=detail)

    def place(self, zero_us: int | None = None) -> None:
        """Give everything its seconds, and say what cannot be known. zero_us: the host's clock at time 0, by
        default that of the first sample."""
        begun = [run for run in self._runs if run.first_us is not None]
        if zero_us is None:
            zero_us = min((run.host_us(run.first_us or 0) for run in begun), default=0)
        for run in self._runs:
            if run.first_us is not None:
                self.judged.seconds = max(self.judged.seconds, (run.host_us(run.end_us) - zero_us) / 1e6)
            self._place(run, zero_us)
        if not self._runs:
            self.judged.findings.append(Finding("seal.none"))
        self._unknown(zero_us)
        self.judged.findings.sort(key=lambda one: (one.from_s, one.side, one.track))

    def _place(self, run: JudgedRun, zero_us: int) -> None:
        def seconds(at_us: int) -> float:
            return (run.host_us(at_us) - zero_us) / 1e6 if run.aligned else at_us / 1e6

        for code, track, from_us, until_us, count, detail in run.faults:
            times = max(0.0, seconds(from_us)), max(0.0, seconds(until_us))
            self.judged.findings.append(Finding(code, run.seat, run.run, track, *times, count, detail))
        tracks, proven, bad = [], [], []
        for one in run.tracks:
            spans = [(each.found, _seconds(each, seconds)) for each in one.stretches]
            good = [span for found, span in spans if found == "proven"]
            tracks.append(VerifiedTrack(one.name, one.samples, good))
            proven += good
            bad += [span for found, span in spans if found not in ("proven", "sample.missing")]
            bad += [(seconds(from_us), seconds(until_us)) for from_us, until_us in one.lacking]
        by, ended = (run.seals.by, run.seals.ended) if run.seals else (None, False)
        self.judged.sides.append(Verified(run.seat, run.run, by, without(proven, bad), ended, tracks))

    def _unknown(self, zero_us: int) -> None:
        told = self.judged.unknown

        def say(sentence: str) -> None:
            if sentence not in told:
                told.append(sentence)

        if not self._expected and self.judged.founding:
            say(
                "Whether both sides know these founding facts: compare their hash "
                f"{self.judged.founding} with what each side published."
            )
        for run in self._runs:
            if run.seals and run.seals.by == "host":
                say(f"Whether {run.seat} is who it is said to be: key introduced by the host.")
            if run.seals and not run.seals.ended and not run.trimmed:
                say(f"{run.seat}, run {run.run}, has no end seal: more may have followed.")
        if any(one.judgement == "gap" for one in self.judged.findings):
            say("Why something is missing.")
        aligned = [run for run in self._runs if run.aligned and run.first_us is not None]
        for sentence in (*apart(aligned), *jumps(aligned, zero_us)):
            say(sentence)
        say("Whether there were runs of which nothing was kept.")
        say("The time of day: clocks are the devices' and the host's own word.")


def run_bytes(run: str) -> bytes:
    try:
        return bytes.fromhex(run)
    except ValueError:
        return b""


def _is_cut(stretch: Stretch, seals: KeptSeals) -> bool:
    """The record ends before the seal could come that covers this: the host stopped, or the line broke."""
    near = stretch.from_us - seals.until_us >= -SEALED_WITHIN_US
    near = near and stretch.until_us - seals.until_us <= 2 * SEALED_WITHIN_US
    return stretch.found == "sample.unproven" and not seals.ended and near


def _seconds(stretch: Stretch, seconds: Callable[[int], float]) -> Span:
    """With the last sample's own length, as far as those before it tell."""
    step = (stretch.until_us - stretch.from_us) // (stretch.count - 1) if stretch.count > 1 else 0
    return seconds(stretch.from_us), seconds(stretch.until_us + step)
