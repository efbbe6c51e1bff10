"""What people type or upload for a bonus month: numbers, rosters, tasks, withheld pay and corrections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.period import Period
from alliance.core.refused import Both
from alliance.forms import AmountField, DecimalField, Form, NumberRange
from alliance.i18n import Named, amount, label, period, words
from alliance.i18n import lazy as _l
from alliance.workpoints.queries import NET, PaidPart, ReserveInfo
from alliance.workpoints.rules.ledgers import RECOVERED, SORTS, TASK_SUBJECTS
from alliance.workpoints.rules.payslips import LINES, MOST_RECOVERED
from alliance.workpoints.rules.returns import REASON

MONTHS_BACK = 12  # that are offered before the month at hand
MONTHS_AHEAD = 3


def _document() -> StringField:
    return StringField(
        _l("Document"),
        [InputRequired(), Length(max=120)],
        description=_l("Number and title of the signed paper that this rests on."),
    )


def workbook_field() -> FileField:
    """The field of a workbook whose template the page offers."""
    return FileField(
        _l("Excel file"),
        [FileRequired(_l("Choose a file."))],
        description=_l("An .xlsx file of at most 20 MB; the workbook that can be downloaded here is the template."),
        render_kw={"accept": ".xlsx"},
    )


def months_around(month: str, back: int = MONTHS_BACK, ahead: int = 0) -> list[tuple[str, str]]:
    """Months to choose from, the newest first."""
    last = Period.parse(month)
    codes = [last.back(place).code for place in range(-ahead, back + 1)]
    return [(code, period(code)) for code in codes]


class FileEntryForm(Form):
    """Numbers of a month; the cells are fields `v.<row>.<kind>` and are read by the view."""

    document = _document()


class TakeScoreForm(Form):
    """Take the hospital's official score for the units without one."""


class ImportEntryForm(Form):
    """The workbook of a month."""

    file = workbook_field()
    document = _document()


class ImportCaseForm(Form):
    """The discharged cases of a month."""

    file = FileField(
        _l("Table of cases"),
        [FileRequired(_l("Choose a file."))],
        description=_l(
            "CSV or .xlsx of at most 20 MB; the workbook that can be downloaded here is the template. Without names of "
            "patients: other columns are not read."
        ),
        render_kw={"accept": ".csv,.xlsx"},
    )
    document = _document()


class FileTotalForm(Form):
    """The hospital's own totals of a month; the cells are fields `v.<unit>.<measure>` and are read by the view."""

    document = _document()


class ImportTotalForm(Form):
    """A workbook of the hospital's own totals."""

    file = workbook_field()
    document = _document()


class DefineShiftForm(Form):
    """What is true of a shift from a day on."""

    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=4)],
        filters=(lambda text: text.strip().upper() if text else text,),
        description=_l("1 to 4 capital letters and digits. The scheme's rates of nights name it."),
    )
    name_zh = StringField(_l("Name in Chinese"), [InputRequired(), Length(max=20)])
    name_en = StringField(_l("Name in English"), [InputRequired(), Length(max=40)])
    hours = StringField(_l("Hours"), [InputRequired(), Length(max=11)], description=_l("Such as 20:00–08:00."))
    night = BooleanField(_l("It is a night shift, which pays the night allowance"))
    start = DateField(_l("Holds from"), [InputRequired()])


def _late_reason() -> StringField:
    field: StringField = StringField(
        _l("Reason for a late change"),
        [Optional(), Length(max=200)],
        description=_l("Needed after noon of the Monday after the week; at least ten characters."),
    )
    return field


class FileRosterForm(Form):
    """A unit's week; the days are fields `d.<person>.<day>` and are read by the view."""

    reason = _late_reason()


class ImportRosterForm(Form):
    """The workbook of a month's rosters."""

    file = workbook_field()
    reason = _late_reason()


def _person() -> StringField:
    return StringField(
        _l("Staff number"),
        [InputRequired(), Length(max=16)],
        filters=(lambda text: text.strip().upper() if text else text,),
        description=_l("Type the number or a part of the name and choose."),
        render_kw={"list": "people", "autocomplete": "off"},
    )


def _amount(label: str) -> AmountField:
    return AmountField(label, [InputRequired()], places=None, render_kw={"inputmode": "decimal"})


class EnterBankreturnForm(Form):
    """A payment that the bank returned."""

    person = _person()
    amount = _amount(_l("Amount, CNY"))
    reason = StringField(_l("The bank's reason"), [InputRequired(), Length(max=REASON)])
    document = _document()


class ImportBankreturnForm(Form):
    """The bank's list of what it returned."""

    file = FileField(
        _l("The bank's list"),
        [FileRequired(_l("Choose a file."))],
        description=_l(
            "CSV or .xlsx with the columns person (staff number), amount and reason. Accounts are not read."
        ),
        render_kw={"accept": ".csv,.xlsx"},
    )
    document = _document()


