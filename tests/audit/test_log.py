"""The log: refusals, exports and openings become events; what was changed behind its back is found and named."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import TypeVar

import pandas
import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from alliance.access import FILES, PUBLIC
from alliance.audit import queries, services
from alliance.audit.forms import ACTS, SUBJECTS
from alliance.audit.models import APPEND_ONLY, Event, guard, unguard
from alliance.audit.rules import REFUSALS, differences
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.roles import PEOPLE, ROLES, RUNNING
from alliance.db import db, transaction
from alliance.evaluation import services as evaluation
from alliance.members import services as members
from alliance.pages import attachment
from tests.conftest import Client
from tests.small import CLOCK, at, by
from tests.test_doors import ACCOUNTS, DOORS

T = TypeVar("T")
OFFERED = frozenset({"registers.list_diagnoses"})  # what a field offers while somebody types


class Log:
    """The log of an app between requests, each look in a context of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def last(self) -> Event:
        with self.app.app_context():
            return db.session.scalars(select(Event).order_by(Event.id.desc())).first()  # type: ignore[return-value]

    def count(self) -> int:
        with self.app.app_context():
            return db.session.query(Event).count()

    def ask(self, question: Callable[[], T]) -> T:
        with self.app.app_context():
            return question()


@pytest.fixture
def log(app: Flask) -> Log:
    return Log(app)


@pytest.mark.parametrize(
    ("path", "act", "subject", "status"),
    [
        (
            "/indicators/submissions/read/2026-03/C2",
            "indicators:submission:read",
            "door:C2/indicators.read_submission/2026-03",
            404,
        ),
        ("/evaluation/runs/read/77", "evaluation:run:read", "door:*/evaluation.read_run/77", 403),
        ("/figures/1/by-key/C2/%E5%BC%A0%E4%B8%89", "desk:figure:read", "door:*/desk.find_figure/1/…", 404),
    ],
)  # fmt: skip
def test_a_refused_page_is_an_event(
    log: Log, client_as: Callable[[str], Client], path: str, act: str, subject: str, status: int
) -> None:
    client = client_as("c1.reporter")
    assert client.get(path).status_code == status
    event = log.last()
    assert (event.act, event.subject, event.account, event.alliance_id) == (act, subject, "c1.reporter", 1)
    assert event.detail["status"] == status
    assert event.detail["refused"] in ("There is nothing at this address.", "Your role does not include this.")


