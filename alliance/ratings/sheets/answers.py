"""Forms that were filled in on paper, as a table: a line for each form, a column for each question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO

import xlsxwriter

from alliance.core.refused import Both, Problem, Refused, mark
from alliance.core.written import whole
from alliance.files import open_table
from alliance.ratings.queries import PaperForm
from alliance.ratings.rules.questions import TEXT, Questionnaire, Reply

PLACE = {"institution": "机构", "department": "科室", "person": "医生", "handed_out": "发放份数"}
MOST_HANDED = 100_000


@dataclass(frozen=True, slots=True)
class PaperFile:
    """What a file holds: its forms, and how many were handed out by member and department."""

    forms: list[PaperForm]
    handed: Mapping[tuple[str, str], int]


def columns_of(asked: Questionnaire) -> dict[str, str]:
    """The columns of a file: places, then the questions by their codes."""
    return PLACE | {question.code: question.zh for question in asked.questions}


def read_forms(content: bytes, name: str, asked: Questionnaire) -> PaperFile:
    """The forms of a file. Refused: what is no table, a column that is missing, numbers that are none."""
    columns = columns_of(asked)
    required = ["institution", *(question.code for question in asked.questions if question.required)]
    texts = {question.code for question in asked.questions if question.kind == TEXT}
    forms: list[PaperForm] = []
    handed: dict[tuple[str, str], int] = {}
    problems: list[Problem] = []
    for line, cells in open_table(content, name, columns, required=required).cells():
        given = {column: cell.text for column, cell in cells.items() if cell.text}
        place = (given.pop("institution", ""), given.pop("department", ""), given.pop("person", ""))
        count = given.pop("handed_out", "")
        handed_out = whole(count)
        if count and (handed_out is None or handed_out > MOST_HANDED):
            at: dict[str, object] = {"row": line, "column": Both(PLACE["handed_out"], "handed_out")}
            problems.append(Problem(mark("row %(row)s, %(column)s"), count, mark("is no number of forms"), {}, at))
        elif handed_out is not None:
            handed[place[:2]] = max(handed.get(place[:2], 0), handed_out)
        answers = {code: value.lower() for code, value in given.items() if code not in texts}
        written = {code: value for code, value in given.items() if code in texts}
        forms.append(PaperForm(line, place, Reply(answers, written)))
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)
    return PaperFile(forms, handed)


def form_template(asked: Questionnaire, institution: str) -> bytes:
    """An empty workbook for forms, with a second sheet that tells what may stand where."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet, help_ = book.add_worksheet("answers"), book.add_worksheet("codes")
    for place, (code, title) in enumerate(columns_of(asked).items()):
        sheet.write_string(0, place, f"{code} / {title}" if code in PLACE else code, bold)
        sheet.set_column(place, place, 14)
    sheet.write_string(1, 0, institution)
    for place, word in enumerate(("question", "题目", "English", "values / 取值")):
        help_.write_string(0, place, word, bold)
    for row, question in enumerate(asked.questions, 1):
        options = [f"{one.code} = {one.zh} / {one.en}" for one in question.options] or list(question.allowed)
        for place, word in enumerate((question.code, question.zh, question.en, ", ".join(options))):
            help_.write_string(row, place, word)
    help_.set_column(0, 0, 14)
    help_.set_column(1, 3, 44)
    book.close()
    return made.getvalue()
