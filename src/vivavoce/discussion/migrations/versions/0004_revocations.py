"""What identity keys revoked: signed envelopes, and when they came to this host."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocations",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True
        ),
        sa.Column(
            "discussion",
            sa.String(10),
            sa.ForeignKey(
                "discussions.id", ondelete="CASCADE", name=op.f("fk_revocations_discussion_discussions")
            ),
            nullable=False,
        ),
        sa.Column("identity", sa.LargeBinary(32), nullable=False),
        sa.Column("device", sa.LargeBinary(32), nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("came_us", sa.BigInteger, nullable=False),
        sa.Column("raw", sa.LargeBinary(256), nullable=False),
    )
    op.create_index("ix_revocations_discussion_number", "revocations", ["discussion", "number"])
