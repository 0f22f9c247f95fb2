"""The keys that a side in the terminal seals with (docs/formats/seal.md, S14 to S19)."""

from __future__ import annotations

from dataclasses import dataclass, field

from vivavoce.errors import YourInputError
from vivavoce.line.sealing import Sealing
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding
from vivavoce.terminal.vouching import vouched

__all__ = ["SeatKeys", "SideKeys"]


@dataclass(frozen=True, slots=True)
class SideKeys:
    """device: signs the run; made anew where none is given. identity: vouches for the device here and now.
    vouchers: device statements that were made elsewhere, by an identity key that is not on this machine."""

    device: Signer = field(default_factory=Signer)
    identity: Signer | None = None
    vouchers: tuple[bytes, ...] = ()

    def vouched(self, founding: Founding, seat: str, now_us: int) -> SeatKeys:
        """These keys for one seat; the identity key vouches from now on for a day.

        Raises YourInputError `seal.key` where the founding facts name an identity key that is not here, and
        `seat.unknown`. What others vouched for elsewhere is handed on unread.
        """
        vouchers = self.vouchers
        if self.identity is not None:
            device = self.device.public
            envelope, _ = vouched(founding, seat, self.identity, device, name="", now_us=now_us, days=1)
            vouchers = (envelope, *vouchers)
        side = founding.side(seat)
        if side is not None and side.identity and not vouchers:
            raise YourInputError(
                "seal.key",
                f"The seat {seat} brought the identity key {side.identity.hex()}, and none is given here.",
                remedy="Give its file with --identity, or a device's with --device-key and --voucher.",
            )
        return SeatKeys(founding, seat, self.device, vouchers)


@dataclass(frozen=True, slots=True)
class SeatKeys:
    """What a device seals with that speaks for a seat."""

    founding: Founding
    seat: str
    device: Signer
    vouchers: tuple[bytes, ...]

    def sealing(self, run: str, epoch_us: int) -> Sealing:
        """What seals a run. run: 16 hex digits. epoch_us: the clock at timestamp 0."""
        return Sealing(
            self.founding.digest,
            seat=self.seat,
            run=run,
            epoch_us=epoch_us,
            device=self.device,
            vouchers=self.vouchers,
        )
