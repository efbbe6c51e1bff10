"""The questions about charge lines: what was loaded, what its codes mean, what a month's lines earn and tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Select, select

from alliance.core.figure import EXACT, sum_exactly
from alliance.core.period import Period
from alliance.db import Lasting, db
from alliance.members import queries as members
from alliance.workpoints.models import ChargeCode, ChargeLoad, ChargeMapping
from alliance.workpoints.queries import points as tables
from alliance.workpoints.queries.workloads import workload_codes
from alliance.workpoints.rules.cleaning import COMPARED, Cleaned
from alliance.workpoints.rules.codes import Code
from alliance.workpoints.rules.items import TOGETHER, ItemPoints
from alliance.workpoints.rules.meanings import (
    ITEM,
    PERSON,
    UNIT,
    Meaning,
    classed,
    of_systems,
    placed,
    pointed,
)
from alliance.workpoints.rules.uses import ASIDE, UNKNOWN, Understood, Use, judged
from alliance.workpoints.rules.volumes import Volume, VolumePart
from alliance.workpoints.rules.workloads import SOURCE as LEDGER
from alliance.workpoints.rules.workloads import not_said
from alliance.workpoints.volume import loading, points
from alliance.workpoints.volume.partitions import LOOKED_BACK, Load, Partitions, partitions_of
from alliance.workpoints.volume.points import Earned


@dataclass(frozen=True, slots=True)
class LoadInfo:
    """A file that was loaded, or, with a reason, the note that it was taken out again; amounts in yuan."""

    month: str
    source: str
    revision: int
    title: str
    sha256: str
    rows: int
    lines: int
    aside: int
    amount: Decimal
    cleaned: tuple[Cleaned, ...]
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """What a code means from a day on, by whom it was recorded; without a meaning it is put aside for good."""

    meaning: Meaning
    reason: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Pointed:
    """How many items have points on the days of their lines, with these lines and their charges."""

    items: int
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """The lines and charges of an item that earn no points in a month, and how it stands: without points, goods that
    may earn none, put aside for good, or in no table."""

    item: str
    lines: int
    amount: Decimal
    standing: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A code that nobody knows, or that is put aside for good, with its lines and their charges."""

    what: str
    code: str
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class MonthLines:
    """What the lines of a month earn by role, unit, person and setting, and what stands in their way.

    `items` are those that earn no points; `aside` are the codes put aside for good.
    """

    earned: list[Earned]
    unknown: list[Waiting]
    pointed: Pointed
    lines: int
    amount: Decimal
    loads: tuple[Load, ...]
    digest: str
    aside: list[Waiting]
    items: list[ItemStanding]


# The files of a load never change, so what comes of the same loads and the same meanings is the same: a page that is
# opened again, or the run after the page, does not read millions of lines anew.
_worked: Lasting[MonthLines] = Lasting(4)
_volumes: Lasting[tuple[list[Volume], list[Volume]]] = Lasting(4)


def _loads(alliance: int, institution: str) -> Select[ChargeLoad]:
    return select(ChargeLoad).where(ChargeLoad.alliance_id == alliance, ChargeLoad.institution == institution)


def _info(row: ChargeLoad) -> LoadInfo:
    cleaned = tuple(
        Cleaned(one["rule"], one["lines"], Decimal(one["amount"]), tuple(one["rows"])) for one in row.cleaned
    )
    return LoadInfo(
        row.month, row.source, row.revision, row.title, row.sha256, row.rows, row.lines, row.aside, row.amount,
        cleaned, row.reason, row.recorded_by, row.recorded_at,
    )  # fmt: skip


def loads(alliance: int, institution: str, month: str) -> list[LoadInfo]:
    """The loads of a month that count, by source: of each the newest, unless it was taken out again."""
    newest = {one.source: one for one in load_history(alliance, institution, month)[::-1]}
    return [newest[source] for source in sorted(newest) if not newest[source].reason]


def compared_before(alliance: int, institution: str, month: str) -> list[tuple[LoadInfo, int]]:
    """The loads that count of which lines, so many, were compared with a file that was replaced or taken out since: a
    number may be used twice now, or no longer, and a refund may have lost its charge."""
    period = Period.parse(month)
    changed = [
        one for back in range(LOOKED_BACK + 1) for one in _changes(alliance, institution, period.back(back).code)
    ]
    found = []
    for load in loads(alliance, institution, month):
        lines = sum(one.lines for one in load.cleaned if one.rule in COMPARED)
        others = (one for one in changed if (one.month, one.source) != (load.month, load.source))
        if lines and any(one.recorded_at > load.recorded_at for one in others):
            found.append((load, lines))
    return found


