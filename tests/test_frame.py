"""The frame around every page: no view takes a name of it away, and who did something stands with a name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from flask import Flask
from wtforms.validators import InputRequired

from alliance.forms import Form, PeriodSelect
from alliance.i18n import in_language, places, said, short, someone
from alliance.work.rules import Said

ROOT = Path(__file__).parents[1]
VIEWS = [*ROOT.glob("alliance/*/views.py"), *ROOT.glob("alliance/*/views/*.py"), *ROOT.glob("alliance/house/*.py")]
RENDERED = {"render_template", "render_template_string", "stream_template"}
BARE = re.compile(r"\{\{-? *[\w.]*_by *-?\}\}")  # {{ one.recorded_by }} prints an account


def frame_names(app: Flask) -> set[str]:
    """What the context processors of the app give to every template."""
    with app.test_request_context("/"):
        given = [cast(dict[str, Any], one()) for one in app.template_context_processors[None]]
    return {name for names in given for name in names}


def handed(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of everything that is handed to a template by name, also in a dictionary that is spread."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] not in RENDERED:
            continue
        for keyword in node.keywords:
            if keyword.arg:
                yield node.lineno, keyword.arg
            elif isinstance(keyword.value, ast.Dict):
                keys = (key.value for key in keyword.value.keys if isinstance(key, ast.Constant))
                yield from ((node.lineno, str(key)) for key in keys)


def test_no_view_takes_a_name_of_the_frame(app: Flask) -> None:
    names = frame_names(app)
    assert {"person", "alliance", "rail", "language", "lang"} <= names
    taken = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in VIEWS
        for line, name in handed(ast.parse(path.read_text()))
        if name in names
    ]
    assert taken == []


def test_a_taken_name_would_be_found() -> None:
    source = 'render_template("a.html", person=1)\nflask.render_template("b.html", **{"rail": 2}, code=3)'
    assert list(handed(ast.parse(source))) == [(1, "person"), (2, "rail"), (2, "code")]


def test_who_did_something_stands_with_a_name(app: Flask) -> None:
    people = {"h1.bonus": ("姚振华", "Yao Zhenhua", "H1")}
    with app.app_context(), in_language("zh"):
        assert [someone(one, people).striptags() for one in ("h1.bonus", "gone", "system")] == [
            "姚振华",
            "gone",
            "系统",
        ]
    with app.app_context(), in_language("en"):
        assert [someone(one, people).striptags() for one in ("h1.bonus", "gone", "system")] == [
            "Yao Zhenhua",
            "gone",
            "the system",
        ]


def test_no_template_prints_an_account_where_somebody_did_something() -> None:
    bare = {path.name: BARE.findall(path.read_text()) for path in ROOT.glob("templates/**/*.html")}
    assert {name: found for name, found in bare.items() if found} == {}


def test_a_short_number_has_two_places_at_most_and_no_nought_at_its_end(app: Flask) -> None:
    values = ("2.8000", "1", "0.9667", "1200.5", "0.004", "-2.50", "10", "100.00")
    assert [short(Decimal(one)) for one in values] == ["2.8", "1", "0.97", "1,200.5", "0", "−2.5", "10", "100"]
    assert short(None) == "—"
    assert short(Decimal("0.985000"), 6) == "0.985"


def test_counts_and_amounts_in_a_message_have_separators(app: Flask) -> None:
    with app.app_context(), in_language("en"):
        assert said(Said("%(count)s lines count now.", {"count": 19979})) == "19,979 lines count now."
        found = Said("%(count)s units would get less than 0.", {"count": Decimal("-11807.10")})
        assert "−11,807.10" in said(found)


def test_a_period_is_chosen_in_words_and_one_from_an_address_is_offered(app: Flask) -> None:
    class Chosen(Form):
        period = PeriodSelect("Period", [InputRequired()], ahead=1)

    with app.test_request_context("/"):
        offered = {code: words for code, words, *_rest in Chosen().period.iter_choices()}
        assert (next(iter(offered)), offered["2026Q2"], "2019Q1" in offered) == ("", "2026年第2季度", False)
        old = list(Chosen(data={"period": "2019Q1"}).period.iter_choices())
        assert [choice[:3] for choice in old if choice[2]] == [("2019Q1", "2019年第1季度", True)]
    for sent, known in (("2019Q1", True), (" 2026-03 ", True), ("2026Q5", False), ("", False)):
        with app.test_request_context("/", method="POST", data={"period": sent}):
            form = Chosen(meta={"csrf": False})
            assert form.validate() is known
            assert form.period.data == sent.strip() if known else form.errors["period"]


def test_the_numbers_of_a_column_have_the_same_places() -> None:
    assert places([Decimal("6528"), Decimal("45964.8"), Decimal("9347.890"), None]) == 2
    assert places([913, Decimal("883.0000"), Decimal("1E+2")]) == 0
    assert places([Decimal("0.1234567")]) == 4
    assert places([]) == 0


def test_no_date_of_a_template_stands_marked_in_an_attribute() -> None:
    inner = r"(?:[^\"{]|\{\{(?:[^}]|\}(?!\}))*\}\}|\{%(?:[^%]|%(?!\}))*%\})*"
    attribute = re.compile(rf'[a-z-]+="{inner}"')
    marked = re.compile(r"\|(?:day|moment|deadline|someone)\b(?!(?:\|bracketed)?\|striptags)")
    found = [
        f"{path.name}: {one[0]}"
        for path in ROOT.glob("templates/**/*.html")
        for one in attribute.finditer(path.read_text())
        if marked.search(one[0])
    ]
    assert found == []
