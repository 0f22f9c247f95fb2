"""Discussions: made by the host, known to everybody."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from vivavoce.discussion import public
from vivavoce.discussion.discussion import (
    MAX_BOOTHS,
    MAX_TITLE,
    Discussion,
    NewSeat,
    checked_text,
    seats_of,
)
from vivavoce.errors import EvidenceError, RefusedError, YourInputError
from vivavoce.seal.founding import founding_of
from vivavoce.seal.keys import check_key
from vivavoce.web.access import AsHost, address_of
from vivavoce.web.errors import responses
from vivavoce.web.site import Site, TheSite

__all__ = ["now", "router"]

router = APIRouter(prefix="/api/discussions", tags=["discussions"])

MAX_DELAY_MS = 60_000
_LANGUAGE = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


_Key = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$", description="An Ed25519 public key in hex.")]


class NewSide(_Body):
    """name: shown to everyone; empty for North or South. language: BCP 47, what the side speaks.
    identity_key: by which the side vouches for its devices, Ed25519, 64 hex digits; without one, its
    devices' keys are introduced by the host."""

    name: str = Field(default="", max_length=80)
    language: str = Field(default="en", max_length=32, pattern=_LANGUAGE)
    identity_key: _Key | None = None


class NewBooth(_Body):
    """An interpreters' booth. language: BCP 47, into which it interprets. identity_key: as a side's."""

    name: str = Field(default="", max_length=80)
    language: str = Field(max_length=32, pattern=_LANGUAGE)
    identity_key: _Key | None = None


class NewDiscussion(_Body):
    """sides: north and south, in this order."""

    title: str = Field(default="", max_length=MAX_TITLE)
    sides: Annotated[list[NewSide], Field(min_length=2, max_length=2)] = Field(
        default_factory=lambda: [NewSide(), NewSide()]
    )
    booths: Annotated[list[NewBooth], Field(max_length=MAX_BOOTHS)] = Field(default_factory=list)


class SideAddress(BaseModel):
    """stage_url: whoever has it may go on air for the side; it is told once."""

    side: Literal["north", "south"]
    name: str
    language: str
    stage_url: str


class BoothAddress(BaseModel):
    seat: str
    name: str
    language: str
    stage_url: str


class CreatedDiscussion(BaseModel):
    id: str
    title: str
    audience_url: str
    sides: list[SideAddress]
    booths: list[BoothAddress]


class SeatFacts(BaseModel):
    """identity: the identity key that it brought, 64 hex digits; null where it brought none."""

    seat: str
    kind: Literal["side", "booth"]
    name: str
    language: str
    identity: str | None


class DiscussionFacts(BaseModel):
    id: str
    title: str
    created_us: int
    seats: list[SeatFacts]
    audience_url: str


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=100)
    before_us: int = Field(default=(1 << 62) - 1, ge=0, lt=1 << 62)


class Listed(BaseModel):
    """next_before_us: give it as `before_us` for older ones; null at the end."""

    discussions: list[DiscussionFacts]
    next_before_us: int | None


class SeatState(BaseModel):
    """sending: samples arrived within the last second. run, device, since_us: null where nobody is on air."""

    kind: Literal["side", "booth"]
    name: str
    language: str
    on_air: bool
    sending: bool
    since_us: int | None
    run: str | None
    device: str | None


class EventFacts(BaseModel):
    at_us: int
    seat: str
    event: str
    device: str


class State(BaseModel):
    """As `state.json` on the line (docs/formats/line.md, L12)."""

    version: Literal[1]
    at_us: int
    discussion: str
    title: str
    recording: Literal["running", "off", "disk_full"]
    seats: dict[str, SeatState]
    events: list[EventFacts]


class DiscussionNow(DiscussionFacts):
    state: State


class SealingDevice(BaseModel):
    """run: 16 hex digits. device: its public key, 64 hex digits."""

    run: str
    device: str


class FoundingFacts(BaseModel):
    """facts: the founding facts in their sealed form, in hex (docs/formats/seal.md, S14). hash: the founding
    hash, to which every signature in the discussion is bound. devices: by seat, who is on the line and seals
    now; for a seat without an identity key this is the host's word and nothing more. revocations: those that
    came to the host, envelopes in hex, in the order in which they came (S17)."""

    facts: str
    hash: str
    devices: dict[str, SealingDevice]
    revocations: list[str]


class Delays(_Body):
    """What a viewer's page measured for a seat, newest value, in milliseconds; null where unknown."""

    seat: str = Field(max_length=40)
    display_ms: float | None = Field(default=None, ge=0, le=MAX_DELAY_MS, allow_inf_nan=False)
    loudspeaker_ms: float | None = Field(default=None, ge=0, le=MAX_DELAY_MS, allow_inf_nan=False)


