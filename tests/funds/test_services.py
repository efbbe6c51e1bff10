"""The fund from filed totals to a decided share: nothing lost, nothing half done, nobody alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from alliance.audit import queries as audit
from alliance.core.formula import tells_the_truth
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.db import db
from alliance.evaluation import services as evaluation
from alliance.funds import queries, services
from alliance.funds.queries import sharing
from alliance.funds.services import TotalRow
from tests.conftest import Client
from tests.small import MEMBERS, at, by, decide, file_next_quarter

Q1 = "2026Q1"
ROWS = [TotalRow(code, 10_000_000 * (place + 1), Decimal(100 + place)) for place, code in enumerate(MEMBERS)]

NO_SIZE = [replace(row, headcount=None) for row in ROWS]  # nobody can share: all is left


@pytest.fixture
def scored(inside: Flask) -> int:
    run = evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    services.file_total(1, Q1, ROWS, "signed list", by=by("office"), now=at(20))
    return run


def computed() -> int:
    return services.compute_fund(1, Q1, by=by("office"), now=at(21))


def test_the_shares_and_the_reserve_are_the_pool(scored: int) -> None:
    number = computed()
    fund, shares = queries.fund(1, number), queries.shares(number)
    assert fund is not None
    assert fund.pool == sum(share.paid_in for share in shares) == 22_500_000  # 15 % of 1,500,000.00
    assert sum(share.received for share in shares) + fund.reserve == fund.pool
    assert all(tells_the_truth(figure) for figure in audit.load_run(number) if figure.kind.formula)


def test_every_amount_leads_to_the_score_and_the_filed_total(scored: int) -> None:
    number = computed()
    found = {figure.key: figure for figure in audit.load_run(number)}
    assert found["C3/fund_score"].source == f"figure:{audit.read_run(scored, 1).digest}/C3/collaboration_score"  # type: ignore[union-attr]
    assert found["C3/performance_total"].source == f"total:C3/{Q1}@1#performance_total"


def test_under_the_pass_mark_there_is_no_share(scored: int) -> None:
    shares = {share.institution: share for share in queries.shares(computed())}
    assert (shares["H1"].received, shares["H1"].reason) == (0, "pass_mark")  # 60 / 1200: 5 of 10, 50 points
    assert shares["C3"].received > 0


def test_a_fund_is_approved_by_another_person_and_a_decision(scored: int) -> None:
    number = computed()
    decide(1, "2026-005", f"fund:{number}", at(22))
    with pytest.raises(Forbidden):
        services.decide_fund(1, number, decision="2026-005", by=by("office"), now=at(22))
    with pytest.raises(Refused, match="another matter"):
        services.decide_fund(1, number, decision="2026-001", by=by("chair"), now=at(22))
    services.decide_fund(1, number, decision="2026-005", by=by("chair"), now=at(22))
    for again in (lambda: services.decide_fund(1, number, decision="2026-005", by=by("chair"), now=at(22)), computed):
        with pytest.raises(Refused, match="stays as it is"):
            again()


@pytest.mark.parametrize(
    "row", [TotalRow("C1", -1, Decimal(3)), TotalRow("C1", 1, Decimal(-3)), TotalRow("NO", 1, Decimal(3))]
)
def test_a_wrong_row_stops_the_whole_table(inside: Flask, row: TotalRow) -> None:
    with pytest.raises(Refused):
        services.file_total(1, Q1, [*ROWS[:2], row], "list", by=by("office"), now=at(20))
    assert queries.totals(1, Q1) == {}


def test_a_negative_pool_line_is_refused(inside: Flask) -> None:
    with pytest.raises(Refused, match="0 or more"):
        services.add_line(1, Q1, "grant", Decimal("-0.01"), "doc", by=by("office"), now=at(20))
    with pytest.raises(Refused, match="parts of a cent"):
        services.add_line(1, Q1, "grant", Decimal("0.001"), "doc", by=by("office"), now=at(20))
    assert queries.lines(1, Q1) == []


def test_when_nobody_is_eligible_all_goes_to_the_reserve(inside: Flask) -> None:
    for place, code in enumerate(MEMBERS):
        decide(1, f"2026-1{place}", f"veto:{code}/{Q1}", at(18), votes="for" if code != "H2" else "recused")
        if code != "H2":
            evaluation.impose_veto(
                1, Q1, code, "figures were made up", decision=f"2026-1{place}", by=by("chair"), now=at(18)
            )
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    rows = [replace(row, headcount=None) if row.institution == "H2" else row for row in ROWS]
    services.file_total(1, Q1, rows, "list", by=by("office"), now=at(20))
    fund = queries.fund(1, computed())
    assert fund is not None
    assert fund.reserve == fund.pool > 0


def test_a_fund_without_an_official_score_is_refused(inside: Flask) -> None:
    with pytest.raises(Refused, match="no official score"):
        computed()


def test_a_reserve_enters_the_next_pool_as_a_line_of_its_own(inside: Flask) -> None:
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    services.add_line(1, Q1, "grant", Decimal("100.00"), "doc", by=by("office"), now=at(20))
    services.file_total(1, Q1, NO_SIZE, "list", by=by("office"), now=at(20))
    digest = audit.read_run(share_and_decide(Q1, "2026-031", 4), 1).digest  # type: ignore[union-attr]
    carried = sharing._carried(1, "2026Q2")
    assert [(figure.value, figure.source) for figure in carried] == [
        (Decimal("225100.00"), f"figure:{digest}/fund/{Q1}/reserve")
    ]


def test_a_member_without_a_total_is_asked_for_it_and_does_not_share_for_nothing(inside: Flask) -> None:
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    services.file_total(1, Q1, [ROWS[0], *ROWS[2:4]], "list", by=by("office"), now=at(20))
    services.file_total(1, Q1, [replace(ROWS[4], performance_total=None)], "list", by=by("office"), now=at(20))
    with pytest.raises(Refused, match="without a performance total for 2026Q1: 2") as caught:
        computed()
    assert [problem.place for problem in caught.value.problems] == ["H2", "C3"]
    services.file_total(1, Q1, [ROWS[1], replace(ROWS[4], performance_total=0)], "list", by=by("office"), now=at(20))
    shares = {share.institution: share for share in queries.shares(computed())}
    assert shares["C3"].paid_in == 0
    assert shares["C3"].received > 0


def share_and_decide(period: str, number: str, month: int) -> int:
    """The fund of a period shared and decided in a month of the year; its run."""
    run = services.compute_fund(1, period, by=by("office"), now=at(21, month))
    decide(1, number, f"fund:{run}", at(22, month))
    services.decide_fund(1, run, decision=number, by=by("chair"), now=at(22, month))
    return run


def carried_into(period: str) -> list[tuple[str, Decimal | None]]:
    return [(figure.key.rpartition("/")[2], figure.value) for figure in sharing._carried(1, period)]


def test_a_reserve_waits_for_the_next_fund_however_late_it_comes_and_enters_it_once(inside: Flask) -> None:
    """What the first quarter leaves waits for any later one; once the second took it up, nobody else finds it."""
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    services.add_line(1, Q1, "grant", Decimal("100.00"), "doc", by=by("office"), now=at(20))
    services.file_total(1, Q1, NO_SIZE, "list", by=by("office"), now=at(20))
    share_and_decide(Q1, "2026-031", 4)
    left = [("2026Q1", Decimal("225100.00"))]
    assert (carried_into("2026Q2"), carried_into("2026Q4"), carried_into("2027")) == (left, left, left)
    assert carried_into(Q1) == []
    file_next_quarter(1)
    evaluation.compute_run(1, "2026Q2", by=by("office"), now=at(20, 7))
    services.file_total(1, "2026Q2", NO_SIZE, "list", by=by("office"), now=at(20, 7))
    computed_only = services.compute_fund(1, "2026Q2", by=by("office"), now=at(21, 7))
    assert carried_into("2026Q4") == left  # a fund that is not decided has taken nothing up
    run = share_and_decide("2026Q2", "2026-032", 7)
    assert queries.fund(1, run).digest == queries.fund(1, computed_only).digest  # type: ignore[union-attr]
    assert carried_into("2026Q4") == [("2026Q2", Decimal("450100.00"))]


def test_a_fund_waits_for_the_earlier_one(scored: int) -> None:
    first = computed()
    file_next_quarter(1)
    evaluation.compute_run(1, "2026Q2", by=by("office"), now=at(20, 7))
    services.file_total(1, "2026Q2", ROWS, "list", by=by("office"), now=at(20, 7))
    second = services.compute_fund(1, "2026Q2", by=by("office"), now=at(21, 7))
    decide(1, "2026-041", f"fund:{second}", at(22, 7))
    with pytest.raises(Refused, match="decide it first"):
        services.decide_fund(1, second, decision="2026-041", by=by("chair"), now=at(22, 7))
    decide(1, "2026-042", f"fund:{first}", at(22, 7))
    services.decide_fund(1, first, decision="2026-042", by=by("chair"), now=at(22, 7))
    services.decide_fund(1, second, decision="2026-041", by=by("chair"), now=at(22, 7))


def test_a_fund_is_not_approved_on_what_holds_no_more(scored: int) -> None:
    """Totals filed anew, a source added: what the committee reads is then not what would come out."""
    number = computed()
    decide(1, "2026-005", f"fund:{number}", at(22))

    def changes_of_mind() -> None:
        with pytest.raises(Refused, match="share it again"):
            services.decide_fund(1, number, decision="2026-005", by=by("chair"), now=at(23))

    services.file_total(1, Q1, [replace(ROWS[0], headcount=Decimal(1))], "list", by=by("office"), now=at(22))
    changes_of_mind()
    services.file_total(1, Q1, [ROWS[0]], "list", by=by("office"), now=at(22))
    changes_of_mind()  # the same numbers, but on another paper
    number = computed()
    decide(1, "2026-006", f"fund:{number}", at(22))
    services.add_line(1, Q1, "grant", Decimal("100.00"), "doc", by=by("office"), now=at(22))
    with pytest.raises(Refused, match="share it again"):
        services.decide_fund(1, number, decision="2026-006", by=by("chair"), now=at(23))
    number = computed()
    decide(1, "2026-007", f"fund:{number}", at(22))
    services.decide_fund(1, number, decision="2026-007", by=by("chair"), now=at(23))


def test_who_is_vetoed_after_the_scoring_is_not_paid(scored: int) -> None:
    number = computed()
    decide(1, "2026-005", f"veto:C3/{Q1}", at(22))
    evaluation.impose_veto(1, Q1, "C3", "figures were made up", decision="2026-005", by=by("chair"), now=at(22))
    with pytest.raises(Refused, match="score the period again"):
        computed()
    decide(1, "2026-006", f"fund:{number}", at(22))
    with pytest.raises(Refused, match="score the period again"):
        services.decide_fund(1, number, decision="2026-006", by=by("chair"), now=at(22))
    evaluation.compute_run(1, Q1, by=by("office"), now=at(23))
    shares = {share.institution: share for share in queries.shares(computed())}
    assert (shares["C3"].received, shares["C3"].reason) == (0, "veto")


def test_a_source_is_corrected_beside_what_it_was(scored: int) -> None:
    services.add_line(1, Q1, "grant", Decimal("100.00"), "doc 1", by=by("office"), now=at(20))
    first = computed()
    services.correct_line(1, Q1, 1, 1, "grant", Decimal("10.00"), "doc 2", by=by("office2"), now=at(21))
    with pytest.raises(Refused, match="Somebody else corrected"):
        services.correct_line(1, Q1, 1, 1, "grant", Decimal("11.00"), "doc 3", by=by("office"), now=at(21))
    with pytest.raises(NotFound):
        services.correct_line(1, Q1, 2, 1, "grant", Decimal("11.00"), "doc 3", by=by("office"), now=at(21))
    found = [(one.revision, one.amount, one.document, one.filed_by) for one in queries.line_revisions(1, Q1)[1]]
    assert found == [(1, 10_000, "doc 1", "office"), (2, 1_000, "doc 2", "office2")]
    services.add_line(1, Q1, "gift", Decimal("5.00"), "doc 4", by=by("office"), now=at(21))
    assert [(one.number, one.amount) for one in queries.lines(1, Q1)] == [(1, 1_000), (2, 500)]
    second = computed()
    funds = queries.fund(1, first), queries.fund(1, second)
    assert [one.pool for one in funds if one] == [22_510_000, 22_501_500]
    sources = [audit.figures_of(run, [f"fund/{Q1}/line/1"])[f"fund/{Q1}/line/1"].source for run in (first, second)]
    assert sources == [f"line:{Q1}/1@1", f"line:{Q1}/1@2"]
    assert [set(queries.kept_lines(one, queries.lines(1, Q1))) for one in funds] == [set(), {1, 2}]


def test_the_sources_of_a_decided_fund_stay(scored: int) -> None:
    services.add_line(1, Q1, "grant", Decimal("100.00"), "doc", by=by("office"), now=at(20))
    share_and_decide(Q1, "2026-031", 4)
    with pytest.raises(Refused, match="stays as it is"):
        services.add_line(1, Q1, "gift", Decimal("1.00"), "doc", by=by("office"), now=at(23))
    with pytest.raises(Refused, match="stays as it is"):
        services.correct_line(1, Q1, 1, 1, "grant", Decimal("1.00"), "doc", by=by("office"), now=at(23))


def test_two_funds_of_a_period_are_never_both_in_force(scored: int) -> None:
    """Not even past the verbs: the database itself refuses the second."""
    first, second = computed(), computed()
    statement = text("UPDATE fund_run SET decision = :number WHERE run_id = :run")
    db.session.execute(statement, {"number": "2026-005", "run": first})
    with pytest.raises(IntegrityError):
        db.session.execute(statement, {"number": "2026-006", "run": second})
    db.session.rollback()


def test_two_at_once_get_two_numbers(app: Flask) -> None:
    """Sources added in many threads at one moment: every one of them is there, none broke on another's number."""
    wrong: list[Exception] = []

    def add(place: int) -> None:
        with app.app_context():
            try:
                services.add_line(1, Q1, f"grant {place}", Decimal(place), "doc", by=by("office"), now=at(20))
            except Exception as fault:
                wrong.append(fault)
            finally:
                db.session.remove()

    threads = [Thread(target=add, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert wrong == []
        assert [one.number for one in queries.lines(1, Q1)] == list(range(1, 9))


def test_what_somebody_else_filed_meanwhile_is_not_overwritten(app: Flask, client_as: Callable[[str], Client]) -> None:
    """Two have the table open; the second to save is told, and nothing of either is lost."""
    first, second = client_as("office"), client_as("office2")
    seen = dict.fromkeys((f"seen-{code}" for code in MEMBERS), "0")
    path = f"/funds/totals/file/{Q1}"
    assert 'name="seen-C1" value="0"' in second.get(path).get_data(as_text=True)
    assert first.send(path, document="list 1", **seen, **{"total-C1": "100", "total-C2": "200"}).status_code == 302
    answer = second.send(path, document="list 2", **seen, **{"total-C1": "999", "total-C3": "300"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="100.00"' in page  # what stands there now, to be overwritten knowingly
    assert 'name="seen-C1" value="1"' in page
    assert 'name="total-C3"' in page
    assert 'value="300"' in page
    with app.app_context():
        assert {code: one.performance_total for code, one in queries.totals(1, Q1).items()} == {
            "C1": 10000,
            "C2": 20000,
        }
    seen |= {"seen-C1": "1", "seen-C2": "1"}
    again = {"total-C1": "999", "total-C2": "200", "total-C3": "300"}
    assert second.send(path, document="list 2", **seen, **again).status_code == 302
    with app.app_context():
        assert {code: one.revision for code, one in queries.totals(1, Q1).items()} == {"C1": 2, "C2": 1, "C3": 1}


def test_an_amount_with_a_comma_for_a_point_is_none(app: Flask, client_as: Callable[[str], Client]) -> None:
    """12,50 is 12.50 to who types it, and was 1,250 to the portal."""
    client, path = client_as("office"), f"/funds/totals/file/{Q1}"
    seen = dict.fromkeys((f"seen-{code}" for code in MEMBERS), "0")
    for wrong in ("12,50", "1e3", "12①"):
        answer = client.send(path, document="list 1", **seen, **{"total-C1": wrong})
        assert answer.status_code == 422
        assert f'value="{wrong}"' in answer.get_data(as_text=True)
    assert client.send(path, document="list 1", **seen, **{"total-C1": "1,234.50"}).status_code == 302
    with app.app_context():
        assert queries.totals(1, Q1)["C1"].performance_total == 123450
