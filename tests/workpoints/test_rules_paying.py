"""Payslips, reconciliation, the states of a run."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.core.refused import Refused
from alliance.workpoints.rules.issues import MESSAGES, issue, refuse
from alliance.workpoints.rules.payslips import (
    Line,
    correction,
    instalments,
    slip,
    wage_line,
    withheld,
)
from alliance.workpoints.rules.reconciliation import Row, reconcile, tie_out
from alliance.workpoints.rules.runs import MOVES, STATES, Done, state_of, take
from tests.workpoints.making import fig, shown, sound, total, working

D = Decimal


def test_a_slip_adds_its_lines_and_takes_off_what_is_withheld():
    desk = working()
    bonus = fig("bonus", "5000.05")
    held = withheld(desk, "P1", bonus, fig("rate", 10))
    found = slip(desk, "P1", [held, Line("night", fig("night", 2800)), Line("bonus", bonus)])
    assert [line.sort for line in found.lines] == ["bonus", "night", "withheld"]
    assert (held.amount.value, found.net.value) == (500, D("7300.05"))
    assert shown(found.net) == "5000.05 + 2800 − 500"
    sound(found.net)


def test_a_past_month_is_corrected_now_by_a_line_of_its_own():
    desk = working()
    line = correction(desk, "P1", "2026-02", fig("right", 900), fig("figure:abc/person/P1/bonus", 1000))
    found = slip(desk, "P1", [Line("bonus", fig("bonus", 5000)), line])
    assert (line.amount.value, found.net.value, line.month) == (-100, 4900, "2026-02")
    sound(found.net)
    for month in ("", "2026-03", "2026-04", "2025"):
        with pytest.raises(Refused, match="no month before 2026-03"):
            slip(desk, "P1", [Line("correction", fig("c", 1), month)])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            [Line("bonus", fig("b", 100)), Line("recovered", fig("r", 150))],
            "P1: 150 CNY are taken off a slip of 100 CNY",
        ),
        (
            [Line("bonus", fig("b", 100)), Line("correction", fig("c", "-100.01"), "2026-02")],
            "P1: what is corrected leaves -0.01 CNY, less than nothing",
        ),
        ([Line("withheld", fig("w", -1))], "P1: -1 CNY cannot be taken off"),
        ([Line("gift", fig("g", 1))], "gift is no sort of line"),
    ],
)
def test_a_slip_that_cannot_be_is_refused_with_person_and_amount(lines, said):
    with pytest.raises(Refused, match=said):
        slip(working(), "P1", lines)


def test_the_matched_wage_falls_with_the_score():
    found = wage_line(working(), "P1", fig("matched", 300), fig("factor", "1.04"), fig("score", 95))
    sound(found)
    assert found.value == D("296.40")


@given(st.decimals(0, 10**6, places=2), st.integers(1, 3))
def test_instalments_add_up(amount, months):
    parts = instalments("P1", fig("amount", amount), months)
    assert (len(parts), sum(parts)) == (months, amount)


def test_nothing_is_recovered_over_more_than_three_months():
    with pytest.raises(Refused, match=r"P1: 100 CNY are to be recovered over 4 months; at most 3"):
        instalments("P1", fig("amount", 100), 4)
    with pytest.raises(Refused, match=r"120% cannot be withheld"):
        withheld(working(), "P1", fig("due", 100), fig("rate", 120))


def test_a_run_is_reconciled_pool_by_pool():
    desk = working()
    rows = [
        Row("first", "一次分配", "First distribution", fig("pool", 100), (fig("C01", 60), fig("C02", 40))),
        Row("C01", "二次分配", "Second distribution", fig("C01", 60), (fig("P1", 59),)),
    ]
    found = reconcile(desk, rows, [issue("factor_dropped", "C01/risk", 20), issue("unknown_code", "X99", "12.50")])
    assert [one.difference.value for one in found.rows] == [0, 1]
    assert [(one.kind, one.where, one.amount, one.blocks) for one in found.issues] == [
        ("difference", "C01", "1", True), ("unknown_code", "X99", "12.50", True),
        ("factor_dropped", "C01/risk", "20", False),
    ]  # fmt: skip
    assert not found.may_submit
    with pytest.raises(Refused, match="2 things are missing or wrong") as refused:
        found.check()
    assert [(problem.where, problem.value) for problem in refused.value.problems] == [("C01", "1"), ("X99", "12.50")]
    for one in found.rows:
        sound(one.difference)


def test_warnings_alone_do_not_stop_a_run():
    found = reconcile(working(), [], [issue("operation_share", "structure", 78)])
    found.check()
    assert found.may_submit


def test_what_was_approved_is_paid_withheld_or_returned():
    found = tie_out(working(), fig("approved", 1000), [fig("paid", 900)], [fig("held", 80)], [fig("back", 20)])
    assert found.difference.value == 0
    assert total([found.allocated]) == 1000
    sound(found.difference)


def test_an_issue_has_one_of_the_known_kinds():
    with pytest.raises(KeyError):
        issue("bad_mood", "C01")
    for kind in MESSAGES:
        blocks = issue(kind, "C01").blocks
        if blocks:
            with pytest.raises(Refused):
                refuse([issue(kind, "C01")])
        else:
            refuse([issue(kind, "C01")])


DRAFT = [Done("compute", "ann")]
CHECKED = [*DRAFT, Done("check", "bob")]
APPROVED = [*CHECKED, Done("approve", "cleo")]
PAID = [*APPROVED, Done("pay", "ann")]


def test_a_run_is_checked_by_a_second_person_approved_and_paid_by_another_than_the_checker():
    assert take(DRAFT, "check", "bob") == "checked"
    assert take(CHECKED, "approve", "cleo", decision="2026-014") == "approved"
    assert take(APPROVED, "pay", "ann") == "paid"
    assert take(APPROVED, "reverse", "cleo", reason="wrong month of charges", decision="2026-015") == "reversed"
    assert [state_of(history) for history in (DRAFT, CHECKED, APPROVED, PAID)] == [
        "draft", "checked", "approved", "paid",
    ]  # fmt: skip


def test_a_returned_run_is_a_draft_again():
    history = [*CHECKED, Done("return", "cleo")]
    assert state_of(history) == "draft"
    assert take(history, "check", "bob") == "checked"


@pytest.mark.parametrize(
    ("history", "verb", "by", "more", "said"),
    [
        (DRAFT, "check", "ann", {}, "another person"),
        (DRAFT, "check", "bob", {"may_submit": False}, "differences or open issues"),
        (DRAFT, "pay", "bob", {}, "The run is a draft"),
        (CHECKED, "approve", "bob", {"decision": "1"}, "another person"),
        (CHECKED, "approve", "ann", {"decision": "1"}, "another person"),
        (CHECKED, "approve", "cleo", {}, "recorded decision"),
        (CHECKED, "return", "cleo", {"reason": "no"}, "ten characters"),
        (APPROVED, "pay", "bob", {}, r"\(checking\)"),
        (APPROVED, "reverse", "cleo", {"reason": "wrong month of charges"}, "recorded decision"),
        (PAID, "check", "bob", {}, "The run is paid"),
        (PAID, "reverse", "cleo", {"reason": "wrong month of charges", "decision": "1"}, "what was paid stays"),
    ],
)
def test_a_step_that_may_not_be_taken_is_refused(history, verb, by, more, said):
    with pytest.raises(Refused, match=said):
        take(history, verb, by, **more)


def test_nothing_leaves_a_reversed_run_and_every_state_is_reached():
    assert not any(one.start == "reversed" for one in MOVES)
    assert {one.end for one in MOVES} | {"draft"} == set(STATES)
    with pytest.raises(ValueError, match="cannot follow"):
        state_of([*DRAFT, Done("pay", "bob")])
