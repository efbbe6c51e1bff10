from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.charts import Bar, waterfall
from tests.charts.names import DIMENSIONS
from tests.charts.picture import assert_sound

D = Decimal

drawn = partial(waterfall, title="从上期到本期", description="每一行是一个维度的升降", unit="分")


def signed(value):
    return f"{value:+}".replace("-", "−")


def steps(lang, values):
    return [
        Bar(DIMENSIONS[lang][n % 7], value, signed(value), href=f"/d/{n}", note="本期有一项未填报" if n == 1 else "")
        for n, value in enumerate(map(D, values))
    ]


def total(name, value, *, accent=False):
    return Bar(name, value, "" if value is None else str(value), accent=accent)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 360, 640, 900])
@pytest.mark.parametrize(
    ("start", "values"),
    [
        ("82.40", ["1.20", "-3.30", "0.00", "6.10", "-0.40", "2.00", "-1.00"]),
        ("0", ["100", "-100", "50"]),
        ("-20", ["50", "-70", "10"]),
        ("80", ["0", "0", "0"]),
        ("0", ["0"]),
        ("0.01", ["0.01"]),
        ("80", []),
        ("1", ["1"] * 40),
    ],
)
def test_names_values_and_notes_keep_their_room(lang, width, start, values):
    end = D(start) + sum(map(D, values))
    picture = drawn(
        start=total("2026年第1季度", D(start)), steps=steps(lang, values), end=total("2026年第2季度", end, accent=True),
        lang=lang, width=width,
    )  # fmt: skip
    assert_sound(picture)


def bars(picture):
    return picture.boxes(height="14")


def test_each_step_goes_on_from_the_one_before():
    picture = assert_sound(drawn(start=total("前", D(60)), steps=steps("zh", ["20", "-50"]), end=total("后", D(30))))
    before, rise, fall, after = bars(picture)
    assert rise.left == pytest.approx(before.right, abs=0.02)
    assert fall.right == pytest.approx(rise.right, abs=0.02)
    assert fall.left == pytest.approx(after.right, abs=0.02)
    assert before.left == after.left
    assert before.right - before.left == pytest.approx(3 * (rise.right - rise.left), abs=0.05)


def test_totals_begin_at_zero_below_it_too():
    picture = assert_sound(drawn(start=total("前", D(-20)), steps=steps("zh", ["50"]), end=total("后", D(30))))
    before, rise, after = bars(picture)
    assert before.right == after.left
    assert rise.left == pytest.approx(before.left, abs=0.02)
    assert rise.right == pytest.approx(after.right, abs=0.02)


def test_a_rise_is_full_and_a_fall_hollow():
    picture = assert_sound(drawn(start=total("前", D(6)), steps=steps("zh", ["2", "-5"]), end=total("后", D(3))))
    _, rise, fall, _ = picture.all("rect", height="14")
    assert rise.attrib["fill"] == rise.attrib["stroke"] == fall.attrib["stroke"]
    assert fall.attrib["fill"] == "#ffffff"


def test_no_value_is_crossed_by_a_line():
    picture = assert_sound(
        drawn(start=total("前", D(60)), steps=steps("zh", ["20", "0", "-50", "10"]), end=total("后", D(40)))
    )
    for line in picture.all("line", stroke_dasharray="2 2"):
        x, top, bottom = (float(line.attrib[key]) for key in ("x1", "y1", "y2"))
        for word in picture.words():
            assert not (word.left < x < word.right and word.top < bottom and word.bottom > top)


def test_a_step_without_a_value_moves_nothing_and_says_so():
    unknown = Bar("费用控制", None, "不适用")
    picture = assert_sound(drawn(start=total("前", D(60)), steps=[unknown], end=total("后", D(60))))
    assert "不适用" in picture.texts
    assert len(bars(picture)) == 2


@pytest.mark.parametrize(("start", "end"), [(None, D(40)), (D(40), None), (None, None)])
def test_a_total_that_is_not_known_has_no_bar(start, end):
    picture = assert_sound(drawn(start=total("前", start), steps=steps("zh", ["5", "-2"]), end=total("后", end)))
    assert picture.texts.count("—") == [start, end].count(None)
    if start is None:
        assert len(bars(picture)) == (end is not None)  # steps have nothing to hang from


def test_steps_that_do_not_lead_to_the_end_are_refused():
    with pytest.raises(ValueError, match="from 60 to 80, not to 81"):
        drawn(start=total("前", D(60)), steps=steps("zh", ["20"]), end=total("后", D(81)))


def test_each_step_is_a_link_with_its_words():
    picture = assert_sound(drawn(start=total("前", D(6)), steps=steps("zh", ["2", "-5"]), end=total("后", D(3))))
    assert [link.attrib["href"] for link in picture.all("a")] == ["/d/0", "/d/1"]
    assert picture.all("a")[1][0].text == "协同效率：−5、本期有一项未填报"


@settings(max_examples=60, deadline=None)
@given(
    st.decimals(D(-1000), D(1000), places=2),
    st.lists(st.decimals(D(-500), D(500), places=2), max_size=12),
    st.sampled_from([320, 640]),
)
def test_whatever_comes_is_sound(start, values, width):
    picture = drawn(
        start=total("上一期综合得分", start), steps=steps("zh", values),
        end=total("本期", start + sum(values, D(0)), accent=True), width=width,
    )  # fmt: skip
    assert_sound(picture)
