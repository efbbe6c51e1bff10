from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from alliance.core.period import PeriodKind
from alliance.core.refused import Problem, Refused, unexplained
from alliance.core.steps import Step
from alliance.core.written import content_digest
from alliance.evaluation.rules.methods import Line
from alliance.evaluation.rules.scheme import (
    FundRules,
    SchemeLine,
    Tagged,
    check_hard,
    check_soft,
    read_scheme,
)
from alliance.indicators.rules.libraries import read_library
from tests.core.example import cases, read, shipped

D = Decimal
EXAMPLES = read("evaluation", "schemes")
INDICATORS = {
    code: Tagged(
        tuple(row.get("tiers", ("primary", "secondary", "tertiary"))), tuple(row.get("tags", ())),
        row.get("direction", "higher"), row.get("qualitative", False),
    )
    for code, row in EXAMPLES["indicators"].items()
}  # fmt: skip
DIRECTIONS = {code: one.direction for code, one in INDICATORS.items()}


def changed(case):
    """The data of the sound scheme with a case's places set."""
    data = deepcopy(EXAMPLES["sound"])
    for path, value in case.get("set", {}).items():
        *way, last = (int(step) if step.isdigit() else step for step in path.split("."))
        place = data
        for step in way:
            place = place[step]
        if value == "":
            del place[last]
        else:
            place[last] = value
    return data


def told(problems):
    return [[one.place, one.value, one.message % one.numbers] for one in problems]


def test_the_sound_scheme_is_sound():
    scheme = read_scheme(EXAMPLES["sound"], DIRECTIONS)
    assert (check_hard(scheme, INDICATORS), check_soft(scheme, INDICATORS)) == ([], [])
    assert (scheme.code, scheme.period, scheme.valid_from) == ("2026", PeriodKind.QUARTER, date(2026, 1, 1))
    assert scheme.tiers == ["tertiary", "primary"]
    assert scheme.fund == FundRules(D(15), "collaboration", "headcount", D(60), None)
    assert (scheme.places_share, scheme.places_total) == (6, 2)


def test_tiers_have_numbers_of_their_own():
    scheme = read_scheme(EXAMPLES["sound"], DIRECTIONS)
    found = {line.tier: line.line.numbers for line in scheme.lines if line.indicator == "HEA"}
    assert found == {"primary": {"bottom": 40, "target": 70}, "tertiary": {"bottom": 50, "target": 70}}
    assert scheme.tier_lines("primary")[0] == SchemeLine(
        "primary", "COL", D(50), "attainment", Line({"target": D(15)}), "negotiated"
    )


def test_the_direction_of_an_indicator_comes_with_its_line():
    scheme = read_scheme(EXAMPLES["sound"], {**DIRECTIONS, "COL": "lower"})
    assert [line.line.lower_is_better for line in scheme.tier_lines("primary")] == [True, False, False, False]


def test_steps_are_read_with_open_and_closed_ends():
    steps = [{"to": "1", "share": "1"}, {"from": D("1"), "to": "", "share": 0}]
    row = {"indicator": "OPS", "method": "steps", "steps": steps, "weight": {"primary": 20}, "places": 4}
    line = read_scheme(changed({"set": {"line.3": row}}), DIRECTIONS).tier_lines("primary")[-1]
    assert line.line.steps == (Step(None, D(1), D(1)), Step(D(1), None, D(0)))
    assert line.places == 4


@pytest.mark.parametrize(("cap", "found"), [("0", 0), ("15", 15), (0, 0), ("", None), (None, None)])
def test_a_cap_of_nought_is_a_cap(cap, found):
    data = changed({})
    if cap is not None:
        data["fund"]["cap_per_head"] = cap
    assert read_scheme(data, DIRECTIONS).fund.cap_per_head == found


@pytest.mark.parametrize("case", cases("evaluation", "schemes", "form"))
def test_faults_of_form(case):
    with pytest.raises(Refused) as refused:
        read_scheme(changed(case), DIRECTIONS)
    assert told(refused.value.problems) == case["problems"]


