"""A unit's reserve: kept by approved months within the scheme's limit, released to its people, every cent told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from html import unescape

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.figure import State
from alliance.core.formula import tells_the_truth
from alliance.core.refused import NotFound, Refused
from alliance.indicators import queries as indicators
from alliance.workpoints import queries, services
from alliance.workpoints.queries.filing import Given
from alliance.workpoints.rules.entries import Entry
from alliance.workpoints.rules.reserves import Reserved, overdrawn
from alliance.workpoints.services import GivenRelease
from tests.conftest import Client
from tests.small import by
from tests.workpoints.small_bonus import HOSPITAL, meet, scheme_data
from tests.workpoints.test_runs import REASON, day, lines, prepared

JUNE, JULY, AUGUST = "2026-06", "2026-07", "2026-08"
GIVEN = GivenRelease("N1", JULY, 100_000, "夏季高峰期全科加班，动用留存发放", "科务会纪要 2026-07")


def file_scores(alliance: int, month: str, now: datetime) -> None:
    full = Entry(Decimal(100), State.VALUE)
    given = [Given(unit, "score", full) for unit in ("D1-1", "N1")]
    given += [Given(unit, "score", full, person) for unit, person in (("D1-1", "0001"), ("N1", "0002"), ("N1", "0003"))]
    services.file_entry(alliance, HOSPITAL, month, given, "考核汇总表", by=by("h1.bonus"), now=now)


def compute(alliance: int, month: str, now: datetime) -> int:
    services.compute_run(alliance, HOSPITAL, month, lines(), by=by("h1.bonus"), now=now)
    run = queries.bonus_run(alliance, HOSPITAL, month)
    assert run is not None
    return run.id


def approve(alliance: int, month: str, *days: datetime) -> None:
    """Compute a month and take it to its approval, on a day of computing and one for all that follows."""
    run = compute(alliance, month, days[0])
    number = next(one.number for one in queries.bonus_runs(alliance, HOSPITAL) if one.id == run)
    services.publish_rest(alliance, HOSPITAL, month, by=by("h1.bonus"), now=days[0])
    services.compute_slip(
        alliance, HOSPITAL, month, indicators.works_on(alliance), by=by("h1.bonus"), now=days[1]
    )  # fmt: skip
    services.check_run(alliance, HOSPITAL, month, REASON, by=by("h1.finance"), now=days[1])
    meet(alliance, f"bonus:{HOSPITAL}/{month}@{number}", f"{month}发放", days[1])
    services.approve_run(alliance, HOSPITAL, month, f"{month}发放", by=by("h1.lead"), now=days[1])


@pytest.fixture
def kept(inside: Flask) -> int:
    """The small alliance, with what June kept."""
    return prepare()


def prepare() -> int:
    """H1 has kept 5 % of June's bonuses, with July's scores filed; the alliance's number."""
    prepared(1, scheme_data(
        night=[{"shift": "N1", "rate": "280", "from": "2026-01-01"}], limits={"reserve": "5"},
        second={"reserve": "5", "reserve_limit": "5"},
    ))  # fmt: skip
    approve(1, JUNE, day(2), day(10))
    file_scores(1, JULY, day(1, 8))
    return 1


def release(given: GivenRelease = GIVEN, account: str = "h1.head", verdict: str = "accepted") -> int:
    number = services.release_reserve(1, HOSPITAL, given, by=by(account), now=day(1, 8))
    if verdict:
        services.review_reserve(1, HOSPITAL, number, verdict, REASON, by=by("h1.finance"), now=day(1, 8))
    return number


def left(unit: str = "N1") -> int:
    return queries.reserves(1, HOSPITAL)[unit].left


