"""Seals what an encoder puts out: the side's half (docs/formats/seal.md, S7 to S10).

It is given every sample, before any queue, and tells what is to be signed. Signing is the caller's, since a
browser signs only in its own time:

    sealer.sample(track, group, index, timestamp_us, key, data)
    if sealer.due(clock_us):
        envelope = sealer.signed(sign(sealer.draft(clock_us)))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vivavoce.seal.config import SealedConfig, SoundConfig
from vivavoce.seal.digest import extended, leaf, span_start, tagged
from vivavoce.seal.envelope import purpose, sealed_up, to_be_signed
from vivavoce.seal.keys import key_id
from vivavoce.seal.seal import MOST_DELTAS, MOST_TRACKS, Delta, Flags, Heard, Seal

__all__ = ["EVERY_US", "Sealer"]

EVERY_US: Final = 160_000
"""What is due after this is out before 200 ms are over (S10), also where a timer is late."""
MOST_TRACK_NUMBER: Final = 255
CONFIGS_EVERY: Final = 10
"""So often a seal carries all configurations again, for those who join."""


@dataclass(slots=True)
class _Span:
    group: int
    digest: bytes
    count: int = 0
    closed: bool = False
    changed: bool = True


@dataclass(slots=True)
class _Track:
    config: SealedConfig
    raw: bytes
    spans: list[_Span] = field(default_factory=list)
    """Those that are not sealed yet, and a picture's open group."""
    newest: int = -1
    """The newest group."""
    used: int = -1
    """The newest seal that said anything of it."""

    @property
    def sound(self) -> bool:
        return isinstance(self.config, SoundConfig)


