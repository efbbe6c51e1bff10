"""Tables of persons, accounts, grants and sessions, and of bodies, seats, decisions and votes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from alliance.db import Base, Moment


class Person(Base):
    """A human being, apart from any account; `employer` is an institution's code, "" for none of the alliance."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    employer: Mapped[str] = mapped_column(Text)


class Account(Base):
    """What a person signs in with. The code is its natural key and never changes."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    password: Mapped[str] = mapped_column(Text)  # argon2id
    language: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(default=0)  # wrong passwords in a row
    locked_until: Mapped[datetime | None] = mapped_column(Moment)


class GrantRow(Base):
    """A role held from a day until a day, for an alliance or one institution of it."""

    __tablename__ = "grant_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(Text)
    alliance_id: Mapped[int] = mapped_column(ForeignKey("alliance.id"))
    institution: Mapped[str] = mapped_column(Text, default="")
    start: Mapped[date]
    until: Mapped[date | None]
    given_by: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Moment)


class SessionRow(Base):
    """A session on the server; the cookie holds a secret of which only the SHA-256 is kept."""

    __tablename__ = "session_row"
    secret: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    opened: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)
    closed: Mapped[datetime | None] = mapped_column(Moment)


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
