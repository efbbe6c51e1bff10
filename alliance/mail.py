"""Mails: the one place that speaks SMTP. Text only; time limits; certificates are verified."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from alliance.config import Smtp

SECONDS = 15  # for each answer of the server
LONGEST = 200  # characters of an answer that are kept


class Unreachable(Exception):
    """The server cannot be spoken to at all, for no mail's fault; the message says why."""


class Declined(Exception):
    """The server did not take one mail; `final` when it never will."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it leaves. `number` is its Message-ID without the domain, the same however often it is sent;
    `leave` is the address that ends the subscription, "" where there is none."""

    number: str
    to: str
    sender_name: str
    subject: str
    text: str
    language: str
    at: datetime
    leave: str = ""


def message(letter: Letter, sender: str) -> EmailMessage:
    """A letter as RFC 5322 has it: what is not ASCII is encoded, and no header holds a line of its own."""
    built = EmailMessage(policy=SMTP)
    built["Message-ID"] = f"<{letter.number}@{sender.rpartition('@')[2]}>"
    built["Date"] = format_datetime(letter.at)
    built["From"] = Address(_line(letter.sender_name), addr_spec=sender)
    built["To"] = Address(addr_spec=letter.to)
    built["Subject"] = _line(letter.subject)
    built["Auto-Submitted"] = "auto-generated"  # so that nobody's absence note answers
    if letter.leave:
        built["List-Unsubscribe"] = f"<{letter.leave}>"
        if letter.leave.startswith("https://"):
            built["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    built.set_content(letter.text, cte="base64")
    built["Content-Language"] = letter.language
    return built


def _line(text: str) -> str:
    return " ".join(text.split())


class Wire:
    """An open connection to the server."""

    def __init__(self, client: smtplib.SMTP, server: Smtp) -> None:
        self._client = client
        self._server = server

    def send(self, letter: Letter) -> None:
        """Hand over one letter. Declined: this one is not taken; Unreachable: the connection broke."""
        try:
            built = message(letter, self._server.sender)
        except (MessageError, ValueError, IndexError) as error:
            raise Declined("the mail cannot be written to this address", final=True) from error
        try:
            self._client.send_message(built, self._server.sender, [letter.to])
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            raise Declined(_said(code, answer, letter.to), final=code >= 500) from error
        except smtplib.SMTPDataError as error:
            raise Declined(_said(error.smtp_code, error.smtp_error, letter.to), final=error.smtp_code >= 500) from error
        except smtplib.SMTPResponseException as error:
            # Of the sender, or of the order of things: every mail would be answered alike, and none is to blame.
            raise Unreachable(_said(error.smtp_code, error.smtp_error, letter.to)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_reason(error)) from error


@contextmanager
def connected(server: Smtp) -> Iterator[Wire]:
    """An open connection; Unreachable when there is none to be had, or the server does not let us in."""
    client: smtplib.SMTP | None = None
    try:
        try:
            client = _open(server)
        except smtplib.SMTPResponseException as error:
            raise Unreachable(_said(error.smtp_code, error.smtp_error, "")) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_reason(error)) from error
        yield Wire(client, server)
    finally:
        if client is not None:
            _close(client)


def _open(server: Smtp) -> smtplib.SMTP:
    trusted = ssl.create_default_context()
    client: smtplib.SMTP
    if server.tls == "tls":
        client = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=trusted)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        if server.tls == "starttls":
            client.starttls(context=trusted)
        if server.user:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _close(client: smtplib.SMTP) -> None:
    try:
        client.quit()
    except (OSError, smtplib.SMTPException):
        client.close()


def _said(code: int, answer: bytes | str, address: str) -> str:
    """What the server answered, without the address, which it likes to repeat."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    text = _line(text.replace(address, "…") if address else text)
    return f"{code} {text}"[:LONGEST]


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {_line(str(error))}"[:LONGEST]