class Sealer:
    """founding: the founding hash. run: 8 bytes. key: the run's public key. statement: its run statement's
    envelope."""

    def __init__(self, founding: bytes, run: bytes, key: bytes, statement: bytes) -> None:
        self._founding = founding
        self._run = run
        self._kid = key_id(key)
        self._aad = purpose("seal", founding)
        self._prev = tagged("vv/seal/1", statement)
        self._tracks: list[_Track] = []
        self._seq = 0
        self._sealed_us: int | None = None
        self._announced = 0
        self._payload: bytes | None = None
        self._ended = False
        self.told: tuple[Delta, ...] = ()
        """What the newest draft says of samples."""

    def add(self, config: SealedConfig) -> int:
        """A track begins. Returns its number. The same configuration keeps its number.

        Raises ValueError for another one of the same name, and after 256 of them."""
        for number, track in enumerate(self._tracks):
            if track.config == config:
                return number
            if track.config.name == config.name:
                raise ValueError(f"the track {config.name} has another configuration")
        if len(self._tracks) > MOST_TRACK_NUMBER:
            raise ValueError(f"a run has at most {MOST_TRACK_NUMBER + 1} tracks")
        self._tracks.append(_Track(config, config.to_bytes()))
        return len(self._tracks) - 1

    def sample(self, track: int, group: int, index: int, timestamp_us: int, key: bool, data: bytes) -> bytes:
        """What left an encoder. Returns its leaf. Raises ValueError where samples of a group are not given
        one after the other."""
        one = self._tracks[track]
        span = self._span(one, track, group, index)
        if not one.sound and index != span.count:
            raise ValueError(f"sample {index} of group {group} does not follow sample {span.count - 1}")
        told = leaf(group, index, timestamp_us, key, data)
        span.digest = extended(span.digest, told)
        span.count += 1
        span.changed = True
        return told

    def rest(self, track: int, group: int) -> None:
        """A group without samples: the track rests from here on (line.md, L8)."""
        self._begun(self._tracks[track], track, group).closed = True

    @property
    def ended(self) -> bool:
        """The end was drafted; nothing follows."""
        return self._ended

    def due(self, clock_us: int) -> bool:
        """Whether it is time. clock_us: since the run's epoch."""
        if self._ended or self._payload is not None:
            return False
        return self._sealed_us is None or clock_us - self._sealed_us >= EVERY_US

    def draft(
        self,
        clock_us: int,
        *,
        end: bool = False,
        flags: Flags = Flags.NONE,
        heard: Sequence[Heard] = (),
        beacon: tuple[int, bytes] | None = None,
        head: tuple[int, bytes] | None = None,
        nonces: bytes = b"",
    ) -> bytes:
        """What is to be signed now, by COSE. Call `signed` with the signature before the next one.

        end: nothing follows; every open group is closed. Where those are more than a seal may have, it is
        not the end yet: ask `ended`, and draft again. flags: of the devices; the others are set here.
        Raises ValueError after the end, while another is unsigned, or where the clock goes back.
        """
        if self._ended or self._payload is not None:
            raise ValueError("the run was ended, or its last seal is not signed yet")
        if self._sealed_us is not None and clock_us < self._sealed_us:
            raise ValueError(f"the clock went back from {self._sealed_us} to {clock_us} us")
        deltas = self.told = self._deltas(end)
        end = end and not any(track.spans for track in self._tracks)
        flags &= Flags.MICROPHONE_SHUT | Flags.CAMERA_OFF
        flags |= (Flags.END if end else Flags.NONE) | (Flags.NONE if deltas else Flags.HEARTBEAT)
        configs = self._configs(deltas)
        seal = Seal(
            seq=self._seq,
            prev=self._prev,
            clock_us=clock_us,
            flags=flags,
            configs=configs,
            deltas=deltas,
            heard=tuple(heard),
            beacon=beacon,
            head=head,
            nonces=nonces,
        )
        self._payload = seal.to_bytes()
        self._sealed_us = clock_us
        self._ended = end
        return to_be_signed(self._kid, self._aad, self._payload)

    def signed(self, signature: bytes) -> bytes:
        """The seal, to be sent. The next one stands on it. Does not check the signature."""
        if self._payload is None:
            raise ValueError("nothing waits to be signed")
        envelope = sealed_up(self._kid, self._payload, signature)
        self._payload = None
        self._prev = tagged("vv/seal/1", envelope)
        self._seq += 1
        return envelope

    def _span(self, one: _Track, track: int, group: int, index: int) -> _Span:
        last = one.spans[-1] if one.spans else None
        if last and not last.closed:
            if one.sound and group == last.group + last.count and index == 0:
                one.newest = group
                return last
            if not one.sound and group == last.group:
                return last
        if index != 0:
            raise ValueError(f"sample {index} of group {group} begins no group")
        return self._begun(one, track, group)

    def _begun(self, one: _Track, track: int, group: int) -> _Span:
        if group <= one.newest:
            raise ValueError(f"group {group} does not follow group {one.newest}")
        self._close(one)
        start = span_start(self._founding, self._run, track, group, one.raw)
        one.spans.append(_Span(group, start))
        one.newest = group
        return one.spans[-1]

    @staticmethod
    def _close(one: _Track) -> None:
        for span in one.spans:
            span.changed = span.changed or not span.closed
            span.closed = True

    def _configs(self, deltas: Sequence[Delta]) -> tuple[tuple[int, bytes], ...]:
        """Those that are new, those that rested for long, and now and then all in use: for whoever joins."""
        numbers = set(range(self._announced, len(self._tracks))[:MOST_TRACKS])
        self._announced += len(numbers)
        for delta in deltas:
            track = self._tracks[delta.track]
            if self._seq - track.used > CONFIGS_EVERY and len(numbers) < MOST_TRACKS:
                numbers.add(delta.track)
            track.used = self._seq
        if self._seq % CONFIGS_EVERY == 0:
            used = [number for number in range(self._announced) if self._in_use(self._tracks[number])]
            newest = sorted(used, key=lambda number: self._tracks[number].used)
            numbers |= set(newest[len(numbers) - MOST_TRACKS :] if len(numbers) < MOST_TRACKS else [])
        return tuple((number, self._tracks[number].raw) for number in sorted(numbers))

    def _in_use(self, track: _Track) -> bool:
        return bool(track.spans) or track.used < 0 or self._seq - track.used <= CONFIGS_EVERY

    def _deltas(self, end: bool) -> tuple[Delta, ...]:
        """What changed. More than a seal may have waits for the next."""
        deltas: list[Delta] = []
        for number, track in enumerate(self._tracks):
            if end or track.sound:
                self._close(track)
            for span in track.spans:
                if span.changed and len(deltas) < MOST_DELTAS:
                    deltas.append(Delta(number, span.group, span.count, span.closed, span.digest))
                    span.changed = False
            track.spans = [span for span in track.spans if span.changed or not span.closed]
        return tuple(deltas)
