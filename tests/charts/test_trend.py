from decimal import Decimal
from functools import partial

import pytest

from alliance.charts import Band, Series, trend
from tests.charts.names import MEMBERS
from tests.charts.picture import assert_sound

D = Decimal

drawn = partial(trend, title="双向转诊率", description="二十四个月的转诊率", unit="%")
MONTHS = {
    "zh": [f"{2025 + month // 12}年{month % 12 + 1}月" for month in range(24)],
    "en": [f"{2025 + month // 12}-{month % 12 + 1:02d}" for month in range(24)],
}
SIX = MONTHS["zh"][:6]


def series(lang, rows, count, spread=3):
    return [
        Series(
            MEMBERS[lang][(6 + row) % 26],
            [D(12) + row * spread + D((row * 7 + month * 5) % 11) / 4 for month in range(count)],
            accent=row == 0,
            href=f"/members/{row}",
        )
        for row in range(rows)
    ]


def heights(picture):
    return [float(circle.attrib["cy"]) for circle in picture.all("circle", fill="#0b5cad")][:-1]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 640, 900])
@pytest.mark.parametrize("count", [1, 2, 6, 12, 24])
@pytest.mark.parametrize("rows", [1, 3, 7])
@pytest.mark.parametrize("spread", [0, 3])
def test_every_size_is_legible(lang, width, count, rows, spread):
    assert_sound(
        drawn(
            periods=MONTHS[lang][:count],
            series=series(lang, rows, count, spread),
            band=Band(D(8), D(18), "正常范围 8%–18%" if lang == "zh" else "Usual range 8% to 18%"),
            target=D(15),
            lang=lang,
            width=width,
        )
    )


def test_lines_are_named_at_their_ends_with_the_newest_value():
    picture = assert_sound(drawn(periods=SIX, series=[Series("同级中位数", [D("8.10")] * 5 + [D("9.20")])]))
    assert "同级中位数 9.20%" in picture.texts
    assert "2025年6月 同级中位数：9.20%" in picture.titles


def test_target_and_band_are_named():
    picture = assert_sound(
        drawn(periods=SIX, series=series("zh", 2, 6), target=D(15), band=Band(D(8), D(18), "正常范围"))
    )
    assert {"目标 15%", "正常范围"} <= set(picture.texts)


def test_gaps_part_the_line_and_are_marked():
    values = [D(1), D(2), None, D(4), None, D(6)]
    picture = assert_sound(drawn(periods=SIX, series=[Series("甲院", values, accent=True)]))
    assert len(picture.all("path", stroke_width="2.6")) == 2  # one stretch of two, and the key
    assert len(heights(picture)) == 4
    assert "2025年3月 无数据：甲院" in picture.titles


def test_periods_to_come_are_no_gaps():
    picture = assert_sound(drawn(periods=SIX, series=[Series("甲院", [D(1), D(2), D(3), None, None, None])]))
    assert "甲院 3%" in picture.texts
    assert not [title for title in picture.titles if "无数据" in title]


def test_who_lacks_the_newest_value_is_told_so():
    rows = [Series("甲院", [D(1), D(2), None]), Series("乙院", [D(3), D(4), D(5)])]
    assert "甲院 （无数据）" in assert_sound(drawn(periods=SIX[:3], series=rows)).texts


@pytest.mark.parametrize("value", [None, D(0), D(100), D(-3), D("0.0001"), D("12345678901.23")])
@pytest.mark.parametrize("count", [1, 6])
def test_values_all_alike(value, count):
    picture = assert_sound(drawn(periods=SIX[:count], series=[Series("甲院", [value] * count, accent=True)]))
    assert len(set(heights(picture))) == (0 if value is None else 1)


def test_without_series_or_periods():
    assert_sound(drawn(periods=SIX, series=[]))
    assert_sound(drawn(periods=[], series=[]))
    assert_sound(drawn(periods=[], series=[Series("甲院", [])]))


def ticks(picture):
    return [text.text for text in picture.all("text", text_anchor="end")]


def test_the_axis_begins_at_zero_unless_lines_would_lie_flat():
    low = assert_sound(drawn(periods=SIX[:2], series=[Series("甲院", [D(8), D(25)])]))
    assert ticks(low)[0] == "0"
    flat = assert_sound(drawn(periods=SIX[:2], series=[Series("甲院", [D(91), D(95)])]))
    assert ticks(flat) == ["91", "92", "93", "94", "95"]
    sums = assert_sound(drawn(periods=SIX[:2], series=[Series("甲院", [D(91), D(95)])], from_zero=True))
    assert ticks(sums)[0] == "0"
    below = assert_sound(drawn(periods=SIX[:2], series=[Series("甲院", [D(-25), D(-8)])]))
    assert ticks(below)[-1] == "0"
    across = assert_sound(drawn(periods=SIX[:2], series=[Series("甲院", [D(-4), D(9)])]))
    assert ticks(across) == ["-5", "0", "5", "10"]


def test_the_scale_holds_band_and_target():
    picture = assert_sound(
        drawn(
            periods=SIX[:2],
            series=[Series("甲院", [D(10), D(11)])],
            band=Band(D(5), D(40), "带"),
            target=D(55),
        )
    )
    assert ticks(picture)[0] == "0"
    assert D(ticks(picture)[-1]) >= 55


def test_more_is_higher():
    first, second, third = heights(
        assert_sound(drawn(periods=SIX[:3], series=[Series("甲", [D(1), D(2), D(3)], True)]))
    )
    assert first > second > third
    assert first - second == pytest.approx(second - third, abs=0.02)


def test_each_line_is_a_link():
    picture = assert_sound(drawn(periods=SIX, series=series("zh", 3, 6)))
    assert sorted(link.attrib["href"] for link in picture.all("a")) == [f"/members/{n}" for n in range(3)]


def test_each_value_leads_to_a_page_of_its_own():
    one = Series("市一院", [D(8), None, D(9)], href="/now", hrefs=["/first", "", "/third"])
    picture = assert_sound(drawn(periods=SIX[:3], series=[one]))
    assert [link.attrib["href"] for link in picture.all("a")] == ["/now", "/first", "/third"]


def test_labels_are_escaped():
    svg = drawn(periods=["<1>", "&2"], series=[Series('<i>&"', [D(1), D(2)])], band=Band(D(1), D(2), "<b>"))
    assert "<i>" not in svg
    assert {"<1>", "&2", "<b>"} <= set(assert_sound(svg).texts)


def test_it_is_the_same_every_time():
    assert drawn(periods=SIX, series=series("zh", 7, 6)) == drawn(periods=SIX, series=series("zh", 7, 6))
