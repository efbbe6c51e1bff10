"""The forms of periods and the calendar."""

from __future__ import annotations

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.period import PeriodKind
from alliance.forms import Form, PeriodSelect
from alliance.i18n import lazy as _l

KIND_LABELS = {
    "ratio": _l("ratio"),
    "sum": _l("sum"),
    "growth": _l("growth"),
    "difference": _l("difference to a reference"),
    "median": _l("median of cases"),
    "percentile": _l("percentile of cases"),
    "share_reaching": _l("share of cases reaching a threshold"),
    "ratio_of_ratios": _l("ratio of ratios"),
    "agreement_with_lead": _l("agreement with the lead"),
}


class OpenPeriodForm(Form):
    """Open a period for filing."""

    period = PeriodSelect(
        _l("Period"), [InputRequired()], kinds=(PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR), ahead=1
    )
    last_day = DateField(
        _l("Last day of filing"),
        [Optional()],
        description=_l("Filing closes at 24:00 of this day. Blank: as the calendar says."),
    )


class SetTimetableForm(Form):
    """The parameters of the calendar."""

    opens = IntegerField(_l("Filing opens on day"), [InputRequired()])
    due = IntegerField(_l("Last day of filing"), [InputRequired()], description=_l("To 24:00."))
    review = IntegerField(_l("Last day of review"), [InputRequired()])
    preview = IntegerField(_l("Preview on day"), [InputRequired()])
    objections = IntegerField(_l("Working days for objections"), [InputRequired()])
    automatic = BooleanField(
        _l("Periods open by themselves"),
        description=_l("On the first day of filing. Without a tick the office opens each by hand."),
    )
    valid_from = DateField(
        _l("For periods that end on or after"), [InputRequired()], description=_l("Open periods keep their dates.")
    )


class NoteDayForm(Form):
    """A day that works or rests against the rule."""

    day = DateField(_l("Day"), [InputRequired()])
    works = BooleanField(_l("It is a working day"), description=_l("Without a tick: a day of rest."))
    note = StringField(
        _l("According to"), [InputRequired(), Length(max=120)], description=_l("The notice or decision it follows.")
    )


class AskExceptionForm(Form):
    """Ask that a member may file after the deadline or after acceptance."""

    reason = TextAreaField(_l("Reason"), [InputRequired(), Length(max=1000)], description=_l("At least 10 characters."))
    last_day = DateField(_l("Until"), [InputRequired()], description=_l("To 24:00 of this day."))
