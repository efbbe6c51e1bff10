"""Cross-check rounds, falsifications and reports elsewhere: from the drawing to the veto, and who may do what."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from alliance.accounts import queries as people
from alliance.accounts import services as accounts
from alliance.bulletins import services as bulletins
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.evaluation import queries as evaluation
from alliance.evaluation import services as scoring
from alliance.indicators import queries, services
from alliance.indicators.rules.reports import Reported
from alliance.indicators.rules.rounds import draw
from alliance.notices import queries as notices
from alliance.store import Store
from tests.conftest import Client, run_jobs, utc
from tests.small import MEMBERS, at, by, decide, entry

MARCH, SEED = "2026-03", "a1b2c3"
DRAWN = at(18, 5)  # the review of March is over
CHECKED = at(20, 5)
SOME = {"C1": {"E1": 500, "E2": 100}}
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CHECKER = {"H1": "h1.checker", "H2": "h2.checker", "C2": "c2.checker"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", lambda: CHECKED)


@pytest.fixture
def drawn(inside: Flask) -> Flask:
    assert services.draw_round(1, MARCH, SEED, SOME, "", by=by("office"), now=DRAWN) == 5
    return inside


def sample(institution: str, number: int = 1) -> queries.SampleInfo:
    found = queries.check_sample(1, MARCH, institution, number)
    assert found
    return found


def check(store: Store, institution: str, element: str, text: str, *, number: int = 1, now: datetime = CHECKED) -> bool:
    who = by(CHECKER[sample(institution, number).checker])
    return services.record_check(
        1, MARCH, institution, number, element, text, "登记台帐", None, store, by=who, now=now
    )  # fmt: skip


def check_all(store: Store, wrong: dict[str, str], number: int = 1, now: datetime = CHECKED) -> None:
    """Check every sample of a number; right, save for the elements named by member."""
    for one in queries.check_samples(1, [MARCH]):
        if one.number == number:
            for item in queries.check_items(one.id):
                text = "0" if wrong.get(one.institution) == item.element else str(item.value)
                check(store, one.institution, item.element, text, number=number, now=now)


def test_a_round_has_a_sample_of_every_member_and_another_member_that_checks_it(drawn: Flask) -> None:
    samples = queries.check_samples(1, [MARCH])
    assert [one.institution for one in samples] == sorted(MEMBERS)
    assert all(one.checker in CHECKER and one.checker != one.institution for one in samples)
    assert all((one.size, one.figures, one.checked, one.outcome) == (4, 4, 0, "") for one in samples)
    # Ten working days from the 18th of May; the holidays of 2026 are published.
    assert all(one.due_at == utc(2026, 6, 1, 16) for one in samples)
    found = queries.check_round(1, MARCH)
    assert found
    assert found.seed == SEED
    # Whoever has the seed and the figures draws the same again.
    one = sample("C1")
    assert draw(queries.population(one.id), services.lot(SEED, "C1", 1)) == sorted(
        item.element for item in queries.check_items(one.id)
    )
    assert {item.element: (item.stake, item.band) for item in queries.check_items(one.id)} == {
        "E1": (500, "high"), "E2": (100, "low"), "E3": (0, "none"), "E4": (0, "none"),
    }  # fmt: skip


def test_a_round_is_drawn_once_and_of_reviewed_months_only(drawn: Flask) -> None:
    with pytest.raises(Refused, match="drawn already"):
        services.draw_round(1, MARCH, "other", {}, "", by=by("office"), now=DRAWN)
    with pytest.raises(Refused, match="review"):
        services.draw_round(1, "2026-04", SEED, {}, "", by=by("office"), now=DRAWN)
    for code in ("2026Q1", "2025-01"):
        with pytest.raises(Refused, match="no month"):
            services.draw_round(1, code, SEED, {}, "", by=by("office"), now=DRAWN)


def test_no_member_checks_another_one_twice_in_a_row(drawn: Flask) -> None:
    services.draw_round(1, "2026-02", "seed2", {}, "", by=by("office"), now=DRAWN + timedelta(days=1))
    first = {one.institution: one.checker for one in queries.check_samples(1, [MARCH])}
    second = {one.institution: one.checker for one in queries.check_samples(1, ["2026-02"])}
    assert all(first[code] != second[code] != code for code in MEMBERS)


def test_without_checkers_from_elsewhere_nothing_is_drawn(inside: Flask) -> None:
    for account in ("h2.checker", "c2.checker"):
        accounts.revoke_grant(1, grant_of(account), at(1, 5).date(), "调离岗位", by=by("security"), now=at(1, 5))
    with pytest.raises(Refused, match="1 member has nobody") as refused:
        services.draw_round(1, MARCH, SEED, {}, "", by=by("office"), now=DRAWN)
    assert refused.value.problems[0].at == {"who": "H1"}
    assert queries.check_rounds(1) == []


def grant_of(account: str) -> int:
    found = people.person(1, account, DRAWN.date(), DRAWN)
    assert found
    return next(one.id for one in found.grants if one.grant.role == "checker")


def test_a_check_is_recorded_once_by_the_checking_member_in_time(drawn: Flask, store: Store) -> None:
    checker = sample("C1").checker
    assert check(store, "C1", "E1", "60") is False
    with pytest.raises(Refused, match="checked already"):
        check(store, "C1", "E1", "60")
    for text, words in (("about 400", "cannot be taken"), ("", "Write the value"), ("400.5", "cannot be taken")):
        with pytest.raises(Refused, match=words):
            check(store, "C1", "E2", text)
    other = next(account for code, account in CHECKER.items() if code != checker)
    with pytest.raises(Forbidden):
        services.record_check(1, MARCH, "C1", 1, "E2", "400", "", None, store, by=by(other), now=CHECKED)
    with pytest.raises(Forbidden, match="employed by"):
        services.record_check(1, MARCH, "C1", 1, "E2", "400", "", None, store, by=by("c1.lead"), now=CHECKED)
    with pytest.raises(NotFound):
        check(store, "C1", "E9", "400")
    with pytest.raises(Refused, match="time for these checks"):
        check(store, "C1", "E2", "400", now=sample("C1").due_at)
    assert check(store, "C1", "E2", "n/a") is True  # the source has no such value
    assert (sample("C1").checked, sample("C1").wrong) == (2, 1)


def test_evidence_of_a_check_is_kept_and_never_cleared(drawn: Flask, store: Store) -> None:
    who = by(CHECKER[sample("C1").checker])
    services.record_check(1, MARCH, "C1", 1, "E1", "60", "", ("台帐.pdf", PDF), store, by=who, now=CHECKED)
    finding = next(item.finding for item in queries.check_items(sample("C1").id) if item.finding)
    assert (finding.file_name, finding.file_size) == ("台帐.pdf", len(PDF))
    assert finding.file_sha256 in queries.evidence_files()
    services.clear_evidence(store, now=CHECKED + timedelta(days=9))
    assert store.read(finding.file_sha256) == PDF
    with pytest.raises(Refused):
        services.record_check(1, MARCH, "C1", 1, "E2", "400", "", ("a.exe", b"MZ"), store, by=who, now=CHECKED)


def test_over_five_percent_brings_a_notice_a_second_sample_and_the_committee(drawn: Flask, store: Store) -> None:
    with pytest.raises(Refused, match="No sample"):
        services.close_round(1, MARCH, by=by("office"), now=CHECKED)
    check_all(store, {"C1": "E1"})
    assert services.close_round(1, MARCH, by=by("office"), now=CHECKED) == ["C1"]
    assert {one.institution: one.outcome for one in queries.check_samples(1, [MARCH])} == {
        **dict.fromkeys(MEMBERS, "passed"), "C1": "notice",
    }  # fmt: skip
    first = sample("C1")
    assert first.rate == 25
    assert first.correct_until == utc(2026, 6, 3, 16)
    with pytest.raises(Refused, match="closed"):
        check(store, "C1", "E1", "60")
    with pytest.raises(Refused, match="No sample"):
        services.close_round(1, MARCH, by=by("office"), now=CHECKED)
    with pytest.raises(Refused, match="may correct"):
        services.draw_sample(1, MARCH, "C1", by=by("office"), now=CHECKED)
    with pytest.raises(Refused, match="asks for no second"):
        services.draw_sample(1, MARCH, "C2", by=by("office"), now=CHECKED)
    later = first.correct_until
    assert services.draw_sample(1, MARCH, "C1", by=by("office"), now=later) == first.size
    second = sample("C1", 2)
    assert second.checker not in (first.checker, "C1")
    with pytest.raises(Refused, match="drawn already"):
        services.draw_sample(1, MARCH, "C1", by=by("office"), now=later)
    check_all(store, {"C1": "E1"}, number=2, now=later)
    assert services.close_round(1, MARCH, by=by("office"), now=later) == []
    assert sample("C1", 2).outcome == "committee"
    assert [one.institution for one in queries.undecided_samples(1)] == ["C1"]
    decide(1, "2026-050", f"sample:C1/{MARCH}/2", later + timedelta(days=1))
    assert queries.undecided_samples(1) == []


def test_what_was_wrong_waits_until_it_is_corrected(drawn: Flask, store: Store) -> None:
    check_all(store, {"C1": "E1"})
    services.close_round(1, MARCH, by=by("office"), now=CHECKED)
    assert queries.uncorrected(1, sample("C1")) == ["E1"]
    assert queries.uncorrected(1, sample("C2")) == []
    asked, later = by("c1.lead"), CHECKED + timedelta(days=1)
    number = services.ask_exception(1, MARCH, "C1", "按整改通知更正差错。", at(30, 5), by=asked, now=CHECKED)
    services.grant_exception(1, number, by=by("office2"), now=CHECKED)
    values = {"E1": (entry("71"), 1)}
    services.file_reading(1, MARCH, "C1", values, "", by=by("c1.reporter"), now=later)
    assert queries.uncorrected(1, sample("C1")) == []


def test_a_sample_of_which_one_figure_was_checked_does_not_pass(drawn: Flask, store: Store) -> None:
    item = next(iter(queries.check_items(sample("C1").id)))
    check(store, "C1", item.element, str(item.value))
    services.close_round(1, MARCH, by=by("office"), now=sample("C1").due_at)
    assert sample("C1").outcome == "unchecked"


def test_what_nobody_checked_in_time_is_closed_as_unchecked(drawn: Flask) -> None:
    assert services.close_round(1, MARCH, by=by("office"), now=sample("C1").due_at) == []
    assert {one.outcome for one in queries.check_samples(1, [MARCH])} == {"unchecked"}


def wrong_one(store: Store) -> tuple[int, str]:
    """A finding that is wrong, of C1, and the account of its checker."""
    check(store, "C1", "E1", "0")
    finding = next(item.finding for item in queries.check_items(sample("C1").id) if item.finding)
    return finding.id, CHECKER[sample("C1").checker]


REASON = "抽查病例在接诊医院均无就诊记录，认定为虚报。"


def propose(store: Store) -> str:
    finding, account = wrong_one(store)
    return services.propose_falsification(1, "C1", [finding], REASON, by=by(account), now=CHECKED)


def test_a_falsification_is_proposed_by_its_checkers_on_wrong_findings(drawn: Flask, store: Store) -> None:
    finding, account = wrong_one(store)
    right = check(store, "C1", "E2", "400")
    assert right is False
    numbers = {item.element: item.finding.id for item in queries.check_items(sample("C1").id) if item.finding}
    for chosen, text, words in (
        ([], REASON, "Choose the findings"), ([numbers["E2"]], REASON, "right"), ([finding], "short", "10 characters"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=words):
            services.propose_falsification(1, "C1", chosen, text, by=by(account), now=CHECKED)
    other = next(one for one in CHECKER.values() if one != account)
    with pytest.raises(NotFound):
        services.propose_falsification(1, "C1", [finding], REASON, by=by(other), now=CHECKED)
    with pytest.raises(Forbidden):
        services.propose_falsification(1, "C1", [finding], REASON, by=by("c1.lead"), now=CHECKED)
    assert services.propose_falsification(1, "C1", [finding], REASON, by=by(account), now=CHECKED) == "2026-01"
    with pytest.raises(Refused, match="proposal already"):
        services.propose_falsification(1, "C1", [finding], REASON, by=by(account), now=CHECKED)


def test_intent_found_vetoes_all_periods_touched_and_bars_from_honours(drawn: Flask, store: Store) -> None:
    scoring.compute_run(1, "2026Q1", by=by("office"), now=DRAWN)
    number = propose(store)
    with pytest.raises(Refused, match="no decision"):
        services.find_falsification(1, number, decision="2026-060", by=by("chair"), now=CHECKED)
    decide(1, "2026-060", f"falsification:{number}", CHECKED)
    with pytest.raises(Refused, match="did not find"):
        scoring.veto_falsification(1, number, by=by("chair"), now=CHECKED)
    assert services.find_falsification(1, number, decision="2026-060", by=by("chair"), now=CHECKED) is True
    with pytest.raises(Refused, match="decided on falsification"):
        services.find_falsification(1, number, decision="2026-060", by=by("chair"), now=CHECKED)
    assert scoring.veto_falsification(1, number, by=by("chair"), now=CHECKED) == ["2026Q1"]
    assert scoring.veto_falsification(1, number, by=by("chair"), now=CHECKED) == ["2026Q1"]
    (veto,) = evaluation.vetoes(1, "2026Q1")
    assert (veto.institution, veto.decision) == ("C1", "2026-060")
    run = scoring.compute_run(1, "2026Q1", by=by("office"), now=CHECKED)
    found = evaluation.score(run, "C1")
    assert found
    assert (found.score, found.vetoed) == (0, True)
    day = CHECKED.date()
    assert queries.barred_from_honours(1, day) == {"C1": day.replace(year=2028)}
    assert queries.barred_from_honours(1, day.replace(year=2028)) == {}
    honour = {"code": "C1", "name": "", "award": "先进单位", "reason": "协同有成"}
    with pytest.raises(Refused, match="honours or cases") as refused:
        bulletins.compose_bulletin(1, "2026Q1", "前言", honours=[honour], by=by("office"), now=CHECKED)
    assert "may not be honoured" in str(refused.value)


def test_less_than_two_thirds_of_the_votes_find_nothing(drawn: Flask, store: Store) -> None:
    number = propose(store)
    accounts.record_decision(
        1, "committee", "2026-061", CHECKED.date(), f"falsification:{number}", "decided", "doc",
        {1: "for", 2: "abstained"}, by=by("judge"), now=CHECKED,
    )  # fmt: skip
    assert services.find_falsification(1, number, decision="2026-061", by=by("chair"), now=CHECKED) is False
    assert queries.barred_from_honours(1, CHECKED.date()) == {}


def test_the_jobs_draw_close_notify_and_veto(
    app: Flask, client_as: Callable[[str], Client], tmp_path: Path
) -> None:  # fmt: skip
    app.config["CLOCK"] = lambda: DRAWN
    office = client_as("office")
    assert "H1" in office.get(f"/indicators/rounds/draw/{MARCH}").get_data(as_text=True)
    answer = office.send(f"/indicators/rounds/draw/{MARCH}", once="draw")
    assert answer.status_code == 302
    assert run_jobs(app) == 1
    with app.app_context():
        found = queries.check_round(1, MARCH)
        assert found
        assert len(found.seed) == 32
        assert {one.institution for one in queries.check_samples(1)} == set(MEMBERS)
        check_all(Store(tmp_path / "evidence", lambda: DRAWN), {"C1": "E1", "C3": "E2"}, now=DRAWN)
        account = CHECKER[sample("C1").checker]
    page = office.get(f"/indicators/rounds/close/{MARCH}").get_data(as_text=True)
    assert "25.0" in page
    assert office.send(f"/indicators/rounds/close/{MARCH}", once="close").status_code == 302
    assert run_jobs(app) == 1
    with app.app_context():
        told = {one.institution: one.notice for one in queries.check_samples(1) if one.outcome == "notice"}
        assert set(told) == {"C1", "C3"}
        assert all(told.values())
        waits = {who: notices.waiting(1, f"{who.lower()}.lead", DRAWN.date()) for who in told}
        assert {who: [one.number for one in rows] for who, rows in waits.items()} == {
            who: [number] for who, number in told.items()
        }
    home = client_as("c1.lead").get("/").get_data(as_text=True)
    assert f"/indicators/samples/read/{MARCH}/C1/1" in home
    checker = client_as(account)
    text = checker.get("/indicators/falsifications/propose/C1").get_data(as_text=True)
    number = re.search(r'name="finding" value="(\d+)"', text)
    assert number
    answer = checker.send("/indicators/falsifications/propose/C1", finding=number[1], reason=REASON, once="propose")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    with app.app_context():
        decide(1, "2026-070", "falsification:2026-01", DRAWN)
    chair = client_as("chair")
    assert "2026-070" in chair.get("/indicators/falsifications/find/2026-01").get_data(as_text=True)
    answer = chair.send("/indicators/falsifications/find/2026-01", decision="2026-070", once="find")
    assert answer.status_code == 302
    assert run_jobs(app) == 1
    with app.app_context():
        assert [one.institution for one in evaluation.vetoes(1, "2026Q1")] == ["C1"]
    for path in ("/indicators/falsifications/read/2026-01", "/indicators/falsifications/list"):
        assert client_as("c1.lead").get(path).status_code == 200
    assert client_as("c2.lead").get("/indicators/falsifications/read/2026-01").status_code == 404


def test_who_opens_which_sample(app: Flask, client_as: Callable[[str], Client], tmp_path: Path) -> None:
    app.config["CLOCK"] = lambda: CHECKED
    with app.app_context():
        services.draw_round(1, MARCH, SEED, SOME, "", by=by("office"), now=DRAWN)
        account = CHECKER[sample("C1").checker]
        strangers = [one for one in CHECKER.values() if one != account]
    place = f"/indicators/samples/read/{MARCH}/C1/1"
    assert client_as("office").get(place).status_code == 200
    checker = client_as(account)
    assert checker.get(place).status_code == 200
    assert client_as("c1.lead").get(place).status_code == 404  # nobody is told before what is looked at
    assert all(client_as(one).get(place).status_code == 404 for one in strangers)
    form = f"/indicators/checks/record/{MARCH}/C1/1/E1"
    assert checker.get(form).status_code == 200
    assert all(client_as(one).get(form).status_code == 404 for one in strangers)
    answer = checker.send(form, source="many", once="x1")
    assert answer.status_code == 422
    data = {"source": "60", "once": "x2", "file": (io.BytesIO(PDF), "a.pdf"), "csrf_token": checker.token()}
    assert checker.post(form, data=data, content_type="multipart/form-data").status_code == 302
    assert checker.get("/indicators/checks/read/1").status_code == 200
    assert checker.get("/indicators/checks/download/1").get_data() == PDF
    assert client_as("c1.lead").get("/indicators/checks/read/1").status_code == 404
    for path in ("/indicators/rounds/list", f"/indicators/rounds/read/{MARCH}"):
        for account in ("office", "c1.lead", "c1.reporter", "h2.checker", "regulator"):
            assert client_as(account).get(path).status_code == 200
    with app.app_context():
        services.close_round(1, MARCH, by=by("office"), now=sample("C1").due_at)
    assert client_as("c1.lead").get(place).status_code == 200
    assert client_as("c2.lead").get(place).status_code == 404


def reported(value: str, **more: str) -> Reported:
    return Reported(**{"institution": "C1", "element": "E1", "period": MARCH, "report": "statistics", "text": value,
                       "document": "卫统1表", **more})  # type: ignore[arg-type]  # fmt: skip


def test_what_was_reported_elsewhere_agrees_or_is_explained(inside: Flask) -> None:
    who, now = by("c1.reporter"), CHECKED
    assert services.enter_report(1, reported("60"), ["C1"], by=who, now=now) == 1
    assert services.enter_report(1, reported("60"), ["C1"], by=who, now=now) == 0
    assert [one.standing for one in queries.reports(1)] == ["same"]
    with pytest.raises(Refused, match="no difference"):
        services.explain_report(1, MARCH, "C1", "E1", "statistics", "两处统计口径不同，已核对。", by=who, now=now)
    services.enter_report(1, reported("63"), ["C1"], by=who, now=now)
    (one,) = queries.unexplained_reports(1)
    assert (one.value, one.ours, one.difference) == (63, 60, 3)
    with pytest.raises(Refused, match="at least 10"):
        services.explain_report(1, MARCH, "C1", "E1", "statistics", "口径", by=who, now=now)
    services.explain_report(1, MARCH, "C1", "E1", "statistics", "两处统计口径不同，已逐例核对。", by=who, now=now)
    assert [one.standing for one in queries.reports(1)] == ["explained"]
    services.enter_report(1, reported("64"), ["C1"], by=who, now=now)  # another value needs another explanation
    assert [one.standing for one in queries.reports(1)] == ["open"]
    # A quarter is compared with what its months come to.
    services.enter_report(1, reported("180", period="2026Q1", report="assessment"), ["C1"], by=who, now=now)
    assert [one.standing for one in queries.reports(1, report="assessment")] == ["same"]


@pytest.mark.parametrize(
    "more",
    [{"institution": "C2"}, {"institution": "C9"}, {"element": "E9"}, {"report": "gossip"}, {"period": "March"},
     {"text": "viele"}, {"text": ""}, {"text": "n/a"}],
)  # fmt: skip
def test_reports_that_make_no_sense_are_refused(inside: Flask, more: dict[str, str]) -> None:
    row = reported(more.get("text", "1"), **{key: value for key, value in more.items() if key != "text"})
    with pytest.raises(Refused, match="1 value cannot be taken"):
        services.enter_report(1, row, ["C1"], by=by("c1.reporter"), now=CHECKED)
    assert queries.reports(1) == []


def test_a_file_of_reports_is_taken_whole_or_not_at_all(app: Flask, client_as: Callable[[str], Client]) -> None:
    reporter = client_as("c1.reporter")
    head = "institution,element,period,report,value,document\n"

    def sent(rows: str, **more: str) -> tuple[int, str]:
        data = {"file": (io.BytesIO((head + rows).encode()), "a.csv"), "csrf_token": reporter.token(), **more}
        answer = reporter.post("/indicators/reports/import", data=data, content_type="multipart/form-data")
        return answer.status_code, answer.get_data(as_text=True)

    good = "C1,E1,2026-03,statistics,61,表1\nC1,E2,2026-03,国家公立医院绩效考核,400,表2\n"
    assert sent(good + "C2,E1,2026-03,statistics,61,\n", apply="1", once="a")[0] == 422
    assert sent(good + "C1,E1,2026-03,statistics,62,\n", check="1", once="b")[0] == 422
    status, text = sent(good, check="1", once="c")
    assert status == 200
    assert "61" in text
    assert sent(good, apply="1", once="d")[0] == 302
    with app.app_context():
        assert [(one.element, one.standing) for one in queries.reports(1)] == [("E2", "same"), ("E1", "open")]
    home = reporter.get("/").get_data(as_text=True)
    assert "/indicators/reports/list?institution=C1" in home
    page = reporter.get("/indicators/reports/list?standing=open")
    assert page.status_code == 200
    assert "/indicators/reports/explain/2026-03/C1/E1/statistics" in page.get_data(as_text=True)
    explain = "/indicators/reports/explain/2026-03/C1/E1/statistics"
    assert reporter.get(explain).status_code == 200
    assert reporter.send(explain, text="short", once="e").status_code == 422
    assert reporter.send(explain, text="统计口径不同，已逐例核对说明。", once="f").status_code == 302
    assert client_as("c2.reporter").get(explain).status_code == 404
    assert "E1" not in client_as("c2.reporter").get("/indicators/reports/list").get_data(as_text=True).split("<main")[1]


def test_months_with_checkers_are_offered_to_the_office(app: Flask, client_as: Callable[[str], Client]) -> None:
    app.config["CLOCK"] = lambda: DRAWN
    home = client_as("office").get("/").get_data(as_text=True)
    assert f"/indicators/rounds/draw/{MARCH}" in home