def test_a_refused_form_is_an_event_without_what_was_typed(log: Log, client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    answer = client.send("/indicators/periods/open", period="2026-04", last_day="2026-06-30")
    assert answer.status_code == 422
    event = log.last()
    assert (event.act, event.subject) == ("indicators:period:open", "door:*/indicators.open_period")
    assert event.detail["status"] == 422
    assert "2026-04" not in str(event.detail)


def test_a_form_without_its_token_and_the_same_form_twice_are_events(
    log: Log, client_as: Callable[[str], Client]
) -> None:
    client = client_as("office")
    client.post("/evaluation/runs/compute", data={"period": "2026Q1"})
    assert log.last().detail == {"refused": "The form could not be trusted", "status": 400}
    for _ in range(2):
        client.send("/evaluation/runs/compute", period="2026Q1", once="a" * 32)
    assert log.last().detail["status"] == 409


def test_a_wrong_password_is_an_event(log: Log, client_as: Callable[[str], Client]) -> None:
    client_as("").send("/accounts/sessions/open", account="office", password="wrong")
    event = log.last()
    assert (event.act, event.account, event.detail) == ("accounts:session:open", "office", {"refused": "password"})


def test_many_refusals_are_recorded_up_to_a_limit_and_then_counted(
    log: Log, client_as: Callable[[str], Client]
) -> None:
    client = client_as("c1.reporter")
    before = log.count()
    for _ in range(REFUSALS + 7):
        assert client.get("/funds/totals/list").status_code == 403
    assert log.count() == before + REFUSALS

    def counted(minutes: int) -> int:
        return log.ask(lambda: services.count_refusals(now=CLOCK + timedelta(minutes=minutes)))

    assert counted(1) == 0  # the minute may not be over everywhere
    assert counted(2) == 1
    assert counted(2) == 0
    event = log.last()
    assert (event.act, event.account, event.alliance_id) == ("audit:refusal:count", "c1.reporter", 1)
    assert event.detail["count"] == 7
    log.app.config["CLOCK"] = lambda: CLOCK + timedelta(minutes=3)
    client.get("/funds/totals/list")
    assert log.count() == before + REFUSALS + 2


def test_a_refusal_that_cannot_be_recorded_does_not_break_the_answer(
    log: Log, client_as: Callable[[str], Client], caplog: pytest.LogCaptureFixture
) -> None:
    client = client_as("c1.reporter")
    with log.app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP TABLE refusal_tally"))
    assert client.get("/funds/totals/list").status_code == 403
    assert "an event could not be recorded" in caplog.text


def test_every_file_that_leaves_is_an_event(log: Log, client_as: Callable[[str], Client]) -> None:
    """Every door is opened with a role that may; whoever answers with a file must have recorded it."""
    exports = []
    for role in ("office", "reporter", "auditor"):
        client = client_as(ACCOUNTS[role])
        for (endpoint, method), (path, may) in DOORS.items():
            if method == "GET" and role in may:
                before = log.count()
                answer = client.get(path)
                if "attachment" in answer.headers.get("Content-Disposition", ""):
                    event = log.last()
                    assert log.count() == before + 1, endpoint
                    assert event.act == log.app.view_functions[endpoint].act  # type: ignore[attr-defined]
                    assert event.detail["export"] in ("xlsx", "toml", "csv", "pdf")
                    exports.append(endpoint)
                elif answer.status_code == 200 and endpoint not in PUBLIC | FILES:
                    assert answer.mimetype == ("application/json" if endpoint in OFFERED else "text/html"), endpoint
    assert set(exports) >= {
        "evaluation.export_scheme", "indicators.download_template", "members.export_workbook", "audit.export_event",
        "indicators.download_standard", "indicators.download_own_template",
    }  # fmt: skip


def test_a_file_that_is_handed_out_past_the_log_does_not_leave(log: Log, client_as: Callable[[str], Client]) -> None:
    from flask import Response

    def view() -> Response:
        return Response(b"all of it", mimetype="application/pdf")

    view.act = Act.DESK_HOME_READ  # type: ignore[attr-defined]
    log.app.add_url_rule("/leak", "leak", view)
    client = client_as("office")
    with pytest.raises(RuntimeError, match="without an event"):
        client.get("/leak")
    with log.app.test_request_context("/"):
        assert attachment(b"x", "a.pdf", "application/pdf", "x:y").headers["Content-Disposition"]


def test_what_somebody_from_elsewhere_opens_is_an_event_once_an_hour(
    log: Log, client_as: Callable[[str], Client]
) -> None:
    page = "/indicators/submissions/read/2026-03/C1"
    before = log.count()
    own = client_as("c1.reporter")
    own.get(page)
    assert log.count() == before + 1  # signing in
    office = client_as("office")
    for _ in range(3):
        office.get(page)
    assert log.count() == before + 3
    log.app.config["CLOCK"] = lambda: CLOCK + timedelta(hours=2)
    office = client_as("office")
    office.get(page)
    event = log.last()
    assert (event.subject, event.detail) == ("door:C1/indicators.read_submission/2026-03", {"opened": True})
    assert log.count() == before + 5


def verdict() -> queries.Verdict:
    db.session.rollback()
    with db.engine.connect() as connection:
        return queries.verify(connection)


def behind_the_back(*statements: str) -> None:
    """Change what is kept as somebody would who owns the database: without triggers, which are put back."""
    db.session.rollback()
    with db.engine.begin() as connection:
        unguard(connection)
        for statement in statements:
            connection.execute(text(statement))
        guard(connection)


def told(found: queries.Verdict) -> list[tuple[str, str]]:
    return [(finding.what, finding.wrong) for finding in found.findings]


def test_a_log_that_nobody_touched_is_whole(inside: Flask) -> None:
    services.seal_events(now=at(20), limit=30)
    services.seal_events(now=at(20, hour=3), limit=30)
    found = verdict()
    assert told(found) == []
    assert (found.seals, found.unsealed) == (2, db.session.query(Event).count() - 60)
    assert found.events == db.session.query(Event).count()
    assert found.last == queries.last_seal()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE event SET account = 'other' WHERE id = 35", [("event 35", "was changed after it was sealed")]),
        ("UPDATE event SET detail = '{\"x\": 1}' WHERE id = 35", [("event 35", "was changed after it was sealed")]),
        ("UPDATE event SET at = '2026-01-01 00:00:00+00' WHERE id = 1",
            [("event 1", "was changed after it was sealed")]),
        ("UPDATE event SET alliance_id = CASE WHEN alliance_id IS NULL THEN 1 END WHERE id = 60",
            [("event 60", "was changed after it was sealed")]),
        ("DELETE FROM event WHERE id = 31", [("event 31", "was removed after it was sealed")]),
        ("DELETE FROM event WHERE id = 60", [("event 60", "was removed after it was sealed")]),
        (
            "DELETE FROM event WHERE id > 58 AND id < 61",
            [("event 59", "was removed after it was sealed"), ("event 60", "was removed after it was sealed")],
        ),
        (
            "INSERT INTO event (id, at, act, subject, account, detail) "
            "VALUES (0, '2026-01-01 00:00:00+00', 'x', 'x', 'x', '{}')",
            [("event 0", "was put in after the others around it were sealed")],
        ),
        ("UPDATE event_seal SET at = '2026-01-01 00:00:00+00' WHERE id = 1",
            [("seal 1", "does not follow from the seal before it and its own row")]),
        ("UPDATE event_seal SET count = 7 WHERE id = 2",
            [("seal 2", "does not follow from the seal before it and its own row"),
             ("events 31 to 60", "are not what seal 2 holds; which of them, cannot be told")]),
        ("UPDATE event_seal SET leaves = NULL WHERE id = 2",
            [("seal 2", "has lost the list of its events")]),
    ],
)  # fmt: skip
def test_what_was_changed_behind_the_triggers_is_found_and_named(
    inside: Flask, statement: str, what: list[tuple[str, str]]
) -> None:
    for _ in range(2):
        services.seal_events(now=at(20), limit=30)
    behind_the_back(statement)
    found = verdict()
    assert [one for one in told(found) if one[0] != "events 1 to 30" or one in what] == what


