"""The founding facts of a discussion, to which every signature in it is bound (docs/formats/seal.md, S14)."""

from __future__ import annotations

from vivavoce.discussion.discussion import Discussion
from vivavoce.seal.statement import Founding, FoundingSide

__all__ = ["founding_of"]


def founding_of(discussion: Discussion) -> Founding:
    """Every seat in its order, booths included. Nothing of it changes while the discussion lives, so its hash
    does not either. Does not check the facts: see `discussion.seats_of`, whose longest texts fit in S14."""
    sides = tuple(FoundingSide(one.seat, one.name, one.language, one.identity) for one in discussion.seats)
    return Founding(discussion.id, discussion.title, discussion.created_us, sides)
