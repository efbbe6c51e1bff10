"""What is typed about mails: nothing; a button sends them again."""

from __future__ import annotations

from alliance.forms import Form


class ResendMailForm(Form):
    """Mails that were given up are tried again."""
