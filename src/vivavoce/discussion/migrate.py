"""Brings a database to this version's schema, or says why not.

A database is empty, older (upgraded in one transaction), current, newer (`data.newer`, untouched) or not
ours (`data.damaged`, untouched). Alembic is imported only when there is something to upgrade: it takes a
quarter of the time in which a host must have started.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from vivavoce.discussion.schema import metadata
from vivavoce.errors import UnavailableError

__all__ = ["HEAD", "upgrade"]

HEAD: Final = "0004"
"""The newest revision under `migrations/versions`; a test compares the two."""

_FOLDER = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"


async def upgrade(engine: AsyncEngine, to: str = HEAD) -> None:
    """Bring the database that `engine` opens to revision `to`.

    Raises UnavailableError `data.newer` or `data.damaged`; the database is then as it was.
    Does not compare the tables with the schema when the revision is the newest.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, to)


def _upgrade(connection: Connection, to: str) -> None:
    found = _revision(connection)
    if found == to:
        return
    if found is not None and found > to:
        raise UnavailableError(
            "data.newer", f"The database has schema {found}; this version of Vivavoce knows up to {to}."
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _revision(connection: Connection) -> str | None:
    """The database's revision; None for an empty one."""
    tables = set(sa.inspect(connection).get_table_names())
    if _VERSION_TABLE not in tables:
        ours = sorted(tables & set(metadata.tables))
        if ours:
            raise UnavailableError(
                "data.damaged", f"The database has a table {ours[0]!r} but does not say of which version."
            )
        return None
    found = connection.execute(sa.text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalars().all()  # noqa: S608
    if len(found) != 1 or not (found[0].isdigit() and len(found[0]) == 4):
        raise UnavailableError("data.damaged", "The database does not say one version of its schema.")
    return str(found[0])
