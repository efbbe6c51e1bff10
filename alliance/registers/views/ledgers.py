"""The doors of assessment ledgers: a month's entries, one entry, its review and objection, totals, notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, concerns, machine_now, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import Both, NotFound, Refused
from alliance.i18n import bracketed, label, lang, number, period, words
from alliance.members import queries as members
from alliance.notices import queries as notices
from alliance.pages import Leaf, attachment, part
from alliance.registers import queries, services
from alliance.registers.forms import (
    AddEntryForm,
    AnswerObjectionForm,
    FileObjectionForm,
    PublishLedgerForm,
    ReviewEntryForm,
)
from alliance.registers.queries import EntryInfo, Found, StandardInfo
from alliance.registers.rules.ledger_notices import Remark
from alliance.registers.rules.ledgers import ANSWERS, ENTERED, GRADES, KINDS, STATES, Item
from alliance.registers.views.blueprint import blueprint
from alliance.registers.views.ledger_reach import (
    ALLIANCE,
    acting,
    asked_place,
    kept,
    objects_to,
    owner,
    places,
    reach,
)
from alliance.registers.views.tabs import months, period_asked, tabs
from alliance.store import Store

SIZE = 50
USUAL_DAYS = timedelta(days=7)
FILTERS = ("kind", "state", "member", "unit", "person", "objected")


def place_name(place: str) -> str:
    """Whose ledger it is, in words."""
    if place == ALLIANCE:
        return _("the alliance's own ledger")
    found = members.member(alliance_id(), place, today())
    return label(found) if found else place


def kind_choices() -> list[tuple[str, str]]:
    """The ledgers, to choose from."""
    return [(code, words(both)) for code, both in KINDS.items()]


def _store() -> Store:
    return Store(current_app.config["ALLIANCE"].data / "ledgers", machine_now)


def asked_month() -> str:
    """The month of the address, by default this one; NotFound for what is none."""
    found = period_asked_month()
    if found.kind is not PeriodKind.MONTH:
        raise NotFound()
    return found.code


def period_asked_month() -> Period:
    try:
        return Period.parse(request.args.get("month") or f"{today():%Y-%m}")
    except Refused:
        raise NotFound() from None


@blueprint.get("/entries/list")
@requires(Act.REGISTERS_ENTRY_LIST)
def list_entries() -> ResponseReturnValue:
    """The ledger of a month: the entries in reach, filtered; who has read its notices."""
    place, month, args = asked_place(), asked_month(), request.args
    wanted = Found(
        month, args.get("kind", ""), args.get("state", ""), args.get("member", ""), args.get("unit", ""),
        args.get("person", ""), bool(args.get("objected")),
    )  # fmt: skip
    page, size = part(max(args.get("page", 1, type=int), 1), SIZE)
    found, total = queries.entries(alliance_id(), owner(place), reach(place), wanted, page, size)
    kept_args: dict[str, Any] = {name: value for name, value in args.items() if name != "page"}
    return render_template(
        "registers/list_entries.html", tabs=tabs(), place=place, month=month, entries=found, months=months(),
        leaf=Leaf.of(page, size, total, lambda number: url_for(".list_entries", page=number, **kept_args)),
        places=[(one, place_name(one)) for one in places()], name=place_name(place), kinds=kind_choices(),
        states=[(code, words(both)) for code, both in STATES.items()], narrowed=any(args.get(one) for one in FILTERS),
        adds=place in acting(Act.REGISTERS_ENTRY_ADD), publishes=place in acting(Act.REGISTERS_LEDGER_PUBLISH),
        reviewable={one.number for one in found if may_review(one)}, published=_published(place, month),
        **named(place, found),
    )  # fmt: skip


def _published(place: str, month: str) -> list[tuple[queries.Published, int, int]]:
    """The notices of a month for who publishes them: each with how many have read it, of how many."""
    if place not in acting(Act.REGISTERS_LEDGER_PUBLISH):
        return []
    made = queries.published(alliance_id(), owner(place), month)
    infos = notices.numbered(alliance_id(), [one.notice for one in made])
    far = notices.progress(alliance_id(), infos, today())
    return [(one, *far.get(one.notice, (0, 0))) for one in made]


def named(place: str, found: list[EntryInfo]) -> dict[str, Any]:
    """The names behind what entries name: items, departments, staff, accounts."""
    codes = {one.member for one in found}
    items: dict[tuple[str, int, str], Item] = {}
    for standard in queries.standards(alliance_id(), owner(place)) if found else []:
        items |= {(standard.kind, standard.version, one.code): one for one in standard.items}
    people = {name for one in found for name in (one.entered_by, one.reviewed_by, one.objected_by, one.answered_by)}
    return {
        "items": {key: (one.en if lang() == "en" else one.zh) for key, one in items.items()},
        "units": {code: members.department_names(alliance_id(), code) for code in codes},
        "staff": {
            code: members.employee_names(alliance_id(), code) for code in codes
            if any((one.person or one.author) and one.member == code for one in found)
        },
        "people": accounts.names(people - {""}), "ledgers": KINDS, "stated": STATES, "grades": GRADES,
    }  # fmt: skip


def entry_of(place: str, number: int) -> EntryInfo:
    """An entry that is the reader's business; NotFound for any other."""
    found = queries.entry(alliance_id(), owner(place), number) if place in places() else None
    if found is None or not reach(place).sees(found):
        raise NotFound()
    concerns(found.member)
    return found


