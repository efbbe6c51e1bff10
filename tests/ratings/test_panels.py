"""A panel of experts from its opening to the score: blind, complete, with a further expert where two disagree."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from alliance.accounts.queries import Recipient
from alliance.audit.models import Event
from alliance.core.formula import tells_the_truth
from alliance.core.period import day_of
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.roles import Scope
from alliance.db import db
from alliance.desk import queries as desk
from alliance.evaluation import queries as evaluation
from alliance.evaluation import services as scoring
from alliance.letters import compose
from alliance.members import queries as members
from alliance.post.queries import MailInfo
from alliance.ratings import queries, services
from alliance.ratings.queries import Asked
from alliance.ratings.rules.rubrics import read_rubric
from alliance.ratings.services import GivenScore
from alliance.store import Store
from tests.conftest import Client
from tests.ratings.rubric import RUBRIC
from tests.small import CLOCK, MEMBERS, by

PERIOD = "2026Q1"
DUE = CLOCK + timedelta(days=10)
WHY = "现场查看台帐与会议记录，情况属实。"
PDF = ("records.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
EXPERTS = ("expert", "expert3", "h2.expert")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "scores")


def here() -> int:
    found = members.alliance_of_code("SMALL")
    assert found
    return found.id


def open_panel(experts: tuple[str, ...] = EXPERTS, due: datetime = DUE) -> int:
    services.import_rubric(here(), read_rubric(RUBRIC), by=by("office"), now=CLOCK)
    return services.open_panel(
        here(), PERIOD, "small", 1, list(MEMBERS), ["order", "people"], experts, due, by=by("office"), now=CLOCK
    )  # fmt: skip


def asked_of(account: str) -> list[queries.ScoreInfo]:
    one = queries.panel(here(), PERIOD)
    assert one
    rows = queries.scores(here(), one, CLOCK, account)
    return [row for row in rows if row.state != "apart"]


def score_all(store: Store, marks: dict[str, dict[str, int]], lock: bool = True) -> None:
    """Every expert locks all that is asked; scores of an item by member, per expert."""
    for account in EXPERTS:
        rows = [row for row in asked_of(account) if row.waits]
        given = [
            GivenScore(row.institution, row.item, marks[account].get(row.institution, 70), WHY, file=PDF)
            for row in rows
        ]
        if given:
            services.give_score(here(), PERIOD, given, store, lock=lock, by=by(account), now=CLOCK)


def alike() -> dict[str, dict[str, int]]:
    return {account: dict(zip(MEMBERS, (60, 70, 75, 80, 90), strict=True)) for account in EXPERTS}


def test_each_member_and_item_has_two_experts_and_none_of_the_own_employer(inside: Flask) -> None:
    assert open_panel() == 2 * 2 * len(MEMBERS)
    assert "H2" not in {row.institution for row in asked_of("h2.expert")}
    for bad in (("expert",), ("expert", "expert"), ("expert", "office"), ("expert", "h2.expert")):
        with pytest.raises(Refused):
            services.open_panel(
                here(), "2026Q2", "small", 1, list(MEMBERS), ["order"], bad, DUE, by=by("office"), now=CLOCK
            )
    with pytest.raises(Refused):
        services.open_panel(
            here(), PERIOD, "small", 1, list(MEMBERS), ["order"], EXPERTS, DUE, by=by("office"), now=CLOCK
        )


def test_a_conflict_takes_away_what_was_asked_and_what_was_locked(inside: Flask, store: Store) -> None:
    open_panel()
    score_all(store, alike())
    before = len(asked_of("expert"))
    services.declare_conflict(here(), "C1", "family", WHY, date(2026, 5, 10), None, by=by("expert"), now=CLOCK)
    assert len(asked_of("expert")) < before
    with pytest.raises(NotFound):
        services.give_score(
            here(), PERIOD, [GivenScore("C1", "order", 70)], store, lock=False, by=by("expert"), now=CLOCK
        )
    one = queries.panel(here(), PERIOD)
    assert one
    rows = queries.scores(here(), one, CLOCK)
    short = {state.item: state.short for state in queries.item_states(rows, ["order", "people"])}
    assert short == {"order": ("C1",), "people": ("C1",)}
    with pytest.raises(Refused):
        services.close_panel(here(), PERIOD, by=by("office"), now=CLOCK)
    asked = services.ask_expert(here(), PERIOD, "order", "h2.expert", DUE, by=by("office"), now=CLOCK)
    assert asked == 1
    assert ("C1", "order") in {(row.institution, row.item) for row in asked_of("h2.expert")}


def test_a_conflict_that_is_ended_on_its_day_makes_no_score_lawful_again(inside: Flask, store: Store) -> None:
    open_panel()
    score_all(store, alike())
    today, later = day_of(CLOCK), CLOCK + timedelta(minutes=5)
    number = services.declare_conflict(
        here(), "C1", "family", "A relative works there.", today, None, by=by("expert"), now=CLOCK
    )
    services.end_conflict(here(), number, today, "Declared by mistake.", by=by("expert"), now=later)
    one = queries.panel(here(), PERIOD)
    assert one
    rows = queries.scores(here(), one, later, "expert")
    assert {row.state for row in rows if row.institution == "C1"} == {"apart"}


def test_half_way_is_saved_locked_is_kept_and_late_is_late(inside: Flask, store: Store) -> None:
    open_panel()
    row = asked_of("expert")[0]

    def give(score: int | None, now: datetime = CLOCK, *, lock: bool = False, who: str = "expert") -> int:
        given = [GivenScore(row.institution, row.item, score, WHY)]
        return services.give_score(here(), PERIOD, given, store, lock=lock, by=by(who), now=now)

    give(None)
    give(95)
    with pytest.raises(Refused):
        services.lock_score(here(), PERIOD, by=by("expert"), now=CLOCK)  # over 90 without a file
    give(88)
    with pytest.raises(Refused):
        give(88, DUE)
    assert services.lock_score(here(), PERIOD, by=by("expert"), now=CLOCK) == 1
    with pytest.raises(Refused):
        give(70)
    with pytest.raises(NotFound):
        give(70, who="office")


def test_where_two_disagree_a_third_is_asked_and_the_median_counts(inside: Flask, store: Store) -> None:
    open_panel()
    marks = alike()
    marks["expert3"] = dict(zip(MEMBERS, (80, 60, 90, 62, 70), strict=True))
    score_all(store, marks)
    one = queries.panel(here(), PERIOD)
    assert one
    state = {one.item: one for one in queries.item_states(queries.scores(here(), one, CLOCK), ["order", "people"])}
    assert state["order"].low
    assert state["order"].wants_further
    with pytest.raises(Refused):
        services.close_panel(here(), PERIOD, by=by("office"), now=CLOCK)
    services.ask_expert(here(), PERIOD, "order", "h2.expert", DUE, by=by("office"), now=CLOCK)
    with pytest.raises(Refused):
        services.close_panel(here(), PERIOD, by=by("office"), now=CLOCK)  # the third has not scored
    with pytest.raises(Refused):
        services.ask_expert(here(), PERIOD, "order", "h2.expert", DUE, by=by("office"), now=CLOCK)
    score_all(store, marks)
    services.close_panel(here(), PERIOD, WHY, by=by("office"), now=CLOCK)
    found = {(mark.institution, mark.item): mark for mark in queries.marks(one)}
    assert found["H1", "order"].value == 60  # of 60, 80, 60
    assert found["H1", "order"].median
    assert found["H1", "order"].experts == 3


def test_closed_results_are_figures_that_tell_the_truth_and_name_nobody(inside: Flask, store: Store) -> None:
    open_panel()
    assert "third_party" in queries.collected(here(), PERIOD)
    score_all(store, alike())
    asked = Asked(here(), PERIOD, "2026/1", {})
    assert ("third_party", "C1") not in queries.group_figures(asked)
    services.close_panel(here(), PERIOD, by=by("office"), now=CLOCK)
    figure = queries.group_figures(asked)["third_party", "C1"]
    assert figure.key == "C1/group/third_party"
    assert figure.value == 75
    assert tells_the_truth(figure)
    assert {part.source for _name, part in figure.inputs} == {
        f"panel:{PERIOD}/C1#order", f"panel:{PERIOD}/C1#people", "rubric:small/1#primary.order",
        "rubric:small/1#primary.people",
    }  # fmt: skip
    with pytest.raises(Refused):
        scoring.enter_rating(here(), PERIOD, "third_party", "C1", Decimal(90), 3, "doc", by=by("office"), now=CLOCK)
    collected = {(row.group, row.institution): row.value for row in evaluation.rating_results(here(), PERIOD)}
    assert collected["third_party", "C1"] == 75


def test_what_too_few_could_judge_is_left_out(inside: Flask, store: Store) -> None:
    open_panel(due=CLOCK + timedelta(hours=2))
    for account in EXPERTS:
        given = [
            GivenScore(row.institution, row.item, None if row.item == "people" else 80, WHY, row.item == "people")
            for row in asked_of(account)
            if row.institution != "C3"
        ]
        services.give_score(here(), PERIOD, given, store, lock=True, by=by(account), now=CLOCK)
    with pytest.raises(Refused):
        services.close_panel(here(), PERIOD, WHY, by=by("office"), now=CLOCK)
    late = CLOCK + timedelta(hours=3)
    with pytest.raises(Refused):
        services.close_panel(here(), PERIOD, by=by("office"), now=late)
    services.close_panel(here(), PERIOD, WHY, by=by("office"), now=late)
    found = queries.group_figures(Asked(here(), PERIOD, "2026/1", {}))
    assert found["third_party", "C1"].value == 80
    assert [name for name, _part in found["third_party", "C1"].inputs] == ["weight", "mark", "without"]
    assert found["third_party", "C3"].value is None


def test_the_log_holds_no_score_and_a_reminder_comes_once(inside: Flask, store: Store) -> None:
    open_panel()
    assert services.remind_panel(here(), PERIOD, "-3", by=by("office"), now=CLOCK) == 3
    assert services.remind_panel(here(), PERIOD, "-3", by=by("office"), now=CLOCK) == 0
    score_all(store, alike())
    rows = db.session.scalars(select(Event).where(Event.act.startswith("ratings:score:"))).all()
    assert rows
    assert all(not row.detail for row in rows)


def test_tasks_tell_experts_and_the_office_what_waits(inside: Flask, store: Store) -> None:
    open_panel()

    def waits(account: str, role: str) -> set[str]:
        scope = Scope(here(), account, "", frozenset({role}), None if role == "office" else frozenset())
        return {task.what for task in desk.tasks(scope, CLOCK)}

    assert "score" in waits("expert", "expert")
    assert "chase" in waits("office", "office")
    score_all(store, alike())
    assert "score" not in waits("expert", "expert")
    assert "close_panel" in waits("office", "office")


def test_a_visit_is_recorded_by_who_judges_and_signed_by_the_lead_once(inside: Flask, store: Store) -> None:
    open_panel()
    checks = {"records": "yes"}
    with pytest.raises(NotFound):
        services.record_visit(
            here(), PERIOD, "H2", date(2026, 5, 10), checks, "院办主任", WHY, by=by("h2.expert"), now=CLOCK
        )
    with pytest.raises(Refused):
        services.record_visit(here(), PERIOD, "C1", date(2026, 5, 10), {}, "主任", WHY, by=by("expert"), now=CLOCK)
    number = services.record_visit(
        here(), PERIOD, "C1", date(2026, 5, 10), checks, "中心主任、护士长", WHY, by=by("expert"), now=CLOCK
    )
    services.confirm_visit(here(), PERIOD, "C1", number, by=by("c1.lead"), now=CLOCK)
    with pytest.raises(Refused):
        services.confirm_visit(here(), PERIOD, "C1", number, by=by("c1.lead"), now=CLOCK)


def test_an_engagement_opens_to_an_expert_no_visit_of_another_one(
    app: Flask, client_as: Callable[[str], Client], store: Store
) -> None:  # fmt: skip
    with app.app_context():
        open_panel()
        services.record_visit(
            here(), PERIOD, "C1", date(2026, 5, 10), {"records": "yes"}, "主任", WHY, by=by("h2.expert"), now=CLOCK
        )
        number = services.open_engagement(
            here(), "Third party Ltd", "HT-7", PERIOD, ["C1"], ["expert"], date(2026, 5, 10), date(2026, 5, 20), 8,
            False, None, store, by=by("office"), now=CLOCK,
        )  # fmt: skip
        services.draw_engagement(here(), number, "seed", by=by("office"), now=CLOCK)
    expert, page = client_as("expert"), f"/ratings/visits/read/{PERIOD}/C1/1"
    assert expert.get("/indicators/submissions/read/2026-03/C1").status_code == 200
    assert expert.get(page).status_code == 404
    for account in ("h2.expert", "c1.lead", "office"):
        assert client_as(account).get(page).status_code == 200


def test_remarks_are_released_by_somebody_from_elsewhere(inside: Flask, store: Store) -> None:
    open_panel()
    score_all(store, alike())
    services.close_panel(here(), PERIOD, by=by("office"), now=CLOCK)
    one = queries.panel(here(), PERIOD)
    assert one
    rows = queries.scores(here(), one, CLOCK)
    own = [row.id for row in rows if row.institution == "H1"]
    with pytest.raises(Forbidden):
        services.release_remark(here(), PERIOD, own, by=by("office"), now=CLOCK)
    assert services.release_remark(here(), PERIOD, own, by=by("office2"), now=CLOCK) == len(own)


def test_an_expert_scores_on_pages_and_sees_others_only_when_all_are_done(
    app: Flask, client_as: Callable[[str], Client], store: Store
) -> None:  # fmt: skip
    office, expert = client_as("office"), client_as("expert")
    assert office.send("/ratings/rubrics/import", shipped="collaboration").status_code == 302
    assert "collaboration" in office.get("/ratings/rubrics/export/collaboration/1").get_data(as_text=True)
    assert office.get("/ratings/rubrics/read/collaboration/1").status_code == 200
    sent = office.send(
        "/ratings/panels/open", period=PERIOD, rubric="collaboration/1", due="2026-05-20", experts=list(EXPERTS),
        institutions=["C1", "C2", "H1"], items=["mechanism", "referral"],
    )  # fmt: skip
    assert sent.status_code == 302, sent.get_data(as_text=True)[:3000]
    page = expert.get("/ratings/scores/list").get_data(as_text=True)
    (first, *_rest) = re.findall(r"/ratings/scores/give/2026Q1/\w+/\w+", page)
    assert expert.get(first).status_code == 200
    assert expert.send(first, score="95", remark=WHY, lock="1").status_code == 422
    assert expert.send(first, score="80", remark=WHY).status_code == 302
    assert expert.send("/ratings/scores/lock/2026Q1").status_code == 302
    code = first.rpartition("/")[2]
    name = {"mechanism": "协同机制建设", "referral": "转诊服务质量"}[code]
    home = expert.get("/").get_data(as_text=True)
    assert f"、{name}）" in home
    assert f"、{code}）" not in home
    assert client_as("h2.expert").get("/ratings/scores/give/2026Q1/H2/mechanism").status_code == 404
    assert office.get("/ratings/panels/read/2026Q1").status_code == 200
    assert "其他专家的评分" not in expert.get(first).get_data(as_text=True)
    assert office.get("/ratings/panels/close/2026Q1").status_code == 200
    assert office.send("/ratings/panels/remind/2026Q1").status_code == 302
    visit = "/ratings/visits/record/2026Q1/C1"
    answers = {f"check_{one}": "yes" for one in ("minutes", "records", "roster", "systems", "patients", "staff")}
    assert expert.get(visit).status_code == 200
    sent = expert.send(visit, visited_on="2026-05-10", met="中心主任", findings=WHY, **answers)
    assert sent.status_code == 302, sent.get_data(as_text=True)[:3000]
    lead = client_as("c1.lead")
    assert lead.get("/ratings/visits/confirm/2026Q1/C1/1").status_code == 200
    assert lead.send("/ratings/visits/confirm/2026Q1/C1/1", answer="属实").status_code == 302
    assert lead.get("/ratings/visits/read/2026Q1/C1/1").status_code == 200
    assert lead.get("/ratings/evaluations/read/2026Q1/C1").status_code == 404
    with app.app_context():
        score_all(store, {account: {"C1": 70, "C2": 80, "H1": 88} for account in EXPERTS})
    assert "/ratings/scores/give" in expert.get("/ratings/scores/list?period=2026Q1").get_data(as_text=True)
    assert "其他专家的评分" in expert.get(first).get_data(as_text=True)
    assert office.send("/ratings/panels/close/2026Q1").status_code == 302
    assert office.get("/ratings/panels/read/2026Q1").status_code == 200
    page = office.get("/ratings/remarks/release/2026Q1").get_data(as_text=True)
    ids = re.findall(r'name="remarks" value="(\d+)"', page)
    assert office.send("/ratings/remarks/release/2026Q1", remarks=ids).status_code == 302
    shown = lead.get("/ratings/evaluations/read/2026Q1/C1").get_data(as_text=True)
    assert WHY in shown
    assert "expert" not in re.sub(r"<[^>]+>", " ", shown)
    assert lead.get("/ratings/evaluations/read/2026Q1/C2").status_code == 404
    assert "/ratings/evaluations/read/2026Q1/C1" in lead.get("/ratings/rounds/list").get_data(as_text=True)
    assert 'class="crumbs"' in lead.get("/ratings/evaluations/read/2026Q1/C1").get_data(as_text=True)
    assert client_as("office2").get("/ratings/panels/list").status_code == 200
    assert office.get("/evaluation/ratings/list?period=2026Q1&group=third_party").status_code == 200


def test_the_work_of_an_expert_is_arranged_by_member_or_by_item_and_goes_on_in_that_order(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        open_panel()
        rows = asked_of("expert")
    expert, listed = client_as("expert"), "/ratings/scores/list"
    members_ = sorted({row.institution for row in rows})
    item = rows[0].item
    by_item = expert.get(listed + "?by=item").get_data(as_text=True)
    pages = re.findall(r"/ratings/scores/give/2026Q1/(\w+)/(\w+)\?by=item", by_item)
    assert len(set(pages)) == len(rows)
    first = next(page for page in pages if page[1] == item)
    sent = expert.send(f"/ratings/scores/give/2026Q1/{first[0]}/{item}?by=item", score="80")
    follows = next(who for who in members_ if who > first[0])
    assert sent.location == f"/ratings/scores/give/2026Q1/{follows}/{item}?by=item"
    ahead = expert.get(sent.location).get_data(as_text=True)
    assert f"还有{len(rows) - 1}项待评分" in ahead
    assert "/ratings/scores/list?period=2026Q1&amp;by=item" in ahead
    by_member = expert.get(listed).get_data(as_text=True)
    assert "by=item" not in re.sub(r"<select.*?</select>", "", by_member, flags=re.DOTALL)
    given = [GivenScore(row.institution, row.item, 80) for row in rows if row.institution == members_[0]]
    with app.app_context():
        store = Store(app.config["ALLIANCE"].data / "scores")
        services.give_score(here(), PERIOD, given, store, lock=True, by=by("expert"), now=CLOCK)
    shown = expert.get(listed).get_data(as_text=True)
    assert shown.index(f"/{members_[1]}/") < shown.index(f"/scores/give/2026Q1/{members_[0]}/")  # done ones last


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-05-32"])
def test_a_last_day_that_cannot_be_is_refused_on_every_page(
    app: Flask, client_as: Callable[[str], Client], day: str
) -> None:
    with app.app_context():
        open_panel(("expert", "expert3"))
    office = client_as("office")
    for page, more in (
        ("/ratings/panels/reschedule/2026Q1", {"reason": WHY}),
        ("/ratings/experts/replace/2026Q1/expert3", {"reason": WHY, "expert": "h2.expert"}),
        ("/ratings/panels/open", {"period": "2026Q2", "rubric": "small/1", "experts": "expert"}),
    ):
        assert office.send(page, due=day, **more).status_code == 422, page


def test_the_regulator_rates_and_the_committee_does_not(client_as: Callable[[str], Client]) -> None:
    regulator = client_as("regulator")
    assert regulator.get("/evaluation/assessments/enter?period=2026Q1").status_code == 200
    sent = regulator.send(
        "/evaluation/assessments/enter", period="2026Q1", institution="C1", value="88", document="卫健委评价"
    )
    assert sent.status_code == 302
    assert "88" in regulator.get("/evaluation/ratings/list?period=2026Q1&group=regulator").get_data(as_text=True)
    assert client_as("chair").get("/evaluation/assessments/enter").status_code == 403


def states_now(now: datetime = CLOCK) -> dict[str, queries.ItemState]:
    one = queries.panel(here(), PERIOD)
    assert one
    return {state.item: state for state in queries.item_states(queries.scores(here(), one, now), ["order", "people"])}


def test_more_time_is_given_to_who_has_not_locked_and_only_forward(inside: Flask, store: Store) -> None:
    open_panel(due=CLOCK + timedelta(hours=2))
    rows = asked_of("expert")
    given = [GivenScore(row.institution, row.item, 70, WHY) for row in rows]
    services.give_score(here(), PERIOD, given, store, lock=True, by=by("expert"), now=CLOCK)
    late = CLOCK + timedelta(hours=3)
    saved = [GivenScore("C1", asked_of("expert3")[0].item, 80, WHY)]
    with pytest.raises(Refused):
        services.give_score(here(), PERIOD, saved, store, lock=False, by=by("expert3"), now=late)

    def move(due: datetime, reason: str = WHY) -> int:
        return services.reschedule_panel(here(), PERIOD, due, reason, by=by("office"), now=late)

    for due, reason in (
        (late, WHY),
        (CLOCK + timedelta(hours=1), WHY),
        (DUE, "短"),
        (CLOCK + timedelta(days=200), WHY),
    ):
        with pytest.raises(Refused):
            move(due, reason)
    assert move(DUE) == 2
    services.give_score(here(), PERIOD, saved, store, lock=False, by=by("expert3"), now=late)
    assert {row.due_at for row in asked_of("expert")} == {CLOCK + timedelta(hours=2)}  # locked as it was
    assert {row.due_at for row in asked_of("expert3")} == {DUE}
    event = db.session.scalars(select(Event).where(Event.act == "ratings:panel:reschedule")).one()
    assert event.detail == {"due": DUE.isoformat(), "count": 2, "reason": WHY}
    with pytest.raises(Refused):
        move(DUE)  # the same day again


def test_a_withdrawn_experts_scores_are_kept_and_another_one_takes_the_place(inside: Flask, store: Store) -> None:
    open_panel(("expert", "expert3", "h2.expert"))
    marks = alike()
    first = [row for row in asked_of("expert3") if row.item == "order"][:1]
    given = [GivenScore(row.institution, row.item, 75, WHY) for row in first]
    services.give_score(here(), PERIOD, given, store, lock=True, by=by("expert3"), now=CLOCK)
    left = [row for row in asked_of("expert3") if row.waits]
    half = [GivenScore(left[0].institution, left[0].item, 66, WHY)]
    services.give_score(here(), PERIOD, half, store, lock=False, by=by("expert3"), now=CLOCK)
    with pytest.raises(Refused):
        services.withdraw_expert(here(), PERIOD, "expert3", "短", by=by("office"), now=CLOCK)
    with pytest.raises(NotFound):
        services.withdraw_expert(here(), PERIOD, "office", WHY, by=by("office"), now=CLOCK)
    assert services.withdraw_expert(here(), PERIOD, "expert3", WHY, by=by("office"), now=CLOCK) == len(left)
    with pytest.raises(NotFound):
        services.give_score(here(), PERIOD, half, store, lock=True, by=by("expert3"), now=CLOCK)
    with pytest.raises(Refused):
        services.withdraw_expert(here(), PERIOD, "expert3", WHY, by=by("office"), now=CLOCK)  # the rest is locked
    one = queries.panel(here(), PERIOD)
    assert one
    kept = [row for row in queries.scores(here(), one, CLOCK, "expert3") if row.state == "withdrawn"]
    assert {row.score for row in kept} == {66, None}
    order = states_now()["order"]
    assert order.wants_further
    assert not order.done
    assert set(order.short) == set(MEMBERS) - {first[0].institution}
    with pytest.raises(Refused):
        services.ask_expert(here(), PERIOD, "order", "expert3", DUE, by=by("office"), now=CLOCK)
    asked = services.ask_expert(here(), PERIOD, "order", "h2.expert", DUE, by=by("office"), now=CLOCK)
    assert asked == len(set(order.short) - {"H2"})
    score_all(store, marks)
    order = states_now()["order"]
    assert order.judges == ("expert", "h2.expert")  # the pair whose agreement is told
    assert order.further == ()
    assert order.short == ("H2",)
    with pytest.raises(Refused):
        services.close_panel(here(), PERIOD, by=by("office"), now=CLOCK)
    services.close_panel(here(), PERIOD, WHY, by=by("office"), now=CLOCK)
    found = {(mark.institution, mark.item): mark.value for mark in queries.marks(one)}
    assert found["H2", "order"] is None
    assert found[left[0].institution, "order"] != 66
    with pytest.raises(Refused):
        services.withdraw_expert(here(), PERIOD, "expert", WHY, by=by("office"), now=CLOCK)
    with pytest.raises(Refused):
        services.reschedule_panel(here(), PERIOD, DUE + timedelta(days=1), WHY, by=by("office"), now=CLOCK)


def test_what_an_expert_has_not_locked_goes_to_another_one_in_one_step(inside: Flask, store: Store) -> None:
    open_panel(("expert", "expert3"))
    first = asked_of("expert3")[:1]
    given = [GivenScore(row.institution, row.item, 75, WHY) for row in first]
    services.give_score(here(), PERIOD, given, store, lock=True, by=by("expert3"), now=CLOCK)
    left = {(row.institution, row.item) for row in asked_of("expert3") if row.waits}
    staying = {place for place in left if place[0] == "H2"}  # the employer of who takes over
    assert staying

    def hand_over(account: str, other: str, why: str = WHY) -> int:
        return services.replace_expert(here(), PERIOD, account, other, DUE, why, by=by("office"), now=CLOCK)

    for other, why in (("expert", WHY), ("expert3", WHY), ("office", WHY), ("h2.expert", "短")):
        with pytest.raises(Refused):
            hand_over("expert3", other, why)
    with pytest.raises(NotFound):
        hand_over("office", "h2.expert")
    assert hand_over("expert3", "h2.expert") == len(left - staying)
    assert {(row.institution, row.item) for row in asked_of("h2.expert")} == left - staying
    assert {(row.institution, row.item) for row in asked_of("expert3") if row.waits} == staying
    assert not any(state.short for state in states_now().values())
    event = db.session.scalars(select(Event).where(Event.act == "ratings:expert:replace")).one()
    assert event.detail == {
        "experts": ["expert3", "h2.expert"], "count": len(left - staying), "apart": ["H2"], "due": DUE.isoformat(),
        "reason": WHY,
    }  # fmt: skip
    with pytest.raises(Refused):
        hand_over("h2.expert", "expert3")  # was withdrawn from it
    score_all(store, alike())
    with pytest.raises(NotFound):
        hand_over("h2.expert", "expert")
    services.close_panel(here(), PERIOD, WHY, by=by("office"), now=CLOCK)
    with pytest.raises(Refused):
        hand_over("expert", "expert3")


def test_who_was_asked_further_is_replaced_as_such_and_the_median_still_counts(inside: Flask, store: Store) -> None:
    open_panel(("expert", "expert3"))
    marks = alike()
    marks["expert3"] = dict(zip(MEMBERS, (80, 60, 90, 62, 70), strict=True))
    score_all(store, marks)
    services.ask_expert(here(), PERIOD, "order", "h2.expert", DUE, by=by("office"), now=CLOCK)
    assert states_now()["order"].further == ("h2.expert",)
    with pytest.raises(Refused):  # the pair has judged it
        services.replace_expert(here(), PERIOD, "h2.expert", "expert", DUE, WHY, by=by("office"), now=CLOCK)


def test_the_office_hands_over_on_a_page_that_tells_who_may_take_what(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        open_panel(("expert", "expert3"))
    office, page = client_as("office"), "/ratings/experts/replace/2026Q1/expert3"
    assert page in office.get("/ratings/panels/read/2026Q1").get_data(as_text=True)
    shown = office.get(page).get_data(as_text=True)
    assert 'value="h2.expert"' in shown
    assert 'value="expert"' not in shown  # judges all of it
    assert office.send(page, expert="expert", due="2026-05-20", reason=WHY).status_code == 422
    sent = office.send(page, expert="h2.expert", due="2026-05-20", reason=WHY)
    assert sent.status_code == 302, sent.get_data(as_text=True)[:3000]
    assert "另请专家接手" in office.get("/ratings/panels/read/2026Q1").get_data(as_text=True)
    assert "/ratings/scores/give/2026Q1/C1/" in client_as("h2.expert").get("/ratings/scores/list").get_data(
        as_text=True
    )


def test_the_office_moves_the_day_and_withdraws_on_pages(app: Flask, client_as: Callable[[str], Client]) -> None:
    with app.app_context():
        open_panel()
    office, moved = client_as("office"), "/ratings/panels/reschedule/2026Q1"
    assert office.get(moved).status_code == 200
    assert office.send(moved, due="2026-05-01", reason=WHY).status_code == 422
    assert office.send(moved, due="2026-06-15", reason=WHY).status_code == 302
    away = "/ratings/experts/withdraw/2026Q1/expert3"
    assert office.get(away).status_code == 200
    assert office.send(away, reason=WHY).status_code == 302
    assert office.get(away).status_code == 404
    page = office.get("/ratings/panels/read/2026Q1").get_data(as_text=True)
    assert "/ratings/experts/ask/2026Q1/order" in page
    assert "不足两名专家" in page
    assert client_as("expert3").get("/ratings/scores/list?period=2026Q1").status_code == 404
    page = client_as("expert").get("/ratings/scores/list").get_data(as_text=True)
    assert "2026-06-15" in page


def test_pages_of_a_panel_offer_nothing_that_can_only_be_refused(
    app: Flask, client_as: Callable[[str], Client], store: Store
) -> None:
    with app.app_context():
        open_panel()
        score_all(store, alike(), lock=False)
    office, page = client_as("office"), "/ratings/panels/close/2026Q1"
    shown = office.get(page).get_data(as_text=True)
    assert "结束评分</button>" not in shown
    assert "尚未评完的专家" in shown
    assert shown.count("<progress") > len(EXPERTS)
    assert office.send(page).status_code == 422
    assert "无须再请专家" in office.get("/ratings/experts/ask/2026Q1/order").get_data(as_text=True)
    assert office.get("/ratings/panels/reschedule/2026Q1").status_code == 200
    with app.app_context():
        for account in EXPERTS:
            services.lock_score(here(), PERIOD, by=by(account), now=CLOCK)
    shown = office.get(page).get_data(as_text=True)
    assert "结束评分</button>" in shown
    assert 'name="reason"' not in shown  # nothing stays wanting
    assert "panels/reschedule" not in office.get("/ratings/panels/read/2026Q1").get_data(as_text=True)
    assert office.get("/ratings/panels/reschedule/2026Q1").status_code == 404
    assert office.send(page).status_code == 302
    assert "结束评分</button>" not in office.get(page).get_data(as_text=True)


def test_how_many_stand_behind_a_result_is_told_beside_it(
    app: Flask, client_as: Callable[[str], Client], store: Store
) -> None:
    with app.app_context():
        open_panel()
        score_all(store, alike())
        services.close_panel(here(), PERIOD, by=by("office"), now=CLOCK)
        rows = {row.institution: row for row in evaluation.rating_results(here(), PERIOD)}
    assert rows["C1"].n == 3  # a pair for each of two items, in turn: three experts in all
    assert rows["H2"].n == 2  # one of them is employed there
    office, page = client_as("office"), "/evaluation/ratings/list?period=2026Q1"
    for address in (page, page + "&group=third_party"):
        shown = re.sub(r"\s+", " ", office.get(address).get_data(as_text=True))
        assert re.search(r"75\.00.{0,40}</td> ?<td class=\"num[^\"]*\">3</td>", shown), address


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", ["scoring_moved", "scoring_withdrawn"])
def test_experts_are_told_in_their_language(app: Flask, kind: str, language: str) -> None:
    with app.app_context():
        mail = MailInfo(
            1, 1, "m1", "expert", kind, "tasks", f"panel:{PERIOD}", {"period": PERIOD, "due": DUE.isoformat()},
            "waiting", 0, CLOCK, CLOCK, None, "",
        )  # fmt: skip
        letter = compose(mail, Recipient("expert@example.org", language), app.config["ALLIANCE"], CLOCK)
    quarter = "2026年第1季度" if language == "zh" else "Q1 2026"
    assert quarter in letter.subject
    assert "/ratings/scores/list" in letter.text
