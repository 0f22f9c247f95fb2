"""The founding facts of a discussion, taken from its host and looked at here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vivavoce.errors import EvidenceError
from vivavoce.seal.statement import Founding, parse_founding
from vivavoce.terminal.api import HostApi

__all__ = ["Told", "founding_from"]


@dataclass(frozen=True, slots=True)
class Told:
    """devices: by run, the device key that the host names for it: its word and nothing more."""

    founding: Founding
    devices: dict[str, bytes]


async def founding_from(api: HostApi, discussion: str) -> Told:
    """Ask the host. Raises what `HostApi` raises, and EvidenceError `seal.founding` where what it tells is of
    another discussion, or not what its own hash is of."""
    facts = await api.founding(discussion)
    try:
        founding = parse_founding(bytes.fromhex(facts["facts"]))
        devices = {one["run"]: bytes.fromhex(one["device"]) for one in _devices(facts)}
        same = founding.digest == bytes.fromhex(facts["hash"]) and founding.discussion == discussion
    except (KeyError, TypeError, ValueError) as error:
        raise EvidenceError("seal.founding", "The host's founding facts are not of their form.") from error
    if not same:
        raise EvidenceError("seal.founding", "The host's founding facts are of something else.")
    return Told(founding, devices)


def _devices(facts: dict[str, Any]) -> list[dict[str, Any]]:
    return list(facts["devices"].values())
