"""Seals what a publisher sends, before any queue (docs/formats/seal.md; line.md, L19).

It is told each sample with its place on the line, and is asked now and then for a seal, and for the leaves of
what the host lacks. Does no IO.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vivavoce.line.answering import Answering
from vivavoce.line.arrival import Lacking
from vivavoce.line.catalog import Devices
from vivavoce.line.sealedconfig import sealed_config
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.papers import Papers
from vivavoce.seal.seal import Flags
from vivavoce.seal.sealer import CONFIGS_EVERY, Sealer
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import RunStatement

__all__ = ["Sealing"]


class Sealing:
    """founding: the founding hash. run: 16 hex digits. device: signs the run; vouchers: the identity key's
    statements about it; revocations: of others. epoch_us: the clock at timestamp 0. client: SHA-256 of the
    program, or empty.

    The run's own key is made here and lives as long as this.
    """

    def __init__(
        self,
        founding: bytes,
        *,
        seat: str,
        run: str,
        epoch_us: int,
        device: Signer,
        vouchers: Sequence[bytes] = (),
        revocations: Sequence[bytes] = (),
        client: bytes = b"",
    ) -> None:
        self._epoch_us = epoch_us
        self._key = Signer()
        id = bytes.fromhex(run)
        said = RunStatement(id, self._key.public, seat, epoch_us, client).to_bytes()
        statement = device.envelope("run", founding, said)
        self.papers = Papers(device.public, statement, tuple(vouchers), tuple(revocations)).to_bytes()
        """What every group of the seals' track begins with."""
        self._sealer = Sealer(founding, id, self._key.public, statement)
        self._answering = Answering()
        self._numbers: dict[str, int] = {}
        self._flags = Flags.NONE
        self._seq = 0

    def track(self, config: TrackConfig) -> None:
        """A track begins. Raises ValueError for another configuration of a known name."""
        number = self._numbers[config.name] = self._sealer.add(sealed_config(config))
        if config.kind == "audio":
            self._answering.sound(number)

    def devices(self, devices: Devices) -> None:
        """What the next seals say of camera and microphone."""
        shut = Flags.NONE if devices.microphone == "live" else Flags.MICROPHONE_SHUT
        self._flags = shut | (Flags.NONE if devices.camera == "live" else Flags.CAMERA_OFF)

    def sample(self, track: str, group: int, index: int, timestamp_us: int, key: bool, data: bytes) -> None:
        """Before it is handed to anything that may lose it. Raises KeyError for an unknown track."""
        number = self._numbers[track]
        leaf = self._sealer.sample(number, group, index, timestamp_us, key, data)
        self._answering.memory.add(number, group, index, leaf)

    def asked(self, lacking: Iterable[Lacking], now_us: int) -> None:
        """The host lacks something of these spans (L17)."""
        self._answering.asked(lacking, now_us)

    def leaves(self, group: int) -> list[bytes]:
        """As `Answering.frames`."""
        return self._answering.frames(group)

    def due(self, now_us: int) -> bool:
        return self._sealer.due(now_us - self._epoch_us)

    def seal(self, now_us: int) -> tuple[int, bytes]:
        """(group of the seals' track, the next seal)."""
        return self._sealed(now_us, end=False)

    def end(self, now_us: int) -> list[tuple[int, bytes]]:
        """The last seals; the very last says that nothing follows. Leaves follow it: see `leaves`."""
        seals: list[tuple[int, bytes]] = []
        while not self._sealer.ended:
            seals.append(self._sealed(now_us, end=True))
        self._answering.end()
        return seals

    def _sealed(self, now_us: int, *, end: bool) -> tuple[int, bytes]:
        clock_us = max(0, now_us - self._epoch_us)
        draft = self._sealer.draft(clock_us, end=end, flags=self._flags)
        self._answering.sealed(self._sealer.told, now_us)
        seal = self._sealer.signed(self._key.sign(draft))
        group, self._seq = self._seq // CONFIGS_EVERY, self._seq + 1
        return group, seal
