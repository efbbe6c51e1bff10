"""The figures of a hospital's internal bonus: who may open which, and the record behind each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from alliance.audit import queries as audit
from alliance.core.period import Period
from alliance.core.roles import Scope
from alliance.members import queries as members
from alliance.workpoints import queries as workpoints

SUBJECTS = frozenset({"bonus", "unit", "slip", "bonusbudget"})  # of the kept runs of a hospital's bonus
Act = tuple[str, str, datetime | None]  # what was done, by which account, when
# What stands behind a source: its parts for the page, the document, who did it, whether there is a newer one.
Found = tuple[tuple[str, ...], str, tuple[Act, ...], bool]


def is_pay(subject: str) -> bool:
    """Whether a kept run is one of a hospital's bonus, which nobody outside the hospital sees."""
    return subject.partition(":")[0] in SUBJECTS


class Reader:
    """What one reader may open of one kept run of a hospital's bonus.

    The hospital's offices and its director everything; the head of a unit what is the unit's and its people's in it,
    and no payslip; an employee what is one's own and the own unit's, once it is published, and the payslip once it is
    approved. What belongs to the hospital as a whole is open to all of these, save what tells on others: the parts and
    sums of a unit are the unit's, of the sums over payslips none is open, and the peers' means of heads are for heads.
    """

    def __init__(self, scope: Scope, run: audit.RunInfo) -> None:
        self.scope, self.run = scope, run
        self.kind, _, place = run.subject.partition(":")
        self.institution, _, rest = place.partition("/")
        self.month = rest.partition("/")[0]
        self.whole = self.institution in scope.bonus
        self.units: frozenset[str] = frozenset()
        self.own_units: frozenset[str] = frozenset()
        self.person = ""
        if not self.whole:
            self.units = self._headed()
            self.person = self._own()
            self.own_units = self._shared() if self.person else frozenset()

    def _headed(self) -> frozenset[str]:
        """The units that the reader heads, on the last day of the month."""
        roots = {unit for place, unit in self.scope.departments if place == self.institution}
        if not roots or self.kind == "slip":
            return frozenset()
        day = Period.parse(self.month).last
        return members.beneath_of(self.scope.alliance_id, self.institution, roots, day)

    def _own(self) -> str:
        """The reader's staff number, if this run is open to its employees."""
        if self.scope.employer != self.institution or not self.scope.employee:
            return ""
        return self.scope.employee if self.kind == "bonusbudget" or self._is_out() else ""

    def _is_out(self) -> bool:
        found = workpoints.run_of_figures(self.scope.alliance_id, self.run.id)
        if found is None:
            return False
        if found.state in workpoints.SHOWN:
            return True
        mine = workpoints.units_of_person(found.id, self.scope.employee)
        units = workpoints.bonus_units(found.id)
        return self.kind != "slip" and any(units[unit].published_at for unit in mine if unit in units)

    def _shared(self) -> frozenset[str]:
        """The units in which the reader has a share of this run."""
        found = workpoints.run_of_figures(self.scope.alliance_id, self.run.id)
        return frozenset(workpoints.units_of_person(found.id, self.person)) if found else frozenset()

    def may_read(self, figure: audit.KeptFigure) -> bool:
        """Whether the reader may see a figure of the run."""
        kind, _, place = figure.owner.partition(":")
        institution, _, code = place.partition("/")
        if institution != self.institution:
            return False
        if self.whole:
            return True
        if not self.units and not self.person:
            return False
        if kind == "institution" and not figure.key.startswith("unit/"):
            return self._tells_on_nobody(figure)
        if kind == "institution":
            kind, code = "department", figure.key.split("/")[1]
        if kind == "department":
            return code in self.units | self.own_units
        return (bool(self.person) and code == self.person) or self._in_unit(figure.key, code)

    def _tells_on_nobody(self, figure: audit.KeptFigure) -> bool:
        """Whether the whole hospital may see a figure of the hospital. A sum over payslips may be one person's pay:
        of these runs only numbers of the scheme and what was taken from another run are open."""
        if self.kind == "slip":
            return figure.source.startswith(("bonusscheme:", "figure:"))
        return not figure.key.startswith("heads/") or bool(self.units)

    def _in_unit(self, key: str, person: str) -> bool:
        """Whether a person's figure is of one of the units that the reader heads: unit/U/… or person/P/U/…."""
        parts = key.split("/")
        if parts[0] == "unit":
            return parts[1] in self.units
        return parts[:2] == ["person", person] and len(parts) > 2 and parts[2] in self.units


def _scheme(alliance: int, rest: str) -> Found:
    reference, _, place = rest.partition("#")
    if place.startswith("unitrule/"):
        return _rule(alliance, reference.partition("/")[0], place)
    institution, code, version = reference.split("/")
    info = workpoints.scheme_info(alliance, institution, code, int(version))
    acts = (
        (("drafted", info.recorded_by, info.recorded_at), ("decided", info.decided_by, info.decided_at)) if info else ()
    )
    return (institution, code, version, place), info.decision if info else "", acts, False


