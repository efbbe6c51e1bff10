"""The doors of the log: for the auditor, and for the owner of data; and what a request leaves in it when it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from alliance.access import FILES, alliance_id, can, grants, machine_now, now, requires
from alliance.audit import queries, services, sheets
from alliance.audit.forms import ACTS, DETAILS, GROUPS, KINDS, NUMBERED, SIGN_INS, SUBJECTS, EventFilterForm
from alliance.audit.rules import is_blind
from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import SHANGHAI
from alliance.core.refused import NotFound, Refused
from alliance.i18n import bracketed, lang, listed, moment, named, period, role
from alliance.pages import LEAFING, attachment, part
from alliance.tables import wanted

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
PAGE = 50
WORKBOOK_ROWS = 100_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PLAIN = re.compile(r"[A-Za-z0-9._:@+-]{1,60}(/[A-Za-z0-9._:@+-]{1,60})*")
BY_NAME = {act.value: words for act, words in ACTS.items()}
Names = Mapping[str, tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Directory:
    """Who is behind the accounts of the log, which itself knows no wing: `prepare` is given it."""

    names: Callable[[Iterable[str]], Names]  # Chinese, English, employer
    accounts: Callable[[int], list[str]]  # those with a grant for an alliance


def prepare(app: Flask, directory: Directory) -> None:
    """Bind the log's pages to the accounts and give templates their filters."""
    app.extensions["directory"] = directory
    app.jinja_env.filters |= {"act": act_words, "subject": subject_words}


def _directory() -> Directory:
    found: Directory = current_app.extensions["directory"]
    return found


def act_words(act: str) -> str:
    """An act in the reader's language; one that is no more, by its name."""
    return str(_(BY_NAME[act])) if act in BY_NAME else act


def subject_words(subject: str, owner: str = "") -> str:
    """A subject in words: 填报（C03医院，2026年3月）; codes that are names of nothing stay as they are.

    On a page that is all about `owner` its name is left out.
    """
    kind, _sep, rest = subject.partition(":")
    if kind not in SUBJECTS:
        return subject
    parts = [part for part in rest.split("/") if part not in ("", "*", owner)]
    if kind == "door":
        words = _door_words(parts)
    else:
        words = parts if kind in NUMBERED else [_part_words(part) for part in parts]
        if kind == "score" and rest.count("/") == 2:  # an expert's, of an item of the rubric: member/period/item
            words[-1] = named("rubric_item", rest.partition("/")[2])
    return str(_(SUBJECTS[kind])) + (str(bracketed(listed(words))) if words else "")


def _door_words(parts: Sequence[str]) -> list[str]:
    """Whose page it is and what its address names; what was done there stands beside it, so the view is left out
    unless it declares no act. A code like 2026-01 is a month only at an address that has one."""
    at = next((place for place, part in enumerate(parts) if part in current_app.view_functions), None)
    if at is None:
        return [_part_words(part) for part in parts]
    view = parts[at]
    named_there = {name for rule in current_app.url_map.iter_rules(view) for name in rule.arguments}
    dated = bool(named_there & {"period", "month", "quarter"})
    rest = [_part_words(part) if dated else part for part in parts[at + 1 :]]
    bare = [] if hasattr(current_app.view_functions[view], "act") else [view]
    return [*map(_part_words, parts[:at]), *bare, *rest]


def _part_words(part: str) -> str:
    head, at, revision = part.partition("@")
    name = str(_(GROUPS[head])) if head in GROUPS else named("who", head)
    name = name if name != head else period(head)
    return name + str(bracketed(_("revision %(number)s", number=revision))) if at else name


def details(event: queries.LoggedEvent) -> list[tuple[str, str]]:
    """The detail of an event as names and values; nothing of the value of a blind rating."""
    if is_blind(event.act):
        return [(_("Value"), _("not shown: the rating is blind"))]
    plain = {name: value for name, value in event.detail.items() if name not in ("changes", "opened")}
    return [(str(_(DETAILS[name])) if name in DETAILS else name, _value(name, plain[name])) for name in sorted(plain)]


def _value(name: str, value: Any) -> str:
    if name == "refused":
        return _reason(str(value))
    if name == "role":
        return role(str(value))
    if name == "kind":
        return act_words(str(value))
    if name == "matter":
        return subject_words(str(value))
    if name == "period":
        return period(str(value))
    if name == "institution":
        return named("who", str(value)) if value else _("the whole alliance")
    if name in ("due", "minute"):
        return moment(datetime.fromisoformat(str(value)))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return str(listed(f"{key} {_value(key, value[key])}" for key in sorted(value)))
    if isinstance(value, list):
        return str(listed(_value("", part) for part in value))
    return str(value)


