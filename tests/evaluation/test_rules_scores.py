from decimal import Decimal
from fractions import Fraction

import pytest

from alliance.core.figure import State, canonical, digest
from alliance.core.formula import in_words, with_numbers
from alliance.evaluation.rules.scores import FEWEST, Label
from tests.core.example import read
from tests.evaluation.scoring import assert_sound, figures_of, filed, member, ratings_of, scheme_of, scoring_of

D = Decimal


def scored(scheme, values, members=None, labels=None, **more):
    """The cards by member, and the medians; everything they rest on is sound."""
    members = members or [member(who) for who in values]
    cards, medians = scoring_of(scheme, values, labels, **more).score(members)
    assert_sound(figures_of(cards, medians))
    return {card.member.code: card for card in cards}, medians


def rated(*weights, **more):
    """A scheme of lines A, B, C … rated out of 100."""
    lines = [
        {"indicator": chr(65 + place), "method": "rated", "maximum": 100, "weight": weight}
        for place, weight in enumerate(weights)
    ]
    return scheme_of(lines, **more)


def text(figure):
    return None if figure is None else canonical(figure.value)


def test_the_walk_of_one_datum():
    scheme = scheme_of([{"indicator": "A", "method": "attainment", "target": 10, "weight": 30},
                        {"indicator": "B", "method": "rated", "maximum": 5, "weight": 70}])  # fmt: skip
    cards, _ = scored(scheme, {"C03": {"A": "8.98", "B": 0}})
    card = cards["C03"]
    assert (text(card.shares["A"]), text(card.points["A"]), text(card.data)) == ("0.898", "26.94", "26.94")
    assert card.shares["A"].kind.formula == "min(max(actual, 0) / target, 1)"
    assert [(name, part.source or part.key) for name, part in card.shares["A"].inputs] == [
        ("actual", "reading:C03/A/2026Q1@1"), ("target", "scheme:S/1#primary.A.target"),
    ]  # fmt: skip
    assert [(name, part.source or part.key) for name, part in card.points["A"].inputs] == [
        ("weight", "scheme:S/1#primary.A.weight"), ("share", "C03/A/share"),
    ]  # fmt: skip
    assert (card.data.key, card.score.key, card.score.owner) == ("C03/data_score", "C03/score", "institution:C03")


# Weights of what is not applicable


def published_domains():
    case = next(case for case in read("evaluation", "scoring")["case"] if "rows" in case)
    return [(case["weights"], case["places"], row["values"], row["total"]) for row in case["rows"]]


@pytest.mark.parametrize(("weights", "places", "values", "total"), published_domains())
def test_published_weights_of_four_domains(weights, places, values, total):
    scheme = rated(*weights, rounding={"total": places})
    cards, _ = scored(scheme, {"H": dict(zip("ABCD", values, strict=True))})
    assert cards["H"].data.value == total


TWO = {
    "A": Label("甲", "A", "one"),
    "B": Label("乙", "B", "one"),
    "C": Label("丙", "C", "two"),
    "D": Label("丁", "D", "three"),
}


def test_a_line_that_is_not_applicable_gives_its_weight_to_its_dimension():
    # A and B stand together: B's 30 go to A, which then weighs 40: 50 % of 40, and 100 % of 35 and 25.
    cards, _ = scored(rated(10, 30, 35, 25), {"C": {"A": 50, "B": "n/a", "C": 100, "D": 100}}, labels=TWO)
    card = cards["C"]
    assert (text(card.data), text(card.dimensions["one"])) == ("80", "50")
    assert card.points["B"].value is None
    assert ("without", card.points["B"]) in card.data.inputs
    assert ("without", card.points["B"]) in card.dimensions["one"].inputs


def test_a_dimension_that_is_not_applicable_gives_its_weight_to_the_others_in_proportion():
    # Of 60 left, 20 + 7.5 are reached.
    cards, _ = scored(rated(20, 20, 30, 30), {"C": {"A": "n/a", "B": "n/a", "C": 50, "D": 75}}, labels=TWO)
    card = cards["C"]
    assert text(card.data) == "62.5"
    assert card.dimensions["one"].state is State.NOT_APPLICABLE


