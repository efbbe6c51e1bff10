"""A bulletin as an official document in Word, and the bundle of its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile, ZipInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from alliance.bulletins.queries import BulletinInfo
from alliance.i18n import amount, bracketed, lang, listed, number, period, tier
from alliance.word import THE_BEGINNING, Grid, Official

HAN = "一二三四五六七八九十"


def word(matter: Mapping[str, Any], bulletin: BulletinInfo, language: str, digest: str) -> bytes:
    """An issued bulletin in the layout of official documents, in the language that is spoken around this call.

    Every number is the frozen one; `digest` is the SHA-256 of the PDF that was issued.
    """
    assert bulletin.issued_at is not None
    assert bulletin.issued_on is not None
    owner, when = matter[f"alliance_{language}"], period(matter["period"])
    title = _title(matter, when)
    paper = Official(language, title.replace("\n", ""), owner, bulletin.issued_at)
    paper.head(_("%(owner)s Document", owner=owner), matter["reference"] or _reference(bulletin.number))
    paper.title(title)
    paper.addressed(_("To all member institutions:"))
    asked = (part(matter, language) for part in (_state, _moved, _honours, _cases, _data, _money))
    for place, (heading, lines) in enumerate(part for part in asked if part):
        paper.part(f"{HAN[place]}、{heading}" if language == "zh" else f"{place + 1}. {heading}")
        for line in lines:
            (paper.section if line.startswith("#") else paper.text)(line.removeprefix("#"))
    tables = _tables(matter, language)
    paper.attachments([name for name, _grid in tables], _("Attachments: "))
    paper.signed(owner, _day(bulletin.issued_on))
    for place, (name, grid) in enumerate(tables, 1):
        paper.attachment(_("Attachment %(number)s", number=place), name)
        paper.table(grid)
    paper.imprint([
        _("%(owner)s, performance office; printed on %(day)s", owner=owner, day=_day(bulletin.issued_on)),
        _("Numbers as in the issued PDF of bulletin %(number)s, SHA-256 %(digest)s", number=bulletin.number,
          digest=digest),
    ])  # fmt: skip
    return paper.content()


Part = tuple[str, list[str]] | None


def _title(matter: Mapping[str, Any], when: str) -> str:
    if matter["kind"] == "monitoring":
        return _("Bulletin on the monitoring of collaboration data\nin %(period)s", period=when)
    return _("Bulletin on collaborative performance\nin %(period)s", period=when)


def _reference(number: str) -> str:
    year, _dash, place = number.partition("-")
    return _("Collaboration bulletin [%(year)s] No. %(number)s", year=year, number=int(place))


def _day(day: date) -> str:
    if lang() == "en":
        return f"{day.day} {day:%B %Y}"
    return f"{day.year}年{day.month}月{day.day}日"


def _paragraphs(text: str) -> list[str]:
    parts = text.replace("\r", "").split("\n\n")
    return [" ".join(part.split("\n")).strip() for part in parts if part.strip()]


def _written(one: Mapping[str, str], key: str, language: str) -> str:
    """A text in a language, the Chinese one where there is none in English."""
    return one.get(f"{key}_en", "") or one[key] if language == "en" else one[key]


def _joined(sentences: Sequence[str]) -> str:
    return ("" if lang() == "zh" else " ").join(sentences)


def _state(matter: Mapping[str, Any], language: str) -> Part:
    """What the committee says first, and where the tiers stand."""
    lines = _paragraphs(_written(matter, "foreword", language))
    if matter["corrects"]:
        lines.insert(0, _("This bulletin corrects and replaces bulletin %(number)s.", number=matter["corrects"]))
    if matter["kind"] == "monitoring":
        lines.append(_(
            "The scores of this month are data scores for monitoring, as accepted so far. They are not official "
            "scores, and no payment is based on them."
        ))  # fmt: skip
    sentences = [ngettext("%(num)s member was scored.", "%(num)s members were scored.", matter["data"]["members"])]
    for one in matter["tiers"]:
        if one["median"] is None:
            continue
        if one["median_before"] is None:
            sentences.append(
                _("%(tier)s: median %(now)s points.", tier=tier(one["code"]), now=number(one["median"], 2))
            )
        else:
            sentences.append(_(
                "%(tier)s: median %(now)s points, %(before)s before.", tier=tier(one["code"]),
                now=number(one["median"], 2), before=number(one["median_before"], 2),
            ))  # fmt: skip
    return _("Overall"), [*lines, _joined(sentences)]


def _moved(matter: Mapping[str, Any], language: str) -> Part:
    if not (matter["risen"] or matter["fallen"]):
        return None
    lines = []
    for up, found in ((True, matter["risen"]), (False, matter["fallen"])):
        if found:
            lines.append("#" + (_("(1) Largest rises") if up else _("(2) Largest falls")))
        lines += [_move(one, up, language) for one in found]
    return _("What moved"), lines


def _move(one: Mapping[str, Any], up: bool, language: str) -> str:
    name, places = one[f"name_{language}"], one["by"]
    ranks = {"before": one["rank_before"], "now": one["rank"]}
    text = (
        ngettext(
            "%(name)s rose %(num)s place, from rank %(before)s to %(now)s.",
            "%(name)s rose %(num)s places, from rank %(before)s to %(now)s.", places, name=name, **ranks,
        )
        if up
        else ngettext(
            "%(name)s fell %(num)s place, from rank %(before)s to %(now)s.",
            "%(name)s fell %(num)s places, from rank %(before)s to %(now)s.", places, name=name, **ranks,
        )
    )  # fmt: skip
    causes = listed(
        _("%(indicator)s %(change)s points", indicator=reason[language], change=_signed(reason["change"]))
        for reason in one["reasons"]
    )
    return _joined([text, _("Mostly by: %(causes)s.", causes=causes)]) if causes else text


def _signed(change: Any) -> str:
    return ("+" if change > 0 else "") + number(change, 2)


def _honours(matter: Mapping[str, Any], language: str) -> Part:
    names = {row["code"]: row[f"name_{language}"] for row in matter["rows"]}
    lines = []
    for one in matter["honours"]:
        member = names.get(one["code"], one["code"])
        who = f"{one['name']}{bracketed(member)}" if one["name"] and member else one["name"] or member
        award, reason = _written(one, "award", language), _written(one, "reason", language)
        lines.append(_("%(award)s: %(who)s. %(reason)s", award=award, who=who, reason=reason))
    return (_("Honours"), lines) if lines else None


def _cases(matter: Mapping[str, Any], language: str) -> Part:
    names = {row["code"]: row[f"name_{language}"] for row in matter["rows"]}
    lines = []
    for place, one in enumerate(matter["cases"], 1):
        member = bracketed(names[one["code"]]) if one["code"] in names else ""
        mark = f"（{HAN[place - 1] if place <= len(HAN) else place}）" if language == "zh" else f"({place}) "
        lines.append(f"#{mark}{_written(one, 'title', language)}{member}")
        lines += _paragraphs(_written(one, "text", language))
    return (_("Good practice"), lines) if lines else None


def _data(matter: Mapping[str, Any], language: str) -> Part:
    data = matter["data"]
    sentences = [_("%(complete)s of %(members)s members filed every value that was due.", complete=data["complete"],
                   members=data["members"])]  # fmt: skip
    if matter["filing"]:
        sentences.append(
            _("Filings: %(on_time)s on time, %(late)s late, %(missing)s missing.", **matter["filing"]["counts"])
        )
    for row in matter["rows"]:
        if row["vetoed"]:
            sentences.append(_(
                "%(member)s is vetoed for this period: it scores 0, has no rank and no share of the fund.",
                member=row[f"name_{language}"],
            ))  # fmt: skip
    return _("Completeness and quality of the data"), [_joined(sentences)]


def _money(matter: Mapping[str, Any], _language: str) -> Part:
    fund = matter["fund"]
    if not fund:
        return None
    if not fund["reserve"]:
        return _("Collaboration fund"), [_(
            "The fund holds %(pool)s CNY, all of it shared out (decision %(number)s).", pool=amount(fund["pool"]),
            number=fund["decision"],
        )]  # fmt: skip
    return _("Collaboration fund"), [_(
        "The fund holds %(pool)s CNY: %(received)s CNY are shared out, %(reserve)s CNY are carried to the next fund "
        "(decision %(number)s).",
        pool=amount(fund["pool"]), received=amount(fund["received"]), reserve=amount(fund["reserve"]),
        number=fund["decision"],
    )]  # fmt: skip


def _tables(matter: Mapping[str, Any], language: str) -> list[tuple[str, Grid]]:
    found = [(_("Scores and ranks of the members"), _scores(matter, language))]
    if matter["fund"]:
        found.append((_("Collaboration fund by member"), _shares(matter, language)))
    if matter["filing"]:
        found.append((_("Filing by member"), _filings(matter, language)))
    return found


def _scores(matter: Mapping[str, Any], language: str) -> Grid:
    """The ranks; a month that is only watched has no scores beside those of its data."""
    kept = {"score": _("Score"), "data": _("Data score"), "collaboration": _("Collaboration score")}
    if matter["kind"] == "monitoring":
        del kept["score"]
    rows = [
        [
            tier(row["tier"]), str(row["rank"] or "—"),
            row[f"name_{language}"] + (bracketed(_("vetoed")) if row["vetoed"] else ""),
            *(number(row[key], 2) for key in kept),
        ]
        for row in matter["rows"]
    ]  # fmt: skip
    scores = [20] * len(kept) if language == "zh" else [20] * (len(kept) - 1) + [28]
    first = (20, 14) if language == "zh" else (25, 13)
    return Grid(
        [_("Tier"), _("Rank"), _("Member"), *kept.values()], rows, frozenset({1, *range(3, 3 + len(kept))}),
        (*first, 156 - sum(first) - sum(scores), *scores),
    )  # fmt: skip


def _shares(matter: Mapping[str, Any], language: str) -> Grid:
    heads = [_("Member"), _("Paid in, CNY"), _("Received, CNY"), _("Net, CNY")]
    rows = [
        [row[f"name_{language}"], amount(row["paid_in"]), amount(row["received"]), amount(row["net"])]
        for row in matter["rows"]
    ]
    fund = matter["fund"]
    rows.append([_("All members"), amount(fund["paid_in"]), amount(fund["received"]), amount(fund["net"])])
    return Grid(heads, rows, frozenset({1, 2, 3}), (63, 31, 31, 31), frozenset({len(rows) - 1}))


def _filings(matter: Mapping[str, Any], language: str) -> Grid:
    filing = matter["filing"]
    words = {"on_time": _("on time"), "late": _("late"), "missing": _("missing"), "open": _("not due yet"), "none": "—"}
    rows = [
        [
            row[f"name_{language}"],
            *(
                words[cell["standing"]] + (bracketed(f"{cell['complete']}%") if _partly(cell) else "")
                for cell in row["cells"]
            ),
        ]
        for row in filing["rows"]
    ]
    many = len(filing["periods"])
    width = min(45, 92 // max(many, 1))
    return Grid(
        [_("Member"), *map(period, filing["periods"])], rows, frozenset(), (156 - many * width, *[width] * many)
    )


def _partly(cell: Mapping[str, str]) -> bool:
    """Whether less stood there than was due: the whole goes without saying."""
    return cell["complete"] not in ("", "100")


def bundle(parts: Sequence[bytes], name: str) -> bytes:
    """The parts of a picture as one ZIP, from above; the same parts give the same bytes."""
    made = BytesIO()
    with ZipFile(made, "w") as bag:
        for place, content in enumerate(parts, 1):
            bag.writestr(ZipInfo(f"{name}-{place}.png", THE_BEGINNING), content)
    return made.getvalue()
