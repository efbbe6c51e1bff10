"""The forms of the data standard."""

from __future__ import annotations

from wtforms import (
    DateField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from alliance.forms import Form
from alliance.i18n import lazy as _l
from alliance.indicators.forms.definitions import Asked


class FilterStandardForm(Asked):
    """The data standard of which period and tier."""

    period = SelectField(_l("Period"))
    tier = SelectField(_l("Tier"))


class DefineStandardForm(Form):
    """What the data standard says on rewards and penalties."""

    valid_from = DateField(_l("Holds from"), [InputRequired()], description=_l("Earlier periods keep the text before."))
    text_zh = TextAreaField(
        _l("Text in Chinese"), [InputRequired(), Length(max=6000)], render_kw={"rows": 8, "lang": "zh-Hans-CN"}
    )
    text_en = TextAreaField(
        _l("Text in English"), [InputRequired(), Length(max=6000)], render_kw={"rows": 8, "lang": "en"}
    )
