"""The doors of posts: the list, one post with its evaluations, what is recorded of it, and the report on staffing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, today
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind, day_of
from alliance.core.refused import NotFound, Refused
from alliance.i18n import label, named
from alliance.members import queries, services
from alliance.members.forms import FAMILY_LABELS, DefinePostForm, SetEstablishmentForm, rating_form
from alliance.members.queries import EstablishmentFact, PostFact, PostInfo, PostSheet
from alliance.members.views.blueprint import asked_day, asked_institution, blueprint, holding, kept

MONTHS = 24  # to choose from in the report


def families() -> dict[str, str]:
    """The families of posts in the reader's language."""
    return {code: _(text) for code, text in FAMILY_LABELS.items()}


@blueprint.get("/posts/list")
@requires(Act.MEMBERS_POST_LIST)
def list_posts() -> ResponseReturnValue:
    """The posts of one's own hospital on a day with coefficient, grade and numbers."""
    institution, on = asked_institution(holding(Act.MEMBERS_POST_LIST)), asked_day()
    found = queries.posts(alliance_id(), institution, on)
    family = request.args.get("family", "")
    known = queries.staffing(alliance_id(), institution, people=False)
    return render_template(
        "members/list_posts.html",
        institution=institution,
        on=on,
        posts=[one for one in found if family in ("", one.fact.family)],
        count=len(found),
        families=families(),
        steps=queries.steps_on(known, on),
        keeps=can(Act.MEMBERS_POST_DEFINE, institution),
    )


def _post(act: Act, institution: str, code: str) -> PostInfo:
    kept(act, institution)
    found = queries.post(alliance_id(), institution, code, today())
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/posts/read/<institution>/<code>")
@requires(Act.MEMBERS_POST_READ)
def read_post(institution: str, code: str) -> ResponseReturnValue:
    """One post: its coefficient, its evaluations with every sheet, and where it is established."""
    one = _post(Act.MEMBERS_POST_READ, institution, code)
    cuts = one.scale.cuts
    return render_template(
        "members/read_post.html",
        institution=institution,
        one=one,
        heads=[(label(factor), "num", f"{factor.weight:f} %") for factor in one.scale.factors],
        cuts=[*(f"{grade} ≥ {cut:f}" for grade, cut in zip("ABC", cuts, strict=True)), f"D < {cuts[-1]:f}"],
        families=families(),
        keeps=can(Act.MEMBERS_POST_DEFINE, institution),
    )


@blueprint.route("/posts/define/<institution>", methods=["GET", "POST"])
@requires(Act.MEMBERS_POST_DEFINE)
def define_post(institution: str) -> ResponseReturnValue:
    """Define a new post, or what is true of one from a day on."""
    kept(Act.MEMBERS_POST_DEFINE, institution)
    code = request.args.get("code", "")
    before = _post(Act.MEMBERS_POST_DEFINE, institution, code) if code else None
    form = DefinePostForm()
    form.offer()
    if before:
        form.code.data = code
    else:
        form.known = {fact.code for fact in queries.staffing(alliance_id(), institution, people=False).posts}
    if request.method == "GET":
        form.start.data = today()
        for name in ("name_zh", "name_en", "family", "skill", "management", "risk", "ended") if before else ():
            form[name].data = getattr(before.fact, name) if before else None
    if form.validate_on_submit():
        fact = _fact(form)
        ok, _none = form.done(lambda: services.define_post(alliance_id(), institution, fact, by=actor(), now=now()))
        if ok:
            flash(_("%(what)s is recorded.", what=label(fact)), "success")
            return redirect(url_for(".read_post", institution=institution, code=fact.code))
    return render_template(
        "members/define_post.html", form=form, institution=institution, before=before
    ), 422 if form.errors or form.refused else 200


