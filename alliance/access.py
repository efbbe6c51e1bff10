"""Who is at the keyboard and what they may do here: the mark every view wears, and the scope every query takes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, abort, current_app, g, request
from flask_login import current_user

from alliance.core.actor import Actor
from alliance.core.acts import Act
from alliance.core.period import day_of
from alliance.core.roles import ENGAGED, OWN, Grant, Scope, held, may, scope_of

STATIC = frozenset({"static", "bootstrap.static"})
FILES = STATIC | {"desk.read_guide_picture"}  # files of the installation, the same for everybody
PUBLIC = STATIC | frozenset(
    {
        "accounts.open_session",
        "accounts.confirm_session",
        "accounts.set_password",
        "accounts.choose_language",
        "bulletins.confirm_bulletin",
        "registers.confirm_certificate",
        "ratings.confirm_report",
        "accounts.confirm_mailbox",
        "accounts.end_subscription",
        "work.read_health",
        "work.read_readiness",
        "work.read_metrics",
        "ratings.give_answer",
        "ratings.refuse_answer",
    }
)

# Where nobody is known, not even somebody who happens to be signed in: no account, session or cookie is looked at.
NAMELESS = frozenset({"ratings.give_answer", "ratings.refuse_answer"})

Params = ParamSpec("Params")
Result = TypeVar("Result")


def requires(act: Act) -> Callable[[Callable[Params, Result]], Callable[Params, Result]]:
    """Declare what a view does; a view that declares nothing is closed to everybody."""

    def declare(view: Callable[Params, Result]) -> Callable[Params, Result]:
        @wraps(view)
        def guarded(*args: Params.args, **kwargs: Params.kwargs) -> Result:
            if not current_user.is_authenticated:
                abort(401)
            if not can(act):
                abort(403)
            return view(*args, **kwargs)

        guarded.act = act  # type: ignore[attr-defined]
        return guarded

    return declare


def public(act: Act) -> Callable[[Callable[Params, Result]], Callable[Params, Result]]:
    """Declare a view that anybody may open; it must also stand in PUBLIC."""

    def declare(view: Callable[Params, Result]) -> Callable[Params, Result]:
        view.act = act  # type: ignore[attr-defined]
        return view

    return declare


def close_undeclared() -> None:
    """Before each request: refuse a view that declares nothing."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is not None and request.endpoint not in PUBLIC and not hasattr(view, "act"):
        abort(403)


def become_nobody() -> None:
    """From here on this request has no reader: the database, which knows who it is, does not answer."""
    current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]
    g.pop("language", None)


def machine_now() -> datetime:
    """The clock of the machine, in UTC: one moment for all that a request does.

    For what guards the installation: sessions, codes, links, drafts, limits, receipts, health, and what a request
    leaves in the log by itself.
    """
    if "machine_now" not in g:
        clock: Callable[[], datetime] = current_app.config.get("CLOCK") or (lambda: datetime.now(UTC))
        g.machine_now = clock()
    return g.machine_now  # type: ignore[no-any-return]


def now() -> datetime:
    """The clock of the alliance: that of the machine, but for the demo, whose own stands on a day.

    For what people of the alliance do, and for every deadline.
    """
    if "now" not in g:
        g.now = alliance_time(machine_now())
    return g.now  # type: ignore[no-any-return]


def alliance_time(moment: datetime) -> datetime:
    """What the alliance's clock shows at a moment of the machine's."""
    clock: Callable[[datetime], datetime] | None = current_app.extensions.get("alliance_clock")
    return clock(moment) if clock else moment


def today() -> date:
    return day_of(now())


def grants() -> list[Grant]:
    """The grants of the person at the keyboard that hold today."""
    return _held()[1]


def _held() -> tuple[object, list[Grant], list[Grant], str]:
    """Of the person at the keyboard: who it is, the grants that hold today, those of the alliance, the employer.

    Asked some fifty times for a page, so the person behind the proxy is looked up once for each time.
    """
    user = current_user._get_current_object()
    if not user.is_authenticated:
        return user, [], [], ""
    if g.get("held", (None,))[0] is not user.grants:
        held_today = held(user.grants, today())
        held_today += _engaged(held_today, user.code)
        here = [grant for grant in held_today if grant.alliance_id == held_today[0].alliance_id]
        g.held = user.grants, held_today, here, user.employer
    return g.held  # type: ignore[no-any-return]


def _engaged(mine: list[Grant], account: str) -> list[Grant]:
    """What engagements give an expert beside the role itself, today."""
    alliances = {grant.alliance_id for grant in mine if grant.role == ENGAGED}
    if not alliances:
        return []
    question: Callable[[str, Collection[int], date], list[Grant]] = current_app.extensions["engaged_grants"]
    return question(account, alliances, today())


def can(act: Act, institution: str = "") -> bool:
    """Whether the person at the keyboard may do it; templates ask this before they show a button."""
    if act in OWN:
        return True
    _whose, _mine, here, employer = _held()
    return may(here, act, employer=employer, institution=institution)


def alliance_id() -> int:
    """The alliance the person works in: the first one granted."""
    mine = grants()
    if not mine:
        abort(403)
    return mine[0].alliance_id


def scope() -> Scope:
    """The scope of the person at the keyboard."""
    return scope_of(current_user.code, current_user.employer, grants(), alliance_id(), current_user.employee)


def prepare(
    app: Flask,
    published_runs: Callable[[int], Collection[int]],
    engaged_grants: Callable[[str, Collection[int], date], list[Grant]],
) -> None:
    """Give the app the questions which runs of an alliance are published, and what engagements open to an expert.

    Floors above answer them, beneath which the pages stand that must know; nothing is told twice, so nothing can
    disagree.
    """
    app.extensions["published_runs"] = published_runs
    app.extensions["engaged_grants"] = engaged_grants


def may_compare(run_id: int) -> bool:
    """Whether the person at the keyboard may see what was computed over all members of a run: those who read the whole
    alliance always, a member once the run is published."""
    whole = scope().institutions is None
    return whole or run_id in current_app.extensions["published_runs"](alliance_id())


def actor() -> Actor:
    """The person at the keyboard, with the one-time token of the form at hand."""
    once: Any = request.form.get("once", "")[:64]
    return Actor(current_user.code, current_user.employer, once)


def refused(message: str, status: int) -> None:
    """Note that this request was refused, so that it is recorded when it ends; `message` is the English message id."""
    if "refused" not in g:
        g.refused = (message, status)


def concerns(institution: str) -> None:
    """Note whose figures a page shows where its address does not say so."""
    g.concerns = institution
