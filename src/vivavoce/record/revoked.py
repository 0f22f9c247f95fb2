"""What was revoked, as far as a record or an MP4 tells (docs/formats/seal.md, S17). Nothing is checked here:
whether an identity key signed it is for `seal.revocations` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from vivavoce.record.fragments import Damage
from vivavoce.record.seals import Kept
from vivavoce.seal.revocations import MOST_KEPT, revocations_in

__all__ = ["MAX_REVOCATION_BYTES", "revocations_of_record", "revocations_of_seals"]

MAX_REVOCATION_BYTES: Final = 256
"""Twice what one has."""
_HEX: Final = re.compile(rf"([0-9a-f]{{2}}){{1,{MAX_REVOCATION_BYTES}}}")


def revocations_of_record(facts: dict[str, Any]) -> Iterator[bytes]:
    """The envelopes that `record.json` keeps beside the founding facts (R3). What is none is left out."""
    told = facts.get("revocations")
    found = told[:MOST_KEPT] if isinstance(told, list) else []
    return (bytes.fromhex(one) for one in found if isinstance(one, str) and _HEX.fullmatch(one))


def revocations_of_seals(found: Iterable[Kept | Damage]) -> Iterator[bytes]:
    """Those in the papers of a file of seals (R22). found: what was read of it."""
    return revocations_in(one.raw for one in found if isinstance(one, Kept) and one.index == 0)
