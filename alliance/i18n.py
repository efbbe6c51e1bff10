"""The two languages of the portal: which one a reader gets, and how dates, amounts and data are written in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Any, Protocol, cast

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, get_translations, gettext, lazy_gettext
from flask_login import current_user
from markupsafe import Markup

from alliance.core.english import in_english
from alliance.core.figure import half_up
from alliance.core.money import CURRENCY, cents_shown
from alliance.core.period import SHANGHAI, Period, PeriodKind
from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.specialties import SPECIALTIES
from alliance.core.titles import TITLES

LANGUAGES = {"zh": ("zh_Hans_CN", "zh-Hans-CN", "中文"), "en": ("en", "en", "English")}
COOKIE = "language"
babel = Babel()
# How the codes in the places of messages are read to people, by the name of the place; `prepare` adds the wings' own.
_readers: dict[str, Callable[[str], str]] = {}
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


def prepare(app: Flask, readers: Mapping[str, Callable[[str], str]]) -> None:
    """Bind the languages to the app and give templates their filters; `readers` name what stands behind a code."""
    _readers.update(readers)
    app.config["BABEL_DEFAULT_LOCALE"] = LANGUAGES["zh"][0]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "alliance/translations"
    babel.init_app(app, locale_selector=lambda: LANGUAGES[lang()][0])
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue(lang()).ugettext(text),
        ngettext=lambda one, many, count: _catalogue(lang()).ungettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.filters |= {
        "label": label,
        "amount": amount,
        "number": number,
        "short": short,
        "places": places,
        "day": day,
        "moment": moment,
        "deadline": deadline,
        "period": period,
        "kind": kind,
        "said": said,
        "place": place,
        "member": partial(named, "who"),
        "element": partial(named, "element"),
        "indicator": partial(named, "indicator"),
        "library": partial(named, "library"),
        "department": partial(named, "department"),
        "employee": partial(named, "employee"),
        "listed": listed,
        "bracketed": bracketed,
        "words": words,
        "written": written,
        "tier": tier,
        "specialty": specialty,
        "professional": professional,
        "role": role,
        "someone": someone,
    }


@cache
def _catalogue(language: str) -> Any:
    """The messages of a language. A page has hundreds of them, and finding out each time whose page it is costs more
    than the rest of the page."""
    with force_locale(LANGUAGES[language][0]):
        return get_translations()


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


def written(text: str) -> str | Markup:
    """What somebody wrote, in whatever language: marked with it where it is not the page's, to be read out right."""
    if not text:
        return text
    tongue = "zh" if any("\u3400" <= sign <= "\u9fff" for sign in text) else "en"
    latin = any(sign.isalpha() and sign.isascii() for sign in text)
    if tongue == lang() or (tongue == "en" and not latin):
        return text
    return Markup('<span lang="{}">{}</span>').format(LANGUAGES[tongue][1], text)


def words(text: Worded) -> str:
    """A text kept in both languages, in the reader's."""
    return text.en if lang() == "en" else text.zh


class Spoken(Protocol):
    """An English message id with the numbers in its places."""

    @property
    def message(self) -> str: ...
    @property
    def numbers(self) -> Mapping[str, object]: ...


def said(refused: Spoken) -> str:
    """The message of a refusal, a problem or an outcome in the reader's language, its numbers in their places."""
    return _filled(refused.message, refused.numbers)


def place(problem: Problem) -> str:
    """Where a problem stands, in the reader's language; codes and paths in a file as they are."""
    return _filled(problem.where, problem.at) if problem.at else problem.where


def _filled(message: str, numbers: Mapping[str, object]) -> str:
    message = in_english(message, numbers) if lang() == "en" else message
    texts = {name: _read(name, value) for name, value in numbers.items()}
    return str(gettext(message, **texts)) if texts else str(gettext(message))


def _read(name: str, value: object) -> object:
    """What stands in a place of a message, as people read it."""
    match value:
        case tuple():
            return listed(_read(name, one) for one in value)
        case Both():
            return words(value)
        case datetime():
            return deadline(value)
        case str():
            return named(name, value)
        case Decimal():
            return number(value)
        case int() if name == "count":
            return number(value)
    return value