def test_both_at_once():
    # D's dimension is gone. A takes B's weight: 0.8 × 40; C 0.5 × 35; of 75.
    cards, _ = scored(rated(10, 30, 35, 25), {"C": {"A": 80, "B": "n/a", "C": 50, "D": "n/a"}}, labels=TWO)
    card = cards["C"]
    assert text(card.data) == "66"
    assert card.data.value == round(Fraction(4950, 75), 2)
    labels = {name.name: name.zh for name in card.data.kind.names}
    assert in_words(card.data.kind.formula, labels, "zh") == (
        "(合计(one维各项得分) × 合计(one维全部权重) ÷ 合计(one维适用权重) + 合计(two维各项得分) × 合计(two维全部权重)"
        " ÷ 合计(two维适用权重)) ÷ (合计(one维全部权重) + 合计(two维全部权重)) × 100"
    )
    values = {}
    for name, part in card.data.inputs:
        values.setdefault(name, []).append(canonical(part.value))
    assert with_numbers(card.data.kind.formula, values, "en") == (
        "(8 × (10 + 30) ÷ 10 + 17.5 × 35 ÷ 35) ÷ (10 + 30 + 35) × 100"
    )


def test_members_with_different_gaps_have_formulas_of_their_own():
    rows = {"C1": {"A": 80, "B": "n/a", "C": 50, "D": 40}, "C2": {"A": "n/a", "B": 80, "C": 50, "D": 40},
            "C3": {"A": 80, "B": "n/a", "C": 60, "D": 40}, "C4": {"A": 1, "B": 2, "C": 3, "D": 4}}  # fmt: skip
    cards, _ = scored(rated(10, 30, 35, 25), rows, labels=TWO)
    codes = [cards[who].data.kind.code for who in rows]
    assert codes == ["data_score:primary-B", "data_score:primary-A", "data_score:primary-B", "data_score"]


def test_nothing_applicable_is_no_score():
    cards, medians = scored(rated(50, 50), {"C": {"A": "n/a", "B": "n/a"}})
    card = cards["C"]
    states = {card.data.state, card.score.state, *(one.state for one in card.dimensions.values())}
    assert states == {State.NOT_APPLICABLE}
    assert (card.rank, medians) == (None, {})


def test_what_was_not_filed_scores_nought_and_is_listed():
    cards, _ = scored(rated(60, 40), {"C": {"A": "", "B": 100}})
    card = cards["C"]
    assert (text(card.data), text(card.points["A"])) == ("40", "0")
    assert card.shares["A"].kind.code == "share:missing"
    assert [name for name, _ in card.shares["A"].inputs] == ["actual"]
    assert ("without", card.points["A"]) not in card.data.inputs


# Scores


def test_the_collaboration_score_is_scaled_to_100():
    labels = {"A": Label("甲", "A", "d", ("collaboration",)), "B": Label("乙", "B", "d", ("collaboration", "health")),
              "C": Label("丙", "C", "d", ("health",))}  # fmt: skip
    rows = {
        "C1": {"A": 80, "B": 50, "C": 0},
        "C2": {"A": 80, "B": "n/a", "C": 0},
        "C3": {"A": "n/a", "B": "n/a", "C": 5},
    }
    cards, _ = scored(rated(30, 20, 50), rows, labels=labels)
    assert [text(cards[who].collaboration) for who in rows] == ["68", "80", ""]
    assert cards["C3"].collaboration.state is State.NOT_APPLICABLE
    plain, _ = scored(rated(100), {"C": {"A": 80}})
    assert plain["C"].collaboration is None


GROUPS = {"data": 50, "peers": 20, "third_party": 15, "patients": 15, "regulator": 0}


def test_the_score_weighs_the_groups():
    ratings = ratings_of({"peers": {"C": 90}, "third_party": {"C": 80}, "patients": {"C": 70}, "regulator": {"C": 5}})
    cards, _ = scored(rated(100, groups=GROUPS), {"C": {"A": 60}}, ratings=ratings)
    assert text(cards["C"].score) == "70.5"
    assert "regulator" in cards["C"].groups


def test_a_group_without_a_result_gives_its_weight_to_the_others():
    ratings = ratings_of({"peers": {"C": "n/a"}, "patients": {"C": 100}})
    cards, _ = scored(rated(100, groups=GROUPS), {"C": {"A": 60}}, ratings=ratings)
    score = cards["C"].score
    assert text(score) == "69.23"  # (50 × 60 + 15 × 100) ÷ 65
    without = [part.source for name, part in score.inputs if name == "without"]
    # What was entered as not applicable is listed beside the weight that it gives away.
    assert without == ["scheme:S/1#groups.peers", "reading:C/group/peers@1", "scheme:S/1#groups.third_party"]