def _fact(form: DefinePostForm) -> PostFact:
    name = form.name_zh.data or ""
    skill, management, risk = form.parts
    return PostFact(
        form.code.data or "",
        name,
        form.name_en.data or name,
        form.family.data,
        skill,
        management,
        risk,
        form.start.data or today(),
        form.ended.data,
    )


@blueprint.route("/posts/rate/<institution>/<code>", methods=["GET", "POST"])
@requires(Act.MEMBERS_POST_RATE)
def rate_post(institution: str, code: str) -> ResponseReturnValue:
    """Enter the sheet of one rater of a post."""
    one = _post(Act.MEMBERS_POST_RATE, institution, code)
    form = rating_form(one.scale)()
    if request.method == "GET":
        form.start.data = today()
    if form.validate_on_submit():
        levels = tuple((factor.code, int(form[f"level_{factor.code}"].data)) for factor in one.scale.factors)
        sheet = PostSheet(code, (form.rater.data or "").strip(), tuple(sorted(levels)), form.start.data or today())
        ok, _none = form.done(lambda: services.rate_post(alliance_id(), institution, sheet, by=actor(), now=now()))
        if ok:
            flash(_("The sheet of %(who)s is saved.", who=sheet.rater), "success")
            return redirect(url_for(".read_post", institution=institution, code=code))
    return render_template(
        "members/rate_post.html", form=form, institution=institution, one=one
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/establishments/set/<institution>/<code>", methods=["GET", "POST"])
@requires(Act.MEMBERS_ESTABLISHMENT_SET)
def set_establishment(institution: str, code: str) -> ResponseReturnValue:
    """Set how many posts of a kind a department has from a day on."""
    kept(Act.MEMBERS_ESTABLISHMENT_SET, institution)
    unit = queries.department_names(alliance_id(), institution).get(code)
    if unit is None:
        raise NotFound()
    form = SetEstablishmentForm()
    form.offer([line.fact for line in queries.posts(alliance_id(), institution, today())])
    if request.method == "GET":
        form.start.data, form.post.data = today(), request.args.get("post", "")
    if form.validate_on_submit():
        fact = EstablishmentFact(code, form.post.data, form.number.data or 0, form.start.data or today())
        ok, _none = form.done(
            lambda: services.set_establishment(alliance_id(), institution, fact, by=actor(), now=now())
        )
        if ok:
            flash(_("The establishment of %(what)s is recorded.", what=label(unit)), "success")
            return redirect(url_for(".read_staffing", institution=institution))
    return render_template(
        "members/set_establishment.html", form=form, institution=institution, code=code, unit=unit
    ), 422 if form.errors or form.refused else 200


@blueprint.get("/staffings/read")
@requires(Act.MEMBERS_STAFFING_READ)
def read_staffing() -> ResponseReturnValue:
    """Established and in post, by department, in a month."""
    institution = asked_institution(holding(Act.MEMBERS_STAFFING_READ))
    this = Period.parse(day_of(now()).strftime("%Y-%m"))
    month = _month(this)
    return render_template(
        "members/read_staffing.html",
        institution=institution,
        month=month.code,
        months=[this.back(back).code for back in range(MONTHS)],
        report=queries.staffing_report(alliance_id(), institution, month),
        who=named("who", institution),
        keeps=can(Act.MEMBERS_ESTABLISHMENT_SET, institution),
        case_mix=_case_mix(institution, month.code),
    )


def _case_mix(institution: str, month: str) -> Mapping[str, Decimal]:
    """The case-mix index of each unit with disease groups, for whoever may open what it rests on."""
    asked: Callable[[int, str, str], Mapping[str, Decimal]] = current_app.config["CASE_MIX"]
    return asked(alliance_id(), institution, month) if can(Act.WORKPOINTS_ENTRY_READ, institution) else {}


def _month(otherwise: Period) -> Period:
    try:
        month = Period.parse(request.args.get("month", "") or otherwise.code)
    except Refused:
        return otherwise
    return month if month.kind is PeriodKind.MONTH else otherwise
