"""What the page frame asks of the desk: the ways of the role at hand, and the period that goes on."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request, url_for
from flask_babel import gettext as _

from alliance.access import alliance_id, can, now
from alliance.core.acts import Act
from alliance.indicators import queries as indicators

# The wing of people has doors of two entries of the rail, and some of none.
DECISIONS = ("accounts.list_decisions", "accounts.read_decision", "accounts.record_decision")
PUBLISHED = ("bulletins", "notices")
MEMBERS = tuple(
    f"members.{name}" for name in ("list_institutions", "read_institution", "import_workbook", "export_workbook")
)
INSIDE = tuple(
    f"members.{name}"
    for name in (
        "list_departments",
        "read_department",
        "define_department",
        "end_department",
        "map_code",
        "set_share",
        "import_structure",
    )
)
PEOPLE = tuple(
    f"accounts.{name}"
    for name in (
        "list_persons",
        "read_person",
        "invite_account",
        "reset_account",
        "lock_account",
        "reset_totp",
        "give_grant",
        "revoke_grant",
        "name_deputy",
    )
)


CHECKS = tuple(
    f"indicators.{name}"
    for name in (
        "list_rounds",
        "read_round",
        "read_sample",
        "record_check",
        "read_check",
        "list_falsifications",
        "read_falsification",
        "propose_falsification",
    )
)
POSTS = tuple(
    f"members.{name}"
    for name in ("list_posts", "read_post", "define_post", "rate_post", "read_staffing", "set_establishment")
)
MOST = 7
# What goes first where there is more: the departments are reached from the page of the own member too, and members from
# the menu of every person.
SPARE = ("members.list_departments", "members.list_institutions")
REGISTERS = ("registers",)
STAFF = ("members.list_employees", "members.read_employee", "members.record_employee")


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the rail."""

    label: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Current:
    """The period that the frame names, and whether filing is open."""

    code: str
    open: bool


def current_period() -> Current | None:
    """The newest period that was opened, for those who may see its calendar."""
    newest = next(iter(indicators.periods(alliance_id())), None) if can(Act.INDICATORS_PERIOD_READ) else None
    return Current(newest.code, now() < newest.due_at) if newest else None


def _cooperation() -> str:
    """Referrals are filed every day, other cases now and then."""
    return "registers.list_referrals" if can(Act.REGISTERS_REFERRAL_LIST) else "registers.list_registers"


def rail() -> list[Link]:
    """The ways of this role, seven at most."""
    ways = [
        (_("My tasks"), "desk.read_home", "list-check", Act.DESK_HOME_READ, ("desk",)),
        (_("Filing"), "indicators.list_submissions", "pencil", Act.INDICATORS_SUBMISSION_LIST, ("indicators",)),
        (_("Cooperation"), _cooperation(), "arrow-left-right", Act.REGISTERS_REGISTER_LIST, REGISTERS),
        (_("Pathways"), "registers.list_courses", "shuffle", Act.REGISTERS_COURSE_LIST, REGISTERS),
        (_("Assessment ledgers"), "registers.list_entries", "clipboard-check", Act.REGISTERS_ENTRY_LIST, REGISTERS),
        (_("My scoring"), "ratings.list_scores", "clipboard-check", Act.RATINGS_SCORE_LIST, ("ratings",)),
        (_("Cross-checks"), "indicators.list_rounds", "clipboard-check", Act.INDICATORS_CHECK_RECORD, CHECKS),
        (_("Scores"), "evaluation.list_runs", "bar-chart-line", Act.EVALUATION_RUN_LIST, ("evaluation", "ratings")),
        (_("Surveys"), "ratings.list_waves", "star", Act.RATINGS_WAVE_LIST, ("ratings",)),
        (_("Fund"), "funds.list_funds", "cash-stack", Act.FUNDS_FUND_LIST, ("funds",)),
        (_("Bulletins"), "bulletins.list_bulletins", "megaphone", Act.BULLETINS_BULLETIN_LIST, PUBLISHED),
        (_("Decisions"), "accounts.list_decisions", "clipboard-check", Act.ACCOUNTS_DECISION_LIST, DECISIONS),
        (_("Members"), "members.list_institutions", "hospital", Act.MEMBERS_INSTITUTION_LIST, MEMBERS),
        (_("Departments"), "members.list_departments", "diagram-3", Act.MEMBERS_DEPARTMENT_LIST, INSIDE),
        (_("Posts"), "members.list_posts", "briefcase", Act.MEMBERS_POST_DEFINE, POSTS),
        (_("Staff"), "members.list_employees", "person-badge", Act.MEMBERS_EMPLOYEE_LIST, STAFF),
        (_("Bonus"), "workpoints.list_runs", "cash-coin", Act.WORKPOINTS_RUN_LIST, ("workpoints",)),
        (_("My payslips"), "workpoints.list_slips", "receipt", Act.WORKPOINTS_SLIP_LIST, ("workpoints",)),
        (_("People"), "accounts.list_persons", "people", Act.ACCOUNTS_PERSON_LIST, PEOPLE),
        (_("E-mail"), "post.list_mails", "envelope", Act.POST_MAIL_LIST, ("post",)),
        (_("Audit log"), "audit.list_events", "journal-text", Act.AUDIT_EVENT_LIST, ("audit",)),
    ]
    held = [way for way in ways if can(way[3])]
    first = next((way for way in held if way[4] == REGISTERS), None)  # its tabs lead to the others
    held = [way for way in held if way[4] != REGISTERS or way is first]
    if any(way[1] == "evaluation.list_runs" for way in held):  # the results of raters lead to them there
        held = [way for way in held if way[1] != "ratings.list_waves"]
    for spare in SPARE:
        held = [way for way in held if way[1] != spare] if len(held) > MOST else held
    here = {request.endpoint or "", g.get("wing") or (request.endpoint or "").partition(".")[0]}
    return [Link(text, url_for(end), icon, bool(here & {*at})) for text, end, icon, _act, at in held]