def test_a_seal_that_was_removed_is_found(inside: Flask) -> None:
    for _ in range(3):
        services.seal_events(now=at(20), limit=20)
    behind_the_back("DELETE FROM event_seal WHERE id = 2")
    assert ("seal 2", "was removed") in told(verdict())


def test_a_missing_event_that_was_never_sealed_is_found_where_the_database_gives_every_number(
    inside: Flask, backend: str
) -> None:
    services.seal_events(now=at(20), limit=30)
    behind_the_back("DELETE FROM event WHERE id = 40")
    found = verdict()
    if backend == "sqlite":
        assert told(found) == [("event 40", "is missing; it was never sealed")]
        services.seal_events(now=at(21))
        assert ("event 40", "is missing; it was never sealed") in told(verdict())
    else:
        assert found.unused >= 1


def test_lost_triggers_are_found(inside: Flask) -> None:
    with db.engine.begin() as connection:
        unguard(connection)
    assert {what for what, _ in told(verdict())} == {f"table {table}" for table in APPEND_ONLY}


def test_a_truncated_end_is_found_against_a_copy_kept_elsewhere(inside: Flask, tmp_path: Path) -> None:
    run = inside.test_cli_runner()
    for _ in range(3):
        services.seal_events(now=at(20), limit=20)
    printed = run.invoke(args=["audit", "seal", "--print"])
    copy = tmp_path / "chain.txt"
    copy.write_text(printed.stdout)
    assert len(copy.read_text().splitlines()) == 4
    whole = run.invoke(args=["audit", "verify", "--against", str(copy)])
    assert (whole.exit_code, whole.output.splitlines()[-1]) == (0, "audit: the log is whole")
    behind_the_back("DELETE FROM event WHERE id > 40", "DELETE FROM event_seal WHERE id > 2")
    assert run.invoke(args=["audit", "verify"]).exit_code == 0  # by itself it cannot be known
    cut = run.invoke(args=["audit", "verify", "--against", str(copy)])
    assert cut.exit_code == 1
    assert "seal 3 stands in the copy kept elsewhere and is not there any more" in cut.output
    assert "Error: The log is not what it was: 2 things are wrong." in cut.output


def test_the_command_says_clearly_what_it_cannot_do(inside: Flask, tmp_path: Path) -> None:
    run = inside.test_cli_runner()
    nowhere = run.invoke(args=["audit", "verify", "--database", f"sqlite:///{tmp_path}/none.sqlite3"])
    assert (nowhere.exit_code, "There is no database at" in nowhere.output) == (1, True)
    assert not (tmp_path / "none.sqlite3").exists()
    other = create_engine(f"sqlite:///{tmp_path}/other.sqlite3")
    with other.begin() as connection:
        connection.execute(text("CREATE TABLE x (y)"))
    other.dispose()
    strange = run.invoke(args=["audit", "verify", "--database", f"sqlite:///{tmp_path}/other.sqlite3"])
    assert (strange.exit_code, "The log cannot be read: no such table" in strange.output) == (1, True)


