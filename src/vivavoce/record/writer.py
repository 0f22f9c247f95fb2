"""What is written where and when: the recorder without its thread and clock.

1. A discussion's folder has `record.json`, the journal, and a file for each track of each run.
2. Every sample is appended as it comes. The file appears with its first sample.
3. A file that an earlier host wrote is never touched: the same run goes on in the track's next part.
4. When the disk is full, or has less than `min_free_bytes` left, samples are let go and counted, and the
   journal says so; the margin keeps the host's own store working. Each `tick` looks whether there is room
   again, with twice the margin, so that it does not flutter.
5. What was let go, missing or cut is a `gap` line for each track, and one for the seals.
"""

from __future__ import annotations

import errno
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from vivavoce.errors import VivavoceError
from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.fragments import FORMAT_VERSION, Header, config_to_json, write_fragment, write_header
from vivavoce.record.gaps import Gap, Groups, Why
from vivavoce.record.journal import encode
from vivavoce.record.seals import SEALS, Kept, SealsLog
from vivavoce.record.store import Store
from vivavoce.seal.verdict import State

__all__ = ["Health", "TrackKey", "Writer", "track_path"]

Health = Literal["running", "disk_full", "off"]
TrackKey = tuple[str, str, str, str]
"""(discussion, seat, run, track)"""

_NAME = re.compile(r"[a-z0-9-]{1,64}")
_TRACK = re.compile(r"[a-z0-9-]{1,24}\.[1-9][0-9]{0,5}")
_FULL = {errno.ENOSPC, errno.EDQUOT}
_LEAST_ROOM = 1 << 20
_MAX_WAITING = 20_000
"""Journal lines kept in memory while nothing can be written: hours of them, and a few megabytes."""


@dataclass(slots=True)
class _Track:
    key: TrackKey
    epoch_us: int
    config: TrackConfig
    path: str = ""  # empty until the first sample
    part: int = 0
    sequence: int = 0
    groups: Groups = field(default_factory=Groups)
    lost: dict[Why, tuple[int, int, int]] = field(default_factory=dict)  # first group, last group, samples


def track_path(key: TrackKey, part: int) -> str:
    """Where a track of a run lies under the folder of all records. part: from 1."""
    discussion, seat, run, track = key
    return f"{discussion}/{seat}/{run}/{track}{f'.part{part}' if part > 1 else ''}.mp4"


