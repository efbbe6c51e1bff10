"""What increments add in the three models, and new techniques: against numbers worked by hand."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alliance.core.figure import trail
from alliance.core.formula import in_words
from alliance.core.refused import Refused
from alliance.workpoints.rules.checks import check_hard
from alliance.workpoints.rules.first import driver_model
from alliance.workpoints.rules.income import forbidden
from alliance.workpoints.rules.increments import IncrementRules, Increments
from alliance.workpoints.rules.month.ready import check_ready
from alliance.workpoints.rules.point_model import Entry, solve_with_cap
from alliance.workpoints.rules.reconciliation import reconcile
from alliance.workpoints.rules.scheme import read_scheme
from alliance.workpoints.rules.techniques import Technique, draws, technique_reward, times_done, unknown_items
from alliance.workpoints.rules.working import Working
from alliance.workpoints.sheets import template_scheme
from tests.workpoints.making import amounts, fig, figs, shown, sound, total, working
from tests.workpoints.test_rules_of_a_month import HEAD, filed, first_of, month, unit

D = Decimal
# 25 % of growth gives 10 × 1 + 10 × 2 + 5 × 3 = 45 stepped points, a fall of 15 % −20.
STEPS = [{"to": "10", "rate": "1"}, {"from": "10", "to": "20", "rate": "2"}, {"from": "20", "rate": "3"}]
ROBOT = {
    "code": "robot", "name_zh": "机器人手术", "name_en": "Robotic surgery", "item": "R1", "amount": "500",
    "from": "2026-09-15",
}  # fmt: skip


def rules(worth: int, **more: str) -> dict[str, Any]:
    return {"worth": str(worth), "step": STEPS, **more}


def grown(code: str, actual: str, **more: str) -> Any:
    return unit(code, actual=actual, base="100", **more)


def did(one: Any, **counts: str) -> Any:
    """A unit that did techniques so often."""
    return replace(one, techniques={code: filed(count, f"lines:{code}@his-r1") for code, count in counts.items()})


def test_the_post_model_adds_an_increment_within_its_cap() -> None:
    """9,000 + 45 × 10; 5,000 + 10 % of it, of 270 × 10; what was not filed adds nothing; the rest goes to the fund."""
    units = [grown("A", "125", coefficients="10", score="90"), grown("B", "200", coefficients="5"), unit("C")]
    _desk, first = first_of(month(units, [], "20000", "1000", increments=rules(10)))
    assert amounts(first.bonuses) == {"A": D("9450.00"), "B": D("5500.00"), "C": D("2000.00")}
    assert [part.value for part in first.rows[-1].parts][-1] == D("3050.00")
    sound(*first.figures)
    assert shown(first.bonuses["A"], "en") == "the larger of (0, 9000 + 450)"
    kind = first.bonuses["A"].kind
    assert in_words(kind.formula, {name.name: name.zh for name in kind.names}, "zh") == (
        "取大(0，未加增量的奖金 + 合计(增量奖励))"
    )
    assert [part.key for _name, part in first.bonuses["A"].inputs] == ["unit/A/bonus/plain", "first/increment/A"]
    assert first.bonuses["C"].kind.code == "unit_bonus"


def test_a_fall_takes_off_in_every_model_only_if_switched_on() -> None:
    """A fall of 15 % is −20 × 10: 5,000 and 4,800 by posts; by drivers or points the others share what it gave up."""
    units = [grown("A", "85", coefficients="5"), unit("B", coefficients="5")]
    posts = {"A": D("5000.00"), "B": D("5000.00")}
    for negative, expected in (("false", posts), ("true", posts | {"A": D("4800.00")})):
        scheme = {"increments": rules(10, negative=negative)}
        _desk, first = first_of(month(units, [], "10000", "1000", **scheme))
        assert amounts(first.bonuses) == expected
        sound(*first.figures)
    for model in ({"drivers": {"establishment": "100"}, "first": {"model": "driver", "closing": "exact"}},
                  {"first": {"model": "point", "closing": "exact"}}):  # fmt: skip
        pointed = [replace(one, items={**one.items, "inpatient": filed(50)}) for one in units]
        _desk, first = first_of(month(pointed, [], "10000", increments=rules(10), **model))
        assert amounts(first.bonuses) == posts
        _desk, first = first_of(month(pointed, [], "10000", increments=rules(10, negative="true"), **model))
        assert amounts(first.bonuses) == {"A": D("4900.00"), "B": D("5100.00")}  # 10,200 halved, less 200
        sound(*first.figures)


def test_the_post_model_closes_as_it_did() -> None:
    """5,500 and 5,000 of a pool of 10,000: with `cap` scaled down, with `none` drawn from a reserve or refused."""
    units = [grown("A", "200", coefficients="5"), unit("B", coefficients="5")]
    given = month(units, [], "10000", "1000", increments=rules(10), first={"closing": "cap"})
    assert amounts(first_of(given)[1].bonuses) == {"A": D("5238.10"), "B": D("4761.90")}
    given = month(units, [], "10000", "1000", increments=rules(10))
    with pytest.raises(Refused, match=r"overrun of 500(\.00)? CNY needs a reserve"):
        first_of(given)
    _desk, first = first_of(replace(given, reserve={"2026-08": filed(500)}))
    assert total(first.bonuses.values()) == 10500


DRIVEN = {"drivers": {"establishment": "100"}, "first": {"model": "driver", "closing": "exact"}}


def test_the_driver_model_shares_what_the_increments_leave() -> None:
    """Of 10,000 without increments 6,000 and 4,000: 45 × 20 is held to 600, −20 × 20 to −400. The drivers share 9,800:
    5,880 + 600 and 3,920 − 400."""
    units = [grown("A", "125", coefficients="60"), grown("B", "85", coefficients="40")]
    desk, first = first_of(month(units, [], "10000", increments=rules(20, negative="true"), **DRIVEN))
    assert amounts(first.bonuses) == {"A": D("6480.00"), "B": D("3520.00")}
    sound(*first.figures)
    shared = next(one for one in trail(*first.figures) if one.key == "first:shared")
    assert (shared.value, shown(shared)) == (D(9800), "10000 − (600 + (−400))")
    assert shown(first.bonuses["B"], "en") == "the larger of (0, 3920 + (−400))"
    assert all(not row.difference.value for row in reconcile(desk, first.rows, []).rows)


def test_the_driver_model_without_increments_is_as_it_was() -> None:
    _desk, first = first_of(month([unit("A"), unit("B")], [], "10000", increments=rules(20), **DRIVEN))
    assert {one.kind.code for one in first.bonuses.values()} == {"unit_bonus:driver"}
    assert not any(one.key.startswith(("first/plain", "first:shared")) for one in trail(*first.figures))


def test_more_increments_than_pool_and_less_than_nothing_are_refused_with_place_and_amounts() -> None:
    units = [did(unit("A"), robot="21"), unit("B")]
    for model, said in (
        (DRIVEN, r"first: the increments of 10500(\.00)? CNY are more than the pool of 10000 CNY"),
        ({"first": {"model": "point", "closing": "exact"}}, r"the pool is 10000 CNY .* increments of 10500(\.00)? CNY"),
    ):
        pointed = [replace(one, items={**one.items, "inpatient": filed(5)}) for one in units]
        with pytest.raises(Refused, match=said):
            first_of(month(pointed, [], "10000", technique=[ROBOT], **model))
    # 26 × 500 = 13,000 less the 4,000 that B gives up leave 1,000 of the pool: 400 for B, and −4,000
    units = [did(unit("A", coefficients="60"), robot="26"), grown("B", "0", coefficients="40")]
    own = rules(20, negative="true", cap="100")
    with pytest.raises(Refused, match="1 unit would get less than 0") as refused:
        first_of(month(units, [], "10000", technique=[ROBOT], increments=own, **DRIVEN))
    (one,) = refused.value.problems
    assert (one.where, one.value, one.numbers) == (
        "first/B", "-3600", {"share": D("400.00"), "increments": D("-4000.00")},
    )  # fmt: skip


def test_a_unit_without_any_driver_does_not_lose_its_increment_unseen() -> None:
    units = [did(unit("A"), robot="1"), unit("B", last_bonus="100")]
    driven = {"drivers": {"last_bonus": "100"}, "first": {"model": "driver", "closing": "exact"}}
    with pytest.raises(Refused, match=r"A: .* no value of a driver"):
        first_of(month(units, [], "10000", technique=[ROBOT], **driven))


def test_units_without_a_driver_that_is_filed_are_named_before_lines_are_added_up() -> None:
    units = [unit("A", last_bonus="1"), unit("B"), unit("C", last_bonus="0")]
    driven = {"drivers": {"establishment": "60", "last_bonus": "40"}, "first": {"model": "driver", "closing": "exact"}}
    with pytest.raises(Refused) as refused:
        check_ready(month(units, [], "20000", "1000", **driven))
    (one,) = refused.value.problems
    assert (one.where, one.numbers["driver"].en) == ("B", "Last year's bonus")


def test_units_without_a_base_are_refused_at_once_and_before_lines_are_added_up() -> None:
    units = [unit("A", actual="5", base="0"), unit("B", actual="5", base="0"), unit("C", actual="5")]
    given = month(units, [], "20000", "1000", increments=rules(10))
    for work in (first_of, check_ready):
        with pytest.raises(Refused) as refused:
            work(given)
        assert [one.where for one in refused.value.problems][:2] == ["A", "B"]
        assert len(refused.value.problems) == 2


def test_increments_by_points_keep_to_a_tenth_and_rewards_of_techniques_to_no_cap() -> None:
    entries = [Entry(code, fig(f"{code}/p", size), fig(f"{code}/q", 1)) for code, size in (("A", 600), ("B", 400))]
    tiered = {"A": fig("i", 5000)}
    solved = solve_with_cap(working(), "all", fig("pool", 10000), entries, Increments(IncrementRules(), tiered))
    # without: 6,000 and 4,000; the increment is held to 600; 9,400 by 6 : 4
    assert amounts(solved.bonuses) == {"A": D("6240.00"), "B": D("3760.00")}
    fixed = {"A": [fig("t", 1500)]}
    solved = solve_with_cap(working(), "all", fig("pool", 10000), entries, Increments(fixed=fixed))
    assert amounts(solved.bonuses) == {"A": D("6600.00"), "B": D("3400.00")}  # 8,500 by 6 : 4
    solved = solve_with_cap(working(), "all", fig("pool", 10000), entries, Increments(IncrementRules(), tiered, fixed))
    assert amounts(solved.bonuses) == {"A": D("6840.00"), "B": D("3160.00")}  # 7,900 by 6 : 4, + 600 + 1,500
    sound(*solved.bonuses.values())


CENTS = st.decimals(-(10**4), 10**4, places=2)


@given(
    st.decimals(0, 10**6, places=2),
    st.dictionaries(st.sampled_from("ABCDE"), st.tuples(st.integers(0, 50), CENTS, st.decimals(0, 100, places=2))),
    st.randoms(use_true_random=False),
)
def test_the_driver_model_is_exact_with_increments_in_any_order(
    pool: Decimal, rows: dict[str, tuple[int, Decimal, Decimal]], random: Any
) -> None:
    assume(sum(row[0] for row in rows.values()))

    def shared(units: list[str]) -> dict[str, Decimal]:
        values = {"establishment": figs("e", {unit: rows[unit][0] for unit in units}, "department")}
        tiered = figs("i", {unit: rows[unit][1] for unit in units if rows[unit][1]}, "department")
        fixed = {unit: [fig(f"t/{unit}", rows[unit][2])] for unit in units if rows[unit][2]}
        found = driver_model(
            working(), "first", fig("pool", pool), {"establishment": D(100)}, values,
            Increments(IncrementRules(), tiered, fixed),
        )  # fmt: skip
        sound(*found.shares.values())
        return amounts(found.shares)

    units = list(rows)
    try:
        found = shared(units)
    except Refused:
        return
    assert sum(found.values()) == pool
    assert min(found.values()) >= 0
    random.shuffle(units)
    assert shared(units) == found


@pytest.mark.parametrize("model", ["post", "point", "driver"])
def test_a_technique_is_a_figure_of_its_own_in_every_model(model: str) -> None:
    """3 × 500 and 2 × 80.5 beside a capped increment; what B was refunded more than it did counts as none."""
    lens = ROBOT | {
        "code": "lens",
        "name_zh": "人工晶体植入",
        "name_en": "Lens implant",
        "item": "L1",
        "amount": "80.5",
    }
    units = [
        replace(did(grown("A", "200", coefficients="5"), robot="3", lens="2"), items={"outpatient": filed(0),
                                                                                    "inpatient": filed(50)}),
        replace(did(unit("B", coefficients="5"), robot="-1"), items={"outpatient": filed(0), "inpatient": filed(50)}),
    ]  # fmt: skip
    scheme = {"technique": [ROBOT, lens], "increments": rules(10)}
    scheme |= {} if model == "post" else {"first": {"model": model, "closing": "exact"}}
    scheme |= {"drivers": {"establishment": "100"}} if model == "driver" else {}
    _desk, first = first_of(month(units, [], "20000" if model == "post" else "12161", "1000", **scheme))
    kept = {one.key: one for one in trail(*first.figures)}
    robot, taken = kept["unit/A/technique/robot"], kept["unit/B/technique/robot"]
    assert (robot.value, robot.kind.zh, robot.kind.en) == (
        D(1500), "新技术奖励：机器人手术", "New technique: Robotic surgery",
    )  # fmt: skip
    assert (shown(robot), shown(taken), taken.value) == ("取大(3，0) × 500", "取大(−1，0) × 500", 0)
    assert kept["unit/A/technique/lens"].value == D(161)
    done = kept["unit/A/technique/robot/done"]
    assert (done.source, done.kind.zh, done.kind.unit_en) == ("lines:robot@his-r1", "例数：机器人手术", "cases")
    sound(*first.figures)
    # By posts 5,000 + 500 + 1,661. Else 12,161 give 6,080.50 each without increments: 608.05 beside the 1,661 leave
    # 9,891.95, which do not halve: the cent is A's.
    expected = {"A": D("7161.00"), "B": D("5000.00")} if model == "post" else {"A": D("7215.03"), "B": D("4945.97")}
    assert amounts(first.bonuses) == expected


def test_a_technique_is_rewarded_for_twelve_months() -> None:
    robot = Technique("robot", "机器人", "Robot", ("R1",), D(500), date(2025, 4, 15))
    values = {}
    for day in (date(2025, 4, 1), date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)):  # the 1st, 11th, 12th, 13th
        desk = Working("H01", f"{day:%Y-%m}", "H01/BONUS/1")
        found = technique_reward(desk, "t", robot, times_done(desk, "A", robot, D(3), "lines:x"), day)
        sound(found)
        values[found.key, f"{day:%Y-%m}"] = found
    assert [one.value for one in values.values()] == [1500, 1500, 1500, 0]
    over = values["t", "2026-04"]
    assert (over.kind.en, [name for name, _part in over.inputs]) == (
        "New technique: Robot (twelve months over)", ["without"],
    )  # fmt: skip
    assert robot.last == date(2026, 3, 31)
    with pytest.raises(Refused, match="robot is done from 2025-04-15"):
        technique_reward(working(), "t", robot, fig("done", 3), date(2025, 3, 1))


def test_a_technique_is_read_and_checked() -> None:
    def scheme(*rows: dict[str, object]) -> Any:
        return read_scheme({"scheme": HEAD, "technique": list(rows)})

    whole = scheme(ROBOT, ROBOT | {"code": "two", "item": "R2", "items": ["R3", "R2"]})
    assert whole.techniques[0] == Technique(
        "robot", "机器人手术", "Robotic surgery", ("R1",), D(500), date(2026, 9, 15)
    )
    assert whole.techniques[1].items == ("R2", "R3")
    assert (
        scheme(ROBOT | {"name_en": "Robotic\n surgery"}).techniques[0].name_en == "Robotic surgery"
    )  # a label is a line
    assert check_hard(whole) == []
    assert read_scheme(whole.data) == whole
    wrong = scheme(
        ROBOT, ROBOT, ROBOT | {"code": "a/b", "item": "", "amount": "0"}, ROBOT | {"code": "c", "item": "R2",
                                                                                 "amount": "-1"},
    )  # fmt: skip
    assert [(one.where, one.value) for one in check_hard(wrong)] == [
        ("technique.robot", "robot"), ("technique.robot.items", "R1"), ("technique.code", "a/b"),
        ("technique.a/b.amount", "0"), ("technique.a/b.items", ""), ("technique.c.amount", "-1"),
    ]  # fmt: skip
    with pytest.raises(Refused) as refused:
        scheme(ROBOT | {"from": "soon", "name_en": "", "items": "R1", "colour": "red", "amount": "much"})
    assert {one.where for one in refused.value.problems} == {
        "technique 1", "technique 1.from", "technique 1.items", "technique 1.colour", "technique 1.amount",
    }  # fmt: skip


def test_the_example_of_the_template_is_a_technique() -> None:
    example = template_scheme().partition("# [[technique]]\n")[2].partition("\n\n")[0]
    row = tomllib.loads("\n".join(line.removeprefix("# ") for line in example.splitlines()), parse_float=Decimal)
    found = read_scheme({"scheme": HEAD, "technique": [row]})
    assert (found.techniques[0].code, found.techniques[0].amount, check_hard(found)) == ("robot", 500, [])


def test_a_technique_on_goods_is_forbidden_and_one_of_no_class_unknown() -> None:
    one = Technique("t", "术", "T", ("OP", "DR", "CO", "NO", "EX"), D(1), date(2026, 1, 1))
    classes = {"OP": {"operation"}, "DR": {"drug", "treatment"}, "CO": {"consumable"}, "EX": {"examination"}}
    found = forbidden(draws([one], classes))
    assert [(fault.where, fault.value) for fault in found] == [
        ("technique.t.DR", "drug"),
        ("technique.t.CO", "consumable"),
    ]
    assert [fault.where for fault in unknown_items([one], classes)] == ["technique.t.NO"]
