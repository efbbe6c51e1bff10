"""The forms of definitions, and the words for their closed sets."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.indicators.forms.periods import KIND_LABELS

DIRECTION_LABELS = {
    "higher": _l("higher"),
    "lower": _l("lower"),
    "band": _l("inside a band"),
    "monitor": _l("only watched"),
}

TAG_LABELS = {"collaboration": _l("collaboration"), "health": _l("health outcome"), "patient": _l("patient outcome")}


SYNERGY_LABELS = {
    "resource": _l("resource"),
    "service": _l("service"),
    "information": _l("information"),
    "management": _l("management"),
}


MARK_LABELS = {
    "verified": _l("verified"),
    "template": _l("template"),
    "own": _l("the alliance's own"),
}


MODE_LABELS = {
    "register": _l("from a register"),
    "captured": _l("captured from a system"),
    "filed": _l("filed by hand"),
    "rated": _l("rated"),
    "surveyed": _l("surveyed"),
}


AGGREGATION_LABELS = {
    "flow": _l("summed over the months"),
    "stock": _l("the value at the end"),
    "mean": _l("weighted mean"),
}


CAUSE_LABELS = {
    "policy": _l("policy"),
    "need": _l("need of management"),
    "finding": _l("finding of a check"),
    "objection": _l("objection"),
}

BACK_LABELS = {"year": _l("the same period a year before"), "period": _l("the period before")}

FREQUENCY_LABELS = {"month": _l("month"), "quarter": _l("quarter"), "year": _l("year")}

FILERS = {"false": _l("each member"), "true": _l("the office, once for the alliance")}

EXPLAINED = {"false": _l("no explanation"), "true": _l("explained before it is signed")}

TIER_CODES = ("primary", "secondary", "tertiary")

ANY = ("", _l("all"))


# The fields of a definition as people call them; those in two languages stand with each.
FIELD_LABELS = {
    "code": _l("Code"),
    "name_zh": _l("Name in Chinese"),
    "name_en": _l("Name in English"),
    "kind": _l("Kind"),
    "dimension": _l("Dimension"),
    "numerator": _l("Numerator"),
    "denominator": _l("Denominator"),
    "factor": _l("Factor"),
    "of": _l("Of which indicator"),
    "back": _l("Compared with"),
    "upper": _l("Upper indicator"),
    "lower": _l("Lower indicator"),
    "external": _l("Reference"),
    "indicators": _l("Indicators compared"),
    "tolerance": _l("Tolerance"),
    "threshold": _l("Threshold"),
    "percent": _l("Percentile"),
    "unit_zh": _l("Unit in Chinese"),
    "unit_en": _l("Unit in English"),
    "places": _l("Decimal places"),
    "direction": _l("Better"),
    "band": _l("Band"),
    "target": _l("Target"),
    "tiers": _l("Tiers"),
    "tags": _l("Tags"),
    "synergy": _l("Kind of synergy"),
    "definition_zh": _l("Definition in Chinese"),
    "definition_en": _l("Definition in English"),
    "window_zh": _l("Window in Chinese"),
    "window_en": _l("Window in English"),
    "source_zh": _l("Source of the data in Chinese"),
    "source_en": _l("Source of the data in English"),
    "scope_zh": _l("Scope in Chinese"),
    "scope_en": _l("Scope in English"),
    "exclusions_zh": _l("Exclusions in Chinese"),
    "exclusions_en": _l("Exclusions in English"),
    "reference_zh": _l("Published text in Chinese"),
    "reference_en": _l("Published text in English"),
    "aggregation": _l("Several periods together"),
    "weight": _l("Weighted by"),
    "frequency": _l("Frequency"),
    "mode": _l("Collection"),
    "minimum": _l("Lower bound"),
    "maximum": _l("Upper bound"),
    "soft_minimum": _l("Usual from"),
    "soft_maximum": _l("Usual to"),
    "whole": _l("Part of"),
    "explained": _l("Outside the band"),
    "reference_date_zh": _l("Reference date in Chinese"),
    "reference_date_en": _l("Reference date in English"),
    "officer_zh": _l("Responsible in Chinese"),
    "officer_en": _l("Responsible in English"),
    "code_system": _l("Code system"),
}

LONG = ("definition", "window", "source", "scope", "exclusions", "reference")


def _choices(labels: Mapping[str, str], none: str = "") -> list[SelectChoice]:
    """What may be chosen, after a first choice of nothing where it has a name."""
    every = {"": none, **labels} if none else labels
    return [SelectChoice(value, text) for value, text in every.items()]


class Asked(Form):
    """A form of filters: read from the address, changes nothing."""

    class Meta(Form.Meta):
        csrf = False


class FilterIndicatorForm(Asked):
    """Which indicators to list."""

    search = StringField(_l("Name or code"))
    dimension = SelectField(_l("Dimension"))
    kind = SelectField(_l("Kind"), choices=_choices(KIND_LABELS, _l("all")))
    tier = SelectField(_l("Tier"))
    direction = SelectField(_l("Better"), choices=_choices(DIRECTION_LABELS, _l("all")))
    tag = SelectField(_l("Tag"), choices=_choices(TAG_LABELS, _l("all")))
    mark = SelectField(_l("Mark"), choices=_choices(MARK_LABELS, _l("all")))
    used = SelectField(_l("In a scheme"), choices=_choices({"yes": _l("yes"), "no": _l("no")}, _l("all")))


class FilterElementForm(Asked):
    """Which data elements to list."""

    search = StringField(_l("Name or code"))
    mode = SelectField(_l("Collection"), choices=_choices(MODE_LABELS, _l("all")))
    frequency = SelectField(_l("Frequency"), choices=_choices(FREQUENCY_LABELS, _l("all")))
    tier = SelectField(_l("Tier"))
    mark = SelectField(_l("Mark"), choices=_choices(MARK_LABELS, _l("all")))


class LoadLibraryForm(Form):
    """From when the definitions of a shipped library hold."""

    valid_from = DateField(
        _l("Holds from"),
        [InputRequired()],
        description=_l("The first day of a month that no scored period reaches. From then on the values are due."),
    )


def _words(name: str) -> dict[str, StringField]:
    field = TextAreaField if name in LONG else StringField
    return {
        f"{name}_{language}": field(FIELD_LABELS[f"{name}_{language}"], [Optional(), Length(max=2000)])
        for language in ("zh", "en")
    }


class DefineForm(Form):
    """A version of a definition: from when, why, and what its author had before the eyes."""

    code = StringField(
        FIELD_LABELS["code"],
        [InputRequired(), Length(max=12)],
        description=_l("1 to 12 letters and digits, beginning with a letter; it never changes."),
    )
    name_zh = StringField(FIELD_LABELS["name_zh"], [InputRequired(), Length(max=200)])
    name_en = StringField(FIELD_LABELS["name_en"], [InputRequired(), Length(max=200)])
    definition_zh, definition_en = _words("definition").values()
    unit_zh, unit_en = _words("unit").values()
    places = StringField(FIELD_LABELS["places"], [Optional(), Length(max=2)])
    tiers = SelectMultipleField(
        FIELD_LABELS["tiers"], option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    source_zh, source_en = _words("source").values()
    seen = HiddenField()
    valid_from = DateField(
        _l("Holds from"),
        [InputRequired()],
        description=_l(
            "The first day of a period that no scored period reaches. Earlier results keep the old version."
        ),
    )
    cause = SelectField(_l("Cause"), [InputRequired()], choices=_choices(CAUSE_LABELS, _l("choose")))
    cause_text = TextAreaField(
        _l("Why the definition changes"),
        [InputRequired(), Length(min=10, max=2000)],
        description=_l("At least 10 characters, such as the document or the minutes it rests on."),
    )


class DefineIndicatorForm(DefineForm):
    """An indicator, new or in a new version."""

    dimension = SelectField(FIELD_LABELS["dimension"])
    kind = SelectField(FIELD_LABELS["kind"], choices=_choices(KIND_LABELS))
    numerator = StringField(
        FIELD_LABELS["numerator"],
        [Optional(), Length(max=400)],
        description=_l("Codes of data elements with their signs, such as E001 + E002 − E003."),
    )
    denominator = StringField(
        FIELD_LABELS["denominator"], [Optional(), Length(max=400)], description=_l("Blank for a sum.")
    )
    factor = StringField(FIELD_LABELS["factor"], [Optional(), Length(max=20)], description=_l("100 for per cent."))
    of = StringField(
        FIELD_LABELS["of"],
        [Optional(), Length(max=12)],
        description=_l("For growth and difference of another indicator, instead of numerator and denominator."),
    )
    back = SelectField(FIELD_LABELS["back"], choices=_choices(BACK_LABELS), validate_choice=False)
    external = StringField(
        FIELD_LABELS["external"],
        [Optional(), Length(max=12)],
        description=_l("For a difference: the element compared with."),
    )
    upper = StringField(FIELD_LABELS["upper"], [Optional(), Length(max=12)], description=_l("For a ratio of ratios."))
    lower = StringField(FIELD_LABELS["lower"], [Optional(), Length(max=12)], description=_l("For a ratio of ratios."))
    indicators = StringField(
        FIELD_LABELS["indicators"],
        [Optional(), Length(max=1000)],
        description=_l("For agreement with the lead: codes of indicators."),
    )
    tolerance = StringField(
        FIELD_LABELS["tolerance"],
        [Optional(), Length(max=20)],
        description=_l("For agreement with the lead, in per cent."),
    )
    threshold = StringField(
        FIELD_LABELS["threshold"], [Optional(), Length(max=20)], description=_l("For a share of cases.")
    )
    percent = StringField(FIELD_LABELS["percent"], [Optional(), Length(max=20)], description=_l("For a percentile."))
    direction = SelectField(FIELD_LABELS["direction"], choices=_choices(DIRECTION_LABELS))
    band = StringField(
        FIELD_LABELS["band"], [Optional(), Length(max=40)], description=_l("Lower and upper end, such as 15, 25.")
    )
    explained = SelectField(FIELD_LABELS["explained"], choices=_choices(EXPLAINED))
    target = StringField(FIELD_LABELS["target"], [Optional(), Length(max=20)])
    tags = SelectMultipleField(
        FIELD_LABELS["tags"], choices=_choices(TAG_LABELS), option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )  # fmt: skip
    synergy = SelectField(FIELD_LABELS["synergy"], choices=_choices(SYNERGY_LABELS, _l("none")))
    window_zh, window_en = _words("window").values()
    scope_zh, scope_en = _words("scope").values()
    exclusions_zh, exclusions_en = _words("exclusions").values()
    reference_zh, reference_en = _words("reference").values()


class DefineElementForm(DefineForm):
    """A data element, new or in a new version."""

    frequency = SelectField(FIELD_LABELS["frequency"], choices=_choices(FREQUENCY_LABELS))
    mode = SelectField(FIELD_LABELS["mode"], choices=_choices(MODE_LABELS))
    aggregation = SelectField(FIELD_LABELS["aggregation"], choices=_choices(AGGREGATION_LABELS))
    weight = StringField(
        FIELD_LABELS["weight"],
        [Optional(), Length(max=12)],
        description=_l("For a weighted mean: the element that weighs."),
    )
    minimum = StringField(FIELD_LABELS["minimum"], [Optional(), Length(max=30)])
    maximum = StringField(FIELD_LABELS["maximum"], [Optional(), Length(max=30)])
    soft_minimum = StringField(FIELD_LABELS["soft_minimum"], [Optional(), Length(max=30)])
    soft_maximum = StringField(
        FIELD_LABELS["soft_maximum"],
        [Optional(), Length(max=30)],
        description=_l("Outside the usual values a member writes an explanation."),
    )
    whole = StringField(
        FIELD_LABELS["whole"],
        [Optional(), Length(max=12)],
        description=_l("The element that this one is a part of: it may never be more."),
    )
    external = SelectField(_l("Filed by"), choices=_choices(FILERS))
    reference_date_zh, reference_date_en = _words("reference_date").values()
    officer_zh, officer_en = _words("officer").values()
    code_system = StringField(
        FIELD_LABELS["code_system"],
        [Optional(), Length(max=40)],
        description=_l("Code and version of a code system, when the element counts coded cases."),
    )
