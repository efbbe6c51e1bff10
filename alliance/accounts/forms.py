"""What people type about themselves, about accounts and roles, and about bodies and their decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from flask_babel import gettext as _
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import EqualTo, InputRequired, Length, Optional, ValidationError

from alliance.accounts.queries import BodyInfo
from alliance.accounts.rules import CHOICES
from alliance.core.roles import ROLES
from alliance.forms import Form, NumberRange
from alliance.i18n import label, lang, role
from alliance.i18n import lazy as _l
from alliance.members.queries import DepartmentFact, MemberInfo

CHOICE_LABELS = {
    "for": _l("for"),
    "against": _l("against"),
    "abstained": _l("abstained"),
    "recused": _l("recused"),
    "absent": _l("absent"),
}


class OpenSessionForm(Form):
    """Sign in."""

    account = StringField(_l("Account"), [InputRequired(), Length(max=64)], render_kw={"autocomplete": "username"})
    password = PasswordField(
        _l("Password"), [InputRequired(), Length(max=128)], render_kw={"autocomplete": "current-password"}
    )


class ConfirmSessionForm(Form):
    """The second step of a sign-in."""

    totp_code = StringField(
        _l("One-time code"),
        [InputRequired(), Length(max=40)],
        description=_l("The six digits that the authenticator shows now, or one of your recovery codes."),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"},
    )


NEW = {"autocomplete": "new-password"}
SAME = EqualTo("password", _l("The two passwords are not the same."))


class SetPasswordForm(Form):
    """A password set with a one-time link."""

    password = PasswordField(_l("New password"), [InputRequired(), Length(max=128)], render_kw=NEW)
    password_again = PasswordField(_l("New password once more"), [InputRequired(), SAME], render_kw=NEW)


class ChangePasswordForm(SetPasswordForm):
    """One's own password, changed."""

    password_old = PasswordField(
        _l("Old password"), [InputRequired(), Length(max=128)], render_kw={"autocomplete": "current-password"}
    )


