"""The pages of surveys: that of an address, which knows nobody, and those of whoever hands out."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from alliance.db import db
from alliance.ratings import queries, services
from alliance.ratings.models import SurveyLink, SurveyUrn
from alliance.ratings.rules.fieldwork import KIOSK, KIOSK_ANSWERS, MOST_SHEETS
from tests.conftest import Client
from tests.ratings.fielding import CLOSES, OPENS, links, survey, ticked
from tests.small import CLOCK, by

Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def clock(app: Flask) -> None:
    app.config["CLOCK"] = lambda: CLOCK


def fielded(app: Flask, kind: str = "once", many: int = 1) -> tuple[int, list[str]]:
    with app.app_context():
        wave = survey()
        return wave, links(wave, many, kind=kind)


def urn(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(select(SurveyUrn)).all())


def states(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(db.session.scalars(select(SurveyLink.state)))


def test_a_patient_reads_the_notice_answers_and_is_thanked(app: Flask, client_as: Clients) -> None:
    _wave, (token,) = fielded(app)
    client = client_as("")
    first = client.get(f"/s/{token}").get_data(as_text=True)
    assert "不影响您的就诊" in first
    assert "我愿意" in first
    page = client.get(f"/s/{token}?agreed=1")
    assert page.get_data(as_text=True).count('class="sv-question') == 15
    answer = client.post(f"/s/{token}", data=ticked())
    assert answer.status_code == 200
    assert "谢谢" in answer.get_data(as_text=True)
    assert urn(app) == 1
    for one in (page, answer):
        assert "Set-Cookie" not in one.headers
        assert one.headers["Cache-Control"] == "private, no-store"


def test_the_form_is_small_and_needs_no_script(app: Flask, client_as: Clients) -> None:
    _wave, (token,) = fielded(app)
    client = client_as("")
    page = client.get(f"/s/{token}?agreed=1").get_data()
    assert len(page) < 25_000
    assert b"<script" not in page
    assert re.findall(rb'(?:href|src)="(/static[^"?]+)', page) == [b"/static/survey.css"]
    assert (Path(app.root_path) / "static/survey.css").stat().st_size < 6_000


def test_rather_not_is_marked_and_harmless(app: Flask, client_as: Clients) -> None:
    _wave, (token,) = fielded(app)
    answer = client_as("").post(f"/s/{token}/refuse", data={"spoken": "en"})
    assert "Nothing of you was kept" in answer.get_data(as_text=True)
    assert states(app) == ["refused"]
    assert urn(app) == 0


def test_used_revoked_closed_and_guessed_addresses_show_the_same_page(app: Flask, client_as: Clients) -> None:
    wave, (used, revoked, left) = fielded(app, many=3)
    client = client_as("")
    client.post(f"/s/{used}", data=ticked())
    pages = {client.get(f"/s/{used}").get_data(), client.get("/s/never-made-by-anybody").get_data()}
    assert client.post(f"/s/{used}", data=ticked()).status_code == 404
    pages.add(client.post(f"/s/{used}", data=ticked()).get_data())
    pages.add(client.post("/s/never-made-by-anybody/refuse").get_data())
    with app.app_context():
        services.revoke_link(1, wave, "C1", "", "once", by=by("office"), now=CLOCK)
    pages |= {client.get(f"/s/{one}").get_data() for one in (revoked, left)}
    assert len(pages) == 1
    assert urn(app) == 1


def test_after_the_last_day_a_link_leads_nowhere(app: Flask, client_as: Clients) -> None:
    _wave, (token,) = fielded(app)
    client = client_as("")
    app.config["CLOCK"] = lambda: CLOCK + (CLOSES - OPENS) + timedelta(days=1)
    assert client.post(f"/s/{token}", data=ticked()).status_code == 404
    assert states(app) == ["open"]
    assert urn(app) == 0


def test_half_a_form_is_kept_and_told_and_the_other_language_keeps_it_too(app: Flask, client_as: Clients) -> None:
    _wave, (token,) = fielded(app)
    client = client_as("")
    half = {"clean": "2", "words": "字" * 10_000}
    page = client.post(f"/s/{token}", data=half)
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert 'name="clean" value="2" checked' in text
    assert "字" * 10_000 in text
    assert "10,000" in text
    assert 'href="#q-signs"' in text
    english = client.post(f"/s/{token}", data={"clean": "2", "lang": "en"})
    assert english.status_code == 200
    assert 'name="clean" value="2" checked' in english.get_data(as_text=True)
    assert "Cleanliness" in english.get_data(as_text=True)
    assert states(app) == ["open"]
    assert urn(app) == 0


def test_an_option_that_was_never_offered_is_no_answer(app: Flask, client_as: Clients) -> None:
    _wave, (token,) = fielded(app)
    assert client_as("").post(f"/s/{token}", data=ticked() | {"clean": "99"}).status_code == 422
    assert urn(app) == 0


def test_a_bot_at_a_screen_is_stopped_after_a_few(app: Flask, client_as: Clients) -> None:
    _wave, (token,) = fielded(app, KIOSK)
    client = client_as("")
    found = [client.post(f"/s/{token}", data=ticked()).status_code for _ in range(100)]
    assert found.count(200) == KIOSK_ANSWERS
    assert set(found) == {200, 429}
    assert urn(app) == KIOSK_ANSWERS
    assert 'http-equiv="refresh"' in client.get(f"/s/{token}?agreed=1").get_data(as_text=True)


def test_a_bot_at_a_link_gives_one_answer(app: Flask, client_as: Clients) -> None:
    _wave, (token,) = fielded(app)
    client = client_as("")
    found = [client.post(f"/s/{token}", data=ticked()).status_code for _ in range(100)]
    assert found.count(200) == 1
    assert urn(app) == 1


def test_who_is_signed_in_answers_as_nobody(app: Flask, client_as: Clients, caplog: pytest.LogCaptureFixture) -> None:
    _wave, (token,) = fielded(app)
    client = client_as("h1.nurse")
    with caplog.at_level(logging.INFO, "alliance.requests"):
        assert client.get(f"/s/{token}").status_code == 200
        assert client.post(f"/s/{token}", data=ticked()).status_code == 200
        assert client.get(f"/s/{token}").status_code == 404
    lines = [record.facts for record in caplog.records if record.name == "alliance.requests"]  # type: ignore[attr-defined]
    assert len(lines) == 3
    assert {line["account"] for line in lines} == {""}
    assert not any(token in str(line) or "/s/" in str(line) for line in lines)


def test_the_office_builds_a_questionnaire_and_brings_it_into_the_field(app: Flask, client_as: Clients) -> None:
    client = client_as("office")
    answer = client.send("/ratings/surveys/draft", code="outpatient", model="outpatient")
    assert answer.location == "/ratings/surveys/edit/outpatient/1"
    page = client.get(answer.location).get_data(as_text=True)
    assert page.count('class="card builder-question"') == 15
    fields = {}
    for name in ("title_zh", "title_en", "notice_zh", "notice_en"):
        fields[name] = "问卷" if name.endswith("zh") else "A survey"
    for place, question in enumerate(queries.shipped("outpatient").questions):
        part = {
            "zh": question.zh,
            "en": question.en,
            "kind": question.kind,
            "dimension": question.dimension,
            "code": question.code,
            "options": "\n".join(f"{o.code} | {o.zh} | {o.en}" for o in question.options),
        }
        part |= {name: "y" for name in ("required", "scored") if getattr(question, name)}
        fields |= {f"questions-{place}-{name}": value for name, value in part.items()}
    moved = client.send(answer.location, **fields, move="down-1")
    assert moved.status_code == 302
    with app.app_context():
        one = queries.survey(1, "outpatient", 1)
        assert one
        assert [question.code for question in one.questionnaire.questions][:2] == ["signs", "clean"]
    assert client.send("/ratings/surveys/publish/outpatient/1").status_code == 302
    assert "sv-phone" in client.get("/ratings/surveys/read/outpatient/1").get_data(as_text=True)
    refused = client.send(answer.location, **fields)
    assert refused.status_code == 422
    assert "新建版本" in refused.get_data(as_text=True)
    opened = client.send(
        "/ratings/waves/open", survey="outpatient/1", period="2026Q2", opens_on="2026-05-10", closes_on="2026-05-31",
        least="5",
    )  # fmt: skip
    assert opened.location == "/ratings/waves/read/1"
    for path in ("/ratings/surveys/list", "/ratings/waves/list", "/ratings/waves/read/1", "/ratings/links/make/1"):
        assert client.get(path).status_code == 200


def test_addresses_leave_as_slips_as_a_table_and_as_a_poster(app: Flask, client_as: Clients) -> None:
    wave, _tokens = fielded(app)
    client = client_as("office")
    path, place = f"/ratings/links/make/{wave}", {"institution": "C1", "department": ""}
    table = client.send(path, **place, form="table", count="3", once="a" * 32)
    assert table.mimetype == "text/csv"
    lines = table.get_data(as_text=True).splitlines()
    assert lines[0].endswith("institution,department,address")
    assert len(lines) == 4
    assert client.get(lines[1].split(",")[2].split("localhost")[1]).status_code == 200
    assert client.send(path, **place, form="table", count="3", once="a" * 32).status_code == 302
    assert len(states(app)) == 4
    slips = client.send(path, **place, form="sheets", count="2")
    poster = client.send(path, **place, form="kiosk", count="1")
    assert slips.get_data()[:5] == poster.get_data()[:5] == b"%PDF-"
    # Patients read the language that is chosen, not that of whoever prints.
    client.send("/accounts/languages/choose", lang="en")
    papers = [client.send(path, **place, form="sheets", count="1", language=one).get_data() for one in ("zh", "en")]
    zh, en = (pypdfium2.PdfDocument(one)[0].get_textpage().get_text_range() for one in papers)
    assert "How was" not in zh
    assert "How was" in en


def test_forms_from_paper_are_checked_before_they_are_taken(app: Flask, client_as: Clients) -> None:
    wave, _tokens = fielded(app)
    client, path = client_as("office"), f"/ratings/answers/import/{wave}"
    assert client.get(f"/ratings/answers/download/{wave}").status_code == 200
    codes = [question.code for question in queries.shipped("outpatient").questions]
    rows = ["institution,handed_out," + ",".join(codes)]
    rows += [",".join(["C1", "20", *(ticked()[code] for code in codes)]) for _ in range(6)]
    content = "\n".join(rows).encode()
    checked = client.send(path, file=(BytesIO(content), "forms.csv"), check="1")
    assert checked.status_code == 200
    assert urn(app) == 0
    taken = client.send(path, file=(BytesIO(content), "forms.csv"), apply="1")
    assert taken.status_code == 302
    assert urn(app) == 6
    wrong = content.replace(b",4,", b",7,", 1)
    assert client.send(path, file=(BytesIO(wrong), "forms.csv"), check="1").status_code == 422


def test_the_office_of_a_hospital_hands_out_for_its_own_units_only(app: Flask, client_as: Clients) -> None:
    with app.app_context():
        own, patients = survey("staff"), survey("outpatient")
    client = client_as("h1.bonus")
    assert client.get(f"/ratings/waves/read/{own}").status_code == 200
    assert client.get(f"/ratings/waves/read/{patients}").status_code == 404
    made = client.send(f"/ratings/links/make/{own}", institution="H1", department="D1", form="table", count="6")
    assert made.mimetype == "text/csv"
    foreign = client.send(f"/ratings/links/make/{own}", institution="H2", department="", form="table", count="6")
    assert foreign.status_code == 422
    assert client.send(f"/ratings/links/revoke/{own}", institution="H2", kind="once").status_code == 404


def test_a_wave_is_closed_once_confirmed(app: Flask, client_as: Clients) -> None:
    wave, tokens = fielded(app, many=6)
    for token in tokens:
        client_as("").post(f"/s/{token}", data=ticked())
    client = client_as("office")
    assert client.get(f"/ratings/waves/close/{wave}").status_code == 200
    assert client.send(f"/ratings/waves/close/{wave}").location == f"/ratings/waves/read/{wave}"
    assert client.send(f"/ratings/waves/raise/{wave}", least="9").status_code == 422
    page = client.get(f"/ratings/waves/read/{wave}").get_data(as_text=True)
    assert "100" in page


def test_more_slips_than_a_file_holds_are_refused_and_none_is_made(app: Flask, client_as: Clients) -> None:
    wave, _tokens = fielded(app)
    client, before = client_as("office"), len(states(app))
    sent = {"institution": "C1", "department": "", "form": "sheets", "count": str(MOST_SHEETS + 1)}
    assert client.send(f"/ratings/links/make/{wave}", **sent).status_code == 422
    assert len(states(app)) == before


def test_a_survey_that_ended_offers_no_addresses(app: Flask, client_as: Clients) -> None:
    wave, _tokens = fielded(app)
    client, make = client_as("office"), f"/ratings/links/make/{wave}"
    assert make in client.get(f"/ratings/waves/read/{wave}").get_data(as_text=True)
    app.config["CLOCK"] = lambda: CLOCK + timedelta(days=60)
    shown = client_as("office").get(f"/ratings/waves/read/{wave}").get_data(as_text=True)
    assert make not in shown
    assert f"/ratings/answers/import/{wave}" in shown  # paper that came in before the end


def test_a_character_that_no_database_keeps_is_refused_on_the_page_and_in_a_file(
    app: Flask, client_as: Clients
) -> None:
    wave, (token,) = fielded(app)
    assert client_as("").post(f"/s/{token}", data=ticked() | {"words": "很\x00好"}).status_code == 400
    assert (states(app), urn(app)) == (["open"], 0)
    codes = [question.code for question in queries.shipped("outpatient").questions]
    given = ticked() | {"words": "很\x00好"}
    content = "\n".join(["institution," + ",".join(codes), ",".join(["C1", *(given[code] for code in codes)])])
    path, file = f"/ratings/answers/import/{wave}", (BytesIO(content.encode()), "forms.csv")
    assert client_as("office").send(path, file=file, apply="1").status_code == 422
    assert urn(app) == 0


def test_a_number_of_thousands_of_digits_is_no_number(app: Flask, client_as: Clients) -> None:
    wave, _tokens = fielded(app)
    client, long = client_as("office"), "9" * 5000
    codes = [question.code for question in queries.shipped("outpatient").questions]
    content = "\n".join(
        ["institution,handed_out," + ",".join(codes), ",".join(["C1", long, *(ticked()[code] for code in codes)])]
    )
    sent = client.send(f"/ratings/answers/import/{wave}", file=(BytesIO(content.encode()), "forms.csv"), check="1")
    assert sent.status_code == 422
    assert client.send("/ratings/surveys/draft", model="staff", code="staff").status_code == 302
    assert client.send("/ratings/surveys/edit/staff/1", move=f"up-{long}").status_code in (302, 422)
    assert client.get(f"/ratings/waves/read/{long}").status_code == 404
