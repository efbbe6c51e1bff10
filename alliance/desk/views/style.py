"""The door of the style page."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import now, requires
from alliance.charts import Series, trend
from alliance.core.acts import Act
from alliance.desk.forms import ReadStyleForm
from alliance.desk.views.blueprint import blueprint
from alliance.i18n import LANGUAGES, in_language, moment, period
from alliance.pages import Leaf, Step


@blueprint.get("/style")
@requires(Act.DESK_STYLE_READ)
def read_style() -> ResponseReturnValue:
    """Every piece of the pages in all its states, in both languages: what a page is made of."""
    shown = {}
    for language, (_locale, tag, name) in LANGUAGES.items():
        with in_language(language):
            forms = {"plain": ReadStyleForm(prefix=f"{language}-a-"), "wrong": ReadStyleForm(prefix=f"{language}-b-")}
            forms["wrong"].wrong()
            page = render_template("desk/pieces.html", key=language, samples=_samples(language), forms=forms)
            shown[name] = (tag, page)
    return render_template("desk/read_style.html", shown=shown)


def _samples(language: str) -> dict[str, Any]:
    """What the style page shows its pieces with: made-up numbers, deadlines on both sides of today, a chart."""
    months = [period(f"2026-{month:02}") for month in range(1, 5)]
    rates = [Decimal(text) for text in ("7.9", "8.4", "9.6", "11.2")]
    return {
        "quarter": period("2026Q1"),
        "due": {days: now() + timedelta(days=days) for days in (9, 2, 0, -3)},
        "steps": [Step(_("Filed"), "done", moment(now())), Step(_("Signed"), "current"), Step(_("Accepted"), "todo")],
        "leaf": Leaf(1, 50, 132, 1, 3, "", url_for("desk.read_style")),
        "form": ReadStyleForm(prefix=f"{language}-f-"),
        "rates": list(zip(months, rates, strict=True)),
        "chart": trend(
            title=_("Referral rate"),
            description=_("From %(first)s to %(last)s.", first=rates[0], last=rates[-1]),
            periods=months,
            series=[Series(_("Referral rate"), rates, accent=True)],
            unit="%",
            lang=language,
        ),
    }
