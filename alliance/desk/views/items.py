"""Tasks in the words of the reader, for every page that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from alliance.access import alliance_id, machine_now, scope, today
from alliance.core.roles import STRONG
from alliance.desk import queries
from alliance.i18n import label, period, said, words
from alliance.members import queries as members


@dataclass(frozen=True, slots=True)
class Item:
    """A task as the home page shows it."""

    title: str
    url: str
    period: str
    due: datetime | None
    note: str = ""
    value: int = 0
    maximum: int = 0
    progress: str = ""
    done: bool = False


def own_matters() -> queries.Own:
    """What waits of the account at hand: a password near its end, a second factor that is owed."""
    config = current_app.config["ALLIANCE"]
    age = machine_now() - current_user.password_at
    soon = bool(config.password_days) and age.days >= config.password_warn_days
    return queries.Own(
        max(config.password_days - age.days, 0) if soon else None,
        config.totp and not current_user.totp and bool(scope().roles & STRONG),
    )


def item_of(task: queries.Task, names: Mapping[str, members.MemberInfo]) -> Item:
    """A task in words, with its address."""
    progress = ""
    if task.whole:
        progress = _("%(count)s of %(whole)s", count=task.count, whole=task.whole)
    elif task.count:
        progress = ngettext("%(num)s waiting", "%(num)s waiting", task.count)
    return Item(
        _(task.title, **task.places),
        url_for(task.view, **task.args) if task.view else "",
        period(task.period) if task.period else "",
        task.due,
        _note(task, names),
        task.count,
        task.whole,
        progress,
    )


def _note(task: queries.Task, names: Mapping[str, members.MemberInfo]) -> str:
    """What stands beside a task: whose it is, or more about it."""
    if task.institution in names:
        return label(names[task.institution])
    return said(task.note) if task.note else words(task.about) if task.about else ""


def names_of() -> dict[str, members.MemberInfo]:
    return {one.code: one for one in members.institutions(alliance_id(), today())}
