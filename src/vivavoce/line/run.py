"""A run in public: the broadcast that viewers see, and what the sinks are told.

It outlives the sessions of its device: while the device is away the broadcast stays announced and its
tracks stay open, so a viewer has nothing to do when the samples go on.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import moq
import structlog

from vivavoce.clock import Clock
from vivavoce.discussion.authority import Authority, Grant
from vivavoce.line.again import Again
from vivavoce.line.arrival import ArrivalMeter
from vivavoce.line.broadcast import Broadcast, OutGroup, OutTrack, Public
from vivavoce.line.catalog import CATALOG_TRACK, CLOCK_TRACK, SEALS_TRACK
from vivavoce.line.closing import Closing
from vivavoce.line.hostjudge import HostJudge
from vivavoce.line.sample import Sample
from vivavoce.line.sealed import SEALS_KEPT_US, SealsCopy
from vivavoce.line.sink import Sink
from vivavoce.line.state import MAX_OPEN_GROUPS, Allowance, CatalogChange, GroupState, RunState
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.statement import Founding

__all__ = ["Copying", "Hub", "PublicRun", "TooMuchError"]

_log = structlog.get_logger("vivavoce.line")

_SENDING_EVERY_US = 250_000

_SAMPLES_PER_S = 3_000
"""Twenty-four tracks at full rate need 2,100."""

_BYTES_PER_S = 25_000_000
"""Two hundred megabits; eight renditions of a picture need a tenth."""


class TooMuchError(Exception):
    """A side sends more than the host may spend on it."""


@dataclass(frozen=True, slots=True)
class Hub:
    """What every run shares."""

    public: Public
    clock: Clock
    authority: Authority
    sinks: Sequence[Sink]
    report: Callable[[Grant, bytes], None]
    """Tells a side how its samples arrive (L17)."""
    late_us: Callable[[], int]
    """By how much `tick` is late now, and so is what was read just now."""
    founding: Callable[[str], Founding | None]
    """The founding facts of a discussion that is in use."""
    revoked: Callable[[str], Iterable[bytes]]
    """What came to the host of revocations in a discussion that is in use."""


class Copying:
    """One group on its way from a device to the public. A packet of sound goes there in one piece."""

    __slots__ = ("_group", "_out", "_run", "done", "reader", "state")

    def __init__(self, run: PublicRun, state: GroupState, out: OutTrack, reader: moq.GroupConsumer) -> None:
        self._run = run
        self.state = state
        self._out = out
        self._group = None if state.config.kind == "audio" else out.group(state.sequence)
        self.reader = reader
        self.done = False

    @property
    def full(self) -> bool:
        """It has all that a group of its track may have."""
        return self.state.full

    def frame(self, payload: bytes) -> None:
        """Check a frame, hand it on, tell the sinks. Raises PeerError, TooMuchError."""
        if self.done:
            return
        self._run.spend(1, len(payload))
        now_us = self._run.hub.clock.now_us()
        timestamp_us, sample = self.state.take(payload, now_us)
        if self.state.full and self._group is None:
            self._out.one(self.state.sequence, payload, timestamp_us)
        else:
            self._begun().write(payload, timestamp_us)
        self._run.copy(self.state, payload, timestamp_us)
        if sample is not None:
            for sink in self._run.hub.sinks:
                sink.sample(self._run.grant.discussion, sample)
            self._run.arrived(sample)
            self._run.sending(now_us)

    def end(self, *, whole: bool) -> None:
        """No more of it. Whole: finished by its publisher; otherwise it is aborted in public too."""
        if self.done:
            return
        self.done = True
        if whole and (self._group is not None or not self.state.full):
            self._begun().finish()
        elif not whole:
            if self._group is not None:
                self._group.abort(Closing.MALFORMED)
            self.reader.cancel()
        self._run.group_ended(self, whole=whole)

    def _begun(self) -> OutGroup:
        if self._group is None:
            self._group = self._out.group(self.state.sequence)
        return self._group


class PublicRun:
    """One run of a seat as viewers and sinks see it. Call `end` when it is over."""

    def __init__(self, hub: Hub, grant: Grant) -> None:
        self.hub = hub
        self.grant = grant
        self.state = RunState(grant.seat, grant.run)
        self.ended = False
        self._broadcast: Broadcast | None = None
        self._tracks: dict[str, OutTrack] = {}
        self._open: dict[str, OrderedDict[int, Copying]] = {}
        self._plain_groups = {CATALOG_TRACK: 0, CLOCK_TRACK: 0}
        self._arrival: ArrivalMeter | None = None
        self._wanted: set[str] = set()
        self._again: dict[str, Again] = {}
        self._sending_us = 0
        self._late_us = 0
        """The most since the last report."""
        self.seals = SealsCopy(self._seals_track, self._sealed)
        founding = hub.founding(grant.discussion)
        told = partial(hub.revoked, grant.discussion)
        self.judge = HostJudge(founding, grant.seat, grant.run, told) if founding is not None else None
        """None where nothing is known of the founding: then nothing is judged here."""
        now_us = hub.clock.now_us()
        self._samples = Allowance(_SAMPLES_PER_S, 2 * _SAMPLES_PER_S, now_us)
        self._bytes = Allowance(_BYTES_PER_S, 2 * _BYTES_PER_S, now_us)

    def catalog(self, raw: bytes) -> CatalogChange:
        """Check a catalogue and publish it as it is. Raises PeerError, TooMuchError."""
        self.spend(20, len(raw))
        change = self.state.take_catalog(raw)
        grant, now_us = self.grant, self.hub.clock.now_us()
        if self._broadcast is None:
            self._broadcast = self.hub.public.open(grant.path)
            self._arrival = ArrivalMeter(grant.run, change.catalog.epoch_us)
            self._tracks[CATALOG_TRACK] = self._broadcast.track(CATALOG_TRACK)
            self._tracks[CLOCK_TRACK] = self._broadcast.track(CLOCK_TRACK)
            for sink in self.hub.sinks:
                sink.run_started(
                    grant.discussion,
                    grant.seat,
                    grant.run,
                    epoch_us=change.catalog.epoch_us,
                    device=grant.device,
                    at_us=now_us,
                )
        for config in change.added:
            self._tracks[config.name] = self._broadcast.track(
                config.name, config, wanted=partial(self._demand, config.name)
            )
            self._open[config.name] = OrderedDict()
            if config.kind == "audio":
                self._again[config.name] = Again(self._broadcast, config)
            for sink in self.hub.sinks:
                sink.track_added(grant.discussion, grant.seat, grant.run, config, at_us=now_us)
        if not change.same:
            self._plain(CATALOG_TRACK, raw, now_us)
        return change

    def clock(self, raw: bytes) -> None:
        """Check a frame of `clock.json` and publish it as it is. Raises PeerError, TooMuchError."""
        self.spend(20, len(raw))
        word = self.state.take_clock(raw)
        grant, now_us = self.grant, self.hub.clock.now_us()
        if self._broadcast is None:
            return  # L6: without an epoch a clock says nothing
        self._plain(CLOCK_TRACK, raw, now_us)
        for sink in self.hub.sinks:
            sink.clock(
                grant.discussion,
                grant.seat,
                grant.run,
                timestamp_us=word.timestamp_us,
                offset_us=word.offset_us,
                uncertainty_us=word.uncertainty_us,
                at_us=now_us,
            )

    def seal(self, group: int, index: int, raw: bytes) -> None:
        """A frame of the device's seals. Raises PeerError, TooMuchError."""
        self.spend(1, len(raw))
        if self._broadcast is not None and not self.ended:
            self.seals.take(group, index, raw, self.hub.clock.now_us())

    def begin(self, config: TrackConfig, sequence: int, reader: moq.GroupConsumer) -> Copying | None:
        """A group arrives; None if its number was used. Raises PeerError, TooMuchError."""
        self.spend(1, 0)
        state = self.state.open_group(config.name, sequence)
        if state is None or self.ended:
            return None
        opened = self._open[config.name]
        while len(opened) >= MAX_OPEN_GROUPS:
            next(iter(opened.values())).end(whole=False)
        if self._arrival is not None:
            self._arrival.began(config.name, state.sequence)
        copying = Copying(self, state, self._tracks[config.name], reader)
        opened[state.sequence] = copying
        return copying

    def copy(self, state: GroupState, payload: bytes, timestamp_us: int) -> None:
        """Called by `Copying.frame`: what is copied of sound goes out again (L16)."""
        again = self._again.get(state.config.name)
        if again is not None:
            again.add(state.sequence, payload, timestamp_us)

    def group_ended(self, copying: Copying, *, whole: bool) -> None:
        """Called by `Copying.end`, once."""
        state, grant = copying.state, self.grant
        self._open[state.config.name].pop(state.sequence, None)
        if self._arrival is not None:
            self._arrival.ended(state.config.name, whole=whole)
        for sink in self.hub.sinks:
            sink.group_closed(
                grant.discussion,
                grant.seat,
                grant.run,
                state.config.name,
                state.sequence,
                count=state.count,
                whole=whole,
                at_us=self.hub.clock.now_us(),
            )

    def cut_groups(self) -> None:
        """Whatever is on its way will not be finished: its session is gone."""
        for opened in self._open.values():
            for copying in list(opened.values()):
                copying.end(whole=False)

    def end(self, why: str) -> None:
        """The run is over. Closes the public broadcast and tells the sinks, once."""
        if self.ended:
            return
        self.cut_groups()
        self._judged(self.hub.clock.now_us())
        self.ended = True
        if self._broadcast is None:
            return
        self.hub.public.close(self._broadcast)
        grant = self.grant
        for sink in self.hub.sinks:
            sink.run_ended(grant.discussion, grant.seat, grant.run, why=why, at_us=self.hub.clock.now_us())

    def spend(self, samples: int, size: int) -> None:
        now_us = self.hub.clock.now_us()
        if not (self._samples.spend(samples, now_us) and self._bytes.spend(size, now_us)):
            raise TooMuchError

    def sending(self, at_us: int) -> None:
        if at_us - self._sending_us >= _SENDING_EVERY_US:
            self._sending_us = at_us
            self.hub.authority.sending(self.grant, at_us)

    def arrived(self, sample: Sample) -> None:
        """Judge and count a sample that was let through."""
        self._judges(lambda judge: judge.sample(sample))
        if self._arrival is not None and self._arrival.took(sample):
            self.report()

    def tick(self, now_us: int) -> None:
        """Called by the relay's timer, ten times a second."""
        self._late_us = max(self._late_us, self.hub.late_us())
        asks = self._judged(now_us)
        if self._arrival is not None and (asks or self._arrival.due(now_us)):
            self.report()

    def report(self) -> None:
        """Tell the side how its samples arrive, and what is wanted of it."""
        if self._arrival is None or self.ended:
            return
        lacking = self.judge.lacking() if self.judge is not None else ()
        late_us, self._late_us = max(self._late_us, self.hub.late_us()), 0
        now_us = self.hub.clock.now_us()
        self.hub.report(self.grant, self._arrival.report(now_us, self._wanted, lacking, late_us))

    def _demand(self, track: str, wanted: bool) -> None:
        if wanted == (track in self._wanted):
            return
        (self._wanted.add if wanted else self._wanted.discard)(track)
        self.report()

    def _seals_track(self) -> OutTrack:
        assert self._broadcast is not None
        return self._broadcast.track(SEALS_TRACK, None, SEALS_KEPT_US)

    def _sealed(self, group: int, index: int, raw: bytes) -> None:
        grant, now_us = self.grant, self.hub.clock.now_us()
        for sink in self.hub.sinks:
            sink.sealed(
                grant.discussion, grant.seat, grant.run, group=group, index=index, raw=raw, at_us=now_us
            )
        self._judges(lambda judge: judge.frame(index, raw, now_us))

    def _judges(self, tell: Callable[[HostJudge], None]) -> None:
        """A fault of the judge's is no reason to hold up the line: the run is not judged any more."""
        if self.judge is None:
            return
        try:
            tell(self.judge)
        except Exception:
            _log.exception("a run cannot be judged", discussion=self.grant.discussion, seat=self.grant.seat)
            self.judge = None

    def _judged(self, now_us: int) -> bool:
        """Tell the sinks of a verdict that changed. Returns whether the side is to be asked for something."""
        if not self.ended:
            self._judges(lambda judge: judge.tick(now_us))
        if self.judge is None or self.ended:
            return False
        changed = self.judge.changed()
        if changed is not None:
            state, code = changed
            discussion, seat, run = self.grant.discussion, self.grant.seat, self.grant.run
            _log.info("verdict changed", discussion=discussion, seat=seat, state=state, code=code)
            for sink in self.hub.sinks:
                sink.judged(discussion, seat, run, state=state, code=code, at_us=now_us)
        return self.judge.asks

    def _plain(self, name: str, raw: bytes, at_us: int) -> None:
        # Numbered here, not by the device: a page that comes back may begin again at zero.
        self._tracks[name].one(self._plain_groups[name], raw, at_us)
        self._plain_groups[name] += 1
