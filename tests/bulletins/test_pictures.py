"""The charts of a bulletin: what they show, whom they leave out, and that they can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from alliance.bulletins.pictures import Picture, pictures, steps
from alliance.bulletins.queries import matter
from alliance.i18n import in_language
from tests.bulletins.example import VETOED, bulletin, content
from tests.bulletins.paper import page, press
from tests.charts.picture import assert_sound

LANGUAGES = ("zh", "en")


@pytest.fixture(autouse=True)
def languages() -> Iterator[None]:
    with press().app_context():
        yield


def drawn(language: str = "zh", found: dict[str, Any] | None = None, own: tuple[str, ...] = ()) -> dict[str, Picture]:
    with in_language(language):
        return pictures(matter(found or content()), language, own)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_is_sound_wide_and_narrow(language: str) -> None:
    found = drawn(language)
    assert set(found) == {"radar", "trend", "bars-secondary", "bars-primary"}
    for one in found.values():
        wide, narrow = assert_sound(one.svg), assert_sound(one.narrow)
        assert wide.width == 640
        assert narrow.width == 360
        assert wide.titles[0] == one.caption


def test_a_tier_of_one_has_no_bars() -> None:
    assert "bars-tertiary" not in drawn()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bars_stand_in_the_order_of_the_table(language: str) -> None:
    rows = [row for row in content()["rows"] if row["tier"] == "primary"]
    texts = assert_sound(drawn(language)["bars-primary"].svg).texts
    names = [text for text in texts if text in {row[f"short_{language}"] for row in rows}]
    assert names == [row[f"short_{language}"] for row in rows]


def test_a_vetoed_member_stands_last_without_a_bar() -> None:
    rows = [row for row in content()["rows"] if row["tier"] == "primary"]
    picture = assert_sound(drawn("en")["bars-primary"].svg)
    assert rows[-1]["code"] == VETOED
    assert picture.texts[picture.texts.index(rows[-1]["short_en"]) + 1] == "vetoed"
    bars = [one for one in picture.all("rect") if one.get("fill") not in (None, "none")]
    assert len(bars) == len(rows) - 1


def test_the_own_member_stands_out_on_its_page_and_nobody_on_paper() -> None:
    accent = assert_sound(drawn(own=("C05",))["bars-primary"].svg)
    assert [one.text for one in accent.all("text", font_weight="bold")] == ["南湖中心", "93.20"]
    assert assert_sound(drawn()["bars-primary"].svg).all("text", font_weight="bold") == []


def test_the_radar_shows_the_medians_of_each_tier() -> None:
    radar, tiers = drawn("en")["radar"], content()["tiers"]
    assert [column.name for column in radar.columns] == ["Secondary", "Primary care"]
    for place, dimension in enumerate(content()["dimensions"]):
        medians = [Decimal(one["dimensions"][dimension["code"]]) for one in tiers if one["dimensions"]]
        assert [column.values[place] for column in radar.columns] == medians
    assert radar.lines[0] == (content()["dimensions"][0]["en"], [column.values[0] for column in radar.columns])


def test_a_dimension_without_a_median_leaves_a_gap() -> None:
    found = content()
    del next(one for one in found["tiers"] if one["code"] == "secondary")["dimensions"]["health"]
    assert drawn("en", found)["radar"].columns[0].values[-1] is None


def test_fewer_than_three_dimensions_make_no_radar() -> None:
    found = content()
    found["dimensions"] = found["dimensions"][:2]
    assert "radar" not in drawn("zh", found)


def test_the_first_bulletin_has_no_trend() -> None:
    assert "trend" not in drawn("zh", content(first=True))


def test_the_trend_tells_the_medians_by_period() -> None:
    trend = drawn("en")["trend"]
    assert trend.heads == ["Q1 2025", "Q2 2025", "Q3 2025", "Q4 2025", "Q1 2026"]
    assert [values[1] for _, values in trend.lines][:2] == [Decimal("71.2"), Decimal("73.25")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_shows_the_same_pictures(language: str) -> None:
    html = page(bulletin(), language)
    for name, one in drawn(language).items():
        shown = one.halves or [one.narrow if name in ("radar", "trend") else one.svg]
        assert all(svg in html for svg in shown), name


def test_the_steps_tell_how_far_a_bulletin_has_come() -> None:
    found = bulletin()
    assert [step.state for step in steps(found)] == ["done", "done", "current"]
    draft = replace(found, decision="", decided_at=None)
    assert [step.state for step in steps(draft)] == ["done", "current", "todo"]
    issued = replace(found, issued_at=datetime(2026, 5, 19, 20, tzinfo=UTC))
    assert [step.state for step in steps(issued)] == ["done", "done", "done"]
    assert steps(issued)[2].note == "2026-05-20"  # on the clock of Shanghai


def large(members: int) -> dict[str, Any]:
    """A content whose primary care has so many members, one of them vetoed."""
    found = content()
    primary = [row for row in found["rows"] if row["tier"] == "primary"]
    others = [row for row in found["rows"] if row["tier"] != "primary"]
    scored, vetoed = primary[:-1], primary[-1:]
    rows = [
        {**scored[place % len(scored)], "code": f"P{place:03}", "score": f"{95 - place / 10:.2f}"}
        for place in range(members - 1)
    ]
    return {**found, "rows": [*others, *rows, *vetoed]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bars_of_a_large_tier_stand_in_several_pictures_of_one_scale(language: str) -> None:
    ranking = drawn(language, large(70))["bars-primary"]
    assert [len(assert_sound(part.svg).all("rect", height="14")) for part in ranking.parts] == [23, 23, 23]
    widest = [max(box.right - box.left for box in assert_sound(part.svg).boxes(height="14")) for part in ranking.parts]
    assert widest[1] / widest[0] == pytest.approx((95 - 2.3) / 95, rel=0.05)
    assert len({part.caption for part in ranking.parts}) == 3
    assert all(assert_sound(part.narrow).height < 1200 for part in ranking.parts)
    html = page(replace(bulletin(), content=large(70)), language)
    assert all(half in html for part in ranking.parts for half in part.halves)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_ranking_stands_on_paper_in_two_columns_of_one_scale(language: str) -> None:
    left, right = (assert_sound(half) for half in drawn(language, large(21))["bars-primary"].halves)
    assert [len(half.all("rect", height="14")) for half in (left, right)] == [11, 9]
    longest = [max(box.right - box.left for box in half.boxes(height="14")) for half in (left, right)]
    assert longest[1] / longest[0] == pytest.approx((95 - 1.1) / 95, rel=0.02)
    assert drawn(language, large(10))["bars-primary"].halves == ()