@router.post("", status_code=201, dependencies=[AsHost], responses=responses(401, 413, 421, 422, 429, 503))
async def create(new: NewDiscussion, request: Request, site: TheSite) -> CreatedDiscussion:
    """A new discussion. Its stage addresses are told here and nowhere else."""
    title = checked_text(new.title, "title", MAX_TITLE)
    seats = seats_of(
        [_seat(side, f"sides.{number}") for number, side in enumerate(new.sides)],
        [_seat(booth, f"booths.{number}") for number, booth in enumerate(new.booths)],
    )
    created = await site.desk.create(title, seats)
    base = site.base_for(request)
    id = created.discussion.id
    sides: list[Any] = []
    booths: list[Any] = []
    for seat in seats:
        facts = {"name": seat.name, "language": seat.language}
        facts["stage_url"] = stage_url(base, id, seat.seat, created.secrets[seat.seat])
        if seat.kind == "side":
            sides.append({"side": seat.seat} | facts)
        else:
            booths.append({"seat": seat.seat} | facts)
    return CreatedDiscussion(
        id=id, title=title, audience_url=audience_url(base, id), sides=sides, booths=booths
    )


@router.get("", dependencies=[AsHost], responses=responses(401, 421, 422, 429, 503))
async def listed(request: Request, site: TheSite, wanted: Annotated[Wanted, Query()]) -> Listed:
    """This host's discussions, newest first. Stage addresses are not among them."""
    found = await site.desk.list(limit=wanted.limit, before_us=wanted.before_us)
    more = found[-1].created_us if len(found) == wanted.limit else None
    return Listed(discussions=[_facts(site, request, each) for each in found], next_before_us=more)


@router.get("/{discussion}", responses=responses(404, 421, 422, 503))
async def one(discussion: str, request: Request, site: TheSite) -> DiscussionNow:
    """What everybody may know of a discussion, and how it stands."""
    return await now(site, request, discussion)


@router.get("/{discussion}/founding", responses=responses(404, 421, 422, 503))
async def founding(discussion: str, response: Response, site: TheSite) -> FoundingFacts:
    """What is fixed of a discussion from its beginning, as its seals are bound to it, whose devices seal now,
    and what was revoked. Whoever does not trust the host compares the hash with what the sides published."""
    room = await site.desk.room(discussion)
    facts = founding_of(room.discussion)
    sealing = site.line.devices(discussion)
    response.headers["Cache-Control"] = "no-store"
    return FoundingFacts(
        facts=facts.to_bytes().hex(),
        hash=facts.digest.hex(),
        devices={
            one.seat: SealingDevice(run=sealing[one.seat][0], device=sealing[one.seat][1])
            for one in room.discussion.seats
            if one.seat in sealing
        },
        revocations=[one.raw.hex() for one in room.revoked],
    )


@router.post("/{discussion}/delays", status_code=204, responses=responses(404, 413, 421, 422, 429, 503))
async def report(discussion: str, delays: Delays, request: Request, site: TheSite) -> None:
    """A viewer's page tells what it measured. Kept as counts only, of nobody in particular."""
    if not site.reports.count(address_of(request), site.clock.now_us()):
        raise RefusedError("access.throttled", "Too many reports came from this address.")
    room = await site.desk.room(discussion)
    seat = room.discussion.seat(delays.seat).seat
    site.metrics.seen(discussion, seat, delays.display_ms, delays.loudspeaker_ms)


async def now(site: Site, request: Request, discussion: str) -> DiscussionNow:
    """What everybody may know of a discussion. Raises YourInputError `discussion.unknown`."""
    room = await site.desk.room(discussion)
    facts = _facts(site, request, room.discussion).model_dump()
    return DiscussionNow(**facts, state=State.model_validate(site.desk.state(room)))


def audience_url(base: str, discussion: str) -> str:
    return f"{base}/d/{discussion}"


def stage_url(base: str, discussion: str, seat: str, secret: str) -> str:
    """The secret stands after the #, which browsers send to nobody."""
    return f"{base}/stage/{discussion}/{seat}#{secret}"


def _seat(new: NewSide | NewBooth, where: str) -> NewSeat:
    """Raises YourInputError `seal.key`, of the place in the body, for a key that none may have."""
    key = bytes.fromhex(new.identity_key or "")
    if key:
        try:
            check_key(key)
        except EvidenceError as error:
            raise YourInputError(error.code, f"{where}.identity_key: {error.message}") from None
    return NewSeat(new.name, new.language, key)


def _facts(site: Site, request: Request, discussion: Discussion) -> DiscussionFacts:
    url = audience_url(site.base_for(request), discussion.id)
    return DiscussionFacts.model_validate(public.facts(discussion) | {"audience_url": url})
