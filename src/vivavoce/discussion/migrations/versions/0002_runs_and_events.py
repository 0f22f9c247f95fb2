"""Who was on air, and what happened: a device comes back with its token after the host's restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("run", sa.String(16), nullable=False),
        sa.Column("discussion", sa.String(10), nullable=False),
        sa.Column("seat", sa.String(40), nullable=False),
        sa.Column("device", sa.String(8), nullable=False),
        sa.Column("device_sha256", sa.String(64), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("started_us", sa.BigInteger, nullable=False),
        sa.Column("ended_us", sa.BigInteger),
        sa.Column("why", sa.String(16)),
        sa.PrimaryKeyConstraint("run", name="pk_runs"),
        sa.ForeignKeyConstraint(
            ["discussion"], ["discussions.id"], name="fk_runs_discussion", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_runs_on_air",
        "runs",
        ["discussion", "seat"],
        unique=True,
        sqlite_where=sa.text("ended_us IS NULL"),
        postgresql_where=sa.text("ended_us IS NULL"),
    )
    op.create_table(
        "events",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), nullable=False
        ),
        sa.Column("discussion", sa.String(10), nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("seat", sa.String(40), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("device", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_events"),
        sa.ForeignKeyConstraint(
            ["discussion"], ["discussions.id"], name="fk_events_discussion", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_events_discussion_number", "events", ["discussion", "number"])