def test_nobody_rates_in_the_place_of_the_data():
    ratings = ratings_of({"data": {"C": 100}})
    cards, _ = scored(rated(100), {"C": {"A": 60}}, ratings=ratings)
    assert text(cards["C"].score) == "60"


def test_a_member_whose_tier_has_no_lines_is_scored_by_its_raters():
    ratings = ratings_of({"peers": {"S": 80}})
    members = [member("C"), member("S", "secondary"), member("T", "tertiary")]
    cards, _ = scored(rated(100, groups={"data": 80, "peers": 20}), {"C": {"A": 60}}, members, ratings=ratings)
    assert [text(cards[who].score) for who in "CST"] == ["60", "80", ""]
    assert cards["S"].data is None


def test_a_veto_takes_score_and_collaboration_away():
    labels = {"A": Label("甲", "A", "d", ("collaboration",))}
    rows = {who: {"A": 90} for who in ("C1", "C2", "C3", "C4")}
    members = [member("C1", vetoed=True), *(member(who) for who in ("C2", "C3", "C4"))]
    cards, medians = scored(rated(100), rows, members, labels)
    card = cards["C1"]
    assert (text(card.score), text(card.collaboration), card.rank) == ("0", "0", None)
    assert [(name, text(part), part.key) for name, part in card.score.inputs] == [
        ("before", "90", "C1/score/before_veto"), ("veto", "1", "C1/veto"),
    ]  # fmt: skip
    assert text(medians["primary"]) == "90"


def test_a_veto_over_no_score_leaves_none():
    cards, _ = scored(rated(100), {"C": {"A": "n/a"}}, [member("C", vetoed=True)])
    assert cards["C"].score.state is State.NOT_APPLICABLE


# Comparison in a tier


def ranks(*scores, vetoed=()):
    rows = {f"C{place}": {"A": score} for place, score in enumerate(scores)}
    members = [member(who, vetoed=place in vetoed) for place, who in enumerate(rows)]
    cards, medians = scored(rated(100), rows, members)
    return [None if card.rank is None else int(card.rank.value) for card in cards.values()], text(
        medians.get("primary")
    )


@pytest.mark.parametrize(
    ("scores", "places", "middle"),
    [
        ((90, 90, 80), [1, 1, 3], "90"),
        ((70, 90, 80), [3, 1, 2], "80"),
        ((80, 80, 80), [1, 1, 1], "80"),
        ((0, 90, 80, 80), [4, 1, 2, 2], "80"),
        ((10, 20, 30, 45), [4, 3, 2, 1], "25"),
        (("80.004", "80", "79.995", "79.99"), [1, 1, 1, 4], "80"),  # published with two places, so a tie
        ((90, 80), [None, None], None),  # fewer than three
        ((90,), [None], None),
        ((90, 80, "n/a"), [None, None, None], None),
        ((90, 80, ""), [1, 2, 3], "80"),  # not filed is a score of 0
    ],
)
def test_ranks_and_medians(scores, places, middle):
    assert ranks(*scores) == (places, middle)


def test_a_vetoed_member_is_not_ranked_and_does_not_count():
    assert ranks(95, 90, 80, 70, vetoed=[0]) == ([None, 1, 2, 3], "80")
    assert ranks(95, 90, 80, vetoed=[0]) == ([None, None, None], None)


def test_tiers_are_compared_among_themselves():
    line = {"indicator": "A", "method": "rated", "maximum": 100, "weight": {"primary": 100, "secondary": 100}}
    rows = {f"{tier}{place}": {"A": 10 * place + (5 if tier == "S" else 0)} for tier in "PS" for place in range(FEWEST)}
    members = [member(who, "primary" if who[0] == "P" else "secondary") for who in rows]
    cards, medians = scored(scheme_of([line]), rows, members)
    assert {who: int(card.rank.value) for who, card in cards.items()} == {
        "S0": 3, "S1": 2, "S2": 1, "P0": 3, "P1": 2, "P2": 1,
    }  # fmt: skip
    assert {tier: text(one) for tier, one in medians.items()} == {
            "secondary": "15", "primary": "10", "secondary/dA": "15", "primary/dA": "10",
        }  # fmt: skip


