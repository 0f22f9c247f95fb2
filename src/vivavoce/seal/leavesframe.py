"""Leaves of a span as they travel: by them what came of it in part can be judged (docs/formats/seal.md, S20).

    83 01 18 64 58 60 …      track 1, from group 100 on, three leaves of 32 bytes

Nobody signs them: they count only as far as they lead to a digest that was sealed. They are told from papers
and envelopes, which are arrays of four, by their first byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.seal.cbor import decode, encode
from vivavoce.seal.digest import DIGEST_BYTES

__all__ = ["MOST_LEAVES", "LeavesFrame", "is_leaves", "parse_leaves"]

MOST_LEAVES: Final = 1_024
"""Ten seconds of packets of 10 ms: a row that is longer waited for a device that was not in its senses."""
_FIRST: Final = b"\x83"
_MOST_TRACK: Final = 255


@dataclass(frozen=True, slots=True)
class LeavesFrame:
    """track: its number in the run. group: the span's first. leaves: of its samples, from the first on."""

    track: int
    group: int
    leaves: Sequence[bytes]

    def to_bytes(self) -> bytes:
        return encode([self.track, self.group, b"".join(self.leaves)])


def is_leaves(raw: bytes) -> bool:
    """Whether these bytes are meant to be leaves, and not papers or an envelope. Does not check their
    form."""
    return raw.startswith(_FIRST)


def parse_leaves(raw: bytes) -> LeavesFrame:
    """Raises EvidenceError `seal.form`. Whether they are the sealed ones is not looked at: see
    `Verdict.resolved`."""
    match decode(raw):
        case [int(track), int(group), bytes(leaves)]:
            count, rest = divmod(len(leaves), DIGEST_BYTES)
            if track <= _MOST_TRACK and not rest and 0 < count <= MOST_LEAVES:
                return LeavesFrame(
                    track,
                    group,
                    tuple(leaves[at : at + DIGEST_BYTES] for at in range(0, len(leaves), DIGEST_BYTES)),
                )
    raise EvidenceError("seal.form", f"These {len(raw)} bytes are no leaves of a span.")
