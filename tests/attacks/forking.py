"""A side's device that signs two chains of one run, and relays that know both: an accomplice, or a thief of
the run's key. Of the sound the second chain says something else; each is consistent in itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.attacks.relay import Frame, Tamper
from tests.line.parts import SOUND
from vivavoce.line.catalog import SEALS_TRACK
from vivavoce.line.sample import decode_frame, encode_frame
from vivavoce.line.sealing import Sealing
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.sealer import Sealer

__all__ = ["ForkingRelay", "ForkingSealing", "edited"]


def edited(track: str, data: bytes) -> bytes:
    """A sample as the second chain has it."""
    return data.replace(b"sound", b"other", 1) if track == SOUND.name else data


class ForkingSealing(Sealing):
    """Seals as any side does. forked: for each seal the one with its number in the second chain, which has
    the same run, key and papers."""

    def __init__(self, founding: bytes, **about: Any) -> None:
        super().__init__(founding, **about)
        self.forked: dict[bytes, bytes] = {}
        self._second = Sealing(founding, **about)
        self._second.papers, self._second._key = self.papers, self._key
        run, statement = bytes.fromhex(about["run"]), parse_papers(self.papers).statement
        self._second._sealer = Sealer(founding, run, self._key.public, statement)

    def track(self, config: TrackConfig) -> None:
        super().track(config)
        self._second.track(config)

    def sample(self, track: str, group: int, index: int, timestamp_us: int, key: bool, data: bytes) -> None:
        super().sample(track, group, index, timestamp_us, key, data)
        self._second.sample(track, group, index, timestamp_us, key, edited(track, data))

    def _sealed(self, now_us: int, *, end: bool) -> tuple[int, bytes]:
        group, seal = super()._sealed(now_us, end=end)
        self.forked[seal] = self._second._sealed(now_us, end=end)[1]
        return group, seal


@dataclass
class ForkingRelay(Tamper):
    """Shows the first chain and the samples that it covers, and from when `second` is set on the second and
    its own. doubles: of the next seal both are given, once; did: they were."""

    chains: ForkingSealing
    second: bool = False
    doubles: bool = False
    did: bool = False

    def frames(self, frame: Frame) -> Iterable[bytes]:
        seal = self.chains.forked.get(frame.payload) if frame.track == SEALS_TRACK else None
        if seal is not None and self.doubles and not self.did:
            self.did = True
            return frame.payload, seal
        if not self.second:
            return (frame.payload,)
        if frame.track == SOUND.name:
            at_us, data = decode_frame(frame.payload)
            return (encode_frame(at_us, edited(frame.track, data)),)
        return (seal or frame.payload,)
