"""The HTTP interface and the pages, put together."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response

from vivavoce.web import air, discussions, errors, leaves, line, pages, revocations
from vivavoce.web.access import AsHost
from vivavoce.web.guard import Guard
from vivavoce.web.reference import reference
from vivavoce.web.site import Site, TheSite

__all__ = ["create_app"]

_ABOUT = (
    "A host of live two-sided discussions. Errors are `{error: {code, message, remedy}}`; codes are stable. "
    "Times are Unix microseconds on the host's clock."
)

_host = APIRouter()


@_host.get("/metrics", dependencies=[AsHost], include_in_schema=False)
async def metrics(site: TheSite) -> Response:
    """For the host alone: it names discussions that are known only to those who have their address."""
    return Response(site.metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")


def create_app(site: Site) -> FastAPI:
    """The ASGI application of a host."""
    app = FastAPI(
        title="Vivavoce",
        version="1",
        description=_ABOUT,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.site = site
    errors.install(app)

    @app.get("/api/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(reference(app.openapi()))

    @app.get("/api/docs.css", include_in_schema=False)
    async def style() -> FileResponse:
        return FileResponse(Path(__file__).with_name("reference.css"))

    routers = (discussions.router, leaves.router, revocations.router, air.router, line.router, _host)
    for router in (*routers, pages.router):
        app.include_router(router)
    app.add_middleware(Guard, site=site)
    return app
