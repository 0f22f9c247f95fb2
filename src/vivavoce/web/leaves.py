"""Leaves for whoever lost a part of what was sealed together (docs/formats/seal.md, V6)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.errors import RefusedError, YourInputError
from vivavoce.seal.cbor import MAX_INTEGER
from vivavoce.seal.leavesframe import MOST_LEAVES
from vivavoce.web.access import address_of
from vivavoce.web.errors import responses
from vivavoce.web.site import TheSite

__all__ = ["router"]

router = APIRouter(prefix="/api/discussions", tags=["discussions"])

_CBOR: Final = "application/cbor"
_KEPT_S: Final = 60


class Wanted(BaseModel):
    """run: 16 hex digits. track: its number in the run's seals. group: the span's first. count: how many of
    its samples, from the first on."""

    model_config = ConfigDict(extra="forbid")

    run: str = Field(pattern=r"^[0-9a-f]{16}$")
    track: int = Field(ge=0, le=255)
    group: int = Field(ge=0, le=MAX_INTEGER)
    count: int = Field(ge=1, le=MOST_LEAVES)


_FOUND: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "`[track, group, leaves]` in CBOR, as in docs/formats/seal.md, S20.",
        "content": {_CBOR: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/{discussion}/leaves",
    response_class=Response,
    responses={**_FOUND, **responses(404, 421, 422, 429)},
)
async def leaves(
    discussion: str, request: Request, site: TheSite, wanted: Annotated[Wanted, Query()]
) -> Response:
    """The hashes of a span's samples, from the last minute or two of a run. Nobody signs them: whoever asks
    checks that they lead to what the side sealed, and then knows of each sample that came whether it is the
    signed one."""
    if not site.leaves.count(address_of(request), site.clock.now_us()):
        raise RefusedError("access.throttled", "Too many questions for leaves came from this address.")
    found = site.line.leaves(discussion, wanted.run, wanted.track, wanted.group, wanted.count)
    if found is None:
        place = f"{wanted.count} samples of track {wanted.track} from group {wanted.group} on"
        raise YourInputError(
            "leaves.unknown", f"The leaves of {place} are not, or no longer, remembered here."
        )
    return Response(
        found, media_type=_CBOR, headers={"Cache-Control": f"public, max-age={_KEPT_S}, immutable"}
    )