def named(what: str, code: str) -> str:
    """The name behind a code: of a member (`who`), a data element, a period and so on; the code where there is none."""
    return _readers[what](code) if what in _readers else code


def listed(parts: Iterable[object]) -> str:
    """Several things in a row: 甲、乙; A, B. Markup stays markup."""
    between, found = gettext(", "), list[Any](parts)
    if any(hasattr(part, "__html__") for part in found):
        return Markup(between).join(found)
    return str(between.join(map(str, found)))


def bracketed(text: object) -> str:
    """A remark behind a word, with the space that stands before it in English: （第3期）; (No. 3)."""
    remark = Markup(gettext(" (%(text)s)"))
    return remark % {"text": text} if hasattr(text, "__html__") else str(remark) % {"text": text}


def specialty(code: str) -> str:
    """The name of a specialty of the catalogue; the code where it has none."""
    return words(SPECIALTIES[code]) if code in SPECIALTIES else code


def professional(title: str) -> str | Markup:
    """A professional title in English where it is a known one, else as it was written."""
    return TITLES[title] if lang() == "en" and title in TITLES else written(title)


def amount(cents: int | None) -> str:
    """Cents as yuan with separators: 39,077.46; a dash for none."""
    if cents is None:
        return "—"
    return f"{Decimal(cents).scaleb(-2):,.2f}".replace("-", "−")


def number(value: Decimal | int | None, places: int | None = None, unit: str = "") -> str:
    """A number with separators and its places; as many as it has when none are given, of money two at least; a dash for
    none."""
    if value is None:
        return "—"
    exact = Decimal(value) if places is None else half_up(Decimal(value), places)
    text = f"{cents_shown(exact) if places is None and unit == CURRENCY else exact:,f}"
    return text.replace("-", "−")


def short(value: Decimal | int | None, places: int = 2) -> str:
    """A number with at most so many places and no nought at its end: 2.8, 1, 0.97; a dash for none."""
    if value is None:
        return "—"
    whole, dot, rest = number(value, places).partition(".")
    return f"{whole}{dot}{rest}".rstrip("0").rstrip(".") if dot else whole


def places(values: Iterable[Decimal | int | None], most: int = 4) -> int:
    """How many places a column needs to show its numbers alike: those of the longest, noughts at the end left out."""
    exact = (Decimal(value).normalize().as_tuple().exponent for value in values if value is not None)
    return min(max([0, *(-int(power) for power in exact)]), most)


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
    """A period in words: 2026年3月, 2026年第1季度; March 2026, Q1 2026. What is no period stays as it is."""
    try:
        found = Period.parse(code)
    except Refused:
        return code
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
    "quality_officer": ("数据质量员", "Data-quality officer"),
    "checker": ("交叉核查员", "Cross-checker"),
    "expert": ("第三方专家", "Third-party expert"),
    "hospital_office": ("医院绩效办", "Hospital's performance office"),
    "personnel": ("人事科", "Personnel office"),
    "finance": ("财务科", "Finance office"),
    "department_head": ("科室负责人", "Head of department"),
    "staff": ("员工", "Employee"),
    "admin": ("系统管理员", "System administrator"),
    "security_admin": ("安全管理员", "Security administrator"),
    "auditor": ("审计管理员", "Auditor"),
}


KINDS: Mapping[str, str] = {"month": mark("month"), "quarter": mark("quarter"), "year": mark("year")}


def kind(code: str) -> str:
    """The length of a period."""
    return str(gettext(KINDS.get(code, code)))


def role(code: str) -> str:
    zh, en = ROLES.get(code, (code, code))
    return en if lang() == "en" else zh


def someone(account: str, people: Mapping[str, Sequence[str]]) -> Markup:
    """The person behind an account, of names (Chinese, English, …) by account that a view asked for together, on one
    line; the account itself where nobody is known by it."""
    own = gettext("the system") if account == "system" else account
    name = people[account][1 if lang() == "en" else 0] if account in people else own
    return Markup('<span class="nowrap">{}</span>').format(name)


_readers.update({"period": period, "kind": kind, "role": role, "held": role})


def tier(code: str) -> str:
    zh, en = TIERS.get(code, (code, code))
    return en if lang() == "en" else zh
