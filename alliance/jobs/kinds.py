"""What a job does, by its act."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from flask import Flask

from alliance import worker
from alliance.core.acts import Act
from alliance.jobs.cases import import_cases, import_referrals, publish_ledgers
from alliance.jobs.checks import close_rounds, draw_rounds, find_falsifications
from alliance.jobs.pay import compute_bonus, load_charges, print_slips, try_bonus
from alliance.jobs.readings import import_readings, mark_readings
from alliance.jobs.scores import compute_scores, issue_bulletins, print_statements, try_scores
from alliance.worker import Kind

# What a job does, by its act. Each is safe to begin again: `once` recognises what an attempt before it did.
KINDS: Mapping[Act, Kind] = {
    Act.EVALUATION_RUN_COMPUTE: compute_scores,
    Act.EVALUATION_RUN_TRY: try_scores,
    Act.INDICATORS_READING_IMPORT: import_readings,
    Act.INDICATORS_READING_MARK: mark_readings,
    Act.INDICATORS_ROUND_DRAW: draw_rounds,
    Act.INDICATORS_ROUND_CLOSE: close_rounds,
    Act.INDICATORS_FALSIFICATION_FIND: find_falsifications,
    Act.BULLETINS_BULLETIN_ISSUE: issue_bulletins,
    Act.FUNDS_STATEMENT_PRINT: print_statements,
    Act.REGISTERS_CASE_IMPORT: import_cases,
    Act.REGISTERS_REFERRAL_IMPORT: import_referrals,
    Act.REGISTERS_LEDGER_PUBLISH: publish_ledgers,
    Act.WORKPOINTS_CHARGE_LOAD: load_charges,
    Act.WORKPOINTS_RUN_COMPUTE: compute_bonus,
    Act.WORKPOINTS_SCHEME_TRY: try_bonus,
    Act.WORKPOINTS_SLIP_PRINT: print_slips,
}


def work_off(app: Flask, holder: str, stop: threading.Event | None = None) -> bool:
    """Do the next job; False when none waits."""
    return worker.work_off(app, holder, KINDS, stop)
