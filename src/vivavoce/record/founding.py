"""The founding facts of a record, from what its `record.json` says (docs/formats/seal.md, S14).

They give the bytes that the host founded the discussion with, as long as nobody changed a fact: with another
title or another key they are other bytes, and no seal holds under them.
"""

from __future__ import annotations

import re
from typing import Any, Final

from vivavoce.errors import EvidenceError
from vivavoce.seal.statement import Founding, FoundingSide, parse_founding

__all__ = ["founding_of_record", "revocations_of_record"]

_MOST_REVOCATIONS: Final = 1_024
"""More than a host keeps for all seats of a discussion."""
_HEX: Final = re.compile(r"([0-9a-f]{2}){1,256}")


def founding_of_record(facts: dict[str, Any]) -> Founding:
    """facts: the object in `record.json`. Every seat is a side of the founding, booths included, in the order
    of the file. Raises EvidenceError `seal.founding` where a fact is missing or of another kind."""
    try:
        founding = Founding(
            discussion=_text(facts["discussion"]),
            title=_text(facts["title"]),
            created_us=_number(facts["created_us"]),
            sides=tuple(_side(seat, said) for seat, said in facts["seats"].items()),
        )
        return parse_founding(founding.to_bytes())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(
            "seal.founding", f"The record does not say all that it was founded with: {error}."
        ) from None


def revocations_of_record(facts: dict[str, Any]) -> tuple[bytes, ...]:
    """The envelopes that `record.json` keeps beside the founding facts. What is none is left out: whether an
    identity key signed one is for `run_of` to say."""
    told = facts.get("revocations")
    found = told[:_MOST_REVOCATIONS] if isinstance(told, list) else []
    return tuple(bytes.fromhex(one) for one in found if isinstance(one, str) and _HEX.fullmatch(one))


def _side(seat: str, said: dict[str, Any]) -> FoundingSide:
    identity = bytes.fromhex(_text(said.get("identity") or ""))
    return FoundingSide(seat, _text(said["name"]), _text(said["language"]), identity)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a text should be")
    return value


def _number(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{type(value).__name__} where a number should be")
    return value
