from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.charts import Lane, Objective, strategy_map
from tests.charts.names import DIMENSIONS
from tests.charts.picture import assert_sound

drawn = partial(strategy_map, title="战略地图", description="箭头从原因指向结果")
STATES = ("good", "warn", "bad", "")


def lanes(lang, *counts):
    words = {"zh": "达到目标的 96%", "en": "96% of the target"}[lang]
    return [
        Lane(
            DIMENSIONS[lang][row],
            [
                Objective(f"o{row}-{n}", f"{DIMENSIONS[lang][n % 7]}（{n}）", words, STATES[n % 4], f"/o/{row}/{n}")
                for n in range(count)
            ],
        )
        for row, count in enumerate(counts)
    ]


CAUSES = [("o3-0", "o2-0"), ("o3-1", "o2-4"), ("o2-0", "o1-0"), ("o1-1", "o0-0"), ("o3-0", "o0-1"), ("o2-1", "o2-3"),
          ("o0-0", "o3-1")]  # fmt: skip


def arrows(picture):
    """The turns of each arrow."""
    found = []
    for one in picture.all("path", fill="none"):
        numbers = [float(part) for part in one.attrib["d"].removeprefix("M").split()]
        found.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
    return found


def assert_clear(picture):
    """No arrow runs over a box or a word; it may touch the edge of a box."""
    boxes = [one for width in ("1", "2") for one in picture.boxes(stroke_width=width)]
    assert boxes
    obstacles = [*boxes, *picture.words()]
    for points in arrows(picture):
        for (x1, y1), (x2, y2) in pairwise(points):
            left, right = sorted((x1, x2))
            top, bottom = sorted((y1, y2))
            for box in obstacles:
                inside = left < box.right - 0.1 and box.left + 0.1 < right + 0.2
                assert not (inside and top < box.bottom - 0.1 and box.top + 0.1 < bottom)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 640, 900])
@pytest.mark.parametrize("counts", [(2, 3, 6, 2), (2, 2, 5, 12)])
def test_boxes_words_and_arrows_keep_clear_of_one_another(lang, width, counts):
    picture = assert_sound(drawn(lanes=lanes(lang, *counts), causes=CAUSES, lang=lang, width=width))
    assert_clear(picture)
    boxes = [one for stroke in ("1", "2") for one in picture.boxes(stroke_width=stroke)]
    assert len(boxes) == sum(counts)
    for index, box in enumerate(boxes):
        assert not [other for other in boxes[index + 1 :] if box.touches(other)]


def test_an_arrow_begins_at_its_cause_and_ends_at_its_effect():
    picture = assert_sound(drawn(lanes=lanes("zh", 1, 1), causes=[("o1-0", "o0-0")]))
    ((first, *_, last),) = arrows(picture)
    effect, cause = picture.boxes(stroke_width="2")
    assert first[1] == pytest.approx(cause.top, abs=0.02)
    assert last[1] == pytest.approx(effect.bottom, abs=0.02)
    assert "医疗质量与安全（0） → 医疗质量与安全（0）" in picture.titles


def test_each_state_has_a_shape_of_its_own():
    shapes = set()
    for state in STATES:
        picture = assert_sound(drawn(lanes=[Lane("甲", [Objective("a", "目标", "已达到", state)])]))
        sign = [
            (one.tag, one.attrib["fill"] == "#ffffff")
            for one in picture.root.iter()
            if one.get("r") or (one.get("width") == "9") or (one.tag.endswith("path") and one.get("fill") != "none")
        ]
        shapes.add(tuple(sign))
    assert len(shapes) == 4


@pytest.mark.parametrize("counts", [(), (0,), (0, 0, 1), (1,), (40,)])
def test_few_and_many(counts):
    assert_sound(drawn(lanes=lanes("zh", *counts)))


def test_nothing_at_all_says_so():
    assert "无数据" in assert_sound(drawn(lanes=[])).texts


def test_each_objective_is_a_link():
    picture = assert_sound(drawn(lanes=lanes("zh", 2, 1)))
    assert [link.attrib["href"] for link in picture.all("a")] == ["/o/0/0", "/o/0/1", "/o/1/0"]


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="no objective"):
        drawn(lanes=lanes("zh", 1), causes=[("o0-0", "x")])
    with pytest.raises(ValueError, match="twice"):
        drawn(lanes=[Lane("甲", [Objective("a", "一"), Objective("a", "二")])])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_comes_is_sound(data):
    counts = data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    made = lanes("zh", *counts)
    codes = [one.code for lane in made for one in lane.objectives]
    pairs = st.tuples(st.sampled_from(codes), st.sampled_from(codes)).filter(lambda pair: pair[0] != pair[1])
    causes = data.draw(st.lists(pairs, max_size=12)) if len(codes) > 1 else []
    picture = assert_sound(drawn(lanes=made, causes=causes, width=data.draw(st.sampled_from([320, 640, 960]))))
    assert_clear(picture)
