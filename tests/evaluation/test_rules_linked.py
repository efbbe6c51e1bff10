"""The value of the members that one supports: whose values, with which weights, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.core.figure import Figure, State, canonical
from alliance.evaluation.rules.linked import ANY, Link, Support
from alliance.evaluation.rules.scores import Card, Label, Scoring
from tests.evaluation.scoring import assert_sound, figures_of, filed, member, scheme_of, scoring_of

D = Decimal
DAY = date(2026, 1, 1)
LINE = {
    "indicator": "A", "method": "attainment", "target": 80, "weight": {"tertiary": 100, "primary": 100},
    "tier": {"tertiary": {"linked": ANY}},
}  # fmt: skip
TIERS = {"H1": "tertiary", "H2": "tertiary", "C1": "primary", "C2": "primary", "C3": "primary"}
LABELS = {"A": Label("甲标", "A label", "dA", unit=("%", "%"), places=2)}


def link(supporter: str, supported: str, share: Any = 100, specialty: str = "") -> Link:
    return Link(supporter, supported, specialty, D(share), DAY)


def scoring(links: Sequence[Link], values: Mapping[str, Any], cases: Mapping[str, Any], linked: str = ANY) -> Scoring:
    scheme = scheme_of([{**LINE, "tier": {"tertiary": {"linked": linked}}}])
    behind = {
        (who, "A"): None if value is None else filed(f"{who}/N/2026Q1", value, f"institution:{who}")
        for who, value in cases.items()
    }
    return scoring_of(
        scheme, {who: {"A": value} for who, value in values.items()}, LABELS, support=Support(links), cases=behind
    )


def cards(found: Scoring) -> dict[str, Card]:
    people = [member(who, tier) for who, tier in TIERS.items() if tier == "tertiary" or (who, "A") in found.values]
    made, medians = found.score(people)
    assert_sound(figures_of(made, medians))
    return {card.member.code: card for card in made}


def linked_of(found: Scoring, supporter: str = "H1") -> Figure:
    return cards(found)[supporter].shares["A"].inputs[0][1]


def text(figure: Figure) -> str:
    return canonical(figure.value)


def test_the_mean_of_the_values_is_weighted_by_cases_and_share() -> None:
    """By hand: 74 % of 300 cases, 70 % of them H1's, and 82 % of 300 cases, all H1's:
    (74 × 210 + 82 × 300) ÷ 510 = 40,140 ÷ 510 = 78.705… = 78.71; of a target of 80 that is 0.983875."""
    links = [link("H1", "C1", 70), link("H2", "C1", 30), link("H1", "C2")]
    found = scoring(links, {"C1": 74, "C2": 82, "C3": 50}, {"C1": 300, "C2": 300, "C3": 300})
    card = cards(found)["H1"]
    figure = card.shares["A"].inputs[0][1]
    assert (figure.key, text(figure), figure.owner) == ("H1/A:linked/2026Q1", "78.71", "institution:H1")
    assert figure.kind.formula == "sum(value * weight) / sum(weight)"
    assert (figure.kind.en, figure.kind.zh) == ("A label (of the members supported)", "甲标（受援单位）")
    assert [(name, part.key, text(part)) for name, part in figure.inputs] == [
        ("value", "C1/A/2026Q1", "74"), ("value", "C2/A/2026Q1", "82"),
        ("weight", "C1/A:linked/H1/2026Q1", "210"), ("weight", "C2/A:linked/H1/2026Q1", "300"),
    ]  # fmt: skip
    weight = figure.inputs[2][1]
    assert (weight.kind.formula, weight.owner) == ("cases * share / 100", "institution:C1")
    assert [(name, part.source, text(part)) for name, part in weight.inputs] == [
        ("cases", "reading:C1/N/2026Q1@1", "300"), ("share", "link:C1/all@2026-01-01#H1", "70"),
    ]  # fmt: skip
    assert text(card.shares["A"]) == "0.983875"
    # H2 has 30 % of C1 alone: its value is C1's.
    assert text(linked_of(found, "H2")) == "74"


def test_without_cases_the_shares_alone_weigh() -> None:
    """By hand: 10 with 100 % and 20 with 70 %: (10 × 100 + 20 × 70) ÷ 170 = 14.117…"""
    links = [link("H1", "C1"), link("H1", "C2", 70), link("H2", "C2", 30)]
    figure = linked_of(scoring(links, {"C1": 10, "C2": 20}, {"C1": None, "C2": None}))
    assert text(figure) == "14.12"
    assert [text(part) for name, part in figure.inputs if name == "weight"] == ["100", "70"]


@pytest.mark.parametrize("value", ["", "n/a"])
def test_members_without_a_value_are_left_out_and_said(value: str) -> None:
    links = [link("H1", "C1"), link("H1", "C2")]
    found = scoring(links, {"C1": value, "C2": 82}, {"C1": 300, "C2": 300})
    figure = linked_of(found)
    assert text(figure) == "82"
    assert [part.key for name, part in figure.inputs if name == "without"] == ["C1/A/2026Q1"]


def test_what_those_supported_did_not_file_is_no_debt_of_the_supporter() -> None:
    found = scoring([link("H1", "C1")], {"C1": ""}, {"C1": ""})
    card = cards(found)["H1"]
    assert card.shares["A"].inputs[0][1].state is State.NOT_APPLICABLE
    assert card.shares["A"].state is State.NOT_APPLICABLE
    assert card.shares["A"].kind.code != "share:missing"
    assert cards(found)["C1"].shares["A"].kind.code == "share:missing"


def test_who_supports_nobody_has_no_such_line() -> None:
    figure = linked_of(scoring([link("H2", "C1")], {"C1": 74}, {"C1": 300}))
    assert (figure.value, figure.state, figure.inputs) == (None, State.NOT_APPLICABLE, ())


@pytest.mark.parametrize("cases", ["0", "-5", "", "n/a"])
def test_a_value_whose_cases_are_not_above_nought_does_not_count(cases: str) -> None:
    figure = linked_of(scoring([link("H1", "C1"), link("H1", "C2")], {"C1": 9, "C2": 82}, {"C1": cases, "C2": 1}))
    assert text(figure) == "82"
    assert [part.key for name, part in figure.inputs if name == "without"] == ["C1/A/2026Q1"]


def test_a_member_for_which_the_indicator_is_not_worked_out_is_not_there() -> None:
    figure = linked_of(scoring([link("H1", "H2"), link("H1", "C2")], {"C2": 82}, {"C2": 1}))
    assert [part.key for _, part in figure.inputs] == ["C2/A/2026Q1", "C2/A:linked/H1/2026Q1"]


@pytest.mark.parametrize(
    ("linked", "shares"),
    [("03.04", {"C1": "60", "C2": "20"}), ("03.05", {"C1": "30", "C2": "20"}), ("04", {"C2": "20"}), ("07", {})],
)
def test_a_line_of_a_specialty_takes_the_nearest_that_is_recorded(linked: str, shares: dict[str, str]) -> None:
    """Cardiology, else internal medicine, else all specialties; a specialty above is not met by one beneath it."""
    links = [
        link("H1", "C1", 60, "03.04"), link("H2", "C1", 40, "03.04"),
        link("H1", "C1", 30, "03"), link("H2", "C1", 70, "03"),
        link("H1", "C2", 20), link("H2", "C2", 80),
        link("H1", "C3", 100, "04.01"),
    ]  # fmt: skip
    if linked == "07":
        links = [one for one in links if one.specialty]
    assert {code: text(share) for code, share in Support(links).of("H1", linked)} == shares


def test_a_line_of_any_takes_the_mean_share_over_the_specialties() -> None:
    """C1: 60 % in cardiology, nothing in surgery, 100 % in paediatrics: 53.33…; H2 the rest, together 100."""
    links = [
        link("H1", "C1", 60, "03.04"), link("H2", "C1", 40, "03.04"), link("H2", "C1", 100, "04"),
        link("H1", "C1", 100, "07"),
    ]  # fmt: skip
    support = Support(links)
    ((_, own),), ((_, other),) = support.of("H1", ANY), support.of("H2", ANY)
    assert (text(own), text(other)) == ("53.33", "46.67")
    assert [(part.source, text(part)) for _, part in own.inputs] == [
        ("link:C1/03.04@2026-01-01#H1", "60"), ("link:C1/04@2026-01-01#H1", "0"), ("link:C1/07@2026-01-01#H1", "100"),
    ]  # fmt: skip
    assert [code for code, _ in support.of("H1", "04")] == []


def test_rounding_is_that_of_the_indicator() -> None:
    found = scoring([link("H1", "C1"), link("H1", "C2")], {"C1": 1, "C2": 2}, {"C1": 2, "C2": 1})
    assert text(linked_of(found)) == "1.33"
    found = replace(found, labels={"A": replace(LABELS["A"], places=0)}, kinds={})
    assert text(linked_of(found)) == "1"


VALUES = st.decimals(0, 100, places=2)
CASES = st.integers(1, 10_000)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, CASES, st.integers(1, 99)), min_size=1, max_size=3))
def test_the_value_lies_between_those_of_the_members_and_tells_the_truth(rows: list[tuple[Decimal, int, int]]) -> None:
    links = [link("H1", f"C{place}", share) for place, (_, _, share) in enumerate(rows, 1)]
    links += [link("H2", f"C{place}", 100 - share) for place, (_, _, share) in enumerate(rows, 1)]
    values = {f"C{place}": value for place, (value, _, _) in enumerate(rows, 1)}
    figure = linked_of(scoring(links, values, {f"C{place}": cases for place, (_, cases, _) in enumerate(rows, 1)}))
    assert figure.value is not None
    assert min(values.values()) <= figure.value <= max(values.values())


def test_a_score_worked_out_again_is_that_of_a_whole_computation() -> None:
    links = [link("H1", "C1", 70), link("H2", "C1", 30), link("H1", "C2")]
    values, cases = {"C1": 74, "C2": 82, "C3": 50}, {"C1": 300, "C2": 300, "C3": 300}
    before, after = scoring(links, values, cases), scoring(links, {**values, "C1": 40}, {**cases, "C1": 500})
    again = replace(before, values=after.values, cases=after.cases).score_again(
        cards(before), {"C1": ["A"], "H1": ["A"], "H2": ["A"]}
    )
    whole = cards(after)
    assert {card.member.code for card in again} == {"C1", "H1", "H2"}
    for card in again:
        assert card.score is not None
        assert card.score.value == whole[card.member.code].score.value  # type: ignore[union-attr]