class EnrolTotpForm(Form):
    """An authenticator taken into use."""

    totp_secret = HiddenField()
    totp_code = StringField(
        _l("Code that the authenticator shows now"),
        [InputRequired(), Length(max=12)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class SetMailboxForm(Form):
    """One's own address, and which mails one gets."""

    address = StringField(
        _l("E-mail address"),
        [Optional(), Length(max=254)],
        description=_l("Seen by you and the system administrator. Blank: no e-mails."),
        render_kw={"autocomplete": "email", "inputmode": "email", "autocapitalize": "off", "spellcheck": "false"},
    )
    tasks = BooleanField(_l("Reminders, and values that were returned"), default=True)
    bulletins = BooleanField(_l("Bulletins, when they are issued"), default=True)


class ConfirmMailboxForm(Form):
    """The address in a link is confirmed, or a subscription ended."""


class FindPersonForm(PlainForm):
    """The filter of the list of people."""

    search = StringField(_l("Name or account"))
    employer = SelectField(_l("Employer"), validate_choice=False)
    role = SelectField(_l("Role"), validate_choice=False)


class InviteAccountForm(Form):
    """A new person with an account."""

    account = StringField(
        _l("Account"),
        [InputRequired(), Length(max=32)],
        description=_l(
            "Lower-case letters, digits, points, hyphens and underscores, such as c03.reporter; it never changes."
        ),
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )
    name_zh = StringField(_l("Full name"), [InputRequired(), Length(max=60)])
    name_en = StringField(_l("Name in Latin letters"), [Optional(), Length(max=60)])
    employer = SelectField(
        _l("Employer"),
        description=_l("Nobody decides on matters of their own employer, so this must be right."),
    )
    employee = StringField(
        _l("Staff number"),
        [Optional(), Length(max=16)],
        description=_l("At the employer; with the role of an employee it opens one's own payslips."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    address = StringField(
        _l("E-mail address"),
        [Optional(), Length(max=254)],
        description=_l("The link is sent there too; whoever opens it has shown that the address is right."),
        render_kw={"autocomplete": "off", "inputmode": "email", "autocapitalize": "off", "spellcheck": "false"},
    )


class ResetAccountForm(Form):
    """Take the password of an account away."""


class ResetTotpForm(Form):
    """Take the authenticator of an account away."""


REASON = (InputRequired(), Length(min=2, max=300))


class LockAccountForm(Form):
    """Shut an account."""

    reason = StringField(_l("Reason"), REASON, description=_l("It stays with the account and is read by auditors."))


class FromDay(Form):
    """What begins on a day, today at the earliest, and may end."""

    first_day = date.min
    start = DateField(_l("First day"), [InputRequired()])
    last = DateField(_l("Last day"), [Optional()], description=_l("Blank for no end."))

    @property
    def until(self) -> date | None:
        """The first day after it, None for no end."""
        return self.last.data + timedelta(days=1) if self.last.data else None

    def validate_start(self, field: DateField) -> None:
        if field.data and field.data < self.first_day:
            raise ValidationError(_("This day is past; a role begins today or later."))


class GiveGrantForm(FromDay):
    """A role for an account."""

    role = SelectField(_l("Role"), [InputRequired()])
    institution = SelectField(
        _l("Held for"),
        description=_l(
            "Reporters, leads, data-quality officers and the offices and departments of a hospital are held for one "
            "member, all others for the alliance."
        ),
    )
    department = SelectField(
        _l("Department"),
        default="",
        description=_l("Only for a role in one department. Choose the member first and show its departments."),
    )


class NameDeputyForm(FromDay):
    """Who stands in for the holder of a role."""

    account = SelectField(_l("Deputy"), [InputRequired()])
    last = DateField(_l("Last day"), [InputRequired()])


class RevokeGrantForm(Form):
    """The end of a role."""

    until = DateField(
        _l("Ends on"),
        [InputRequired()],
        description=_l("Today ends it at once; a later day is the first without the role."),
    )
    reason = StringField(_l("Reason"), REASON, description=_l("It stays with the role and is read by auditors."))


class FoundBodyForm(Form):
    """A new body."""

    code = StringField(
        _l("Code"), [InputRequired(), Length(max=32)], description=_l("Short, such as committee; it never changes.")
    )
    name_zh = StringField(_l("Name in Chinese"), [InputRequired(), Length(max=60)])
    name_en = StringField(_l("Name in English"), [Optional(), Length(max=80)])
    quorum = IntegerField(
        _l("Quorum"),
        [InputRequired(), NumberRange(1, 100)],
        description=_l("This share of the seats must be present for a decision."),
    )


class AddSeatForm(FromDay):
    """A seat on a body."""

    account = SelectField(_l("Person"), [InputRequired()])
    institution = SelectField(
        _l("Comes from"), description=_l("The seat is recused when a matter concerns this member.")
    )


class EndSeatForm(Form):
    """The end of a seat."""

    until = DateField(_l("Ends on"), [InputRequired()], description=_l("The first day without this seat."))
    reason = StringField(_l("Reason"), REASON)


def department_choices(found: Sequence[tuple[DepartmentFact, int]]) -> list[tuple[str, str]]:
    """The departments of a member as a tree, after none."""
    return [("", _("Choose…")), *((one.code, f"{'　' * depth}{label(one)} {one.code}") for one, depth in found)]


def role_choices() -> list[tuple[str, str]]:
    """The roles in the reader's language."""
    return [(code, role(code)) for code in ROLES]


def member_choices(found: Iterable[MemberInfo], nobody: str, none: str = "") -> list[tuple[str, str]]:
    """Members by name, after what stands for none of them."""
    return [(none, nobody), *((one.code, label(one)) for one in found)]


def person_choices(found: Sequence[tuple[str, str, str]], but: str = "") -> list[tuple[str, str]]:
    """People by account and name."""
    shown = [(code, f"{code} · {en if lang() == 'en' else zh}") for code, zh, en in found if code != but]
    return [("", _("Choose…")), *shown]


class RecordDecisionForm(Form):
    """A decision of a body: number, day, matter, text, document. The votes are fields `seat-<number>`."""

    number = StringField(_l("Decision number"), [InputRequired(), Length(max=32)])
    held_on = DateField(_l("Day of the meeting"), [InputRequired()])
    text = TextAreaField(_l("Decision"), [InputRequired(), Length(min=4, max=2000)], render_kw={"rows": 3})
    document = StringField(
        _l("Document number of the minutes"),
        [InputRequired(), Length(max=120)],
        description=_l("As it stands on the signed minutes."),
    )


def decision_form(body: BodyInfo) -> type[RecordDecisionForm]:
    """The form of a decision with one field for each seat of the body."""
    fields = {
        f"seat_{seat.number}": SelectField(
            str(seat.number),
            choices=[
                SelectChoice("", _l("Choose…")),
                *(SelectChoice(choice, CHOICE_LABELS[choice]) for choice in CHOICES),
            ],
            validate_choice=True,
        )
        for seat in body.seats
    }
    return type("SeatedDecisionForm", (RecordDecisionForm,), fields)
