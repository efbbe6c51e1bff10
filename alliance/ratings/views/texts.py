"""The doors of written answers: read by the office, released or withheld."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.forms import Form
from alliance.i18n import words
from alliance.members import queries as members
from alliance.pages import Leaf, part
from alliance.ratings import queries, services
from alliance.ratings.queries import TextInfo
from alliance.ratings.rules.questions import FAMILIES
from alliance.ratings.rules.texts import HELD, PERSONAL, STATES, marked
from alliance.ratings.views.blueprint import blueprint, ways

SIZE = 20


@blueprint.get("/texts/list")
@requires(Act.RATINGS_TEXT_LIST)
def list_texts() -> ResponseReturnValue:
    """The written answers of closed surveys that wait, or about which was decided, ?state=, ?institution=."""
    state, chosen = request.args.get("state", HELD), request.args.get("institution", "")
    named = {one.code: one for one in members.members(alliance_id(), today())}
    mine = [code for code in named if can(Act.RATINGS_TEXT_RELEASE, code) and chosen in ("", code)]
    if state not in STATES or (chosen and chosen not in named):
        raise NotFound()
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)
    found, total = queries.texts(alliance_id(), state, mine, page, size)
    asked = {(one.survey, one.version): queries.questionnaire_of(alliance_id(), one.survey, one.version)
             for one in found}  # fmt: skip
    kept: dict[str, Any] = {name: value for name, value in request.args.items() if name != "page"}
    return render_template(
        "ratings/list_texts.html", ways=ways(), state=state, chosen=chosen, texts=found, named=named, asked=asked,
        told=_told(found), states=[(code, words(both)) for code, both in STATES.items()], marked=marked,
        personal=PERSONAL, once=Form().once.data, people=accounts.names({one.decided_by for one in found} - {""}),
        leaf=Leaf.of(page, size, total, lambda number: url_for(".list_texts", page=number, **kept)),
    )  # fmt: skip


def _told(texts: Iterable[TextInfo]) -> set[str]:
    """Those of some written answers that may be released: about members of which enough answered in their wave."""
    waves = {(one.survey, one.version, one.period): one for one in queries.closed(alliance_id(), FAMILIES)}
    found = set()
    for text in texts:
        there = queries.found_in(alliance_id(), waves[text.survey, text.version, text.period]).get(text.institution)
        if there is not None and there.told is not None:
            found.add(text.key)
    return found


@blueprint.post("/texts/release/<key>")
@requires(Act.RATINGS_TEXT_RELEASE)
def release_text(key: str) -> ResponseReturnValue:
    services.release_text(alliance_id(), key, by=actor(), now=now())
    flash(_("Released: the member's people can read it."), "success")
    return _back()


@blueprint.post("/texts/withhold/<key>")
@requires(Act.RATINGS_TEXT_WITHHOLD)
def withhold_text(key: str) -> ResponseReturnValue:
    services.withhold_text(alliance_id(), key, by=actor(), now=now())
    flash(_("Withheld: the member's people do not see it."), "success")
    return _back()


def _back() -> ResponseReturnValue:
    """The list that the button stood in."""
    state, chosen = request.form.get("state", HELD), request.form.get("institution", "")
    return redirect(url_for(".list_texts", state=state if state in STATES else HELD, institution=chosen or None))
