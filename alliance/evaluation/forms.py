"""What people type or upload about schemes, ratings, vetoes and runs."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import TextInput

from alliance.forms import DecimalField, Form, NumberRange, PeriodSelect
from alliance.i18n import lazy as _l


class ImportSchemeForm(Form):
    """A scheme as TOML."""

    file = FileField(
        _l("Scheme file"),
        [FileRequired(_l("Choose a file."))],
        description=_l("A .toml file. The export of any scheme is a template."),
        render_kw={"accept": ".toml"},
    )


class EnterRatingForm(Form):
    """A rater group's result for one member."""

    period = PeriodSelect(_l("Period"), [InputRequired()])
    group = SelectField(_l("Rater group"), [InputRequired()])
    institution = SelectField(_l("Member"), [InputRequired()])
    value = DecimalField(
        _l("Result, 0 to 100"),
        [Optional(), NumberRange(0, 100)],
        places=None,
        description=_l("Leave empty when it does not apply."),
        render_kw={"inputmode": "decimal"},
        widget=TextInput(),
    )
    n = IntegerField(
        _l("Raters or answers behind it"),
        [InputRequired(), NumberRange(0, 1_000_000_000)],
        render_kw={"inputmode": "numeric"},
        widget=TextInput(),
    )
    document = StringField(
        _l("Document"),
        [InputRequired(), Length(max=120)],
        description=_l("The signed report that the result is taken from."),
    )


class EnterAssessmentForm(Form):
    """The regulator's rating of one member."""

    period = PeriodSelect(_l("Period"), [InputRequired()])
    institution = SelectField(_l("Member"), [InputRequired()])
    value = DecimalField(
        _l("Result, 0 to 100"),
        [Optional(), NumberRange(0, 100)],
        places=None,
        description=_l("Leave empty when it does not apply."),
        render_kw={"inputmode": "decimal"},
        widget=TextInput(),
    )
    document = StringField(
        _l("Document"), [InputRequired(), Length(max=120)], description=_l("The report or decision that it rests on.")
    )


class RunForm(Form):
    """Compute a period officially."""

    period = PeriodSelect(_l("Period"), [InputRequired()])


class TryRunForm(Form):
    """Compute a period on trial under any version of a scheme."""

    # It stands on one page with RunForm: the same name, another id.
    period = PeriodSelect(_l("Period"), [InputRequired()], id="try-period")
    scheme = SelectField(_l("Scheme"), [InputRequired()])


class ImposeVetoForm(Form):
    """Veto a member for a period."""

    period = PeriodSelect(_l("Period"), [InputRequired()])
    institution = SelectField(_l("Member"), [InputRequired()])
    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(), Length(min=10, max=1000)],
        render_kw={"rows": 3},
        description=_l("What happened, and which rule it breaks. The member reads it on its score sheet."),
    )
    decision = SelectField(_l("Decision"), [InputRequired()])
