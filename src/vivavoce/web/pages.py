"""The pages that Vite built, served as they are; and the error page, which is told what happened."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from vivavoce.discussion.discussion import is_discussion_id
from vivavoce.errors import UnavailableError, VivavoceError, YourInputError
from vivavoce.web.site import STATIC, TheSite

__all__ = ["page", "router"]

router = APIRouter(include_in_schema=False)

_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK: Final = "no-cache"


def page(name: str, *, error: VivavoceError | None = None, static: Path = STATIC) -> str | None:
    """The page's text, or None if it was not built. error: its code, message and remedy are written,
    escaped, where the page says `__CODE__`, `__MESSAGE__` and `__REMEDY__`."""
    text = _text(static / name)
    if text is None or error is None:
        return text
    told = {"__CODE__": error.code, "__MESSAGE__": error.message, "__REMEDY__": error.remedy}
    return re.sub("__(CODE|MESSAGE|REMEDY)__", lambda found: html.escape(told[found[0]]), text)


@lru_cache(maxsize=16)
def _read(path: Path, _modified_ns: int) -> str:
    return path.read_text(encoding="utf-8")


def _text(path: Path) -> str | None:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return None


def _serve(site: TheSite, name: str) -> Response:
    text = page(name, static=site.static)
    if text is None:
        raise UnavailableError("page.unknown", f"The page {name} was not built.", remedy="Run `make setup`.")
    return HTMLResponse(text, headers={"Cache-Control": _ASK})


@router.api_route("/", methods=["GET", "HEAD"])
async def front(site: TheSite) -> Response:
    return _serve(site, "index.html")


@router.api_route("/d/{discussion}", methods=["GET", "HEAD"])
async def audience(discussion: str, site: TheSite) -> Response:
    await site.desk.room(discussion)
    return _serve(site, "audience.html")


@router.api_route("/stage/{discussion}/{seat}", methods=["GET", "HEAD"])
async def stage(discussion: str, seat: str, site: TheSite) -> Response:
    (await site.desk.room(discussion)).discussion.seat(seat)
    return _serve(site, "stage.html")


@router.api_route("/{path:path}", methods=["GET", "HEAD"])
async def file(path: str, request: Request, site: TheSite) -> Response:
    """A file of the built pages. Only what lies in the folder; pages have addresses of their own."""
    missing = YourInputError("page.unknown", f"There is nothing at {request.url.path[:200]!r}.")
    if path.endswith(".html") or "\0" in path or is_discussion_id(path):
        raise missing
    root = site.static.resolve()
    found = (root / path).resolve()
    if not found.is_relative_to(root) or not found.is_file():
        raise missing
    hashed = path.startswith("assets/")
    return FileResponse(found, headers={"Cache-Control": _FOREVER if hashed else _ASK})
