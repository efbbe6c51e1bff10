from decimal import Decimal

import pytest

from alliance.core.figure import canonical, trail
from alliance.core.formula import with_numbers
from alliance.core.refused import Refused
from alliance.funds.rules import REASONS, Claimant, Rules, share_fund
from tests.core.example import cases
from tests.evaluation.scoring import assert_sound, filed

D = Decimal


def shared(case):
    """The pool of a worked example."""
    numbers = {name: D(value) for name, value in case["rules"].items() if name != "size"}
    rules = Rules(
        "2026/1",
        numbers["rate"],
        "collaboration",
        case["rules"].get("size", "headcount"),
        numbers["pass_mark"],
        numbers.get("cap"),
    )
    claimants = [
        Claimant(
            row["code"],
            filed(f"{row['code']}/fund_score", row["score"]) if "score" in row else None,
            row.get("vetoed", False),
            *(
                filed(f"{row['code']}/{name}", row[name]) if name in row else None
                for name in ("total", "heads", "last")
            ),
        )
        for row in case["members"]
    ]
    lines = [filed(f"fund/line/{place}", amount) for place, amount in enumerate(case.get("lines", ()))]
    return share_fund("2026", claimants, lines, rules)


@pytest.mark.parametrize("case", cases("funds", "fund"))
def test_worked_examples(case):
    pool = shared(case)
    assert (pool.total.value, pool.reserve.value) == (case["pool"], case["reserve"])
    for share, row in zip(pool.shares, case["members"], strict=True):
        assert (share.code, share.paid_in.value, share.received.value) == (row["code"], row["paid_in"], row["received"])
        assert share.reason == row.get("reason", "")
        assert share.net.value == row["received"] - row["paid_in"]
        assert share.received.owner == share.paid_in.owner == f"institution:{row['code']}"


@pytest.mark.parametrize("case", cases("funds", "fund"))
def test_every_figure_is_true_and_not_a_cent_is_lost(case):
    pool = shared(case)
    assert_sound(list(trail(pool.reserve, *(share.net for share in pool.shares))))
    assert sum(share.received.value for share in pool.shares) + pool.reserve.value == pool.total.value


@pytest.mark.parametrize("case", cases("funds", "fund", "refused"))
def test_refused(case):
    with pytest.raises(Refused, match=case["reason"]):
        shared(case)


def test_every_reason_has_an_example():
    found = {row.get("reason", "") for case in cases("funds", "fund") for row in case.values[0]["members"]}
    assert found == {"", *REASONS}


def explained(figure, lang="zh"):
    values = {}
    for name, part in figure.inputs:
        values.setdefault(name, []).append(canonical(part.value))
    return with_numbers(figure.kind.formula, values, lang)


def test_a_share_opens_into_what_it_rests_on():
    first, capped = (shared(case.values[0]).shares for case in cases("funds", "fund")[:2])
    assert explained(first[0].received) == "350000 × 8000 ÷ 26500"
    assert explained(first[0].paid_in) == "1000000 × 10 ÷ 100"
    assert explained(first[0].net) == "105660.38 − 100000"
    weight = dict(first[0].received.inputs)["weight"]
    assert explained(weight) == "80 × 100"
    assert explained(capped[1].received) == "向下取整(57500 × 100) ÷ 100"
    assert explained(dict(capped[1].received.inputs)["cap"]) == "50 × 1000 × (1 + 15 ÷ 100)"
    assert explained(capped[0].received, "en") == "292500 × 8000 ÷ 22000"
    assert explained(dict(capped[0].received.inputs)["fund"]) == "350000 − 57500"


def test_who_receives_nothing_is_shown_what_decided_it():
    case = next(case.values[0] for case in cases("funds", "fund") if case.id.startswith("under the pass mark"))
    share = shared(case).shares[1]
    assert [(name, part.source) for name, part in share.received.inputs] == [
        ("score", "reading:B/fund_score@1"), ("pass_mark", "scheme:2026/1#fund.pass_mark"),
    ]  # fmt: skip
    assert (share.received.kind.zh, share.received.kind.en) == REASONS["pass_mark"]
