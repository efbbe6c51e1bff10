"""The medians beside the fields: computed once for each state of the submissions."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from sqlalchemy import and_, func, select

from alliance.core.figure import canonical, half_up
from alliance.core.formula import median
from alliance.core.period import Period
from alliance.db import db
from alliance.indicators.models import Reading, Submission
from alliance.indicators.queries.readings import newest_revision
from alliance.indicators.rules.definitions import Library
from alliance.indicators.rules.filing import Progress
from alliance.members import queries as members

FEWEST = 3  # members whose values make a median; of fewer it would tell what a single one filed
MORE = 2  # decimal places that a median has beyond those of its element


def medians_of_tier(alliance: int, when: Period, tier: str, known: Library, fewest: int) -> Mapping[str, Decimal]:
    """The median of a tier's accepted values of a period by element, where enough members have one."""
    # An accepted value changes only by a step of its submission, and every step counts its version up.
    steps = db.session.execute(
        select(func.count(), func.sum(Submission.version), func.max(Submission.accepted_at)).where(
            Submission.alliance_id == alliance, Submission.period == when.code
        )
    ).one()
    places = tuple((one.code, one.places) for one in known.elements.values())
    state = (*steps, *members.facts_known(alliance))
    return _medians(str(db.engine.url), alliance, when, tier, fewest, places, state)


@lru_cache(maxsize=256)
def _medians(
    _database: str,
    alliance: int,
    when: Period,
    tier: str,
    fewest: int,
    places: tuple[tuple[str, int], ...],
    _state: tuple[object, ...],
) -> Mapping[str, Decimal]:
    """Asked for with every page of a tier and seldom changed: computed once for each state of the submissions."""
    codes = [one.code for one in members.members(alliance, when.last) if one.tier == tier]
    accepted = and_(
        Submission.alliance_id == Reading.alliance_id,
        Submission.period == Reading.period,
        Submission.institution == Reading.institution,
        Submission.state == Progress.ACCEPTED.value,
    )
    rows = db.session.execute(
        select(Reading.element, Reading.value)
        .join(Submission, accepted)
        .where(
            Reading.alliance_id == alliance,
            Reading.period == when.code,
            Reading.institution.in_(codes),
            Reading.revision == newest_revision(),
            Reading.value != "",
        )
    )
    found: dict[str, list[Fraction]] = {}
    for element, value in rows:
        found.setdefault(element, []).append(Fraction(value))
    digits = dict(places)
    return {
        element: Decimal(canonical(half_up(median(values), digits.get(element, 0) + MORE)))
        for element, values in found.items()
        if len(values) >= fewest
    }