def test_differences_walk_two_lists_side_by_side() -> None:
    left = [(1, b"a"), (2, b"b"), (4, b"d")]
    assert list(differences(left, left)) == []
    assert list(differences(left, [(1, b"a"), (2, b"x"), (3, b"c")])) == [
        (2, "edited"), (3, "inserted"), (4, "removed")
    ]  # fmt: skip


def test_every_act_has_its_words_and_the_log_is_read_in_both_languages(
    log: Log, client_as: Callable[[str], Client]
) -> None:
    assert [act for act in Act if act not in ACTS] == []
    auditor = client_as("auditor")
    chinese = auditor.get("/audit/events/list").get_data(as_text=True)
    assert "谁做了什么？" in chinese
    auditor.send("/accounts/languages/choose", lang="en")
    english = auditor.get("/audit/events/list").get_data(as_text=True)
    assert "Choose the language" in english
    assert not re.search(r"[a-z]+:[a-z]+:[a-z]+<", english)


def test_every_subject_that_verbs_record_has_its_words(inside: Flask) -> None:
    evaluation.compute_run(1, "2026Q1", by=by("office"), now=at(20))
    kinds = {subject.partition(":")[0] for subject in db.session.scalars(select(Event.subject).distinct())}
    assert kinds - SUBJECTS.keys() == set()


def test_the_log_is_filtered_by_its_address(log: Log, client_as: Callable[[str], Client]) -> None:
    reader = client_as("c1.reporter")
    reader.get("/funds/totals/list")
    auditor = client_as("auditor")

    def rows(**wanted: str) -> list[str]:
        page = auditor.get("/audit/events/list", query_string=wanted).get_data(as_text=True)
        return re.findall(r"/audit/events/read/(\d+)", page)

    def ids(*where: object) -> list[str]:
        found = select(Event.id).where(*where).order_by(Event.at.desc(), Event.id.desc()).limit(50)  # type: ignore[arg-type]
        return log.ask(lambda: [str(number) for number in db.session.scalars(found)])

    assert rows(kind="refused") == ids(Event.account == "c1.reporter", Event.act == "funds:total:list")
    assert rows(account="chair") == ids(Event.account == "chair")
    assert rows(act="indicators:submission:sign") == ids(Event.act == "indicators:submission:sign")
    assert rows(subject="submission:C3/2026-02") == ids(Event.subject == "submission:C3/2026-02")
    assert rows(subject="submission:C3/") == ids(Event.subject.like("submission:C3/%"))
    assert rows(since="2026-04-08", until="2026-04-08") == ids(Event.at == at(8))
    assert rows(account="nobody") == []
    assert len(rows(since="not a day")) == 50


