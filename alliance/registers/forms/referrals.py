"""What people type about referrals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import MultipleFileField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from alliance.core.diagnoses import SYSTEMS
from alliance.core.money import cents
from alliance.core.refused import Refused
from alliance.core.specialties import SPECIALTIES
from alliance.core.written import whole
from alliance.forms import AmountField, Form, NumberRange
from alliance.i18n import lazy as _l
from alliance.i18n import said, words
from alliance.registers.forms.diagnoses import DiagnosisForm, diagnosis_field, match_field
from alliance.registers.queries import ReferralInfo
from alliance.registers.rules.people import read_identity, read_name, read_phone
from alliance.registers.rules.referral_offers import KINDS as OFFER_KINDS
from alliance.registers.rules.referral_offers import MOST
from alliance.registers.rules.referral_threads import KINDS
from alliance.registers.rules.referrals import (
    FEES,
    LINE,
    ORDINARY,
    TEXT,
    URGENCIES,
    Given,
    check_diagnosis,
)

Choices = Sequence[tuple[str, str]]


def specialties() -> list[tuple[str, str]]:
    """The specialties in the reader's language, with their codes."""
    return [(code, f"{words(one)} {code}") for code, one in SPECIALTIES.items()]


def strip(text: str | None) -> str | None:
    return text.strip() if text else text


def upper(text: str | None) -> str | None:
    return text.strip().upper() if text else text


class StepForm(Form):
    """A step of a case; `version` is the one that the person had before the eyes."""

    version = HiddenField()

    @property
    def seen(self) -> int:
        return whole(self.version.data) or 0

    def begin(self, one: ReferralInfo) -> None:
        self.version.data = str(one.version)


class FileReferralForm(DiagnosisForm):
    """A patient who is referred. What begins with `patient_` is never kept when a session ends."""

    receiver = SelectField(_l("Receiving institution"), [InputRequired()])
    specialty = SelectField(_l("Specialty"), [InputRequired()])
    urgency = RadioField(_l("Urgency"), [InputRequired()], default=ORDINARY)
    diagnosis, match = diagnosis_field(), match_field()
    system = SelectField(
        _l("Code system"), [InputRequired()], choices=[SelectChoice(code, code) for code in SYSTEMS],
        description=_l("Only of a code that the alliance's list does not have."),
    )  # fmt: skip
    system_version = StringField(_l("Version of the code system"), [InputRequired()], filters=[strip], default="2.0")
    patient_name = StringField(
        _l("Patient's name"), [InputRequired()], filters=[strip], render_kw={"autocomplete": "off"}
    )
    patient_phone = StringField(
        _l("Telephone"), [InputRequired()], filters=[strip], render_kw={"autocomplete": "off", "inputmode": "tel"}
    )
    patient_identity = StringField(
        _l("Identity number"), [InputRequired()], filters=[upper], render_kw={"autocomplete": "off"},
        description=_l("Year of birth and sex follow from it."),
    )  # fmt: skip
    purpose = TextAreaField(_l("Reason for referral"), [Optional(), Length(max=TEXT)], render_kw={"rows": 3})
    offer = SelectField(_l("Slot or bed"), [Optional()])
    consent = BooleanField(_l("The patient consents to the referral and to passing on these data."))

    def offer_choices(self, receivers: Choices, offers: Choices) -> None:
        """Receivers and what they offer, in the reader's language."""
        self.receiver.choices = list[SelectChoice]([("", _("Choose an institution")), *receivers])
        self.specialty.choices = list[SelectChoice]([("", _("Choose a specialty")), *specialties()])
        self.urgency.choices = [(code, words(one)) for code, one in URGENCIES.items()]
        self.offer.choices = list[SelectChoice]([("", _("no slot or bed")), *offers])

    def validate_patient_name(self, field: Field) -> None:
        _checked(lambda: read_name(field.data or ""))

    def validate_patient_phone(self, field: Field) -> None:
        _checked(lambda: read_phone(field.data or ""))

    def validate_patient_identity(self, field: Field) -> None:
        _checked(lambda: read_identity(field.data or ""))

    def check_code(self, code: str) -> None:
        _checked(lambda: check_diagnosis(code, self.system.data or "", self.system_version.data or ""))

    def validate_consent(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("A patient is referred with consent only."))

    def given(self) -> Given:
        """What was typed, as the verb takes it."""
        one = self.found
        system, version = (one.system, one.version) if one else (self.system.data, self.system_version.data or "")
        return Given(
            self.receiver.data, self.specialty.data, self.code, system, version, self.urgency.data,
            self.patient_name.data or "", self.patient_phone.data or "", self.patient_identity.data or "",
            bool(self.consent.data), self.purpose.data or "", int(self.offer.data or 0),
        )  # fmt: skip


def _checked(check: Callable[[], object]) -> None:
    try:
        check()
    except Refused as refused:
        raise ValidationError(said(refused)) from refused


REASON = _l("Without name, telephone and identity number: it stays, and others read it too. At least ten characters.")


class DeclineReferralForm(StepForm):
    """Why a patient is not taken."""

    reason = StringField(_l("Reason"), [InputRequired(), Length(max=LINE)], filters=[strip], description=REASON)


class CancelReferralForm(DeclineReferralForm):
    """Why a referral is taken back."""


