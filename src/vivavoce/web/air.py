"""A seat, for those who hold its stage address: see it, go on air, leave."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.discussion import public
from vivavoce.errors import RefusedError
from vivavoce.web.access import AsHost, Bearer, refuse, stage_secret
from vivavoce.web.discussions import DiscussionNow, SeatState, audience_url, stage_url
from vivavoce.web.errors import AirTaken, NotYours, responses
from vivavoce.web.line import LineFacts, own_line
from vivavoce.web.site import TheSite

__all__ = ["router"]

router = APIRouter(prefix="/api/discussions/{discussion}/seats/{seat}", tags=["stage"])


class SeatNow(SeatState):
    """The seat that the secret is for, and its discussion with the state of every seat."""

    seat: str
    discussion: DiscussionNow


class GoOnAir(BaseModel):
    """device: what the page calls itself, random, kept for as long as the page's tab. take_over: put another
    device off the air, seen by all. token: one that the device had before, which spares the question."""

    model_config = ConfigDict(extra="forbid", strict=True)

    device: str = Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")
    take_over: bool = False
    token: str | None = Field(default=None, max_length=64)


class AirGrant(BaseModel):
    """token: for the line, told once. run: 16 hex digits. path: the one broadcast that may be published.
    line: where. clock_us: the host's clock as this was answered."""

    token: str
    run: str
    path: str
    line: LineFacts
    clock_us: int


class Renewed(BaseModel):
    stage_url: str


@router.get("", responses=responses(401, 404, 421, 422, 429, 503))
async def seat_now(discussion: str, seat: str, request: Request, site: TheSite, secret: Bearer) -> SeatNow:
    """The seat, and who is on air."""
    room = await site.desk.room(discussion)
    stage_secret(request, site, room, seat, secret)
    state = site.desk.state(room)
    whole = public.facts(room.discussion) | {
        "audience_url": audience_url(site.base_for(request), discussion),
        "state": state,
    }
    return SeatNow.model_validate(state["seats"][seat] | {"seat": seat, "discussion": whole})


@router.post(
    "/air",
    status_code=201,
    responses=responses(401, 404, 413, 421, 422, 429, 503)
    | {409: {"model": AirTaken, "description": "Another device is on air."}},
)
async def go_on_air(
    discussion: str, seat: str, asked: GoOnAir, request: Request, site: TheSite, secret: Bearer
) -> AirGrant:
    """Go on air. 409 `air.taken` while another device is, unless `take_over`."""
    room = await site.desk.room(discussion)
    stage_secret(request, site, room, seat, secret)
    try:
        on_air = await site.desk.go_on_air(
            room, seat, asked.device, take_over=asked.take_over, held_token=asked.token
        )
    except RefusedError as error:
        holder = room.airs[seat].holder
        if error.code != "air.taken" or holder is None:
            raise
        raise NotYours(error.message, holder.since_us, holder.device) from None
    return AirGrant(
        token=on_air.token,
        run=on_air.grant.run,
        path=on_air.grant.path,
        line=own_line(site, request),
        clock_us=site.clock.now_us(),
    )


@router.delete("/air", status_code=204, responses=responses(401, 404, 409, 421, 422, 429, 503))
async def leave(discussion: str, seat: str, request: Request, site: TheSite, token: Bearer) -> None:
    """Leave the air, with the token that is on air."""
    room = await site.desk.room(discussion)
    try:
        if not token:
            raise RefusedError("access.token", "No token was shown.")
        await site.desk.leave(room, seat, token)
    except RefusedError as error:
        if error.code != "access.token":
            raise
        raise refuse(request, site, error) from None


@router.post("/renew", dependencies=[AsHost], responses=responses(401, 404, 421, 422, 429, 503))
async def renew(discussion: str, seat: str, request: Request, site: TheSite) -> Renewed:
    """A new stage address. The old one, and whoever is on air with it, are out at once: the remedy
    for an address that leaked."""
    room = await site.desk.room(discussion)
    secret = await site.desk.renew(room, seat)
    return Renewed(stage_url=stage_url(site.base_for(request), discussion, seat, secret))
