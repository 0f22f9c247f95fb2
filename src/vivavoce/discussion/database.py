"""Opens the database that an address names: SQLite in the data folder, or PostgreSQL.

Faults of the database come out as UnavailableError with the address's host and file named, never its
password.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from vivavoce.errors import UnavailableError, VivavoceError, YourInputError

__all__ = ["connect", "database_url", "faults_named", "hold_alone", "probe"]

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_ALONE: Final = 0x76697661766F6365
"""The advisory lock of one host on one PostgreSQL database: `vivavoce` in ASCII."""
_CONNECT_S: Final = 5


def database_url(text: str) -> URL:
    """The address with its asynchronous driver. Raises YourInputError `input.option`; the message does
    not repeat the address, which may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise YourInputError(
            "input.option", "--database is no address of a database.", remedy=_EXAMPLE
        ) from None
    backend = url.drivername.partition("+")[0]
    if backend not in _DRIVERS:
        raise YourInputError("input.option", f"--database names {backend!r}.", remedy=_EXAMPLE)
    return url.set(drivername=_DRIVERS[backend])


_EXAMPLE: Final = "Give postgresql://user:password@host/name or sqlite:///path."


def connect(url: URL) -> AsyncEngine:
    """An engine for `url`; opens no connection yet."""
    if url.get_backend_name() == "postgresql":
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_size=5,
            max_overflow=5,
            pool_pre_ping=True,
            connect_args={"timeout": _CONNECT_S},
        )
    engine = create_async_engine(url, hide_parameters=True, connect_args={"timeout": 5})
    sa.event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def probe(url: URL) -> None:
    """See that a file of SQLite can be opened. Raises sqlite3.Error.

    aiosqlite's thread may outlive the loop when it cannot open a file, and then says so on standard error.
    """
    if url.get_backend_name() == "sqlite" and url.database and "uri" not in url.query:
        sqlite3.connect(url.database).close()


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver would otherwise commit before each CREATE TABLE, and an interrupted upgrade would leave half.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred transaction that turns into a writing one fails at once when another writes; this one waits.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def faults_named(url: URL) -> Iterator[None]:
    """Turns what the driver raises into UnavailableError: `database.unreachable`, `data.read_only`,
    `disk.full` or `data.damaged`."""
    try:
        yield
    except VivavoceError:
        raise
    except (TimeoutError, DBAPIError, OSError, SQLAlchemyError, sqlite3.Error) as error:
        raise _named(url, error) from error
    except Exception as error:
        # asyncpg raises its own before SQLAlchemy can wrap them: no such database, wrong password.
        if type(error).__module__.partition(".")[0] != "asyncpg":
            raise
        raise _named(url, error) from error


def _named(url: URL, error: Exception) -> UnavailableError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    if url.password:
        said = said.replace(str(url.password), "…")
    if url.get_backend_name() == "sqlite":
        where = f"The database {url.database}"
        if "readonly" in said or "unable to open" in said:
            return UnavailableError("data.read_only", f"{where} cannot be written: {said}.")
        if "disk is full" in said:
            return UnavailableError("disk.full", f"{where} cannot be written: {said}.")
        if "locked" in said:
            return UnavailableError("data.in_use", f"{where} is held by another program.")
        return UnavailableError("data.damaged", f"{where} cannot be read: {said}.")
    where = f"The database {url.database!r} at {url.host or url.query.get('host') or 'the local socket'}"
    return UnavailableError("database.unreachable", f"{where} cannot be used: {said}.")


async def hold_alone(engine: AsyncEngine) -> AsyncConnection | None:
    """Take the lock of the one host that works on this PostgreSQL database, held while the returned
    connection is open. None for SQLite, whose folder is locked instead. Raises UnavailableError
    `data.in_use`."""
    if engine.dialect.name != "postgresql":
        return None
    connection = await engine.connect()
    try:
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        held = await connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": _ALONE})
        if not held:
            raise UnavailableError(
                "data.in_use", f"Another host works on the database {engine.url.database!r}."
            )
    except BaseException:
        await connection.close()
        raise
    return connection
