"""The doors of charge lines: a month's files, loading one, what came of it, taking it out again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from alliance.access import actor, alliance_id, can, machine_now, now, requires
from alliance.accounts import queries as accounts
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import NotFound, Refused
from alliance.i18n import lang
from alliance.pages import Leaf, Link, part
from alliance.store import Store, uploads
from alliance.workpoints import queries, services
from alliance.workpoints.forms import LoadChargeForm, MapChargeForm, WithdrawChargeForm
from alliance.workpoints.queries import LoadInfo, MonthLines
from alliance.workpoints.rules.cleaning import COLUMNS, RULES
from alliance.workpoints.rules.headings import mapping_for
from alliance.workpoints.rules.meanings import COLUMNS as CODE_COLUMNS
from alliance.workpoints.rules.meanings import kind_of
from alliance.workpoints.rules.uses import POINTS, STANDINGS
from alliance.workpoints.rules.workloads import SOURCE
from alliance.workpoints.views.blueprint import (
    asked_institution,
    asked_month,
    blueprint,
    checked_month,
    kept,
    partitions,
    recent_months,
    ways,
)
from alliance.workpoints.volume import loading
from alliance.workpoints.volume.staging import Head

NO_HEAD = Head(0, {})
SIZE = 50
ASIDE_RULES = frozenset(code for code, rule in RULES.items() if rule.aside)
FIRST = 20  # of codes and items on the page of a month; all of them with ?all=1 and in the workbook


def month_choices(institution: str, month: str) -> list[tuple[str, str]]:
    """The months to choose from, the newest first: the last year, and whatever was loaded."""
    return recent_months(month, *queries.loaded_months(alliance_id(), institution))


def _is_open(institution: str, month: str) -> bool:
    """Whether a month takes files still: until its bonus is approved."""
    return month not in queries.closed_months(alliance_id(), institution)


@blueprint.get("/charges/list")
@requires(Act.WORKPOINTS_CHARGE_LIST)
def list_charges() -> ResponseReturnValue:
    """What was loaded for a month, what its codes mean, what waits, how far points reach."""
    institution = asked_institution()
    kept(Act.WORKPOINTS_CHARGE_LIST, institution)
    loaded = queries.loaded_months(alliance_id(), institution)
    month = asked_month(loaded[0] if loaded else "")
    last = Period.parse(month).last
    files = queries.loads(alliance_id(), institution, month)
    lines = queries.month_lines(partitions(), alliance_id(), institution, month)
    known = queries.items(alliance_id(), institution, last)
    history = queries.load_history(alliance_id(), institution, month)
    return render_template(
        "workpoints/list_charges.html",
        institution=institution,
        month=month,
        months=month_choices(institution, month),
        ways=ways(institution, month),
        files=files,
        ledger=SOURCE,
        compared_before=queries.compared_before(alliance_id(), institution, month)
        if _is_open(institution, month)
        else [],
        history=history,
        people=accounts.names({one.recorded_by for one in history}),
        rules=_rules(),
        aside=ASIDE_RULES,
        lines=lines,
        shown=None if request.args.get("all") or request.args.get("format") else FIRST,
        items={code: (item.en if lang() == "en" else item.zh) for code, item in known.items()},
        columns={what: _(words) for what, words in CODE_COLUMNS.items()},
        kind_of=kind_of,
        coverage=_coverage(lines),
        without=sorted((one for one in lines.items if one.standing == "without"), key=lambda one: -one.lines),
        maps=can(Act.WORKPOINTS_CODE_MAP, institution),
        loads=can(Act.WORKPOINTS_CHARGE_LOAD, institution) and _is_open(institution, month),
        has_points=bool(known),
        start=Period.parse(month).first,
    )


def _rules() -> dict[str, str]:
    return {code: (rule.en if lang() == "en" else rule.zh) for code, rule in RULES.items()}


def _coverage(found: MonthLines) -> list[tuple[str, int, int, Decimal, Decimal]]:
    """Standing, items, lines, their share of all lines in %, and charges, of each standing that occurs."""
    sums = {POINTS: (found.pointed.items, found.pointed.lines, found.pointed.amount)}
    for one in found.items:
        items, lines, amount = sums.get(one.standing, (0, 0, Decimal(0)))
        sums[one.standing] = (items + 1, lines + one.lines, amount + one.amount)
    whole = sum(lines for _items, lines, _amount in sums.values())
    return [
        (standing, items, lines, Decimal(lines) * 100 / whole, amount)
        for standing in STANDINGS for items, lines, amount in [sums.get(standing, (0, 0, Decimal(0)))] if lines
    ]  # fmt: skip


@blueprint.route("/charges/load/<institution>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_CHARGE_LOAD)
def load_charge(institution: str) -> ResponseReturnValue:
    """Send a file of charge lines, map its headings, and have it loaded."""
    kept(Act.WORKPOINTS_CHARGE_LOAD, institution)
    form, head = LoadChargeForm(), NO_HEAD
    month = asked_month()
    form.name_columns()
    shut = queries.closed_months(alliance_id(), institution)
    form.month.choices = [(code, words) for code, words in month_choices(institution, month) if code not in shut]
    known = queries.charge_sources(alliance_id(), institution)
    if request.method == "GET":
        form.month.data, form.source.data = month, request.args.get("source") or (known[0] if known else "HIS")
    if form.validate_on_submit():
        ok, found = form.done(lambda: _head(form, institution))
        head = found or NO_HEAD
        if ok and head.columns and request.form.get("apply"):
            ok, job = form.done(lambda: _queued(form, institution))
            if ok and job:
                return redirect(url_for("work.read_job", number=job, follow=1))
    form.offer(head.columns)
    return render_template(
        "workpoints/load_charge.html",
        form=form,
        institution=institution,
        month=form.month.data or month,
        head=head,
        sources=known,
    ), 422 if form.errors or form.refused else 200


def _head(form: LoadChargeForm, institution: str) -> Head:
    """The headings of the file that was sent now or before; with a new one, the mapping to begin with."""
    if form.file.data:
        form.kept.data, form.name.data = _uploads().keep_stream(form.file.data.stream), form.sent_name
    head = loading.head(partitions(), _kept(form.kept.data or ""), form.name.data or "")
    if not request.form.get("apply"):
        remembered = queries.charge_mapping(alliance_id(), institution, form.source.data or "")
        for column, heading in mapping_for(list(head.columns), remembered).items():
            form[f"column_{column}"].data = heading
    return head


def _uploads() -> Store:
    return uploads(current_app.config["ALLIANCE"].data, alliance_id(), current_user.code, machine_now)


def _kept(digest: str) -> Path:
    try:
        return _uploads().place(digest)
    except NotFound:
        raise Refused("The file that was checked is no longer kept. Choose it again.") from None


def _queued(form: LoadChargeForm, institution: str) -> int:
    return services.queue_charge(
        alliance_id(), institution, form.month.data, form.source.data or "", form.kept.data or "",
        form.name.data or "", form.columns, by=actor(), now=now(),
    )  # fmt: skip


def _load(act: Act, institution: str, month: str, source: str, revision: int) -> LoadInfo:
    kept(act, institution)
    found = queries.load_of(alliance_id(), institution, checked_month(month), source, revision)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/charges/read/<institution>/<month>/<source>/<int:revision>")
@requires(Act.WORKPOINTS_CHARGE_READ)
def read_charge(institution: str, month: str, source: str, revision: int) -> ResponseReturnValue:
    """One load: what each cleaning rule met, and the lines that one of them put aside."""
    one = _load(Act.WORKPOINTS_CHARGE_READ, institution, month, source, revision)
    met = {rule.rule: rule for rule in one.cleaned}
    putting = [code for code in met if RULES[code].aside]
    chosen = request.args.get("rule", "")
    chosen = chosen if chosen in putting else next(iter(putting), "")
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)
    place: dict[str, Any] = {"institution": institution, "month": month, "source": source, "revision": revision}
    rows = (
        loading.aside_rows(
            partitions(), (institution, month, source, revision), chosen, size, (page - 1) * size
        ) if chosen else []
    )  # fmt: skip
    newest = next(two for two in queries.load_history(alliance_id(), institution, month) if two.source == source)
    return render_template(
        "workpoints/read_charge.html",
        institution=institution,
        one=one,
        ledger=SOURCE,
        people=accounts.names([one.recorded_by]),
        counts=newest == one and not one.reason,
        newest=newest,
        rules=_rules(),
        aside=ASIDE_RULES,
        choices=[Link(_rules()[code], url_for(".read_charge", **place, rule=code), code == chosen) for code in putting],
        chosen=chosen,
        rows=rows,
        columns=list(COLUMNS),
        heads=[((en if lang() == "en" else zh), "") for zh, en in COLUMNS.values()],
        leaf=_leaf(page, size, met[chosen].lines, ".read_charge", {**place, "rule": chosen}) if chosen else None,
        withdraws=can(Act.WORKPOINTS_CHARGE_WITHDRAW, institution) and _is_open(institution, month),
    )


def _leaf(page: int, size: int, total: int, endpoint: str, place: Mapping[str, Any]) -> Leaf:
    return Leaf.of(page, size, total, lambda number: url_for(endpoint, **{**place, "page": number}))


@blueprint.route("/charges/withdraw/<institution>/<month>/<source>/<int:revision>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_CHARGE_WITHDRAW)
def withdraw_charge(institution: str, month: str, source: str, revision: int) -> ResponseReturnValue:
    """Take a loaded file out again."""
    one, form = _load(Act.WORKPOINTS_CHARGE_WITHDRAW, institution, month, source, revision), WithdrawChargeForm()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.withdraw_charge(
                alliance_id(), institution, month, source, revision, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The lines of %(name)s do not count any more.", name=one.source), "success")
            return redirect(url_for(".list_charges", institution=institution, month=month))
    return render_template(
        "workpoints/withdraw_charge.html", form=form, institution=institution, one=one
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/charges/map/<institution>/<source>", methods=["GET", "POST"])
@requires(Act.WORKPOINTS_CHARGE_MAP)
def map_charge(institution: str, source: str) -> ResponseReturnValue:
    """Which headings the files of a source have."""
    kept(Act.WORKPOINTS_CHARGE_MAP, institution)
    before = queries.charge_mapping(alliance_id(), institution, source)
    if not before:
        raise NotFound()
    form = MapChargeForm()
    form.name_columns()
    if request.method == "GET":
        for column, heading in before.items():
            form[f"column_{column}"].data = heading
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.map_charge(alliance_id(), institution, source, form.columns, by=actor(), now=now())
        )
        if ok:
            flash(_("The columns of %(source)s are recorded.", source=source), "success")
            return redirect(url_for(".list_charges", institution=institution))
    return render_template(
        "workpoints/map_charge.html", form=form, institution=institution, source=source
    ), 422 if form.errors or form.refused else 200
