"""The questions about forms that were filled in on paper: what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from alliance.core.refused import NotFound, Problem, Refused, mark
from alliance.ratings.queries.fieldwork import wave_questions, wrong_places
from alliance.ratings.rules.fieldwork import Place
from alliance.ratings.rules.questions import LONGEST, TEXT, Questionnaire, Reply

MOST_FORMS = 25_000  # of one file


@dataclass(frozen=True, slots=True)
class PaperForm:
    """One form: where it was handed out, what was ticked, and in which line of the file it stands."""

    line: int
    place: Place
    reply: Reply


def check_forms(alliance: int, number: int, forms: Sequence[PaperForm], on: date) -> None:
    """Refused with every problem: places that do not exist, options that were not offered, forms without an answer."""
    asked = wave_questions(alliance, number)
    if asked is None:
        raise NotFound()
    problems = [
        Problem(f"{forms[position].line}/{part}", forms[position].place[0], mark("there is no such place on this day"))
        for position, part in wrong_places(alliance, [form.place for form in forms], on)
    ]
    for form in forms:
        problems += _wrong(form, asked)
    if not forms:
        problems.append(Problem("", "", mark("there is no form in the file")))
    if len(forms) > MOST_FORMS:
        problems.append(
            Problem("", str(len(forms)), mark("at most %(most)s forms are taken at once"), {"most": MOST_FORMS})
        )
    if problems:
        raise Refused("The file has %(count)s errors; nothing was changed.", count=len(problems), problems=problems)


def _wrong(form: PaperForm, asked: Questionnaire) -> Iterator[Problem]:
    """What is wrong with a form. A question may be left open on paper: nobody can be asked again."""
    for code, value in form.reply.answers.items():
        question = asked.question(code)
        if question is None or question.kind == TEXT or value not in question.allowed:
            yield Problem(f"{form.line}/{code}", value, mark("the questionnaire does not offer this"))
    for code, value in form.reply.texts.items():
        question = asked.question(code)
        if question is None or question.kind != TEXT:
            yield Problem(f"{form.line}/{code}", value, mark("the questionnaire does not offer this"))
        elif len(value) > LONGEST:
            yield Problem(f"{form.line}/{code}", "", mark("at most %(most)s characters fit here"), {"most": LONGEST})
    if not form.reply.answers and not form.reply.texts:
        yield Problem(str(form.line), "", mark("nothing was answered"))
