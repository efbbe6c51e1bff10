"""Surveys in the field: who may bring what into it, and that nothing leads from an answer to who gave it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from alliance.audit.models import Event
from alliance.core.refused import NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import Base, db, table_of
from alliance.desk.queries.tasks import Asked, Own, fielding
from alliance.jobs import timed
from alliance.ratings import queries, services
from alliance.ratings.models import SurveyAnswer, SurveyCell, SurveyLink, SurveyText, SurveyUrn
from alliance.ratings.queries import PaperForm
from alliance.ratings.rules.fieldwork import KIOSK, members_told, told
from alliance.ratings.rules.questions import read_questionnaire, read_reply
from tests.ratings.fielding import CLOSES, TODAY, links, reply, survey, ticked
from tests.small import CLOCK, by


def count(model: type[Base]) -> int:
    return len(db.session.execute(select(*table_of(model).columns)).all())


def test_the_shipped_questionnaires_are_whole_and_short() -> None:
    for code in queries.SHIPPED:
        one = queries.shipped(code)
        assert len(one.questions) <= 15
        assert read_questionnaire(one.content) == one
    patients = {question.dimension for question in queries.shipped("outpatient").questions if question.scored}
    assert patients == {"environment", "communication", "waiting", "continuity"}


def test_a_published_version_never_changes_and_a_new_one_is_offered(inside: Flask) -> None:
    survey()
    content = queries.shipped("outpatient").content
    with pytest.raises(Refused, match="Begin a new version"):
        services.edit_survey(1, "outpatient", 1, content, by=by("office"), now=CLOCK)
    assert services.draft_survey(1, "outpatient", "", by=by("office"), now=CLOCK) == 2
    with pytest.raises(Refused, match="draft of this questionnaire already"):
        services.draft_survey(1, "outpatient", "", by=by("office"), now=CLOCK)


def test_a_draft_keeps_what_is_not_whole_and_is_not_published_like_that(inside: Flask) -> None:
    services.draft_survey(1, "staff", "staff", by=by("office"), now=CLOCK)
    content = queries.shipped("staff").content
    content["questions"][0]["en"] = ""
    services.edit_survey(1, "staff", 1, content, by=by("office"), now=CLOCK)
    with pytest.raises(Refused) as told_:
        services.publish_survey(1, "staff", 1, by=by("office"), now=CLOCK)
    assert [problem.where for problem in told_.value.problems] == ["questions.1.en"]


def test_a_cell_under_five_is_refused_and_a_raised_one_is_never_lowered(inside: Flask) -> None:
    with pytest.raises(Refused) as told_:
        survey(least=4)
    assert "at least 5" in str(told_.value)
    wave = services.open_wave(1, "outpatient", 1, "2026Q2", TODAY, CLOSES, 5, by=by("office"), now=CLOCK)
    services.raise_wave(1, wave, 8, by=by("office"), now=CLOCK)
    with pytest.raises(Refused, match="never lowered"):
        services.raise_wave(1, wave, 7, by=by("office"), now=CLOCK)


def test_one_link_takes_one_answer_and_the_mark_of_the_link_comes_with_it(inside: Flask) -> None:
    wave = survey()
    token, other = links(wave, 2)
    services.give_answer(token, reply(), today=TODAY)
    with pytest.raises(NotFound):
        services.give_answer(token, reply(), today=TODAY)
    with pytest.raises(NotFound):
        services.refuse_answer(token, today=TODAY)
    services.refuse_answer(other, today=TODAY)
    assert sorted(db.session.scalars(select(SurveyLink.state))) == ["refused", "used"]
    assert count(SurveyUrn) == 1


@pytest.mark.parametrize("day", [date(2026, 4, 30), CLOSES + timedelta(days=1)])
def test_before_its_first_day_and_after_its_last_a_survey_takes_nothing(inside: Flask, day: date) -> None:
    (token,) = links(survey(), 1)
    assert queries.address(token, TODAY) is not None
    assert queries.address(token, day) is None
    with pytest.raises(NotFound):
        services.give_answer(token, reply(), today=day)
    assert list(db.session.scalars(select(SurveyLink.state))) == ["open"]
    assert count(SurveyUrn) == 0


def test_a_revoked_and_a_guessed_address_are_the_same(inside: Flask) -> None:
    wave = survey()
    (token,) = links(wave, 1)
    services.revoke_link(1, wave, "C1", "", "once", by=by("office"), now=CLOCK)
    assert queries.address(token, TODAY) is queries.address("guessed-" + token, TODAY) is None


def test_addresses_about_a_doctor_that_nobody_is_are_refused(inside: Flask) -> None:
    wave = survey()
    with pytest.raises(Refused, match="has the number 9999"):
        services.make_link(1, wave, ("H1", "D1", "9999"), "once", 3, by=by("office"), now=CLOCK)
    assert count(SurveyLink) == 0
    assert len(services.make_link(1, wave, ("H1", "D1", "0002"), "once", 3, by=by("office"), now=CLOCK)) == 3


def test_a_screen_takes_many_answers(inside: Flask) -> None:
    (token,) = links(survey(), 1, kind=KIOSK)
    for _ in range(3):
        services.give_answer(token, reply(), today=TODAY)
    assert count(SurveyUrn) == 3
    assert list(db.session.scalars(select(SurveyLink.state))) == ["open"]


def test_the_urn_is_emptied_only_when_enough_lies_in_it(inside: Flask) -> None:
    wave = survey()
    tokens = links(wave, 10)
    for token in tokens[:9]:
        services.give_answer(token, reply(), today=TODAY)
    assert services.mix_answer(by=by("office"), now=CLOCK) == 0
    services.give_answer(tokens[9], reply(words="Too long a wait"), today=TODAY)
    assert services.mix_answer(by=by("office"), now=CLOCK) == 10
    assert (count(SurveyUrn), count(SurveyAnswer), count(SurveyText)) == (0, 10, 1)


def test_closing_counts_everything_and_takes_nothing_more(inside: Flask) -> None:
    wave = survey()
    tokens = links(wave, 8)
    for number, token in enumerate(tokens[:7]):
        services.give_answer(token, reply(mark="5" if number < 4 else "2"), today=TODAY)
    assert services.close_wave(1, wave, by=by("office"), now=CLOCK) == 7
    cells = {(row.question, row.option): row.count for row in db.session.scalars(select(SurveyCell))}
    assert cells["", ""] == 7
    assert cells["clean", "5"] == 4
    assert cells["clean", "2"] == 3
    assert len(queries.waves(1)[0].digest) == 64
    with pytest.raises(NotFound):
        services.give_answer(tokens[7], reply(), today=TODAY)
    with pytest.raises(Refused, match="closed"):
        services.close_wave(1, wave, by=by("office"), now=CLOCK)


def test_no_column_but_the_place_is_common_to_links_and_answers(inside: Flask) -> None:
    schema = inspect(db.engine)
    place = {"wave_id", "institution", "department", "person"}
    linked = {column["name"] for column in schema.get_columns("survey_link")}
    for table in ("survey_urn", "survey_answer", "survey_text"):
        columns = schema.get_columns(table)
        assert linked & {column["name"] for column in columns} - {"state"} <= place
        assert not any("TIME" in str(column["type"]).upper() or "DATE" in str(column["type"]) for column in columns)
        assert {key["referred_table"] for key in schema.get_foreign_keys(table)} == {"survey_wave"}
    assert not any("TIME" in str(column["type"]).upper() for column in schema.get_columns("survey_link"))


def test_no_join_leads_from_an_answer_to_a_link(inside: Flask, backend: str) -> None:
    """Not by a value, not by the order of rows, not by the number of a transaction; and nothing else keeps one."""
    wave = survey()
    tokens = links(wave, 30)
    given = {}
    for number, token in enumerate(tokens):
        given[token] = f"remark {number:02}"
        services.give_answer(token, reply(mark=str(number % 5 + 1), words=given[token]), today=TODAY)
        if number == 14:
            services.mix_answer(by=by("office"), now=CLOCK)
    assert count(SurveyAnswer) == 15
    _lead_nowhere((SurveyAnswer, SurveyText), tokens, backend)
    ticked_ = [json.loads(row) for row in db.session.scalars(text("SELECT answers FROM survey_answer"))]
    assert not any("words" in one for one in ticked_)
    services.close_wave(1, wave, by=by("office"), now=CLOCK)
    assert count(SurveyAnswer) == 0
    _lead_nowhere((SurveyText,), tokens, backend)
    if backend == "postgresql":
        assert len(set(db.session.scalars(text("SELECT xmin::text FROM survey_link")))) == 1
    written = list(db.session.scalars(text("SELECT text FROM survey_text")))
    assert sorted(written) == sorted(given.values())
    assert written != sorted(written)  # one order in 30! is that in which they came


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite lays rows by when they were made
def test_marks_of_links_do_not_lie_in_the_order_of_the_batches(inside: Flask) -> None:
    """PostgreSQL lays a changed row behind the others: the marks would lie as the answers do, batch by batch, and the
    one answer of a department in a batch would be that of its one link there."""
    wave = survey()
    tokens = links(wave, 300)
    batches = [tokens[at : at + 60] for at in range(0, 300, 60)]
    for batch in batches:
        for token in batch:
            services.give_answer(token, reply(), today=TODAY)
        services.mix_answer(by=by("office"), now=CLOCK)
    came = {queries.hashed(token): number for number, batch in enumerate(batches) for token in batch}
    lie = [came[token] for token in db.session.scalars(text("SELECT token FROM survey_link ORDER BY ctid"))]
    assert len(lie) == 300
    neighbours = sum(a == b for a, b in pairwise(lie))
    assert neighbours < 120  # of one batch: a fifth, 60, by chance; nearly all where they lie batch by batch


def _lead_nowhere(models: tuple[type[Base], ...], tokens: Iterable[str], backend: str) -> None:
    kept = {queries.hashed(token) for token in tokens}
    values = {
        str(value) for model in models for row in db.session.execute(select(*table_of(model).columns)) for value in row
    }
    assert not values & (kept | set(tokens))
    for model in models:
        table = model.__tablename__
        hidden = "xmin::text" if backend == "postgresql" else "wave_id"
        assert len(set(db.session.scalars(text(f"SELECT {hidden} FROM {table}")))) == 1


def test_what_is_kept_of_a_closed_survey_tells_no_small_place(inside: Flask) -> None:
    """A department of two and a doctor of one lie in the rest, in the counts and of what was written; what is told of
    all is told as if they did not."""
    wave = survey()
    places = {("D1", "0001"): 1, ("D1", "0002"): 6, ("D2", ""): 6, ("D3", ""): 2}
    for (department, person), how_many in places.items():
        for _ in range(how_many):
            row = {"institution": "C1", "department": department, "person": person}
            given = {"answers": json.dumps(ticked()), "texts": json.dumps({"words": f"about {department}"})}
            db.session.add(SurveyUrn(key=secrets.token_hex(16), wave_id=wave, **row, **given))
    db.session.commit()
    services.close_wave(1, wave, by=by("office"), now=CLOCK)
    rows = db.session.execute(select(SurveyCell.department, SurveyCell.person, SurveyCell.count).where(
        SurveyCell.question == ""
    )).all()  # fmt: skip
    assert sum(row.count for row in rows) == 15
    assert all(row.count >= 5 for row in rows)
    assert {row.department for row in rows} == {"D1", "*"}
    assert set(db.session.scalars(select(SurveyText.department))) == {"D1", ""}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # the log of PostgreSQL lies with its server
def test_the_log_of_sqlite_keeps_no_answer_beside_its_link(inside: Flask) -> None:
    """It holds a transaction for each answer until others are written over it, with the mark of the link."""
    tokens = links(survey(), 12)
    for number, token in enumerate(tokens):
        services.give_answer(token, reply(words=f"remark {number:02}"), today=TODAY)
    log = Path(f"{db.engine.url.database}-wal")
    assert b"remark 03" in log.read_bytes()
    db.session.remove()
    timed.mix_answers(CLOCK)
    assert not log.stat().st_size
    assert count(SurveyAnswer) == 12


def test_events_jobs_and_receipts_hold_nothing_of_a_single_answer(inside: Flask) -> None:
    wave = survey()
    tokens = links(wave, 12)
    before = db.session.scalar(text("SELECT count(*) FROM event"))
    for token in tokens:
        services.give_answer(token, reply(words="secret words"), today=TODAY)
    assert db.session.scalar(text("SELECT count(*) FROM event")) == before
    services.mix_answer(by=by("office"), now=CLOCK)
    events = db.session.execute(select(Event.subject, Event.detail).order_by(Event.id.desc()).limit(1)).one()
    assert (events.subject, events.detail) == (f"wave:{wave}", {"answers": 12})
    whole = [*tokens, *map(queries.hashed, tokens), "secret words"]
    for table in inspect(db.engine).get_table_names():
        if table not in ("survey_link", "survey_text"):
            rows = "\n".join(map(str, db.session.execute(text(f'SELECT * FROM "{table}"')).all()))
            assert not [one for one in whole if one in rows], table


def test_paper_forms_are_taken_once_and_tell_how_many_were_handed_out(inside: Flask) -> None:
    wave = survey()
    forms = [PaperForm(line, ("C1", "", ""), reply()) for line in range(2, 14)]
    taken = services.import_answer(1, wave, forms, {("C1", ""): 20}, "file", by=by("office"), now=CLOCK)
    assert (taken.forms, taken.handed) == (12, 20)
    (line,) = queries.field(wave, 5).places
    assert (line.handed, line.used, line.percent) == (20, 12, 60)
    with pytest.raises(Refused, match="taken already"):
        services.import_answer(1, wave, forms, {}, "file", by=by("office"), now=CLOCK)


def test_every_wrong_cell_of_paper_forms_is_told_and_nothing_is_taken(inside: Flask) -> None:
    wave = survey()
    wrong = reply()
    wrong.answers["clean"] = "6"
    forms = [PaperForm(2, ("C9", "", ""), reply()), PaperForm(3, ("C1", "", ""), wrong)]
    with pytest.raises(Refused) as told_:
        services.import_answer(1, wave, forms, {}, "file", by=by("office"), now=CLOCK)
    assert [problem.where for problem in told_.value.problems] == ["2/institution", "3/clean"]
    assert count(SurveyUrn) == 0


def test_few_are_not_told_nor_what_would_tell_them() -> None:
    counts = {("H1", "D1"): {"used": 3, "open": 7}, ("H1", "D2"): {"used": 9}, ("H1", "N1"): {"used": 20, "refused": 6}}
    lines = {line.department: line for line in told(counts, 5)}
    assert (lines["D1"].used, lines["D1"].handed) == (None, 10)
    assert lines["D2"].used is None
    assert (lines["N1"].used, lines["N1"].refused) == (20, 6)


def test_no_small_number_is_found_by_taking_places_from_their_member() -> None:
    counts = {
        ("H1", "A"): {"used": 20, "refused": 5}, ("H1", "B"): {"used": 1, "open": 9},
        ("H1", "C"): {"used": 2, "refused": 1}, ("H1", "D"): {"used": 7},
    }  # fmt: skip
    lines = told(counts, 5)
    (whole,) = members_told(lines, counts, 5)
    assert [line.department for line in lines if line.told] == ["A"]  # B and C alone would come to 3
    assert whole.used == 30
    assert (whole.refused, {line.refused for line in lines}) == (6, {None})


def test_revoking_what_is_open_does_not_tell_how_many_came_back() -> None:
    counts = {("H1", "A"): {"used": 20, "revoked": 4}, ("H1", "B"): {"used": 6}, ("H1", "C"): {"used": 1, "revoked": 9}}
    assert [line.handed for line in told(counts, 5)] == [20, 6, 10]


def test_half_a_form_keeps_what_was_ticked_and_tells_what_is_open() -> None:
    asked = queries.shipped("outpatient")
    found, problems = read_reply(asked, {"clean": "5", "signs": "9", "words": "w" * 10_000})
    assert found.answers == {"clean": "5"}
    assert {problem.where for problem in problems} >= {"signs", "recommend", "words"}
    assert not any("9" in problem.value for problem in problems)


def test_a_low_response_is_told_before_the_end(inside: Flask) -> None:
    wave = survey()
    links(wave, 30)
    one = queries.waves(1)[0]
    assert queries.slow(one, TODAY) == []
    assert [line.institution for line in queries.slow(one, CLOSES - timedelta(days=2))] == ["C1"]
    later = CLOCK + timedelta(days=18)
    services.remind_wave(1, wave, 3, by=by("office"), now=later)


def test_the_worker_reminds_once_and_closes_what_has_ended(inside: Flask) -> None:
    wave = survey()
    links(wave, 12)
    reminded = select(Event.id).where(Event.act == "ratings:wave:remind")
    for _ in range(2):
        timed.close_waves(datetime.combine(CLOSES - timedelta(days=3), time(2), UTC))
    assert len(db.session.scalars(reminded).all()) == 1
    timed.close_waves(datetime.combine(CLOSES, time(2), UTC))
    assert queries.waves(1)[0].closed_at is None
    timed.close_waves(datetime.combine(CLOSES + timedelta(days=1), time(2), UTC))
    assert queries.waves(1)[0].closed_at is not None


def test_the_office_is_told_what_to_do_about_a_survey(inside: Flask) -> None:
    wave = survey()
    scope = Scope(1, "office", "H1", frozenset({"office"}), institutions=None)

    def waiting(day: date) -> list[str]:
        now = datetime.combine(day, time(2), UTC)
        return [task.what for task in fielding.in_the_field(Asked(scope, now, Own(), now))]

    assert waiting(TODAY) == ["hand_out"]
    links(wave, 12)
    assert waiting(TODAY) == []
    assert waiting(CLOSES) == ["slow_wave"]
    assert waiting(CLOSES + timedelta(days=1)) == ["close_wave"]
