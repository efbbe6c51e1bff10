"""The doors of mailboxes: one's own address, the link that confirms it, the link that ends a subscription."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from alliance.access import actor, alliance_id, grants, machine_now, public, requires
from alliance.accounts import queries, services
from alliance.accounts.forms import ConfirmMailboxForm, SetMailboxForm
from alliance.accounts.views.sessions import blueprint
from alliance.core.acts import Act
from alliance.core.refused import NotFound


def link_key() -> str:
    """What the secrets of links in mails are made with; none of them stands in the database."""
    return str(current_app.secret_key)


def sends_mail() -> bool:
    """Whether this portal sends mails at all."""
    return current_app.config["ALLIANCE"].smtp is not None


@blueprint.route("/mailboxes/set", methods=["GET", "POST"])
@requires(Act.ACCOUNTS_MAILBOX_SET)
def set_mailbox() -> ResponseReturnValue:
    """One's own address, and which mails one gets."""
    mine = queries.mailbox(current_user.code)
    form = SetMailboxForm(obj=mine)
    if form.validate_on_submit() and sends_mail():
        address, owner = (form.address.data or "").strip(), alliance_id() if grants() else None
        ok, asked = form.done(
            lambda: services.set_mailbox(
                owner, address, form.tasks.data, form.bulletins.data, link_key(), by=actor(), now=machine_now()
            )
        )
        if ok:
            said = _(
                "An e-mail is on its way to %(address)s: open the link in it to confirm the address.", address=address
            )
            flash(said if asked else _("Your e-mail settings are saved."), "success")
            return redirect(url_for(".read_account"))
    return render_template(
        "accounts/set_mailbox.html", form=form, mailbox=mine, sends=sends_mail()
    ), 422 if form.errors or form.refused else 200


@blueprint.route("/mailboxes/confirm/<secret>", methods=["GET", "POST"])
@public(Act.ACCOUNTS_MAILBOX_CONFIRM)
def confirm_mailbox(secret: str) -> ResponseReturnValue:
    """Confirm an address by the link that was sent to it; asked first, because mail filters open links too."""
    address, form, done = queries.address_to_confirm(secret, machine_now()), ConfirmMailboxForm(), False
    if address is not None and form.validate_on_submit():
        services.confirm_mailbox(secret, now=machine_now())
        done = True
    return render_template(
        "accounts/confirm_mailbox.html", address=address, form=form, done=done
    ), 404 if address is None else 200


@blueprint.route("/subscriptions/end/<token>", methods=["GET", "POST"])
@public(Act.ACCOUNTS_SUBSCRIPTION_END)
def end_subscription(token: str) -> ResponseReturnValue:
    """End a subscription without signing in; a mail program does it with one POST (RFC 8058), a person is asked."""
    found = queries.subscription(token, link_key())
    if found is None:
        raise NotFound()
    topic, held = found
    form = ConfirmMailboxForm()
    if form.is_submitted():
        # What the address carries is the permission, and it is good for nothing else.
        services.end_subscription(token, link_key(), now=machine_now())
        held = False
    return render_template("accounts/end_subscription.html", topic=topic, held=held, form=form, token=token)
