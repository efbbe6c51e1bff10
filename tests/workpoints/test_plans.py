"""What a hospital decides: its scheme, its year's budget, its units' rules, and what must be on record before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from alliance.audit import queries as audit
from alliance.core.formula import tells_the_truth
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.members import services as members
from alliance.members.queries import EstablishmentFact
from alliance.workpoints import queries, services
from alliance.workpoints.rules.publicity import Hearing
from alliance.workpoints.rules.records import Meeting
from alliance.workpoints.rules.scheme import read_scheme
from tests.small import at, by
from tests.workpoints.small_bonus import (
    BUDGET,
    HOSPITAL,
    hear,
    meet,
    month_run,
    put_budget,
    put_scheme,
    scheme_data,
)

D = Decimal
MATTER = "scheme:H1/BONUS/1"
REASON = "职工代表大会五月换届，院办会同意先行试运行。"
HEARD = Hearing(date(2026, 5, 4), 10, 8, 1, "科务会纪要5号")


def draft(data=None, now=None) -> str:
    return services.import_scheme(1, HOSPITAL, data or scheme_data(), by=by("h1.bonus"), now=now or at(1, 5))


def decide(decision: str, reasons=None, *, account: str = "h1.lead", version: int = 1) -> None:
    services.decide_scheme(
        1, HOSPITAL, "BONUS", version, reasons or {}, decision=decision, by=by(account), now=at(3, 5)
    )


def wheres(refused) -> set[str]:
    return {problem.where for problem in refused.value.problems}


def test_a_scheme_is_in_force_from_its_month_on_and_is_frozen(inside: Flask) -> None:
    assert put_scheme(1) == "H1/BONUS/1"
    found = queries.scheme_in_force(1, HOSPITAL, "2026-05")
    assert found is not None
    assert (found.reference, found.decision, found.decided_by) == ("H1/BONUS/1", "方案1-院办", "h1.lead")
    assert found.scheme.budget.year_end == 10
    assert queries.scheme_in_force(1, HOSPITAL, "2025-12") is None
    with pytest.raises(Refused, match="frozen"):
        decide("方案1-院办")


def test_a_decided_scheme_imported_again_is_the_next_version_and_both_can_be_compared(inside: Flask) -> None:
    put_scheme(1)
    assert draft(scheme_data(scheme={"valid_from": "2026-06-01"}, budget={"year_end": 12})) == "H1/BONUS/2"
    old, new = (queries.scheme_info(1, HOSPITAL, "BONUS", version) for version in (1, 2))
    assert old is not None
    assert new is not None
    found = {one.where: (one.old, one.new) for one in queries.scheme_differences(old.scheme, new.scheme)}
    assert found == {"budget.year_end": ("10", "12"), "valid_from": ("2026-01-01", "2026-06-01")}
    assert queries.scheme_in_force(1, HOSPITAL, "2026-06").version == 1


def test_a_draft_is_replaced_and_the_same_content_stays_the_same_draft(inside: Flask) -> None:
    draft(now=at(1, 5))
    assert draft(now=at(2, 5)) == "H1/BONUS/1"
    assert queries.scheme_info(1, HOSPITAL, "BONUS", 1).recorded_at == at(1, 5)
    draft(scheme_data(limits={"publicity": 5}), now=at(2, 5))
    assert queries.scheme_info(1, HOSPITAL, "BONUS", 1).recorded_at == at(2, 5)


def test_hard_problems_refuse_a_scheme_whole(inside: Flask) -> None:
    data = scheme_data(
        scheme={"code": "b 1", "valid_from": "2026-01-15"}, budget={"year_end": 25}, first={"closing": "exact"},
        accrual=[{"code": "drugs", "item_class": "drug", "rate": D(1)}],
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        draft(data)
    assert wheres(refused) == {
        "scheme.code", "scheme.valid_from", "budget.year_end", "first.closing", "accrual.drugs"
    }  # fmt: skip
    assert queries.schemes(1, HOSPITAL) == []


def test_soft_findings_need_a_reason_that_is_kept_with_the_scheme(inside: Flask) -> None:
    draft(scheme_data(limits={"shift": D(8)}))
    meet(1, MATTER, "院办1", at(2, 5))
    with pytest.raises(Refused) as refused:
        decide("院办1", {"limits.shift": "太短", "records.publicity": REASON})
    assert wheres(refused) == {"limits.shift", "records.staff_congress"}
    reasons = {"limits.shift": REASON, "records.staff_congress": REASON, "records.publicity": REASON}
    decide("院办1", reasons)
    assert queries.scheme_in_force(1, HOSPITAL, "2026-05").reasons == reasons


def test_a_publicity_counts_when_it_is_over(inside: Flask) -> None:
    draft()
    info = queries.scheme_info(1, HOSPITAL, "BONUS", 1)
    meeting = Meeting("公示1", "publicity", "方案公示", date(2026, 5, 2), date(2026, 5, 8))
    services.file_record(1, HOSPITAL, MATTER, meeting, by=by("h1.bonus"), now=at(2, 5))
    found = {day: {one.where for one in queries.scheme_findings(1, info, date(2026, 5, day))} for day in (8, 9)}
    assert found == {8: {"records.staff_congress", "records.publicity"}, 9: {"records.staff_congress"}}


def test_who_drafted_does_not_decide_even_after_somebody_changed_it(inside: Flask) -> None:
    services.import_scheme(1, HOSPITAL, scheme_data(), by=by("h1.lead"), now=at(1, 5))
    draft(scheme_data(limits={"publicity": 5}), now=at(2, 5))
    hear(1, MATTER, "方案", at(2, 5))
    with pytest.raises(Forbidden):
        decide("方案-院办")


def test_without_a_record_that_carries_it_nothing_is_put_into_force(inside: Flask) -> None:
    draft()
    draft(scheme_data(scheme={"code": "OTHER"}))
    meet(1, "scheme:H1/OTHER/1", "别的", at(2, 5))
    meet(1, MATTER, "职代会", at(2, 5), "staff_congress")
    meet(1, MATTER, "半数", at(2, 5), votes=(10, 5, 0))
    for number, said in (
        ("无", "no record"), ("", "Name the record"), ("别的", "another matter"),
        ("职代会", "hears and does not decide"),
        ("半数", "5 of 10 present"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said):
            decide(number)


def test_a_record_on_an_earlier_draft_does_not_count(inside: Flask) -> None:
    draft(now=at(1, 5))
    hear(1, MATTER, "方案", at(1, 5, 3))
    draft(scheme_data(limits={"publicity": 5}), now=at(2, 5))
    with pytest.raises(Refused, match="older than what stands here"):
        decide("方案-院办")


def test_a_scheme_never_begins_in_or_before_a_month_that_has_a_run(inside: Flask) -> None:
    put_scheme(1)
    month_run(1, "2026-06", "draft", put_budget(1), {})
    draft(scheme_data(scheme={"valid_from": "2026-06-01"}), now=at(2, 5))
    hear(1, "scheme:H1/BONUS/2", "再次", at(2, 5))
    with pytest.raises(Refused, match="2026-07-01 or later"):
        decide("再次-院办", version=2)


@pytest.mark.parametrize(
    ("meeting", "where"),
    [
        (Meeting("", "directors", "纪要", date(2026, 5, 1), None, 5, 5), "Number"),
        (Meeting("1", "somebody", "纪要", date(2026, 5, 1), None, 5, 5), "Body"),
        (Meeting("1", "directors", "纪要", date(2026, 5, 3), None, 5, 5), "Day"),
        (Meeting("1", "directors", "纪要", date(2026, 5, 1), None, 5, 5, 1), "Votes"),
        (Meeting("1", "directors", "纪要", date(2026, 5, 1)), "Votes"),
        (Meeting("1", "publicity", "公示", date(2026, 5, 1)), "Last day of the publicity"),
        (Meeting("1", "publicity", "公示", date(2026, 5, 1), date(2026, 4, 30)), "Last day of the publicity"),
    ],
)
def test_a_record_is_told_whole(inside: Flask, meeting: Meeting, where: str) -> None:
    draft()
    with pytest.raises(Refused) as refused:
        services.file_record(1, HOSPITAL, MATTER, meeting, by=by("h1.bonus"), now=at(2, 5))
    assert {one.place for one in refused.value.problems} == {where}


def test_a_record_has_a_number_of_its_own_and_a_matter_that_exists(inside: Flask) -> None:
    draft()
    meet(1, MATTER, "院办1", at(2, 5))
    with pytest.raises(Refused, match="is there already"):
        meet(1, MATTER, "院办1", at(2, 5))
    for matter in ("scheme:H1/BONUS/2", "scheme:H2/BONUS/1", "budget:H1/2026@1", "veto:H1/BONUS/1"):
        with pytest.raises(NotFound):
            meet(1, matter, "院办2", at(2, 5))
    assert [one.number for one in queries.records(1, HOSPITAL, MATTER)] == ["院办1"]
    assert queries.record_of(1, "H2", "院办1") is None


def test_the_figures_of_a_budget_are_those_worked_out_by_hand(inside: Flask) -> None:
    """Gross 1,100,000 × 0.95; 4.8 coefficients of 3 physicians and 5.25 of 5 nurses are 10.05."""
    put_scheme(1)
    put_budget(1)
    found = queries.budget_in_force(1, HOSPITAL, 2026)
    assert found is not None
    assert (found.month, found.pooled, found.base) == (77_916_66, 70_000_00, 6_965_17)
    figures = queries.budget_figures(found)
    assert {key: figures[f"budget/{key}"].value for key in (
        "gross", "factor", "year", "straight", "planned_fund", "year_end", "coefficients", "planned_pay"
    )} == {
        "gross": 1_100_000, "factor": D("0.95"), "year": 1_045_000, "straight": 95_000, "planned_fund": 110_000,
        "year_end": D("110000.08"), "coefficients": D("10.05"), "planned_pay": D("82499.99"),
    }  # fmt: skip
    assert all(tells_the_truth(one) for one in figures.values())
    run = audit.read_run(found.run_id, 1)
    assert run is not None
    assert (run.subject, run.digest) == ("bonusbudget:H1/2026", found.digest)
    sources = {one.source for one in figures.values() if one.source}
    assert {"bonusbudget:H1/2026@1#sources.4", "establishment:H1/2026-01/N1"} < sources
    assert "bonusscheme:H1/BONUS/1#budget.year_end" in sources


def test_a_year_in_which_the_scheme_begins_rests_on_the_establishment_of_its_first_month(inside: Flask) -> None:
    put_scheme(1, scheme_data(scheme={"valid_from": "2026-06-01"}))
    more = EstablishmentFact("N1", "P2", 6, date(2026, 5, 1))
    members.set_establishment(1, HOSPITAL, more, by=by("h1.personnel"), now=at(2, 5))
    worked = queries.work_out_budget(1, HOSPITAL, 2026, 1, BUDGET)
    assert worked.coefficients.value == D("11.10")


def test_every_figure_is_explained_before_it_is_decided(inside: Flask) -> None:
    put_scheme(1)
    worked = queries.work_out_budget(1, HOSPITAL, 2026, 1, BUDGET)
    figures = {one.key: one for one in [*worked.results, worked.goal]}
    steps = {one.figure.key: one for one in queries.budget_steps(figures, None, "en")}
    assert steps["budget/base"].numbers == "70,000.00 ÷ 10.05"
    assert worked.issues == ()
    over = queries.work_out_budget(1, HOSPITAL, 2026, 1, BUDGET | {"approved": "1000000"})
    assert [(one.kind, one.amount) for one in over.issues] == [("wage_total", "100000")]


def test_an_accrued_line_draws_on_what_the_scheme_accrues_and_on_nothing_forbidden(inside: Flask) -> None:
    put_scheme(1, scheme_data(accrual=[{"code": "surgery", "item_class": "operation", "rate": D(8)}]))

    def with_line(**line: str) -> dict:
        row = {"kind": "accrued", "amount": "500000", "document": "收入台帐"} | line
        return BUDGET | {"sources": [*BUDGET["sources"], row]}

    worked = queries.work_out_budget(1, HOSPITAL, 2026, 1, with_line(item_class="operation"))
    assert worked.sources[-1].amount.value == 40_000
    for item_class, said in (("drug", "must not rest"), ("laboratory", "must not rest"), ("bed", "accrues nothing")):
        with pytest.raises(Refused, match=said):
            queries.work_out_budget(1, HOSPITAL, 2026, 1, with_line(item_class=item_class))


def test_a_budget_with_errors_is_refused_with_all_of_them(inside: Flask) -> None:
    put_scheme(1)
    sources = [
        {"kind": "lottery", "amount": "1", "document": "a"}, {"kind": "award", "amount": "-1", "document": ""},
        {"kind": "award", "amount": "0.001", "document": "a"},
        {"kind": "award", "amount": "1", "item_class": "bed", "document": "a"},
    ]  # fmt: skip
    content = BUDGET | {"sources": sources, "goal": "-1", "approved_document": ""}
    with pytest.raises(Refused) as refused:
        services.draft_budget(1, HOSPITAL, 2026, content, by=by("h1.bonus"), now=at(2, 5))
    assert wheres(refused) == {
        "sources.1.kind", "sources.2.amount", "sources.2.document", "sources.3.amount", "sources.4.item_class",
        "goal", "approved_document",
    }  # fmt: skip


def test_a_pool_smaller_than_its_fixed_parts_is_refused(inside: Flask) -> None:
    put_scheme(1)
    sources = [{"kind": "disposable", "amount": "1000", "document": "a"}]
    with pytest.raises(Refused, match="smaller than its fixed parts"):
        services.draft_budget(1, HOSPITAL, 2026, BUDGET | {"sources": sources}, by=by("h1.bonus"), now=at(2, 5))


def test_without_established_posts_there_is_no_base(inside: Flask) -> None:
    put_scheme(1, scheme_data(scheme={"valid_from": "2025-01-01"}))
    with pytest.raises(Refused, match="add up to 0"):
        services.draft_budget(1, HOSPITAL, 2025, BUDGET, by=by("h1.bonus"), now=at(2, 5))


def test_without_a_scheme_there_is_no_budget(inside: Flask) -> None:
    with pytest.raises(Refused, match="put one into force first"):
        services.draft_budget(1, HOSPITAL, 2026, BUDGET, by=by("h1.bonus"), now=at(2, 5))


def test_a_budget_is_decided_by_another_person_on_a_record_and_then_frozen(inside: Flask) -> None:
    put_scheme(1)
    assert services.draft_budget(1, HOSPITAL, 2026, BUDGET, by=by("h1.lead"), now=at(3, 5)) == "H1/2026@1"
    meet(1, "budget:H1/2026@1", "预算", at(3, 5))
    args = (1, HOSPITAL, 2026, 1)
    with pytest.raises(Forbidden):
        services.decide_budget(*args, decision="预算", by=by("h1.lead"), now=at(4, 5))
    with pytest.raises(Refused, match="no record"):
        services.decide_budget(*args, decision="无", by=by("h2.lead"), now=at(4, 5))
    services.decide_budget(*args, decision="预算", by=by("h2.lead"), now=at(4, 5))
    with pytest.raises(Refused, match="frozen for the year"):
        services.draft_budget(1, HOSPITAL, 2026, BUDGET, by=by("h1.bonus"), now=at(5, 5))
    with pytest.raises(Refused, match="frozen for the year"):
        services.decide_budget(*args, decision="预算", by=by("h2.lead"), now=at(5, 5))


def test_a_base_that_the_meeting_did_not_see_is_not_put_into_force(inside: Flask) -> None:
    put_scheme(1)
    services.draft_budget(1, HOSPITAL, 2026, BUDGET, by=by("h1.bonus"), now=at(3, 5))
    meet(1, "budget:H1/2026@1", "预算", at(3, 5))
    more = EstablishmentFact("N1", "P2", 6, date(2026, 1, 1))
    members.set_establishment(1, HOSPITAL, more, by=by("h1.personnel"), now=at(3, 5))
    with pytest.raises(Refused, match="no longer those that were drafted"):
        services.decide_budget(1, HOSPITAL, 2026, 1, decision="预算", by=by("h1.lead"), now=at(4, 5))


def test_the_establishment_after_the_decision_leaves_the_base_alone(inside: Flask) -> None:
    put_scheme(1)
    put_budget(1)
    more = EstablishmentFact("N1", "P2", 6, date(2026, 1, 1))
    members.set_establishment(1, HOSPITAL, more, by=by("h1.personnel"), now=at(5, 5))
    found = queries.budget_in_force(1, HOSPITAL, 2026)
    assert (found.base, queries.budget_figures(found)["budget/coefficients"].value) == (6_965_17, D("10.05"))


def test_a_line_said_to_be_of_the_fund_is_what_its_statement_says(inside: Flask) -> None:
    put_scheme(1)
    line = {"kind": "fund_net", "amount": "5", "document": "对账单", "figure": "figure:abc/H1/net"}
    content = BUDGET | {"sources": [*BUDGET["sources"], line]}
    with pytest.raises(Refused, match="not what the statement"):
        services.draft_budget(1, HOSPITAL, 2026, content, by=by("h1.bonus"), now=at(2, 5))
    assert queries.given_lines(1, HOSPITAL, 2026) == []


def test_paid_is_the_newest_slip_of_paid_runs_and_is_held_against_the_plan(inside: Flask) -> None:
    put_scheme(1)
    run = put_budget(1)
    month_run(1, "2026-01", "paid", run, {"0001": 50_000_00, "0002": 30_000_00})
    month_run(1, "2026-02", "paid", run, {"0001": 90_000_00})
    month_run(1, "2026-03", "approved", run, {"0001": 90_000_00})
    assert queries.paid_by_month(1, HOSPITAL, 2026) == {"2026-01": 80_000_00, "2026-02": 90_000_00}
    lines, issues = queries.paid_against(1, queries.budget_in_force(1, HOSPITAL, 2026))
    assert [(one.month, one.to_date, one.planned, one.over) for one in lines] == [
        ("2026-01", 80_000, D("82499.99"), D("-2499.99")), ("2026-02", 170_000, D("164999.98"), D("5000.02")),
    ]  # fmt: skip
    assert issues == []


def test_a_unit_distributes_by_its_own_rule_from_a_month_on(inside: Flask) -> None:
    put_scheme(1)
    template = {
        "way": "template",
        "part": [
            {"code": "post", "share": "20", "factor": [{"code": "post", "weight": "100"}]},
            {"code": "points", "share": "80", "factor": [{"code": "points", "weight": "100"}]},
        ],
    }
    for unit, month, content in (("D1", "2026-05", template), ("D1", "2026-07", {"way": "coefficient"}),
                                 ("N1", "2026-06", template)):  # fmt: skip
        services.set_rule(1, HOSPITAL, unit, month, content, HEARD, by=by("h1.head"), now=at(5, 5))
    ways = {
        month: {unit: one.way for unit, one in queries.unit_rules(1, HOSPITAL, month).items()}
        for month in ("2026-04", "2026-05", "2026-06", "2026-07")
    }
    assert ways == {
        "2026-04": {}, "2026-05": {"D1": "template"}, "2026-06": {"D1": "template", "N1": "template"},
        "2026-07": {"D1": "coefficient", "N1": "template"},
    }  # fmt: skip
    places = {one.place for one in queries.unit_rules(1, HOSPITAL, "2026-06").values()}
    assert places == {"unitrule/D1/2026-05", "unitrule/N1/2026-06"}


def test_a_units_rule_keeps_to_the_scheme_and_to_its_hearing(inside: Flask) -> None:
    put_scheme(1)
    good = {"way": "coefficient"}
    reserve = good | {"reserve": "3", "reserve_limit": "3"}
    half = {"way": "template", "part": [{"code": "a", "share": "50", "factor": [{"code": "points", "weight": "90"}]}]}
    outvoted = Hearing(date(2026, 5, 4), 10, 5, 5, "纪要")
    coming = Hearing(date(2026, 6, 4), 10, 8, 1, "纪要")
    for content, hearing, found in (
        (reserve, HEARD, {"second.reserve"}),
        (half, HEARD, {"second.part", "second.a.factor"}),
        (good, outvoted, {"D1.votes"}),
        (good, coming, {"held_on"}),
    ):
        with pytest.raises(Refused) as refused:
            services.set_rule(1, HOSPITAL, "D1", "2026-05", content, hearing, by=by("h1.head"), now=at(5, 5))
        assert wheres(refused) == found
    with pytest.raises(NotFound):
        services.set_rule(1, HOSPITAL, "D9", "2026-05", good, HEARD, by=by("h1.bonus"), now=at(5, 5))
    with pytest.raises(Refused, match="No bonus scheme"):
        services.set_rule(1, HOSPITAL, "D1", "2025-12", good, HEARD, by=by("h1.bonus"), now=at(5, 5))
    month_run(1, "2026-05", "draft", put_budget(1), {})
    with pytest.raises(Refused, match="has a bonus run"):
        services.set_rule(1, HOSPITAL, "D1", "2026-05", good, HEARD, by=by("h1.head"), now=at(5, 5))


def test_the_export_of_a_scheme_reads_back_to_the_same_scheme(inside: Flask) -> None:
    assert read_scheme(read_scheme(scheme_data()).data) == read_scheme(scheme_data())