def _reason(message: str) -> str:
    """Why something was refused; what stood in the places of the message is not kept."""
    if message in SIGN_INS:
        return str(_(SIGN_INS[message]))
    return re.sub(r"%\(\w+\)\w", "…", str(_(message)))


@blueprint.get("/events/list")
@requires(Act.AUDIT_EVENT_LIST)
def list_events() -> ResponseReturnValue:
    """The log of the alliance, newest first, by what the address asks for."""
    form = _filter()
    if wanted():  # the log has a workbook of its own, with the details
        filters: dict[str, Any] = {name: value for name, value in request.args.items() if name not in LEAFING}
        return redirect(url_for("audit.export_event", **{**filters, "form": "xlsx"}))
    accounts = _directory().accounts(alliance_id())
    found = queries.events(alliance_id(), accounts, _wanted(form), before=_cursor(), limit=PAGE + 1)
    shown = found[:PAGE]
    asked: dict[str, Any] = {name: value for name, value in request.args.items() if value and name != "before"}
    return render_template(
        "audit/list_events.html",
        form=form,
        events=shown,
        people=_people(shown),
        kinds=KINDS,
        sealed=queries.last_seal(),
        asked=asked,
        older=url_for("audit.list_events", **asked, before=_mark_of(shown[-1])) if len(found) > PAGE else "",
        newest=url_for("audit.list_events", **asked) if "before" in request.args else "",
    )


def _filter() -> EventFilterForm:
    form = EventFilterForm(request.args)
    words = sorted(((act.value, act_words(act)) for act in ACTS), key=lambda pair: pair[1])
    form.act.choices = [("", _("all")), *words]
    form.kind.choices = [("", _("all")), *((kind, _(words)) for kind, words in KINDS.items())]
    form.validate()
    return form


def _wanted(form: EventFilterForm) -> queries.Wanted:
    return queries.Wanted(
        since=datetime.combine(form.since.data, time(), SHANGHAI) if form.since.data else None,
        until=datetime.combine(form.until.data + timedelta(days=1), time(), SHANGHAI) if form.until.data else None,
        account=(form.account.data or "").strip(),
        act=form.act.data or "",
        subject=(form.subject.data or "").strip(),
        kind=form.kind.data or "",
    )


def _mark_of(event: queries.LoggedEvent) -> str:
    """Where the next page begins: time and number of the last event shown."""
    return f"{event.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{event.id}"


def _cursor() -> tuple[datetime, int] | None:
    at, _sep, number = request.args.get("before", "").partition("-")
    try:
        return datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), min(int(number), 2**62)
    except ValueError:
        return None


def _people(events: Iterable[queries.LoggedEvent]) -> dict[str, str]:
    """Names of the accounts in events, each with the institution that employs the person."""
    return people_of({event.account for event in events})


def names_of(codes: Iterable[str]) -> Names:
    """Chinese and English name and employer of accounts, for wings that stand below them."""
    return _directory().names(codes)


def people_of(codes: Iterable[str]) -> dict[str, str]:
    """Names of accounts, each with the institution that employs the person."""
    found = names_of(codes)
    named_people = {}
    for code, (zh, en, employer) in found.items():
        name = en if lang() == "en" else zh
        named_people[code] = name + (str(bracketed(named("who", employer))) if employer else "")
    return named_people


@blueprint.get("/events/read/<int:number>")
@requires(Act.AUDIT_EVENT_READ)
def read_event(number: int) -> ResponseReturnValue:
    """One event with its detail, before and after where it has them, and the seal that holds it."""
    found = queries.event(alliance_id(), _directory().accounts(alliance_id()), number)
    if found is None:
        raise NotFound()
    changes = [] if is_blind(found.act) else found.detail.get("changes", [])
    return render_template(
        "audit/read_event.html",
        event=found,
        people=_people([found]),
        kinds=KINDS,
        details=details(found),
        changes=[change for change in changes if isinstance(change, list) and len(change) == 3],
        seal=queries.seal_of(number),
    )