class Writer:
    """Takes what the line's `Sink` takes, in the same order, on one thread. Raises nothing for a disk that
    fails: it says so by `health` and tries again at each `tick`.

    report: told what an operator should know, as a fixed message and fields.
    """

    def __init__(self, store: Store, *, min_free_bytes: int, report: Callable[..., None]) -> None:
        self._store = store
        self._min_free = min_free_bytes
        self._report = report
        self._opened: set[str] = set()
        self._facts: dict[str, dict[str, Any]] = {}  # not yet written
        self._epochs: dict[tuple[str, str, str], int] = {}
        self._tracks: dict[TrackKey, _Track] = {}
        self._seals: dict[tuple[str, str, str], SealsLog] = {}
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=_MAX_WAITING)
        self._trying = False  # the next sample is written although the disk failed before
        self.health: Health = "running"

    def open_discussion(self, discussion: str, facts: Mapping[str, Any], at_us: int) -> None:
        """Write, or write anew, what is known of a discussion. facts: JSON; see docs/formats/record.md R3."""
        if not _NAME.fullmatch(discussion):
            raise ValueError(f"{discussion!r} is no discussion's id")
        about = {"version": FORMAT_VERSION, "discussion": discussion, "vantage": "host"}
        self._facts[discussion] = {**facts, **about}
        self._open(discussion, at_us)

    def run_started(
        self, discussion: str, seat: str, run: str, *, epoch_us: int, device: str, at_us: int
    ) -> None:
        if not all(map(_NAME.fullmatch, (discussion, seat, run))):
            raise ValueError(f"{discussion!r}, {seat!r}, {run!r} do not name a run")
        self._open(discussion, at_us)
        self._epochs[discussion, seat, run] = epoch_us
        self._seals.setdefault((discussion, seat, run), SealsLog(f"{discussion}/{seat}/{run}"))
        self._journal(discussion, "run", at_us, seat=seat, run=run, epoch_us=epoch_us, device=device)

    def track_added(self, discussion: str, seat: str, run: str, config: TrackConfig, *, at_us: int) -> None:
        key = (discussion, seat, run, config.name)
        if key in self._tracks or (discussion, seat, run) not in self._epochs:
            return
        if not _TRACK.fullmatch(config.name):
            raise ValueError(f"{config.name!r} is no track's name")
        self._tracks[key] = _Track(key, self._epochs[discussion, seat, run], config)
        said = config_to_json(config)
        self._journal(discussion, "track", at_us, seat=seat, run=run, track=config.name, config=said)

    def sample(self, discussion: str, sample: Sample) -> None:
        track = self._tracks.get((discussion, sample.seat, sample.run, sample.track))
        if track is None:
            self._report("sample outside any track", seat=sample.seat, run=sample.run, track=sample.track)
            return
        track.groups.seen(sample.group, sample.received_us)
        if self.health != "running" and not self._trying:
            self._lose(track, sample.group, 1, self.health)
            return
        try:
            self._append(track, sample)
            if self._trying:
                self._resume(sample.received_us)
        except VivavoceError:
            self._lose(track, sample.group, 1, "codec")
        except OSError as error:
            self._stop(error, sample.received_us)
            self._lose(track, sample.group, 1, "off" if self.health == "running" else self.health)

    def lost(self, key: TrackKey, first: int, last: int, samples: int, why: Why) -> None:
        """Samples of these groups came and never reached this writer."""
        track = self._tracks.get(key)
        if track is not None:
            track.groups.seen(first, 0)
            track.groups.seen(last, 0)
            self._lose(track, first, 0, why)
            self._lose(track, last, samples, why)

    def group_closed(
        self,
        discussion: str,
        seat: str,
        run: str,
        track: str,
        group: int,
        *,
        count: int,
        whole: bool,
        at_us: int,
    ) -> None:
        found = self._tracks.get((discussion, seat, run, track))
        if found is not None:
            self._gaps(found, found.groups.closed(group, at_us, whole=whole), at_us)
            if whole and count == 0:
                self._journal(discussion, "rest", at_us, seat=seat, run=run, track=track, group=group)

    def clock(
        self,
        discussion: str,
        seat: str,
        run: str,
        *,
        timestamp_us: int,
        offset_us: int,
        uncertainty_us: int,
        at_us: int,
    ) -> None:
        fields = {"timestamp_us": timestamp_us, "offset_us": offset_us, "uncertainty_us": uncertainty_us}
        if (discussion, seat, run) in self._epochs:
            self._journal(discussion, "clock", at_us, seat=seat, run=run, **fields)

    def sealed(
        self, discussion: str, seat: str, run: str, *, group: int, index: int, raw: bytes, at_us: int
    ) -> None:
        """A frame of the seals' track. Papers that are there already are not written again."""
        log, kept = self._seals.get((discussion, seat, run)), Kept(at_us, group, index, raw)
        if log is None or log.has(kept):
            return
        if self.health != "running" and not self._trying:
            log.lose(group, self.health)
            return
        try:
            log.append(self._store, kept)
            if self._trying:
                self._resume(at_us)
        except OSError as error:
            self._stop(error, at_us)
            log.lose(group, self.health)

    def judged(
        self, discussion: str, seat: str, run: str, *, state: State, code: str | None, at_us: int
    ) -> None:
        if (discussion, seat, run) in self._epochs:
            self._journal(discussion, "verdict", at_us, seat=seat, run=run, state=state, code=code)

    def run_ended(self, discussion: str, seat: str, run: str, *, why: str, at_us: int) -> None:
        if self._epochs.pop((discussion, seat, run), None) is None:
            return
        for key in [key for key in self._tracks if key[:3] == (discussion, seat, run)]:
            self._leave(self._tracks.pop(key), at_us)
        if (log := self._seals.pop((discussion, seat, run), None)) is not None:
            self._leave_seals(log, at_us)
        self._journal(discussion, "end", at_us, seat=seat, run=run, why=why)

    def tick(self, now_us: int) -> None:
        """Once a second: look for room, write down gaps, make everything survive power loss."""
        self._look_for_room(now_us)
        for track in self._tracks.values():
            self._gaps(track, track.groups.settle(now_us), now_us)
            if self.health == "running":
                self._tell_lost(track, now_us)
        for log in self._seals.values():
            if self.health == "running":
                self._tell_lost_seals(log, now_us)
        self._flush(now_us)
        try:
            self._store.sync()
        except OSError as error:
            self._stop(error, now_us)

    def close(self, now_us: int) -> None:
        """Write down what is open and let the files go. A run that has not ended has no `end` line."""
        for track in self._tracks.values():
            self._leave(track, now_us)
        for log in self._seals.values():
            self._leave_seals(log, now_us)
        for discussion in self._opened:
            self._journal(discussion, "closed", now_us)
        self._flush(now_us)
        for discussion in self._opened:
            self._release(f"{discussion}/journal.jsonl", now_us)
        self._tracks.clear()
        self._seals.clear()
        self._epochs.clear()
        self._opened.clear()

    def _open(self, discussion: str, at_us: int) -> None:
        if discussion not in self._opened:
            self._opened.add(discussion)
            path = f"{discussion}/journal.jsonl"
            known = self._store.exists(path)
            if known:
                self._waiting.append((path, b"\n"))  # ends half a line that a crash may have left
            if discussion not in self._facts and not self._store.exists(f"{discussion}/record.json"):
                about = {"version": FORMAT_VERSION, "discussion": discussion, "vantage": "host"}
                self._facts[discussion] = about
            self._journal(discussion, "restarted" if known else "opened", at_us)
        self._flush(at_us)

    def _append(self, track: _Track, sample: Sample) -> None:
        start = b"" if track.path else self._begin(track)
        fragment = write_fragment(track.config, sample, track.sequence + 1)
        try:
            self._store.append(track.path, start + fragment)
        except OSError as error:
            if start:
                track.path, track.part = "", track.part - 1
            if error.errno != errno.EFBIG or start:
                raise
            self._store.release(track.path)  # as large as a file may be here: go on in the next part
            start = self._begin(track)
            fragment = write_fragment(track.config, sample, 1)
            self._store.append(track.path, start + fragment)
        track.sequence += 1

    def _begin(self, track: _Track) -> bytes:
        discussion, seat, run, _ = track.key
        part = track.part + 1
        while self._store.exists(track_path(track.key, part)):
            part += 1
        start = write_header(Header(discussion, seat, run, track.epoch_us, track.config, part))
        track.path, track.part, track.sequence = track_path(track.key, part), part, 0
        return start

    def _leave(self, track: _Track, at_us: int) -> None:
        self._gaps(track, track.groups.settle(None), at_us)
        self._tell_lost(track, at_us)
        if track.path:
            self._release(track.path, at_us)

    def _release(self, path: str, at_us: int) -> None:
        try:
            self._store.release(path)
        except OSError as error:
            self._stop(error, at_us)

    def _lose(self, track: _Track, group: int, samples: int, why: Why) -> None:
        first, last, count = track.lost.get(why, (group, group, 0))
        track.lost[why] = (min(first, group), max(last, group), count + samples)

    def _tell_lost(self, track: _Track, at_us: int) -> None:
        for why, (first, last, samples) in track.lost.items():
            self._gaps(track, [Gap(first, last, why)], at_us, samples=samples)
        track.lost.clear()

    def _leave_seals(self, log: SealsLog, at_us: int) -> None:
        self._tell_lost_seals(log, at_us)
        if log.path:
            self._release(log.path, at_us)

    def _tell_lost_seals(self, log: SealsLog, at_us: int) -> None:
        discussion, seat, run = log.folder.split("/")
        for why, (first, last, count) in log.lost.items():
            place = {"from_group": first, "to_group": last, "why": why, "samples": count}
            self._journal(discussion, "gap", at_us, seat=seat, run=run, track=SEALS, **place)
        log.lost.clear()

    def _gaps(self, track: _Track, gaps: list[Gap], at_us: int, **more: int) -> None:
        discussion, seat, run, name = track.key
        for gap in gaps:
            place = {"from_group": gap.from_group, "to_group": gap.to_group, "why": gap.why}
            self._journal(discussion, "gap", at_us, seat=seat, run=run, track=name, **place, **more)

    def _journal(self, discussion: str, event: str, at_us: int, **fields: Any) -> None:
        self._waiting.append((f"{discussion}/journal.jsonl", encode(event, at_us, **fields)))
        self._flush(at_us)

    def _flush(self, at_us: int) -> None:
        try:
            for discussion in list(self._facts):
                said = json.dumps(self._facts[discussion], indent=2, ensure_ascii=False).encode()
                self._store.replace(f"{discussion}/record.json", said + b"\n")
                del self._facts[discussion]
            while self._waiting:
                self._store.append(*self._waiting[0])
                self._waiting.popleft()
        except OSError as error:
            self._stop(error, at_us)

    def _look_for_room(self, now_us: int) -> None:
        try:
            free = self._store.free_bytes()
        except OSError as error:
            self._stop(error, now_us)
            return
        if self.health == "running":
            if free < self._min_free:
                self._stop(OSError(errno.ENOSPC, f"{free} bytes are left"), now_us)
        elif self.health == "off":
            self._trying = True  # only a sample that can be written shows that the fault is over
        elif free >= max(2 * self._min_free, _LEAST_ROOM):
            self._resume(now_us)

    def _resume(self, at_us: int) -> None:
        self.health, self._trying = "running", False
        self._report("recording again")
        for discussion in sorted(self._opened):
            self._journal(discussion, "resumed", at_us)

    def _stop(self, error: OSError, at_us: int) -> None:
        was = self.health
        self._trying = False
        self.health = "disk_full" if error.errno in _FULL else "off"
        if was == self.health:
            return
        self._report("recording stopped", why=self.health, error=error.strerror or str(error))
        if was == "running":
            for discussion in sorted(self._opened):
                line = encode(self.health, at_us, error=error.strerror or str(error))
                self._waiting.append((f"{discussion}/journal.jsonl", line))
