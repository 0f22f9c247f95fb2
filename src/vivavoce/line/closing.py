"""Why a session was closed, as the number that travels in its closing."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Closing"]


class Closing(IntEnum):
    """Application codes of the relay. Their numbers follow HTTP's, so that they explain themselves."""

    DONE = 0
    MALFORMED = 400
    TOKEN = 401
    FORBIDDEN = 403
    REPLACED = 409
    ENDED = 410
    TOO_MUCH = 429
    FULL = 503

    @property
    def error(self) -> str:
        """The code in `vivavoce.errors` that says it to people."""
        return {
            Closing.DONE: "line.unreachable",
            Closing.MALFORMED: "line.sample",
            Closing.TOKEN: "access.token",
            Closing.FORBIDDEN: "line.forbidden",
            Closing.REPLACED: "air.taken",
            Closing.ENDED: "air.not_on",
            Closing.TOO_MUCH: "line.sample",
            Closing.FULL: "line.full",
        }[self]

    @property
    def retry(self) -> bool:
        """Whether dialling again with the same token can help."""
        return self in (Closing.DONE, Closing.FULL)
