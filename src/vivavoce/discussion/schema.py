"""The tables. Times are Unix microseconds on the host's clock; secrets are SHA-256 digests.

A change here needs a migration in `migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

__all__ = ["discussions", "events", "metadata", "revocations", "runs", "seats"]

# Named constraints, so that a later migration can drop them on both databases.
metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

discussions: Final = Table(
    "discussions",
    metadata,
    Column("id", String(10), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("created_us", BigInteger, nullable=False),
)

seats: Final = Table(
    "seats",
    metadata,
    Column("discussion", String(10), ForeignKey("discussions.id", ondelete="CASCADE"), primary_key=True),
    Column("seat", String(40), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("name", String(80), nullable=False),
    Column("language", String(32), nullable=False),
    Column("secret_sha256", LargeBinary(32), nullable=False),
    Column("identity", LargeBinary(32)),
)

runs: Final = Table(
    "runs",
    metadata,
    Column("run", String(16), primary_key=True),
    Column("discussion", String(10), ForeignKey("discussions.id", ondelete="CASCADE"), nullable=False),
    Column("seat", String(40), nullable=False),
    Column("device", String(8), nullable=False),
    Column("device_sha256", String(64), nullable=False),
    Column("token_sha256", String(64), nullable=False),
    Column("started_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
    Column("why", String(16)),
    # The database itself holds rule A1: at most one device is on air for a seat.
    Index(
        "ix_runs_on_air",
        "discussion",
        "seat",
        unique=True,
        sqlite_where=text("ended_us IS NULL"),
        postgresql_where=text("ended_us IS NULL"),
    ),
)

events: Final = Table(
    "events",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
    Column("discussion", String(10), ForeignKey("discussions.id", ondelete="CASCADE"), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("seat", String(40), nullable=False),
    Column("event", String(16), nullable=False),
    Column("device", String(8), nullable=False),
    Index(None, "discussion", "number"),
)

revocations: Final = Table(
    "revocations",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
    Column("discussion", String(10), ForeignKey("discussions.id", ondelete="CASCADE"), nullable=False),
    Column("identity", LargeBinary(32), nullable=False),
    Column("device", LargeBinary(32), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("came_us", BigInteger, nullable=False),
    Column("raw", LargeBinary(256), nullable=False),
    Index(None, "discussion", "number"),
)
