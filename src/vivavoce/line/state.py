"""What a run may publish, decided from its bytes alone (docs/formats/line.md, L4 to L9).

1. Nothing is forwarded before a catalogue that names the run it was granted.
2. A track is what its first catalogue said, for the whole run.
3. Group numbers are used once in a run, however often its device comes back; a repeated one is ignored,
   since a device that comes back sends its newest group again.
4. A group holds samples of rising timestamps; a sound group holds one.
5. Whatever breaks a rule is a PeerError, names the rule's matter, and ends at most its own group.

No IO, no clock: bytes and `now` in, values out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vivavoce.errors import PeerError
from vivavoce.line.catalog import Catalog
from vivavoce.line.sample import Sample, decode_frame
from vivavoce.line.trackconfig import TrackConfig

__all__ = [
    "MAX_CLOCK_BYTES",
    "MAX_GROUP_SAMPLES",
    "MAX_GROUP_US",
    "MAX_OPEN_GROUPS",
    "MAX_RUN_TRACKS",
    "Allowance",
    "CatalogChange",
    "ClockWord",
    "GroupState",
    "RunState",
]

MAX_OPEN_GROUPS = 32
"""Of one track at a time: over half a second of sound, a minute of pictures; the oldest is given up."""

MAX_GROUP_SAMPLES = 2_400
"""Ten seconds at 240 pictures a second. L8 asks for two seconds; a slow encoder is no attack."""

MAX_GROUP_US = 10_000_000

MAX_RUN_TRACKS = 512
"""Over a run: a camera changed every minute for a day stays below it."""

MAX_CLOCK_BYTES = 1_024
_MAX_TIMESTAMP_US = 1 << 53
_MAX_GROUP = 1 << 53
_REMEMBERED_GROUPS = 1_024


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """What a catalogue changes. first: it is the run's first. same: byte for byte the one before."""

    catalog: Catalog
    added: tuple[TrackConfig, ...]
    left: tuple[str, ...]
    first: bool
    same: bool


@dataclass(frozen=True, slots=True)
class ClockWord:
    """A frame of `clock.json` (L11)."""

    timestamp_us: int
    offset_us: int
    uncertainty_us: int


