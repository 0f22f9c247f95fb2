"""Where the line is, and the host's clock."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from vivavoce.web.errors import responses
from vivavoce.web.site import Site, TheSite

__all__ = ["LineFacts", "own_line", "router", "viewers_line"]

router = APIRouter(prefix="/api", tags=["line"])


class LineFacts(BaseModel):
    """url: for WebTransport. fingerprint: SHA-256 of its certificate in hex, to be pinned; null under a
    public certificate."""

    url: str
    fingerprint: str | None


class ClockFacts(BaseModel):
    """The host's clock, Unix microseconds, when the question came and when the answer went."""

    received_us: int
    sent_us: int


def own_line(site: Site, request: Request) -> LineFacts:
    """This host's own line: sides always publish here."""
    return LineFacts(url=site.line_url(request), fingerprint=site.line.fingerprint)


def viewers_line(site: Site, request: Request) -> LineFacts:
    """Where a viewer takes the line: here, or at the relay that was set."""
    if site.relay is not None:
        return LineFacts(url=site.relay, fingerprint=None)
    return own_line(site, request)


@router.get("/line", responses=responses(421))
async def line(request: Request, response: Response, site: TheSite) -> LineFacts:
    """Where a viewer takes the line."""
    response.headers["Cache-Control"] = "no-store"
    return viewers_line(site, request)


@router.get("/clock", responses=responses(421))
async def clock(response: Response, site: TheSite) -> ClockFacts:
    """For comparing clocks: ask a few times, and believe the quickest answer."""
    received_us = site.clock.now_us()
    response.headers["Cache-Control"] = "no-store"
    return ClockFacts(received_us=received_us, sent_us=site.clock.now_us())
