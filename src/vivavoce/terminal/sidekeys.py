"""The keys that a side in the terminal seals with (docs/formats/seal.md, S14 to S19)."""

from __future__ import annotations

from dataclasses import dataclass, field

from vivavoce.errors import YourInputError
from vivavoce.line.sealing import Sealing
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding
from vivavoce.terminal.vouching import vouched

__all__ = ["SideKeys"]


@dataclass(frozen=True, slots=True)
class SideKeys:
    """device: signs the run; made anew where none is given. identity: vouches for the device here and now.
    vouchers: device statements that were made elsewhere, by an identity key that is not on this machine."""

    device: Signer = field(default_factory=Signer)
    identity: Signer | None = None
    vouchers: tuple[bytes, ...] = ()

    def check(self, founding: Founding, seat: str) -> None:
        """Raises YourInputError `seal.key` where the founding facts name an identity key that is not here,
        and `seat.unknown`."""
        side = founding.side(seat)
        if side is not None and side.identity and self.identity is None and not self.vouchers:
            raise YourInputError(
                "seal.key",
                f"The seat {seat} brought the identity key {side.identity.hex()}, and none is given here.",
                remedy="Give its file with --identity, or a device's with --device-key and --voucher.",
            )
        if self.identity is not None:
            self._voucher(self.identity, founding, seat, founding.created_us)

    def sealing(self, founding: Founding, seat: str, run: str, epoch_us: int) -> Sealing:
        """What seals a run. Raises as `check`."""
        self.check(founding, seat)
        vouchers = self.vouchers
        if self.identity is not None:
            vouchers = (self._voucher(self.identity, founding, seat, epoch_us), *vouchers)
        return Sealing(
            founding.digest, seat=seat, run=run, epoch_us=epoch_us, device=self.device, vouchers=vouchers
        )

    def _voucher(self, identity: Signer, founding: Founding, seat: str, now_us: int) -> bytes:
        device = self.device.public
        envelope, _ = vouched(founding, seat, identity, device, name="", now_us=now_us, days=1)
        return envelope
