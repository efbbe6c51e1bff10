"""What waits around accounts and roles: one's own, and those that the administrators keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from alliance.accounts import queries as accounts
from alliance.core.period import SHANGHAI
from alliance.core.refused import mark
from alliance.desk.queries.tasks.registry import Asked, Task, waits_for

ENDING = 14  # days before a role ends from which it is told


@waits_for()
def own_account(asked: Asked) -> Iterator[Task]:
    days = asked.own.password_days
    if days is not None:
        last = datetime.combine(asked.on + timedelta(days=days), time(), SHANGHAI)
        yield Task("password", mark("Change your password"), "accounts.change_password", due=last)
    if asked.own.totp:
        yield Task("totp", mark("Set up your second factor"), "accounts.enrol_totp")


@waits_for("admin")
def accounts_to_mend(asked: Asked) -> Iterator[Task]:
    """Invitations that ran out before a password was set, and accounts that wrong passwords have locked."""
    found = accounts.upkeep(asked.alliance, asked.on, asked.machine)
    for code in found.lapsed:
        title = mark("Invite %(account)s again: the link has run out")
        where = {"account": code}
        yield Task("invite", title, "accounts.reset_account", where, subject=code, places=where)
    for code in found.locked:
        title = mark("See whether %(account)s may be unlocked")
        where = {"account": code}
        yield Task("unlock", title, "accounts.read_person", where, subject=code, places=where)


@waits_for("security_admin")
def roles_to_mend(asked: Asked) -> Iterator[Task]:
    """People without a role, and roles that end soon, those of deputies among them."""
    found = accounts.upkeep(asked.alliance, asked.on, asked.machine)
    for code in found.roleless:
        title = mark("Give %(account)s a role")
        where = {"account": code}
        yield Task("role", title, "accounts.read_person", where, subject=code, places=where)
    for ending in found.ending:
        if ending.until <= asked.on + timedelta(days=ENDING):
            title = mark("A deputy's role ends: %(account)s") if ending.deputy else mark("A role ends: %(account)s")
            where = {"account": ending.account}
            yield Task(
                "ending", title, "accounts.read_person", where, subject=f"{ending.account}/{ending.role}",
                places=where, due=datetime.combine(ending.until, time(), SHANGHAI),
            )  # fmt: skip
