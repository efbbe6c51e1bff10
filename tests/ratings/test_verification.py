"""Verifications by third parties: who reads what and how long, what is found, and what members do about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from alliance.core.period import day_of
from alliance.core.refused import Forbidden, NotFound, Refused
from alliance.core.roles import Scope
from alliance.desk import queries as desk
from alliance.jobs.timed import remind_verification
from alliance.members import queries as members
from alliance.pdf import render
from alliance.ratings import queries, services, sheets
from alliance.ratings.rules.plans import Action
from alliance.store import Store
from tests.conftest import Client
from tests.small import CLOCK, at, by

TODAY = date(2026, 5, 10)
FILE = ("list.csv", b"case,day\n1,2026-03-02\n")
REASON = "The register shows fewer cases than were filed."


def here() -> int:
    found = members.alliance_of_code("SMALL")
    assert found
    return found.id


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "verifications")


def engage(
    store: Store, codes: tuple[str, ...] = ("C1", "C2"), experts: tuple[str, ...] = ("expert", "expert3"),
    starts: date = TODAY, ends: date = date(2026, 5, 20), size: int = 8,
) -> str:  # fmt: skip
    return services.open_engagement(
        here(), "Third party Ltd", "HT-7", "2026Q1", codes, experts, starts, ends, size, True, None, store,
        by=by("office"), now=CLOCK,
    )  # fmt: skip


def drawn(store: Store, **more: object) -> str:
    number = engage(store, **more)  # type: ignore[arg-type]
    services.draw_engagement(here(), number, "seed", by=by("office"), now=CLOCK)
    return number


def say(
    store: Store, number: str, figure: int, verdict: str = "verified", corrected: str = "", *, account: str = "expert",
    now: datetime = CLOCK,
) -> None:  # fmt: skip
    """An expert says something of one figure."""
    wrong = verdict == "corrected"
    judged = services.Judged(
        figure, verdict, corrected, "HIS on site", REASON if wrong else "", FILE if wrong else None
    )
    services.record_verification(here(), number, [judged], store, by=by(account), now=now)


def judge(store: Store, number: str, *, corrected: int = 0, account: str = "expert") -> None:
    """All figures are verified, but the first so many, that are corrected."""
    one = queries.engagement(here(), number)
    assert one
    for place, figure in enumerate(queries.figures_drawn(one.id)):
        wrong = ("corrected", str(int(figure.value) - 1)) if place < corrected else ()
        say(store, number, figure.id, *wrong, account=account)


def complete(number: str) -> None:
    one = queries.engagement(here(), number)
    assert one
    rows = queries.completions(here(), one, queries.figures_drawn(one.id))
    for code in sorted({row.institution for row in rows}):
        said = {row.indicator: ("yes", "") for row in rows if row.institution == code}
        services.confirm_completion(here(), number, code, said, by=by("expert"), now=CLOCK)


def find(number: str, institution: str = "C1") -> int:
    return services.record_finding(
        here(), number, institution, "major", "E1 referrals", REASON, "Count each case once.", date(2026, 6, 30),
        by=by("expert"), now=CLOCK,
    )  # fmt: skip


def locked(store: Store) -> str:
    number = drawn(store)
    judge(store, number, corrected=2)
    complete(number)
    find(number)
    services.lock_engagement(here(), number, by=by("expert"), now=CLOCK)
    return number


def seen(account: str, on: date = TODAY) -> list[str]:
    scope = Scope(here(), account, roles=frozenset({"expert"}), institutions=frozenset())
    return [one.number for one in queries.visible_engagements(scope, on)]


def test_experts_are_given_the_members_drawn_from_the_first_to_the_last_day(inside: Flask, store: Store) -> None:
    number = engage(store)
    assert not queries.engaged_grants("expert", {here()}, TODAY)
    services.draw_engagement(here(), number, "seed", by=by("office"), now=CLOCK)
    assert [one.institution for one in queries.engaged_grants("expert", {here()}, TODAY)] == ["C1", "C2"]
    assert queries.engaged_grants("expert", {here()}, date(2026, 5, 20))
    assert not queries.engaged_grants("expert", {here()}, date(2026, 5, 21))
    assert not queries.engaged_grants("expert", {here()}, date(2026, 5, 9))
    assert not queries.engaged_grants("h2.expert", {here()}, TODAY)


def test_a_sample_is_drawn_once_and_can_be_drawn_again_by_anybody(inside: Flask, store: Store) -> None:
    from alliance.indicators.queries import allocate, by_lot
    from alliance.ratings.rules.verification import draw

    number = drawn(store)
    one = queries.engagement(here(), number)
    assert one
    again = draw(queries.drawn_from(one.id), one.size, one.seed, allocate, by_lot)
    assert [row.name for row in again] == [
        f"{row.institution}/{row.element}/{row.period}" for row in queries.figures_drawn(one.id)
    ]
    with pytest.raises(Refused, match="stays as it is"):
        services.draw_engagement(here(), number, "other", by=by("office"), now=CLOCK)


def test_nobody_is_engaged_for_a_member_from_which_all_experts_stand_apart(inside: Flask, store: Store) -> None:
    with pytest.raises(Refused, match="None of these experts"):
        engage(store, ("H2",), ("h2.expert",))
    engage(store, ("H2",), ("h2.expert", "expert"))


def test_a_conflict_of_interest_keeps_the_figures_of_a_member_away(inside: Flask, store: Store) -> None:
    number = drawn(store)
    services.declare_conflict(
        here(), "C1", "family", "A relative works there.", TODAY, None, by=by("expert"), now=CLOCK
    )  # fmt: skip
    assert [one.institution for one in queries.engaged_grants("expert", {here()}, TODAY)] == ["C2"]
    one = queries.engagement(here(), number)
    assert one
    figure = queries.figures_drawn(one.id, {"C1"})[0]
    with pytest.raises(Forbidden, match="stand apart"):
        say(store, number, figure.id)
    with pytest.raises(Forbidden):
        find(number, "C1")
    say(store, number, figure.id, account="expert3")
    left = queries.figures_drawn(one.id, {"C2"})
    say(store, number, left[0].id)
    for account, counted in (("expert", (1, len(left))), ("expert3", (2, 8))):
        scope = Scope(here(), account, "", frozenset({"expert"}), frozenset())
        (task,) = [task for task in desk.tasks(scope, CLOCK) if task.what == "verify"]
        assert (task.count, task.whole) == counted
        (seen,) = queries.visible_engagements(scope, TODAY)
        assert (seen.looked, seen.figures) == counted


def test_only_its_experts_record_and_only_while_it_lasts(inside: Flask, store: Store) -> None:
    number = drawn(store)
    one = queries.engagement(here(), number)
    assert one
    figure = queries.figures_drawn(one.id)[0]
    for account, now in (("h2.expert", CLOCK), ("expert", at(22, 5)), ("expert", at(9, 5))):
        with pytest.raises(NotFound):
            say(store, number, figure.id, account=account, now=now)
    assert seen("expert") == [number]
    assert seen("expert", date(2026, 5, 21)) == []


def test_an_end_that_is_moved_moves_what_experts_read(inside: Flask, store: Store) -> None:
    number = drawn(store, starts=date(2026, 5, 4))
    services.reschedule_engagement(
        here(), number, date(2026, 5, 9), "The contract was ended.", by=by("office"), now=CLOCK
    )  # fmt: skip
    assert not queries.engaged_grants("expert", {here()}, TODAY)
    services.reschedule_engagement(
        here(), number, date(2026, 5, 30), "It is taken up again.", by=by("office"), now=CLOCK
    )  # fmt: skip
    assert queries.engaged_grants("expert", {here()}, date(2026, 5, 30))
    with pytest.raises(Refused, match="yesterday"):
        services.reschedule_engagement(
            here(), number, date(2026, 5, 5), "The contract was ended.", by=by("office"), now=CLOCK
        )  # fmt: skip


def test_what_an_expert_says_changes_no_filed_figure(inside: Flask, store: Store) -> None:
    from alliance.indicators.queries import readings

    before = {month: readings(here(), month, "C1") for month in ("2026-01", "2026-02", "2026-03")}
    number = drawn(store)
    judge(store, number, corrected=8)
    assert {month: readings(here(), month, "C1") for month in before} == before
    one = queries.engagement(here(), number)
    assert one
    assert queries.rates_of(queries.figures_drawn(one.id)).whole.percent == 100


def test_it_is_locked_when_everything_is_said_and_then_stays(inside: Flask, store: Store) -> None:
    number = drawn(store)
    with pytest.raises(Refused, match="not judged"):
        services.lock_engagement(here(), number, by=by("expert"), now=CLOCK)
    judge(store, number)
    with pytest.raises(Refused, match="not confirmed"):
        services.lock_engagement(here(), number, by=by("expert"), now=CLOCK)
    complete(number)
    taken = find(number, "C2")
    services.withdraw_finding(here(), number, taken, by=by("expert"), now=CLOCK)
    find(number)
    assert services.lock_engagement(here(), number, by=by("expert"), now=CLOCK) == 1
    with pytest.raises(Refused, match="locked"):
        find(number)
    (plan,) = queries.findings(here(), number)
    assert (plan.state, plan.institution, day_of(plan.due) if plan.due else None) != ("", "C1", None)


def file(number: str, account: str = "c1.lead", now: datetime = CLOCK) -> None:
    actions = [Action("Train the clerks", "Head of the office", date(2026, 6, 15))]
    services.file_plan(
        here(), number, 1, "Cases are counted twice.", "Nobody looks a second time.", actions, by=by(account), now=now
    )


def state(number: str) -> str:
    return queries.findings(here(), number)[0].state


def test_a_plan_is_written_reviewed_carried_out_and_confirmed(inside: Flask, store: Store) -> None:
    number = locked(store)
    with pytest.raises(NotFound):
        file(number, "c2.lead")
    file(number)
    with pytest.raises(Refused, match="reason"):
        services.review_plan(here(), number, 1, "return", "", by=by("office"), now=CLOCK)
    services.review_plan(here(), number, 1, "return", "Name who looks a second time.", by=by("office"), now=CLOCK)
    file(number)
    services.review_plan(here(), number, 1, "accept", "", by=by("office"), now=CLOCK)
    with pytest.raises(Refused, match="Attach"):
        services.finish_plan(here(), number, 1, "Clerks are trained.", None, store, by=by("c1.lead"), now=CLOCK)
    services.finish_plan(here(), number, 1, "Clerks are trained.", FILE, store, by=by("c1.lead"), now=CLOCK)
    for account, now in (("h2.expert", CLOCK), ("expert", at(22, 5))):
        with pytest.raises(NotFound):
            services.confirm_plan(here(), number, 1, "confirm", "", by=by(account), now=now)
    with pytest.raises(Forbidden):
        services.confirm_plan(here(), number, 1, "confirm", "", by=by("c1.lead"), now=CLOCK)
    services.confirm_plan(here(), number, 1, "reopen", "The list is not signed.", by=by("expert"), now=CLOCK)
    assert state(number) == "accepted"
    services.finish_plan(here(), number, 1, "Clerks are trained.", FILE, store, by=by("c1.lead"), now=CLOCK)
    services.confirm_plan(here(), number, 1, "confirm", "", by=by("office2"), now=CLOCK)
    assert state(number) == "confirmed"
    with pytest.raises(Refused, match="another state"):
        services.confirm_plan(here(), number, 1, "confirm", "", by=by("office"), now=CLOCK)


def test_a_plan_that_comes_late_is_late_and_taken(inside: Flask, store: Store) -> None:
    number = locked(store)
    (one,) = queries.findings(here(), number)
    assert not one.is_overdue(CLOCK)
    assert one.is_overdue(at(30, 5))
    file(number, now=at(30, 5))
    assert state(number) == "filed"


def test_members_and_experts_are_reminded_once_an_occasion(inside: Flask, store: Store) -> None:
    number = locked(store)
    (one,) = queries.findings(here(), number)
    assert services.remind_plan(here(), one, "-3", by=by("office"), now=CLOCK)
    assert not services.remind_plan(here(), one, "-3", by=by("office"), now=CLOCK)
    assert services.remind_plan(here(), one, "-1", by=by("office"), now=CLOCK)
    remind_verification(CLOCK)


def test_the_report_is_frozen_and_anybody_may_have_it_confirmed(inside: Flask, store: Store) -> None:
    number = drawn(store)
    with pytest.raises(Refused, match="locked"):
        services.issue_report(here(), number, by=by("office"), now=CLOCK)
    judge(store, number, corrected=2)
    complete(number)
    find(number)
    services.lock_engagement(here(), number, by=by("expert"), now=CLOCK)
    digest = services.issue_report(here(), number, by=by("office"), now=CLOCK)
    file(number)  # what follows changes no report
    found = queries.issued_report(here(), number)
    assert found
    assert found.digest == digest
    assert found.content["whole"]["deviating"] == 2
    assert found.content["findings"][0]["state"] == "open"
    assert queries.confirmed_report("SMALL", number, found.check)
    assert queries.confirmed_report("SMALL", number, "0" * 16) is None
    for language in ("zh", "en"):
        paper = sheets.report_paper(found, language, site="https://portal.example")
        assert digest in paper
        assert "seed" in paper
        assert render(paper).startswith(b"%PDF")
    with pytest.raises(Refused, match="already"):
        services.issue_report(here(), number, by=by("office"), now=CLOCK)


def test_members_see_what_was_found_of_them_and_nothing_of_others(
    app: Flask, client_as: Callable[[str], Client], tmp_path: Path
) -> None:
    with app.app_context():
        number = locked(Store(tmp_path))
    lead, other = client_as("c1.lead"), client_as("c3.lead")
    page = lead.get(f"/ratings/engagements/read/{number}").get_data(as_text=True)
    assert "C1" in page
    assert "C2医院" not in page
    assert other.get(f"/ratings/engagements/read/{number}").status_code == 404
    assert other.get(f"/ratings/plans/read/{number}/1").status_code == 404
    assert lead.get(f"/ratings/plans/read/{number}/1").status_code == 200
    assert lead.get(f"/ratings/reports/download/{number}/zh").status_code == 403


def test_who_stands_apart_sees_no_value_of_the_member_anywhere(
    app: Flask, client_as: Callable[[str], Client], tmp_path: Path
) -> None:  # fmt: skip
    with app.app_context():
        issued, running = locked(Store(tmp_path)), drawn(Store(tmp_path))
        services.issue_report(here(), issued, by=by("office"), now=CLOCK)
    paper = f"/ratings/reports/download/{issued}/zh"
    assert client_as("expert").get(paper).status_code == 200
    with app.app_context():
        services.declare_conflict(
            here(), "C1", "family", "A relative works there.", TODAY, None, by=by("expert"), now=CLOCK
        )  # fmt: skip
    expert = client_as("expert")
    page = expert.get(f"/ratings/engagements/read/{running}").get_data(as_text=True)
    assert '<th scope="row">C2</th>' in page  # of what the sample was drawn from
    assert '<th scope="row">C1</th>' not in page
    assert paper not in expert.get(f"/ratings/engagements/read/{issued}").get_data(as_text=True)
    assert expert.get(paper).status_code == 404
    assert client_as("expert3").get(paper).status_code == 200


def test_an_expert_opens_what_the_members_filed_and_after_the_end_nothing(
    app: Flask, client_as: Callable[[str], Client], tmp_path: Path
) -> None:
    with app.app_context():
        number = drawn(Store(tmp_path))
    expert = client_as("expert")
    for path in ("/indicators/submissions/read/2026-03/C1", "/indicators/readings/read/C1/E1/2026-03",
                 "/indicators/evidence/list/2026-03/C1", f"/ratings/engagements/read/{number}",
                 "/registers/cases/list/visit",
                 "/ratings/engagements/list", "/ratings/plans/list", "/"):  # fmt: skip
        assert expert.get(path).status_code == 200, path
    for path in ("/indicators/submissions/read/2026-03/C3", "/indicators/readings/read/C3/E1/2026-03",
                 "/indicators/evidence/list/2026-03/C3"):  # fmt: skip
        assert expert.get(path).status_code == 404, path
    with app.app_context():
        services.reschedule_engagement(
            here(), number, TODAY, "It ends today for good.", by=by("office"), now=CLOCK
        )  # fmt: skip
    app.config["CLOCK"] = lambda: at(11, 5)
    expert = client_as("expert")
    for path in ("/indicators/submissions/read/2026-03/C1", f"/ratings/engagements/read/{number}",
                 "/indicators/readings/read/C1/E1/2026-03"):  # fmt: skip
        assert expert.get(path).status_code == 404, path


def test_the_way_through_the_pages(app: Flask, client_as: Callable[[str], Client]) -> None:
    office = client_as("office")
    answer = office.send(
        "/ratings/engagements/open", organisation="Third party Ltd", contract="HT-7", period="2026Q1",
        institutions=["C1"], experts=["expert"], starts="2026-05-10", ends="2026-05-20", size="5",
    )  # fmt: skip
    number = answer.headers["Location"].rpartition("/")[2]
    assert office.send(f"/ratings/engagements/draw/{number}").status_code == 302
    with app.app_context():
        one = queries.engagement(here(), number)
        assert one
        figures = queries.figures_drawn(one.id)
    expert = client_as("expert")
    first = figures[0]
    refused = expert.send(f"/ratings/verifications/record/{number}/{first.id}", verdict="corrected", source="HIS",
                          remark=REASON, corrected="1")  # fmt: skip
    assert refused.status_code == 422
    kept = expert.send(f"/ratings/verifications/record/{number}/{first.id}", verdict="corrected", source="HIS",
                       remark=REASON, corrected="1", file=(BytesIO(FILE[1]), FILE[0]))  # fmt: skip
    assert kept.status_code == 302
    for figure in figures[1:]:
        assert expert.send(
            f"/ratings/verifications/record/{number}/{figure.id}", verdict="verified", source="HIS"
        ).status_code == 302  # fmt: skip
    assert expert.get(f"/ratings/verifications/read/{number}/{first.id}").status_code == 200
    assert expert.get(f"/ratings/verifications/download/{number}/{first.id}").data == FILE[1]
    page = expert.get(f"/ratings/completions/confirm/{number}/C1").get_data(as_text=True)
    said = {f"verdict-{code}": "yes" for code in ("I1", "I2") if f"verdict-{code}" in page}
    assert expert.send(f"/ratings/completions/confirm/{number}/C1").status_code == 422
    assert expert.send(f"/ratings/completions/confirm/{number}/C1", **said).status_code == 302
    finding = {"institution": "C1", "severity": "major", "area": "E1", "text": REASON,
               "expected": "Count each case once.", "due": "2026-06-30"}  # fmt: skip
    assert expert.send(f"/ratings/findings/record/{number}", **finding).status_code == 302
    assert expert.get(f"/ratings/findings/withdraw/{number}/1").status_code == 200
    assert expert.send(f"/ratings/engagements/lock/{number}").status_code == 302
    lead = client_as("c1.lead")
    plan = {"problem": "Cases are counted twice.", "cause": "Nobody looks a second time."}
    row = {"actions-0-text": "Train the clerks", "actions-0-owner": "Head"}
    assert lead.send(f"/ratings/plans/file/{number}/1", **plan, **row).status_code == 422
    row["actions-0-due"] = "2026-06-15"
    assert lead.send(f"/ratings/plans/file/{number}/1", **plan, **row).status_code == 302
    assert office.send(f"/ratings/plans/review/{number}/1", step="accept").status_code == 302
    done = lead.send(f"/ratings/plans/finish/{number}/1", text="The clerks are trained.",
                     file=(BytesIO(FILE[1]), FILE[0]))  # fmt: skip
    assert done.status_code == 302
    assert expert.send(f"/ratings/plans/confirm/{number}/1", step="confirm").status_code == 302
    assert office.send(f"/ratings/reports/issue/{number}").status_code == 302
    for path in (f"engagements/read/{number}", f"plans/read/{number}/1", "plans/list", "plans/list?state=overdue"):
        for reader in (office, lead, client_as("regulator"), expert):
            assert reader.get(f"/ratings/{path}").status_code == 200, path
    pdf = office.get(f"/ratings/reports/download/{number}/zh")
    assert pdf.data.startswith(b"%PDF")
    with app.app_context():
        found = queries.issued_report(here(), number)
        assert found
    assert app.test_client().get(f"/ratings/reports/confirm/SMALL/{number}/{found.check}").status_code == 200
    assert app.test_client().get(f"/ratings/reports/confirm/SMALL/{number}/{'0' * 16}").status_code == 404


def test_pages_of_a_verification_say_what_is_missing_in_place_of_a_button(
    app: Flask, client_as: Callable[[str], Client]
) -> None:
    with app.app_context():
        store = Store(app.config["ALLIANCE"].data / "verifications")
        number = drawn(store)
    office, expert = client_as("office"), client_as("expert")
    lock, draw, issue = (
        f"/ratings/{what}/{number}" for what in ("engagements/lock", "engagements/draw", "reports/issue")
    )
    for client, page in ((office, draw), (office, issue), (expert, lock)):
        assert f'action="{page}"' not in client.get(page).get_data(as_text=True)
    assert "待判定数据" in expert.get(lock).get_data(as_text=True)
    with app.app_context():
        judge(store, number)
    shown = expert.get(lock).get_data(as_text=True)
    assert f"/ratings/completions/confirm/{number}/C1" in shown
    assert f'action="{lock}"' not in shown
    with app.app_context():
        complete(number)
    assert f'action="{lock}"' in expert.get(lock).get_data(as_text=True)
    assert expert.send(lock).status_code == 302
    assert f'action="{issue}"' in office.get(issue).get_data(as_text=True)
    assert office.send(issue).status_code == 302
    assert office.get(f"/ratings/engagements/reschedule/{number}").status_code == 404


@pytest.mark.parametrize("ends", [date(9999, 12, 31), date(2027, 5, 12)])
def test_an_engagement_has_an_end_in_sight(inside: Flask, store: Store, ends: date) -> None:
    with pytest.raises(Refused, match="at most 366 days"):
        engage(store, ends=ends)
    number = engage(store, ends=date(2027, 5, 11))
    with pytest.raises(Refused, match="at most 366 days"):
        services.reschedule_engagement(here(), number, ends, REASON, by=by("office"), now=CLOCK)
