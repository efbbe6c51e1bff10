"""What bringing in a file would change, worked out before anything is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from alliance.core.period import Period
from alliance.core.refused import Problem, Refused, mark
from alliance.db import db
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries.libraries import RATED, library
from alliance.indicators.queries.readings import newest_revision
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import NOT_FILED, VALUE, Progress, Row, check_filing, place_at
from alliance.members import queries as members


def changes(alliance: int, code: str, rows: Sequence[Row], employer: str = "") -> list[tuple[Row, str]]:
    """What an import of the rows would change, each with the text that stands now; refused as the import would be.
    Changes nothing."""
    known = library(alliance)
    check_rows(alliance, code, rows, known, employer)
    current = current_texts(alliance, code, {row.institution for row in rows})
    found = [(row, current.get((row.institution, row.element), NOT_FILED)) for row in rows]
    changed = [(row, before[1]) for row, before in found if before[1:] != (row.entry.text, row.entry.state.value)]
    touched: dict[str, list[str]] = {}
    for row, _ in changed:
        if row.institution and known.elements[row.element].mode not in RATED:
            touched.setdefault(row.institution, []).append(row.element)
    for one in db.session.scalars(
        select(Submission).where(Submission.alliance_id == alliance, Submission.period == code)
    ):
        if one.institution in touched:
            check_filing(Progress(one.state), one.unlocked, touched[one.institution], one.institution)
    return changed


def check_rows(alliance: int, code: str, rows: Sequence[Row], known: Library, employer: str) -> None:
    """Refuse rows of strangers, of elements that this member does not file now, the same place twice, and what raters
    found about the employer of whoever brings it in."""
    when = Period.parse(code)
    tiers = {one.code: one.tier for one in members.members(alliance, when.last)}
    problems, seen = [], set()
    for row in rows:
        element, found = known.elements.get(row.element), list[tuple[str, str]]()
        if element is None:
            found.append((row.element, mark("no data element has this code")))
        elif element.frequency is not when.kind:
            found.append((code, mark("this element is not filed for a period of this length")))
        elif element.external and row.institution:
            reason = mark("this element is filed once for the alliance: leave the institution empty")
            found.append((row.institution, reason))
        elif not element.external and row.institution not in tiers:
            found.append((row.institution, mark("is no member in this period")))
        elif not element.external and tiers[row.institution] not in element.tiers:
            found.append((row.element, mark("this member does not file this element")))
        elif element.mode in RATED and row.institution == employer:
            reason = mark("you are employed by this member: what raters found about it is brought in by somebody else")
            found.append((row.entry.text, reason))
        if (row.institution, row.element) in seen:
            found.append((row.entry.text, mark("this value stands twice in the file")))
        problems += [
            Problem(VALUE, value, reason, at=place_at(row.institution, row.element)) for value, reason in found
        ]
        seen.add((row.institution, row.element))
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)


def current_texts(
    alliance: int, code: str, institutions: Collection[str]
) -> dict[tuple[str, str], tuple[int, str, str]]:
    """Revision, text and state of the current readings by institution and element."""
    rows = db.session.execute(
        select(Reading.institution, Reading.element, Reading.revision, Reading.value, Reading.state).where(
            Reading.alliance_id == alliance,
            Reading.period == code,
            Reading.institution.in_(list(institutions)),
            Reading.revision == newest_revision(),
        )
    )
    return {(institution, element): (revision, value, state) for institution, element, revision, value, state in rows}
