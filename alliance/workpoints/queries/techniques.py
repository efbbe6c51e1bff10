"""The questions about new techniques: how often a month's lines say they were done, and by which items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from alliance.core.figure import EXACT
from alliance.core.period import Period
from alliance.core.refused import Problem
from alliance.workpoints.queries import points as tables
from alliance.workpoints.queries.charges import loads, understood
from alliance.workpoints.queries.schemes import scheme_in_force
from alliance.workpoints.rules.income import Draw, forbidden
from alliance.workpoints.rules.items import ALWAYS, ItemPoints
from alliance.workpoints.rules.meanings import Meaning, pointed
from alliance.workpoints.rules.scheme import BonusScheme
from alliance.workpoints.rules.techniques import Technique, draws, unknown_items
from alliance.workpoints.volume import loading, points
from alliance.workpoints.volume.partitions import Load, Partitions
from alliance.workpoints.volume.points import Done, TechniqueItem


@dataclass(frozen=True, slots=True)
class MonthTechniques:
    """How often new techniques were done in a month, by unit and person; empty where the scheme names none."""

    scheme: str = ""  # its reference, H01/BONUS/3
    techniques: Sequence[Technique] = ()
    done: list[Done] = field(default_factory=list)
    loads: tuple[Load, ...] = ()


def techniques_begun(scheme: BonusScheme, month: Period) -> list[Technique]:
    """The techniques of a scheme that are done here by the end of a month."""
    return [one for one in scheme.techniques if one.start <= month.last]


def technique_problems(alliance: int, institution: str, scheme: BonusScheme) -> list[Problem]:
    """The items of a scheme's techniques that pay must not be linked to, or whose class no table tells."""
    classes = _classes(alliance, institution, scheme.techniques, scheme.valid_from, ALWAYS)
    return forbidden(draws(scheme.techniques, classes)) + unknown_items(scheme.techniques, classes)


def draws_in(alliance: int, institution: str, techniques: Sequence[Technique], month: Period) -> list[Draw]:
    """What techniques reward by the tables of a month; an item that none of them has earns as it is done."""
    return draws(techniques, _classes(alliance, institution, techniques, month.first, month.until))


def _classes(
    alliance: int, institution: str, techniques: Sequence[Technique], start: date, until: date
) -> dict[str, set[str]]:  # fmt: skip
    """The classes of their items on the days of a range."""
    found: dict[str, set[str]] = {}
    wanted = {item for one in techniques for item in one.items}
    for code in tables.item_classes(alliance, institution, wanted) if wanted else ():
        if code.start < until and code.until > start:
            found.setdefault(code.code, set()).add(code.meaning)
    return found


def techniques_done(
    partitions: Partitions, alliance: int, institution: str, month: Period, techniques: Sequence[Technique],
    names: Sequence[Load],
) -> list[Done]:  # fmt: skip
    """How often each technique was done in a month, by unit and person; `names` are the loads that are asked."""
    with _prepared(partitions, alliance, institution, month, techniques, names) as engine:
        return points.techniques(engine)


def done_by_unit(sums: Iterable[Done]) -> list[Done]:
    """The same by technique and unit, whoever did it."""
    found: dict[tuple[str, str], Done] = {}
    for one in sums:
        before = found.get((one.technique, one.unit), Done(one.technique, one.unit, "", 0, Decimal(0)))
        lines, quantity = before.lines + one.lines, EXACT.add(before.quantity, one.quantity)
        found[one.technique, one.unit] = replace(before, lines=lines, quantity=quantity)
    return [found[place] for place in sorted(found)]


def month_techniques(partitions: Partitions, alliance: int, institution: str, month: str) -> MonthTechniques:
    """How often the techniques of the scheme in force were done, of the loads that count."""
    info, period = scheme_in_force(alliance, institution, month), Period.parse(month)
    asked = techniques_begun(info.scheme, period) if info else []
    if info is None or not asked:
        return MonthTechniques()
    names = loads_asked(alliance, institution, period)
    done = techniques_done(partitions, alliance, institution, period, asked, names)
    return MonthTechniques(info.reference, asked, done, names)


def technique_lines(
    partitions: Partitions, alliance: int, institution: str, month: str, asked: MonthTechniques, sums: Sequence[Done],
    limit: int, offset: int,
) -> list[tuple[object, ...]]:  # fmt: skip
    """The lines behind some of its sums, page by page, as `points.technique_lines` gives them."""
    place = partitions, alliance, institution, Period.parse(month)
    with _prepared(*place, asked.techniques, asked.loads) as engine:
        return points.technique_lines(engine, sums, limit=limit, offset=offset)


@contextmanager
def _prepared(
    partitions: Partitions, alliance: int, institution: str, month: Period, techniques: Sequence[Technique],
    names: Sequence[Load],
) -> Iterator[points.Answers]:  # fmt: skip
    known = understood(alliance, institution)
    with loading.reading(partitions, partitions.files(institution, month.code, names)) as engine:
        points.prepare(engine, [points.Meanings(institution, (), known.units, known.persons)])
        points.prepare_techniques(engine, institution, _items(techniques, known.said))
        yield engine


def loads_asked(alliance: int, institution: str, month: Period) -> tuple[Load, ...]:
    """The loads of a month that count."""
    return tuple((one.source, one.revision) for one in loads(alliance, institution, month.code))


def _items(techniques: Sequence[Technique], said: Sequence[Meaning]) -> list[TechniqueItem]:
    """The codes of lines by which techniques count: their items, and whatever the office says means one of these, as
    with points; nothing from before the first day."""
    rows = [ItemPoints(item, one.code, Decimal(1), one.start) for one in techniques for item in one.items]
    return [TechniqueItem(row.item, row.role, row.start, row.until) for row in pointed(rows, said)]
