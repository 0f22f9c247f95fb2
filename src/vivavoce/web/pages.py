"""The pages that Vite built, served as they are; and the error page, which is told what happened."""

from __future__ import annotations

import gzip
import html
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from vivavoce.errors import UnavailableError, VivavoceError, YourInputError
from vivavoce.web.site import STATIC, Site, TheSite

__all__ = ["page", "router"]

router = APIRouter(include_in_schema=False)

_FOREVER: Final = "public, max-age=31536000, immutable"
_ASK: Final = "no-cache"
_TEXTS: Final = frozenset({".js", ".css", ".svg", ".json"})
"""Files that get smaller by packing. Nothing secret is among them, so packing gives nothing away."""


def page(name: str, *, error: VivavoceError | None = None, static: Path = STATIC) -> str | None:
    """The page's text, or None if it was not built. error: put into the head as `meta` elements named
    `vivavoce-error`, `vivavoce-message` and `vivavoce-remedy`, which `<vv-error>` reads."""
    text = _text(static / name)
    if text is None or error is None:
        return text
    told = "".join(
        f'<meta name="vivavoce-{name}" content="{html.escape(value)}" />'
        for name, value in (("error", error.code), ("message", error.message), ("remedy", error.remedy))
    )
    return text.replace("</head>", f"{told}</head>", 1)


@lru_cache(maxsize=16)
def _read(path: Path, _modified_ns: int) -> str:
    return path.read_text(encoding="utf-8")


@lru_cache(maxsize=128)
def _packed(path: Path, _modified_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)


def _text(path: Path) -> str | None:
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        return None


def _serve(site: TheSite, name: str) -> Response:
    text = page(name, static=site.static)
    if text is None:
        raise UnavailableError("page.not_built", f"The page {name} was not built.")
    return HTMLResponse(text, headers={"Cache-Control": _ASK})


@router.get("/")
async def front(site: TheSite) -> Response:
    return _serve(site, "index.html")


@router.get("/d/{discussion}")
async def audience(discussion: str, site: TheSite) -> Response:
    await site.desk.room(discussion)
    return _serve(site, "audience.html")


@router.get("/stage/{discussion}/{seat}")
async def stage(discussion: str, seat: str, site: TheSite) -> Response:
    (await site.desk.room(discussion)).discussion.seat(seat)
    return _serve(site, "stage.html")


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
