"""The founding facts of a discussion, asked of its host and looked at here."""

from __future__ import annotations

from dataclasses import dataclass

from vivavoce.errors import EvidenceError
from vivavoce.record.revoked import revocations_of_record
from vivavoce.seal.statement import Founding
from vivavoce.terminal.api import HostApi
from vivavoce.terminal.vouching import founding_told

__all__ = ["Told", "founding_from"]


@dataclass(frozen=True, slots=True)
class Told:
    """devices: by run, the device key that the host names for it: its word and nothing more. revocations:
    envelopes that came to the host, unchecked."""

    founding: Founding
    devices: dict[str, bytes]
    revocations: tuple[bytes, ...] = ()


async def founding_from(api: HostApi, discussion: str) -> Told:
    """Ask the host. Raises what `HostApi` raises, and EvidenceError `seal.founding` as `founding_told`."""
    told = await api.founding(discussion)
    founding = founding_told(told, discussion)
    try:
        devices = {one["run"]: bytes.fromhex(one["device"]) for one in told["devices"].values()}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise EvidenceError("seal.founding", "The host names no devices.") from None
    # A record keeps them as the host tells them; a host of before them tells none.
    return Told(founding, devices, tuple(revocations_of_record(told)))
