from decimal import Decimal
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.charts import Flow, Node, sankey
from tests.charts.names import MEMBERS
from tests.charts.picture import assert_sound

D = Decimal

drawn = partial(sankey, title="基金从哪里来，到哪里去", description="色带的粗细是金额")


def fund(lang, count, amounts=None):
    amounts = amounts or [D(1000 + 400 * n) for n in range(count)]
    names = MEMBERS[lang][:count]
    nodes = [Node(f"in{n}", name, f"{amounts[n]:,}", href=f"/in/{n}") for n, name in enumerate(names)]
    nodes += [Node("pool", "协同奖励基金" if lang == "zh" else "Collaboration fund", f"{sum(amounts):,}")]
    nodes += [Node(f"out{n}", name, f"{amounts[n]:,}", accent=n == 2) for n, name in enumerate(names)]
    flows = [Flow(f"in{n}", "pool", amount) for n, amount in enumerate(amounts)]
    flows += [Flow("pool", f"out{n}", amount, href=f"/out/{n}") for n, amount in enumerate(amounts)]
    return {"nodes": nodes, "flows": flows}


def bands(picture):
    return [one for one in picture.all("path") if "C" in one.attrib["d"]]


def corners(band):
    """Left edge x, top and bottom, right edge x, top and bottom, and how thick at both ends."""
    numbers = [float(part) for part in "".join(c if c in "-.0123456789" else " " for c in band.attrib["d"]).split()]
    x1, y1, x2, y2, low2 = numbers[0], numbers[1], numbers[6], numbers[7], numbers[8]
    low1 = numbers[-1]
    return x1, y1, low1, x2, y2, low2


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [360, 640, 900])
@pytest.mark.parametrize("count", [1, 3, 12, 26])
def test_every_name_keeps_its_room(lang, width, count):
    picture = assert_sound(drawn(**fund(lang, count), lang=lang, width=width))
    assert len(bands(picture)) == 2 * count


def test_a_band_is_as_thick_as_its_amount_and_keeps_its_thickness():
    picture = assert_sound(drawn(**fund("zh", 3, [D(100), D(200), D(400)])))
    found = [corners(band) for band in bands(picture)]
    thick = [low1 - y1 for _, y1, low1, _, _, _ in found]
    assert thick[1] == pytest.approx(2 * thick[0], abs=0.05)
    assert thick[2] == pytest.approx(4 * thick[0], abs=0.05)
    for _, y1, low1, _, y2, low2 in found:
        assert low1 - y1 == pytest.approx(low2 - y2, abs=0.02)


def test_bands_of_a_node_lie_one_under_another():
    picture = assert_sound(drawn(**fund("zh", 12)))
    coming = sorted(corners(band)[4:6] for band in bands(picture)[:12])
    assert all(above[1] <= below[0] + 0.05 for above, below in pairwise(coming))


@pytest.mark.parametrize("width", [360, 640])
def test_words_over_a_node_between_lie_on_paper_clear_of_the_boxes_beside(width):
    picture = assert_sound(drawn(**fund("zh", 12), width=width))
    (ground,) = picture.boxes(fill="#ffffff")
    boxes = picture.boxes(width="12")
    assert not [box for box in boxes if ground.touches(box)]
    word = next(word for word in picture.words() if word.text.startswith("协同"))
    assert ground.left <= word.left
    assert word.right <= ground.right


@pytest.mark.parametrize("amount", [D(0), None])
def test_what_does_not_flow_has_no_band_but_its_name(amount):
    nodes = [Node("a", "甲"), Node("b", "乙", "0.00"), Node("c", "丙", "5")]
    picture = assert_sound(drawn(nodes=nodes, flows=[Flow("a", "b", amount), Flow("a", "c", D(5))]))
    assert len(bands(picture)) == 1
    assert {"甲", "乙 0.00", "丙 5"} <= set(picture.texts)


def test_all_of_nothing():
    assert "无数据" in assert_sound(drawn(nodes=[], flows=[])).texts
    assert_sound(drawn(nodes=[Node("a", "甲"), Node("b", "乙")], flows=[Flow("a", "b", D(0))]))
    assert_sound(drawn(nodes=[Node("a", "甲")], flows=[]))


def test_what_cannot_be_drawn_is_refused():
    nodes = [Node("a", "甲"), Node("b", "乙")]
    with pytest.raises(ValueError, match="below zero"):
        drawn(nodes=nodes, flows=[Flow("a", "b", D(-1))])
    with pytest.raises(ValueError, match="no node"):
        drawn(nodes=nodes, flows=[Flow("a", "c", D(1))])
    with pytest.raises(ValueError, match="circle"):
        drawn(nodes=nodes, flows=[Flow("a", "b", D(1)), Flow("b", "a", D(1))])


def test_nodes_and_bands_are_links_with_their_words():
    picture = assert_sound(drawn(**fund("zh", 2, [D(1000), D(2000)])))
    assert {link.attrib["href"] for link in picture.all("a")} == {"/in/0", "/in/1", "/out/0", "/out/1"}
    assert "协同奖励基金 → 滨江市第二人民医院：2,000" in picture.titles


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.decimals(D(0), D(10**8), places=2)), min_size=1, max_size=14),
    st.sampled_from([320, 640]),
    st.sampled_from(["zh", "en"]),
)
def test_whatever_comes_is_sound(amounts, width, lang):
    nodes = [
        Node("pool", "协同奖励基金"),
        *(Node(f"n{n}", MEMBERS[lang][n], str(one)) for n, one in enumerate(amounts)),
    ]
    flows = [Flow("pool", f"n{n}", one) for n, one in enumerate(amounts)]
    assert_sound(drawn(nodes=nodes, flows=flows, width=width, lang=lang))
