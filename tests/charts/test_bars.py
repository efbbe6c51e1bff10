from decimal import Decimal
from functools import partial

import pytest

from alliance.charts import Bar, Reference, ranked_bars
from tests.charts.names import MEMBERS
from tests.charts.picture import assert_sound

D = Decimal

drawn = partial(ranked_bars, title="综合得分", description="二十六家成员的得分", unit="分")


def members(lang, count=26, low="41.37"):
    """Ranked from the best; the ninth is the reader's own."""
    rows = []
    for rank, name in enumerate(MEMBERS[lang][:count]):
        value = D("97.14") - rank * (D("97.14") - D(low)) / 26
        note = {3: "并列", 9: "本期有异议一项，正在复核，结果公布后更新"}.get(rank, "")
        rows.append(Bar(name, value, f"{value:.2f}", accent=rank == 8, href=f"/members/{rank}", note=note))
    return rows


def lengths(picture):
    return [float(bar.attrib["width"]) for bar in picture.all("rect", height="14")]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 640, 900])
@pytest.mark.parametrize("low", ["41.37", "-60"])
@pytest.mark.parametrize("compared", [D("78.40"), D(0), D(-30), D(200)])
def test_twenty_six_long_names_are_legible(lang, width, low, compared):
    bars = [
        *members(lang, low=low)[:-2],
        Bar("甲", None, "", note="逾期未报送，已退回两次"),
        Bar("乙", D(0), "0.00", note="一票否决"),
    ]
    assert_sound(drawn(bars=bars, reference=Reference(compared, "全市中位数 78.40"), lang=lang, width=width))


def test_a_long_name_takes_two_lines_and_no_letter_is_lost():
    texts = assert_sound(drawn(bars=members("zh"))).texts
    assert texts[texts.index("望江路社区卫生服务中心") - 1] == "滨江市第一人民医院"


def test_bars_begin_at_zero_and_keep_their_proportions():
    picture = assert_sound(drawn(bars=[Bar("甲", D(80), "80"), Bar("乙", D(40), "40"), Bar("丙", D(20), "20")]))
    first, second, third = lengths(picture)
    assert first == pytest.approx(2 * second, abs=0.02) == pytest.approx(4 * third, abs=0.04)
    assert len({bar.attrib["x"] for bar in picture.all("rect", height="14")}) == 1


def test_bars_stand_in_the_order_given():
    picture = assert_sound(drawn(bars=[Bar("甲", D(1), "1"), Bar("乙", D(9), "9"), Bar("丙", D(5), "5")]))
    assert [text for text in picture.texts if text in "甲乙丙"] == ["甲", "乙", "丙"]


def test_below_zero_bars_run_left_with_their_values_at_the_left():
    picture = assert_sound(drawn(bars=[Bar("甲", D(30), "30"), Bar("乙", D("-15"), "-15")]))
    forth, back = picture.all("rect", height="14")
    zero = float(forth.attrib["x"])
    assert float(back.attrib["x"]) + float(back.attrib["width"]) == pytest.approx(zero, abs=0.02)
    words = {word.text: word for word in picture.words()}
    assert words["-15"].right < float(back.attrib["x"])
    assert words["30"].left > zero


def test_a_missing_value_is_a_dash_with_its_note():
    picture = assert_sound(drawn(bars=[Bar("甲", D(1), "1"), Bar("乙", None, "", note="未报送")]))
    assert {"—", "未报送"} <= set(picture.texts)
    assert len(lengths(picture)) == 1
    assert "乙：—、未报送" in picture.titles


def test_a_missing_value_can_have_a_word():
    assert "不适用" in assert_sound(drawn(bars=[Bar("乙", None, "不适用")])).texts


def test_zero_is_no_bar_but_a_number():
    picture = assert_sound(drawn(bars=[Bar("甲", D(0), "0.00"), Bar("乙", D("0.0"), "0.00")]))
    assert lengths(picture) == []
    assert picture.texts.count("0.00") == 2


