"""A side that seals what it sends, and told to a recorder as the gate would: seals among the samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.fakes.sides import DISCUSSION, Side, play
from vivavoce.line.sample import Sample
from vivavoce.line.sealing import Sealing
from vivavoce.line.sink import Sink
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Founding

__all__ = ["Frame", "SealedSide", "play_sealed", "seals_of"]

SEAL_EVERY_US = 180_000


@dataclass(frozen=True)
class Frame:
    """Of the seals' track, and when it comes."""

    group: int
    index: int
    raw: bytes
    at_us: int


@dataclass
class SealedSide(Side):
    """identity: signs for the device, where the side brought a key. ends_sealed: its last seal says that it
    is the last."""

    identity: Signer | None = None
    ends_sealed: bool = True
    frames: list[Frame] = field(default_factory=list)

    def seal(self, founding: Founding) -> None:
        self.frames = seals_of(self, founding)


def seals_of(side: SealedSide, founding: Founding) -> list[Frame]:
    """What the side's device seals, by the real sealer: each sample is sealed at the time of its capture."""
    device = Signer()
    vouchers: list[bytes] = []
    if side.identity is not None:
        said = DeviceStatement(device.public, side.seat, "laptop", 0, side.epoch_us + 10**12)
        vouchers.append(side.identity.envelope("device", founding.digest, said.to_bytes()))
    about = {"seat": side.seat, "run": side.run, "epoch_us": side.epoch_us}
    sealing = Sealing(founding.digest, **about, device=device, vouchers=vouchers)  # type: ignore[arg-type]
    for config, _ in side.tracks:
        sealing.track(config)
    samples: Sequence[Sample] = sorted(
        (one for track in side.samples().values() for one in track), key=lambda one: one.timestamp_us
    )
    sent: list[tuple[int, bytes, int]] = []
    now_us = side.epoch_us
    for sample in samples:
        now_us = side.epoch_us + sample.timestamp_us
        if sealing.due(now_us):
            sent.append((*sealing.seal(now_us), now_us))
        place = sample.track, sample.group, sample.index, sample.timestamp_us, sample.key
        sealing.sample(*place, sample.data)
    if side.ends_sealed:
        sent += [(*one, now_us) for one in sealing.end(now_us)]
    frames: list[Frame] = []
    indexes: dict[int, int] = {}
    for group, raw, at_us in sent:
        host_us = at_us - side.epoch_us + side.starts_us + side.delay_us
        if group not in indexes:
            frames.append(Frame(group, 0, sealing.papers, host_us))
        indexes[group] = indexes.get(group, 0) + 1
        frames.append(Frame(group, indexes[group], raw, host_us))
    return frames


class _WithSeals:
    """Puts each frame before whatever comes after its time; the last before the run's end."""

    def __init__(self, sink: Sink, sides: Iterable[SealedSide], discussion: str) -> None:
        self._sink = sink
        self._discussion = discussion
        self._waiting = {(side.seat, side.run): list(side.frames) for side in sides}

    def __getattr__(self, name: str) -> object:
        return getattr(self._sink, name)

    def sample(self, discussion: str, sample: Sample) -> None:
        self._tell(sample.seat, sample.run, sample.received_us)
        self._sink.sample(discussion, sample)

    def run_ended(self, discussion: str, seat: str, run: str, *, why: str, at_us: int) -> None:
        self._tell(seat, run, None)
        self._sink.run_ended(discussion, seat, run, why=why, at_us=at_us)

    def rest(self) -> None:
        for seat, run in self._waiting:
            self._tell(seat, run, None)

    def _tell(self, seat: str, run: str, until_us: int | None) -> None:
        waiting = self._waiting[seat, run]
        while waiting and (until_us is None or waiting[0].at_us <= until_us):
            one = waiting.pop(0)
            place = {"group": one.group, "index": one.index}
            self._sink.sealed(self._discussion, seat, run, **place, raw=one.raw, at_us=one.at_us)


def play_sealed(sink: Sink, sides: Sequence[SealedSide], discussion: str = DISCUSSION) -> None:
    """Tell `sink` all of it, as the gate would."""
    told = _WithSeals(sink, sides, discussion)
    play(told, sides, discussion)  # type: ignore[arg-type]
    told.rest()
