"""How the codes stand that charge lines use: earning, known besides, put aside for good, or nobody's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from alliance.workpoints.rules.codes import EVER, Code
from alliance.workpoints.rules.items import ALWAYS
from alliance.workpoints.rules.meanings import ITEM, PERSON, UNIT
from alliance.workpoints.rules.uses import ASIDE, GOODS_ITEM, KNOWN, UNKNOWN, WITHOUT, Understood, Use, judged

FIRST, MIDDLE, LAST = date(2026, 3, 1), date(2026, 3, 16), date(2026, 3, 31)
UNDERSTOOD = Understood(
    (Code("D1", "C01"), Code("D2", "C02", EVER, MIDDLE)),
    (Code("S1", "P1"),),
    (),
    ((ITEM, (Code("GIFT", "", EVER, ALWAYS),)), (UNIT, (Code("D2", "", MIDDLE),)), (PERSON, ())),
)
CLASSES = (
    Code("OLD", "drug", EVER, MIDDLE), Code("OLD", "treatment", MIDDLE), Code("OP", "operation"), Code("BED", "bed"),
    Code("PILL", "drug"),
)  # fmt: skip
DAYS = UNDERSTOOD.days(CLASSES)


def use(what: str, code: str, first: date = FIRST, last: date = LAST) -> Use:
    return Use(what, code, first, last, 3, Decimal("30.00"))


@pytest.mark.parametrize(("what", "code", "stands"), [
    ("item", "OP", WITHOUT), ("item", "BED", WITHOUT), ("item", "PILL", GOODS_ITEM), ("item", "GIFT", ASIDE),
    ("item", "NEW", UNKNOWN), ("performing_unit", "D1", KNOWN), ("ordering_unit", "D9", UNKNOWN),
    ("ordering_unit", "", KNOWN), ("performing_person", "S1", KNOWN), ("performing_person", "", KNOWN),
    ("ordering_person", "S2", UNKNOWN), ("item", "", UNKNOWN),
])  # fmt: skip
def test_a_code_stands_as_it_is_known(what: str, code: str, stands: str) -> None:
    assert judged(DAYS, [use(what, code)]) == ([(use(what, code), stands)], [])


@pytest.mark.parametrize(("what", "code", "before", "after"), [
    ("item", "OLD", GOODS_ITEM, WITHOUT), ("performing_unit", "D2", KNOWN, ASIDE),
])  # fmt: skip
def test_a_code_that_changes_its_meaning_is_judged_day_by_day(what: str, code: str, before: str, after: str) -> None:
    assert judged(DAYS, [use(what, code)]) == ([], [use(what, code)])
    days = [use(what, code, day, day) for day in (FIRST, date(2026, 3, 15), MIDDLE, LAST)]
    found, turning = judged(DAYS, days)
    assert [stands for _use, stands in found] == [before, before, after, after]
    assert turning == []


def test_a_code_whose_lines_lie_on_one_side_of_the_change_needs_no_days() -> None:
    late = use("item", "OLD", MIDDLE, LAST)
    assert judged(DAYS, [late]) == ([(late, WITHOUT)], [])
