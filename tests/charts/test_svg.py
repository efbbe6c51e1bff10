import pytest

from alliance.charts.svg import document, element, group, number, quoted


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.5, "1.5"), (1.005, "1"), (2 / 3, "0.67"), (-0.001, "0"), (-3.10, "-3.1"), (100, "100")],
)
def test_numbers_have_two_decimals_at_most(value, text):
    assert number(value) == text


def test_text_is_escaped_and_loses_what_xml_refuses():
    assert quoted("<&\"'>\x00\x0b\x1f\ufffe好") == "&lt;&amp;&quot;&#x27;&gt;好"


def test_an_attribute_of_none_is_left_out():
    assert element("rect", font_size=1.25, fill=None) == '<rect font-size="1.25"/>'


def test_marks_with_somewhere_to_go_are_a_link():
    assert group("x", title="a & b", href="/f?a=1&b=2") == ('<a href="/f?a=1&amp;b=2"><title>a &amp; b</title>x</a>')
    assert group("x", title="a") == "<g><title>a</title>x</g>"


def drawn(title="t", lang="zh", linked=False):
    return document(title=title, description="d", width=10, height=5, lang=lang, linked=linked)


def test_ids_come_from_the_content():
    assert drawn() == drawn()
    assert drawn("t") != drawn("u")
    assert 'id="chart-' in drawn()


def test_links_are_not_hidden_inside_an_image():
    assert 'role="img"' in drawn()
    assert 'role="group"' in drawn(linked=True)


def test_the_language_is_said():
    assert 'lang="zh-CN"' in drawn(lang="zh_Hans_CN")
    assert 'lang="en"' in drawn(lang="en")
