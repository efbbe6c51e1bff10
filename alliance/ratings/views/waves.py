"""The doors of surveys in the field: opened, watched, handed out, raised, closed."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.config import Config
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind, end_of
from alliance.core.refused import AlreadyDone, NotFound, Refused, mark
from alliance.i18n import label, lang, words
from alliance.members import queries as members
from alliance.pages import attachment
from alliance.pdf import render
from alliance.ratings import queries, services, sheets
from alliance.ratings.forms import MakeLinkForm, OpenWaveForm, RaiseWaveForm, StepForm
from alliance.ratings.rules.fieldwork import KIOSK, LINKS, MOST_SHEETS, ONCE, is_open
from alliance.ratings.rules.questions import FAMILIES
from alliance.ratings.views.blueprint import blueprint, kept_wave, ways

MADE = mark(
    "This file was made already, and it is the only copy. If it is lost, revoke its addresses and make new ones."
)
STAYS = timedelta(days=30)  # of a survey in the field, as the form proposes


@blueprint.get("/waves/list")
@requires(Act.RATINGS_WAVE_LIST)
def list_waves() -> ResponseReturnValue:
    """The surveys in reach, newest first."""
    found = queries.seen_waves(scope())
    return render_template(
        "ratings/list_waves.html", ways=ways(), waves=found, families=FAMILIES, titles=_titles(found),
        states={one.number: _state(one) for one in found},
    )  # fmt: skip


def _titles(found: list[queries.WaveInfo]) -> dict[tuple[str, int], str]:
    known = {(one.code, one.version): words(one.questionnaire.titles) for one in queries.surveys(alliance_id())}
    return {(one.survey, one.version): known[one.survey, one.version] for one in found}


def _state(one: queries.WaveInfo) -> tuple[str, str]:
    """How a wave stands: the look and the word."""
    if one.closed_at:
        return "done", _("survey closed")
    if is_open(one.opens_on, one.closes_on, False, today()):
        return "wait", _("in the field")
    return ("neutral", _("not begun yet")) if today() < one.opens_on else ("warn", _("ended, not counted yet"))


@blueprint.get("/waves/read/<int:number>")
@requires(Act.RATINGS_WAVE_READ)
def read_wave(number: int) -> ResponseReturnValue:
    """How a survey does: what was handed out and what became of it, where it is not too few to be told."""
    wave, only = kept_wave(number)
    known = members.members(alliance_id(), today())
    found = queries.field(number, wave.least, only)
    return render_template(
        "ratings/read_wave.html", ways=ways(), wave=wave, field=found, title=_titles([wave])[wave.survey, wave.version],
        families=FAMILIES, state=_state(wave), slow=queries.slow(wave, today(), only), due=end_of(wave.closes_on),
        names=_names(found), live=wave.closed_at is None, begun=wave.opens_on <= today(),
        lasts=today() <= wave.closes_on, members=known, raising=RaiseWaveForm(least=wave.least + 1),
        form=StepForm(), whole=only is None, kiosk=KIOSK, once=ONCE,
    )  # fmt: skip


def _names(found: queries.Field) -> dict[tuple[str, str], str]:
    """The departments by name."""
    places = {(line.institution, line.department) for line in found.places}
    places |= {(institution, department) for institution, department, _count in found.kiosks}
    named: dict[tuple[str, str], str] = {}
    for institution in {institution for institution, department in places if department}:
        known = members.department_names(alliance_id(), institution)
        named |= {(institution, code): label(fact) for code, fact in known.items()}
    return named


@blueprint.route("/waves/open", methods=["GET", "POST"])
@requires(Act.RATINGS_WAVE_OPEN)
def open_wave() -> ResponseReturnValue:
    """Bring a questionnaire into the field."""
    form, offered = OpenWaveForm(), queries.published(alliance_id())
    form.survey.choices = [
        (f"{one.code}/{one.version}", f"{words(one.questionnaire.titles)} · {one.code} {one.version}")
        for one in offered
    ]
    if form.validate_on_submit() and form.opens_on.data and form.closes_on.data:
        opens, closes, least = form.opens_on.data, form.closes_on.data, form.least.data or 0
        code, _slash, version = form.survey.data.partition("/")
        ok, number = form.done(
            lambda: services.open_wave(
                alliance_id(), code, int(version), form.period.data, opens, closes, least, by=actor(), now=now()
            )
        )  # fmt: skip
        if ok:
            return redirect(url_for(".read_wave", number=number))
    if request.method == "GET":
        form.opens_on.data, form.closes_on.data = today(), today() + STAYS
        form.period.data = Period.parse(f"{today():%Y-%m}").around(PeriodKind.QUARTER).code
    return render_template(
        "ratings/open_wave.html", form=form, offered=offered
    ), 422 if form.errors or form.refused else 200


@blueprint.post("/waves/raise/<int:number>")
@requires(Act.RATINGS_WAVE_RAISE)
def raise_wave(number: int) -> ResponseReturnValue:
    """Raise the smallest cell that is shown."""
    kept_wave(number)
    form = RaiseWaveForm()
    if form.validate_on_submit():
        services.raise_wave(alliance_id(), number, form.least.data or 0, by=actor(), now=now())
        flash(_("The smallest cell is raised."), "success")
    else:
        flash(_("The smallest cell is a number from 5 on."), "error")
    return redirect(url_for(".read_wave", number=number))


@blueprint.route("/waves/close/<int:number>", methods=["GET", "POST"])
@requires(Act.RATINGS_WAVE_CLOSE)
def close_wave(number: int) -> ResponseReturnValue:
    """Close a survey and count it, once asked for confirmation."""
    wave, _only = kept_wave(number)
    form = StepForm()
    if form.validate_on_submit():
        ok, count = form.done(lambda: services.close_wave(alliance_id(), number, by=actor(), now=now()))
        if ok:
            flash(ngettext("Closed; %(num)s answer counts.", "Closed; %(num)s answers count.", count or 0), "success")
            return redirect(url_for(".read_wave", number=number))
    return render_template(
        "ratings/close_wave.html", wave=wave, form=form, title=_titles([wave])[wave.survey, wave.version]
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/links/make/<int:number>", methods=["GET", "POST"])
@requires(Act.RATINGS_LINK_MAKE)
def make_link(number: int) -> ResponseReturnValue:
    """Make addresses for a place: the answer is their file, the only copy there is."""
    wave, only = kept_wave(number)
    form, owners = MakeLinkForm(), _owners(only)
    chosen = form.institution.data if form.is_submitted() else request.args.get("institution", "")
    chosen = chosen if chosen in dict(owners) else owners[0][0] if owners else ""
    units = queries.units(alliance_id(), chosen, today())
    form.institution.choices = owners
    form.department.choices = [
        ("", _("the whole member")),
        *((code, zh if lang() == "zh" else en) for code, zh, en in units),
    ]
    form.form.choices = _forms()
    if form.validate_on_submit():
        try:
            ok, answer = form.done(lambda: _made(form, wave))
        except AlreadyDone:
            flash(_(MADE), "info")
            return redirect(url_for(".make_link", number=number, institution=chosen))
        if ok and answer is not None:
            return answer
    if request.method == "GET":
        form.institution.data = chosen
    return render_template(
        "ratings/make_link.html", wave=wave, form=form, title=_titles([wave])[wave.survey, wave.version],
        units=len(units), chosen=chosen,
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _owners(only: frozenset[str] | None) -> list[tuple[str, str]]:
    """The members for which the reader hands out."""
    found = members.members(alliance_id(), today())
    return [(one.code, label(one)) for one in found if only is None or one.code in only]


def _forms() -> list[tuple[str, str]]:
    return [
        ("sheets", _("slips with a code each, to be printed (PDF, at most %(most)s)", most=MOST_SHEETS)),
        ("table", _("a table for an SMS gateway (CSV), without telephone numbers")),
        ("kiosk", _("a poster for a screen that many use one after the other (PDF)")),
    ]


def _made(form: MakeLinkForm, wave: queries.WaveInfo) -> ResponseReturnValue:
    """Make the addresses, and the file that holds them."""
    kind, count = (KIOSK, 1) if form.form.data == KIOSK else (ONCE, form.count.data or 0)
    if form.form.data == "sheets" and count > MOST_SHEETS:
        raise Refused(mark("One file holds at most %(most)s slips; make the others after it."), most=MOST_SHEETS)
    place = (form.institution.data, form.department.data or "", (form.person.data or "").strip())
    made = services.make_link(alliance_id(), wave.number, place, kind, count, by=actor(), now=now())
    config: Config = current_app.config["ALLIANCE"]
    site = config.address or request.host_url.rstrip("/")
    name, subject = f"survey-{wave.number}-{place[0]}-{place[1] or 'all'}", f"wave:{wave.number}"
    if form.form.data == "table":
        return attachment(sheets.gateway_table(made, site), f"{name}.csv", "text/csv", subject)
    asked = queries.wave_questions(alliance_id(), wave.number)
    owner, member = members.read_alliance(alliance_id()), members.member(alliance_id(), place[0], today())
    if asked is None or owner is None or member is None:
        raise NotFound()
    unit = members.department_names(alliance_id(), place[0]).get(place[1]) if place[1] else None
    sender = sheets.Sender(owner, member, unit)
    paper = render(sheets.link_sheets(made, wave, asked, sender, form.language.data, site))
    return attachment(paper, f"{name}.pdf", "application/pdf", subject)


@blueprint.post("/links/revoke/<int:number>")
@requires(Act.RATINGS_LINK_REVOKE)
def revoke_link(number: int) -> ResponseReturnValue:
    """Revoke the open addresses of a place."""
    _wave, only = kept_wave(number)
    institution, kind = request.form.get("institution", ""), request.form.get("kind", "")
    if (only is not None and institution not in only) or kind not in LINKS or not can(Act.RATINGS_LINK_REVOKE):
        raise NotFound()
    count = services.revoke_link(
        alliance_id(), number, institution, request.form.get("department", ""), kind, by=actor(), now=now()
    )
    flash(ngettext("%(num)s address is revoked.", "%(num)s addresses are revoked.", count), "success")
    return redirect(url_for(".read_wave", number=number))