def test_leafing_through_shows_every_event_once(log: Log, client_as: Callable[[str], Client]) -> None:
    auditor = client_as("auditor")
    seen: list[str] = []
    path = "/audit/events/list"
    while path:
        page = auditor.get(path).get_data(as_text=True)
        seen += re.findall(r"/audit/events/read/(\d+)", page)
        older = re.search(r'href="([^"]+before=[^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert len(seen) == len(set(seen))
    # What no alliance has and no account of this alliance did is not theirs: `system` made the accounts.
    foreign = select(Event.id).where(Event.alliance_id.is_(None), Event.account == "system")
    theirs, whole = log.ask(lambda: (set(db.session.scalars(foreign)), set(db.session.scalars(select(Event.id)))))
    assert set(map(int, seen)) | theirs == whole


def test_an_event_opens_with_before_and_after_and_its_seal(log: Log, client_as: Callable[[str], Client]) -> None:
    filing = select(Event.id).where(Event.act == "indicators:reading:file").order_by(Event.id)
    number = log.ask(lambda: db.session.scalars(filing).first())
    assert number
    auditor = client_as("auditor")
    assert "尚未封存" in auditor.get(f"/audit/events/read/{number}").get_data(as_text=True)
    log.ask(lambda: services.seal_events(now=at(20)))
    page = auditor.get(f"/audit/events/read/{number}").get_data(as_text=True)
    seal = log.ask(lambda: queries.seal_of(number))
    assert seal
    assert seal.seal in page
    assert ">20</td>" in page
    assert auditor.get("/audit/events/read/999999").status_code == 404


def test_the_log_of_another_alliance_is_not_found(log: Log, client_as: Callable[[str], Client]) -> None:
    who = Actor("elsewhere")

    def done_elsewhere() -> None:
        other = members.found_alliance("OTHER", "他", "Other", by=who, now=CLOCK)
        with transaction() as session:
            services.record(session, Act.FUNDS_TOTAL_FILE, "totals:2026Q9", by=who, now=CLOCK, alliance=other)

    log.ask(done_elsewhere)
    number = log.last().id
    auditor = client_as("auditor")
    assert auditor.get(f"/audit/events/read/{number}").status_code == 404
    assert "/audit/events/read/" not in auditor.get("/audit/events/list?account=elsewhere").get_data(as_text=True)


def test_a_blind_rating_is_not_told_to_auditor_or_member(log: Log, client_as: Callable[[str], Client]) -> None:
    now = at(20)
    log.ask(
        lambda: evaluation.enter_rating(
            1, "2026Q1", "peers", "C1", Decimal("91.37"), 4, "minutes", by=by("office"), now=now
        )
    )
    number = log.last().id
    auditor = client_as("auditor")
    assert "91.37" not in auditor.get(f"/audit/events/read/{number}").get_data(as_text=True)
    rows = list(
        csv.DictReader(StringIO(auditor.get("/audit/events/export/csv").get_data(as_text=True).lstrip("\ufeff")))
    )
    assert [row["detail"] for row in rows if row["act"] == "evaluation:rating:enter"] == [""]
    lead = client_as("c1.lead")
    page = lead.get("/audit/touches/list/C1").get_data(as_text=True)
    assert "91.37" not in page
    assert log.ask(lambda: queries.ratings_of(1, "C1", CLOCK)) == [("2026-04", 1)]
    assert "2026年4月" in page
    assert log.ask(lambda: queries.ratings_of(1, "C1", now)) == []  # the running month is not shown
    shown = log.ask(lambda: queries.touches(1, "C1", limit=1000))
    assert [event.act for event in shown if "rating" in event.act] == []


def test_a_member_reads_who_touched_its_data_and_nobody_elses(log: Log, client_as: Callable[[str], Client]) -> None:
    office = client_as("office")
    office.get("/indicators/submissions/read/2026-03/C1")
    office.get("/indicators/submissions/read/2026-03/C2")
    client_as("c2.reporter").get("/indicators/submissions/read/2026-03/C1")
    lead = client_as("c1.lead")
    page = lead.get("/audit/touches/list/C1").get_data(as_text=True)
    assert "查看填报情况" in page
    shown = log.ask(lambda: queries.touches(1, "C1", limit=1000))
    assert {event.account for event in shown} >= {"c1.reporter", "c1.lead", "office", "office2", "c2.reporter"}
    assert all("C1" in event.subject for event in shown)
    assert [event.kind for event in shown if event.account == "c2.reporter"] == ["refused"]
    assert lead.get("/audit/touches/list/C2").status_code == 404
    assert "/audit/touches/list/C1" in lead.get("/indicators/submissions/read/2026-03/C1").get_data(as_text=True)


def test_the_log_is_exported_as_it_is_filtered(log: Log, client_as: Callable[[str], Client]) -> None:
    auditor = client_as("auditor")
    answer = auditor.get("/audit/events/export/csv?account=chair")
    rows = list(csv.DictReader(StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert {row["account"] for row in rows} == {"chair"}
    assert len(rows) == log.ask(lambda: db.session.query(Event).where(Event.account == "chair").count())
    book = auditor.get("/audit/events/export/xlsx?account=chair")
    frame = pandas.read_excel(BytesIO(book.data), engine="calamine", dtype=str, na_filter=False)
    assert frame.to_dict("records") == rows
    event = log.last()
    assert (event.act, event.subject, event.detail) == ("audit:event:export", "events:log", {"export": "xlsx"})


def test_the_auditor_reads_the_log_and_the_people_and_no_figures() -> None:
    assert ROLES["auditor"] == RUNNING | PEOPLE | {Act.AUDIT_EVENT_LIST, Act.AUDIT_EVENT_READ, Act.AUDIT_EVENT_EXPORT}
    assert Act.DESK_FIGURE_READ not in ROLES["auditor"]