def _changes(alliance: int, institution: str, month: str) -> list[LoadInfo]:
    """The loads that took another file's place, and the notes that one was taken out; the same file again is none."""
    before: dict[str, str] = {}
    found = []
    for one in reversed(load_history(alliance, institution, month)):
        if (one.source != LEDGER and before.get(one.source, one.sha256) != one.sha256) or one.reason:
            found.append(one)
        before[one.source] = one.sha256
    return found


def load_history(alliance: int, institution: str, month: str) -> list[LoadInfo]:
    """Everything that was loaded for a month, the newest first."""
    rows = _loads(alliance, institution).where(ChargeLoad.month == month).order_by(ChargeLoad.id.desc())
    return [_info(row) for row in db.session.scalars(rows)]


def next_revision(alliance: int, institution: str, month: str, source: str) -> int:
    """The revision that the next load of a source would have."""
    found = [one.revision for one in load_history(alliance, institution, month) if one.source == source]
    return max(found, default=0) + 1


def load_of(alliance: int, institution: str, month: str, source: str, revision: int) -> LoadInfo | None:
    """One load; None where there is none."""
    row = db.session.scalar(
        _loads(alliance, institution).where(
            ChargeLoad.month == month, ChargeLoad.source == source, ChargeLoad.revision == revision
        )
    )
    return _info(row) if row else None


def loaded_months(alliance: int, institution: str) -> list[str]:
    """The months for which something was loaded, the newest first."""
    rows = db.session.scalars(
        select(ChargeLoad.month)
        .where(ChargeLoad.alliance_id == alliance, ChargeLoad.institution == institution)
        .distinct()
    )
    return sorted(rows, reverse=True)


def loads_in_force(alliance: int, institution: str, month: str) -> dict[str, list[Load]]:
    """What counts of a month and of the months in which the charges of its refunds are looked for."""
    period = Period.parse(month)
    months = [period.back(back).code for back in range(LOOKED_BACK + 1)]
    return {code: [(one.source, one.revision) for one in loads(alliance, institution, code)] for code in months}


def loaded_digests(alliance: int, institution: str) -> dict[str, LoadInfo]:
    """The loads that count, of all months, by the SHA-256 of their files."""
    months = loaded_months(alliance, institution)
    return {one.sha256: one for month in months for one in loads(alliance, institution, month)}


def counted_files(data: Path, alliance: int) -> set[Path]:
    """Every file of lines that ever came to count, of all hospitals."""
    partitions = partitions_of(data, alliance)
    rows = db.session.execute(
        select(ChargeLoad.institution, ChargeLoad.month, ChargeLoad.source, ChargeLoad.revision)
        .where(ChargeLoad.alliance_id == alliance)
    )  # fmt: skip
    return {file for place in rows for file in (partitions.file(*place), partitions.aside(*place))}


def charge_mapping(alliance: int, institution: str, source: str) -> dict[str, str]:
    """The heading of each column in the files of a source, as it was recorded last; empty where it never was."""
    found = db.session.scalar(
        select(ChargeMapping.columns)
        .where(
            ChargeMapping.alliance_id == alliance, ChargeMapping.institution == institution,
            ChargeMapping.source == source,
        )
        .order_by(ChargeMapping.id.desc())
    )  # fmt: skip
    return dict(found or {})


def charge_sources(alliance: int, institution: str) -> list[str]:
    """The sources of a hospital, by name."""
    rows = db.session.scalars(
        select(ChargeMapping.source)
        .where(ChargeMapping.alliance_id == alliance, ChargeMapping.institution == institution)
        .distinct()
    )
    return sorted(rows)


def charge_codes(alliance: int, institution: str) -> list[CodeInfo]:
    """Everything that was recorded about codes of charge lines, in the order of recording."""
    rows = db.session.scalars(
        select(ChargeCode)
        .where(ChargeCode.alliance_id == alliance, ChargeCode.institution == institution)
        .order_by(ChargeCode.id)
    )
    return [
        CodeInfo(
            Meaning(row.what, row.outside, row.meaning, row.start), row.reason, row.recorded_by, row.recorded_at
        )
        for row in rows
    ]  # fmt: skip