class MissReferralForm(DeclineReferralForm):
    """What is known of a patient who did not come."""


class SeeReferralForm(StepForm):
    """When a patient was seen."""

    day = DateField(_l("Seen on"), [InputRequired()])


class DischargeReferralForm(StepForm):
    """When a patient was discharged."""

    day = DateField(_l("Discharged on"), [InputRequired()])


class ReturnReferralForm(StepForm):
    """The summary with which a patient is returned."""

    day = DateField(_l("Discharged on"), [InputRequired()])
    summary = TextAreaField(
        _l("Summary for the follow-up"), [InputRequired(), Length(max=TEXT)], render_kw={"rows": 6},
        description=_l("Diagnosis, treatment, medication, what to look at and when."),
    )  # fmt: skip


class FollowReferralForm(StepForm):
    """When a patient was followed up for the first time."""

    day = DateField(_l("Followed up on"), [InputRequired()])


class CloseReferralForm(StepForm):
    """How a case ends."""

    reason = StringField(
        _l("Why there was no follow-up"), [Optional(), Length(max=LINE)], filters=[strip], description=REASON
    )


class ChargeReferralForm(StepForm):
    """What a treatment cost, by class, in yuan."""

    diagnosis = AmountField(_l("Consultation"), [Optional()])
    bed = AmountField(_l("Bed"), [Optional()])
    examination = AmountField(_l("Examination"), [Optional()])
    laboratory = AmountField(_l("Laboratory"), [Optional()])
    treatment = AmountField(_l("Treatment"), [Optional()])
    operation = AmountField(_l("Operation"), [Optional()])
    nursing = AmountField(_l("Nursing"), [Optional()])
    material = AmountField(_l("Consumables"), [Optional()])
    western_drugs = AmountField(_l("Western drugs"), [Optional()])
    chinese_drugs = AmountField(_l("Chinese drugs"), [Optional()])
    other = AmountField(_l("Other"), [Optional()])

    def amounts(self) -> dict[str, int]:
        """Cents by class."""
        return {kind: cents(self[kind].data or Decimal(0)) for kind in FEES}

    def fill(self, known: dict[str, Decimal]) -> None:
        for kind, amount in known.items():
            self[kind].data = amount


class WriteMessageForm(Form):
    """A message to the other side."""

    kind = RadioField(_l("Kind of message"), [InputRequired()])
    text = TextAreaField(
        _l("Message"), [InputRequired(), Length(max=TEXT)], render_kw={"rows": 4},
        description=_l("Only the two institutions read it; it is erased together with the contact data."),
    )  # fmt: skip
    files = MultipleFileField(
        _l("Files"), [Optional()],
        description=_l("With a dispute and until it is settled: images (PNG, JPEG) or PDF, at most 20 MB altogether. "
                       "The office reads them too: cover what names the patient."),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg"},
    )  # fmt: skip

    def attached(self) -> list[tuple[str, bytes]]:
        """The files that were chosen, by name and bytes."""
        return [(each.filename, each.read()) for each in self.files.data or () if each and each.filename]

    def offer(self, kinds: Iterable[str]) -> None:
        self.kind.choices = [(code, words(KINDS[code])) for code in kinds]


class CertifyPairForm(Form):
    """Why the second of two referrals was needed."""

    reason = StringField(_l("Medical reason"), [InputRequired(), Length(max=LINE)], filters=[strip], description=REASON)


class CountersignPairForm(Form):
    """Whether a certified pair counts."""

    verdict = RadioField(
        _l("Verdict"), [InputRequired()],
        choices=[
            SelectChoice("yes", _l("Justified: both referrals count")),
            SelectChoice("no", _l("Not justified: neither counts")),
        ],
    )  # fmt: skip


class PublishOfferForm(Form):
    """Slots or beds of a day."""

    specialty = SelectField(_l("Specialty"), [InputRequired()])
    kind = RadioField(_l("Slot or bed"), [InputRequired()], default="slot")
    day = DateField(_l("Day"), [InputRequired()])
    capacity = IntegerField(
        _l("How many"), [InputRequired(), NumberRange(0, MOST)],
        description=_l("In all, with those that are taken already. 0 takes the offer back."),
    )  # fmt: skip

    def offer(self) -> None:
        self.specialty.choices = list[SelectChoice]([("", _("Choose a specialty")), *specialties()])
        self.kind.choices = [(code, words(one)) for code, one in OFFER_KINDS.items()]


class ImportReferralForm(Form):
    """A file of the hospital's own system."""

    source = StringField(
        _l("System"), [InputRequired(), Length(max=20)], filters=[upper], default="HIS",
        description=_l("The system that delivers the file. The same record of a system is taken once."),
    )  # fmt: skip
    file = FileField(
        _l("Table of referrals"),
        description=_l("An .xlsx or CSV file of at most 20 MB."),
        render_kw={"accept": ".xlsx,.csv"},
    )
    kept = HiddenField()
    name = HiddenField()

    def validate_file(self, field: FileField) -> None:
        if not field.data and not self.kept.data:
            raise ValidationError(_("Choose a file."))


def day_field(form: StepForm, today: date) -> None:
    """A day that is today unless somebody says otherwise."""
    field = form._fields.get("day")
    if field is not None and field.data is None:
        field.data = today
