"""What outlives the host's process: discussions, seats' secrets, who is on air, what happened.

The same on SQLite and PostgreSQL. When a writing method returns, what it wrote survives power loss;
when it raises, nothing of it is there. One host at a time works on a store (`database.hold_alone`, and
a lock on the data folder).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, cast

import sqlalchemy as sa
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from vivavoce.discussion import air, database, migrate
from vivavoce.discussion.discussion import Discussion, Seat
from vivavoce.discussion.revoked import Revoked
from vivavoce.discussion.schema import discussions, events, revocations, runs, seats

__all__ = ["Kept", "Store"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A discussion with what only the host knows. secrets: SHA-256 by seat. holders: who is on air, by
    seat. events: the newest, oldest first. revoked: in the order in which they came."""

    discussion: Discussion
    secrets: Mapping[str, bytes]
    holders: Mapping[str, air.Holder]
    events: tuple[air.Event, ...]
    revoked: tuple[Revoked, ...] = ()


class Store:
    """Opened with `async with`; every method raises UnavailableError where the database fails."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine: AsyncEngine | None = None
        self._alone: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        self._engine = database.connect(self._url)
        try:
            with database.faults_named(self._url):
                database.probe(self._url)
                self._alone = await database.hold_alone(self._engine)
                await migrate.upgrade(self._engine)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        if self._alone is not None:
            await self._alone.close()
            self._alone = None
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def check(self) -> None:
        """See that the database answers and that this is still the one host that works on it.

        Raises UnavailableError: `data.in_use` when another host took it while it could not be reached.
        """
        with database.faults_named(self._url):
            if self._alone is None:
                return
            try:
                await self._alone.execute(sa.text("SELECT 1"))
            except DBAPIError:
                await self._alone.invalidate()
                await self._alone.close()
                self._alone = await database.hold_alone(self._open)

    async def add(self, discussion: Discussion, secrets: Mapping[str, bytes]) -> None:
        """Keep a new discussion. secrets: SHA-256 by seat, one for each. Does not check the facts."""
        with database.faults_named(self._url):
            async with self._open.begin() as db:
                await db.execute(
                    sa.insert(discussions).values(
                        id=discussion.id, title=discussion.title, created_us=discussion.created_us
                    )
                )
                await db.execute(
                    sa.insert(seats),
                    [
                        {
                            "discussion": discussion.id,
                            "seat": seat.seat,
                            "position": position,
                            "kind": seat.kind,
                            "name": seat.name,
                            "language": seat.language,
                            "secret_sha256": secrets[seat.seat],
                            "identity": seat.identity or None,
                        }
                        for position, seat in enumerate(discussion.seats)
                    ],
                )

    async def find(self, discussion: str, *, newest_events: int = 20) -> Kept | None:
        """What is kept of a discussion; None if there is none of this id."""
        with database.faults_named(self._url):
            async with self._open.connect() as db:
                found = (
                    await db.execute(sa.select(discussions).where(discussions.c.id == discussion))
                ).first()
                if found is None:
                    return None
                rows = (
                    await db.execute(
                        sa.select(seats).where(seats.c.discussion == discussion).order_by(seats.c.position)
                    )
                ).all()
                on_air = (
                    await db.execute(
                        sa.select(runs).where(runs.c.discussion == discussion, runs.c.ended_us.is_(None))
                    )
                ).all()
                happened = (
                    await db.execute(
                        sa.select(events)
                        .where(events.c.discussion == discussion)
                        .order_by(events.c.number.desc())
                        .limit(newest_events)
                    )
                ).all()
                withdrawn = (
                    await db.execute(
                        sa.select(revocations)
                        .where(revocations.c.discussion == discussion)
                        .order_by(revocations.c.number)
                    )
                ).all()
        return Kept(
            discussion=Discussion(found.id, found.title, found.created_us, tuple(map(_seat, rows))),
            secrets={row.seat: row.secret_sha256 for row in rows},
            holders={
                row.seat: air.Holder(row.device, row.device_sha256, row.token_sha256, row.run, row.started_us)
                for row in on_air
            },
            events=tuple(air.Event(row.at_us, row.seat, row.event, row.device) for row in reversed(happened)),
            revoked=tuple(Revoked(row.identity, row.device, row.at_us, row.raw) for row in withdrawn),
        )

    async def list(self, *, limit: int = 100, before_us: int = 1 << 62) -> tuple[Discussion, ...]:
        """The newest discussions created before `before_us`, newest first."""
        with database.faults_named(self._url):
            async with self._open.connect() as db:
                found = (
                    await db.execute(
                        sa.select(discussions)
                        .where(discussions.c.created_us < before_us)
                        .order_by(discussions.c.created_us.desc(), discussions.c.id)
                        .limit(limit)
                    )
                ).all()
                rows = (
                    await db.execute(
                        sa.select(seats)
                        .where(seats.c.discussion.in_([row.id for row in found]))
                        .order_by(seats.c.position)
                    )
                ).all()
        of: dict[str, list[Seat]] = {row.id: [] for row in found}
        for row in rows:
            of[row.discussion].append(_seat(row))
        return tuple(Discussion(row.id, row.title, row.created_us, tuple(of[row.id])) for row in found)

    async def on_air(self) -> tuple[str, ...]:
        """The discussions in which somebody is on air."""
        with database.faults_named(self._url):
            async with self._open.connect() as db:
                query = sa.select(runs.c.discussion).where(runs.c.ended_us.is_(None)).distinct()
                return tuple((await db.execute(query)).scalars())

    async def change(
        self, discussion: str, seat: str, change: air.Change, *, new_secret: bytes | None = None
    ) -> None:
        """Keep what an act did: the run that ended, the one that began, the event, the seat's new secret
        (SHA-256), all or nothing."""
        with database.faults_named(self._url):
            async with self._open.begin() as db:
                if change.ended is not None:
                    await db.execute(
                        sa.update(runs)
                        .where(runs.c.run == change.ended.run)
                        .values(ended_us=change.at_us, why=change.why)
                    )
                if change.began is not None:
                    await db.execute(
                        sa.insert(runs).values(
                            run=change.began.run,
                            discussion=discussion,
                            seat=seat,
                            device=change.began.device,
                            device_sha256=change.began.device_hash,
                            token_sha256=change.began.token_id,
                            started_us=change.began.since_us,
                        )
                    )
                if new_secret is not None:
                    await db.execute(
                        sa.update(seats)
                        .where(seats.c.discussion == discussion, seats.c.seat == seat)
                        .values(secret_sha256=new_secret)
                    )
                if change.event is not None:
                    await db.execute(
                        sa.insert(events).values(
                            discussion=discussion,
                            at_us=change.at_us,
                            seat=seat,
                            event=change.event,
                            device=change.device,
                        )
                    )

    async def revoke(self, discussion: str, revoked: Revoked, came_us: int) -> None:
        """Keep a revocation. Does not check it."""
        with database.faults_named(self._url):
            async with self._open.begin() as db:
                await db.execute(
                    sa.insert(revocations).values(
                        discussion=discussion,
                        identity=revoked.identity,
                        device=revoked.device,
                        at_us=revoked.at_us,
                        came_us=came_us,
                        raw=revoked.raw,
                    )
                )

    @property
    def _open(self) -> AsyncEngine:
        assert self._engine is not None, "the store is not open"
        return self._engine


def _seat(row: sa.Row[tuple[object, ...]]) -> Seat:
    kind = cast(Literal["side", "booth"], row.kind)
    return Seat(row.seat, kind, row.name, row.language, row.identity or b"")
