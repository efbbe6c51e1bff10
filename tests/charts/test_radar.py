from decimal import Decimal
from functools import partial

import pytest

from alliance.charts import Axis, Series, radar
from tests.charts.names import DIMENSIONS, MEMBERS
from tests.charts.picture import assert_sound

D = Decimal

drawn = partial(radar, title="五维得分", description="一院与同级中位数", maximum=D(100))
FIVE = [Axis(name) for name in DIMENSIONS["zh"][:5]]
OWN = Series("望江路社区卫生服务中心", [D("86.50"), D(70), D(65), D(92), D(58)], accent=True)
MEDIAN = Series("同级中位数", [D(80), D(75), D(60), D(85), D(66)])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 640, 900])
@pytest.mark.parametrize("count", [3, 5, 6, 7])
@pytest.mark.parametrize("rows", [1, 2, 7])
def test_every_size_is_legible(lang, width, count, rows):
    axes = [Axis(name, "/d") for name in DIMENSIONS[lang][:count]]
    series = [
        Series(MEMBERS[lang][6 + row], [D((row * 17 + axis * 29) % 101) for axis in range(count)], row == 0, "/m")
        for row in range(rows)
    ]
    assert_sound(drawn(axes=axes, series=series, lang=lang, width=width))


def test_names_values_and_legend_are_there():
    picture = assert_sound(drawn(axes=FIVE, series=[OWN, MEDIAN]))
    assert {"医疗质量与安全", "86.50", "同级中位数", "100"} <= set(picture.texts)
    assert "医疗质量与安全：望江路社区卫生服务中心 86.50、同级中位数 80.00" in picture.titles


def test_it_is_the_same_every_time():
    assert drawn(axes=FIVE, series=[OWN]) == drawn(axes=FIVE, series=[OWN])


def test_a_full_row_is_a_closed_line():
    picture = assert_sound(drawn(axes=FIVE, series=[OWN]))
    (line,) = picture.all("path", stroke_width="2.6", stroke="#0b5cad")[:1]
    assert line.attrib["d"].endswith("Z")


def test_a_missing_value_leaves_a_gap_and_is_named():
    lacking = Series("甲院", [D(80), D(70), None, D(60), D(50)], accent=True)
    picture = assert_sound(drawn(axes=FIVE, series=[lacking, MEDIAN]))
    line = picture.all("path", stroke_width="2.6")[0].attrib["d"]
    assert not line.endswith("Z")
    assert line.count(" ") == 7  # four points, begun behind the gap
    assert "无数据" in picture.texts
    assert "无数据：资源共享" in picture.texts
    assert len(picture.all("path", stroke_width="1.4")) == 1


@pytest.mark.parametrize("values", [[None] * 5, [D(0)] * 5, [D(50)] * 5, [D(-5)] * 5, [D(1), None, D(2), None, D(3)]])
def test_odd_rows(values):
    assert_sound(drawn(axes=FIVE, series=[Series("甲院", values, accent=True)]))


def test_without_series_the_web_is_empty():
    assert not assert_sound(drawn(axes=FIVE, series=[])).all("circle")


def test_a_value_beyond_the_maximum_stretches_the_axes():
    picture = assert_sound(drawn(axes=FIVE, series=[Series("甲院", [D(130), D(1), D(2), D(3), D(4)], accent=True)]))
    tops = [float(circle.attrib["cy"]) for circle in picture.all("circle")]
    assert min(tops) > 0


def test_links_lead_from_axes_and_series():
    axes = [Axis(axis.label, f"/axes/{n}?a=1&b=2") for n, axis in enumerate(FIVE)]
    picture = assert_sound(drawn(axes=axes, series=[Series("甲院", [D(1)] * 5, href="/members/1")]))
    assert [link.attrib["href"] for link in picture.all("a")] == [axis.href for axis in axes] + ["/members/1"]


def test_labels_are_escaped():
    axes = [Axis('<script>alert("1")</script>&'), *FIVE[1:]]
    svg = drawn(axes=axes, series=[Series('<b>&"', [D(1)] * 5)])
    assert "<script" not in svg
    assert '<b>&"' in assert_sound(svg).texts


def test_what_is_no_radar_is_refused():
    with pytest.raises(ValueError, match="three axes"):
        drawn(axes=FIVE[:2], series=[])
    with pytest.raises(ValueError, match="maximum"):
        radar(title="t", description="d", axes=FIVE, series=[], maximum=D(0))
