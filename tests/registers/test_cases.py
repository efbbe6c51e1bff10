"""Cases: filed by one member, confirmed by the other, counted then; what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from alliance.core.actor import Actor
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Scope
from alliance.registers import queries, services
from alliance.registers.queries import WantedCases as Wanted
from alliance.registers.rules.imports import ImportRow
from alliance.store import Store
from tests.small import CLOCK, at, by

VISIT = {
    "giver": "H1", "receiver": "C1", "expert": "0001", "rank": "主任医师", "day": "2026-04-07", "half": "上午",
    "hours": "3.5", "patients": "12", "specialty": "内科",
}  # fmt: skip
EVERYTHING = Scope(1, institutions=None)


@pytest.fixture
def alliance(inside: Flask) -> int:
    return 1


def file_visit(alliance: int, number: int = 0, **other: str) -> int:
    given = VISIT | {"day": f"2026-04-{7 + number:02}"} | other
    return services.file_case(alliance, "visit", "C1", given, by=by("c1.reporter"), now=CLOCK)


def faults(refused: pytest.ExceptionInfo[Refused]) -> dict[str, str]:
    return {str(one.at["code"]): one.message for one in refused.value.problems}


def test_a_case_counts_once_the_other_end_has_confirmed_it(alliance: int) -> None:
    number = file_visit(alliance)
    assert list(queries.counted(alliance, ["2026-04"])) == []
    services.confirm_case(alliance, "visit", [number], by=by("h1.reporter"), now=CLOCK)
    found = {(one.institution, one.measure): one for one in queries.counted(alliance, ["2026-04"])}
    assert {key: str(one.quantity) for key, one in found.items()} == {
        ("H1", "visit.half_days"): "1", ("H1", "visit.patients"): "12", ("C1", "visit.received"): "1",
        ("H1", "visit.in_week"): "1",
    }  # fmt: skip
    assert found["H1", "visit.half_days"].case == f"visit/{number}"
    assert found["H1", "visit.half_days"].person == "0001"
    assert list(queries.counted(alliance, ["2026-03"])) == []


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("giver", "H9", "%(code)s was no member on %(day)s"),
        ("expert", "7777", "was not on the staff of %(who)s on %(day)s"),
        ("day", "2026-05-11", "has not come yet"),
        ("day", "2024-12-31", "%(code)s was no member on %(day)s"),
        ("day", "2026-02-30", "is not a date; write 2026-01-31"),
        ("hours", "13", "is not from %(least)s to %(most)s"),
        ("hours", "3.25", "has more than %(count)s decimal places"),
        ("hours", "NaN", "is not a number"),
        ("hours", "1,5", "is not a number"),
        ("hours", "5²", "is not a number"),
        ("day", "2026-04-071", "is not a date; write 2026-01-31"),
        ("hours", "1e0", "is not a number"),
        ("patients", "viele", "is not a number"),
        ("rank", "Professor", "is not one of the words allowed here"),
        ("receiver", "H1", "is the same as above"),
        ("specialty", "", "is missing"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(alliance: int, field: str, text: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        services.file_case(alliance, "visit", "H1", VISIT | {field: text}, by=by("h1.reporter"), now=CLOCK)
    assert reason in faults(refused).values()
    assert queries.find_cases(EVERYTHING, "visit", Wanted(), 1, 10) == ([], 0)


def test_a_member_files_only_what_it_took_part_in(alliance: int) -> None:
    with pytest.raises(Refused) as refused:
        services.file_case(alliance, "visit", "C2", VISIT, by=by("c2.reporter"), now=CLOCK)
    assert faults(refused) == {"giver": "neither member is the one that files, %(who)s"}


def test_an_end_does_not_lie_before_its_start(alliance: int) -> None:
    given = {"giver": "H1", "receiver": "C1", "person": "0001", "rank": "attending", "form": "full_time",
             "start": "2026-03-01", "until": "2026-02-01"}  # fmt: skip
    with pytest.raises(Refused) as refused:
        services.file_case(alliance, "posting", "H1", given, by=by("h1.reporter"), now=CLOCK)
    assert faults(refused) == {"until": "lies before the beginning"}


def test_the_wrong_side_and_the_filer_confirm_nothing(alliance: int) -> None:
    number = file_visit(alliance)
    for account in ("c1.lead", "c1.reporter", "c2.lead", "office2"):
        with pytest.raises(Refused, match="confirmed or disputed by H1"):
            services.confirm_case(alliance, "visit", [number], by=by(account), now=CLOCK)
    with pytest.raises(Refused, match="You filed this case"):
        services.confirm_case(alliance, "visit", [number], by=Actor("c1.reporter", "H1"), now=CLOCK)


def test_without_a_counterpart_another_person_of_the_member_confirms(alliance: int) -> None:
    given = {"member": "C1", "day": "2026-04-02", "form": "talk", "topic": "高血压", "speaker": "李", "served": "40",
             "hours": "1.5"}  # fmt: skip
    number = services.file_case(alliance, "education", "C1", given, by=by("c1.reporter"), now=CLOCK)
    with pytest.raises(Refused, match="another person confirms"):
        services.confirm_case(alliance, "education", [number], by=by("c1.reporter"), now=CLOCK)
    services.confirm_case(alliance, "education", [number], by=by("c1.lead"), now=CLOCK)
    assert sum(one.quantity for one in queries.counted(alliance, ["2026-04"])) == 41


def test_the_same_case_is_not_entered_twice(alliance: int) -> None:
    number = file_visit(alliance)
    with pytest.raises(Refused, match=f"under number {number}"):
        services.file_case(alliance, "visit", "H1", VISIT, by=by("h1.reporter"), now=CLOCK)
    services.withdraw_case(alliance, "visit", number, "登记重复，现予撤回处理", by=by("c1.reporter"), now=CLOCK)
    assert file_visit(alliance) == number + 1


def test_a_correction_is_a_new_revision_that_is_confirmed_anew(alliance: int) -> None:
    number = file_visit(alliance)
    services.confirm_case(alliance, "visit", [number], by=by("h1.lead"), now=CLOCK)
    reason = "门诊人次核对后更正为15"
    services.correct_case(
        alliance, "visit", number, VISIT | {"patients": "15"}, reason, 1, by=by("c1.reporter"), now=CLOCK
    )
    found = queries.case(EVERYTHING, "visit", number)
    assert found
    assert (found.state, found.revision, found.texts["patients"]) == ("filed", 2, "15")
    assert list(queries.counted(alliance, ["2026-04"])) == []
    assert [(one.revision, one.texts["patients"], one.reason) for one in queries.case_revisions(found.id)] == [
        (2, "15", reason), (1, "12", ""),
    ]  # fmt: skip
    with pytest.raises(Refused, match="corrected this case while you typed"):
        services.correct_case(alliance, "visit", number, VISIT, reason, 1, by=by("c1.reporter"), now=CLOCK)


def test_a_disputed_case_counts_no_more_until_it_is_confirmed(alliance: int) -> None:
    number = file_visit(alliance)
    services.confirm_case(alliance, "visit", [number], by=by("h1.lead"), now=CLOCK)
    with pytest.raises(Refused, match="at least 10"):
        services.dispute_case(alliance, "visit", number, "不对", by=by("h1.lead"), now=CLOCK)
    services.dispute_case(alliance, "visit", number, "当日专家未到现场，请核对", by=by("h1.lead"), now=CLOCK)
    assert list(queries.counted(alliance, ["2026-04"])) == []
    services.confirm_case(alliance, "visit", [number], by=by("h1.lead"), now=CLOCK)
    with pytest.raises(Refused, match="is confirmed"):
        services.confirm_case(alliance, "visit", [number], by=by("h1.lead"), now=CLOCK)


def test_many_are_confirmed_together_or_none(alliance: int) -> None:
    numbers = [file_visit(alliance, day) for day in range(3)]
    with pytest.raises(NotFound):
        services.confirm_case(alliance, "visit", [*numbers, 99], by=by("h1.lead"), now=CLOCK)
    assert services.confirm_case(alliance, "visit", numbers, by=by("h1.lead"), now=CLOCK) == 3


def test_a_member_sees_its_own_cases(alliance: int) -> None:
    number = file_visit(alliance)
    for code, sees in (("C1", True), ("H1", True), ("C2", False)):
        scope = Scope(alliance, institutions=frozenset({code}), own=frozenset({code}))
        assert (queries.case(scope, "visit", number) is not None) is sees
        assert queries.find_cases(scope, "visit", Wanted(), 1, 10)[1] == sees
    assert queries.case(replace(EVERYTHING, alliance_id=2), "visit", number) is None


def test_cases_are_found_by_month_state_member_and_person(alliance: int) -> None:
    file_visit(alliance)
    services.confirm_case(alliance, "visit", [file_visit(alliance, 1)], by=by("h1.lead"), now=CLOCK)
    for wanted, count in (
        (Wanted(), 2), (Wanted(month="2026-04"), 2), (Wanted(month="2026-03"), 0), (Wanted(state="confirmed"), 1),
        (Wanted(member="C1"), 2), (Wanted(member="C2"), 0), (Wanted(person="0001"), 2), (Wanted(person="000"), 0),
        (Wanted(person="%"), 0), (Wanted(waits_for=frozenset({"H1"})), 1), (Wanted(waits_for=frozenset({"C1"})), 0),
    ):  # fmt: skip
        assert queries.find_cases(EVERYTHING, "visit", wanted, 1, 10)[1] == count, wanted


def row(line: int, record: str, version: int = 1, **other: str) -> ImportRow:
    return ImportRow(line, record, version, VISIT | other)


def bring_in(alliance: int, *rows: ImportRow) -> queries.Report:
    return services.import_case(alliance, "visit", "C1", "HIS", rows, by=by("c1.reporter"), now=CLOCK)


def test_the_same_file_again_changes_nothing_and_a_newer_version_replaces(alliance: int) -> None:
    first = [row(2, "a"), row(3, "b", day="2026-04-08")]
    assert bring_in(alliance, *first).moved == 2
    again = bring_in(alliance, *first)
    assert (again.moved, again.same) == (0, 2)
    newer = bring_in(alliance, row(2, "a", 2, patients="14"), row(3, "b", 0, day="2026-04-08", patients="1"))
    assert (len(newer.changed), newer.older) == (1, 1)
    found, total = queries.find_cases(EVERYTHING, "visit", Wanted(), 1, 10)
    assert total == 2
    assert sorted((one.record, one.version, one.revision, one.texts["patients"]) for one in found) == [
        ("a", 2, 2, "14"), ("b", 1, 1, "12"),
    ]  # fmt: skip


def test_an_import_is_taken_whole_or_not_at_all(alliance: int) -> None:
    file_visit(alliance, 9)
    rows = [
        row(2, "a"), row(3, "a", day="2026-04-09"), row(4, "c", hours="x"), row(5, "d"),
        row(6, "e", day="2026-04-16"), row(7, "f", expert="7777"),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        bring_in(alliance, *rows)
    assert [(one.at["row"], str(one.at["column"]), one.message) for one in refused.value.problems] == [
        (3, "source_id", "stands twice in the file"),
        (4, "hours", "is not a number"),
        (5, "source_id", "says the same as another case that stands already"),
        (6, "source_id", "says the same as another case that stands already"),
        (7, "expert", "was not on the staff of %(who)s on %(day)s"),
    ]
    assert queries.find_cases(EVERYTHING, "visit", Wanted(), 1, 10)[1] == 1


def test_the_same_version_does_not_say_something_else(alliance: int) -> None:
    bring_in(alliance, row(2, "a"))
    with pytest.raises(Refused) as refused:
        bring_in(alliance, row(2, "a", patients="13"))
    assert [str(one.at["column"]) for one in refused.value.problems] == ["version"]


def test_a_photo_that_is_a_program_is_no_proof(alliance: int, tmp_path: Path) -> None:
    number, store = file_visit(alliance), Store(tmp_path / "proofs")
    for name, content in (("photo.jpg", b"MZ\x90\x00program"), ("photo.png", b"<svg onload='x'>"), ("empty.pdf", b"")):
        with pytest.raises(Refused):
            services.add_proof(alliance, "visit", number, [(name, content)], store, by=by("c1.reporter"), now=CLOCK)
    note = ("note.txt", "签到表".encode())
    assert services.add_proof(alliance, "visit", number, [note], store, by=by("c1.reporter"), now=CLOCK) == 1
    with pytest.raises(Refused, match="attached to this case already"):
        services.add_proof(alliance, "visit", number, [note], store, by=by("h1.lead"), now=CLOCK)


def test_persons_are_counted_over_all_registers(alliance: int) -> None:
    numbers = [file_visit(alliance, day) for day in range(3)]
    services.confirm_case(alliance, "visit", numbers, by=by("h1.lead"), now=CLOCK)
    training = {
        "giver": "H1", "receiver": "C1", "teacher": "0001", "day": "2026-04-10", "mode": "on_site", "topic": "查房",
        "hours": "2.5", "attendees": "8",
    }  # fmt: skip
    number = services.file_case(alliance, "training", "H1", training, by=by("h1.reporter"), now=CLOCK)
    services.confirm_case(alliance, "training", [number], by=by("c1.lead"), now=CLOCK)
    (found,) = queries.person_counts(alliance, "H1", 2026)
    assert (found.person, found.cases) == ("0001", 4)
    assert {code: str(value) for code, value in found.sums.items()} == {
        "visit.half_days": "3", "visit.patients": "36", "training.hours_given": "2.5",
    }  # fmt: skip
    assert queries.person_counts(alliance, "C1", 2026) == []


def test_those_who_attended_a_training_have_its_hours_each(alliance: int) -> None:
    given = {
        "giver": "C1", "receiver": "H1", "teacher": "甲", "day": "2026-04-10", "mode": "online", "topic": "查房",
        "hours": "2.5", "attendees": "1", "doctors": "0001、0002 0001",
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        services.file_case(alliance, "training", "H1", given, by=by("h1.reporter"), now=CLOCK)
    assert list(faults(refused)) == ["doctors"]
    given["attendees"] = "2"
    with pytest.raises(Refused) as refused:
        services.file_case(
            alliance, "training", "H1", given | {"doctors": "0001 9999"}, by=by("h1.reporter"), now=CLOCK
        )
    assert list(faults(refused)) == ["doctors"]
    number = services.file_case(alliance, "training", "H1", given, by=by("h1.reporter"), now=CLOCK)
    services.confirm_case(alliance, "training", [number], by=by("c1.lead"), now=CLOCK)
    found = queries.person_counts(alliance, "H1", 2026)
    assert [(one.person, one.sums["training.hours_attended"]) for one in found] == [
        ("0001", Decimal("2.5")), ("0002", Decimal("2.5")),
    ]  # fmt: skip
    by_person = [one for one in queries.counted(alliance, ["2026-04"]) if one.measure == "training.attendee_hours"]
    assert [(one.quantity, one.person) for one in by_person] == [(Decimal(5), "")]


def test_a_certificate_says_what_is_confirmed_and_is_confirmed_to_its_holder(alliance: int) -> None:
    with pytest.raises(Refused, match="nothing to certify"):
        services.issue_certificate(alliance, "H1", "0001", 2026, by=by("h1.lead"), now=CLOCK)
    services.confirm_case(alliance, "visit", [file_visit(alliance)], by=by("h1.lead"), now=CLOCK)
    number = services.issue_certificate(alliance, "H1", "0001", 2026, by=by("h1.lead"), now=CLOCK)
    assert services.issue_certificate(alliance, "H1", "0001", 2026, by=by("h1.lead"), now=CLOCK) == number
    found = queries.certificate(EVERYTHING, number)
    assert found
    assert found.content["person"] == {"zh": "甲医师", "en": "Doctor A"}
    assert queries.confirmed_certificate("SMALL", number, found.check) == (found, "")
    assert queries.confirmed_certificate("SMALL", number, "0" * 16) is None
    services.confirm_case(alliance, "visit", [file_visit(alliance, 1)], by=by("h1.lead"), now=CLOCK)
    later = services.issue_certificate(alliance, "H1", "0001", 2026, by=by("h1.lead"), now=at(11, 5))
    assert later != number
    assert queries.confirmed_certificate("SMALL", number, found.check) == (found, later)


def test_results_that_are_not_recognised_need_a_reason(alliance: int) -> None:
    given = {"receiver": "C1", "giver": "H1", "item": "血常规", "first_at": "2026-04-01 09:00", "recognised": "否",
             "second_at": "2026-04-03 10:00", "record": "A1"}  # fmt: skip
    with pytest.raises(Refused) as refused:
        services.file_case(alliance, "repeat", "C1", given, by=by("c1.reporter"), now=CLOCK)
    assert list(faults(refused)) == ["reason"]
    for record, other in (
        ("A1", {"reason": "patient"}), ("A2", {"reason": "quality"}), ("A3", {"recognised": "是"}),
        ("A4", {"recognised": "是", "registered": "2026-04-03 08:00"}),
    ):  # fmt: skip
        file = given | {"record": record} | other
        services.file_case(alliance, "repeat", "C1", file, by=by("c1.reporter"), now=CLOCK)
    (found,) = queries.recognitions(alliance, date(2026, 4, 1), date(2026, 4, 30))
    assert (found.recognised, found.listed, found.unlisted, str(found.rate)) == (2, 1, 1, "66.67")
    services.confirm_case(alliance, "repeat", [1, 2, 3, 4], by=by("h1.lead"), now=CLOCK)
    counts = {one.measure: 0 for one in queries.counted(alliance, ["2026-04"])}
    for one in queries.counted(alliance, ["2026-04"]):
        counts[one.measure] += int(one.quantity)
    assert counts == {"repeat.recognised": 2, "repeat.at_once": 1, "repeat.repeated": 1}


def test_what_lasts_counts_in_each_of_its_months(alliance: int) -> None:
    posting = {"giver": "H1", "receiver": "C1", "person": "0001", "rank": "attending", "form": "full_time",
               "start": "2026-02-15", "until": "2026-04-10"}  # fmt: skip
    number = services.file_case(alliance, "posting", "H1", posting, by=by("h1.reporter"), now=CLOCK)
    services.confirm_case(alliance, "posting", [number], by=by("c1.lead"), now=CLOCK)
    days = {
        one.month: int(one.quantity)
        for one in queries.counted(alliance, ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"])
        if one.measure == "posting.days"
    }
    assert days == {"2026-02": 14, "2026-03": 31, "2026-04": 10}