@blueprint.get("/events/export/<form>")
@requires(Act.AUDIT_EVENT_EXPORT)
def export_event(form: str) -> ResponseReturnValue:
    """The log as the address filters it, as csv or xlsx; the export is an event itself."""
    wanted = _wanted(_filter())
    accounts, subject = _directory().accounts(alliance_id()), "events:log"
    if form == "csv":
        every = queries.each_event(alliance_id(), accounts, wanted, 10_000_000)
        lines = sheets.write_csv(sheets.cells(event, act_words(event.act)) for event in every)
        return attachment(stream_with_context(lines), "events.csv", "text/csv; charset=utf-8", subject)
    if form != "xlsx":
        raise NotFound()
    found = list(queries.each_event(alliance_id(), accounts, wanted, WORKBOOK_ROWS + 1))
    if len(found) > WORKBOOK_ROWS:
        raise Refused(
            "A workbook takes at most %(limit)s events. Narrow the filter, or take the log as CSV.", limit=WORKBOOK_ROWS
        )
    content = sheets.write_workbook(sheets.cells(event, act_words(event.act)) for event in found)
    return attachment(content, "events.xlsx", XLSX, subject)


@blueprint.get("/touches/list/<institution>")
@requires(Act.AUDIT_TOUCH_LIST)
def list_touches(institution: str) -> ResponseReturnValue:
    """Who did, opened or was refused what of one's own institution, newest first."""
    if not can(Act.AUDIT_TOUCH_LIST, institution):
        raise NotFound()
    _page, size = part(1, PAGE)
    found = queries.touches(alliance_id(), institution, before=_cursor(), limit=size + 1)
    shown = found[:size]
    older = url_for("audit.list_touches", institution=institution, before=_mark_of(shown[-1])) if shown else ""
    return render_template(
        "audit/list_touches.html",
        institution=institution,
        events=shown,
        people=_people(shown),
        kinds=KINDS,
        ratings=queries.ratings_of(alliance_id(), institution, now()),
        older=older if len(found) > size else "",
        newest=url_for("audit.list_touches", institution=institution) if "before" in request.args else "",
    )


def remember(response: Response) -> None:
    """When a request ends: record what was refused, taken out or opened of somebody else's.

    A GET changes nothing but the log. A refusal or an opening that cannot be recorded is logged and the answer stands;
    a file whose export cannot be recorded, or that did not go through `pages.attachment`, does not leave.
    """
    if not current_user.is_authenticated or request.endpoint in FILES:
        return
    if "exported" in g and response.status_code < 400:
        subject, form = g.exported
        services.record_export(_act(), subject, form, by=_by(), now=machine_now(), alliance=_alliance())
        return
    if response.status_code == 200 and response.mimetype not in ("text/html", "application/json", "text/plain"):
        raise RuntimeError(f"{request.endpoint} hands out a file without an event")
    try:
        if "refused" in g:
            message, status = g.refused
            services.record_refusal(
                _act(), door(), message, status=status, by=_by(), now=machine_now(), alliance=_alliance()
            )
        elif request.method == "GET" and response.status_code == 200 and _is_foreign(_institution()):
            services.record_opening(_act(), door(), by=_by(), now=machine_now(), alliance=_alliance())
    except Exception:
        # Nothing was done and no file goes out: whatever went wrong here, the answer stands, and the installation's own
        # log says with its traceback what the audit log lacks. (An export without its event does not leave, see above.)
        current_app.logger.exception("an event could not be recorded")


def _by() -> Actor:
    return Actor(current_user.code, current_user.employer)


def _alliance() -> int | None:
    mine = grants()
    return mine[0].alliance_id if mine else None


def _act() -> Act:
    """The act of the view; of a view that declares none, the count of refusals stands for it."""
    view = current_app.view_functions.get(request.endpoint or "")
    act: Act = getattr(view, "act", Act.AUDIT_REFUSAL_COUNT)
    return act


def _institution() -> str:
    """The institution whose figures the address or the page is about; "" for none."""
    return str(g.get("concerns") or (request.view_args or {}).get("institution", ""))


def _is_foreign(institution: str) -> bool:
    own = {current_user.employer, *(grant.institution for grant in grants())}
    return bool(institution) and institution not in own


def door() -> str:
    """Where the request is, as events name it: institution, view and what the address names, if plain codes."""
    rest = {name: str(value) for name, value in (request.view_args or {}).items() if name != "institution"}
    parts = [_institution() or "*", request.endpoint or "*", *rest.values()]
    return "door:" + "/".join(part if PLAIN.fullmatch(part) or part == "*" else "…" for part in parts)