class SettleBankreturnForm(Form):
    """What becomes of returned payments; the choices are fields `choice-<number>` and are read by the view."""

    note = StringField(
        _l("Remark"), [Optional(), Length(max=200)],
        description=_l("What was put right with the bank; needed in ten characters or more to withhold."),
    )  # fmt: skip


class EnterTaskForm(Form):
    """What somebody did in a month, and what it pays."""

    person = _person()
    month = SelectField(_l("Month"), [InputRequired()])
    subject = SelectField(_l("Pay subject"), [InputRequired()])
    amount = _amount(_l("Amount, CNY"))
    text = StringField(_l("Work done"), [InputRequired(), Length(max=200)])
    document = _document()

    def offer(self, month: str) -> None:
        """The months and the pay subjects in the reader's language."""
        self.month.choices = list[SelectChoice](months_around(month))
        self.subject.choices = [("", ""), *((code, words(one)) for code, one in TASK_SUBJECTS.items())]


def _reason() -> StringField:
    return StringField(_l("Reason"), [InputRequired(), Length(max=200)], description=_l("At least ten characters."))


class ReleaseReserveForm(Form):
    """What the people of a unit get of its reserve with a month."""

    unit = SelectField(
        _l("Department or unit"), [InputRequired()], description=_l("With what is left of its reserve, in CNY."),
    )  # fmt: skip
    month = SelectField(
        _l("With the bonus of"), [InputRequired()], description=_l("It is shared out by the rule of the unit."),
    )  # fmt: skip
    amount = _amount(_l("Amount, CNY"))
    reason = _reason()
    document = _document()

    def offer(self, month: str, reserves: Mapping[str, ReserveInfo], names: Mapping[str, Named]) -> None:
        """The units with what is left of their reserves, and the months."""
        left = {code: f"{label(names[code])} · {amount(one.left)}" for code, one in reserves.items() if code in names}
        self.unit.choices = [("", ""), *left.items()]
        self.month.choices = list[SelectChoice](months_around(month, 1, 1))


class EnterHoldingForm(Form):
    """Withhold, release or recover pay of a person."""

    sort = RadioField(_l("What is entered?"), [InputRequired()])
    person = _person()
    month = SelectField(_l("Month of the payslip"), [InputRequired()])
    amount = AmountField(
        _l("Amount, CNY"), [Optional()], places=None, render_kw={"inputmode": "decimal"},
    )  # fmt: skip
    rate = DecimalField(
        _l("Or a percentage of what is due"),
        [Optional(), NumberRange(0, 100)],
        places=None,
        description=_l("For withholding only, such as 20."),
    )
    months = SelectField(
        _l("Instalments"),
        coerce=int,
        description=_l("Over how many months pay is recovered, three at most."),
    )
    reason = _reason()
    document = _document()

    def offer(self, month: str) -> None:
        """The sorts and months in the reader's language."""
        labels = {"withheld": _l("Withhold"), "released": _l("Release"), RECOVERED: _l("Recover")}
        self.sort.choices = [(code, labels[code]) for code in SORTS]
        self.months.choices = [(number, str(number)) for number in range(1, MOST_RECOVERED + 1)]
        self.month.choices = list[SelectChoice](months_around(month, 1, MONTHS_AHEAD))


class WithdrawHoldingForm(Form):
    """Why an entry of withheld pay is taken back."""

    reason = _reason()


def _pays_in() -> SelectField:
    return SelectField(_l("Paid or recovered with"), [InputRequired()])


class EnterCorrectionForm(Form):
    """What a line of a paid month should have been."""

    paid = RadioField(_l("Line that was paid"), [InputRequired()])
    amount = _amount(_l("Right amount, CNY"))
    pays_in = _pays_in()
    reason = _reason()
    document = _document()

    def offer(self, lines: Sequence[PaidPart], months: Iterable[str], amounts: Iterable[str]) -> None:
        """The lines of the payslip with their amounts, and the months with which it may be paid."""
        shown = zip(lines, amounts, strict=True)
        self.pays_in.choices = [(code, period(code)) for code in months]
        self.paid.choices = [(one.figure, f"{line_label(one)} · {text}") for one, text in shown]


class ImportCorrectionForm(Form):
    """The workbook of what the payslips of a paid month should have been."""

    file = workbook_field()
    pays_in = _pays_in()
    reason = _reason()
    document = _document()

    def offer(self, months: Iterable[str]) -> None:
        """The months with which the differences may be paid."""
        self.pays_in.choices = [(code, period(code)) for code in months]


def line_label(one: PaidPart) -> str:
    """What a line of a payslip is called."""
    if one.sort == NET:
        return str(_l("Paid in all"))
    zh, en, _sign = LINES.get(one.sort, (one.sort, one.sort, 1))
    if one.subject in TASK_SUBJECTS:
        return words(TASK_SUBJECTS[one.subject])
    return words(Both(zh, en))
