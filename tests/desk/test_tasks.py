"""The task list: what a person can do now, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask, url_for
from flask_babel import gettext
from sqlalchemy import event

from alliance.accounts import services as accounts
from alliance.audit.services import seal_events
from alliance.bulletins import services as bulletins
from alliance.core.roles import Grant, scope_of
from alliance.db import db
from alliance.desk import queries
from alliance.evaluation import services as evaluation
from alliance.i18n import in_language
from alliance.indicators import queries as asked
from alliance.indicators import services as indicators
from alliance.indicators.rules import checks
from alliance.indicators.rules.filing import Entry
from alliance.work import services as work
from tests.conftest import Client
from tests.small import MEMBERS, PEOPLE, SCHEME, at, by, entry, file_next_quarter, readings

Q1 = "2026Q1"


def open_tasks(account: str, on: datetime | None = None) -> set[tuple[str, str]]:
    employer, role, place = PEOPLE[account]
    scope = scope_of(account, employer, [Grant(role, 1, place)], 1)
    return {(task.what, task.subject or task.period) for task in queries.tasks(scope, on or at(25))}


def test_a_bulletin_waits_for_its_decision_until_its_scores_are_replaced(inside: Flask) -> None:
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    number = bulletins.compose_bulletin(1, Q1, "", by=by("office"), now=at(23))
    assert ("decide_bulletin", number) in open_tasks("chair")
    evaluation.enter_rating(1, Q1, "peers", "C1", 90, 12, "signed", by=by("office"), now=at(24))
    evaluation.compute_run(1, Q1, by=by("office"), now=at(25))
    assert ("decide_bulletin", number) not in open_tasks("chair")


def test_whoever_writes_bulletins_of_months_is_told_of_the_next_one(inside: Flask) -> None:
    """Who never wrote one is not asked for any; a month that is told of waits no more."""
    later = at(25, 5)
    assert not {what for what, _ in open_tasks("office", later)} & {"compose_month"}
    bulletins.compose_bulletin(1, "2026-02", "", by=by("office"), now=at(24, 5))
    assert ("compose_month", "2026-03") in open_tasks("office", later)
    bulletins.compose_bulletin(1, "2026-03", "", by=by("office"), now=at(24, 5))
    assert not {what for what, _ in open_tasks("office", later)} & {"compose_month"}


def test_who_sits_on_the_committee_and_leads_a_member_has_the_tasks_of_both(inside: Flask) -> None:
    """And the own score at home, beside the way to the ranking of all."""
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    bulletin = bulletins.compose_bulletin(1, Q1, "", by=by("office"), now=at(23))
    entries = {element: (entry(value), 0) for element, value in readings("C3", "2026-04").items()}
    indicators.file_reading(1, "2026-04", "C3", entries, "list", by=by("c3.reporter"), now=at(2, 5))
    scope = scope_of("c3.lead", "C3", [Grant("committee", 1), Grant("member_lead", 1, "C3")], 1)
    found = {(task.what, task.institution, task.subject) for task in queries.tasks(scope, at(3, 5))}
    assert ("sign", "C3", "") in found
    assert ("decide_bulletin", "", bulletin) in found
    assert {task[1] for task in found} == {"", "C3"}
    assert scope.institutions is None


def test_home_shows_the_own_score_of_a_committee_member(app: Flask, client_as: Callable[[str], Client]) -> None:
    """The newest period counts, not the newest computation."""
    with app.app_context():
        accounts.give_grant("c3.lead", "committee", 1, "", at(1).date(), None, by=by("office"), now=at(1))
        evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
        file_next_quarter(1)
        later = evaluation.compute_run(1, "2026Q2", by=by("office"), now=at(20, 7))
        evaluation.compute_run(1, Q1, by=by("office"), now=at(21, 7))
    app.config["CLOCK"] = lambda: at(22, 7)
    page = client_as("c3.lead").get("/").get_data(as_text=True)
    assert f"/figures/{later}/by-key/C3/score" in page
    assert "/standings/read/C3" in page
    assert f"/evaluation/runs/read/{later}" in page


def test_a_fund_is_to_be_shared_once_its_period_is_scored(inside: Flask) -> None:
    assert ("share", Q1) not in open_tasks("office")
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    assert ("share", Q1) in open_tasks("office")
    assert ("share", Q1) not in open_tasks("chair")


def waiting(account: str, now: datetime, own: queries.Own | None = None) -> dict[str, queries.Task]:
    """The open tasks of an account by what they are."""
    employer, role, place = PEOPLE[account]
    scope = scope_of(account, employer, [Grant(role, 1, place)], 1)
    return {task.what: task for task in queries.tasks(scope, now, own)}


def test_every_task_leads_to_a_page_and_has_words(inside: Flask) -> None:
    """Also in the language of the reader: a title without Chinese would show its message id."""
    with inside.test_request_context("/"):
        for account in PEOPLE:
            for day in (1, 20, 31):
                for task in waiting(account, at(day, 5)).values():
                    assert not task.view or url_for(task.view, **task.args), task
                    assert task.title % task.places != "", task
                    with in_language("zh"):
                        assert gettext(task.title) != task.title, task


def test_a_clerk_files_until_the_deadline_and_the_office_looks_who_has_not(inside: Flask) -> None:
    task = waiting("c1.reporter", at(10, 5))["file"]
    assert (task.period, task.institution, task.count, task.whole) == ("2026-04", "C1", 0, 4)
    assert task.due is not None
    assert "file" not in waiting("c1.reporter", task.due)
    chase = waiting("office", at(10, 5))["chase"]
    assert (chase.count, chase.whole) == (0, len(MEMBERS))


def test_a_clerk_is_done_once_all_is_filed_and_explained_and_the_lead_signs(
    inside: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "FEWEST", 3)  # months that are enough to know what is usual
    values = {code: entry(text) for code, text in readings("C1", "2026-04").items()}
    file_values(values, at(10, 5))
    assert "file" not in waiting("c1.reporter", at(10, 5))
    assert waiting("c1.lead", at(10, 5))["sign"].title == "Check and sign the values"
    file_values({"E4": entry("900")}, at(11, 5))  # 100 in every month before
    task = waiting("c1.reporter", at(11, 5))["file"]
    assert (task.title, task.count, task.whole) == ("Explain or correct what stands out", 1, 0)
    assert waiting("c1.lead", at(11, 5))["sign"].title == "See that what stands out is explained, then sign"


def test_a_returned_value_waits_for_the_clerk_and_then_for_the_lead_until_the_review_ends(inside: Flask) -> None:
    values = {code: entry(text) for code, text in {"E1": "40", "E2": "400", "E3": "50", "E4": "100"}.items()}
    file_values(values, at(10, 5))
    indicators.sign_submission(1, "2026-04", ["C1"], by=by("c1.lead"), now=at(10, 5))
    indicators.submit_submission(1, "2026-04", ["C1"], by=by("c1.lead"), now=at(10, 5))
    reason = {"E1": "does not match the register of referrals"}
    indicators.return_submission(1, "2026-04", "C1", reason, by=by("office"), now=at(2, 6))
    mend, sign = waiting("c1.reporter", at(2, 6))["mend"], waiting("c1.lead", at(2, 6))["sign"]
    assert sign.title == "See that the returned values are corrected, then sign"
    assert (mend.count, mend.due) == (1, sign.due)
    assert mend.due is not None
    assert mend.due > at(2, 6)  # filing is closed, and the review goes on
    file_values({"E1": entry("41")}, at(3, 6))
    assert "mend" not in waiting("c1.reporter", at(3, 6))
    assert waiting("c1.lead", at(3, 6))["sign"].title == "Check what was returned, then sign again"


def file_values(values: dict[str, Entry], now: datetime) -> None:
    seen = asked.readings(1, "2026-04", "C1")
    entries = {code: (one, seen[code].revision if code in seen else 0) for code, one in values.items()}
    indicators.file_reading(1, "2026-04", "C1", entries, "list", by=by("c1.reporter"), now=now)


def test_nobody_is_asked_to_review_the_own_employer(inside: Flask) -> None:
    for code in ("H1", "C1"):
        entries = {element: (entry(value), 0) for element, value in readings(code, "2026-04").items()}
        lead = by(f"{code.lower()}.lead")
        reporter = by(f"{code.lower()}.reporter")
        indicators.file_reading(1, "2026-04", code, entries, "list", by=reporter, now=at(2, 5))
        indicators.sign_submission(1, "2026-04", [code], by=lead, now=at(3, 5))
        indicators.submit_submission(1, "2026-04", [code], by=lead, now=at(3, 5))
    assert waiting("office", at(4, 5))["accept"].count == 1  # the office is employed by H1
    assert waiting("office2", at(4, 5))["accept"].count == 2


def test_a_period_is_to_be_opened_once_it_is_over(inside: Flask) -> None:
    assert "open" not in waiting("office", at(20, 5))
    assert waiting("office", at(5, 6))["open"].period == "2026-05"


def test_the_way_of_a_quarter_from_scores_to_bulletin(inside: Flask) -> None:
    """Each step is asked for when the one before is done."""
    evaluation.compute_run(1, Q1, by=by("office"), now=at(20))
    assert waiting("office", at(20))["total"].whole == len(MEMBERS)
    file_next_quarter(1)
    late = waiting("office", at(10, 7))
    assert late["compute"].period == "2026Q2"
    assert (late["rate"].count, late["rate"].whole) == (0, len(MEMBERS))
    assert late["rate"].args == {"period": "2026Q2", "group": "peers"}  # the page counts what the task counts
    evaluation.compute_run(1, "2026Q2", by=by("office"), now=at(20, 7))
    assert "compute" not in waiting("office", at(21, 7))


def test_an_analyst_tries_a_draft_that_nobody_has_tried(inside: Flask) -> None:
    assert waiting("analyst", at(20)) == {}
    content = {**SCHEME, "scheme": {**SCHEME["scheme"], "valid_from": "2027-01-01"}}
    evaluation.import_scheme(1, content, by=by("office"), now=at(20))
    assert waiting("analyst", at(20))["try"].subject == "2026/2"
    assert waiting("chair", at(20))["decide_scheme"].subject == "2026/2"


def test_accounts_and_roles_that_need_care_wait_for_their_administrators(inside: Flask) -> None:
    now = at(10, 5)
    accounts.invite_account(1, "newcomer", "新人", "Newcomer", "C1", by=by("admin"), now=now)
    accounts.give_grant("c1.lead", "analyst", 1, "", at(1, 5).date(), at(20, 5).date(), by=by("security"), now=now)
    found = waiting("security", now)
    assert found["role"].subject == "newcomer"
    assert found["ending"].subject == "c1.lead/analyst"
    assert "invite" not in waiting("admin", now)
    assert waiting("admin", at(20, 5))["invite"].subject == "newcomer"  # the link was good for seven days


def test_a_silent_worker_and_an_unsealed_log_are_told(inside: Flask) -> None:
    assert "worker" in waiting("admin", at(10, 5))
    assert "seal" in waiting("auditor", at(10, 5))
    work.take_lease("timetable", "here", 60, now=at(10, 5))
    work.note_task("remind_members", started=at(10, 5), ended=at(10, 5), error="Refused: no mail")
    seal_events(now=at(10, 5))
    found = waiting("admin", at(10, 5))
    assert "worker" not in found
    assert found["failed"].subject == "remind_members"
    assert "seal" not in waiting("auditor", at(10, 5))


def test_an_ageing_password_and_an_owed_second_factor_come_first(inside: Flask) -> None:
    found = waiting("regulator", at(10, 5), queries.Own(password_days=3, totp=True))
    assert found["password"].due == datetime(2026, 5, 12, 16, tzinfo=UTC)
    assert "totp" in found
    assert waiting("regulator", at(10, 5)) == {}


def test_home_asks_the_database_little_and_shows_what_was_finished(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    """Ten times the periods ask no more often: only the newest are looked at."""
    with app.app_context():
        evaluation.compute_run(1, Q1, by=by("office"), now=at(9, 5))
        engine = db.engine
    app.config["CLOCK"] = lambda: at(10, 5)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for account in ("office", "chair", "c1.reporter", "c1.lead", "admin", "security", "auditor", "regulator"):
        client = client_as(account)
        asked.clear()
        page = client.get("/").get_data(as_text=True)
        assert len(asked) <= 40, (account, len(asked))
        if account == "office":
            assert "最近几天已完成的事项" in page
