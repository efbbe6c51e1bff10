"""The mails in words, each made in its receiver's language at the moment it is sent, and handed to the server."""

from __future__ import annotations

import re
from datetime import datetime
from time import monotonic

from flask import current_app, url_for
from flask_babel import gettext as _

from alliance.accounts import queries as accounts
from alliance.config import Config
from alliance.core.period import day_of
from alliance.core.refused import mark
from alliance.i18n import LANGUAGES, deadline, in_language, label, period
from alliance.mail import Declined, Letter, Unreachable, Wire, connected
from alliance.members import queries as members
from alliance.post.queries import MailInfo
from alliance.post.services import note_mail, note_outage, take_mail

ROUND = 45  # seconds after which no further mail of a round is begun; the lease of the worker is longer
NO_SERVER = mark("no mail server is set up")
NOBODY = mark("not wanted any more: the address, the subscription or the link is gone")


def send_mails(now: datetime) -> None:
    """Send what is due. A mail that was sent and not noted, because the worker died, is sent again under the same
    Message-ID."""
    config: Config = current_app.config["ALLIANCE"]
    ends, mail = monotonic() + ROUND, take_mail(now=now)
    if config.smtp is None:
        while mail is not None:
            note_mail(mail.id, "failed", NO_SERVER, now=now)
            mail = take_mail(now=now)
        return
    if mail is None:
        return
    try:
        with connected(config.smtp) as wire:
            while mail is not None:
                _send(wire, mail, config, now)
                mail = take_mail(now=now) if monotonic() < ends else None
    except Unreachable as error:
        assert mail is not None
        note_mail(mail.id, "waiting", str(error), now=now)
        note_outage(str(error), now=now)


def _send(wire: Wire, mail: MailInfo, config: Config, now: datetime) -> None:
    """One mail, sent and noted."""
    recipient = _recipient(mail, now)
    if recipient is None:
        note_mail(mail.id, "dropped", NOBODY, now=now)
        return
    try:
        wire.send(compose(mail, recipient, config, now))
    except Declined as error:
        note_mail(mail.id, "failed" if error.final else "waiting", str(error), now=now)
    else:
        note_mail(mail.id, "sent", now=now)


def _recipient(mail: MailInfo, now: datetime) -> accounts.Recipient | None:
    """Where a mail goes, asked when it goes: an address or a subscription may have ended since it was queued."""
    key, nonce = str(current_app.secret_key), mail.matter.get("nonce", "")
    if mail.kind == "address":
        return accounts.recipient_to_confirm(mail.account, nonce, key, now)
    if mail.kind in ("invitation", "reset"):
        return accounts.recipient_of_link(nonce, key, now)
    return accounts.recipient(mail.account, mail.topic, key)


def compose(mail: MailInfo, recipient: accounts.Recipient, config: Config, now: datetime) -> Letter:
    """A mail in words."""
    language = recipient.language or "zh"
    owner = members.read_alliance(mail.alliance_id) if mail.alliance_id else None
    code = mail.matter.get("institution", "")
    listed = members.institutions(mail.alliance_id, day_of(now)) if mail.alliance_id and code else []
    who = next((label(one, language) for one in listed if one.code == code), code)
    due = mail.matter.get("due", "")
    # Outside a request links need the address of the portal.
    with current_app.test_request_context(base_url=config.address), in_language(language):
        sender = label(owner, language) if owner else str(_("Alliance performance portal"))
        leave = recipient.leave and url_for("accounts.end_subscription", token=recipient.leave, _external=True)
        words = current_app.jinja_env.get_template(f"mail/{mail.kind}.txt")
        text = words.render(
            matter=mail.matter, topic=mail.topic, who=who, period=period(mail.matter.get("period", "")),
            due=deadline(datetime.fromisoformat(due)) if due else "", link=recipient.link, leave=leave, sender=sender,
            days=accounts.LINK_DAYS,
        )  # fmt: skip
    subject, _line, body = text.strip().partition("\n")
    body = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
    return Letter(mail.number, recipient.address, sender, subject, body, LANGUAGES[language][1], mail.queued_at, leave)