@pytest.mark.parametrize("value", [None, D(0), D(7), D(-7), D("1E-9"), D("98765432109876.54")])
@pytest.mark.parametrize("count", [1, 4])
def test_bars_all_alike(value, count):
    text = "" if value is None else f"{value:,f}"
    assert_sound(drawn(bars=[Bar(f"{n}院", value, text) for n in range(count)]))


def test_no_bars_at_all():
    assert "无数据" in assert_sound(drawn(bars=[])).texts


def test_the_reference_is_named_and_within_the_scale():
    picture = assert_sound(drawn(bars=[Bar("甲", D(10), "10")], reference=Reference(D(40), "目标 40")))
    (line,) = picture.all("path", stroke_dasharray="4 3")
    x = float(line.attrib["d"].split()[0].removeprefix("M"))
    assert lengths(picture)[0] * 4 == pytest.approx(
        x - float(picture.all("rect", height="14")[0].attrib["x"]), abs=0.05
    )
    assert "目标 40" in picture.texts


@pytest.mark.parametrize(("middle", "sign"), [("78.40", 1), ("84.40", 1), ("75.87", 1), ("78.40", -1)])
def test_no_value_is_crossed_by_the_reference(middle, sign):
    """The values of a bulletin that stood on the line of their median: 75.87, 79.98."""
    values = [
        *("97.14", "92.30", "88.40", "85.20", "83.44", "81.20", "80.40"),
        *("79.98", "78.40", "77.90", "75.87", "72.10", "66.00", "60.00"),
    ]
    bars = [Bar(f"单位{n}", sign * D(value), f"{sign * D(value)}") for n, value in enumerate(values)]
    picture = assert_sound(drawn(bars=bars, reference=Reference(sign * D(middle), f"中位数 {middle}")))
    (line,) = picture.all("path", stroke_dasharray="4 3")
    assert line.attrib["d"].count("M") == 1  # one line from top to bottom
    x = float(line.attrib["d"].split()[0].removeprefix("M"))
    assert [word.text for word in picture.words() if word.text in {bar.text for bar in bars}] == [
        bar.text for bar in bars
    ]
    for word in picture.words():
        assert not word.left - 3 < x < word.right + 3 or word.text.startswith("中位数")


def test_the_reference_goes_round_a_text_that_has_no_room_beyond_it():
    bars = [Bar("甲", D(100), "100"), Bar("乙", None, "逾期未报送，已退回两次，正在等待补报说明材料和佐证文件")]
    picture = assert_sound(drawn(bars=bars, reference=Reference(D(60), "中位数"), width=640))
    (line,) = picture.all("path", stroke_dasharray="4 3")
    assert line.attrib["d"].count("M") == 2


def test_the_own_bar_is_in_accent_and_bold():
    picture = assert_sound(drawn(bars=members("zh", 10)))
    assert len(picture.all("rect", fill="#0b5cad")) == 1
    assert "滨江市第一人民医院" in [text.text for text in picture.all("text", font_weight="bold")]


def test_each_bar_is_a_link_with_its_words():
    picture = assert_sound(drawn(bars=members("zh", 5)))
    assert [link.attrib["href"] for link in picture.all("a")] == [f"/members/{n}" for n in range(5)]
    assert picture.all("a")[3][0].text == f"滨江市妇幼保健院：{members('zh')[3].text}、并列"


def test_labels_are_escaped():
    svg = drawn(bars=[Bar('<i>&"院', D(1), "<1>", note="&\"'", href='/?a="<&')])
    assert "<i>" not in svg
    assert {'<i>&"院', "<1>", "&\"'"} <= set(assert_sound(svg).texts)


def test_it_is_the_same_every_time():
    assert drawn(bars=members("zh")) == drawn(bars=members("zh"))


def test_both_languages():
    assert "单位：分" in assert_sound(drawn(bars=members("zh"))).texts
    assert "Unit: points" in assert_sound(drawn(bars=members("en"), unit="points", lang="en")).texts
