"""What people type about questionnaires."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, FieldList, FormField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.written import whole
from alliance.forms import Form, Part
from alliance.i18n import lazy as _l
from alliance.i18n import words
from alliance.ratings.rules.questions import (
    DIMENSIONS,
    KINDS,
    LONGEST_QUESTION,
    MOST_QUESTIONS,
    Question,
    Questionnaire,
)

NOTICE = 2000


class DraftSurveyForm(Form):
    """A questionnaire to begin with, and its code."""

    model = SelectField(_l("Begin with"), [InputRequired()])
    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=20)],
        description=_l("Small letters, digits and _, beginning with a letter."),
    )


class QuestionPart(Part):
    """A question; one without words is left out."""

    zh = StringField(_l("In Chinese"), [Optional(), Length(max=LONGEST_QUESTION)])
    en = StringField(_l("In English"), [Optional(), Length(max=LONGEST_QUESTION)])
    kind = SelectField(_l("Kind of question"))
    dimension = SelectField(_l("Dimension"))
    code = StringField(_l("Code"), [Optional(), Length(max=20)])
    required = BooleanField(_l("must be answered"))
    scored = BooleanField(_l("counts for the result"))
    options = TextAreaField(
        _l("Options"), [Optional(), Length(max=1000)],
        description=_l("Only of a choice, one a line: code | in Chinese | in English."), render_kw={"rows": 3},
    )  # fmt: skip

    @property
    def given(self) -> bool:
        return any((field.data or "").strip() for field in (self.zh, self.en, self.code))

    def content(self, number: int) -> dict[str, Any]:
        """What was typed, as the rules read it; a code that was left out is the question's number."""
        rows = [line.split("|") for line in (self.options.data or "").splitlines() if line.strip()]
        options = [
            dict(zip(("code", "zh", "en"), (cell.strip() for cell in [*row, "", ""][:3]), strict=True)) for row in rows
        ]
        return {
            "code": (self.code.data or "").strip() or f"q{number}",
            "kind": self.kind.data or "",
            "dimension": self.dimension.data or "",
            "zh": self.zh.data or "",
            "en": self.en.data or "",
            "required": self.required.data,
            "scored": self.scored.data,
            "options": options,
        }


class EditSurveyForm(Form):
    """A draft of a questionnaire, whole."""

    title_zh = StringField(_l("Title in Chinese"), [Optional(), Length(max=LONGEST_QUESTION)])
    title_en = StringField(_l("Title in English"), [Optional(), Length(max=LONGEST_QUESTION)])
    notice_zh = TextAreaField(_l("Privacy notice in Chinese"), [Optional(), Length(max=NOTICE)], render_kw={"rows": 4})
    notice_en = TextAreaField(_l("Privacy notice in English"), [Optional(), Length(max=NOTICE)], render_kw={"rows": 4})
    questions = FieldList(FormField(QuestionPart), max_entries=MOST_QUESTIONS + 1)

    def offer(self) -> None:
        """What there is to choose from."""
        for entry in self.questions:
            entry.form.kind.choices = [(code, words(both)) for code, both in KINDS.items()]
            entry.form.dimension.choices = [
                ("", _l("stands by itself")), *((code, words(both)) for code, both in DIMENSIONS.items())
            ]  # fmt: skip

    def begin(self, asked: Questionnaire) -> None:
        """What stands in the form: the draft, and room for one question more."""
        self.title_zh.data, self.title_en.data = asked.titles.zh, asked.titles.en
        self.notice_zh.data, self.notice_en.data = asked.notices.zh, asked.notices.en
        while self.questions.entries:
            self.questions.pop_entry()
        for question in asked.questions:
            self.questions.append_entry(_shown(question))
        if len(asked.questions) < MOST_QUESTIONS:
            self.questions.append_entry({"kind": "scale", "required": True})
        self.offer()

    def content(self, family: str, move: str = "") -> Mapping[str, Any]:
        """What was typed, as the rules read it; `move` (up-3, down-3, remove-3) moves the third question."""
        rows = [entry.form for entry in self.questions if entry.form.given]
        questions = [part.content(number) for number, part in enumerate(rows, 1)]
        return {
            "family": family,
            "titles": {"zh": self.title_zh.data or "", "en": self.title_en.data or ""},
            "notices": {"zh": self.notice_zh.data or "", "en": self.notice_en.data or ""},
            "questions": _moved(questions, move),
        }


def _shown(question: Question) -> dict[str, Any]:
    """A question as its fields show it."""
    lines = [f"{one.code} | {one.zh} | {one.en}" for one in question.options]
    return {
        "zh": question.zh, "en": question.en, "kind": question.kind, "dimension": question.dimension,
        "code": question.code, "required": question.required, "scored": question.scored, "options": "\n".join(lines),
    }  # fmt: skip


def _moved(questions: list[dict[str, Any]], move: str) -> list[dict[str, Any]]:
    """The questions after one of them was moved or taken out."""
    where, _dash, number = move.partition("-")
    place = (whole(number) or 0) - 1
    if not 0 <= place < len(questions):
        return questions
    one = questions.pop(place)
    if where != "remove":
        questions.insert(max(place + (1 if where == "down" else -1), 0), one)
    return questions
