"""The desk: knows every discussion that is in use, decides who is on air, and tells the line.

Each act is decided by `air`, then kept in the store, and only then takes effect; so what the host did is
what it does again after a restart. The desk is the line's `Authority`: a token is good while it is on air.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import structlog

from vivavoce.clock import Clock
from vivavoce.discussion import air, public
from vivavoce.discussion.authority import Grant
from vivavoce.discussion.discussion import ID_BYTES, Discussion, Seat, discussion_id, is_discussion_id
from vivavoce.discussion.revoked import Revoked, with_revoked
from vivavoce.discussion.secrets import digest, matches, new_run, new_secret, short
from vivavoce.discussion.store import Kept, Store
from vivavoce.errors import RefusedError, UnavailableError, YourInputError

__all__ = ["Created", "Desk", "Line", "OnAir", "Recording", "Room"]

NEWEST_EVENTS: Final = 20
STATE_EVERY_US: Final = 2_000_000
IN_USE_US: Final = 24 * 3_600_000_000
"""A room that nobody asked for and where nobody was on air for a day is let go."""
REFUSED_EVERY_US: Final = 10_000_000
"""A seat's refusals show as an event at most this often; the log and the metrics count each."""

_log = structlog.get_logger(__name__)


class Line(Protocol):
    """What the desk needs of the relay. Calls return at once and do not raise."""

    def publish_state(self, discussion: str, state: Mapping[str, Any]) -> None:
        """Show the host's word about a discussion to every viewer."""

    def end_run(self, discussion: str, seat: str, why: str) -> None:
        """Close a seat's broadcast and the sessions that feed it."""

    def forget(self, discussion: str) -> None:
        """Show it no more."""


class Recording(Protocol):
    """What the desk needs of the recorder."""

    def open_discussion(self, discussion: str, facts: Mapping[str, Any]) -> None:
        """Start or reopen the record of a discussion."""

    def health(self) -> str:
        """`running`, `disk_full` or `off`."""


@dataclass(slots=True)
class Room:
    """A discussion in use. secrets: SHA-256 by seat. airs: who is on air, by seat. revoked: in the order in
    which they came."""

    discussion: Discussion
    secrets: dict[str, bytes]
    airs: dict[str, air.Air]
    events: deque[air.Event]
    used_us: int
    revoked: tuple[Revoked, ...] = ()
    shown_us: int = 0
    refused_us: dict[str, int] = field(default_factory=dict)
    acting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_on_air(self) -> bool:
        return any(each.holder is not None for each in self.airs.values())


@dataclass(frozen=True, slots=True)
class Created:
    """A new discussion and, by seat, the secret of its stage address: told once, never kept."""

    discussion: Discussion
    secrets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OnAir:
    """What a device needs to publish. token: told once, never kept."""

    token: str
    grant: Grant


