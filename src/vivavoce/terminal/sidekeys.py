"""The keys that a side in the terminal seals with (docs/formats/seal.md, S14 to S19)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from vivavoce.errors import YourInputError
from vivavoce.line.sealing import Sealing
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Founding

__all__ = ["SideKeys"]

_VOUCHED_US: Final = 24 * 3_600_000_000
_BEFORE_US: Final = 60_000_000


@dataclass(frozen=True, slots=True)
class SideKeys:
    """device: signs the run; made anew where none is given. identity: vouches for the device here and now.
    vouchers: device statements that were made elsewhere, by an identity key that is not on this machine."""

    device: Signer = field(default_factory=Signer)
    identity: Signer | None = None
    vouchers: tuple[bytes, ...] = ()

    def sealing(self, founding: Founding, seat: str, run: str, epoch_us: int) -> Sealing:
        """What seals a run. Raises YourInputError `seal.run` where the founding facts ask for another
        identity key than is given, or for one where none is."""
        vouchers = self.vouchers
        self._check(founding, seat)
        if self.identity is not None:
            until_us = epoch_us + _VOUCHED_US
            said = DeviceStatement(self.device.public, seat, "terminal", epoch_us - _BEFORE_US, until_us)
            vouchers = (self.identity.envelope("device", founding.digest, said.to_bytes()), *vouchers)
        return Sealing(
            founding.digest, seat=seat, run=run, epoch_us=epoch_us, device=self.device, vouchers=vouchers
        )

    def _check(self, founding: Founding, seat: str) -> None:
        side = founding.side(seat)
        wanted = side.identity if side is not None else b""
        if wanted and self.identity is None and not self.vouchers:
            remedy = "Give its key file with --identity, or a device key with its --voucher."
            said = f"The founding facts name an identity key for {seat}, {wanted.hex()[:16]}…"
            raise YourInputError("seal.run", said, remedy=remedy)
        if self.identity is not None and self.identity.public != wanted:
            named = f"{wanted.hex()[:16]}…" if wanted else "none"
            said = f"The identity key given is not the one that the founding facts name for {seat}: {named}."
            raise YourInputError("seal.run", said, remedy="Give the key that was published before the event.")
