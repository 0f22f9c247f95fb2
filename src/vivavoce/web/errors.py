"""Errors as answers: JSON for programs, a page in the host's look for people, with the right status."""

from __future__ import annotations

import html
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from vivavoce.errors import CODES, RefusedError, UnavailableError, VivavoceError, YourInputError
from vivavoce.web.built import page

__all__ = ["AirTaken", "ErrorBody", "NotYours", "answer", "install", "responses", "status_of"]

_STATUS: Final = {
    "input.too_large": 413,
    "discussion.unknown": 404,
    "seat.unknown": 404,
    "page.unknown": 404,
    "leaves.unknown": 404,
    "access.host": 401,
    "access.stage": 401,
    "access.token": 401,
    "access.throttled": 429,
    "access.origin": 421,
    "air.taken": 409,
    "air.not_on": 409,
    "revocation.full": 409,
}

_log = structlog.get_logger(__name__)


class ErrorFacts(BaseModel):
    """code: stable, one per reason. message: names the thing and its value. remedy: what to do now."""

    code: str
    message: str
    remedy: str


class ErrorBody(BaseModel):
    error: ErrorFacts


class AirTakenFacts(ErrorFacts):
    """since_us: since when, the host's clock. device: which, by its public short name."""

    since_us: int
    device: str


class AirTaken(BaseModel):
    error: AirTakenFacts


class NotYours(RefusedError):
    """`air.taken`, with who has the air."""

    def __init__(self, message: str, since_us: int, device: str) -> None:
        super().__init__("air.taken", message)
        self.since_us = since_us
        self.device = device


def status_of(error: VivavoceError) -> int:
    return _STATUS.get(error.code, error.status)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: these statuses carry an error body."""
    return {status: {"model": ErrorBody, "description": _DESCRIPTIONS[status]} for status in statuses}


_DESCRIPTIONS: Final = {
    401: "A secret or token is missing or wrong.",
    404: "Nothing of this name.",
    409: "Not as things stand.",
    413: "Too large.",
    421: "The host was addressed by a name that is not its own.",
    422: "Not as described here.",
    429: "Too many.",
    503: "Not now.",
}


def answer(request: Request, error: VivavoceError) -> Response:
    """The answer that tells of `error`."""
    status = status_of(error)
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 429:
        headers["Retry-After"] = "60"
    if _wants_page(request):
        shown = page("error.html", error=error, static=request.app.state.site.static)
        if shown is None:
            shown = _bare_page(error)
        return HTMLResponse(shown, status, headers)
    facts: dict[str, Any] = {"code": error.code, "message": error.message, "remedy": error.remedy}
    if isinstance(error, NotYours):
        facts |= {"since_us": error.since_us, "device": error.device}
    return JSONResponse({"error": facts}, status, headers)


def _wants_page(request: Request) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _methods(request: Request) -> list[str]:
    """Every method that some route has for the path that was asked."""
    methods: set[str] = set()
    for route in request.app.routes:
        found, _ = route.matches(request.scope)
        if found is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return sorted(methods)


def _bare_page(error: VivavoceError) -> str:
    """When even the pages are missing."""
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Vivavoce</title>"
        f"<h1>{html.escape(error.message)}</h1><p>{html.escape(error.remedy)}"
    )


def install(app: FastAPI) -> None:
    """Every error that a route can raise leaves as `answer`."""

    @app.exception_handler(VivavoceError)
    async def ours(request: Request, error: VivavoceError) -> Response:
        if error.status >= 500:
            _log.error("unavailable", code=error.code, why=error.message)
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "the body"
        if first["type"] == "json_invalid":
            where = f"the body is no JSON from character {where} on"
        said = first.get("ctx", {}).get("error") or first["msg"]
        return answer(request, YourInputError("input.malformed", f"{where[:120]}: {str(said)[:200]}."))

    @app.exception_handler(HTTPException)
    async def theirs(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(
                request, YourInputError("page.unknown", f"There is nothing at {request.url.path[:200]!r}.")
            )
        if error.status_code == 405:
            message = f"{request.method} is not for {request.url.path[:200]!r}."
            body = {
                "error": {"code": "input.malformed", "message": message, "remedy": CODES["input.malformed"]}
            }
            return JSONResponse(body, 405, headers={"Allow": ", ".join(_methods(request))})
        return answer(request, YourInputError("input.malformed", f"{error.detail}."))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        _log.error("fault", route=request.url.path, exc_info=error)
        return answer(request, UnavailableError("internal", "The host made a mistake."))
