"""A receiver answers many referrals at once: those chosen in the inbox, and those of a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import text

from alliance.core.refused import NotFound, Refused
from alliance.db import db
from alliance.registers import services
from alliance.registers.rules.confirmations import ConfirmationRow, Said, steps_to
from tests.conftest import Client
from tests.registers.referring import actor, file, identity, works
from tests.registers.test_referral_services import case
from tests.small import CLOCK

Signed = Callable[[str], Client]
DAY = CLOCK.date()
SEEN = Said("seen", DAY)


@pytest.fixture
def filed(inside: Flask) -> list[str]:
    """Four cases from C1 to H1, and one to H2."""
    numbers = [
        file(1, "C1", "H1", CLOCK - timedelta(hours=2), identity=identity(order=f"{order:03}"))
        for order in range(1, 5)
    ]  # fmt: skip
    return [*numbers, file(1, "C1", "H2", CLOCK - timedelta(hours=2), identity=identity(order="009"))]


def test_each_case_is_asked_by_itself_and_moves_wholly_or_stays(filed: list[str]) -> None:
    accepted, waiting, declined, looked_at, _other = filed
    services.accept_referral(1, accepted, "H1", 1, by=actor("H1"), now=CLOCK)
    services.decline_referral(1, declined, "H1", 1, "本科室近期没有空床可用。", works, by=actor("H1"), now=CLOCK)
    chosen = [(accepted, 2), (waiting, 1), (declined, 2), (looked_at, 7)]
    left = services.record_confirmation(1, "H1", chosen, SEEN, works, by=actor("H1"), now=CLOCK)
    assert [number for number, _refused in left] == [declined, looked_at]
    assert "declined" in str(left[0][1])
    assert "Somebody changed" in str(left[1][1])
    assert [case(number).state for number in filed[:4]] == ["seen", "seen", "declined", "filed"]
    assert case(waiting).answered_by == "h1.reporter"
    assert case(waiting).counts
    acts = db.session.scalars(
        text("SELECT act FROM event WHERE subject = :one ORDER BY id"), {"one": f"referral:C1/{waiting}"}
    )
    assert list(acts) == ["registers:referral:file", "registers:referral:accept", "registers:referral:see"]


def test_nothing_is_half_done_for_a_case(filed: list[str]) -> None:
    before = Said("seen", DAY - timedelta(days=30))
    left = services.record_confirmation(1, "H1", [(filed[0], 1)], before, works, by=actor("H1"), now=CLOCK)
    assert len(left) == 1
    one = case(filed[0])
    assert (one.state, one.version, one.answered_at, one.seen_on) == ("filed", 1, None, None)


def test_only_the_receiver_answers_and_a_reason_is_not_given_for_many(filed: list[str]) -> None:
    with pytest.raises(NotFound):
        services.record_confirmation(1, "H1", [(filed[4], 1)], SEEN, works, by=actor("H1"), now=CLOCK)
    with pytest.raises(Refused, match="reason of its own"):
        services.record_confirmation(
            1,
            "H1",
            [(filed[0], 1)],
            Said("declined", None, "本科室近期没有空床可用。"),
            works,
            by=actor("H1"),
            now=CLOCK,
        )
    with pytest.raises(Refused, match="at least one"):
        services.record_confirmation(1, "H1", [], SEEN, works, by=actor("H1"), now=CLOCK)


def test_a_pointless_pair_is_found_after_many_were_seen_at_once(inside: Flask) -> None:
    earlier = CLOCK - timedelta(days=3)
    first = file(1, "C1", "H1", earlier)
    services.record_confirmation(1, "H1", [(first, 1)], Said("seen", earlier.date()), works, by=actor("H1"), now=CLOCK)
    back = file(1, "H1", "C1", CLOCK - timedelta(hours=1))
    services.record_confirmation(1, "C1", [(back, 1)], SEEN, works, by=actor("C1"), now=CLOCK)
    assert [case(number).pointless for number in (first, back)] == [True, True]


def rows(*said: tuple[str, Said]) -> list[ConfirmationRow]:
    return [ConfirmationRow(place, number, one) for place, (number, one) in enumerate(said, 2)]


def test_a_file_of_confirmations_is_taken_whole_or_not_at_all_and_once(filed: list[str]) -> None:
    reason = "病人电话告知不来就诊了。"
    good = rows((filed[0], SEEN), (filed[1], Said("accepted")), (filed[2], Said("declined", None, reason)))
    bad = [*good, *rows((filed[4], SEEN), (filed[3], Said("missed", None, reason)), (filed[0], SEEN))]
    with pytest.raises(Refused, match="3 errors"):
        services.import_confirmation(1, "H1", bad, works, by=actor("H1"), now=CLOCK)
    named = rows((filed[0], SEEN), (filed[2], Said("declined", None, "测试甲某某不愿意住院。")))
    with pytest.raises(Refused, match="1 error"):  # found only where the patient is known
        services.import_confirmation(1, "H1", named, works, by=actor("H1"), now=CLOCK)
    assert {case(number).state for number in filed} == {"filed"}
    done = services.import_confirmation(1, "H1", good, works, by=actor("H1"), now=CLOCK)
    assert (len(done.moved), done.same) == (3, 0)
    assert [case(number).state for number in filed[:3]] == ["seen", "accepted", "declined"]
    again = services.import_confirmation(1, "H1", good, works, by=actor("H1"), now=CLOCK)
    assert (len(again.moved), again.same) == (0, 3)
    # A later file may go further, and may not say another day.
    later = rows((filed[1], Said("missed", None, reason)))
    services.import_confirmation(1, "H1", later, works, by=actor("H1"), now=CLOCK)
    assert case(filed[1]).state == "missed"
    with pytest.raises(Refused, match="1 error"):
        services.import_confirmation(
            1, "H1", rows((filed[0], Said("seen", DAY - timedelta(days=1)))), works, by=actor("H1"), now=CLOCK
        )


@pytest.mark.parametrize(
    ("said", "state", "steps"),
    [
        (SEEN, "filed", ("accept", "see")),
        (SEEN, "accepted", ("see",)),
        (SEEN, "closed", ()),
        (Said("accepted"), "filed", ("accept",)),
        (Said("accepted"), "returned", ()),
        (Said("missed", None, "病人没有按约前来就诊。"), "accepted", ("miss",)),
        (Said("missed"), "missed", ()),
    ],
)
def test_the_steps_to_an_outcome(said: Said, state: str, steps: tuple[str, ...]) -> None:
    assert steps_to(said, state, "up", DAY, DAY, DAY) == steps


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (Said("seen"), "accepted"),
        (SEEN, "cancelled"),
        (Said("missed", None, "病人没有按约前来就诊。"), "filed"),
        (Said("declined", None, "短"), "filed"),
        (Said("seen", date(2099, 1, 1)), "filed"),
    ],
)
def test_what_cannot_be_said_is_refused(said: Said, state: str) -> None:
    with pytest.raises(Refused):
        steps_to(said, state, "up", DAY, None, DAY)


def test_the_inbox_has_a_box_for_each_case_that_waits(app: Flask, client_as: Signed) -> None:
    with app.app_context():
        numbers = [
            file(1, "C1", "H1", CLOCK - timedelta(hours=2), identity=identity(order=f"{one:03}")) for one in (1, 2)
        ]
        db.session.remove()
    hospital, center = client_as("h1.reporter"), client_as("c1.reporter")
    page = hospital.get("/registers/referrals/list").get_data(as_text=True)
    assert page.count('name="chosen"') == 2
    assert 'name="chosen"' not in center.get("/registers/referrals/list").get_data(as_text=True)
    path = "/registers/confirmations/record/H1"
    chosen = [f"{number}/1" for number in numbers]
    assert center.send(path, chosen=chosen, outcome="seen", day=f"{DAY}").status_code == 404
    assert hospital.send(path, chosen=chosen, outcome="seen", day="").status_code == 422
    assert hospital.send(path, outcome="seen", day=f"{DAY}").status_code == 422
    assert hospital.send(path, chosen=["2026-000099/1"], outcome="seen", day=f"{DAY}").status_code == 404
    answer = hospital.send(path, chosen=[chosen[0], f"{numbers[1]}/9"], outcome="accepted")
    assert answer.status_code == 200
    told = answer.get_data(as_text=True)
    assert numbers[1] in told
    assert numbers[0] not in told.partition("<main")[2].partition("</main>")[0]
    assert hospital.send(path, chosen=[f"{numbers[0]}/2", chosen[1]], outcome="seen", day=f"{DAY}").status_code == 302


def test_a_file_of_confirmations_is_checked_and_then_taken(app: Flask, client_as: Signed) -> None:
    with app.app_context():
        number = file(1, "C1", "H1", CLOCK - timedelta(hours=2))
        db.session.remove()
    hospital, path = client_as("h1.reporter"), "/registers/confirmations/import/H1"

    def send(line: str, **button: str) -> tuple[int, str]:
        content = f"转诊编号,结果,接诊日期,原因\n{line}".encode()
        answer = hospital.send(path, file=(BytesIO(content), "seen.csv"), **button)
        return answer.status_code, answer.get_data(as_text=True)

    assert hospital.get("/registers/confirmations/template/H1").data.startswith(b"PK")
    assert hospital.get(path).status_code == 200
    assert send(f"{number},治愈,{DAY},", check="1")[0] == 422
    assert send(f"{number},已接诊,昨天,", check="1")[0] == 422
    assert send(f"2026-000009,已接诊,{DAY},", check="1")[0] == 422
    assert send(f"{number},已接诊,{DAY},", check="1")[0] == 200
    assert "待接收" in hospital.get(f"/registers/referrals/read/{number}").get_data(as_text=True)
    assert send(f"{number},已接诊,{DAY},", apply="1")[0] == 302
    assert "已接诊" in hospital.get(f"/registers/referrals/read/{number}").get_data(as_text=True)
    assert "没有需要导入的记录" in send(f"{number},seen,{DAY},", check="1")[1]
