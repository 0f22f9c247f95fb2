"""Which revocations a host keeps of a discussion (docs/formats/seal.md, S17). Pure.

They are public, and the identity key that signed one is all its authority: who brings it does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vivavoce.errors import RefusedError, YourInputError

__all__ = ["LATE_US", "MOST_REVOKED", "Revoked", "with_revoked"]

MOST_REVOKED: Final = 32
"""For each identity key, as many as a run's papers may hold: so neither side can use up the other's."""
LATE_US: Final = 600_000_000
"""How long before it comes a revocation may be dated: for slow clocks. One that reaches further back could
take from a side what everybody heard it say."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """identity: the key that signed it. device: whose word is taken, from at_us on, Unix microseconds.
    raw: its envelope."""

    identity: bytes
    device: bytes
    at_us: int
    raw: bytes


def with_revoked(kept: Sequence[Revoked], new: Revoked, now_us: int) -> tuple[Revoked, ...]:
    """What is kept once `new` came; the same where it adds nothing, since its device was revoked by then.

    Raises YourInputError `revocation.dated` for one that reaches further back than LATE_US, RefusedError
    `revocation.full` where as many are kept as may be. Does not check the signature: see
    `seal.statement.revocation_of`.
    """
    theirs = [one for one in kept if one.identity == new.identity]
    if any(one.device == new.device and one.at_us <= new.at_us for one in theirs):
        return tuple(kept)
    if new.at_us < now_us - LATE_US:
        minutes = (now_us - new.at_us) // 60_000_000
        raise YourInputError(
            "revocation.dated", f"The revocation is dated {minutes} minutes before it came; ten are allowed."
        )
    if len(theirs) >= MOST_REVOKED:
        raise RefusedError(
            "revocation.full", f"{MOST_REVOKED} revocations of this identity key are kept already."
        )
    return (*kept, new)
