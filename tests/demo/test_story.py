"""The whole story of the demo, loaded once: its headline figures, and each thing that goes wrong where it is found."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

import pytest
from flask import Flask

from alliance.accounts import queries as accounts
from alliance.bulletins import queries as bulletins
from alliance.core.period import SHANGHAI, Period, PeriodKind
from alliance.core.roles import Grant, scope_of
from alliance.demo import asking, checking, noticing, peers
from alliance.demo.clock import OPENS, anchor
from alliance.demo.days import Days
from alliance.demo.incidents import Incidents
from alliance.desk.queries import tasks
from alliance.evaluation import queries as evaluation
from alliance.funds import queries as funds
from alliance.indicators import queries as indicators
from alliance.indicators.rules.filing import Progress
from alliance.members import queries as members
from alliance.notices import queries as notices
from alliance.ratings import queries as ratings
from alliance.ratings.queries.peer_results import peer_cells
from alliance.ratings.queries.peers import handed_in
from alliance.ratings.rules.flags import counted
from alliance.ratings.rules.peers import cells, keep
from alliance.workpoints import queries as bonus
from tests.conftest import DEMO_DAY

DAYS = Days(DEMO_DAY)
KNOWN = Incidents(DAYS)
FIRST, LAST = DAYS.final[0], DAYS.final[-1]
QUARTER = DAYS.scored[-1].code
OFFICE = scope_of("office", "T01", [Grant("office", 1)], 1)


@pytest.fixture(autouse=True)
def inside(demo: Flask) -> Iterator[None]:
    with demo.app_context():
        yield


def values(period: Period) -> Mapping[str, Mapping[str, Decimal]]:
    """What stands filed, by member and element."""
    there = [one.code for one in members.members(1, period.last)]
    found = indicators.entries(1, period.code, there)
    return {
        who: {code: entry.value for code, entry in filed.items() if entry.value is not None}
        for who, filed in found.items()
    }


def total(period: Period, elements: Collection[str], tiers: str = "CST") -> Decimal:
    return sum(
        (
            value
            for who, filed in values(period).items()
            if who[0] in tiers
            for code, value in filed.items()
            if code in elements
        ),
        Decimal(0),
    )


def rate(period: Period, part: Collection[str], whole: Collection[str], tiers: str = "CST") -> Decimal:
    return total(period, part, tiers) / total(period, whole, tiers) * 100


def satisfaction(period: Period) -> Decimal:
    scores = [filed[code] for filed in values(period).values() for code in ("E038", "E039", "E040", "E041")]
    return sum(scores, Decimal(0)) / len(scores)


def test_two_way_referral_rises_into_its_band() -> None:
    assert rate(FIRST, ["E047", "E048"], ["E003"]) < 8
    assert 15 <= rate(LAST, ["E047", "E048"], ["E003"]) <= 25


def test_patients_are_more_content() -> None:
    assert abs(satisfaction(FIRST) - 65) < 2
    assert abs(satisfaction(DAYS.reviewed) - 92) < 2


def test_equipment_is_shared_and_fewer_examinations_are_repeated() -> None:
    assert abs(rate(FIRST, ["E072"], ["E071"]) - 35) < 3
    assert abs(rate(DAYS.reviewed, ["E072"], ["E071"]) - 85) < 4
    fewer = 1 - total(DAYS.reviewed, ["E022"]) / total(FIRST, ["E022"])
    assert abs(fewer - Decimal("0.4")) < Decimal("0.04")


def test_experts_come_a_third_more_often_each_year() -> None:
    months = [*DAYS.final, DAYS.reviewed]
    second = sum(total(month, ["E058"]) for month in months[-12:])
    first = sum(total(month, ["E058"]) for month in months[-24:-12])
    assert abs(second / first - Decimal("1.35")) < Decimal("0.07")


def test_primary_care_gains_techniques_and_titles() -> None:
    assert total(FIRST, ["E082"]) == 5
    assert total(DAYS.reviewed, ["E082"]) >= 30
    years = (DAYS.years[0], DAYS.years[-1])
    assert [rate(year, ["E086"], ["E085"]).quantize(Decimal(1)) for year in years] == [12, 28]


def test_glucose_is_better_controlled_at_the_tertiary_clinic() -> None:
    assert abs(rate(FIRST, ["E093"], ["E092"], "C") - 45) < 2
    assert abs(rate(FIRST, ["E093"], ["E092"], "T") - 70) < 1
    assert rate(LAST, ["E093"], ["E092"], "C") > 60


def test_fewer_patients_come_around_the_spring_festival() -> None:
    february = next(one for one in DAYS.final if one.code.endswith("-02"))
    assert total(february, ["E001"]) < total(february.back(-1), ["E001"]) * Decimal("0.9")


def test_no_part_is_more_than_its_whole_and_stocks_go_on() -> None:
    library = indicators.library(1, LAST.last)
    rates = [
        one
        for one in library.indicators.values()
        if one.kind == "ratio" and one.factor == 100 and one.unit.zh == "%" and len(one.numerator) == 1
    ]
    before: Mapping[str, Mapping[str, Decimal]] = {}
    for month in (FIRST, DAYS.final[9], LAST):
        found = values(month)
        for filed in found.values():
            for one in rates:
                whole = [filed.get(code) for _, code in one.denominator]
                part = filed.get(one.numerator[0][1])
                if part is not None and None not in whole:
                    assert part <= sum(each for each in whole if each is not None), (month.code, one.code)
        before = before or found
    assert before["T01"]["E071"] == values(LAST)["T01"]["E071"]


def test_of_its_periods_one_is_filed_one_is_reviewed_and_the_others_are_final() -> None:
    states = {
        period.code: {one.institution: one.state for one in indicators.submissions(1, period.code)}
        for period in (LAST, DAYS.reviewed, DAYS.filed)
    }
    assert set(states[LAST.code].values()) == {Progress.ACCEPTED}
    assert {Progress.ACCEPTED, Progress.REVIEW, Progress.SUBMITTED, Progress.RETURNED} == set(
        states[DAYS.reviewed.code].values()
    )
    assert {Progress.OPEN, Progress.DRAFT, Progress.SUBMITTED} <= set(states[DAYS.filed.code].values())
    assert {run.period for run in evaluation.runs(1)} == {quarter.code for quarter in DAYS.scored}
    issued = {one.period for one in bulletins.bulletins(OFFICE) if one.issued_at}
    assert issued == {DAYS.scored[-2].code, DAYS.scored[-1].code, DAYS.final[-2].code}
    assert anchor() is not None


def test_a_member_files_late_under_an_exception_of_a_second_person() -> None:
    member, month = KNOWN.late
    (row,) = indicators.submissions(1, month.code, frozenset({member}))
    (exception,) = [one for one in indicators.exceptions(1, month.code) if one.institution == member]
    assert (row.late, row.state) == (True, Progress.ACCEPTED)
    assert exception.asked_by != exception.granted_by


def test_a_figure_comes_back_twice_and_is_accepted_the_third_time() -> None:
    member, month, element = KNOWN.returned
    assert [one.element for one in indicators.returned(1, month.code, member)] == [element, element]
    (row,) = indicators.submissions(1, month.code, frozenset({member}))
    assert (row.round, row.state, row.late) == (3, Progress.ACCEPTED, False)


def test_a_referral_rate_of_twenty_seven_percent_is_explained() -> None:
    member, month = KNOWN.busy
    text = indicators.explanations(1, month.code, member)["I027"]
    assert Decimal(27) <= Decimal(text.value) < 28
    assert len(text.text) >= 10


def test_the_committee_vetoes_a_falsification() -> None:
    (veto,) = evaluation.vetoes(1, QUARTER)
    decision = accounts.decision(1, veto.decision)
    assert veto.institution == checking.FALSE
    assert decision is not None
    assert decision.adopted


def test_a_falsification_rests_on_findings_of_a_cross_check_and_bars_from_honours() -> None:
    (one,) = indicators.falsifications(1)
    (veto,) = evaluation.vetoes(1, QUARTER)
    assert (one.institution, one.state, one.decision) == (checking.FALSE, "found", veto.decision)
    assert all(found.item.finding and found.item.finding.wrong for found in indicators.checks(1, one.findings))
    assert checking.FALSE in indicators.barred_from_honours(1, DEMO_DAY)


def test_the_last_round_has_a_notice_and_samples_that_are_still_being_checked() -> None:
    samples = indicators.check_samples(1, [DAYS.final[-1].code])
    assert {one.institution for one in samples if one.outcome == "notice"} == {checking.CARELESS}
    assert all(one.notice for one in samples if one.outcome == "notice")
    assert any(one.closed_at is None for one in samples)
    assert all(one.checker != one.institution for one in samples)


def test_a_value_was_reported_otherwise_elsewhere_and_another_one_is_explained() -> None:
    assert {one.standing for one in indicators.reports(1)} == {"same", "explained", "open"}


def test_a_silent_member_has_not_handed_in_the_last_month_of_the_quarter() -> None:
    member, month = KNOWN.silent
    assert month in DAYS.scored[-1].parts(PeriodKind.MONTH)
    (row,) = indicators.submissions(1, month.code, frozenset({member}))
    assert row.state is Progress.DRAFT


def test_a_small_survey_does_not_apply() -> None:
    found = {(one.group, one.institution): one for one in evaluation.ratings(1, QUARTER)}
    survey = ratings.patient_results(evaluation.rater_words(1, QUARTER))
    assert [code for code, one in survey.items() if not one.enough] == [asking.FEW]
    assert survey[asking.FEW].people == asking.FEW_ANSWERS
    assert len(survey) == 26
    assert not any(group == "patients" for group, _ in found)


def test_the_rater_who_gives_everybody_the_same_is_flagged_and_changes_no_score() -> None:
    """All members rated the last scored quarter. Without the constant rater every result is the same to the digit."""
    found = ratings.peer_round(1, QUARTER)
    assert found is not None
    assert found.closed_at is not None
    assert found.submitted == found.raters == len(members.members(1, DAYS.scored[-1].last))
    flagged = {one.flag.key: one for one in ratings.flags(found.id)}
    assert flagged[f"constant-{peers.CONSTANT}"].left_out
    assert flagged[f"straight-{peers.STRAIGHT}"].reason == peers.KEPT
    marks = {pair: row for pair, row in handed_in(found.id).items() if pair[0] != peers.CONSTANT}
    without = cells(counted(marks, [one.flag for one in flagged.values() if one.left_out]))
    kept = peer_cells(found.id, found.digest)
    assert {(who, item): keep(cell) for (who, item), cell in without.items()} == {
        (who, item): cell for who, items in kept.items() for item, cell in items.items() if item
    }
    rated = evaluation.group_values(last_run(), list(kept))
    assert all(rated[f"{who}/peers"].value is not None for who in kept)


def last_run() -> int:
    run = evaluation.official_run(1, QUARTER)
    assert run is not None
    return run.run_id


def test_the_next_round_of_cross_rating_is_open_and_half_of_it_is_in() -> None:
    newest = ratings.peer_rounds(1)[0]
    assert newest.period > QUARTER
    assert 0 < newest.submitted < newest.raters
    mine = ratings.own_pairs(newest.id, "C03")
    assert 0 < sum(bool(row.marks) for row in mine) < len(mine)


def test_a_correction_gives_the_quarter_a_second_run() -> None:
    runs = [run for run in evaluation.runs(1) if run.period == QUARTER]
    assert len(runs) == 2
    official = evaluation.official_run(1, QUARTER)
    assert official is not None
    assert official.run_id == max(run.run_id for run in runs)
    first, second = sorted(runs, key=lambda run: run.run_id)
    member = KNOWN.corrected[0]
    before, after = (
        next(row for row in evaluation.scores(run.run_id) if row.institution == member) for run in (first, second)
    )
    assert before.score != after.score


def test_a_member_under_the_pass_mark_receives_nothing() -> None:
    fund = funds.decided_fund(1, QUARTER)
    assert fund is not None
    reasons = {share.institution: share.reason for share in funds.shares(fund.run_id)}
    assert "pass_mark" in reasons.values()
    assert reasons[checking.FALSE] == "veto"
    assert list(reasons.values()).count("") >= 20


def test_the_bulletin_of_the_quarter_tells_of_moves_honours_and_cases() -> None:
    (found,) = [one for one in bulletins.bulletins(OFFICE) if one.period == QUARTER]
    first = {row["code"] for row in found.content["rows"] if row["rank"] == 1}
    named = [one["code"] for one in found.content["honours"]]
    assert set(named[:2]) <= first
    assert named[2] == found.content["risen"][0]["code"]
    assert [one["code"] for one in found.content["cases"]] == ["C03", "S02"]
    assert all(one["text"] and one["text_en"] for one in found.content["cases"])


def test_a_month_has_its_bulletin_and_the_next_one_is_still_to_be_written() -> None:
    (month,) = [one for one in bulletins.bulletins(OFFICE) if one.monitoring]
    assert (month.period, month.state) == (DAYS.final[-2].code, "issued")
    moment = datetime.combine(DEMO_DAY, OPENS, SHANGHAI)
    waiting = [one for one in tasks(OFFICE, moment) if one.what == "compose_month"]
    assert [(one.period, one.args["period"]) for one in waiting] == [(LAST.code, LAST.code)]


def test_a_notice_was_not_confirmed_by_everybody_in_time_and_another_is_being_read() -> None:
    meeting, counting = [one for one in notices.notices(OFFICE, DEMO_DAY) if not one.institutions]
    late = {one.employer for one in notices.readers(1, counting, DEMO_DAY) if one.read_at is None}
    assert late == noticing.LATE
    assert counting.due_at < datetime.combine(DEMO_DAY, OPENS, SHANGHAI) < meeting.due_at
    assert counting.reminded_at is not None
    done, whole = notices.progress(1, [meeting], DEMO_DAY)[meeting.number]
    assert 5 <= done < whole == 26


def test_next_years_scheme_is_tried_and_not_decided() -> None:
    year = str(DEMO_DAY.year + 1)
    assert [one.decision for one in evaluation.schemes(1) if one.code == year] == [""]
    assert {one.scheme for one in evaluation.trials(1)} == {f"{year}/1"}


def test_the_lead_hospital_is_furnished_with_departments_posts_and_nine_hundred_people() -> None:
    assert len(members.departments_on(1, "T01", DEMO_DAY)) == 42
    report = members.staffing_report(1, "T01", LAST)
    assert (report.without, report.beds) == ((), 620)
    assert report.established > report.persons > 850
    heads = accounts.department_heads(1, "T01", "D01", DEMO_DAY)
    assert [one.name_zh for one in heads] == ["傅启明"]
    assert {line.grade for line in members.posts(1, "T01", DEMO_DAY)} == {"A", "B", "C", "D"}


def test_somebody_changes_departments_in_the_middle_of_a_month() -> None:
    people = members.people_in_post(1, "T01", LAST)
    numbers = [one.fact.number for one in people]
    (moved,) = {number for number in numbers if numbers.count(number) > 1}
    days = (LAST.until - LAST.first).days
    parts = [(one.fact.department, one.days) for one in people if one.fact.number == moved]
    assert parts == [("D01-1", 15), ("D01-2", days - 15)]
    wages = [key for key in bonus.person_entries(1, "T01", LAST.code) if key[1:] == (moved, "file_wage")]
    assert wages == [("D01-2", moved, "file_wage")]  # two would keep the payslips of the month from being made
