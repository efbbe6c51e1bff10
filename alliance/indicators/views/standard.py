"""The doors of the data standard: its page, its PDF, its text on rewards and penalties."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, requires, today
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.i18n import LANGUAGES, in_language, tier
from alliance.i18n import period as period_words
from alliance.indicators import queries, services
from alliance.indicators.forms import ANY, MODE_LABELS, TIER_CODES, DefineStandardForm, FilterStandardForm
from alliance.indicators.views.blueprint import blueprint
from alliance.members import queries as members
from alliance.pages import attachment
from alliance.pdf import render


@blueprint.get("/standards/read")
@requires(Act.INDICATORS_STANDARD_READ)
def read_standard() -> ResponseReturnValue:
    """The data standard of a period: ?period=&tier=."""
    code, level = _asked(request.args.get("period", "")), _tier(request.args.get("tier", ""))
    form = FilterStandardForm(request.args)
    opened = [one.code for one in queries.periods(alliance_id())]
    shown = sorted({code, *opened, *_longer(opened)}, key=Period.parse, reverse=True)
    form.period.choices = [(one, period_words(one)) for one in shown]
    form.tier.choices = [ANY, *((one, tier(one)) for one in TIER_CODES)]
    form.period.data, form.tier.data = code, level
    return render_template(
        "indicators/read_standard.html",
        form=form,
        standard=queries.standard(alliance_id(), code, level),
        modes=MODE_LABELS,
        printed=LANGUAGES,
    )


def _longer(codes: list[str]) -> set[str]:
    """The quarters and years that opened periods lie in."""
    return {text for code in codes for text in (code[:4], f"{code[:4]}Q{(Period.parse(code).first.month + 2) // 3}")}


def _asked(code: str) -> str:
    """The period asked for, by default the one opened last, or this month where none was."""
    if code:
        try:
            return Period.parse(code).code
        except Refused as error:
            raise NotFound() from error
    opened = queries.periods(alliance_id())
    return opened[0].code if opened else today().strftime("%Y-%m")


def _tier(code: str) -> str:
    if code not in ("", *TIER_CODES):
        raise NotFound()
    return code


@blueprint.get("/standards/download/<period>/<language>")
@requires(Act.INDICATORS_STANDARD_READ)
def download_standard(period: str, language: str) -> ResponseReturnValue:
    """The data standard of a period as PDF; ?tier= for one tier."""
    if language not in LANGUAGES:
        raise NotFound()
    code, level = _asked(period), _tier(request.args.get("tier", ""))
    content = render(document(queries.standard(alliance_id(), code, level), language))
    name = "-".join(part for part in ("standard", code, level, language) if part)
    return attachment(content, f"{name}.pdf", "application/pdf", f"standard:{code}")


def document(standard: queries.Standard, language: str) -> str:
    """The HTML of a data standard for paper; the same for every reader."""
    with in_language(language):
        page = current_app.jinja_env.get_template("indicators/standard.html")
        return page.render(
            standard=standard,
            owner=members.read_alliance(alliance_id()),
            lang=LANGUAGES[language][1],
            modes=MODE_LABELS,
        )


@blueprint.route("/standards/define", methods=["GET", "POST"])
@requires(Act.INDICATORS_STANDARD_DEFINE)
def define_standard() -> ResponseReturnValue:
    """What the data standard says on rewards and penalties from a day on."""
    form = DefineStandardForm()
    if request.method == "GET":
        rewards = queries.standard(alliance_id(), today().strftime("%Y-%m")).rewards
        form.text_zh.data, form.text_en.data = rewards.zh, rewards.en
        form.valid_from.data = (today().replace(day=1) + timedelta(days=32)).replace(day=1)
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.define_standard(
                alliance_id(), form.valid_from.data or today(), form.text_zh.data or "", form.text_en.data or "",
                by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The text is saved."), "success")
            return redirect(url_for("indicators.read_standard"))
    return render_template("indicators/define_standard.html", form=form), 422 if form.errors or form.refused else 200