def test_what_an_approved_month_kept_is_released_to_the_people_of_the_unit(kept: int) -> None:
    """5 % of June stay in the unit; of it 1,000.00 join July's bonus, of which again 5 % stay."""
    june = queries.bonus_run(kept, HOSPITAL, JUNE)
    assert june is not None
    unit = queries.bonus_units(june.id)["N1"]
    assert unit.reserve == unit.bonus * 5 // 100
    assert sum(one.amount for one in queries.bonus_shares(june.id, "N1")) == unit.bonus - unit.reserve
    assert left() == unit.reserve
    number = release()
    assert left() == unit.reserve - 100_000
    run = compute(kept, JULY, day(2, 8))
    july = queries.bonus_units(run)["N1"]
    assert (july.released, july.reserve) == (100_000, july.bonus * 5 // 100)
    assert sum(one.amount for one in queries.bonus_shares(run, "N1")) == july.bonus + 100_000 - july.reserve
    info = queries.bonus_run(kept, HOSPITAL, JULY)
    assert info is not None
    assert not any(row.difference for row in info.rows)
    figures = {one.key: one for one in audit.load_run(info.second_run)}
    assert all(tells_the_truth(one) for one in figures.values())
    assert figures[f"unit/N1/released/{number}"].source == f"reserve:{HOSPITAL}/{number}"
    assert figures["unit/N1/second/whole"].value == Decimal(july.bonus + 100_000) / 100
    assert left() == unit.reserve - 100_000  # July's is not approved yet


def test_the_ledger_of_a_reserve_tells_every_month(kept: int) -> None:
    release()
    approve(1, JULY, day(2, 8), day(12, 8))
    june, july = (queries.bonus_run(1, HOSPITAL, month) for month in (JUNE, JULY))
    assert june is not None
    assert july is not None
    first, second = (queries.bonus_units(run.id)["N1"].reserve for run in (june, july))
    found = queries.reserve_moves(1, HOSPITAL, "N1")
    assert [(one.month, one.amount, one.left) for one in found] == [
        (JUNE, first, first), (JULY, -100_000, first - 100_000), (JULY, second, first - 100_000 + second)
    ]  # fmt: skip
    assert audit.values_of(found[0].run, [found[0].figure]) == {found[0].figure: Decimal(first) / 100}
    assert left() == found[-1].left


def test_nobody_releases_more_than_the_reserve_holds(kept: int) -> None:
    held = left()
    with pytest.raises(Refused, match="which holds"):
        release(replace(GIVEN, cents=held + 1))
    with pytest.raises(Refused, match="which holds"):
        release(replace(GIVEN, month=JUNE[:5] + "05"))  # nothing was kept before May
    release(replace(GIVEN, cents=held), verdict="")
    with pytest.raises(Refused, match="which holds"):
        release(replace(GIVEN, cents=1))  # the first waits for its review and counts
    assert left() == 0


@pytest.mark.parametrize("wrong", [
    {"cents": 0}, {"cents": -1}, {"reason": "太短"}, {"document": " "}, {"month": "2026"}, {"unit": "D9"},
    {"month": JUNE}, {"unit": "D1-1", "cents": 10**9},
])  # fmt: skip
def test_what_a_release_is_refused_for(kept: int, wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        release(replace(GIVEN, **wrong))  # type: ignore[arg-type]
    assert queries.releases(1, HOSPITAL) == []


def test_another_person_reviews_and_takes_back_until_the_month_is_approved(kept: int) -> None:
    held, number = left(), release(account="h1.bonus", verdict="")
    for account in ("h1.bonus", "h1.nurse"):  # who entered it, and who works in the unit
        with pytest.raises(Refused, match="another person reviews it"):
            services.review_reserve(1, HOSPITAL, number, "accepted", by=by(account), now=day(1, 8))
    with pytest.raises(Refused, match="at least ten characters"):
        services.review_reserve(1, HOSPITAL, number, "refused", by=by("h1.finance"), now=day(1, 8))
    services.review_reserve(1, HOSPITAL, number, "accepted", by=by("h1.finance"), now=day(1, 8))
    with pytest.raises(Refused, match="reviewed already"):
        services.review_reserve(1, HOSPITAL, number, "accepted", by=by("h1.finance"), now=day(1, 8))
    with pytest.raises(Refused, match="meanwhile"):  # on a page that still says "to be reviewed"
        services.review_reserve(1, HOSPITAL, number, "refused", REASON, "entered", by=by("h1.finance"), now=day(1, 8))
    services.review_reserve(1, HOSPITAL, number, "refused", REASON, by=by("h1.finance"), now=day(2, 8))
    assert left() == held
    with pytest.raises(Refused, match="reviewed already"):
        services.review_reserve(1, HOSPITAL, number, "accepted", by=by("h1.finance"), now=day(2, 8))
    again = release()
    approve(1, JULY, day(2, 8), day(12, 8))
    with pytest.raises(Refused, match="is approved"):
        services.review_reserve(1, HOSPITAL, again, "refused", REASON, by=by("h1.finance"), now=day(13, 8))
    with pytest.raises(NotFound):
        services.review_reserve(1, HOSPITAL, 99, "accepted", by=by("h1.finance"), now=day(13, 8))


def test_a_reversed_month_takes_its_reserve_with_it(kept: int) -> None:
    """What June kept is gone with June; a release of it stands in the way of July until it is refused."""
    number = release()
    meet(1, f"bonus:{HOSPITAL}/{JUNE}@1", "6月撤销", day(11))
    services.reverse_run(1, HOSPITAL, JUNE, "六月系数有误，重新测算", "6月撤销", by=by("h1.lead"), now=day(12))
    with pytest.raises(Refused) as refused:
        compute(1, JULY, day(2, 8))
    assert [(one.where, one.numbers["held"]) for one in refused.value.problems] == [("N1", 0)]
    services.review_reserve(1, HOSPITAL, number, "refused", REASON, by=by("h1.finance"), now=day(2, 8))
    assert queries.bonus_units(compute(1, JULY, day(2, 8)))["N1"].released == 0


def problems_of(month: str) -> list[str]:
    run = queries.bonus_run(1, HOSPITAL, month)
    assert run is not None
    return [one.where for one in queries.release_problems(1, run)]


def make_slips(month: str, now: datetime) -> None:
    services.publish_rest(1, HOSPITAL, month, by=by("h1.bonus"), now=day(2, 8))
    services.compute_slip(1, HOSPITAL, month, indicators.works_on(1), by=by("h1.bonus"), now=now)


def check(month: str) -> None:
    services.check_run(1, HOSPITAL, month, REASON, by=by("h1.finance"), now=day(12, 8))


def reverse_june() -> None:
    meet(1, f"bonus:{HOSPITAL}/{JUNE}@1", "6月撤销", day(12, 8))
    reason = "六月系数有误，重新测算"
    services.reverse_run(1, HOSPITAL, JUNE, reason, "6月撤销", by=by("h1.lead"), now=day(12, 8))


def test_a_release_that_its_run_does_not_hold_stands_in_its_way(kept: int) -> None:
    """Accepted after the computation its people would never get it, and the ledger would say that they had."""
    compute(1, JULY, day(2, 8))
    assert problems_of(JULY) == []
    number = release()
    assert problems_of(JULY) == ["N1"]
    make_slips(JULY, day(12, 8))
    with pytest.raises(Refused, match="are not what the run shared out"):
        check(JULY)
    services.review_reserve(1, HOSPITAL, number, "refused", REASON, by=by("h1.finance"), now=day(12, 8))
    check(JULY)


def test_a_release_that_was_taken_back_is_not_paid_by_the_run_that_holds_it(kept: int) -> None:
    """It would be paid once now and, released again, a second time."""
    number = release()
    compute(1, JULY, day(2, 8))
    services.review_reserve(1, HOSPITAL, number, "refused", REASON, by=by("h1.finance"), now=day(2, 8))
    make_slips(JULY, day(12, 8))
    with pytest.raises(Refused, match="are not what the run shared out"):
        check(JULY)


def test_what_a_month_kept_stays_while_a_later_one_pays_of_it(kept: int) -> None:
    release()
    approve(1, JULY, day(2, 8), day(12, 8))
    with pytest.raises(Refused, match="Later months released"):
        reverse_june()


def test_a_month_is_not_paid_of_a_reserve_that_went_with_a_reversed_one(kept: int) -> None:
    release()
    compute(1, JULY, day(2, 8))
    make_slips(JULY, day(12, 8))
    reverse_june()
    with pytest.raises(Refused, match="or more than it holds"):
        check(JULY)


def test_each_month_releases_what_earlier_ones_kept_alone() -> None:
    kept = [Reserved(JUNE, "N1", 500), Reserved(AUGUST, "N1", 500)]
    assert overdrawn(kept, [Reserved(JULY, "N1", 300), Reserved("2026-09", "N1", 700)]) == {}
    assert overdrawn(kept, [Reserved(JULY, "N1", 501), Reserved("2026-09", "N1", 499)]) == {"N1": (501, 500)}
    assert overdrawn(kept, [Reserved(JUNE, "N1", 1)]) == {"N1": (1, 0)}
    assert overdrawn(kept, [Reserved(JULY, "N1", 200), Reserved(JULY, "N1", 301)]) == {"N1": (501, 500)}


def test_the_pages_of_reserves(app: Flask, client_as: Callable[[str], Client]) -> None:
    """The head enters, finance sees it and accepts it, July's pages tell it."""
    with app.app_context():
        prepare()
    head, finance = client_as("h1.head"), client_as("h1.finance")
    page = head.get(f"/workpoints/reserves/list?institution={HOSPITAL}")
    assert page.status_code == 200
    fields = {"unit": "N1", "month": JULY, "amount": "1,000.00", "reason": GIVEN.reason, "document": GIVEN.document}
    path = f"/workpoints/reserves/release/{HOSPITAL}?month={JULY}"
    assert head.send(path, **(fields | {"amount": "0"})).status_code == 422
    assert head.send(path, **fields).status_code == 302
    home = finance.get("/").text
    listed = re.search(rf"/workpoints/reserves/list\?[^\"]*month={JULY}[^\"]*", home)
    assert listed
    assert f"/workpoints/reserves/review/{HOSPITAL}/1" in finance.get(unescape(listed[0])).text
    review = f"/workpoints/reserves/review/{HOSPITAL}/1"
    assert finance.send(review, verdict="refused").status_code == 422
    assert finance.send(review, verdict="accepted").status_code == 302
    assert "1,000.00" in finance.get(f"/workpoints/reserves/read/{HOSPITAL}/N1").text
    assert finance.get(f"/workpoints/reserves/read/{HOSPITAL}/X9").status_code == 404
    with app.app_context():
        compute(1, JULY, day(2, 8))
    assert "1,000.00" in finance.get(f"/workpoints/units/read/{HOSPITAL}/{JULY}/N1").text