def understood(alliance: int, institution: str) -> Understood:
    """What the codes of a hospital's lines mean, as its systems and its office say."""
    said: dict[str, list[Meaning]] = {ITEM: [], UNIT: [], PERSON: []}
    for one in charge_codes(alliance, institution):
        said[one.meaning.what].append(one.meaning)
    facts = members.inside(alliance, institution).codes
    staff = members.employee_numbers(alliance, institution)
    units, no_units = placed(
        of_systems((fact.system, fact.outside, fact.department, fact.start) for fact in facts), said[UNIT]
    )
    persons, no_persons = placed([Code(number, number) for number in staff], said[PERSON])
    own_units, own_persons = workload_codes(alliance, institution)
    units, persons, no_units = [*units, *own_units], [*persons, *own_persons], [*no_units, *not_said(own_units)]
    _items, no_items = placed([], said[ITEM])
    aside = ((ITEM, tuple(no_items)), (UNIT, tuple(no_units)), (PERSON, tuple(no_persons)))
    return Understood(tuple(units), tuple(persons), tuple(said[ITEM]), aside)


def earning(
    alliance: int, institution: str, month: Period, roles: Mapping[str, Decimal] | None = None
) -> list[ItemPoints]:  # fmt: skip
    """The points of items as roles earn them in a month, by the shares of a scheme, by default of the one in force."""
    first, last = month.first, month.last
    rows = [row for row in tables.item_points(alliance, institution) if row.start <= last and row.until > first]
    of_teams = {row.item for row in rows if row.role == TOGETHER}
    if not of_teams:  # classes of thousands of items are read for teams alone
        return rows
    shares = roles or tables.role_shares(alliance, institution, first)
    return tables.earning_points(rows, shares, tables.item_classes(alliance, institution, of_teams))


def _classes(
    alliance: int, institution: str, month: Period, known: Understood, items: Collection[str] | None = None
) -> list[Code]:
    """The classes of items in a month, as their codes are understood; of some items if they are named."""
    wanted = None if items is None else {*items, *(one.meaning for one in known.said if one.outside in items)}
    listed = tables.item_classes(alliance, institution, wanted)
    first, last = month.first, month.last
    return classed([code for code in listed if code.start <= last and code.until > first], known.said)


def month_lines(
    partitions: Partitions, alliance: int, institution: str, month: str, roles: Mapping[str, Decimal] | None = None
) -> MonthLines:  # fmt: skip
    """What the lines of a month that count earn with the points of items, worked out by the engine in one go; by the
    shares of roles of a scheme, by default of the one in force."""
    found = loads(alliance, institution, month)
    names = tuple((one.source, one.revision) for one in found)
    known = understood(alliance, institution)
    period = Period.parse(month)
    roles = roles or tables.role_shares(alliance, institution, period.first)
    key = (
        partitions,
        institution,
        month,
        names,
        known,
        *tables.standing(alliance, institution, period),
        *roles.items(),
    )
    worked = _worked.find(key)
    if worked is None:
        items = pointed(earning(alliance, institution, period, roles), known.said)
        worked = _worked_out(partitions, alliance, institution, period, names, known, items)
        _worked.keep(key, worked)
    return replace(
        worked, lines=sum(one.lines for one in found), amount=sum((one.amount for one in found), Decimal(0)),
        earned=list(worked.earned), unknown=list(worked.unknown), items=list(worked.items),
    )  # fmt: skip


def _worked_out(
    partitions: Partitions, alliance: int, institution: str, month: Period, names: tuple[Load, ...], known: Understood,
    items: Sequence[ItemPoints],
) -> MonthLines:  # fmt: skip
    with loading.reading(partitions, partitions.files(institution, month.code, names)) as engine:
        points.prepare(engine, [points.Meanings(institution, items, known.units, known.persons)])
        earned = points.earned(engine, sorted({row.role for row in items}))
        unearned = points.unearned(engine)
        bare = {use.code for use in unearned}
        with_points = _pointed(engine, items, unearned)
        days = known.days(_classes(alliance, institution, month, known, bare) if bare else ())
        found, turning = judged(days, [*unearned, *points.used(engine)])
        if turning:
            of_items = [use for use in turning if use.what == ITEM]
            others = [use for use in turning if use.what != ITEM]
            again = points.unearned_by_day(engine, of_items) + points.used_by_day(engine, others)
            found += judged(days, again)[0]
    standing = [ItemStanding(*one) for one in _by_standing(found)]
    return MonthLines(
        earned, _waiting(found, UNKNOWN), with_points, 0, Decimal(0), names, points.digest(earned),
        _waiting(found, ASIDE), standing,
    )  # fmt: skip