class Desk:
    """Use: `attach` the line and the recorder, `await open()`, call `tick` four times a second or so,
    and `await close()`. Every method raises UnavailableError where the store fails."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._grants: dict[str, Grant] = {}
        self._line: Line | None = None
        self._recording: Recording | None = None
        self._loading = asyncio.Lock()
        self._to_keep: asyncio.Queue[tuple[str, str, air.Change]] = asyncio.Queue(maxsize=1000)
        self._keeper: asyncio.Task[None] | None = None
        self.refusals: dict[str, int] = {}
        self.on_let_go: list[Callable[[str], None]] = []

    def attach(self, line: Line, recording: Recording | None) -> None:
        self._line = line
        self._recording = recording

    async def open(self) -> None:
        """Take up again where the last host on this store stopped: who was on air still is, and
        comes back with its token."""
        for id in await self._store.on_air():
            await self.room(id)
        self._keeper = asyncio.create_task(self._keep_events())

    async def close(self) -> None:
        if self._keeper is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._to_keep.join(), timeout=1)
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper

    # -- discussions

    async def create(self, title: str, seats: tuple[Seat, ...]) -> Created:
        """A new discussion. Does not check the facts: see `discussion.seats_of`, `checked_text`."""
        now_us = self._clock.now_us()
        discussion = Discussion(discussion_id(os.urandom(ID_BYTES)), title, now_us, seats)
        secrets = {seat.seat: new_secret() for seat in seats}
        await self._store.add(discussion, {seat: digest(secret) for seat, secret in secrets.items()})
        await self.room(discussion.id)
        _log.info("discussion created", discussion=discussion.id, seats=len(seats))
        return Created(discussion, secrets)

    async def list(self, *, limit: int, before_us: int) -> tuple[Discussion, ...]:
        return await self._store.list(limit=limit, before_us=before_us)

    async def room(self, id: str) -> Room:
        """Raises YourInputError `discussion.unknown`."""
        room = self._rooms.get(id)
        if room is None:
            if not is_discussion_id(id):
                raise YourInputError(
                    "discussion.unknown", f"There is no discussion {id[:64]!r} on this host."
                )
            async with self._loading:
                room = self._rooms.get(id) or await self._load(id)
        room.used_us = self._clock.now_us()
        return room

    async def _load(self, id: str) -> Room:
        kept = await self._store.find(id, newest_events=NEWEST_EVENTS)
        if kept is None:
            raise YourInputError("discussion.unknown", f"There is no discussion {id!r} on this host.")
        room = self._rooms[id] = _room(kept, self._clock.now_us())
        for seat, each in room.airs.items():
            if each.holder is not None:
                self._grants[each.holder.token_id] = _grant(id, seat, each.holder)
        self._record(room)
        self._show(room)
        return room

    def _record(self, room: Room) -> None:
        if self._recording is not None:
            facts = public.record_facts(room.discussion, [one.raw for one in room.revoked])
            self._recording.open_discussion(room.discussion.id, facts)

    async def revoke(self, room: Room, revoked: Revoked) -> None:
        """Keep a revocation, and tell it to whoever asks from now on. Nobody is put off the air by it.

        Raises as `revoked.with_revoked`. Does not check the signature: see `seal.statement.revocation_of`.
        """
        async with room.acting:
            now_us = self._clock.now_us()
            kept = with_revoked(room.revoked, revoked, now_us)
            if kept != room.revoked:
                await asyncio.shield(self._revoke(room, kept, now_us))

    async def _revoke(self, room: Room, kept: tuple[Revoked, ...], now_us: int) -> None:
        await self._store.revoke(room.discussion.id, kept[-1], now_us)
        room.revoked = kept
        self._record(room)
        _log.info("device revoked", discussion=room.discussion.id)

    def check_secret(self, room: Room, seat: str, secret: str) -> None:
        """Raises YourInputError `seat.unknown`, RefusedError `access.stage`."""
        room.discussion.seat(seat)
        if not matches(secret, room.secrets[seat]):
            raise RefusedError(
                "access.stage", f"This is not the secret of the seat {seat} of {room.discussion.id}."
            )

    def state(self, room: Room) -> dict[str, Any]:
        recording = self._recording.health() if self._recording is not None else "off"
        return public.state(room.discussion, room.airs, room.events, recording, self._clock.now_us())

    # -- the air

    async def go_on_air(
        self, room: Room, seat: str, device: str, *, take_over: bool, held_token: str | None
    ) -> OnAir:
        """Put a device on air. device: what it calls itself. held_token: one that it had before.
        Raises RefusedError `air.taken`. Does not check the stage's secret: see `check_secret`."""
        token = new_secret()
        async with room.acting:
            asker = air.Holder(
                device=short(device),
                device_hash=digest(device).hex(),
                token_id=digest(token).hex(),
                run=new_run(),
                since_us=self._clock.now_us(),
            )
            shown = digest(held_token).hex() if held_token else None
            change = air.take(room.airs[seat], asker, take_over=take_over, shown_token_id=shown)
            await asyncio.shield(self._do(room, seat, change))
        return OnAir(token, _grant(room.discussion.id, seat, asker))

    async def leave(self, room: Room, seat: str, token: str) -> None:
        """Raises RefusedError `air.not_on`, `access.token`; YourInputError `seat.unknown`."""
        room.discussion.seat(seat)
        async with room.acting:
            change = air.leave(room.airs[seat], digest(token).hex(), self._clock.now_us())
            await asyncio.shield(self._do(room, seat, change))

    async def renew(self, room: Room, seat: str) -> str:
        """A new secret for a seat's stage address. The old one and whoever is on air with it are out at
        once. Raises YourInputError `seat.unknown`."""
        room.discussion.seat(seat)
        secret = new_secret()
        async with room.acting:
            change = air.renew(room.airs[seat], self._clock.now_us())
            await asyncio.shield(self._do(room, seat, change, new_secret=digest(secret)))
        return secret

    async def _do(
        self, room: Room, seat: str, change: air.Change, *, new_secret: bytes | None = None
    ) -> None:
        await self._store.change(room.discussion.id, seat, change, new_secret=new_secret)
        if new_secret is not None:
            room.secrets[seat] = new_secret
        if change.ended is not None:
            self._grants.pop(change.ended.token_id, None)
        if change.began is not None:
            self._grants[change.began.token_id] = _grant(room.discussion.id, seat, change.began)
        self._apply(room, seat, change)
        if change.ended is not None and self._line is not None:
            self._line.end_run(room.discussion.id, seat, change.why)

    def _apply(self, room: Room, seat: str, change: air.Change) -> None:
        """Let a change take effect for everybody who looks."""
        room.airs[seat] = change.air
        if change.event is not None:
            room.events.append(air.Event(change.at_us, seat, change.event, change.device))
            _log.info(change.event, discussion=room.discussion.id, seat=seat, device=change.device)
            self._show(room)

    def _show(self, room: Room) -> None:
        room.shown_us = self._clock.now_us()
        if self._line is not None:
            self._line.publish_state(room.discussion.id, self.state(room))

    # -- what the line says (vivavoce.line.relay.Authority)

    def grant(self, token: str) -> Grant | None:
        return self._grants.get(digest(token).hex())

    def connected(self, grant: Grant) -> None:
        _log.info("device connected", discussion=grant.discussion, seat=grant.seat, device=grant.device)

    def disconnected(self, grant: Grant, why: str) -> None:
        _log.info(
            "device disconnected", discussion=grant.discussion, seat=grant.seat, device=grant.device, why=why
        )

    def sending(self, grant: Grant, at_us: int) -> None:
        room = self._rooms.get(grant.discussion)
        if room is not None:
            before = room.airs[grant.seat]
            self._notice(room, grant.seat, air.heard(before, grant.token_id, at_us))
            if before.heard_us == 0 and room.airs[grant.seat].heard_us:
                self._show(room)

    def refused(self, what: str, grant: Grant | None) -> None:
        self.refusals[what] = self.refusals.get(what, 0) + 1
        if grant is None:
            _log.warning("refused on the line", what=what)
            return
        _log.warning("refused on the line", what=what, discussion=grant.discussion, seat=grant.seat)
        room = self._rooms.get(grant.discussion)
        now_us = self._clock.now_us()
        if room is not None and now_us - room.refused_us.get(grant.seat, 0) >= REFUSED_EVERY_US:
            room.refused_us[grant.seat] = now_us
            change = air.Change(room.airs[grant.seat], now_us, "refused", grant.device)
            self._notice(room, grant.seat, change)

    def tick(self) -> None:
        """Notice what the passing of time does, and show the state of rooms in use every two seconds."""
        now_us = self._clock.now_us()
        for id, room in list(self._rooms.items()):
            on_air = room.is_on_air
            if on_air:
                for seat, each in list(room.airs.items()):
                    self._notice(room, seat, air.passed(each, now_us))
            elif now_us - room.used_us > IN_USE_US:
                self._let_go(id)
                continue
            if now_us - room.shown_us >= STATE_EVERY_US:
                self._show(room)

    def _let_go(self, id: str) -> None:
        del self._rooms[id]
        if self._line is not None:
            self._line.forget(id)
        for forget in self.on_let_go:
            forget(id)

    @property
    def on_air(self) -> int:
        """How many seats have a device on air."""
        return len(self._grants)

    @property
    def rooms(self) -> Mapping[str, Room]:
        """The discussions in use."""
        return self._rooms

    def _notice(self, room: Room, seat: str, change: air.Change) -> None:
        """A change that nobody waits for: it takes effect now and is kept as soon as the store can."""
        if change.event is None:
            room.airs[seat] = change.air
            return
        self._apply(room, seat, change)
        with contextlib.suppress(asyncio.QueueFull):
            self._to_keep.put_nowait((room.discussion.id, seat, change))

    async def _keep_events(self) -> None:
        while True:
            id, seat, change = await self._to_keep.get()
            try:
                await self._store.change(id, seat, change)
            except UnavailableError as error:
                _log.error("event not kept", discussion=id, seat=seat, code=error.code)
            finally:
                self._to_keep.task_done()


def _room(kept: Kept, now_us: int) -> Room:
    newest_us = max((event.at_us for event in kept.events), default=0)
    airs = {seat.seat: air.resumed(kept.holders.get(seat.seat), newest_us) for seat in kept.discussion.seats}
    events = deque(kept.events, maxlen=NEWEST_EVENTS)
    return Room(kept.discussion, dict(kept.secrets), airs, events, used_us=now_us, revoked=kept.revoked)


def _grant(discussion: str, seat: str, holder: air.Holder) -> Grant:
    return Grant(discussion, seat, holder.run, holder.device, holder.token_id)
