"""The two languages of the portal: which one a reader gets, and how dates, amounts and data are written in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol, cast

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, gettext, lazy_gettext
from flask_login import current_user

from alliance.core.figure import half_up
from alliance.core.period import SHANGHAI, Period, PeriodKind
from alliance.core.refused import Problem, Refused

LANGUAGES = {"zh": ("zh_Hans_CN", "zh-Hans-CN", "中文"), "en": ("en", "en", "English")}
COOKIE = "language"
babel = Babel()
_forced: ContextVar[str] = ContextVar("forced_language", default="")


class Worded(Protocol):
    """A text in both languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


class Named(Protocol):
    """Data that carry their name in both languages."""

    @property
    def name_zh(self) -> str: ...
    @property
    def name_en(self) -> str: ...


def lang() -> str:
    """zh or en: what is forced, a person's own choice, else the browser's cookie, else Chinese."""
    if _forced.get():
        return _forced.get()
    if not has_request_context():
        return "zh"
    if "language" not in g:
        chosen = getattr(current_user, "language", "") or request.cookies.get(COOKIE, "")
        g.language = chosen if chosen in LANGUAGES else "zh"
    return str(g.language)


def prepare(app: Flask) -> None:
    """Bind the languages to the app and give templates their filters."""
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES["zh"][0]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "alliance/translations"
    babel.init_app(app, locale_selector=lambda: LANGUAGES[lang()][0])
    app.jinja_env.filters |= {
        "label": label,
        "amount": amount,
        "number": number,
        "day": day,
        "moment": moment,
        "deadline": deadline,
        "period": period,
        "said": said,
        "words": words,
        "tier": tier,
        "role": role,
    }


def lazy(message: str) -> str:
    """A message that is said in the language of whoever reads it; for what is made before there is a request."""
    return cast(str, lazy_gettext(message))


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Everything said inside is said in zh or en, whatever the reader."""
    token = _forced.set(language)
    try:
        with force_locale(LANGUAGES[language][0]):
            yield
    finally:
        _forced.reset(token)


def label(thing: Named, language: str | None = None) -> str:
    """The name of a thing in the reader's language."""
    return thing.name_en if (language or lang()) == "en" else thing.name_zh


def words(text: Worded) -> str:
    """A text kept in both languages, in the reader's."""
    return text.en if lang() == "en" else text.zh


def said(refused: Refused | Problem) -> str:
    """The message of a refusal or of a problem in the reader's language, its numbers in their places."""
    return str(gettext(refused.message, **refused.numbers)) if refused.numbers else str(gettext(refused.message))


def amount(cents: int | None) -> str:
    """Cents as yuan with separators: 39,077.46; a dash for none."""
    if cents is None:
        return "—"
    return f"{Decimal(cents).scaleb(-2):,.2f}".replace("-", "−")


def number(value: Decimal | int | None, places: int | None = None) -> str:
    """A number with separators and its places; as many as it has when none are given; a dash for none."""
    if value is None:
        return "—"
    exact = Decimal(value) if places is None else half_up(Decimal(value), places)
    text = f"{exact:,f}"
    return text.replace("-", "−")


def day(value: date | None) -> str:
    return "—" if value is None else value.isoformat()


def moment(value: datetime | None) -> str:
    """A point in time on the clock of Shanghai."""
    return "—" if value is None else value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def deadline(value: datetime | None) -> str:
    """The first moment that is too late, as people say it: 24:00 of the day before instead of midnight."""
    if value is None:
        return "—"
    local = value.astimezone(SHANGHAI)
    if local.hour or local.minute:
        return moment(value)
    return f"{(local - timedelta(days=1)).date().isoformat()} 24:00"


def period(code: str) -> str:
    """A period in words: 2026年3月, 2026年第1季度; March 2026, Q1 2026."""
    found = Period.parse(code)
    year, month = found.first.year, found.first.month
    if lang() == "en":
        if found.kind is PeriodKind.MONTH:
            return found.first.strftime("%B %Y")
        return f"Q{month // 3 + 1} {year}" if found.kind is PeriodKind.QUARTER else str(year)
    if found.kind is PeriodKind.MONTH:
        return f"{year}年{month}月"
    return f"{year}年第{month // 3 + 1}季度" if found.kind is PeriodKind.QUARTER else f"{year}年"


TIERS: Mapping[str, tuple[str, str]] = {
    "tertiary": ("三级医院", "Tertiary"),
    "secondary": ("二级医院", "Secondary"),
    "primary": ("基层机构", "Primary care"),
}


ROLES: Mapping[str, tuple[str, str]] = {
    "reporter": ("填报员", "Reporter"),
    "member_lead": ("成员单位负责人", "Member's lead"),
    "office": ("绩效办公室", "Performance office"),
    "analyst": ("数据分析员", "Analyst"),
    "committee": ("管理委员会", "Management committee"),
    "regulator": ("卫生健康主管部门", "Regulator"),
}


def role(code: str) -> str:
    zh, en = ROLES.get(code, (code, code))
    return en if lang() == "en" else zh


def tier(code: str) -> str:
    zh, en = TIERS.get(code, (code, code))
    return en if lang() == "en" else zh
