"""A member's statement on paper."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from alliance.accounts import queries as accounts
from alliance.audit import queries as audit
from alliance.evaluation import queries as evaluation
from alliance.funds import queries
from alliance.i18n import LANGUAGES, in_language, label, period
from alliance.members import queries as members


def statement(alliance: int, found: queries.Statement, language: str, *, site: str = "") -> str:
    """The HTML of a member's statement for paper, the same for every reader, and also outside of a request.

    `site` is the address of the portal, under which each figure is explained; "" where it is not known.
    """
    owner, fund = members.read_alliance(alliance), found.fund
    scored = evaluation.run(alliance, fund.score_run_id)
    scores = audit.read_run(fund.score_run_id, alliance)
    decided = accounts.decision(alliance, fund.decision) if fund.decision else None
    with in_language(language):
        page = current_app.jinja_env.get_template("funds/statement.html")
        return page.render(
            statement=found, fund=fund, steps=queries.steps(found, language), givens=queries.givens(alliance, found),
            scored=scored, scores=scores, decided=decided, site=site, lang=LANGUAGES[language][1], language=language,
            owner=label(owner) if owner else "",
        )  # fmt: skip


def title_of_all(fund: queries.FundInfo, language: str) -> str:
    """The title of the file that holds the statements of all members."""
    with in_language(language):
        return _("Statements of all members, %(period)s", period=period(fund.period))
