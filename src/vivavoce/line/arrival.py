"""What the host tells a side of how its samples arrive (docs/formats/line.md, L17). Counters only.

A side cannot see what its network holds back: its browser tells neither round trips nor bandwidth. The host
sees when each sample came, and says so. Times are the host's; what counts is how they change.

No IO, no clock: samples and `now` in, bytes out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vivavoce.line.sample import Sample
from vivavoce.seal.cbor import MAX_INTEGER
from vivavoce.seal.leavesframe import MOST_LEAVES

__all__ = ["MOST_LACKING", "REPORT_EVERY_US", "ArrivalMeter", "Lacking", "arrival_track", "lacking_in"]

Lacking = tuple[int, int, int]
"""A span by its track's number and its first group, and how many of its leaves are asked for."""
MOST_LACKING = 16
"""Spans in one report."""
_MOST_REPORT = 64 * 1024
_MOST_TRACK = 255

REPORT_EVERY_US = 100_000
_SOON_US = 40_000
"""How soon after a report the next may follow, where samples have begun to come late."""

_LATE_US = 25_000
"""So much later than all that the last report told of is worth a report of its own."""


def arrival_track(seat: str) -> str:
    """The track of the host's broadcast that tells how a seat's samples arrive."""
    return f"arrival-{seat}.json"


def lacking_in(raw: bytes, run: str) -> list[Lacking]:
    """What a report asks of the side whose run it is; nothing where it is no report, or of another run. Does
    not check that the rest of it has its form."""
    try:
        told = json.loads(raw) if len(raw) <= _MOST_REPORT else None
    except (ValueError, RecursionError):
        return []
    asked = told.get("lacking") if isinstance(told, dict) and told.get("run") == run else None
    if not isinstance(asked, list):
        return []
    most = (_MOST_TRACK, MAX_INTEGER, MOST_LEAVES)
    return [
        (one[0], one[1], one[2])
        for one in asked[:MOST_LACKING]
        if isinstance(one, list)
        and len(one) == len(most)
        and all(type(each) is int and 0 <= each <= top for each, top in zip(one, most, strict=True))
    ]


@dataclass(slots=True)
class _Tally:
    """One track. bytes, samples, groups, cut: since the run began. least_us, most_us: of received less the
    run's epoch and the timestamp, since the last report."""

    first_group: int
    group: int
    index: int = 0
    timestamp_us: int = 0
    received_us: int = 0
    bytes: int = 0
    samples: int = 0
    groups: int = 0
    cut: int = 0
    least_us: int = 0
    most_us: int = 0
    fresh: int = 0


@dataclass(slots=True)
class ArrivalMeter:
    """Counts one run's samples. run: 16 hex digits. epoch_us: the run's, on the side's clock."""

    run: str
    epoch_us: int
    _tracks: dict[str, _Tally] = field(default_factory=dict)
    _fresh: bool = False
    _told_us: int = 0
    _told_most_us: dict[str, int] = field(default_factory=dict)

    def began(self, track: str, group: int) -> None:
        """A group begins to arrive."""
        tally = self._tracks.get(track)
        if tally is None:
            tally = self._tracks[track] = _Tally(group, group)
        tally.groups += 1

    def took(self, sample: Sample) -> bool:
        """A sample came. Whether that is worth a report at once: it came later than any told of before."""
        tally = self._tracks[sample.track]
        late_us = sample.received_us - sample.timestamp_us - self.epoch_us
        if tally.fresh == 0:
            tally.least_us = tally.most_us = late_us
        else:
            tally.least_us = min(tally.least_us, late_us)
            tally.most_us = max(tally.most_us, late_us)
        if sample.timestamp_us >= tally.timestamp_us:
            tally.group, tally.index = sample.group, sample.index
            tally.timestamp_us, tally.received_us = sample.timestamp_us, sample.received_us
        tally.bytes += len(sample.data)
        tally.samples += 1
        tally.fresh += 1
        self._fresh = True
        told_us = self._told_most_us.get(sample.track)
        return (
            told_us is not None
            and late_us - told_us >= _LATE_US
            and sample.received_us - self._told_us >= _SOON_US
        )

    def ended(self, track: str, *, whole: bool) -> None:
        """A group is over; not whole: its end did not come."""
        if not whole:
            self._tracks[track].cut += 1

    def due(self, now_us: int) -> bool:
        """Whether samples came since the last report, and it is a tenth of a second ago."""
        return self._fresh and now_us - self._told_us >= REPORT_EVERY_US

    def report(
        self, now_us: int, wanted: Iterable[str], lacking: Sequence[Lacking] = (), late_us: int = 0
    ) -> bytes:
        """The next report. wanted: the tracks that somebody subscribes to now. lacking: the spans whose
        leaves the side is asked for. late_us: by how much the host was late, at most."""
        tracks = {}
        for name, tally in self._tracks.items():
            if tally.fresh == 0:
                continue
            tracks[name] = {
                "group": tally.group,
                "index": tally.index,
                "timestamp_us": tally.timestamp_us,
                "received_us": tally.received_us,
                "bytes": tally.bytes,
                "samples": tally.samples,
                "least_us": tally.least_us,
                "most_us": tally.most_us,
                "missing": self._missing(tally),
            }
            tally.fresh = 0
            self._told_most_us[name] = tally.most_us
        self._fresh = False
        self._told_us = now_us
        told = {
            "version": 1,
            "at_us": now_us,
            "run": self.run,
            "wanted": sorted(wanted),
            "tracks": tracks,
            "late_us": late_us,
        }
        if lacking:
            told["lacking"] = [list(one) for one in lacking]
        return json.dumps(told, separators=(",", ":")).encode()

    @staticmethod
    def _missing(tally: _Tally) -> int:
        """Groups that have not come although later ones have, and those whose end did not come."""
        return max(0, tally.group - tally.first_group + 1 - tally.groups) + tally.cut