@pytest.mark.parametrize("case", cases("evaluation", "schemes", "hard"))
def test_hard_checks(case):
    scheme = read_scheme(changed(case), DIRECTIONS)
    assert told(check_hard(scheme, INDICATORS)) == case["problems"]


@pytest.mark.parametrize("case", cases("evaluation", "schemes", "soft"))
def test_soft_checks(case):
    scheme = read_scheme(changed(case), DIRECTIONS)
    assert check_hard(scheme, INDICATORS) == []
    found = check_soft(scheme, INDICATORS)
    assert told(found) == case["problems"]
    # A reason of ten characters explains it, at its own place.
    place = case["problems"][0][0]
    assert unexplained(found, {place: "  too short "}) == found
    assert unexplained(found, {"elsewhere": "decided by the committee"}) == found
    assert unexplained(found, {place: "decided by the committee"}) == []


def test_an_unknown_indicator_is_no_line():
    scheme = read_scheme(EXAMPLES["sound"], DIRECTIONS)
    known = {code: one for code, one in INDICATORS.items() if code != "OPS"}
    reason = "no indicator has this code"
    assert told(check_hard(scheme, known)) == [[f"{tier}.OPS", "OPS", reason] for tier in ("tertiary", "primary")]


def test_a_qualitative_line_is_qualitative_enough():
    scheme = read_scheme(changed({"set": {"scheme.qualitative": "", "line.3.indicator": "QUA"}}), DIRECTIONS)
    assert check_soft(scheme, INDICATORS) == []


def test_one_reason_does_not_explain_another_finding():
    case = {"set": {"line.0.weight.primary": "40", "line.1.weight.primary": "10", "line.3.weight.primary": "40"}}
    found = check_soft(read_scheme(changed(case), DIRECTIONS), INDICATORS)
    assert [one.where for one in found] == ["primary.health", "primary.collaboration"]
    assert unexplained(found, {"primary.health": "decided by the committee"}) == found[1:]


def test_all_faults_of_form_are_told_at_once():
    data = changed({"set": {"fund.rate": "x", "scheme.period": "week", "groups.peers": "?", "line.0.target": ""}})
    with pytest.raises(Refused, match="has 5 errors"):
        read_scheme(data, DIRECTIONS)


@pytest.mark.parametrize("data", [{}, {"line": [{}]}, {"scheme": "x", "groups": 5, "fund": [], "line": ["x"]}])
def test_whatever_is_sent_is_refused_with_reasons(data):
    with pytest.raises(Refused) as refused:
        read_scheme(data, DIRECTIONS)
    assert all(isinstance(one, Problem) and one.message for one in refused.value.problems)


def test_the_digest_is_of_the_content():
    scheme = read_scheme(EXAMPLES["sound"], DIRECTIONS)
    mixed = {key: scheme.data[key] for key in reversed(list(scheme.data))}
    assert content_digest(mixed) == content_digest(scheme.data)
    other = read_scheme(changed({"set": {"fund.rate": "15.5"}}), DIRECTIONS)
    assert content_digest(other.data) != content_digest(scheme.data)


def test_what_was_read_can_be_read_again():
    scheme = read_scheme(EXAMPLES["sound"], DIRECTIONS)
    again = read_scheme(scheme.data, DIRECTIONS)
    assert again == scheme
    assert content_digest(again.data) == content_digest(scheme.data)


def test_the_reference_scheme_passes_every_check():
    library = read_library(shipped("indicators/library/five_dimensions"))
    tagged = {
        code: Tagged(one.tiers, one.tags, one.direction, one.dimension == "qualitative")
        for code, one in library.indicators.items()
    }
    scheme = read_scheme(
        shipped("evaluation/reference/tertiary_secondary_primary"),
        {code: one.direction for code, one in library.indicators.items()},
    )
    assert (check_hard(scheme, tagged), check_soft(scheme, tagged)) == ([], [])
    assert scheme.tiers == ["tertiary", "secondary", "primary"]
    # What is scored each quarter is filed at least each quarter.
    for line in scheme.lines:
        elements = [library.elements[code] for code in library.indicators[line.indicator].elements]
        assert all(element.frequency is not PeriodKind.YEAR for element in elements), line.indicator