class _Clock(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    timestamp_us: int = Field(ge=0, lt=_MAX_TIMESTAMP_US)
    offset_us: int = Field(gt=-_MAX_TIMESTAMP_US, lt=_MAX_TIMESTAMP_US)
    uncertainty_us: int = Field(ge=0, lt=_MAX_TIMESTAMP_US)


@dataclass(slots=True)
class GroupState:
    """A group while it arrives. count: samples so far."""

    seat: str
    run: str
    config: TrackConfig
    sequence: int
    count: int = 0
    first_us: int = 0
    last_us: int = -1

    @property
    def full(self) -> bool:
        """Nothing may follow: a sound group is one packet (L8)."""
        return self.count > 0 and self.config.kind == "audio"

    def take(self, frame: bytes, received_us: int) -> tuple[int, Sample | None]:
        """(timestamp_us, the sample) of the next frame; None for a marker, which is forwarded, not kept.

        Raises PeerError `line.sample`; the group is then at its end.
        """
        timestamp, data = decode_frame(frame)
        where = f"in group {self.sequence} of {self.config.name}"
        if timestamp >= _MAX_TIMESTAMP_US:
            raise PeerError("line.sample", f"A timestamp of {timestamp} µs {where} is out of range.")
        if not data:
            return timestamp, None
        if timestamp <= self.last_us:
            raise PeerError("line.sample", f"A timestamp {where} went from {self.last_us} to {timestamp} µs.")
        if self.full or self.count >= MAX_GROUP_SAMPLES:
            raise PeerError("line.sample", f"There are over {self.count} samples {where}.")
        if self.count == 0:
            self.first_us = timestamp
        elif timestamp - self.first_us > MAX_GROUP_US:
            raise PeerError("line.sample", f"There are over {MAX_GROUP_US} µs {where}.")
        sample = Sample(
            seat=self.seat,
            run=self.run,
            track=self.config.name,
            group=self.sequence,
            index=self.count,
            timestamp_us=timestamp,
            key=self.count == 0 or self.config.kind == "audio",
            data=data,
            received_us=received_us,
        )
        self.last_us = timestamp
        self.count += 1
        return timestamp, sample


@dataclass(slots=True)
class _Track:
    config: TrackConfig
    next_group: int = 0
    seen: set[int] = field(default_factory=set)

    def is_new(self, sequence: int) -> bool:
        if sequence in self.seen or sequence < self.next_group - _REMEMBERED_GROUPS:
            return False
        self.seen.add(sequence)
        self.next_group = max(self.next_group, sequence + 1)
        if len(self.seen) > 2 * _REMEMBERED_GROUPS:
            self.seen = {each for each in self.seen if each >= self.next_group - _REMEMBERED_GROUPS}
        return True


class RunState:
    """One run of a seat, across all sessions of its device."""

    def __init__(self, seat: str, run: str) -> None:
        self.seat = seat
        self.run = run
        self.catalog: Catalog | None = None
        self._tracks: dict[str, _Track] = {}

    def take_catalog(self, raw: bytes) -> CatalogChange:
        """Check a catalogue and say what it changes. Raises PeerError `line.catalog` or `line.codec`;
        the one before then stands."""
        catalog = Catalog.parse(raw)
        if catalog.run != self.run:
            raise PeerError("line.catalog", f"The catalogue names the run {catalog.run}, not {self.run}.")
        before = self.catalog
        if before is not None and catalog.epoch_us != before.epoch_us:
            raise PeerError(
                "line.catalog", f"The run's epoch went from {before.epoch_us} to {catalog.epoch_us}."
            )
        for name, config in catalog.tracks.items():
            known = self._tracks.get(name)
            if known is not None and not _same_decoder(known.config, config):
                raise PeerError("line.catalog", f"The track {name!r} changed its configuration.")
        added = tuple(config for name, config in catalog.tracks.items() if name not in self._tracks)
        if len(self._tracks) + len(added) > MAX_RUN_TRACKS:
            raise PeerError("line.catalog", f"There are over {MAX_RUN_TRACKS} tracks in this run.")
        for config in added:
            self._tracks[config.name] = _Track(config)
        self.catalog = catalog
        old = set(before.tracks) if before else set()
        return CatalogChange(
            catalog=catalog,
            added=added,
            left=tuple(sorted(old - set(catalog.tracks))),
            first=before is None,
            same=before is not None and before.raw == raw,
        )

    def next_group(self, track: str) -> int:
        """One more than the highest group seen of a track: where a returning device goes on."""
        return self._tracks[track].next_group

    def open_group(self, track: str, sequence: int) -> GroupState | None:
        """A group begins; None if its number was used before. Raises PeerError `line.sample`."""
        if not 0 <= sequence < _MAX_GROUP:
            raise PeerError("line.sample", f"The group {sequence} of {track} is out of range.")
        known = self._tracks[track]
        return GroupState(self.seat, self.run, known.config, sequence) if known.is_new(sequence) else None

    def take_clock(self, raw: bytes) -> ClockWord:
        """A frame of `clock.json`. Raises PeerError `line.sample`."""
        if len(raw) > MAX_CLOCK_BYTES:
            raise PeerError("line.sample", f"A clock frame of {len(raw)} bytes is over {MAX_CLOCK_BYTES}.")
        try:
            word = _Clock.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise PeerError("line.sample", f"A clock frame is refused at {where}: {first['msg']}.") from None
        return ClockWord(word.timestamp_us, word.offset_us, word.uncertainty_us)


class Allowance:
    """A token bucket, so that one side cannot take the host's time from the other.

    per_second: what may be spent on average. burst: what may be spent at once. Source: RFC 2697's idea.
    """

    def __init__(self, per_second: int, burst: int, now_us: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._left = float(burst)
        self._at_us = now_us

    def spend(self, amount: int, now_us: int) -> bool:
        """Whether there was enough left at `now_us`; if not, nothing is taken."""
        elapsed = max(0, now_us - self._at_us)
        self._left = min(self._burst, self._left + elapsed * self._per_second / 1_000_000)
        self._at_us = now_us
        if amount > self._left:
            return False
        self._left -= amount
        return True


def _same_decoder(a: TrackConfig, b: TrackConfig) -> bool:
    def key(track: TrackConfig) -> tuple[object, ...]:
        return (
            track.kind,
            track.codec,
            track.description,
            track.width,
            track.height,
            track.rotation,
            track.sample_rate,
            track.channels,
            track.language,
            track.role,
            track.interprets,
        )

    return key(a) == key(b)
