"""The doors of a rating member: whom to rate, the marks for one of them, hand in, practise."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.access import actor, alliance_id, can, concerns, now, requires, scope
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.i18n import named
from alliance.ratings import queries, services
from alliance.ratings.forms import StepForm, rating_form
from alliance.ratings.rules.peer_items import SHIPPED
from alliance.ratings.rules.peers import TOP, open_items
from alliance.ratings.rules.practice import SCENES, same_everywhere
from alliance.ratings.views.blueprint import blueprint, ways


def raters() -> list[str]:
    """The members in whose name the reader rates."""
    return sorted(code for code in scope().own if can(Act.RATINGS_RATING_SAVE, code))


def _pairs(period: str, institution: str) -> tuple[queries.RoundInfo, list[queries.PairInfo]]:
    """A round and whom a member rates in it; NotFound for all who do not rate in its name."""
    found = queries.peer_round(alliance_id(), period) if institution in raters() else None
    pairs = queries.own_pairs(found.id, institution) if found else []
    if found is None or not pairs:
        raise NotFound()
    return found, pairs


@blueprint.get("/ratings/list")
@requires(Act.RATINGS_RATING_LIST)
def list_ratings() -> ResponseReturnValue:
    """Whom a member rates in a round, and how far it is; ?period= and ?institution=."""
    mine, rounds = raters(), queries.peer_rounds(alliance_id())
    institution = request.args.get("institution") or next(iter(mine), "")
    period = request.args.get("period") or next((one.period for one in rounds), "")
    if institution not in mine:
        raise NotFound()
    concerns(institution)
    found = next((one for one in rounds if one.period == period), None)
    pairs = queries.own_pairs(found.id, institution) if found else []
    lines = queries.rater_lines(found, frozenset([institution])) if found else []
    return render_template(
        "ratings/list_ratings.html",
        ways=ways(),
        round=found,
        periods=[one.period for one in rounds],
        institution=institution,
        choices=[(code, named("who", code)) for code in mine],
        pairs=pairs,
        open_by={row.target: len(open_items(found.codes, row.marks)) for row in pairs} if found else {},
        line=lines[0] if lines else None,
        form=StepForm(),
        now=now(),
    )


@blueprint.route("/ratings/save/<period>/<institution>/<target>", methods=["GET", "POST"])
@requires(Act.RATINGS_RATING_SAVE)
def save_rating(period: str, institution: str, target: str) -> ResponseReturnValue:
    """The marks of a member for another one; half of them may be saved."""
    found, pairs = _pairs(period, institution)
    form = rating_form(found.items)()
    pair = next((row for row in pairs if row.target == target), None)
    if pair is None and target != institution:
        raise NotFound()
    if request.method == "GET":
        if pair is None:
            raise NotFound()
        form.fill(pair.marks, pair.comment, pair.version)
    if form.validate_on_submit():
        sheet = services.Sheet(form.marks, form.comment.data or "", form.version)
        ok, _none = form.done(
            lambda: services.save_rating(alliance_id(), period, institution, {target: sheet}, by=actor(), now=now())
        )
        if ok:
            return _saved(found, institution, target, pairs, form.marks)
    return render_template(
        "ratings/save_rating.html",
        form=form,
        round=found,
        institution=institution,
        target=target,
        pair=pair,
        place=next((place for place, row in enumerate(pairs, 1) if row.target == target), 0),
        pairs=pairs,
        shut=_is_shut(found, institution),
    ), 422 if form.errors or form.refused else 200


def _saved(
    found: queries.RoundInfo,
    institution: str,
    target: str,
    pairs: Sequence[queries.PairInfo],
    marks: dict[str, int],
) -> ResponseReturnValue:
    """On to the next member that has open items, else back to all of them."""
    left = len(open_items(found.codes, marks))
    still = ngettext(
        "Saved; %(num)s item of this member is open.", "Saved; %(num)s items of this member are open.", left
    )  # fmt: skip
    flash(still if left else _("Saved."), "success")
    places = [row.target for row in pairs]
    after = places[places.index(target) + 1 :] + places[: places.index(target)]
    unfinished = {row.target for row in pairs if open_items(found.codes, row.marks)}
    ahead = next((one for one in after if one in unfinished), "")
    if ahead and request.form.get("next"):
        return redirect(url_for("ratings.save_rating", period=found.period, institution=institution, target=ahead))
    return redirect(url_for("ratings.list_ratings", period=found.period, institution=institution))


@blueprint.route("/ratings/submit/<period>/<institution>", methods=["GET", "POST"])
@requires(Act.RATINGS_RATING_SUBMIT)
def submit_rating(period: str, institution: str) -> ResponseReturnValue:
    """Hand in the form of a member: first what that means, then the step."""
    found, pairs = _pairs(period, institution)
    form = StepForm()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.submit_rating(alliance_id(), period, institution, by=actor(), now=now())
        )  # fmt: skip
        if ok:
            flash(_("The form is handed in. Thank you."), "success")
            return redirect(url_for("ratings.list_ratings", period=period, institution=institution))
    left = {row.target: len(open_items(found.codes, row.marks)) for row in pairs}
    return render_template(
        "ratings/submit_rating.html", form=form, round=found, institution=institution, pairs=pairs,
        left={target: count for target, count in left.items() if count}, shut=_is_shut(found, institution),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _is_shut(found: queries.RoundInfo, institution: str) -> bool:
    """Whether a member can change nothing of its form any more: too late, or handed in."""
    return not found.is_open(now()) or bool(queries.rater_lines(found, frozenset([institution]))[0].submitted_at)


@blueprint.get("/practices/read")
@requires(Act.RATINGS_PRACTICE_READ)
def read_practice() -> ResponseReturnValue:
    """Practise on invented members; the choice stands in the address and is kept nowhere."""
    chosen = {one.name: request.args.get(one.name, "") for one in SCENES}
    marks = {name: int(text) for name, text in chosen.items() if text in map(str, range(1, TOP + 1))}
    return render_template(
        "ratings/read_practice.html",
        ways=ways(),
        scenes=SCENES,
        items={one.code: one for one in SHIPPED},
        marks=marks,
        complete=len(marks) == len(SCENES),
        same=same_everywhere(marks),
    )
