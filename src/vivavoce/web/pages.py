"""The pages that Vite built; the audience's is told what it would ask for first."""

from __future__ import annotations

import gzip
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.web.built import hashes_of, page, policy_of, with_opening
from vivavoce.web.discussions import now
from vivavoce.web.guard import content_policy
from vivavoce.web.line import viewers_line
from vivavoce.web.site import Site, TheSite

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK: Final = "no-cache"
_TEXTS: Final = frozenset({".js", ".css", ".svg", ".json", ".html"})
"""Files that get smaller by packing. Nothing secret is among them, so packing gives nothing away."""


@lru_cache(maxsize=128)
def _packed(path: Path, _modified_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


def _serve(site: TheSite, name: str, opening: object = None) -> Response:
    """opening: see `with_opening`."""
    text = page(name, static=site.static)
    if text is None:
        raise UnavailableError("page.not_built", f"The page {name} was not built.")
    if opening is None:
        return HTMLResponse(text, headers={"Cache-Control": _ASK})
    policy = {"Content-Security-Policy": content_policy(hashes_of(text))}
    return HTMLResponse(with_opening(text, opening), headers={"Cache-Control": "no-store", **policy})


@router.get("/")
async def front(site: TheSite) -> Response:
    return _serve(site, "index.html")


@router.get("/d/{discussion}")
async def audience(discussion: str, request: Request, site: TheSite) -> Response:
    """With what it would ask for first: each question less is a round trip less before the first picture.
    The page believes the line where it says otherwise."""
    facts = await now(site, request, discussion)
    sides = {seat.seat for seat in facts.seats if seat.kind == "side"}
    opening = {
        "discussion": facts.model_dump(),
        "line": viewers_line(site, request).model_dump(),
        # A booth's is not needed before somebody listens, and a large one would hold up the page.
        "catalogs": {seat: raw for seat, raw in site.line.catalogs(facts.id).items() if seat in sides},
    }
    return _serve(site, "audience.html", opening)


@router.get("/stage/{discussion}/{seat}")
async def stage(discussion: str, seat: str, site: TheSite) -> Response:
    (await site.desk.room(discussion)).discussion.seat(seat)
    return _serve(site, "stage.html")


@router.get("/verify")
async def verify(request: Request, site: TheSite) -> Response:
    """One file, which may be saved: it is sent with the content policy that stands in it."""
    text = page("verify.html", static=site.static)
    if text is None:
        raise UnavailableError("page.not_built", "The page verify.html was not built.")
    answer = _file(request, site, "verify.html", _ASK)
    answer.headers["Content-Security-Policy"] = f"{policy_of(text)}; frame-ancestors 'none'"
    return answer


@router.get("/assets/{path:path}")
async def asset(path: str, request: Request, site: TheSite) -> Response:
    """A file whose name changes with its content."""
    return _file(request, site, f"assets/{path}", _FOREVER)


@router.get("/{name}")
async def file(name: str, request: Request, site: TheSite) -> Response:
    """A file beside the pages, such as the icon. The pages have addresses of their own."""
    return _file(request, site, "missing" if name.endswith(".html") else name, _ASK)


def _file(request: Request, site: Site, path: str, cache: str) -> Response:
    """Only what lies in the folder of the built pages."""
    root = site.static.resolve()
    try:
        found = (root / path).resolve()
        if found.is_relative_to(root) and found.is_file():
            headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
            if found.suffix in _TEXTS and "gzip" in request.headers.get("accept-encoding", ""):
                packed = _packed(found, found.stat().st_mtime_ns)
                kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
                return Response(packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=kind)
            return FileResponse(found, headers=headers)
    except (OSError, ValueError):  # a name that no file can have
        pass
    raise YourInputError("page.unknown", f"There is nothing at {request.url.path[:200]!r}.")
