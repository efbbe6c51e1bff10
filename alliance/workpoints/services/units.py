"""The verbs of a unit's distribution: the head shifts, publishes, answers; people object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from alliance.audit import queries as audit
from alliance.audit.services import computing, keep_run, record, record_many, verb
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.figure import Figure
from alliance.core.money import cents
from alliance.core.refused import Forbidden, NotFound, Refused, mark
from alliance.db import insert_many
from alliance.workpoints.models import BonusShare, BonusUnit, HeadShift, Objection
from alliance.workpoints.queries.months import scheme_at
from alliance.workpoints.queries.runs import BonusRunInfo, bonus_run, bonus_shares, objections
from alliance.workpoints.rules import runs
from alliance.workpoints.rules.publicity import next_instance
from alliance.workpoints.rules.shifts import Shift, shifted
from alliance.workpoints.rules.working import Working

SHORTEST = 10  # characters of an objection and of its answer
NOT_YET = mark("The distribution of this unit is not published; there is nothing to object to yet.")


def _draft(alliance: int, institution: str, month: str) -> BonusRunInfo:
    """The run of a month while its units are distributed; refused once its slips are made."""
    run = bonus_run(alliance, institution, month)
    if run is None:
        raise NotFound()
    if run.state != runs.DRAFT:
        raise runs.not_now(run.state)
    if run.slips_run is not None:
        raise Refused("The payslips of this month are made; its distributions stay as they are.")
    return run


def _unit(session: Session, run: int, unit: str, seen: int | None = None) -> BonusUnit:
    """A unit of a run, locked; refused when somebody changed it since it was looked at."""
    row = session.scalars(
        select(BonusUnit).where(BonusUnit.bonus_run_id == run, BonusUnit.unit == unit).with_for_update()
    ).first()
    if row is None:
        raise NotFound()
    if seen is not None and row.revision != seen:
        raise Refused("Somebody changed this distribution meanwhile; look at it and say it again.")
    return row


def shift_unit(
    alliance: int, institution: str, month: str, unit: str, shifts: Sequence[Shift], seen: int, *, by: Actor,
    now: datetime,
) -> int:  # fmt: skip
    """Put the head's shifts, all of them, in the place of those before; the new revision of the distribution.

    `seen` is the revision that the head had before the eyes. What was published has to be published again. Refused,
    with person and amount: beyond the scheme's limit, without a reason, a sum that is not 0 (rules.shifts); a run whose
    slips are made.
    """
    with verb(by, alone_in=alliance) as session, computing():
        run = _draft(alliance, institution, month)
        row = _unit(session, run.id, unit, seen)
        info = scheme_at(alliance, run.scheme)
        figures = _computed(run, unit)
        working, revision = Working(institution, month, run.scheme), row.revision + 1
        source = f"shift:{institution}/{month}/{unit}@{revision}"
        found = shifted(working, unit, figures, shifts, info.scheme.limits.shift, source)
        kept = keep_run(
            session, f"unit:{institution}/{month}/{unit}", list(found.values()), alliance=alliance, by=by, now=now,
            inputs={"month": month, "unit": unit, "revision": revision},
        )  # fmt: skip
        insert_many(session, HeadShift, [
            {"bonus_run_id": run.id, "unit": unit, "revision": revision, "person": one.person,
             "change": cents(one.change), "reason": one.reason.strip(), "account": by.account, "at": now}
            for one in shifts
        ])  # fmt: skip
        _rewrite(session, run.id, unit, found)
        row.second_run, row.revision, row.published_at, row.published_by = kept.id, revision, None, ""
        record(
            session, Act.WORKPOINTS_UNIT_SHIFT, f"unit:{institution}/{month}/{unit}", by=by, now=now,
            alliance=alliance, revision=revision, changed=len(shifts),
        )  # fmt: skip
        return revision


def _computed(run: BonusRunInfo, unit: str) -> dict[str, Figure]:
    """The shares of a unit as they were computed, before any shift, by person."""
    by_key = {figure.key: figure for figure in audit.load_run(run.second_run)}
    return {one.person: by_key[one.computed_figure] for one in bonus_shares(run.id, unit)}


def _rewrite(session: Session, run: int, unit: str, found: Mapping[str, Figure]) -> None:
    rows = session.scalars(select(BonusShare).where(BonusShare.bonus_run_id == run, BonusShare.unit == unit))
    for row in rows:
        figure = found[row.person]
        row.amount, row.figure = cents(figure.value or Decimal(0)), figure.key


def publish_unit(
    alliance: int, institution: str, month: str, unit: str, seen: int, *, by: Actor, now: datetime
) -> None:  # fmt: skip
    """Make a unit's distribution public within the unit; the days of publicity begin.

    Refused: one that is public already, one changed since it was looked at.
    """
    with verb(by, alone_in=alliance) as session:
        run = _draft(alliance, institution, month)
        row = _unit(session, run.id, unit, seen)
        if row.published_at is not None:
            raise Refused("This distribution is public already.")
        row.published_at, row.published_by = now, by.account
        record(
            session, Act.WORKPOINTS_UNIT_PUBLISH, f"unit:{institution}/{month}/{unit}", by=by, now=now,
            alliance=alliance, revision=row.revision,
        )  # fmt: skip


def publish_rest(alliance: int, institution: str, month: str, *, by: Actor, now: datetime) -> int:
    """Make all distributions public that are not yet, as they were computed; how many."""
    with verb(by, alone_in=alliance) as session:
        run = _draft(alliance, institution, month)
        rows = session.execute(
            select(BonusUnit.unit, BonusUnit.revision)
            .where(BonusUnit.bonus_run_id == run.id, BonusUnit.published_at.is_(None), BonusUnit.persons > 0)
            .order_by(BonusUnit.unit).with_for_update()
        ).all()  # fmt: skip
        if not rows:
            raise Refused("Every distribution is public already.")
        units = [unit for unit, _revision in rows]
        session.execute(
            update(BonusUnit).where(BonusUnit.bonus_run_id == run.id, BonusUnit.unit.in_(units))
            .values(published_at=now, published_by=by.account)
        )  # fmt: skip
        for revision in sorted({revision for _unit, revision in rows}):
            subjects = [f"unit:{institution}/{month}/{unit}" for unit, one in rows if one == revision]
            record_many(
                session, Act.WORKPOINTS_UNIT_PUBLISH, subjects, by=by, now=now, alliance=alliance, revision=revision
            )
        return len(rows)


def file_objection(
    alliance: int, institution: str, month: str, unit: str, person: str, text: str, *, by: Actor, now: datetime
) -> int:  # fmt: skip
    """Object to the published distribution of one's unit: to the head first, and to the office once the head has
    refused it. Refused: nothing public, no share in the unit, an objection that is still open, one refused by all."""
    if len(text.strip()) < SHORTEST:
        raise Refused("Say in at least ten characters what you object to.")
    with verb(by, alone_in=alliance) as session:
        run = _draft(alliance, institution, month)
        row = _unit(session, run.id, unit)
        if not any(one.person == person for one in bonus_shares(run.id, unit)):
            raise NotFound()
        if row.published_at is None:
            raise Refused(NOT_YET)
        mine = objections(run.id, unit, person)
        if any(one.state == "open" for one in mine):
            raise Refused("Your objection is open; wait for the answer.")
        instance = next_instance(mine[0].instance) if mine and mine[0].state == "refused" else "head"
        if not instance:
            raise Refused("The office has answered your objection; there is nobody further to ask.")
        added = Objection(
            bonus_run_id=run.id, unit=unit, person=person, text=text.strip(), instance=instance, state="open",
            filed_by=by.account, filed_at=now,
        )  # fmt: skip
        session.add(added)
        session.flush()
        record(
            session, Act.WORKPOINTS_OBJECTION_FILE, f"objection:{institution}/{month}/{unit}", by=by, now=now,
            alliance=alliance, instance=instance,
        )  # fmt: skip
        return added.id


def answer_objection(
    alliance: int, institution: str, month: str, number: int, accepted: bool, answer: str, instance: str, *, by: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Accept or refuse an objection, with the reason; `instance` is in whose name. What is accepted is put right by a
    shift, or by what the distribution rests on. Refused: one's own objection, one of the other instance, one that is
    answered."""
    if len(answer.strip()) < SHORTEST:
        raise Refused("Give an answer of at least ten characters.")
    with verb(by, alone_in=alliance) as session:
        run = _draft(alliance, institution, month)
        row = session.scalars(
            select(Objection).where(Objection.id == number, Objection.bonus_run_id == run.id).with_for_update()
        ).first()
        if row is None:
            raise NotFound()
        if row.filed_by == by.account:
            raise Forbidden("This is your own objection: another person must answer it.")
        if row.state != "open":
            raise Refused("This objection is answered already.")
        if row.instance != instance:
            raise Forbidden("This objection is for the other instance to answer.")
        row.state = "accepted" if accepted else "refused"
        row.answer, row.answered_by, row.answered_at = answer.strip(), by.account, now
        if accepted:  # what was public is no more: it changes, and is published again
            unit = _unit(session, run.id, row.unit)
            unit.published_at, unit.published_by = None, ""
        record(
            session, Act.WORKPOINTS_OBJECTION_ANSWER, f"objection:{institution}/{month}/{row.unit}", by=by, now=now,
            alliance=alliance, accepted=accepted,
        )  # fmt: skip
