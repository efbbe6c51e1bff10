"""The doors of periods."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, now, requires
from alliance.core.acts import Act
from alliance.core.period import SHANGHAI
from alliance.indicators import services
from alliance.indicators.forms import (
    OpenPeriodForm,
)
from alliance.indicators.views.blueprint import blueprint


@blueprint.route("/periods/open", methods=["GET", "POST"])
@requires(Act.INDICATORS_PERIOD_OPEN)
def open_period() -> ResponseReturnValue:
    """Open a period for filing."""
    form = OpenPeriodForm()
    if form.validate_on_submit() and form.last_day.data:
        # The first moment that is too late: 24:00 of the last day, on the clock of Shanghai.
        due = datetime.combine(form.last_day.data + timedelta(days=1), time(), SHANGHAI)
        code = (form.period.data or "").strip()
        if form.done(lambda: services.open_period(alliance_id(), code, due, by=actor(), now=now()))[0]:
            flash(_("The period is open."), "success")
            return redirect(url_for("indicators.list_submissions", period=code))
    return render_template("indicators/open_period.html", form=form), 422 if form.errors or form.refused else 200
