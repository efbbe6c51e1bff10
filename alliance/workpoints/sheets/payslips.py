"""Payslips on paper: of one person, or of a unit one under the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from flask import current_app

from alliance.core.period import Period
from alliance.i18n import LANGUAGES, in_language, label, lang
from alliance.members import queries as members
from alliance.workpoints.queries import SHOWN, BonusRunInfo, Names, SlipLineInfo, SlipSheet
from alliance.workpoints.rules.payslips import LINES
from alliance.workpoints.rules.subjects import SUBJECTS

BY_SUBJECT = frozenset({"task", "special"})  # sorts of lines that are called by their pay subject


def line_name(line: SlipLineInfo) -> str:
    """What a line of a slip is called in the reader's language."""
    zh, en, _sign = LINES[line.sort]
    if line.sort in BY_SUBJECT and line.subject in SUBJECTS:
        zh, en = SUBJECTS[line.subject].zh, SUBJECTS[line.subject].en
    return zh if lang() == "zh" else en


def line_sign(line: SlipLineInfo) -> int:
    """1 for what is added, -1 for what is taken off."""
    return LINES[line.sort][2]


def slips_paper(
    alliance: int, run: BonusRunInfo, found: Sequence[SlipSheet], names: Names, language: str, unit: str = ""
) -> str:
    """The HTML of payslips for paper, also outside of a request; of a unit where it is named."""
    owner = members.member(alliance, run.institution, Period.parse(run.month).last)
    with in_language(language):
        page = current_app.jinja_env.get_template("workpoints/slips.html")
        title = label(names.units[unit]) if unit in names.units else unit
        return page.render(
            sheets=found, names=names, run=run, unit=title, shown=run.state in SHOWN, line_name=line_name,
            line_sign=line_sign, owner=label(owner) if owner else run.institution, lang=LANGUAGES[language][1],
            language=language,
        )  # fmt: skip


def slips_archive(files: Mapping[str, bytes]) -> bytes:
    """Papers in one archive; the same papers give the same bytes."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_STORED) as box:  # a PDF is packed already
        for name, paper in files.items():
            box.writestr(ZipInfo(name), paper)
    return content.getvalue()
