"""The doors of bulletins: list, read, compose, edit, preview, decide, issue, download, confirm."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, public, requires, scope
from alliance.accounts import queries as accounts
from alliance.bulletins import pictures, queries, services, sheets
from alliance.bulletins.forms import ComposeBulletinForm, EditBulletinForm, StepForm
from alliance.charts import qr
from alliance.config import Config
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.forms import DecideForm
from alliance.i18n import LANGUAGES, in_language, lang, period
from alliance.pages import attachment
from alliance.pdf import render, strip

blueprint = Blueprint("bulletins", __name__, url_prefix="/bulletins")
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
QR_SIDE = 96  # pixels


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
    matter, form = queries.matter(found.content), DecideForm()
    form.offer(accounts.adopted(alliance_id(), subject))

    def opened(code: str) -> str:
        return url_for("desk.find_figure", run=matter["score_run"], key=f"{code}/score")

    return render_template(
        "bulletins/read_bulletin.html", bulletin=found, content=matter, scope=reader, subject=subject,
        pictures=pictures.pictures(matter, lang(), reader.own, opened), steps=pictures.steps(found),
        form=form, files=queries.files(reader, number), corrected_by=queries.corrected_by(reader, found),
        outdated=queries.is_outdated(alliance_id(), found),
        mine=reader.account in queries.hands(alliance_id(), number),
        people=accounts.names({found.composed_by, found.decided_by, found.issued_by} - {""}),
    )  # fmt: skip


@blueprint.route("/bulletins/compose", methods=["GET", "POST"])
@requires(Act.BULLETINS_BULLETIN_COMPOSE)
def compose_bulletin() -> ResponseReturnValue:
    """Compose a bulletin of a period."""
    form = ComposeBulletinForm(period=request.args.get("period"))
    prospects = queries.prospects(alliance_id(), now())
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


@blueprint.route("/bulletins/edit/<number>", methods=["GET", "POST"])
@requires(Act.BULLETINS_BULLETIN_EDIT)
def edit_bulletin(number: str) -> ResponseReturnValue:
    """The texts of a draft: foreword, document number, honours, cases of good practice."""
    found = _bulletin(number)
    if found.state != "draft" and request.method == "GET":
        return redirect(url_for("bulletins.read_bulletin", number=number))
    matter = queries.matter(found.content)
    form = EditBulletinForm(data=None if request.method == "POST" else {**matter, "seen": found.sha256})
    form.offer([(row["code"], row[f"name_{lang()}"]) for row in matter["rows"]])
    if form.validate_on_submit():
        ok, _none = form.done(lambda: services.edit_bulletin(
            alliance_id(), number, form.foreword.data or "", foreword_en=form.foreword_en.data or "",
            reference=form.reference.data or "", honours=form.written(form.honours), cases=form.written(form.cases),
            seen=form.seen.data or "", by=actor(), now=now(),
        ))  # fmt: skip
        if ok:
            flash(_("The texts of the bulletin are saved."), "success")
            return redirect(url_for("bulletins.read_bulletin", number=number))
    return render_template(
        "bulletins/edit_bulletin.html", form=form, bulletin=found
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.get("/bulletins/preview/<number>/<language>")
@requires(Act.BULLETINS_BULLETIN_PREVIEW)
def preview_bulletin(number: str, language: str) -> ResponseReturnValue:
    """A bulletin that is not issued yet as it would stand on paper, marked as a draft on every page."""
    found = _bulletin(number)
    if found.state == "issued" or language not in LANGUAGES:
        raise NotFound()
    content = render(document(found, language, draft=True))
    return attachment(content, f"bulletin-{number}-draft-{language}.pdf", "application/pdf", f"bulletin:{number}")


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


def document(bulletin: queries.BulletinInfo, language: str, *, site: str = "", draft: bool = False) -> str:
    """The HTML of a bulletin for paper; the same for every reader, and also outside of a request.

    `site` is the address of the portal, for the code that leads to its confirmation; `draft` marks every page.
    """
    return _set("bulletins/document.html", bulletin, language, site, draft=draft)


def long_page(bulletin: queries.BulletinInfo, language: str, *, site: str = "") -> str:
    """The HTML of a bulletin for its long picture."""
    return _set("bulletins/strip.html", bulletin, language, site, draft=False)


def _set(template: str, bulletin: queries.BulletinInfo, language: str, site: str, *, draft: bool) -> str:
    matter = queries.matter(bulletin.content)
    address = confirmation(bulletin, site)
    with in_language(language):
        page = current_app.jinja_env.get_template(template)
        return page.render(
            bulletin=bulletin, content=matter, lang=LANGUAGES[language][1], language=language, draft=draft,
            pictures=pictures.pictures(matter, language), address=address,
            code=qr.svg(address, _("The page that confirms this bulletin"), QR_SIDE) if address else "",
        )  # fmt: skip


def confirmation(bulletin: queries.BulletinInfo, site: str) -> str:
    """The address of the public page that confirms a bulletin; "" where the portal's own is not known."""
    owner = bulletin.content.get("alliance", "")
    return f"{site}/bulletins/bulletins/confirm/{quote(owner)}/{quote(bulletin.number)}" if site and owner else ""


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


@blueprint.get("/bulletins/download/<number>/<language>/word")
@requires(Act.BULLETINS_BULLETIN_DOWNLOAD)
def download_word(number: str, language: str) -> ResponseReturnValue:
    """An issued bulletin as an official document to edit and seal, from its frozen content."""
    found, digest = _issued(number, language)
    with in_language(language):
        content = sheets.word(queries.matter(found.content), found, language, digest)
    return attachment(content, f"bulletin-{number}-{language}.docx", WORD, f"bulletin:{number}")


@blueprint.get("/bulletins/download/<number>/<language>/picture")
@requires(Act.BULLETINS_BULLETIN_DOWNLOAD)
def download_picture(number: str, language: str) -> ResponseReturnValue:
    """An issued bulletin as one long picture for phones, from its frozen content; several in a ZIP when too long."""
    found, _digest = _issued(number, language)
    config: Config = current_app.config["ALLIANCE"]
    parts = strip(long_page(found, language, site=config.address))
    name, subject = f"bulletin-{number}-{language}", f"bulletin:{number}"
    if len(parts) == 1:
        return attachment(parts[0], f"{name}.png", "image/png", subject)
    return attachment(sheets.bundle(parts, name), f"{name}.zip", "application/zip", subject)


def _issued(number: str, language: str) -> tuple[queries.BulletinInfo, str]:
    """An issued bulletin, and the SHA-256 of its PDF in a language."""
    found, files = _bulletin(number), queries.files(scope(), number)
    if found.state != "issued" or language not in files:
        raise NotFound()
    return found, files[language]


@blueprint.get("/bulletins/confirm/<owner>/<number>")
@public(Act.BULLETINS_BULLETIN_CONFIRM)
def confirm_bulletin(owner: str, number: str) -> ResponseReturnValue:
    """For whoever holds a copy: number, day and digests of an issued bulletin, and what corrects it. Open to all."""
    found = queries.confirmed(owner, number)
    if found is None:
        raise NotFound()
    return render_template("bulletins/confirm_bulletin.html", found=found)
