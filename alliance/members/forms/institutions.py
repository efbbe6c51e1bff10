"""What people type or upload about members."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from alliance.forms import Form
from alliance.i18n import lazy as _l


class ImportWorkbookForm(Form):
    """The members' workbook."""

    file = FileField(
        _l("Workbook"),
        [FileRequired(_l("Choose a file."))],
        description=_l(
            "An .xlsx or CSV file of at most 20 MB. The workbook that can be downloaded here is the template."
        ),
        render_kw={"accept": ".xlsx,.csv"},
    )
