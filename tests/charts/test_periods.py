import pytest

from alliance.charts.periods import named, parted

MONTHS = [f"{2025 + index // 12}年{index % 12 + 1}月" for index in range(24)]


@pytest.mark.parametrize(
    ("period", "parts"),
    [
        ("2026年3月", ("2026年", "3月")),
        ("2026-03", ("2026", "03")),
        ("2026/3", ("2026", "3")),
        ("2026 Q1", ("2026", "Q1")),
        ("2026Q1", ("2026", "Q1")),
        ("2026年第一季度", ("2026年", "第一季度")),
        ("March 2026", ("2026", "March")),
        ("2026年上半年", ("2026年", "上半年")),
        ("2026年", ("", "2026年")),
        ("2026年度", ("", "2026年度")),
        ("2026", ("", "2026")),
        ("20260301", ("", "20260301")),
        ("上期", ("", "上期")),
    ],
)
def test_year_and_rest(period, parts):
    assert parted(period) == parts


def test_all_names_when_there_is_room():
    assert named(MONTHS[:3], 60) == [(0, "1月", "2025年"), (1, "2月", ""), (2, "3月", "")]


def test_fewer_names_when_there_is_not_and_the_newest_always():
    names = named(MONTHS, 20)
    assert names[-1][:2] == (23, "12月")
    assert [index for index, _, year in names if year] == [1, 13]


def test_of_two_years_that_would_touch_the_later_is_said():
    assert named(["2024年12月", "2025年1月"], 40) == [(0, "12月", ""), (1, "1月", "2025年")]


def test_names_without_a_year_stay_as_they_are():
    assert named(["2025年", "2026年"], 60) == [(0, "2025年", ""), (1, "2026年", "")]
    assert named(["上期", "2026年3月"], 90) == [(0, "上期", ""), (1, "2026年3月", "")]
    assert named([], 60) == []
