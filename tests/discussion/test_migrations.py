"""Old databases are upgraded; newer and foreign ones are left alone and named. On both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from vivavoce.discussion import database as databases
from vivavoce.discussion import migrate
from vivavoce.discussion.schema import metadata
from vivavoce.discussion.store import Store
from vivavoce.errors import UnavailableError

pytestmark = pytest.mark.anyio

REVISIONS = ["0001", "0002", "0003", "0004"]
VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"

OLD_ROWS = [
    "INSERT INTO discussions VALUES ('k7m2xq4vw9', 'Vieux titre ''é''', 1795293844127987)",
    "INSERT INTO seats ({columns}) VALUES ('k7m2xq4vw9', 'north', 0, 'side', 'North', 'en', {north})",
    "INSERT INTO seats ({columns}) VALUES ('k7m2xq4vw9', 'south', 1, 'side', 'South', 'ru', {south})",
]
COLUMNS = "discussion, seat, position, kind, name, language, secret_sha256"
"""What the first version kept."""


def blob(url: str, data: bytes) -> str:
    return f"x'{data.hex()}'" if url.startswith("sqlite") else f"decode('{data.hex()}', 'hex')"


async def upgraded_to(url: str, revision: str) -> AsyncEngine:
    engine = databases.connect(databases.database_url(url))
    await migrate.upgrade(engine, revision)
    return engine


def test_the_head_is_the_newest_migration_and_every_migration_is_tested() -> None:
    found = sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
    assert found == REVISIONS
    assert found[-1] == migrate.HEAD


@pytest.mark.parametrize("revision", REVISIONS)
async def test_a_database_of_each_older_version_is_upgraded_and_keeps_what_it_held(
    database: str, revision: str
) -> None:
    engine = await upgraded_to(database, revision)
    async with engine.begin() as db:
        for row in OLD_ROWS:
            secrets = {side: blob(database, side[:1].encode() * 32) for side in ("north", "south")}
            await db.exec_driver_sql(row.format(columns=COLUMNS, **secrets))
    await engine.dispose()
    async with Store(databases.database_url(database)) as store:
        found = await store.find("k7m2xq4vw9")
        assert found is not None
        assert found.discussion.title == "Vieux titre 'é'"
        assert [seat.name for seat in found.discussion.seats] == ["North", "South"]
        assert [seat.identity for seat in found.discussion.seats] == [b"", b""]
        assert found.secrets == {"north": b"n" * 32, "south": b"s" * 32}


async def test_migrations_lead_to_the_schema(database: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = await upgraded_to(database, migrate.HEAD)

    def differences(connection: sa.Connection) -> Any:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    async with engine.connect() as db:
        assert await db.run_sync(differences) == []
    await engine.dispose()


async def test_upgrading_what_is_current_changes_nothing(database: str) -> None:
    engine = await upgraded_to(database, migrate.HEAD)
    await migrate.upgrade(engine)
    await engine.dispose()


STRANGERS = {
    "a newer one": (["UPDATE alembic_version SET version_num = '0999'"], "data.newer", "0999"),
    "one that names a version that cannot be": (
        ["UPDATE alembic_version SET version_num = 'ae1027a6'"],
        "data.damaged",
        "one version",
    ),
    "one that names no version": (["DELETE FROM alembic_version"], "data.damaged", "one version"),
    "one that lost its version": (["DROP TABLE alembic_version"], "data.damaged", "discussions"),
}


@pytest.mark.parametrize("case", STRANGERS)
async def test_a_database_is_refused_and_left_alone_that_is(case: str, database: str) -> None:
    spoil, code, named = STRANGERS[case]
    engine = await upgraded_to(database, "0001")
    async with engine.begin() as db:
        for statement in spoil:
            await db.exec_driver_sql(statement)
    with pytest.raises(UnavailableError, match=named) as refusal:
        async with Store(databases.database_url(database)):
            pass
    assert refusal.value.code == code
    async with engine.connect() as db:
        tables = await db.run_sync(lambda connection: sa.inspect(connection).get_table_names())
    assert "runs" not in tables
    await engine.dispose()


async def test_an_upgrade_that_is_cut_short_leaves_the_old_database(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await upgraded_to(database, "0001")
    from alembic import op

    def fails(*_: object, **__: object) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", fails)  # after the table `runs` was made
        with pytest.raises(UnavailableError):
            async with Store(databases.database_url(database)):
                pass
    async with engine.connect() as db:
        tables = await db.run_sync(lambda connection: sa.inspect(connection).get_table_names())
    assert "runs" not in tables
    await engine.dispose()
    async with Store(databases.database_url(database)):
        pass


@pytest.mark.parametrize(
    "spoiled", [b"", b"x" * 4096, b"SQLite format 3\0" + b"\xff" * 4080], ids=["empty", "x", "torn"]
)
async def test_a_file_that_is_no_database_is_damaged_unless_empty(tmp_path: Path, spoiled: bytes) -> None:
    path = tmp_path / "vivavoce.db"
    path.write_bytes(spoiled)
    store = Store(databases.database_url(f"sqlite:///{path}"))
    if not spoiled:
        async with store:
            assert await store.list() == ()
        return
    with pytest.raises(UnavailableError, match=r"vivavoce\.db") as refusal:
        async with store:
            pass
    assert refusal.value.code == "data.damaged"
    assert path.read_bytes() == spoiled