def may_review(one: EntryInfo) -> bool:
    """Whether the reader may decide on an entry that waits: not one's own, nor of the member one works for."""
    mine = scope()
    elsewhere = bool(one.institution) or one.member != mine.employer
    own = one.member == mine.employer and bool(mine.employee) and one.person == mine.employee
    return (
        one.state == ENTERED and (one.institution or ALLIANCE) in acting(Act.REGISTERS_ENTRY_REVIEW)
        and one.entered_by != mine.account and elsewhere and not own
    )  # fmt: skip


def _may_answer(one: EntryInfo) -> bool:
    mine = scope()
    return (
        one.objected and (one.institution or ALLIANCE) in acting(Act.REGISTERS_OBJECTION_ANSWER)
        and mine.account not in (one.entered_by, one.objected_by)
        and (bool(one.institution) or one.member != mine.employer)
    )  # fmt: skip


@blueprint.get("/entries/read/<place>/<int:number>")
@requires(Act.REGISTERS_ENTRY_READ)
def read_entry(place: str, number: int) -> ResponseReturnValue:
    """One entry: what was found, on which item it rests, its review, and the objection to it."""
    one = entry_of(place, number)
    return render_template(
        "registers/read_entry.html", one=one, place=place, name=place_name(place), reviews=may_review(one),
        answers=_may_answer(one), answer_words=ANSWERS,
        objects=one.state == "accepted" and not one.objected_by and can(Act.REGISTERS_OBJECTION_FILE)
        and objects_to(one),
        publishes=one.state == "accepted" and place in acting(Act.REGISTERS_LEDGER_PUBLISH), **named(place, [one]),
    )  # fmt: skip


@blueprint.get("/entries/download/<place>/<int:number>")
@requires(Act.REGISTERS_ENTRY_READ)
def download_entry(place: str, number: int) -> ResponseReturnValue:
    """The evidence of an entry, to be saved."""
    one = entry_of(place, number)
    if one.file is None:
        raise NotFound()
    try:
        content = _store().read(one.file.sha256)
    except NotFound:
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=one.file.name) from None
    # Should a browser show it after all, nothing in it runs.
    shut = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    subject = services.subject(one.institution, one.member, number)
    return attachment(content, one.file.name, one.file.media, subject, shut)


