"""One step that is done by a button."""

from __future__ import annotations

from alliance.forms import Form


class StepForm(Form):
    """A button that asks once more: remind, hand in, lock, close."""