def _pointed(engine: points.Answers, rows: Sequence[ItemPoints], unearned: Sequence[Use]) -> Pointed:
    """What is left of all lines without those that earn nothing; an item may have points on some of its days alone."""
    items, lines, amount = points.whole(engine)
    codes = {row.item for row in rows} if unearned else frozenset()
    in_part = [use for use in unearned if use.code in codes]
    whole: dict[str, int] = {}
    for use in points.used_by_day(engine, in_part):
        whole[use.code] = whole.get(use.code, 0) + use.lines
    never = len(unearned) - sum(whole[use.code] > use.lines for use in in_part)
    return Pointed(
        items - never, lines - sum(use.lines for use in unearned),
        EXACT.subtract(amount, sum_exactly(use.amount for use in unearned)),
    )  # fmt: skip


def _by_standing(judged_uses: Sequence[tuple[Use, str]]) -> list[tuple[str, int, Decimal, str]]:
    """The lines and charges of each item, by how it stands on their days."""
    found: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for use, stands in judged_uses:
        if use.what == ITEM:
            lines, amount = found.get((use.code, stands), (0, Decimal(0)))
            found[use.code, stands] = (lines + use.lines, EXACT.add(amount, use.amount))
    return [(item, *sums, stands) for (item, stands), sums in sorted(found.items())]


def _waiting(judged_uses: Sequence[tuple[Use, str]], wanted: str) -> list[Waiting]:
    found: dict[tuple[str, str], Waiting] = {}
    for use, stands in judged_uses:
        if stands == wanted:
            place = (use.what, use.code)
            before = found.get(place, Waiting(*place, 0, Decimal(0)))
            found[place] = Waiting(*place, before.lines + use.lines, EXACT.add(before.amount, use.amount))
    return [found[place] for place in sorted(found)]


def month_volumes(
    partitions: Partitions, alliance: int, institution: str, month: str
) -> tuple[list[Volume], list[Volume]]:  # fmt: skip
    """What the units did in a month, and what was done for their patients, of the lines that count."""
    names = tuple((one.source, one.revision) for one in loads(alliance, institution, month))
    period, known = Period.parse(month), understood(alliance, institution)
    key = (partitions, institution, month, names, known, tables.standing(alliance, institution, period))
    found = _volumes.find(key)
    if found is None:
        classes = _classes(alliance, institution, period, known)
        with loading.reading(partitions, partitions.files(institution, month, names)) as engine:
            points.prepare(engine, [points.Meanings(institution, (), known.units, known.persons)])
            found = points.volumes(engine, institution, classes)
        _volumes.keep(key, found)
    return found


def volume_lines(
    partitions: Partitions, alliance: int, institution: str, month: str, part: VolumePart, limit: int, offset: int
) -> list[tuple[object, ...]]:  # fmt: skip
    """The lines behind a part of the volumes of a month, page by page, as `points.volume_lines` gives them."""
    names = [(one.source, one.revision) for one in loads(alliance, institution, month)]
    known = understood(alliance, institution)
    classes = _classes(alliance, institution, Period.parse(month), known)
    with loading.reading(partitions, partitions.files(institution, month, names)) as engine:
        points.prepare(engine, [points.Meanings(institution, (), known.units, known.persons)])
        return points.volume_lines(engine, institution, classes, part, limit=limit, offset=offset)


def lines_behind(
    partitions: Partitions, alliance: int, institution: str, month: str, names: Sequence[Load], one: Earned,
    limit: int, offset: int, rows: Sequence[ItemPoints] | None = None,
) -> list[tuple[object, ...]]:  # fmt: skip
    """The lines behind a sum, page by page: source, row, number, day, item, quantity, points each, points, charge.

    `names` are the loads that the sum rests on, `rows` the points as they are earned, by default those of the scheme
    in force.
    """
    if rows is None:
        rows = earning(alliance, institution, Period.parse(month))
    known = understood(alliance, institution)
    items = pointed(rows, known.said)
    with loading.reading(partitions, partitions.files(institution, month, names)) as engine:
        points.prepare(engine, [points.Meanings(institution, items, known.units, known.persons)])
        return points.behind(engine, one, limit=limit, offset=offset)
