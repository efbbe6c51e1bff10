"""What is true of experts: agreement as published, who judges what, what a score needs, what comes of scores."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from alliance.core.figure import half_up
from alliance.core.refused import Refused
from alliance.ratings.rules.agreement import icc_average, icc_single
from alliance.ratings.rules.panels import agreement, assign, check_score, is_low, mark_of
from alliance.ratings.rules.rubrics import read_rubric, written
from tests.ratings.rubric import RUBRIC

# Shrout and Fleiss, Intraclass correlations: uses in assessing rater reliability, 1979: four judges, six targets.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def test_the_agreement_is_that_of_shrout_and_fleiss() -> None:
    single, average = icc_single(SHROUT_FLEISS), icc_average(SHROUT_FLEISS)
    assert single is not None
    assert average is not None
    assert half_up(single, 2) == Decimal("0.29")
    assert half_up(average, 2) == Decimal("0.62")


def test_agreement_is_whole_where_all_agree_and_not_told_where_nothing_differs() -> None:
    assert icc_average([[60, 60], [70, 70], [80, 80]]) == 1
    assert icc_average([[70, 70], [70, 70]]) is None
    assert icc_average([[70, 80]]) is None
    assert icc_average([[70], [80]]) is None
    assert icc_average([]) is None


def test_only_members_that_all_judges_scored_are_compared() -> None:
    scores = {"A": {"x": 60, "y": 60}, "B": {"x": 80, "y": 80}, "C": {"x": 10}}
    assert agreement(scores, ["x", "y"]) == (Fraction(1), 2)
    assert is_low(Decimal("0.4999"))
    assert not is_low(Decimal("0.5"))
    assert not is_low(None)


def test_each_item_has_one_pair_and_a_conflict_brings_the_next_in_turn() -> None:
    members = {"A": ["i", "j"], "B": ["i"]}
    places = assign(members, ["i", "j"], ["x", "y", "z"], {"x": {"B"}})
    found = {(one.institution, one.item): [] for one in places}  # type: ignore[var-annotated]
    for one in places:
        found[one.institution, one.item].append(one.account)
    assert found == {("A", "i"): ["x", "y"], ("A", "j"): ["z", "x"], ("B", "i"): ["y", "z"]}
    with pytest.raises(Refused) as refused:
        assign(members, ["i"], ["x", "y"], {"x": {"B"}})
    assert [one.where for one in refused.value.problems] == ["B"]


def test_a_score_beyond_sixty_and_ninety_needs_evidence_and_a_remark() -> None:
    why = "现场查看台帐，情况属实。"
    for score in (0, 59, 91, 100):
        check_score(score, "", evidence=False, unable=False, lock=False)
        for remark, evidence in (("", True), (why, False)):
            with pytest.raises(Refused):
                check_score(score, remark, evidence=evidence, unable=False, lock=True)
        check_score(score, why, evidence=True, unable=False, lock=True)
    for score in (60, 90):
        check_score(score, "", evidence=False, unable=False, lock=True)
    for given, unable, remark in (
        (None, False, ""),
        (None, True, "短"),
        (70, True, why),
        (101, False, why),
        (-1, False, why),
    ):
        with pytest.raises(Refused):
            check_score(given, remark, evidence=True, unable=unable, lock=True)
    check_score(None, why, evidence=False, unable=True, lock=True)


def test_an_item_is_the_mean_the_median_or_left_out() -> None:
    assert mark_of([70, 81], median=False) == Fraction(151, 2)
    assert mark_of([40, 70, 81], median=True) == 70
    assert mark_of([70, 81], median=True) == Fraction(151, 2)
    assert mark_of([70], median=False) is None


def test_a_rubric_reads_back_and_each_fault_is_told() -> None:
    rubric = read_rubric(RUBRIC)
    assert read_rubric(written(rubric)) == rubric
    assert rubric.items[0].band(59).words.en == "Weak"
    assert rubric.items[0].band(60).words.en == "Good"
    broken = {"rubric": {}, "item": [RUBRIC["item"][0] | {"weight": {"moon": 1}, "level": []}], "check": ["x"]}
    with pytest.raises(Refused) as refused:
        read_rubric(broken)
    assert len(refused.value.problems) >= 6
