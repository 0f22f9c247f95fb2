"""Who asks: the host's own people, a stage, or anyone.

A host that only this machine can reach takes every program on it for the host's own, if it speaks to
`localhost` and as no web page can without asking: its body is JSON, which another site's page may not
send. Otherwise the host's secret is needed.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from vivavoce.discussion.desk import Room
from vivavoce.discussion.secrets import matches
from vivavoce.errors import RefusedError
from vivavoce.web.site import Site, TheSite, host_of, is_loopback_name

__all__ = ["AsHost", "Bearer", "address_of", "refuse", "stage_secret"]

_log = structlog.get_logger(__name__)

_host_secret = HTTPBearer(
    scheme_name="host",
    description="The host's secret, from the file host-secret in its data folder.",
    auto_error=False,
)
_bearer = HTTPBearer(
    scheme_name="stage",
    description="The secret of a stage address, the part after the #; to leave the air, the token.",
    auto_error=False,
)


def _text(credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]) -> str:
    return credentials.credentials if credentials else ""


Bearer = Annotated[str, Depends(_text)]
"""What stands after `Authorization: Bearer`, or nothing."""


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def refuse(request: Request, site: Site, error: RefusedError) -> RefusedError:
    """Count a wrong secret and log it; what to raise."""
    address = address_of(request)
    within = site.throttle.count(address, site.clock.now_us())
    if not within:
        return RefusedError("access.throttled", "Too many wrong secrets came from this address.")
    _log.warning("wrong secret", code=error.code, address=address)
    return error


def stage_secret(request: Request, site: Site, room: Room, seat: str, secret: str) -> None:
    """Raises YourInputError `seat.unknown`, RefusedError `access.stage` or `access.throttled`."""
    try:
        site.desk.check_secret(room, seat, secret)
    except RefusedError as error:
        raise refuse(request, site, error) from None


def _as_host(
    request: Request,
    site: TheSite,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_host_secret)],
) -> None:
    """Raises RefusedError `access.host` or `access.throttled`."""
    if credentials is not None:
        if matches(credentials.credentials, site.host_secret):
            return
        raise refuse(request, site, RefusedError("access.host", "This is not the host's secret."))
    if not site.loopback or not _is_own_program(request):
        raise RefusedError("access.host", "Only the host may do this.")


def _is_own_program(request: Request) -> bool:
    """Whether a program on this machine asks, directly and not for a page of another site."""
    headers = request.headers
    forwarded = any(name in headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"))
    if forwarded or not is_loopback_name(address_of(request)):
        return False
    if not is_loopback_name(host_of(headers.get("host", "")) or ""):
        return False
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return False
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return request.method in ("GET", "HEAD") or kind == "application/json"


AsHost = Depends(_as_host)
