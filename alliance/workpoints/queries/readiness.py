"""What a month's bonus rests on, and whether it is there: told before anybody has it computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alliance.core.period import Period
from alliance.members import queries as members
from alliance.workpoints.queries import charges, entries, rosters
from alliance.workpoints.queries.budgets import BudgetInfo
from alliance.workpoints.queries.months import ASSESSED, needed, rests_on_lines
from alliance.workpoints.queries.schemes import SchemeInfo
from alliance.workpoints.queries.tasks import open_tasks
from alliance.workpoints.queries.workloads import workloads
from alliance.workpoints.rules import first
from alliance.workpoints.rules.allowances import Night
from alliance.workpoints.rules.duties import by_person, place_on
from alliance.workpoints.rules.entries import PERSON_KINDS
from alliance.workpoints.rules.ledgers import ENTERED
from alliance.workpoints.rules.month.first import filed_drivers
from alliance.workpoints.rules.month.given import ADMINISTRATION, GROUP_OF, HEADS
from alliance.workpoints.rules.workloads import SOURCE

NAMED = 5  # people who are told by their number


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """Something that a month rests on: how much of it is there, how much is needed (None where that is not known), and
    the page on which it is filed."""

    name_zh: str
    name_en: str
    there: str
    needed: str | None
    ok: bool
    endpoint: str


def readiness(alliance: int, institution: str, month: str) -> list[ReadyLine]:
    """What a month rests on and whether it is there, in the order of the work."""
    scheme, budget = needed(alliance, institution, month)
    period = Period.parse(month)
    staff = members.staffing_month(alliance, institution, period)
    units = {line.fact.code for line in staff.report.units if line.coefficient or line.persons}
    filed = entries.unit_entries(alliance, institution, month)
    scored = {unit for unit, kind in filed if kind == "score"} & units
    people = {(one.fact.department, one.fact.number) for one in staff.people}
    of_people = list(entries.person_entries(alliance, institution, month))
    persons = {(unit, person) for unit, person, kind in of_people if kind in ("score", "excluded")}
    nights = rosters.nights(alliance, institution, month)
    paid_nights = scheme is not None and bool(scheme.scheme.nights)
    loads = [one for one in charges.loads(alliance, institution, month) if one.source != SOURCE]
    counts = scheme is not None and rests_on_lines(scheme.scheme)
    waiting = [one for one in open_tasks(alliance, institution) if one.month == month]
    work = len(workloads(alliance, institution, month, ENTERED))
    return [
        ReadyLine("绩效方案", "Bonus scheme", scheme.reference if scheme else "—", "1", bool(scheme), "list_schemes"),
        ReadyLine(
            "年度绩效预算", "Budget of the year", f"{period.first.year}" if budget else "—", "1", bool(budget),
            "read_budget",
        ),
        ReadyLine(
            "收费明细文件", "Files of charge lines", str(len(loads)), "1" if counts else None,
            bool(loads) or not counts, "list_charges",
        ),
        ReadyLine(
            "科室考核得分", "Scores of units", str(len(scored)), str(len(units)), scored == units, "read_entries"
        ),
        *_drivers_ready(scheme, staff.report.units, filed),
        ReadyLine(
            "个人考核得分", "Scores of persons", str(len(persons & people)), str(len(people)), people <= persons,
            "read_entries",
        ),
        *_heads_ready(scheme, of_people),
        *_wages_ready(budget, sum(kind == "file_wage" for _unit, _person, kind in of_people)),
        ReadyLine(
            "夜班（排班表）", "Nights of the rosters", str(len(nights)), None, bool(nights) or not paid_nights,
            "read_roster",
        ),
        *_absent_ready(alliance, institution, nights),
        ReadyLine("待审核工作量", "Work to be reviewed", str(work), "0", not work, "list_workloads"),
        ReadyLine("待审核任务", "Tasks to be reviewed", str(len(waiting)), "0", not waiting, "list_tasks"),
    ]  # fmt: skip


def _heads_ready(scheme: SchemeInfo | None, filed: Iterable[tuple[str, str, str]]) -> list[ReadyLine]:
    """The heads who were assessed, where a line of their own pays them: nobody knows how many should be, and who has no
    assessment shares the unit's bonus."""
    if scheme is None or HEADS not in scheme.scheme.groups:
        return []
    found = len({person for _unit, person, kind in filed if kind in ASSESSED})
    return [ReadyLine("科主任考核", "Assessments of heads", str(found), None, bool(found), "read_entries")]


def _absent_ready(alliance: int, institution: str, nights: Sequence[Night]) -> list[ReadyLine]:
    """Nights of days on which the person was not in post, where there are any: of somebody who left after the roster
    was filed each would be paid."""
    facts = by_person(members.employee_facts(alliance, institution))
    places = [(one.person, place_on(facts.get(one.person, ()), one.day)) for one in nights]
    absent = [person for person, fact in places if fact is None or fact.status != "active"]
    if not absent:
        return []
    people = sorted(set(absent))
    more = "…" if len(people) > NAMED else ""
    zh, en = "、".join(people[:NAMED]) + more, ", ".join(people[:NAMED]) + more
    names = f"不在岗人员的夜班：{zh}", f"Nights of people not in post: {en}"
    return [ReadyLine(*names, str(len(absent)), "0", False, "read_roster")]


def _wages_ready(budget: BudgetInfo | None, filed: int) -> list[ReadyLine]:
    """The file wages, where the budget has them: who has none filed is paid none, and nobody knows how many should."""
    if budget is None or all(line["kind"] != "file_wages" for line in budget.content["sources"]):
        return []
    names = PERSON_KINDS["file_wage"].zh, PERSON_KINDS["file_wage"].en
    return [ReadyLine(*names, str(filed), None, bool(filed), "read_entries")]


def _drivers_ready(
    scheme: SchemeInfo | None, units: Sequence[members.UnitStaffing], filed: Iterable[tuple[str, str]]
) -> list[ReadyLine]:
    """The drivers that the units' bonuses rest on, as far as people file them."""
    if scheme is None:
        return []
    beside = ADMINISTRATION in scheme.scheme.groups
    shared = {
        one.fact.code for one in units
        if (one.coefficient or one.persons) and not (beside and GROUP_OF[one.fact.kind] == ADMINISTRATION)
    }  # fmt: skip
    there = {code: shared & {unit for unit, kind in filed if kind == code} for code in filed_drivers(scheme.scheme)}
    return [
        ReadyLine(*first.DRIVERS[code], str(len(mine)), str(len(shared)), mine == shared, "read_entries")
        for code, mine in there.items()
    ]
