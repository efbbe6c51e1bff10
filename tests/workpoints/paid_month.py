"""Months of H1 with payslips, kept by the portal's own rules and keepers from numbers written here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from alliance.audit.services import computing, keep_run, verb
from alliance.core.period import Period
from alliance.members import services as members
from alliance.workpoints.models import BonusRun
from alliance.workpoints.queries.runs import bonus_run
from alliance.workpoints.rules import runs as rules
from alliance.workpoints.rules.allowances import Night
from alliance.workpoints.rules.month.given import MonthGiven, Number, PersonGiven, UnitGiven
from alliance.workpoints.rules.month.slips import make_slips
from alliance.workpoints.rules.scheme import read_scheme
from alliance.workpoints.rules.working import Working
from alliance.workpoints.services.runs import computation, rows
from alliance.workpoints.services.runs import slips as payslips
from tests.small import STAFFING, at, by

HOSPITAL = "H1"
SCHEME = {
    "scheme": {"code": "BONUS", "name_zh": "方案", "name_en": "Scheme", "valid_from": "2026-01-01"},
    "night": [{"shift": "N1", "rate": "280", "from": "2026-01-01"}],
}


def filed(value: str | int, source: str) -> Number:
    return Number(Decimal(value), source)


def given_month(month: str, pool: str, base: str, **more: Any) -> MonthGiven:
    """A month of two units: the medical group D1-1 with a doctor and the nursing unit N1 with two nurses."""
    people = (("0001", "D1-1", "doctor"), ("0002", "N1", "nurse"), ("0003", "N1", "nurse"))
    days = (Period.parse(month).until - Period.parse(month).first).days
    place = f"{HOSPITAL}/{month}"

    def unit(code: str, kind: str, coefficients: str) -> UnitGiven:
        score = {"score": filed(100, f"unitentry:{place}/{code}/score@1")}
        items = {setting: filed(0, f"lines:{place}/{code}/{setting}@his-r1") for setting in ("outpatient", "inpatient")}
        return UnitGiven(code, kind, True, filed(coefficients, f"establishment:{place}/{code}"), score, items)

    found = [
        PersonGiven(number, code, family, Decimal(1), Decimal(0), days, 60,
                    numbers={"score": filed(100, f"personentry:{place}/{code}/{number}/score@1")})
        for number, code, family in people
    ]  # fmt: skip
    return MonthGiven(
        HOSPITAL, Period.parse(month), f"{HOSPITAL}/BONUS/1", read_scheme(SCHEME),
        filed(pool, f"bonusbudget:{HOSPITAL}/2026@1#pool"), filed(base, f"bonusbudget:{HOSPITAL}/2026@1#base"),
        filed(1, f"bonusbudget:{HOSPITAL}/2026@1#factor"),
        [unit("D1-1", "inpatient_group", "4"), unit("N1", "inpatient_nursing", "6")], found, **more,
    )  # fmt: skip


def nights(number: str, month: str, count: int) -> list[Night]:
    year, place = map(int, month.split("-"))
    return [Night(number, date(year, place, day), "N1") for day in range(1, count + 1)]


def keep_month(alliance: int, given: MonthGiven, state: str = rules.PAID, now: datetime | None = None) -> int:
    """The run of a month in a state, with its payslips; its number in the tables."""
    actor, now, month = by("h1.bonus"), now or at(5, 5), given.month.code
    with verb(actor, alone_in=alliance) as session, computing():
        first, kept = computation._first(session, alliance, given, {}, actor, now)
        second, shared = computation._second(session, alliance, given, first, kept, actor, now)
        row = BonusRun(
            alliance_id=alliance, institution=HOSPITAL, month=month, number=1, scheme=given.reference, state=state,
            first_run=kept.id, second_run=shared.id, slips_run=None, pool=rows.in_cents(first.pool),
            **rows.reconciled([*first.rows, *second.rows], []),
        )  # fmt: skip
        session.add(row)
        session.flush()
        rows.keep_step(session, row.id, rules.CREATE, actor, now)
        computation._keep_units(session, row.id, first, second, shared)
        run = bonus_run(alliance, HOSPITAL, month)
        assert run is not None
        made = make_slips(Working(HOSPITAL, month, given.reference), given, payslips._shares(alliance, run))
        slips = keep_run(
            session, f"slip:{HOSPITAL}/{month}", made.figures, alliance=alliance, by=actor, now=now,
            inputs={"month": month},
        )  # fmt: skip
        payslips._keep_slips(session, row.id, made, given, slips.id, 0, "", actor, now)
        row.slips_run = slips.id
        return row.id


def hire_third(alliance: int) -> None:
    """A second nurse of N1, whom the months above pay too."""
    nurse = next(one for one in STAFFING.employees if one.number == "0002")
    one = replace(nurse, number="0003", name_zh="丙护士", name_en="Nurse C")
    members.record_employee(alliance, HOSPITAL, one, by=by("h1.personnel"), now=at(6, 1))
