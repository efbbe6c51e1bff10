from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.charts import Cell, Head, heat_map
from alliance.charts.heat import SHADES, shade
from tests.charts.names import DIMENSIONS, MEMBERS
from tests.charts.picture import assert_sound

D = Decimal

drawn = partial(heat_map, title="各单位各指标得分率", description="颜色越深，得分率越高", unit="%")


def heads(lang, count):
    return [Head(f"{DIMENSIONS[lang][n % 7]} {n}", f"/i/{n}") for n in range(count)]


def rows(lang, count, columns):
    return [
        (
            Head(name, f"/m/{row}", accent=row == 3),
            [Cell(D((row * 7 + column * 13) % 101), "", f"/f/{row}/{column}") for column in range(columns)],
        )
        for row, name in enumerate(MEMBERS[lang][:count])
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 640, 900])
@pytest.mark.parametrize(("members", "indicators"), [(26, 40), (1, 1), (26, 1), (1, 40), (3, 5)])
def test_every_number_has_its_room(lang, width, members, indicators):
    picture = assert_sound(
        drawn(columns=heads(lang, indicators), rows=rows(lang, members, indicators), lang=lang, width=width)
    )
    assert picture.width >= width
    cells = [link for link in picture.all("a") if link.attrib["href"].startswith("/f/")]
    assert len(cells) == members * indicators
    for link in cells:
        box, text = link[1], link[2]
        left, wide = float(box.attrib["x"]), float(box.attrib["width"])
        word = next(word for word in picture.words() if word.text == text.text)
        assert word.right - word.left <= wide
        assert left <= float(text.attrib["x"]) <= left + wide
        break


def test_a_name_over_a_wide_column_stands_upright_and_over_a_narrow_one_is_turned():
    few = assert_sound(drawn(columns=[Head("质量"), Head("效率")], rows=[(Head("甲"), [Cell(D(1)), Cell(D(2))])]))
    assert few.all("text", transform="") == []
    assert not [one for one in few.all("text") if "transform" in one.attrib]
    many = assert_sound(drawn(columns=heads("zh", 20), rows=rows("zh", 2, 20)))
    assert len([one for one in many.all("text") if "transform" in one.attrib]) >= 20


def test_missing_and_not_applicable_are_told_apart_without_colour():
    cells = [Cell(None), Cell(None, applies=False), Cell(D(0)), Cell(D(50), "50.0")]
    picture = assert_sound(drawn(columns=[Head(n) for n in "一二三四"], rows=[(Head("甲"), cells)]))
    assert {"甲、一：无数据", "甲、二：不适用", "甲、三：0", "甲、四：50.0"} <= set(picture.titles)
    crosses = [one for one in picture.all("path") if one.attrib["d"].count("M") == 2]
    assert len(crosses) == 2  # the cell and the legend
    assert len(picture.all("line")) == 2
    assert {"无数据", "不适用"} <= set(picture.texts)


@pytest.mark.parametrize(
    ("value", "step"), [("-5", 0), ("0", 0), ("19.99", 0), ("20", 1), ("79.99", 3), ("80", 4), ("100", 4), ("140", 4)]
)
def test_a_stronger_shade_is_a_higher_value(value, step):
    assert shade(D(value), D(0), D(100)) == SHADES[step]


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("fill", "ink"), SHADES)
def test_the_letters_on_each_shade_can_be_read(fill, ink):
    light, dark = sorted((luminance(fill), luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_each_cell_row_and_column_is_a_link():
    picture = assert_sound(drawn(columns=heads("zh", 2), rows=rows("zh", 2, 2)))
    assert [link.attrib["href"] for link in picture.all("a")] == [
        "/i/0", "/i/1", "/m/0", "/f/0/0", "/f/0/1", "/m/1", "/f/1/0", "/f/1/1",
    ]  # fmt: skip


def test_nothing_at_all_says_so():
    assert "无数据" in assert_sound(drawn(columns=[], rows=[])).texts
    assert "无数据" in assert_sound(drawn(columns=heads("zh", 3), rows=[])).texts


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="1 cells for 2"):
        drawn(columns=heads("zh", 2), rows=[(Head("甲"), [Cell(D(1))])])
    with pytest.raises(ValueError, match="no range"):
        drawn(columns=heads("zh", 1), rows=[], low=D(1), high=D(1))


NAMES = st.text("医院中心社区卫生服务第一Hospital Center（）、-", min_size=1, max_size=40).filter(
    lambda name: name.strip()
)
VALUES = st.one_of(st.none(), st.decimals(D(-200), D(200), places=2))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_comes_is_sound(data):
    columns = data.draw(st.lists(NAMES, min_size=0, max_size=9))
    table = data.draw(st.lists(NAMES, max_size=6))
    cells = [[Cell(data.draw(VALUES), "", data.draw(st.sampled_from(["", "/x"]))) for _ in columns] for _ in table]
    assert_sound(
        drawn(
            columns=[Head(name) for name in columns],
            rows=[(Head(name), row) for name, row in zip(table, cells, strict=True)],
            width=data.draw(st.sampled_from([320, 640, 960])),
            lang=data.draw(st.sampled_from(["zh", "en"])),
        )
    )
