"""The doors of bulletins: list, read, compose, decide, issue, download."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, requires, scope
from alliance.accounts import queries as accounts
from alliance.bulletins import pictures, queries, services
from alliance.bulletins.forms import ComposeBulletinForm, StepForm
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import LANGUAGES, in_language, lang, period
from alliance.pages import attachment

blueprint = Blueprint("bulletins", __name__, url_prefix="/bulletins")


def _bulletin(number: str) -> queries.BulletinInfo:
    found = queries.bulletin(scope(), number)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/bulletins/list")
@requires(Act.BULLETINS_BULLETIN_LIST)
def list_bulletins() -> ResponseReturnValue:
    """The bulletins the reader may know of."""
    return render_template("bulletins/list_bulletins.html", bulletins=queries.bulletins(scope()))


@blueprint.get("/bulletins/read/<number>")
@requires(Act.BULLETINS_BULLETIN_READ)
def read_bulletin(number: str) -> ResponseReturnValue:
    """A bulletin as a page, with the steps it has gone."""
    found, reader, subject = _bulletin(number), scope(), f"bulletin:{number}"
    matter = queries.matter(found.content)
    return render_template(
        "bulletins/read_bulletin.html", bulletin=found, content=matter, language=lang(), scope=reader, subject=subject,
        pictures=pictures.pictures(matter, lang(), reader.own), steps=pictures.steps(found),
        form=StepForm(), files=queries.files(reader, number), corrected_by=queries.corrected_by(reader, found),
        outdated=queries.is_outdated(alliance_id(), found),
        decisions=[one for one in accounts.decisions(alliance_id(), subject) if one.adopted],
        people=accounts.names({found.composed_by, found.decided_by, found.issued_by} - {""}),
    )  # fmt: skip


@blueprint.route("/bulletins/compose", methods=["GET", "POST"])
@requires(Act.BULLETINS_BULLETIN_COMPOSE)
def compose_bulletin() -> ResponseReturnValue:
    """Compose a bulletin of a period."""
    form = ComposeBulletinForm()
    prospects = queries.prospects(alliance_id())
    form.period.choices = [(one.period, period(one.period)) for one in prospects]
    if form.validate_on_submit():
        ok, number = form.done(lambda: services.compose_bulletin(
            alliance_id(), form.period.data, form.foreword.data or "", foreword_en=form.foreword_en.data or "",
            by=actor(), now=now(),
        ))  # fmt: skip
        if ok:
            flash(_("Bulletin %(number)s is composed; the committee can decide on it.", number=number), "success")
            return redirect(url_for("bulletins.read_bulletin", number=number))
    return render_template(
        "bulletins/compose_bulletin.html", form=form, prospects=prospects
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.post("/bulletins/decide/<number>")
@requires(Act.BULLETINS_BULLETIN_DECIDE)
def decide_bulletin(number: str) -> ResponseReturnValue:
    """Approve a bulletin by a recorded decision."""
    services.decide_bulletin(alliance_id(), number, decision=request.form.get("decision", ""), by=actor(), now=now())
    flash(_("The bulletin is approved."), "success")
    return redirect(url_for("bulletins.read_bulletin", number=number))


@blueprint.route("/bulletins/issue/<number>", methods=["GET", "POST"])
@requires(Act.BULLETINS_BULLETIN_ISSUE)
def issue_bulletin(number: str) -> ResponseReturnValue:
    """Issue a decided bulletin, once asked for confirmation: a job makes its PDF in each language and freezes it."""
    found = _bulletin(number)
    if request.method == "GET" and found.state == "decided" and not queries.is_outdated(alliance_id(), found):
        return render_template("bulletins/issue_bulletin.html", bulletin=found, form=StepForm())
    if request.method == "GET":
        return redirect(url_for("bulletins.read_bulletin", number=number))
    job = services.queue_bulletin(alliance_id(), number, by=actor(), now=now())
    return redirect(url_for("work.read_job", number=job, follow=1))


def document(bulletin: queries.BulletinInfo, language: str) -> str:
    """The HTML of a bulletin for paper; the same for every reader, and also outside of a request."""
    matter = queries.matter(bulletin.content)
    with in_language(language):
        page = current_app.jinja_env.get_template("bulletins/document.html")
        return page.render(
            bulletin=bulletin, content=matter, lang=LANGUAGES[language][1], language=language,
            pictures=pictures.pictures(matter, language),
        )  # fmt: skip


@blueprint.get("/bulletins/download/<number>/<language>")
@requires(Act.BULLETINS_BULLETIN_DOWNLOAD)
def download_bulletin(number: str, language: str) -> ResponseReturnValue:
    """The frozen PDF of an issued bulletin."""
    _bulletin(number)
    found = queries.pdf(scope(), number, language)
    if found is None:
        raise NotFound()
    content, digest = found
    return attachment(
        content,
        f"bulletin-{number}-{language}.pdf",
        "application/pdf",
        f"bulletin:{number}",
        {"X-Content-SHA256": digest},
    )
