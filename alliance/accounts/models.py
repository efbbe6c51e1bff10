"""Tables of persons, accounts, grants, sessions and what a sign-in needs; of bodies, seats, decisions and votes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Person(Base):
    """A human being, apart from any account; `employer` is an institution's code, "" for none of the alliance.

    `alliance_id` is the alliance that keeps the person's accounts, `employee` the staff number at the employer.
    """

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    employer: Mapped[str] = mapped_column(Text)
    alliance_id: Mapped[int | None] = mapped_column(ForeignKey("alliance.id"), index=True)
    employee: Mapped[str] = mapped_column(Text, default="")


class Account(Base):
    """What a person signs in with. The code is its natural key and never changes."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    password: Mapped[str] = mapped_column(Text)  # argon2id; "" until one is set by a one-time link
    password_at: Mapped[datetime] = mapped_column(Moment)
    language: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)  # wrong passwords or codes in a row
    locked_until: Mapped[datetime | None] = mapped_column(Moment)  # by failures
    blocked_at: Mapped[datetime | None] = mapped_column(Moment)  # by an administrator, until unlocked
    blocked_why: Mapped[str] = mapped_column(Text, default="")
    totp: Mapped[str] = mapped_column(
        Text, default=""
    )  # the key of the authenticator, encrypted; "" where there is none
    totp_at: Mapped[datetime | None] = mapped_column(Moment)
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)  # of the last code taken, which is not taken again


class GrantRow(Base):
    """A role held from a day until a day, for an alliance, one institution of it or one department of that.

    `deputy_of` is the grant it stands in for. What was ended keeps its row, with who ended it, when and why.
    """

    __tablename__ = "grant_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(Text)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text, default="")
    department: Mapped[str] = mapped_column(Text, default="")
    start: Mapped[date]
    until: Mapped[date | None]
    given_by: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Moment)
    deputy_of: Mapped[int | None] = mapped_column(ForeignKey("grant_row.id"))
    ended_by: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text, default="")


class SessionRow(Base):
    """A session on the server; the cookie holds a secret of which only the SHA-256 is kept.

    While `pending` the password was right and the one-time code is still due; it opens nothing.
    """

    __tablename__ = "session_row"
    secret: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    opened: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)
    closed: Mapped[datetime | None] = mapped_column(Moment)
    pending: Mapped[bool] = mapped_column(default=False)


class OneTimeLink(Base):
    """A link with which a person sets a password, once; only the SHA-256 of its secret is kept."""

    __tablename__ = "one_time_link"
    secret: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)  # or withdrawn, when a newer one was made
    mailed: Mapped[str] = mapped_column(Text, default="")  # SHA-256 of the secret of the same link in a mail
    mailed_to: Mapped[str] = mapped_column(Text, default="")  # and to which address that went


class Mailbox(Base):
    """Where a person gets mails, and which. `address` is one that the person has shown to be reached by; `pending` is
    one that was named and has still to be confirmed by a link, of whose secret only the SHA-256 is kept."""

    __tablename__ = "mailbox"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    address: Mapped[str] = mapped_column(Text, default="")
    verified_at: Mapped[datetime | None] = mapped_column(Moment)
    pending: Mapped[str] = mapped_column(Text, default="")
    secret: Mapped[str] = mapped_column(Text, default="", index=True)
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    asks: Mapped[int] = mapped_column(default=0)  # links asked for within a day of the last one
    tasks: Mapped[bool] = mapped_column(default=True)  # reminders, and values that were returned
    bulletins: Mapped[bool] = mapped_column(default=True)


class RecoveryCode(Base):
    """A code that stands in for a one-time code, once; only its SHA-256 is kept."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    code: Mapped[str] = mapped_column(Text)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Attempt(Base):
    """A sign-in that failed, by the SHA-256 of the address it came from; forgotten within the hour."""

    __tablename__ = "attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(Text, index=True)
    at: Mapped[datetime] = mapped_column(Moment)


class Draft(Base):
    """What somebody had typed when the session ended: for the same browser and the same account, for a short time.

    The fields are encrypted under the browser's own secret, of which only the hash is here: among them may stand what
    names a patient.
    """

    __tablename__ = "draft"
    secret: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    page: Mapped[str] = mapped_column(Text)  # the address on which the form stands
    target: Mapped[str] = mapped_column(Text)  # the path to which it is sent
    fields: Mapped[str] = mapped_column(JSON)
    kept_at: Mapped[datetime] = mapped_column(Moment)


class Body(Base):
    """A committee or an office whose decisions count; quorum in % of its seats."""

    __tablename__ = "body"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    code: Mapped[str] = mapped_column(Text)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    quorum: Mapped[int]
    __table_args__ = (UniqueConstraint("alliance_id", "code"),)


class Seat(Base):
    """A seat on a body from a day on, and the institution it comes from."""

    __tablename__ = "seat"
    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    number: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    institution: Mapped[str] = mapped_column(Text, default="")
    start: Mapped[date]
    until: Mapped[date | None]
    __table_args__ = (UniqueConstraint("body_id", "number", "start"),)


class Decision(Base):
    """A decision of a body on one subject, with its number and record."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    number: Mapped[str] = mapped_column(Text)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    held_on: Mapped[date]
    subject: Mapped[str] = mapped_column(Text, index=True)  # scheme:2026/1, fund:<run>, bulletin:…, veto:…
    text: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    adopted: Mapped[bool]
    recorded_by: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    __table_args__ = (UniqueConstraint("alliance_id", "number"),)


class Vote(Base):
    """How a seat voted: for, against, abstained, recused or absent."""

    __tablename__ = "vote"
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    choice: Mapped[str] = mapped_column(Text)
