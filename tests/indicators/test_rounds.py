"""Filing in rounds: returned items, explanations, exceptions from the lock, reminders; who may review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.db import db
from alliance.indicators import queries, services
from alliance.indicators.models import SubmissionRound
from alliance.indicators.rules.calendar import Timetable
from alliance.indicators.rules.filing import Progress
from alliance.jobs import timed
from tests.small import LIBRARY, at, by, entry

APRIL, WHO = "2026-04", "C1"
REASON = "does not match the register of referrals"


def file(values: dict[str, str], day: int = 10, who: str = "c1.reporter") -> int:
    seen = queries.readings(1, APRIL, WHO)
    entries = {code: (entry(text), seen[code].revision if code in seen else 0) for code, text in values.items()}
    return services.file_reading(1, APRIL, WHO, entries, "report", by=by(who), now=at(day, 5))


def found() -> queries.SubmissionInfo:
    one = queries.submission(1, APRIL, WHO)
    assert one is not None
    return one


@pytest.fixture
def submitted(inside: Flask) -> None:
    file({"E1": "40", "E2": "400", "E3": "50", "E4": "100"})
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(10, 5, 3))
    services.submit_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(10, 5, 4))


@pytest.fixture
def returned(submitted: None) -> None:
    services.return_submission(1, APRIL, WHO, {"E1": REASON}, by=by("office"), now=at(11, 5))


def test_each_submission_keeps_which_revisions_it_holds(submitted: None) -> None:
    (one,) = db.session.scalars(select(SubmissionRound).where(SubmissionRound.period == APRIL))
    assert (one.round, one.signed_by, one.revisions) == (1, "c1.lead", {"E1": 1, "E2": 1, "E3": 1, "E4": 1})


def test_only_a_returned_item_unlocks(returned: None) -> None:
    assert (found().state, found().unlocked) == (Progress.RETURNED, frozenset({"E1"}))
    with pytest.raises(Refused, match="only what was returned") as caught:
        file({"E1": "41", "E2": "401"}, 12)
    assert [problem.place for problem in caught.value.problems] == ["C1, E2"]
    assert queries.readings(1, APRIL, WHO)["E1"].revision == 1
    assert file({"E1": "41", "E2": "400"}, 12) == 1  # an unchanged value of a locked item is no change


def test_the_lead_signs_again_and_the_review_covers_what_changed(returned: None) -> None:
    file({"E1": "41"}, 12)
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5, 3))
    services.submit_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5, 4))
    assert (found().round, found().unlocked) == (2, None)
    assert queries.changes_since(1, APRIL, WHO, 1) == [queries.Change("E1", "40", "41")]
    services.accept_submission(1, APRIL, [WHO], by=by("office"), now=at(13, 5))
    assert found().state is Progress.ACCEPTED


def test_a_returned_item_is_changed_or_explained_before_it_is_signed(returned: None) -> None:
    with pytest.raises(Refused, match="in the way") as caught:
        services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5))
    assert [problem.place for problem in caught.value.problems] == ["C1, E1"]
    text = "the register was corrected on the 3rd"
    services.explain_value(1, APRIL, WHO, "E1", "40", text, by=by("c1.reporter"), now=at(12, 5))
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5, 5))
    assert found().state is Progress.SIGNED


def test_an_explanation_is_of_what_is_open(returned: None) -> None:
    with pytest.raises(NotFound):
        services.explain_value(1, APRIL, WHO, "E99", "", "a text long enough", by=by("c1.reporter"), now=at(12, 5))
    with pytest.raises(Refused, match="at least 10"):
        services.explain_value(1, APRIL, WHO, "E1", "40", "short", by=by("c1.reporter"), now=at(12, 5))


def test_a_change_after_the_second_signature_falls_back_to_returned(returned: None) -> None:
    file({"E1": "41"}, 12)
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5, 3))
    file({"E1": "42"}, 13)
    assert (found().state, found().signed_by) == (Progress.RETURNED, "")


def test_what_goes_back_has_a_reason_each_and_is_of_the_member(submitted: None) -> None:
    for reasons in ({}, {"E1": "short"}):
        with pytest.raises(Refused):
            services.return_submission(1, APRIL, WHO, reasons, by=by("office"), now=at(11, 5))
    with pytest.raises(NotFound):
        services.return_submission(1, APRIL, WHO, {"E99": REASON}, by=by("office"), now=at(11, 5))
    assert found().state is Progress.SUBMITTED


STEPS: dict[str, Callable[[str], None]] = {
    "review": lambda who: services.review_submission(1, APRIL, ["H1"], by=by(who), now=at(11, 5)),
    "return": lambda who: services.return_submission(1, APRIL, "H1", {"E1": REASON}, by=by(who), now=at(11, 5)),
    "accept": lambda who: services.accept_submission(1, APRIL, ["H1"], by=by(who), now=at(11, 5)),
}


@pytest.mark.parametrize("verb", STEPS)
def test_nobody_reviews_the_own_employer_nor_what_one_had_a_hand_in(inside: Flask, verb: str) -> None:
    seen = {code: (entry(text), 0) for code, text in {"E1": "1", "E2": "9", "E3": "1", "E4": "9"}.items()}
    services.file_reading(1, APRIL, "H1", seen, "report", by=by("office2"), now=at(10, 5))
    services.sign_submission(1, APRIL, ["H1"], by=by("h1.lead"), now=at(10, 5, 3))
    services.submit_submission(1, APRIL, ["H1"], by=by("h1.lead"), now=at(10, 5, 4))
    for account in ("office", "office2"):  # employed by H1; filed
        with pytest.raises(Refused, match=r"employed by|another person"):
            STEPS[verb](account)


def test_what_is_submitted_is_taken_back_until_its_review_begins(submitted: None) -> None:
    services.recall_submission(1, APRIL, [WHO], by=by("c1.reporter"), now=at(10, 5, 6))
    assert (found().state, found().signed_by) == (Progress.DRAFT, "")
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(10, 5, 7))
    services.submit_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(10, 5, 8))
    services.review_submission(1, APRIL, [WHO], by=by("office"), now=at(11, 5))
    with pytest.raises(Refused, match="cannot be recalled"):
        services.recall_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(11, 5, 3))
    with pytest.raises(Refused, match="already"):
        services.review_submission(1, APRIL, [WHO], by=by("office2"), now=at(11, 5, 4))
    services.accept_submission(1, APRIL, [WHO], by=by("office2"), now=at(11, 5, 5))


def test_recalling_a_second_round_opens_no_more_than_was_returned(returned: None) -> None:
    file({"E1": "41"}, 12)
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5, 3))
    services.submit_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5, 4))
    services.recall_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5, 5))
    assert (found().state, found().unlocked) == (Progress.RETURNED, frozenset({"E1"}))


def test_what_was_returned_is_mended_after_the_deadline_until_the_review_ends(returned: None) -> None:
    assert _april().due_at <= at(2, 6) < _april().review_until
    with pytest.raises(Refused, match="only what was returned"):
        services.file_reading(1, APRIL, WHO, {"E2": (entry("9"), 1)}, "", by=by("c1.reporter"), now=at(2, 6))
    services.file_reading(1, APRIL, WHO, {"E1": (entry("41"), 1)}, "", by=by("c1.reporter"), now=at(2, 6))
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(2, 6, 3))
    services.submit_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(2, 6, 4))
    assert not found().late  # it was submitted in time, and the review asked


def test_after_the_review_what_was_returned_is_closed_too(returned: None) -> None:
    over = _april().review_until
    with pytest.raises(Refused, match="closed"):
        services.file_reading(1, APRIL, WHO, {"E1": (entry("41"), 1)}, "", by=by("c1.reporter"), now=over)


def test_after_the_deadline_an_exception_of_two_people_opens_one_member(inside: Flask) -> None:
    late = at(2, 6)
    with pytest.raises(Refused, match="closed"):
        services.file_reading(1, APRIL, WHO, {"E1": (entry("1"), 0)}, "", by=by("c1.reporter"), now=late)
    number = services.ask_exception(
        1, APRIL, WHO, "the network was down for two days", at(5, 6), by=by("c1.lead"), now=late
    )
    with pytest.raises(Refused, match="closed"):
        services.file_reading(1, APRIL, WHO, {"E1": (entry("1"), 0)}, "", by=by("c1.reporter"), now=late)
    assert services.grant_exception(1, number, by=by("office"), now=late) == (APRIL, WHO)
    values = {code: (entry(text), 0) for code, text in {"E1": "1", "E2": "9", "E3": "1", "E4": "9"}.items()}
    services.file_reading(1, APRIL, WHO, values, "", by=by("c1.reporter"), now=at(3, 6))
    with pytest.raises(Refused, match="closed"):
        services.file_reading(1, APRIL, "C2", {"E1": (entry("1"), 0)}, "", by=by("c2.reporter"), now=at(3, 6))
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(3, 6, 3))
    services.submit_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(3, 6, 4))
    assert found().late
    (cell,) = [row.cells[0] for row in queries.board(1, [_april()], None, at(4, 6)) if row.member.code == WHO]
    assert (cell.standing, cell.complete) == ("late", 0)


def _april() -> queries.PeriodInfo:
    one = queries.period(1, APRIL)
    assert one is not None
    return one


def test_an_exception_ends(inside: Flask) -> None:
    number = services.ask_exception(
        1, APRIL, WHO, "the network was down for two days", at(3, 6), by=by("c1.lead"), now=at(2, 6)
    )
    services.grant_exception(1, number, by=by("office"), now=at(2, 6))
    with pytest.raises(Refused, match="closed"):
        services.file_reading(1, APRIL, WHO, {"E1": (entry("1"), 0)}, "", by=by("c1.reporter"), now=at(3, 6))


def test_an_exception_is_granted_by_somebody_else_from_elsewhere_and_once(inside: Flask) -> None:
    asked = services.ask_exception(
        1, APRIL, "H1", "figures of the branch came late", at(5, 6), by=by("office2"), now=at(2, 6)
    )
    with pytest.raises(Forbidden, match="another person"):
        services.grant_exception(1, asked, by=by("office2"), now=at(2, 6))
    with pytest.raises(Forbidden, match="employed"):
        services.grant_exception(1, asked, by=by("office"), now=at(2, 6))
    with pytest.raises(NotFound):
        services.grant_exception(2, asked, by=by("office"), now=at(2, 6))
    other = services.ask_exception(
        1, APRIL, WHO, "figures of the branch came late", at(5, 6), by=by("office2"), now=at(2, 6)
    )
    services.grant_exception(1, other, by=by("office"), now=at(2, 6))
    with pytest.raises(Refused, match="already"):
        services.grant_exception(1, other, by=by("office"), now=at(2, 6))


def test_an_exception_reopens_what_was_accepted(submitted: None) -> None:
    services.accept_submission(1, APRIL, [WHO], by=by("office"), now=at(11, 5))
    number = services.ask_exception(
        1, APRIL, WHO, "a ward's register was forgotten", at(20, 5), by=by("c1.lead"), now=at(12, 5)
    )
    services.grant_exception(1, number, by=by("office"), now=at(12, 5))
    assert (found().state, found().unlocked) == (Progress.DRAFT, None)
    assert file({"E1": "44"}, 13) == 1


def test_a_part_over_its_whole_and_an_unusual_value_stand_in_the_way(inside: Flask) -> None:
    part = LIBRARY["element"][0] | {"whole": "E2", "soft_maximum": "30"}
    text = "minutes of the data group, no. 4"
    services.define_element(1, part, 1, date(2026, 4, 1), "need", text, by=by("office"), now=at(9, 5))
    file({"E1": "40", "E2": "39", "E3": "50", "E4": "100"})
    with pytest.raises(Refused) as caught:
        services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(10, 5, 3))
    assert len(caught.value.problems) == 2
    file({"E2": "400"}, 11)
    text = "a campaign brought many more cases"
    services.explain_value(1, APRIL, WHO, "E1", "40", text, by=by("c1.reporter"), now=at(11, 5))
    services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(11, 5, 3))
    file({"E1": "41"}, 12)  # the explanation was of 40
    with pytest.raises(Refused):
        services.sign_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(12, 5, 3))


def test_the_calendar_of_an_alliance_holds_from_its_day_and_never_backwards(inside: Flask) -> None:
    with pytest.raises(Refused, match="backwards"):
        services.set_timetable(1, date(2026, 4, 1), Timetable(), by=by("office"), now=at(10, 5))
    services.set_timetable(1, date(2026, 7, 1), Timetable(due=10), by=by("office"), now=at(10, 5))
    assert queries.timetable(1, date(2026, 6, 30)) == Timetable()
    assert queries.timetable(1, date(2026, 7, 1)).due == 10
    services.open_period(1, "2026-06", by=by("office"), now=at(1, 7))
    info = queries.period(1, "2026-06")
    assert info is not None
    assert info.due_at == at(10, 7, 16)  # 24:00 in Shanghai


def test_a_noted_day_counts_as_it_was_noted_last(inside: Flask) -> None:
    works = queries.works_on(1)
    assert not works(date(2026, 10, 1))  # National Day
    assert works(date(2031, 1, 1))  # a Wednesday of a year that is not published: every weekday works
    services.note_day(1, date(2026, 10, 1), True, "notice 7", by=by("office"), now=at(10, 5))
    assert queries.works_on(1)(date(2026, 10, 1))
    services.note_day(1, date(2026, 10, 1), False, "notice 8", by=by("office"), now=at(11, 5))
    assert not queries.works_on(1)(date(2026, 10, 1))


def test_reminders_go_once_an_occasion_to_those_who_wait(submitted: None) -> None:
    for _ in range(2):
        timed.remind_members(at(29, 5))  # three days before 31 May
    assert sorted(one.institution for one in queries.reminders(1, APRIL)) == ["C2", "C3", "H1", "H2"]
    assert {one.occasion for one in queries.reminders(1, APRIL)} == {"-3"}
    timed.remind_members(at(30, 5))
    assert {one.occasion for one in queries.reminders(1, APRIL)} == {"-3"}
    timed.remind_members(at(31, 5))
    assert {one.occasion for one in queries.reminders(1, APRIL)} == {"-3", "-1"}


def test_the_second_who_takes_a_step_is_told(submitted: None) -> None:
    with pytest.raises(Refused, match="under review"):
        services.submit_submission(1, APRIL, [WHO], by=by("c1.lead"), now=at(10, 5, 5))