def _rule(alliance: int, institution: str, place: str) -> Found:
    _kind, unit, *month = place.partition(".")[0].split("/")  # without a month where it was computed long ago
    return ("unitrule", institution, unit, *month), "", (), False


def _budget(alliance: int, rest: str) -> Found:
    where, _, place = rest.partition("#")
    where, _, version = where.partition("@")
    institution, year = where.split("/")
    info = workpoints.budget_info(alliance, institution, int(year), int(version))
    acts = (
        (("drafted", info.recorded_by, info.recorded_at), ("decided", info.decided_by, info.decided_at)) if info else ()
    )
    return (institution, year, version, place), info.decision if info else "", acts, False


def _entry(alliance: int, rest: str) -> Found:
    where, _, revision = rest.partition("@")
    institution, month, unit, *more = where.split("/")
    person, kind = more if len(more) == 2 else ("", more[0])
    found = workpoints.cell_history(alliance, institution, month, unit, kind, person)
    used = next((one for one in found if one.revision == int(revision)), None)
    newer = bool(found) and found[0].revision > int(revision)
    acts = (("filed", used.recorded_by, used.recorded_at),) if used else ()
    return (institution, month, unit, person, kind, revision), used.document if used else "", acts, newer


def _case(alliance: int, rest: str) -> Found:
    where, _, revision = rest.partition("@")
    revision = revision.partition("#")[0]
    institution, month, unit, code = where.split("/")
    found = {one.code: one for one in workpoints.cases(alliance, institution, month).get(unit, ())}.get(code)
    same = found is not None and found.revision == int(revision)
    acts = (("filed", found.recorded_by, found.recorded_at),) if found and same else ()
    return (institution, month, unit, code, revision), found.document if found and same else "", acts, not same


def _task(alliance: int, rest: str) -> Found:
    institution, _, number = rest.partition("/")
    found = workpoints.task(alliance, institution, int(number))
    acts = (
        (("entered", found.entered_by, found.entered_at), ("accepted", found.reviewed_by, found.reviewed_at))
        if found else ()
    )  # fmt: skip
    month = found.month if found else ""
    return (institution, number, month, found.text if found else ""), found.document if found else "", acts, False


def _holding(alliance: int, rest: str) -> Found:
    institution, _, number = rest.partition("/")
    found = next((one for one in workpoints.all_holdings(alliance, institution) if one.number == int(number)), None)
    acts = (("entered", found.recorded_by, found.recorded_at),) if found else ()
    return (institution, number, found.reason if found else ""), found.document if found else "", acts, False


def _reserve(alliance: int, rest: str) -> Found:
    institution, _, number = rest.partition("/")
    found = workpoints.release(alliance, institution, int(number))
    acts = (
        (("entered", found.entered_by, found.entered_at), ("accepted", found.reviewed_by, found.reviewed_at))
        if found else ()
    )  # fmt: skip
    told = (found.unit, found.reason) if found else ("", "")
    return (institution, number, *told), found.document if found else "", acts, False


def _correction(alliance: int, rest: str) -> Found:
    institution, _, number = rest.partition("/")
    found = next((one for one in workpoints.corrections(alliance, institution) if one.number == int(number)), None)
    acts = (("entered", found.recorded_by, found.recorded_at),) if found else ()
    return (institution, number, found.reason if found else ""), found.document if found else "", acts, False


def _shift(alliance: int, rest: str) -> Found:
    where, _, tail = rest.partition("@")
    institution, month, unit = where.split("/")
    revision, _, person = tail.partition("/")
    run = workpoints.bonus_run(alliance, institution, month)
    found = workpoints.head_shifts(run.id, unit, int(revision)).get(person) if run else None
    acts = (("entered", found.account, found.at),) if found else ()
    return (institution, month, unit, found.reason if found else ""), "", acts, False


def _parts(alliance: int, rest: str) -> Found:
    """A source whose record is a page of its own: staff, establishment, rosters, charge lines."""
    where, _, tail = rest.partition("@")
    where, _, place = where.partition("#")
    return (*where.split("/"), tail or place), "", (), False


ORIGINS: dict[str, Callable[[int, str], Found]] = {
    "bonusscheme": _scheme,
    "bonusbudget": _budget,
    "unitentry": _entry,
    "personentry": _entry,
    "caserow": _case,
    "task": _task,
    "holding": _holding,
    "correction": _correction,
    "reserve": _reserve,
    "shift": _shift,
    "lines": _parts,
    "roster": _parts,
    "staff": _parts,
    "establishment": _parts,
    "bonus": _parts,
    "period": _parts,
}
