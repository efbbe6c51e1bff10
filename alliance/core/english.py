"""The English of messages that count: their ids speak of several, here is what they say of one."""

from __future__ import annotations

from collections.abc import Mapping

ONE = {
    "%(count)s codes lead to two at once.": "%(count)s code leads to two at once.",
    "%(count)s corrections cannot be entered; nothing was changed.":
        "%(count)s correction cannot be entered; nothing was changed.",
    "%(count)s entries of the honours or cases are not whole.": "%(count)s entry of the honours or cases is not whole.",
    "%(count)s fields are missing or wrong; nothing was saved.":
        "%(count)s field is missing or wrong; nothing was saved.",
    "%(count)s figures of the sample are not judged yet.": "%(count)s figure of the sample is not judged yet.",
    "%(count)s file wages cannot be paid.": "%(count)s file wage cannot be paid.",
    "%(count)s flags are not decided yet.": "%(count)s flag is not decided yet.",
    "%(count)s indicators are asked for that are not defined for %(period)s.":
        "%(count)s indicator is asked for that is not defined for %(period)s.",
    "%(count)s lines count now.": "%(count)s line counts now.",
    "%(count)s lines link pay to drugs, consumables, examinations or laboratory tests.":
        "%(count)s line links pay to drugs, consumables, examinations or laboratory tests.",
    "%(count)s nights of the roster have no single rate.": "%(count)s night of the roster has no single rate.",
    "%(count)s overrides of the point library are refused.": "%(count)s override of the point library is refused.",
    "%(count)s payslips are not what is filed now.": "%(count)s payslip is not what is filed now.",
    "%(count)s points cannot be earned from charge lines.": "%(count)s point cannot be earned from charge lines.",
    "%(count)s points lie outside what is expected; write the committee's reason for each, in 10 characters "
    "or more.":
        "%(count)s point lies outside what is expected; write the committee's reason for it, in 10 characters or "
        "more.",
    "%(count)s points lie outside what is expected; write the reason that was decided for each, in 10 "
    "characters or more.":
        "%(count)s point lies outside what is expected; write the reason that was decided for it, in 10 "
        "characters or more.",
    "%(count)s returned payments cannot be entered.": "%(count)s returned payment cannot be entered.",
    "%(count)s rows of %(name)s cannot be read.": "%(count)s row of %(name)s cannot be read.",
    "%(count)s rows of the file were taken in.": "%(count)s row of the file was taken in.",
    "%(count)s rows put aside, the first is row %(row)s": "%(count)s row put aside, row %(row)s",
    "%(count)s rows were changed by somebody else; nothing was overwritten.":
        "%(count)s row was changed by somebody else; nothing was overwritten.",
    "%(count)s samples are drawn.": "%(count)s sample is drawn.",
    "%(count)s scores are not complete; nothing was locked.": "%(count)s score is not complete; nothing was locked.",
    "%(count)s shifts of %(unit)s are refused.": "%(count)s shift of %(unit)s is refused.",
    "%(count)s things stand in the way of this budget set.": "%(count)s thing stands in the way of this budget set.",
    "%(count)s units are not final yet.": "%(count)s unit is not final yet.",
    "%(count)s units cannot be computed by the post model.": "%(count)s unit cannot be computed by the post model.",
    "%(count)s units would get less than 0.": "%(count)s unit would get less than 0.",
    "%(count)s values are locked; only what was returned may be changed.":
        "%(count)s value is locked; only what was returned may be changed.",
    "%(count)s values cannot be taken; nothing was kept.": "%(count)s value cannot be taken; nothing was kept.",
    "%(count)s values have no reason.": "%(count)s value has no reason.",
    "%(count)s values stand in the way of a signature. Write the value, or n/a when it does not apply; "
    "explain what is unusual.":
        "%(count)s value stands in the way of a signature. Write the value, or n/a when it does not apply; "
        "explain what is unusual.",
    "%(count)s values were captured at their source and are not overtyped; nothing was changed.":
        "%(count)s value was captured at its source and is not overtyped; nothing was changed.",
    "%(count)s values were changed by somebody else; nothing was overwritten.":
        "%(count)s value was changed by somebody else; nothing was overwritten.",
    "%(count)s values were saved.": "%(count)s value was saved.",
    "%(place)s: %(count)s weights are negative.": "%(place)s: %(count)s weight is negative.",
    "Later months released what this month kept of the bonuses of %(count)s units.":
        "Later months released what this month kept of the bonus of %(count)s unit.",
    "Of %(count)s persons more is released than was withheld.":
        "Of %(count)s person more is released than was withheld.",
    "The budget has %(count)s errors.": "The budget has %(count)s error.",
    "The calendar has %(count)s errors.": "The calendar has %(count)s error.",
    "The completion of %(count)s indicators is not confirmed yet.":
        "The completion of %(count)s indicator is not confirmed yet.",
    "The definition has %(count)s errors.": "The definition has %(count)s error.",
    "The file %(name)s has %(count)s errors.": "The file %(name)s has %(count)s error.",
    "The file has %(count)s errors; nothing was changed.": "The file has %(count)s error; nothing was changed.",
    "The increments of %(count)s units cannot be computed.": "The increments of %(count)s unit cannot be computed.",
    "The library has %(count)s errors.": "The library has %(count)s error.",
    "The payslips cannot be made: %(count)s things are missing or wrong.":
        "The payslips cannot be made: %(count)s thing is missing or wrong.",
    "The period cannot be opened: for %(count)s members there is no reviewer. Appoint an officer employed "
    "elsewhere.":
        "The period cannot be opened: for %(count)s member there is no reviewer. Appoint an officer employed "
        "elsewhere.",
    "The pools cannot be shared by points: %(count)s things are missing or wrong.":
        "The pools cannot be shared by points: %(count)s thing is missing or wrong.",
    "The record has %(count)s errors.": "The record has %(count)s error.",
    "The releases of %(count)s units' reserves are not what the run shared out, or more than they hold.":
        "The releases of %(count)s unit's reserve are not what the run shared out, or more than it holds.",
    "The roster has %(count)s errors; nothing was changed.": "The roster has %(count)s error; nothing was changed.",
    "The round cannot be drawn: %(count)s members have nobody to check them.":
        "The round cannot be drawn: %(count)s member has nobody to check it.",
    "The rubric has %(count)s errors; nothing was changed.": "The rubric has %(count)s error; nothing was changed.",
    "The rule has %(count)s errors.": "The rule has %(count)s error.",
    "The run cannot go on: %(count)s things are missing or wrong.":
        "The run cannot go on: %(count)s thing is missing or wrong.",
    "The scheme has %(count)s errors.": "The scheme has %(count)s error.",
    "The table has %(count)s errors; nothing was changed.": "The table has %(count)s error; nothing was changed.",
    "The table has %(count)s errors; nothing was imported.": "The table has %(count)s error; nothing was imported.",
    "The votes cannot be counted: %(count)s seats are wrong.": "The votes cannot be counted: %(count)s seat is wrong.",
    "The workbook has %(count)s errors.": "The workbook has %(count)s error.",
    "This does not fit together with what is recorded: %(count)s errors.":
        "This does not fit together with what is recorded: %(count)s error.",
}  # fmt: skip


def in_english(message: str, numbers: Mapping[str, object]) -> str:
    """A message id with its places, of one thing where its `count` is 1."""
    return ONE.get(message, message) if numbers.get("count") == 1 else message
