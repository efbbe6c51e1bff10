"""Surveys: questionnaires, waves, links, answers apart from links, and what was counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=False),
        sa.Column("edited_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_survey_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_survey"),
        sa.UniqueConstraint("alliance_id", "code", "version", name="uq_survey_version"),
    )
    op.create_table(
        "survey_wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name="fk_survey_wave_survey_id"),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name="fk_survey_wave_alliance_id"),
        sa.PrimaryKeyConstraint("id", name="pk_survey_wave"),
        sa.UniqueConstraint("alliance_id", "survey_id", "period", name="uq_survey_wave_period"),
    )
    op.create_table(
        "survey_link",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name="fk_survey_link_wave_id"),
        sa.PrimaryKeyConstraint("token", name="pk_survey_link"),
    )
    op.create_index("ix_survey_link_wave", "survey_link", ["wave_id", "institution", "department", "state"])
    op.create_table(
        "survey_urn",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name="fk_survey_urn_wave_id"),
        sa.PrimaryKeyConstraint("key", name="pk_survey_urn"),
    )
    op.create_index("ix_survey_urn_wave_id", "survey_urn", ["wave_id"])
    op.create_table(
        "survey_answer",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name="fk_survey_answer_wave_id"),
        sa.PrimaryKeyConstraint("key", name="pk_survey_answer"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_survey_answer_wave", "survey_answer", ["wave_id", "institution", "department"])
    op.create_table(
        "survey_text",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name="fk_survey_text_wave_id"),
        sa.PrimaryKeyConstraint("key", name="pk_survey_text"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_survey_text_wave", "survey_text", ["wave_id", "institution", "state"])
    op.create_table(
        "survey_cell",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("option", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["survey_wave.id"], name="fk_survey_cell_wave_id"),
        sa.PrimaryKeyConstraint(
            "wave_id", "institution", "department", "person", "question", "option", name="pk_survey_cell"
        ),
    )
    guard(op.get_bind())


def downgrade() -> None:
    op.drop_table("survey_cell")
    op.drop_table("survey_text")
    op.drop_table("survey_answer")
    op.drop_table("survey_urn")
    op.drop_table("survey_link")
    op.drop_table("survey_wave")
    op.drop_table("survey")
    guard(op.get_bind())
