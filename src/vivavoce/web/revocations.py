"""Revocations: what identity keys took back, kept by the host and told to whoever asks.

No secret is asked for: a revocation is public, and its identity key's signature is all its authority.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request

from vivavoce.discussion.revoked import Revoked
from vivavoce.errors import EvidenceError, RefusedError, YourInputError
from vivavoce.seal.founding import founding_of
from vivavoce.seal.statement import revocation_of
from vivavoce.web.access import address_of
from vivavoce.web.errors import responses
from vivavoce.web.site import TheSite

__all__ = ["MAX_REVOCATION_BYTES", "router"]

router = APIRouter(prefix="/api/discussions", tags=["discussions"])

MAX_REVOCATION_BYTES: Final = 256
"""Twice what one has."""

_BODY: Final = {
    "requestBody": {
        "required": True,
        "description": "A revocation's envelope (docs/formats/seal.md, S17): as `keys revoke` writes it.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/{discussion}/revocations",
    status_code=204,
    openapi_extra=_BODY,
    responses=responses(404, 409, 413, 421, 422, 429, 503),
)
async def revoke(discussion: str, request: Request, site: TheSite) -> None:
    """Keep a revocation: whoever asks for the founding facts from now on is told it. The device's runs that
    began before stand, and nobody is put off the air. One that is known already changes nothing."""
    if not site.revocations.count(address_of(request), site.clock.now_us()):
        raise RefusedError("access.throttled", "Too many revocations came from this address.")
    raw = await request.body()
    if len(raw) > MAX_REVOCATION_BYTES:
        raise YourInputError(
            "input.too_large", f"A revocation of {len(raw)} bytes is over {MAX_REVOCATION_BYTES}."
        )
    room = await site.desk.room(discussion)
    try:
        identity, said = revocation_of(founding_of(room.discussion), raw)
    except EvidenceError as error:
        remedy = "Send a file that `vivavoce keys revoke` wrote for this discussion, whole."
        raise YourInputError(error.code, error.message, remedy=remedy) from None
    await site.desk.revoke(room, Revoked(identity, said.device, said.at_us, raw))
