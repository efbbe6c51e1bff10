"""The forms of cross-checks, falsifications and values reported elsewhere."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.forms import Form, PeriodSelect
from alliance.i18n import lazy as _l


class RecordCheckForm(Form):
    """What was found at the source of a figure."""

    source = StringField(
        _l("Value at the source"),
        [InputRequired(), Length(max=60)],
        description=_l("As the register or the system on site shows it; n/a when the source has no such value."),
    )
    note = TextAreaField(
        _l("Note"), [Optional(), Length(max=1000)], description=_l("Which source, of which day, and what differs.")
    )
    file = FileField(
        _l("Evidence"),
        [Optional()],
        description=_l("One file of at most 20 MB, without names of patients: PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT."),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.xlsx,.docx,.csv,.txt"},
    )


class ProposeFalsificationForm(Form):
    """A proposal to find a falsification; the findings it rests on are read by the view."""

    reason = TextAreaField(
        _l("Reason"),
        [InputRequired(), Length(min=10, max=2000)],
        description=_l("Why this is no mistake: what shows that the figures were made up."),
    )


class FindFalsificationForm(Form):
    """Carry a decision of the committee out."""

    decision = SelectField(_l("Decision"), [InputRequired()])


class EnterReportForm(Form):
    """A quantity as it was reported elsewhere."""

    institution = SelectField(_l("Member"), [InputRequired()])
    period = PeriodSelect(_l("Period"), [InputRequired()])
    report = SelectField(_l("Reported to"), [InputRequired()])
    element = SelectField(_l("Data element"), [InputRequired()])
    value = StringField(_l("Value reported"), [InputRequired(), Length(max=60)])
    document = StringField(
        _l("Document"), [InputRequired(), Length(max=120)], description=_l("The report and its number or day.")
    )


class ImportReportForm(Form):
    """A file of quantities reported elsewhere."""

    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l(
            "An .xlsx or CSV file of at most 20 MB with the columns institution, element, period, report and value, "
            "and document where you have one."
        ),
        render_kw={"accept": ".xlsx,.csv"},
    )


class ExplainReportForm(Form):
    """Why a quantity was reported otherwise elsewhere."""

    text = TextAreaField(
        _l("Explanation"), [InputRequired(), Length(max=1000)], description=_l("At least 10 characters.")
    )
