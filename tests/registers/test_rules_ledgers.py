"""The rules of assessment ledgers, by worked examples."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from alliance.core.refused import Both, Refused
from alliance.registers.rules.ledger_notices import MOST_LINES, Remark, Single, entry_notice, month_notice
from alliance.registers.rules.ledgers import (
    Entry,
    Item,
    Total,
    check_answer,
    check_entry,
    check_item_points,
    check_items,
    check_objection,
    check_review,
    grade_of,
)

TODAY = date(2026, 5, 10)
OFF, BONUS, RECORD = (
    Item("HL-1", "床头交接不规范", "Handover at the bedside", Decimal("-5")),
    Item("HL-2", "护理创新", "Innovation in nursing", Decimal("3")),
    Item("BL-1", "归档病历质量评分", "Score of a filed record", Decimal("100")),
)
ITEMS = {one.code: one for one in (OFF, BONUS, RECORD)}
GIVEN = Entry("nursing", date(2026, 5, 4), "HL-1", "H1", "N1", "", Decimal("-2.5"), "交接班未核对腕带")
REASON = "现场核对后确认腕带已核对"


def test_points_lie_between_nought_and_what_the_item_gives() -> None:
    assert check_entry(GIVEN, ITEMS, TODAY) == GIVEN
    for points in ("-5", "0", "-0.01"):
        check_entry(replace(GIVEN, points=Decimal(points)), ITEMS, TODAY)
    for points in ("-5.01", "1", "-2.005"):
        with pytest.raises(Refused, match="from -5 to 0 points"):
            check_entry(replace(GIVEN, points=Decimal(points)), ITEMS, TODAY)
    with pytest.raises(Refused, match="from 0 to 3 points"):
        check_entry(replace(GIVEN, item="HL-2"), ITEMS, TODAY)


@pytest.mark.parametrize(
    "wrong", [{"item": "HL-9"}, {"kind": "weather"}, {"day": date(2026, 5, 11)}, {"note": " "}]
)  # fmt: skip
def test_an_entry_that_rests_on_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Refused):
        check_entry(replace(GIVEN, **wrong), ITEMS, TODAY)  # type: ignore[arg-type]


def test_a_record_has_an_author_and_a_grade_no_better_than_its_score() -> None:
    record = replace(GIVEN, kind="record_review", item="BL-1", points=Decimal("89.5"), author="0001")
    assert [grade_of(Decimal(score)) for score in ("100", "90", "89.99", "75", "74.99", "0")] == list("AABBCC")
    assert check_entry(record, ITEMS, TODAY).grade == "B"
    assert check_entry(replace(record, grade="C"), ITEMS, TODAY).grade == "C"
    with pytest.raises(Refused, match="not of grade A"):
        check_entry(replace(record, grade="A"), ITEMS, TODAY)
    with pytest.raises(Refused, match="author"):
        check_entry(replace(record, author=""), ITEMS, TODAY)
    assert check_entry(replace(GIVEN, grade="A", author="0001"), ITEMS, TODAY).grade == ""


def test_a_standard_has_items_with_points() -> None:
    check_items(list(ITEMS.values()))
    for wrong in ([], [OFF, OFF]):
        with pytest.raises(Refused):
            check_items(wrong)
    assert [bool(check_item_points(Decimal(text))) for text in ("1", "-1000", "0", "1000.01", "0.001")] == [
        False, False, True, True, True,
    ]  # fmt: skip


def test_another_person_reviews_once() -> None:
    check_review("entered", "accepted", "", entered_by="a", reviewer="b")
    for state, verdict, who, own in (
        ("accepted", "accepted", "b", ""), ("entered", "accepted", "a", ""), ("entered", "maybe", "b", ""),
        ("entered", "refused", "b", ""), ("entered", "accepted", "b", "0002"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            check_review(state, verdict, "", entered_by="a", reviewer=who, person="0002", own=own)


def test_one_objects_once_and_somebody_else_answers() -> None:
    check_objection("accepted", "", REASON)
    for state, before, reason in (("entered", "", REASON), ("accepted", "x", REASON), ("accepted", "", "不对")):
        with pytest.raises(Refused):
            check_objection(state, before, reason)
    check_answer(True, "", "upheld", REASON, entered_by="a", objected_by="c", answerer="b")
    for objected, outcome, answered, reason, who in (
        (False, "", "upheld", REASON, "b"), (True, "upheld", "upheld", REASON, "b"), (True, "", "so so", REASON, "b"),
        (True, "", "upheld", "", "b"), (True, "", "upheld", REASON, "a"), (True, "", "upheld", REASON, "c"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            check_answer(objected, outcome, answered, reason, entered_by="a", objected_by="c", answerer=who)


def test_a_notice_names_departments_and_no_person() -> None:
    names = {("H1", ""): Both("甲院", "Hospital 1"), ("H1", "N1"): Both("内科护理单元", "Nursing unit")}
    totals = [Total("nursing", "2026-05", "H1", "N1", "0002", Decimal("-2.5"), 1)]
    texts = month_notice("2026-05", "", totals, names, Remark("请整改。", ""))
    assert texts["title_zh"] == "2026年5月考核通报（各台帐）"
    assert texts["text_zh"] == "请整改。\n\n护理质量：内科护理单元 -2.5 分（1 条）"
    assert texts["text_en"] == "nursing: Nursing unit -2.5 points (entries: 1)"
    assert "0002" not in str(texts)
    many = month_notice("2026-05", "nursing", totals * 90, names, Remark())
    assert many["text_zh"].count("\n") == MOST_LINES
    assert many["text_zh"].endswith("其余 10 项见台帐。")
    with pytest.raises(Refused, match="nothing to publish"):
        month_notice("2026-05", "", [], names, Remark())
    single = entry_notice(Single(7, "nursing", GIVEN.day, OFF, names["H1", "N1"], Decimal("-5")), Remark())
    assert single["title_zh"] == "护理质量专项通报（第 7 条）"
    assert "床头交接不规范，-5 分" in single["text_zh"]
