"""The questions of a survey: a questionnaire in two languages, and an answer to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from alliance.core.refused import Both, Problem, Refused, mark

PATIENT, COOPERATION, STAFF = "patient", "cooperation", "staff"
FAMILIES: dict[str, Both] = {
    PATIENT: Both("患者满意度", "Patients"),
    COOPERATION: Both("协作满意度", "Cooperation"),
    STAFF: Both("员工满意度", "Staff"),
}
SCALE, CHOICE, NPS, TEXT = "scale", "choice", "nps", "text"
KINDS: dict[str, Both] = {
    SCALE: Both("五级量表", "Scale from 1 to 5"),
    CHOICE: Both("单选", "One of several"),
    NPS: Both("推荐意愿（0～10）", "Would recommend, 0 to 10"),
    TEXT: Both("文字", "Free words"),
}
DIMENSIONS: dict[str, Both] = {
    "environment": Both("就医环境", "Environment"),
    "communication": Both("医患沟通", "Communication"),
    "waiting": Both("候诊等待", "Waiting"),
    "continuity": Both("服务连续性", "Continuity"),
    "cooperation": Both("部门协作", "Cooperation"),
    "workplace": Both("工作氛围", "Workplace"),
}
STANDARD = (
    "environment",
    "communication",
    "waiting",
    "continuity",
)  # every questionnaire for patients asks about these
DOES_NOT_APPLY = "na"
LEVELS = ("1", "2", "3", "4", "5")
WORDS: dict[str, Both] = {
    "5": Both("非常满意", "Very satisfied"),
    "4": Both("满意", "Satisfied"),
    "3": Both("一般", "Neither"),
    "2": Both("不满意", "Dissatisfied"),
    "1": Both("非常不满意", "Very dissatisfied"),
    DOES_NOT_APPLY: Both("不适用", "Does not apply"),
}
RECOMMENDS = tuple(map(str, range(11)))
MOST_QUESTIONS = 15
MOST_OPTIONS = 10
LONGEST = 1000  # characters of a written answer
LONGEST_QUESTION = 200
CODE = re.compile(r"[a-z][a-z0-9_]{0,19}")


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `options` only of a choice, those of the other kinds are known."""

    code: str
    kind: str  # scale, choice, nps, text
    dimension: str  # of DIMENSIONS, or "": stands by itself
    zh: str
    en: str
    options: tuple[Option, ...]
    required: bool
    scored: bool  # counts for the result; only of a scale

    @property
    def allowed(self) -> tuple[str, ...]:
        """What may be ticked, as it is kept."""
        if self.kind == SCALE:
            return (*LEVELS, DOES_NOT_APPLY)
        return RECOMMENDS if self.kind == NPS else tuple(option.code for option in self.options)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """What is asked, and what is said before: titles and privacy notices by language (`zh`, `en`)."""

    family: str
    titles: Both
    notices: Both
    questions: tuple[Question, ...]

    def question(self, code: str) -> Question | None:
        return next((one for one in self.questions if one.code == code), None)

    @property
    def content(self) -> dict[str, Any]:
        """As it is kept and as `read_questionnaire` reads it."""
        return {
            "family": self.family,
            "titles": {"zh": self.titles.zh, "en": self.titles.en},
            "notices": {"zh": self.notices.zh, "en": self.notices.en},
            "questions": [
                asdict(question) | {"options": list(map(asdict, question.options))} for question in self.questions
            ],
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody answered: options by question, words by question."""

    answers: dict[str, str]
    texts: dict[str, str]


def read_questionnaire(data: Mapping[str, Any], *, whole: bool = True) -> Questionnaire:
    """A questionnaire from what is kept or was typed. Refused with every problem.

    A draft need not be `whole`: it may still lack questions, words or a dimension.
    """
    problems: list[Problem] = []
    family = str(data.get("family", ""))
    if family not in FAMILIES:
        problems.append(Problem("family", family, mark("there is no such family of surveys")))
    titles = _both(data.get("titles"), "titles", problems, whole)
    notices = _both(data.get("notices"), "notices", problems, whole, 2000)
    given = data.get("questions", ())
    questions = tuple(_question(row, f"questions.{place}", problems, whole) for place, row in enumerate(given, 1))
    problems += _of_all(family, questions, whole)
    if problems:
        raise Refused(mark("The questionnaire cannot be used like this."), problems=problems)
    return Questionnaire(family, titles, notices, questions)


def _both(given: object, where: str, problems: list[Problem], whole: bool, most: int = LONGEST_QUESTION) -> Both:
    """Words in both languages."""
    words = given if isinstance(given, Mapping) else {}
    found = {lang: str(words.get(lang, "")).strip() for lang in ("zh", "en")}
    for lang, text in found.items():
        if whole and not text:
            problems.append(Problem(f"{where}.{lang}", "", mark("the words are missing")))
        if len(text) > most:
            problems.append(
                Problem(f"{where}.{lang}", text[:20], mark("at most %(most)s characters fit here"), {"most": most})
            )
    return Both(found["zh"], found["en"])


def _question(row: Mapping[str, Any], where: str, problems: list[Problem], whole: bool) -> Question:
    """A question; what is wrong with it is added to the problems."""
    code, kind, dimension = (str(row.get(name, "")) for name in ("code", "kind", "dimension"))
    words = _both(row, where, problems, whole)
    if not CODE.fullmatch(code):
        problems.append(Problem(f"{where}.code", code, mark("a code is small letters, digits and _")))
    if kind not in KINDS:
        problems.append(Problem(f"{where}.kind", kind, mark("there is no such kind of question")))
    if dimension and dimension not in DIMENSIONS:
        problems.append(Problem(f"{where}.dimension", dimension, mark("there is no such dimension")))
    scored = bool(row.get("scored"))
    if scored and kind != SCALE:
        problems.append(Problem(f"{where}.scored", kind, mark("only a scale counts for the result")))
    if scored and not dimension:
        problems.append(Problem(f"{where}.dimension", "", mark("what counts for the result belongs to a dimension")))
    options = _options(kind, row.get("options") or (), where, problems, whole)
    return Question(code, kind, dimension, words.zh, words.en, options, bool(row.get("required")), scored)


def _options(
    kind: str, given: Sequence[Mapping[str, Any]], where: str, problems: list[Problem], whole: bool
) -> tuple[Option, ...]:
    """What a choice offers; the other kinds bring their own."""
    if kind != CHOICE:
        if given:
            problems.append(Problem(f"{where}.options", str(len(given)), mark("only a choice has options of its own")))
        return ()
    found = []
    for place, row in enumerate(given, 1):
        words = _both(row, f"{where}.options.{place}", problems, True, 60)
        found.append(Option(str(row.get("code") or place), words.zh, words.en))
    codes = [option.code for option in found]
    if len(codes) != len(set(codes)) or not all(re.fullmatch(r"[a-z0-9_]{1,20}", code) for code in codes):
        problems.append(Problem(f"{where}.options", ", ".join(codes), mark("each option has a code of its own")))
    if whole and not 2 <= len(found) <= MOST_OPTIONS:
        message = mark("a choice has from 2 to %(most)s options")
        problems.append(Problem(f"{where}.options", str(len(found)), message, {"most": MOST_OPTIONS}))
    return tuple(found)


def _of_all(family: str, questions: Sequence[Question], whole: bool) -> Iterator[Problem]:
    """What is wrong with the questions together."""
    codes = [question.code for question in questions]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield Problem("questions", code, mark("two questions have the same code"))
    if len(questions) > MOST_QUESTIONS:
        message = mark("more than %(most)s questions are not answered in two minutes")
        yield Problem("questions", str(len(questions)), message, {"most": MOST_QUESTIONS})
    if not whole:
        return
    scored = {question.dimension for question in questions if question.scored}
    if not scored:
        yield Problem("questions", "", mark("no question counts for the result"))
    for dimension in STANDARD if family == PATIENT else ():
        if dimension not in scored:
            yield Problem("questions", dimension, mark("patients are asked about each of the four dimensions"))


def read_reply(questionnaire: Questionnaire, given: Mapping[str, str]) -> tuple[Reply, list[Problem]]:
    """What was sent for a questionnaire, and what is open or wrong in it, at its question.

    What is wrong is left out of the reply, the rest is in it: a form that is half done keeps what was ticked. An option
    that was not offered is taken for none, and nothing is told about it but that the question is open.
    """
    answers: dict[str, str] = {}
    texts: dict[str, str] = {}
    problems = []
    for question in questionnaire.questions:
        value = given.get(question.code, "").strip()
        if question.kind == TEXT and len(value) > LONGEST:
            message = mark("At most %(most)s characters fit here; there are %(count)s.")
            problems.append(Problem(question.code, "", message, {"most": LONGEST, "count": len(value)}))
        elif question.kind == TEXT and value:
            texts[question.code] = value
        elif question.kind != TEXT and value in question.allowed:
            answers[question.code] = value
        elif question.required:
            problems.append(Problem(question.code, "", mark("This question is still open.")))
    if not problems and not answers and not texts:
        problems.append(Problem("", "", mark("Nothing was answered yet.")))
    return Reply(answers, texts), problems


def canonical_json(values: Mapping[str, str]) -> str:
    """As answers are kept: in the order of codes, so that the text tells nothing but the answers."""
    return json.dumps(dict(sorted(values.items())), ensure_ascii=False, separators=(",", ":"))
