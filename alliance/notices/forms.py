"""What is typed about notices."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from alliance.core.period import end_of
from alliance.forms import Checkboxes, Form
from alliance.i18n import lazy as _l
from alliance.notices.rules import LONGEST_TEXT, Draft


class PublishNoticeForm(Form):
    """A notice for people who must read it."""

    title_zh = StringField(
        _l("Title in Chinese"),
        [Optional(), Length(max=120)],
        description=_l("A notice is written in Chinese, in English or in both."),
        render_kw={"lang": "zh-Hans-CN"},
    )
    text_zh = TextAreaField(
        _l("Text of the notice in Chinese"),
        [Optional(), Length(max=LONGEST_TEXT)],
        render_kw={"rows": 8, "lang": "zh-Hans-CN"},
    )
    title_en = StringField(_l("Title in English"), [Optional(), Length(max=200)], render_kw={"lang": "en"})
    text_en = TextAreaField(
        _l("Text of the notice in English"), [Optional(), Length(max=LONGEST_TEXT)], render_kw={"rows": 5, "lang": "en"}
    )
    roles = Checkboxes(_l("Who must read it"))
    institutions = Checkboxes(
        _l("Of which members"), description=_l("None chosen: of all members, and roles held for the whole alliance.")
    )
    last_day = DateField(_l("Last day to confirm"), [InputRequired()])
    file = FileField(
        _l("File"),
        [Optional()],
        description=_l("PDF, PNG, JPEG, XLSX, DOCX, CSV or TXT; at most 20 MB."),
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.xlsx,.docx,.csv,.txt"},
    )

    def draft(self) -> Draft:
        """What was typed, as the rules take it."""
        assert self.last_day.data is not None
        return Draft(
            (self.title_zh.data or "").strip(),
            (self.title_en.data or "").strip(),
            (self.text_zh.data or "").strip(),
            (self.text_en.data or "").strip(),
            tuple(self.roles.data or ()),
            tuple(self.institutions.data or ()),
            end_of(self.last_day.data),
        )

    def attached(self) -> tuple[str, bytes] | None:
        """Name and bytes of the file, None without one."""
        file = self.file.data
        return (file.filename, file.read()) if file and file.filename else None


class WithdrawNoticeForm(Form):
    """Nobody has to read a notice any more."""

    reason = StringField(
        _l("Reason"), [InputRequired(), Length(min=2, max=300)], description=_l("It stands on the notice from then on.")
    )


class StepForm(Form):
    """Confirm a notice, or remind of it."""
