"""The calendar of periods; review in rounds; returned items, explanations, evidence, exceptions, reminders."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from alliance.audit.models import guard
from alliance.db import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


CALENDAR = ("review_until", "preview_at", "objections_until")


def upgrade() -> None:
    op.create_table(
        "day_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_day_row_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_row")),
    )
    with op.batch_alter_table("day_row", schema=None) as batch_op:
        batch_op.create_index("ix_day_row_alliance_id_day", ["alliance_id", "day"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", Moment(), nullable=False),
        sa.Column("removed_by", sa.Text(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_evidence_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.create_index("ix_evidence_place", ["alliance_id", "period", "institution"], unique=False)

    op.create_table(
        "explanation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_explanation_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
    )
    with op.batch_alter_table("explanation", schema=None) as batch_op:
        batch_op.create_index("ix_explanation_place", ["alliance_id", "period", "institution"], unique=False)

    op.create_table(
        "lock_exception",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_lock_exception_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lock_exception")),
    )
    with op.batch_alter_table("lock_exception", schema=None) as batch_op:
        batch_op.create_index("ix_lock_exception_place", ["alliance_id", "period", "institution"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_reminder_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "alliance_id",
            "period",
            "institution",
            "occasion",
            name=op.f("uq_reminder_alliance_id_period_institution_occasion"),
        ),
    )
    op.create_table(
        "returned_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("returned_by", sa.Text(), nullable=False),
        sa.Column("returned_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_returned_item_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_item")),
        sa.UniqueConstraint(
            "alliance_id",
            "period",
            "institution",
            "round",
            "element",
            name=op.f("uq_returned_item_alliance_id_period_institution_round_element"),
        ),
    )
    op.create_table(
        "submission_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("revisions", sa.JSON(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_at", Moment(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_submission_round_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_round")),
        sa.UniqueConstraint(
            "alliance_id",
            "period",
            "institution",
            "round",
            name=op.f("uq_submission_round_alliance_id_period_institution_round"),
        ),
    )
    op.create_table(
        "timetable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alliance_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("preview", sa.Integer(), nullable=False),
        sa.Column("objections", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["alliance_id"], ["alliance.id"], name=op.f("fk_timetable_alliance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable")),
    )
    with op.batch_alter_table("period_row") as batch:
        for name in CALENDAR:
            batch.add_column(sa.Column(name, Moment(), nullable=True))
    with op.batch_alter_table("submission") as batch:
        batch.add_column(sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("unlocked", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("reviewed_by", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("reviewed_at", Moment(), nullable=True))
    _fill()
    with op.batch_alter_table("period_row") as batch:
        for name in CALENDAR:
            batch.alter_column(name, existing_type=Moment(), nullable=False)
    with op.batch_alter_table("submission") as batch:
        for name in ("round", "late", "reviewed_by"):
            batch.alter_column(name, server_default=None)
    guard(op.get_bind())


def _fill() -> None:
    """Periods get the calendar that the deadline implies; what was submitted becomes its first round."""
    bind = op.get_bind()
    period = sa.table(
        "period_row",
        sa.column("id"),
        *[sa.column(name, Moment()) for name in ("due_at", *CALENDAR)],
    )
    for number, due in bind.execute(sa.select(period.c.id, period.c.due_at)).all():
        moments = (due + timedelta(days=4), due + timedelta(days=6), due + timedelta(days=14))
        bind.execute(period.update().where(period.c.id == number).values(dict(zip(CALENDAR, moments, strict=True))))
    texts = ("period", "institution", "signed_by", "submitted_by", "state")
    submission = sa.table(
        "submission",
        *[sa.column(name) for name in ("id", "alliance_id", "round", *texts)],
        sa.column("signed_at", Moment()),
        sa.column("submitted_at", Moment()),
    )
    reading = sa.table(
        "reading", *[sa.column(name) for name in ("alliance_id", "period", "institution", "element", "revision")]
    )
    rounds = sa.table(
        "submission_round",
        *[sa.column(name) for name in ("alliance_id", "period", "institution", "round", "signed_by", "submitted_by")],
        sa.column("revisions", sa.JSON()),
        sa.column("signed_at", Moment()),
        sa.column("submitted_at", Moment()),
    )
    for row in bind.execute(sa.select(submission).where(submission.c.state.in_(("submitted", "accepted")))).all():
        newest = (
            sa.select(reading.c.element, sa.func.max(reading.c.revision))
            .where(
                reading.c.alliance_id == row.alliance_id,
                reading.c.period == row.period,
                reading.c.institution == row.institution,
            )
            .group_by(reading.c.element)
        )
        bind.execute(
            rounds.insert().values(
                alliance_id=row.alliance_id,
                period=row.period,
                institution=row.institution,
                round=1,
                revisions=dict(map(tuple, bind.execute(newest))),
                signed_by=row.signed_by,
                signed_at=row.signed_at,
                submitted_by=row.submitted_by,
                submitted_at=row.submitted_at,
            )
        )
        bind.execute(submission.update().where(submission.c.id == row.id).values(round=1))


def downgrade() -> None:
    submission = sa.table("submission", sa.column("state"))
    for state, before in (("review", "submitted"), ("returned", "draft")):
        op.execute(submission.update().where(submission.c.state == state).values(state=before))
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_column("reviewed_at")
        batch_op.drop_column("reviewed_by")
        batch_op.drop_column("late")
        batch_op.drop_column("unlocked")
        batch_op.drop_column("round")

    with op.batch_alter_table("period_row", schema=None) as batch_op:
        batch_op.drop_column("objections_until")
        batch_op.drop_column("preview_at")
        batch_op.drop_column("review_until")

    op.drop_table("timetable")
    op.drop_table("submission_round")
    op.drop_table("returned_item")
    op.drop_table("reminder")
    with op.batch_alter_table("lock_exception", schema=None) as batch_op:
        batch_op.drop_index("ix_lock_exception_place")

    op.drop_table("lock_exception")
    with op.batch_alter_table("explanation", schema=None) as batch_op:
        batch_op.drop_index("ix_explanation_place")

    op.drop_table("explanation")
    with op.batch_alter_table("evidence", schema=None) as batch_op:
        batch_op.drop_index("ix_evidence_place")

    op.drop_table("evidence")
    with op.batch_alter_table("day_row", schema=None) as batch_op:
        batch_op.drop_index("ix_day_row_alliance_id_day")

    op.drop_table("day_row")
    guard(op.get_bind())