@blueprint.route("/entries/add/<place>/<kind>", methods=["GET", "POST"])
@requires(Act.REGISTERS_ENTRY_ADD)
def add_entry(place: str, kind: str) -> ResponseReturnValue:
    """Enter something in a ledger; its items are those of the standard of the day."""
    institution = kept(Act.REGISTERS_ENTRY_ADD, place)
    if kind not in KINDS:
        raise NotFound()
    form = AddEntryForm()
    standard = _standard_of(form, institution, kind)
    form.offer(kind, _item_choices(standard), _member_choices(institution), _unit_choices(institution))
    if request.method == "GET":
        form.day.data = today()
    if form.validate_on_submit():
        ok, number = form.done(
            lambda: services.add_entry(
                alliance_id(), institution, form.entry(kind), form.evidence(), _store(), by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Entry %(number)s waits for a review by somebody else.", number=number), "success")
            return redirect(url_for(".list_entries", place=place, month=form.entry(kind).month))
    return render_template(
        "registers/add_entry.html", form=form, place=place, kind=kind, name=place_name(place), ledger=KINDS[kind],
        standard=standard, kinds=kind_choices(),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


def _standard_of(form: AddEntryForm, institution: str, kind: str) -> StandardInfo | None:
    """The standard whose items are offered: of the day that was typed, else of today."""
    day = form.day.data if request.method == "POST" and form.day.data else today()
    return queries.standard_on(alliance_id(), institution, kind, day)


def _item_choices(standard: StandardInfo | None) -> list[tuple[str, str]]:
    found = standard.items if standard else ()
    names = {one.code: one.en if lang() == "en" else one.zh for one in found}
    return [(one.code, f"{one.code} {names[one.code]}{bracketed(number(one.points))}") for one in found]


def _member_choices(institution: str) -> list[tuple[str, str]]:
    there = members.members(alliance_id(), today())
    return [(one.code, f"{label(one)} {one.code}") for one in there if institution in ("", one.code)]


def _unit_choices(institution: str) -> list[tuple[str, str]]:
    if not institution:
        return []
    there = members.departments_on(alliance_id(), institution, today())
    return [(fact.code, f"{'　' * depth}{label(fact)} {fact.code}") for fact, depth in there]


@blueprint.route("/entries/review/<place>/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_ENTRY_REVIEW)
def review_entry(place: str, number: int) -> ResponseReturnValue:
    """Accept an entry or refuse it."""
    institution = kept(Act.REGISTERS_ENTRY_REVIEW, place)
    one, form = entry_of(place, number), ReviewEntryForm()
    form.offer()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.review_entry(
                alliance_id(), institution, number, form.verdict.data, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            state = words(STATES[form.verdict.data])
            flash(_("Entry %(number)s: %(state)s.", number=number, state=state), "success")
            return redirect(url_for(".list_entries", place=place, month=one.month))
    return render_template(
        "registers/review_entry.html", form=form, one=one, place=place, reviews=may_review(one), **named(place, [one])
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/objections/file/<place>/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_OBJECTION_FILE)
def file_objection(place: str, number: int) -> ResponseReturnValue:
    """Object to an entry that concerns oneself."""
    one, form = entry_of(place, number), FileObjectionForm()
    if not objects_to(one):
        raise NotFound()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.file_objection(
                alliance_id(), one.institution, number, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("Your objection to entry %(number)s waits for its answer.", number=number), "success")
            return redirect(url_for(".read_entry", place=place, number=number))
    return render_template(
        "registers/file_objection.html", form=form, one=one, place=place, **named(place, [one])
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/objections/answer/<place>/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_OBJECTION_ANSWER)
def answer_objection(place: str, number: int) -> ResponseReturnValue:
    """Answer the objection to an entry."""
    institution = kept(Act.REGISTERS_OBJECTION_ANSWER, place)
    one, form = entry_of(place, number), AnswerObjectionForm()
    form.offer()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.answer_objection(
                alliance_id(), institution, number, form.outcome.data, form.answer.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The objection to entry %(number)s is answered.", number=number), "success")
            return redirect(url_for(".read_entry", place=place, number=number))
    return render_template(
        "registers/answer_objection.html", form=form, one=one, place=place, answers=_may_answer(one),
        **named(place, [one]),
    ), 422 if form.errors or form.refused else 200  # fmt: skip


@blueprint.get("/totals/read")
@requires(Act.REGISTERS_TOTAL_READ)
def read_totals() -> ResponseReturnValue:
    """The points of a period by ledger and month, of members, departments or persons, with links to the entries."""
    place, asked = asked_place(), period_asked(f"{today():%Y-%m}")
    by = request.args.get("by") or ("member" if place == ALLIANCE else "unit")
    if by not in ("member", "unit", "person"):
        raise NotFound()
    wanted = [one.code for one in asked.parts(PeriodKind.MONTH)]
    totals = queries.ledger_totals(alliance_id(), owner(place), wanted, by, reach=reach(place))
    codes = {one.member for one in totals}
    this = Period.parse(f"{today():%Y-%m}")
    offered = [this.around(kind).back(back) for kind, count in ((PeriodKind.MONTH, 13), (PeriodKind.QUARTER, 5),
               (PeriodKind.YEAR, 2)) for back in range(count)]  # fmt: skip
    return render_template(
        "registers/read_totals.html", tabs=tabs(), place=place, period=asked, by=by, totals=totals, ledgers=KINDS,
        places=[(one, place_name(one)) for one in places()], name=place_name(place),
        periods=[(one.code, period(one.code)) for one in (offered if asked in offered else [asked, *offered])],
        bys=[("member", _("Members")), ("unit", _("Departments")), ("person", _("People"))],
        units={code: members.department_names(alliance_id(), code) for code in codes},
        staff={code: members.employee_names(alliance_id(), code) for code in codes} if by == "person" else {},
    )  # fmt: skip


@blueprint.route("/ledgers/publish/<place>/<month>", methods=["GET", "POST"])
@requires(Act.REGISTERS_LEDGER_PUBLISH)
def publish_ledger(place: str, month: str) -> ResponseReturnValue:
    """Publish a notice of a month's ledger; ?entry= makes it a special one about an entry."""
    institution = kept(Act.REGISTERS_LEDGER_PUBLISH, place)
    try:
        month = Period.parse(month).code
    except Refused:
        raise NotFound() from None
    number, form = request.args.get("entry", 0, type=int), PublishLedgerForm()
    one = entry_of(place, number) if number else None
    form.kind.choices = [("", _("all ledgers")), *kind_choices()]
    if one:
        del form.kind
    if request.method == "GET":
        form.last_day.data = today() + USUAL_DAYS
    if form.validate_on_submit():
        last_day = form.last_day.data
        assert last_day is not None
        remark = Remark((form.remark_zh.data or "").strip(), (form.remark_en.data or "").strip())
        kind = one.kind if one else form.kind.data or ""
        ok, job = form.done(
            lambda: services.publish_ledger(
                alliance_id(), institution, month, kind, number, remark, last_day, by=actor(), now=now()
            )
        )
        if ok:
            return redirect(url_for("work.read_job", number=job, follow=1))
    whom = Both("本院各科室负责人和职工", "heads and staff of the hospital") if institution else Both(
        "各成员单位负责人和填报人", "leads and reporters of the members"
    )  # fmt: skip
    return render_template(
        "registers/publish_ledger.html", form=form, place=place, month=month, one=one, whom=whom,
        name=place_name(place),
    ), 422 if form.errors or form.refused else 200  # fmt: skip
