"""The doors to what closed surveys found: all members, one member, one question, the units of a hospital."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from alliance.access import alliance_id, can, requires, today
from alliance.core.acts import Act
from alliance.core.period import Period
from alliance.core.refused import Both, NotFound, Refused
from alliance.i18n import words
from alliance.members import queries as members
from alliance.pages import attachment
from alliance.ratings import queries
from alliance.ratings.pictures import level_picture, trend_picture
from alliance.ratings.queries import Found
from alliance.ratings.queries.results import Asked
from alliance.ratings.rules.patients import GROUP
from alliance.ratings.rules.questions import COOPERATION, DIMENSIONS, FAMILIES, NPS, STAFF, TEXT, WORDS, Question
from alliance.ratings.rules.satisfaction import classes, net_promoters, satisfied, wilson
from alliance.ratings.sheets import satisfaction_csv
from alliance.ratings.views.blueprint import blueprint, kept_links, own_members, ways

SHOWN_PERIODS = 8


def asked(period: str) -> Asked:
    """How the scheme in force makes results of a period."""
    found: Asked = current_app.config["RATERS_ASKED"](alliance_id(), period)
    return found


def member_of(institution: str, act: Act) -> members.MemberInfo:
    """A member whose results the reader may open; NotFound for any other."""
    found = members.member(alliance_id(), institution, today())
    if found is None or not can(act, institution):
        raise NotFound()
    return found


def period_of(periods: list[str]) -> str:
    """The period of the address, by default the newest with a closed survey; "" where there is none yet."""
    code = request.args.get("period", "")
    try:
        return Period.parse(code).code if code else (periods[0] if periods else "")
    except Refused:
        raise NotFound() from None


def names_in(institution: str, found: Iterable[Found]) -> dict[str, Any]:
    """The names behind the codes of departments and doctors."""
    people = {line.code for one in found if one.told for unit in one.told.lines for line in unit.within if line.code}
    return {
        "units": members.department_names(alliance_id(), institution),
        "staff": members.employee_names(alliance_id(), institution) if people else {},
        "dimensions": DIMENSIONS,
    }


@blueprint.get("/satisfaction/list")
@requires(Act.RATINGS_SATISFACTION_LIST)
def list_satisfaction() -> ResponseReturnValue:
    """The results of all members in a period, ?period=: who has enough answers, and who has not."""
    periods = queries.periods_of(alliance_id())
    period = period_of(periods)
    results = queries.patient_results(asked(period)) if period else {}
    named = {one.code: one for one in members.members(alliance_id(), Period.parse(period).last)} if period else {}
    return render_template(
        "ratings/list_satisfaction.html", ways=ways(), period=period, periods=periods, results=results, named=named,
        few=sum(not one.enough for one in results.values()),
        kept=kept_links(period, GROUP, {code: one.figure.value for code, one in results.items()}) if results else {},
    )  # fmt: skip


@blueprint.get("/satisfaction/read", defaults={"institution": ""})
@blueprint.get("/satisfaction/read/<institution>")
@requires(Act.RATINGS_SATISFACTION_READ)
def read_satisfaction(institution: str) -> ResponseReturnValue:
    """What patients found about a member in a period, ?period=: by dimension, question and department. Without a
    member: one's own, and for those who read the whole alliance all."""
    if not institution:
        own = next(iter(own_members()), "")
        if can(Act.RATINGS_SATISFACTION_LIST) or not own:
            return redirect(url_for(".list_satisfaction"))
        return redirect(url_for(".read_satisfaction", institution=own))
    member = member_of(institution, Act.RATINGS_SATISFACTION_READ)
    periods = queries.periods_of(alliance_id())
    period = period_of(periods)
    result = queries.patient_results(asked(period)).get(institution) if period else None
    found = result.found if result else ()
    return render_template(
        "ratings/read_satisfaction.html", ways=ways(), member=member, period=period, periods=periods, result=result,
        found=found, last=queries.last_valid(asked(period), institution) if result and not result.enough else None,
        texts=queries.released_texts(found, institution), level=level_picture(found),
        trend=trend_picture(_trend(institution, periods)), others=_other_questions(found),
        questions=_questions(found), doctors=institution in own_members(), **names_in(institution, found),
        kept=kept_links(period, GROUP, {institution: result.figure.value}) if result else {},
    )  # fmt: skip


