"""What stands before every route: whose name the host was called by, how large a body may be, and the
headers that keep a page to itself. Plain ASGI, since it must act before anything is parsed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vivavoce.errors import RefusedError, VivavoceError, YourInputError
from vivavoce.web.errors import answer
from vivavoce.web.site import Site, host_of

__all__ = ["MAX_BODY_BYTES", "Guard", "content_policy"]

MAX_BODY_BYTES: Final = 64 * 1024
"""The largest body that means anything, a discussion with twelve booths, has a twentieth of it."""
BODY_S: Final = 10
"""Whoever needs longer for 64 KiB holds a connection, not a conversation."""


def content_policy(hashes: Sequence[str] = ()) -> str:
    """What a page may load and run. hashes: SHA-256, in base64, of scripts that stand in the page itself,
    which may make workers of a text."""
    scripts = " ".join(["'self'", *(f"'sha256-{one}'" for one in hashes)])
    workers = "'self' blob:" if hashes else "'self'"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {scripts}",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            f"worker-src {workers}",
            # https: for a relay or mirror that the audience page is pointed to.
            "connect-src 'self' https:",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


_HEADERS: Final = (
    (b"content-security-policy", content_policy().encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-embedder-policy", b"require-corp"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_WATCHING: Final = (
    b"camera=(), microphone=(), display-capture=(), geolocation=(), autoplay=(self), fullscreen=(self)"
)
_STAGE: Final = _WATCHING.replace(
    b"camera=(), microphone=(), display-capture=()",
    b"camera=(self), microphone=(self), display-capture=(self)",
)

_log = structlog.get_logger(__name__)


class Guard:
    """Middleware. site: whose names count."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        if scope["method"] == "HEAD":  # as GET; the server leaves the body out
            scope = {**scope, "method": "GET"}
        request = Request(scope)

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                permissions = _STAGE if scope["path"].startswith("/stage/") else _WATCHING
                own = {name.lower() for name, _ in message["headers"]}
                ours = [header for header in _HEADERS if header[0] not in own]
                message["headers"] = [*message["headers"], *ours, (b"permissions-policy", permissions)]
            await send(message)

        try:
            try:
                self._check(request)
                body = await _body(request, receive)
            except VivavoceError as refusal:
                await answer(request, refusal)(scope, receive, answered)
                return
            await self._app(scope, _again(body, receive), answered)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._site.metrics.answered(
                route, _method(scope["method"]), status, time.perf_counter() - started
            )

    def _check(self, request: Request) -> None:
        """A stranger's page that made its name point here (DNS rebinding) calls the host by that name."""
        host = host_of(request.headers.get("host", ""))
        if host is None or not self._site.answers_to(host):
            raise RefusedError("access.origin", f"The host was called {(host or 'by no name')[:80]!r}.")
        length = request.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            raise _too_large(length)


def _too_large(length: object) -> YourInputError:
    return YourInputError("input.too_large", f"A body of {str(length)[:20]} bytes is over {MAX_BODY_BYTES}.")


async def _body(request: Request, receive: Receive) -> bytes:
    """The whole body, read before anything is parsed."""
    if request.method == "GET":
        return b""
    body = b""
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return body
                body += bytes(message.get("body", b""))
                if len(body) > MAX_BODY_BYTES:
                    raise _too_large(f"at least {len(body)}")
                if not message.get("more_body"):
                    return body
    except TimeoutError:
        late = f"The body did not come within {BODY_S} seconds."
        raise YourInputError("input.malformed", late) from None


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives `body`, then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _method(method: str) -> str:
    return method if method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH") else "other"