def test_a_rank_in_the_tier_leaves_out_who_has_no_value():
    line = {"indicator": "A", "method": "rank_in_tier", "weight": 100}
    rows = {"C1": {"A": 90}, "C2": {"A": "n/a"}, "C3": {"A": 70}, "C4": {"A": ""}, "C5": {"A": 70}}
    cards, _ = scored(scheme_of([line]), rows)
    assert [text(cards[who].shares["A"]) for who in rows] == ["1", "", "0.25", "0", "0.25"]
    assert cards["C4"].shares["A"].kind.code == "share:missing"


def test_a_rank_in_a_tier_without_values():
    line = {"indicator": "A", "method": "rank_in_tier", "weight": 100}
    cards, _ = scored(scheme_of([line]), {"C1": {"A": "n/a"}, "C2": {"A": ""}})
    assert [text(card.shares["A"]) for card in cards.values()] == ["", "0"]


# References, rounding


REFERENCE = {"indicator": "A", "method": "reference", "zero_at": 2, "full_at": -2, "external": "R", "weight": 100}


@pytest.mark.parametrize(("reference", "share"), [("5.5", "0.875"), ("", ""), ("n/a", "")])
def test_a_reference_of_the_alliance(reference, share):
    external = {"R": filed("/R/2026Q1", reference)}
    cards, _ = scored(scheme_of([REFERENCE]), {"C": {"A": 4}}, external=external)
    assert text(cards["C"].shares["A"]) == share
    assert cards["C"].shares["A"].inputs[1] == ("reference", external["R"])


def test_a_reference_of_its_own():
    found = {("C1", "R"): "5.5", ("C2", "R"): "3.5", ("C3", "R"): "", ("C4", "R"): "n/a"}
    references = {
        (who, code): filed(f"{who}/{code}/2026Q1", value, f"institution:{who}") for (who, code), value in found.items()
    }
    cards, _ = scored(scheme_of([REFERENCE]), {who: {"A": 4} for who, _ in found}, references=references)
    assert [text(card.shares["A"]) for card in cards.values()] == ["0.875", "0.375", "0", ""]
    assert cards["C3"].shares["A"].kind.code == "share:missing"


def test_each_line_is_rounded_where_it_says():
    lines = [
        {"indicator": "A", "method": "attainment", "target": 3, "weight": 50},
        {"indicator": "B", "method": "attainment", "target": 3, "weight": 50, "places": 2},
    ]
    cards, _ = scored(scheme_of(lines, rounding={"share": 4, "total": 3}), {"C": {"A": 2, "B": 2}})
    card = cards["C"]
    assert [text(card.points[code]) for code in "AB"] == ["33.335", "33.5"]
    assert text(card.data) == "66.835"
    coarse, _ = scored(scheme_of(lines, rounding={"share": 4, "total": 0}), {"C": {"A": 2, "B": 2}})
    assert text(coarse["C"].data) == "67"


def test_values_under_nought_score_as_their_method_says():
    lines = [
        {"indicator": "A", "method": "attainment", "target": 10, "weight": 25},
        {"indicator": "B", "method": "linear", "bottom": -10, "target": 0, "weight": 25},
        {"indicator": "C", "method": "upper_limit", "limit": 0, "width": 5, "weight": 25, "direction": "lower"},
        {"indicator": "D", "method": "rated", "maximum": 5, "weight": 25},
    ]
    cards, _ = scored(scheme_of(lines), {"C": {"A": -3, "B": -4, "C": -7, "D": -1}})
    assert [text(cards["C"].shares[code]) for code in "ABCD"] == ["0", "0.6", "1", "0"]


def test_the_numbers_of_a_scheme_are_figures_once():
    cards, _ = scored(rated(60, 40), {"C1": {"A": 1, "B": 2}, "C2": {"A": 3, "B": 4}})
    one, other = (dict(cards[who].shares["A"].inputs)["maximum"] for who in ("C1", "C2"))
    assert one is other
    assert (one.key, one.source) == ("scheme/primary.A.maximum", "scheme:S/1#primary.A.maximum")


def test_the_same_values_give_the_same_digest():
    rows = {"C1": {"A": 1, "B": 2}, "C2": {"A": 3, "B": "n/a"}, "C3": {"A": "", "B": 7}}
    digests = {
        digest(figures_of(*scoring_of(rated(60, 40), rows).score([member(who) for who in rows]))) for _ in range(2)
    }
    assert len(digests) == 1
    other = {**rows, "C3": {"A": "", "B": 8}}
    digests.add(digest(figures_of(*scoring_of(rated(60, 40), other).score([member(who) for who in other]))))
    assert len(digests) == 2