def _questions(found: Iterable[Found]) -> dict[tuple[int, str], Question]:
    return {(one.wave.number, question.code): question for one in found for question in one.questionnaire.questions}


def _other_questions(found: Iterable[Found]) -> dict[int, list[Question]]:
    """The questions of a wave that stand beside the result, and are no written answers."""
    return {
        one.wave.number: [row for row in one.questionnaire.questions if not row.scored and row.kind != TEXT]
        for one in found
    }


def _trend(institution: str, periods: list[str]) -> list[tuple[str, Any]]:
    """The result of a member by period, oldest first; none where too few answered."""
    shown = list(reversed(periods[:SHOWN_PERIODS]))
    results = [(code, queries.patient_results(asked(code)).get(institution)) for code in shown]
    return [(code, one.figure.value if one else None) for code, one in results]


@blueprint.get("/satisfaction/export/<institution>/<period>")
@requires(Act.RATINGS_SATISFACTION_EXPORT)
def export_satisfaction(institution: str, period: str) -> ResponseReturnValue:
    """What may be told of a member in a period, as CSV."""
    member_of(institution, Act.RATINGS_SATISFACTION_EXPORT)
    if period not in queries.periods_of(alliance_id()):
        raise NotFound()
    result = queries.patient_results(asked(period)).get(institution)
    doctors = institution in own_members()
    content = satisfaction_csv(institution, result.found if result else (), doctors=doctors)
    name = f"satisfaction_{institution}_{period}.csv"
    return attachment(content, name, "text/csv; charset=utf-8", f"satisfaction:{institution}/{period}")


@blueprint.get("/counts/read/<survey>/<int:version>/<period>/<institution>/<question>")
@requires(Act.RATINGS_COUNT_READ)
def read_count(survey: str, version: int, period: str, institution: str, question: str) -> ResponseReturnValue:
    """How a question was answered about a member, in classes of which each is nobody or enough people."""
    member = member_of(institution, Act.RATINGS_COUNT_READ)
    waves = queries.closed(alliance_id())
    wave = next((one for one in waves if (one.survey, one.version, one.period) == (survey, version, period)), None)
    found = queries.found_in(alliance_id(), wave).get(institution) if wave else None
    one = found.questionnaire.question(question) if found else None
    if found is None or found.told is None or one is None or one.kind == TEXT:
        raise NotFound()
    if one.scored and not found.told.tells(question):
        raise NotFound()
    told = classes(one, found.told.counts, found.told.least)
    whole = sum(count for _options, count in told)
    rows = [(_class_words(one, options), wilson(count, whole)) for options, count in told]
    mean = next((mean for part in found.told.parts for code, mean in part.singly if code == question), None)
    return render_template(
        "ratings/read_count.html", ways=ways(), member=member, found=found, question=one, rows=rows, mean=mean,
        dimensions=DIMENSIONS, satisfied=satisfied(told) if one.scored else None,
        promoters=net_promoters(told) if one.kind == NPS else None,
    )  # fmt: skip


def _class_words(question: Question, options: Iterable[str]) -> list[str]:
    """The options of a class in words; of a recommendation its ends."""
    codes = list(options)
    if question.kind == NPS:
        numbers = sorted(map(int, codes))
        return [f"{numbers[0]}–{numbers[-1]}"]
    named = {option.code: Both(option.zh, option.en) for option in question.options} | WORDS
    return [words(named[code]) for code in codes]


@blueprint.get("/units/list/<institution>")
@requires(Act.RATINGS_UNIT_LIST)
def list_units(institution: str) -> ResponseReturnValue:
    """What employees found about the units of their hospital, ?family=, ?period=: for its own office."""
    member = member_of(institution, Act.RATINGS_UNIT_LIST)
    family = request.args.get("family", STAFF)
    if family not in (STAFF, COOPERATION):
        raise NotFound()
    periods = queries.periods_of(alliance_id(), (family,))
    period = period_of(periods)
    waves = [one for one in queries.closed(alliance_id(), (family,)) if one.period == period]
    found = [one for wave in waves if (one := queries.found_in(alliance_id(), wave).get(institution))]
    return render_template(
        "ratings/list_units.html", ways=ways(), member=member, family=family, period=period, periods=periods,
        families={code: FAMILIES[code] for code in (STAFF, COOPERATION)}, found=found,
        texts=queries.released_texts(found, institution), questions=_questions(found), doctors=True,
        **names_in(institution, found),
    )  # fmt: skip
