"""The doors of answering: the page behind an address, for anybody, and the import of paper forms for who hands out.

Who answers is not known here: no session is read or begun (access.NAMELESS), and nothing of a request is noted.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from alliance.access import actor, alliance_id, machine_now, now, public, requires, scope, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound, Problem, Refused
from alliance.i18n import LANGUAGES, in_language, lang
from alliance.members import queries as members
from alliance.pages import attachment
from alliance.ratings import queries, services, sheets
from alliance.ratings.forms import ImportAnswerForm
from alliance.ratings.queries import Address
from alliance.ratings.rules.fieldwork import KIOSK, KIOSK_ANSWERS, KIOSK_MINUTES
from alliance.ratings.rules.questions import DIMENSIONS, LONGEST, WORDS, read_reply
from alliance.ratings.views.blueprint import blueprint, kept_wave
from alliance.work import services as work
from alliance.workbooks import MEDIA

THANKS, IDLE = 8, 150  # seconds after which a screen for many returns to its first page: after thanks, or left alone


@public(Act.RATINGS_ANSWER_GIVE)
def give_answer(token: str) -> ResponseReturnValue:
    """The page behind an address: the notice, then the questions, then thanks. What is sent counts once."""
    with in_language(_language()):
        found = queries.address(token, today())
        if found is None:
            return _page(token, None, "closed")
        if request.method == "GET":
            return _page(token, found, "questions" if request.args.get("agreed") else "notice")
        given = {question.code: request.form.get(question.code, "") for question in found.questionnaire.questions}
        if request.form.get("lang"):  # the other language, with what was ticked
            return _page(token, found, "questions", given=given)
        reply, problems = read_reply(found.questionnaire, given)
        if problems:
            return _page(token, found, "questions", given=given, problems=problems)
        return _taken(token, found, given, reply)


def _taken(token: str, found: Address, given: dict[str, str], reply: Any) -> ResponseReturnValue:
    """Keep an answer and say thanks; of one screen so many within some minutes, whoever sends them."""
    if found.kind == KIOSK and not work.take_turn(
        f"kiosk:{queries.hashed(token)[:16]}", now=machine_now(), most=KIOSK_ANSWERS, minutes=KIOSK_MINUTES
    ):
        return _page(token, found, "questions", given=given, busy=True)
    try:
        services.give_answer(token, reply, today=today())
    except NotFound:
        return _page(token, None, "closed")
    return _page(token, found, "thanks")


@public(Act.RATINGS_ANSWER_REFUSE)
def refuse_answer(token: str) -> ResponseReturnValue:
    """Rather not: marked and thanked for, without a question why."""
    with in_language(_language()):
        found = queries.address(token, today())
        try:
            services.refuse_answer(token, today=today())
        except NotFound:
            found = None
        return _page(token, found, "refused" if found else "closed")


def _language() -> str:
    """The language asked for, else that of the browser's choice, else Chinese."""
    asked = request.form.get("lang") or request.args.get("lang") or request.form.get("spoken") or ""
    return asked if asked in LANGUAGES else lang()


def _page(
    token: str, found: Address | None, step: str, *, given: dict[str, str] | None = None,
    problems: list[Problem] | None = None, busy: bool = False,
) -> ResponseReturnValue:  # fmt: skip
    """A page of an address. One that is not open is the same for all: nothing tells why."""
    kiosk = found is not None and found.kind == KIOSK
    returns = (THANKS if step in ("thanks", "refused") else IDLE if step == "questions" else 0) if kiosk else 0
    place = _place(found) if found and step in ("notice", "questions") else None
    page = render_template(
        "ratings/give_answer.html", step=step, token=token, given=given or {}, busy=busy, kiosk=kiosk, returns=returns,
        wrong={problem.where: problem for problem in problems or ()}, spoken=lang(), words=WORDS, most=LONGEST,
        dimensions=DIMENSIONS, asked=found.questionnaire if found else None, place=place,
    )  # fmt: skip
    return page, 404 if step == "closed" else 429 if busy else 422 if problems else 200


def _place(found: Address) -> tuple[Any, Any]:
    """The member and the department that are asked about, by name."""
    member = members.member(found.alliance, found.institution, today())
    units = members.department_names(found.alliance, found.institution) if found.department else {}
    return member, units.get(found.department)


def _short(state: BlueprintSetupState) -> None:
    """Short addresses for small codes on paper, beside the prefix of the wing."""
    state.app.add_url_rule("/s/<token>", "ratings.give_answer", give_answer, methods=["GET", "POST"])
    state.app.add_url_rule("/s/<token>/refuse", "ratings.refuse_answer", refuse_answer, methods=["POST"])


blueprint.record(_short)


@blueprint.route("/answers/import/<int:number>", methods=["GET", "POST"])
@requires(Act.RATINGS_ANSWER_IMPORT)
def import_answer(number: int) -> ResponseReturnValue:
    """Check a file of forms from paper, or take them: the button says which. A check changes nothing."""
    wave, only = kept_wave(number)
    form, found = ImportAnswerForm(), None
    asked = queries.wave_questions(alliance_id(), number)
    if asked is None:
        raise NotFound()
    if form.validate_on_submit():
        content, name = form.file.data.read(), form.file.data.filename or ""

        def read() -> sheets.PaperFile:
            file = sheets.read_forms(content, name, asked)
            if only is not None and any(one.place[0] not in only for one in file.forms):
                raise Refused("The file holds forms of other members; nothing was changed.")
            queries.check_forms(alliance_id(), number, file.forms, today())
            return file

        ok, found = form.done(read)
        if ok and found and request.form.get("apply"):
            digest = hashlib.sha256(content).hexdigest()
            rows, handed = found.forms, found.handed
            ok, done = form.done(
                lambda: services.import_answer(alliance_id(), number, rows, handed, digest, by=actor(), now=now())
            )
            if ok and done:
                flash(ngettext("%(num)s form was taken.", "%(num)s forms were taken.", done.forms), "success")
                return redirect(url_for(".read_wave", number=number))
            found = None
    return render_template(
        "ratings/import_answer.html", wave=wave, form=form, found=found, asked=asked
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/answers/download/<int:number>")
@requires(Act.RATINGS_ANSWER_IMPORT)
def download_answer(number: int) -> ResponseReturnValue:
    """An empty workbook for forms from paper."""
    kept_wave(number)
    asked = queries.wave_questions(alliance_id(), number)
    if asked is None:
        raise NotFound()
    institution = next(iter(sorted(queries.whose(scope(), asked.family) or ())), "C01")
    content = sheets.form_template(asked, institution)
    return attachment(content, f"survey-{number}-paper.xlsx", MEDIA, f"wave:{number}", None)
