"""What the pages of cases share: the ways at their top, who is asked about, how a field is said."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from flask import request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from alliance.access import alliance_id, can, scope, today
from alliance.core.acts import Act
from alliance.core.period import Period, PeriodKind
from alliance.core.refused import NotFound, Refused
from alliance.core.specialties import specialty_named
from alliance.i18n import label, lang, listed, number, period, words, written
from alliance.members import queries as members
from alliance.pages import Link
from alliance.registers.queries import CaseInfo, Register
from alliance.registers.rules.kinds.shapes import (
    CHOICE,
    MEMBER,
    MEMBERS,
    MOMENT,
    MONEY,
    NUMBER,
    PERSON,
    PERSONS,
    YES,
    Field,
)

MONTHS_OFFERED = 24
SPECIALTY = "specialty"  # the field that names one, as people type it


def ways() -> list[Link]:
    """The pages of the registers."""
    all_ways = (
        (_("Referrals"), "registers.list_referrals", Act.REGISTERS_REFERRAL_LIST),
        (_("Registers"), "registers.list_registers", Act.REGISTERS_REGISTER_LIST),
        (_("Pathways"), "registers.list_courses", Act.REGISTERS_COURSE_LIST),
        (_("Assessment ledgers"), "registers.list_entries", Act.REGISTERS_ENTRY_LIST),
        (_("Repeated examinations"), "registers.list_repeats", Act.REGISTERS_REPEAT_LIST),
        (_("People"), "registers.list_persons", Act.REGISTERS_PERSON_LIST),
        (_("Derived data elements"), "indicators.list_feeds", Act.INDICATORS_FEED_LIST),
        (_("Members"), "members.list_institutions", Act.MEMBERS_INSTITUTION_LIST),
    )
    return [Link(text, url_for(end), end == request.endpoint) for text, end, act in all_ways if can(act)]


def own_members(act: Act) -> list[str]:
    """The members for which the reader may do an act."""
    return [code for code in sorted(scope().own) if can(act, code)]


def asked_member(mine: list[str]) -> str:
    """The member of the address, by default the first of one's own; NotFound for any other."""
    institution = request.args.get("institution") or next(iter(mine), "")
    if institution not in mine:
        raise NotFound()
    return institution


def asked_month(default: str = "") -> str:
    """The month of the address, or the default; NotFound for what is no month."""
    code = request.args.get("month") or default
    if not code:
        return ""
    try:
        when = Period.parse(code)
    except Refused:
        raise NotFound() from None
    if when.kind is not PeriodKind.MONTH:
        raise NotFound()
    return when.code


def month_choices() -> list[tuple[str, str]]:
    """The last months, for a filter."""
    this = Period.parse(f"{today():%Y-%m}")
    return [(one.code, period(one.code)) for one in (this.back(back) for back in range(MONTHS_OFFERED))]


def member_names() -> dict[str, str]:
    """All institutions by code, in the reader's language."""
    return {one.code: label(one) for one in members.institutions(alliance_id(), today())}


def short_names() -> dict[str, str]:
    """All institutions by code under their short names, for tables."""
    english = lang() == "en"
    return {
        one.code: (one.short_en if english else one.short_zh) or label(one)
        for one in members.institutions(alliance_id(), today())
    }


def member_choices() -> list[tuple[str, str]]:
    """The members of today, to choose from."""
    return [(one.code, f"{label(one)} {one.code}") for one in members.members(alliance_id(), today())]


class Told:
    """How the fields of some cases are said: with the names of members and of persons."""

    def __init__(self, register: Register, cases: Iterable[CaseInfo], *, short: bool = False) -> None:
        self.members = short_names() if short else member_names()
        named = {one.texts[field.of] for one in cases for field in register.people if one.texts.get(field.code)}
        self.staff = {code: members.employee_names(alliance_id(), code) for code in named}

    def person(self, institution: str, person: str) -> str | Markup:
        known = self.staff.get(institution, {}).get(person)
        return f"{label(known)} {person}" if known else written(person)

    def say(self, one: Field, texts: dict[str, str]) -> str | Markup:
        """A field of a case in words; a dash where nothing is said."""
        text = texts.get(one.code, "")
        if not text:
            return "—"
        if one.type == CHOICE:
            return words(one.choices[text]) if text in one.choices else text
        if one.type == YES:
            return _("Yes") if text == "yes" else _("No")
        if one.type in (MEMBER, MEMBERS):
            return listed(self.members.get(code, code) for code in text.split())
        if one.type == PERSON:
            return self.person(texts.get(one.of, ""), text)
        if one.type == PERSONS:
            return listed(self.person(texts.get(one.of, ""), person) for person in text.split())
        if one.type in (NUMBER, MONEY):
            return number(Decimal(text), 2 if one.type == MONEY else one.places)
        if one.code == SPECIALTY:
            known = specialty_named(text)
            # What the reader can read stays as it was typed.
            return words(known) if known and text.isascii() != (lang() == "en") else written(text)
        return text.replace("T", " ") if one.type == MOMENT else written(text)
