"""Turns: what is heavy, one account may ask for only so often."""

from __future__ import annotations

from flask import abort, current_app, request
from flask_login import current_user

from alliance import access, tables
from alliance.core.acts import Act
from alliance.house.sheets import makes_file
from alliance.work import services as work

# What takes seconds of a processor or leaves as a file: so many a minute for one account, whoever sends them.
HEAVY = frozenset(
    {
        Act.RATINGS_LINK_MAKE,
        Act.RATINGS_ANSWER_IMPORT,
        Act.MEMBERS_WORKBOOK_IMPORT,
        Act.MEMBERS_WORKBOOK_EXPORT,
        Act.MEMBERS_STRUCTURE_IMPORT,
        Act.MEMBERS_STRUCTURE_EXPORT,
        Act.REGISTERS_REFERRAL_IMPORT,
        Act.REGISTERS_CONFIRMATION_IMPORT,
        Act.REGISTERS_REFERRAL_PRINT,
        Act.REGISTERS_CASE_IMPORT,
        Act.REGISTERS_CASE_EXPORT,
        Act.RATINGS_SATISFACTION_EXPORT,
        Act.REGISTERS_CERTIFICATE_DOWNLOAD,
        Act.RATINGS_REPORT_DOWNLOAD,
        Act.INDICATORS_READING_DERIVE,
        Act.INDICATORS_LIBRARY_LOAD,
        Act.INDICATORS_CODESYSTEM_IMPORT,
        Act.INDICATORS_MAPPING_IMPORT,
        Act.INDICATORS_STANDARD_READ,
        Act.INDICATORS_READING_UPLOAD,
        Act.INDICATORS_READING_IMPORT,
        Act.INDICATORS_REPORT_IMPORT,
        Act.EVALUATION_SCHEME_IMPORT,
        Act.RATINGS_RUBRIC_IMPORT,
        Act.EVALUATION_RUN_TRY,
        Act.EVALUATION_RUN_COMPUTE,
        Act.FUNDS_FUND_COMPUTE,
        Act.BULLETINS_BULLETIN_COMPOSE,
        Act.BULLETINS_BULLETIN_PREVIEW,
        Act.BULLETINS_BULLETIN_ISSUE,
        Act.BULLETINS_BULLETIN_DOWNLOAD,
        Act.FUNDS_STATEMENT_READ,
        Act.FUNDS_STATEMENT_PRINT,
        Act.FUNDS_FUND_READ,
        Act.EVALUATION_SCORE_READ,
        Act.AUDIT_EVENT_EXPORT,
        Act.REGISTERS_COURSE_IMPORT,
        Act.REGISTERS_STANDARD_IMPORT,
        Act.REGISTERS_LEDGER_PUBLISH,
        Act.WORKPOINTS_SCHEME_IMPORT,
        Act.WORKPOINTS_ENTRY_IMPORT,
        Act.WORKPOINTS_ROSTER_IMPORT,
        Act.WORKPOINTS_WORKLOAD_IMPORT,
        Act.WORKPOINTS_POINTS_IMPORT,
        Act.WORKPOINTS_POINTS_EXPORT,
        Act.WORKPOINTS_LIBRARY_PUBLISH,
        Act.WORKPOINTS_LIBRARY_EXPORT,
        Act.WORKPOINTS_LIBRARY_ADOPT,
        Act.WORKPOINTS_CHARGE_LOAD,
        Act.WORKPOINTS_TOTAL_IMPORT,
        Act.WORKPOINTS_RUN_COMPUTE,
        Act.WORKPOINTS_SCHEME_TRY,
        Act.WORKPOINTS_SLIP_READ,
        Act.WORKPOINTS_SLIP_PRINT,
        Act.WORKPOINTS_PAYMENT_EXPORT,
        Act.WORKPOINTS_BANKRETURN_IMPORT,
        Act.WORKPOINTS_CORRECTION_IMPORT,
        Act.WORKPOINTS_CASE_IMPORT,
        Act.WORKPOINTS_AGREEMENT_READ,
        Act.WORKPOINTS_ANALYSIS_READ,
    }
)


def take_turn() -> None:
    """Before what is heavy: one account may ask for so much of it in a minute, however many processes answer."""
    view = current_app.view_functions.get(request.endpoint or "")
    asks = request.method == "POST" or makes_file()
    heavy = tables.wanted() or (asks and getattr(view, "act", None) in HEAVY and current_user.is_authenticated)
    if heavy and not work.take_turn(current_user.code, now=access.machine_now()):
        abort(429)
