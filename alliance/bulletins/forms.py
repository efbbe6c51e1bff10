"""What people write about a bulletin."""

from __future__ import annotations

from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.forms import Form
from alliance.i18n import lazy as _l


class ComposeBulletinForm(Form):
    """Compose a bulletin of a period."""

    period = SelectField(_l("Period"), [InputRequired()])
    foreword = TextAreaField(
        _l("Foreword"),
        [Optional(), Length(max=4000)],
        description=_l("What the committee wants to say first; an empty line begins a new paragraph."),
        render_kw={"rows": 7},
    )
    foreword_en = TextAreaField(
        _l("Foreword in English"),
        [Optional(), Length(max=8000)],
        description=_l("Opens the English bulletin; without it the Chinese foreword stands there."),
        render_kw={"rows": 5, "lang": "en"},
    )


class StepForm(Form):
    """Decide or issue a bulletin."""
