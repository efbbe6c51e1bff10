import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.charts.lettering import least_room, width_of, wrap

LONG = "滨江市第一人民医院望江路社区卫生服务中心"


def test_an_ideograph_is_as_wide_as_high():
    assert width_of("望江路", 10) == 30
    assert width_of("望江路", 10, bold=True) == 30
    assert 20 < width_of("12.5%", 10) < 30


def test_a_browser_spaces_digits_among_ideographs():
    assert width_of("2026年第1季度", 10) == pytest.approx(sum(width_of(one, 10) for one in "2026年第1季度") + 3.75)
    assert width_of("（2026）", 10) == sum(width_of(one, 10) for one in "（2026）")


def test_a_long_name_is_broken_after_the_institution_it_belongs_to():
    assert wrap(LONG, 190) == ("滨江市第一人民医院", "望江路社区卫生服务中心")


def test_otherwise_lines_are_even():
    assert wrap("望江路社区卫生服务总站", 110) == ("望江路社区", "卫生服务总站")
    assert wrap("Quality and safety of care", 110) == ("Quality and", "safety of care")


def test_punctuation_stays_with_its_word():
    for room in range(30, 200, 7):
        for line in wrap("全市（含县区）中位数，“三级”医院：并列。", room):
            assert line[0] not in "，。：）”"
            assert line[-1] not in "（“"


def test_a_word_that_no_line_can_hold_is_cut():
    lines = wrap("Interoperability", 50)
    assert "".join(lines) == "Interoperability"
    assert all(width_of(line) <= 50 for line in lines)


def test_nothing_gives_no_line():
    assert wrap("", 100) == wrap("  \n ", 100) == ()
    assert least_room("") == 0


@pytest.mark.parametrize("bold", [False, True])
@given(st.text(st.sampled_from("望江路医院（），ab W-/.% "), max_size=40), st.integers(30, 300))
def test_nothing_is_lost_and_every_line_fits(bold, text, room):
    lines = wrap(text, room, bold=bold)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    assert all(width_of(line, bold=bold) <= room + 0.01 for line in lines)
