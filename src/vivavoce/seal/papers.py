"""What a verifier needs before a run's first seal (docs/formats/seal.md, S19).

They stand at the beginning of every group of the seals' track, and first in a record's file of seals, so
whoever joins, or has only a part, can judge it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.seal.cbor import Item, decode, encode
from vivavoce.seal.keys import check_key

__all__ = ["MOST_REVOCATIONS", "Papers", "parse_papers"]

MOST_VOUCHERS: Final = 8
MOST_REVOCATIONS: Final = 32


@dataclass(frozen=True, slots=True)
class Papers:
    """device: the device's public key. statement: its run statement's envelope. vouchers, revocations:
    envelopes of the identity key's device statements and revocations."""

    device: bytes
    statement: bytes
    vouchers: tuple[bytes, ...] = ()
    revocations: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        return encode([self.device, self.statement, list(self.vouchers), list(self.revocations)])


def parse_papers(raw: bytes) -> Papers:
    """Raises EvidenceError `seal.form`, or `seal.key` for a device key that none may have. No signature is
    checked here: see `statement.run_of`."""
    match decode(raw):
        case [bytes(device), bytes(statement), list(vouchers), list(revocations)]:
            if len(vouchers) <= MOST_VOUCHERS and len(revocations) <= MOST_REVOCATIONS:
                check_key(device)
                return Papers(device, statement, _envelopes(vouchers), _envelopes(revocations))
    raise EvidenceError("seal.form", f"These {len(raw)} bytes are no run's papers.")


def _envelopes(items: Sequence[Item]) -> tuple[bytes, ...]:
    found = tuple(one for one in items if isinstance(one, bytes))
    if len(found) < len(items):
        raise EvidenceError("seal.form", "A run's papers hold what is no envelope.")
    return found
