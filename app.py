"""The application: knows every wing, and says in which order they and the house around them are prepared."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask, Response
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from alliance import access, cli, db, delivery, i18n, pages, tables, watch
from alliance.accounts import queries as accounts
from alliance.accounts.views import blueprint as accounts_blueprint
from alliance.audit.views import Directory, remember
from alliance.audit.views import blueprint as audit_blueprint
from alliance.audit.views import prepare as prepare_log
from alliance.bulletins import queries as bulletins
from alliance.bulletins.views import blueprint as bulletins_blueprint
from alliance.config import UPLOAD_LIMIT, Config, SettingError, from_environment
from alliance.core.acts import Act
from alliance.demo.clock import Clock
from alliance.demo.views import blueprint as demo_blueprint
from alliance.desk import queries as desk
from alliance.desk.views import blueprint as desk_blueprint
from alliance.evaluation import queries as evaluation
from alliance.evaluation.views import blueprint as evaluation_blueprint
from alliance.funds.views import blueprint as funds_blueprint
from alliance.house import drafts, errors, frame, headers, limits, names, receipts, sessions, sheets, turns
from alliance.indicators import queries as indicators
from alliance.indicators.views import blueprint as indicators_blueprint
from alliance.members.views import blueprint as members_blueprint
from alliance.notices.views import blueprint as notices_blueprint
from alliance.post.views import blueprint as post_blueprint
from alliance.ratings import queries as ratings
from alliance.ratings.views import blueprint as ratings_blueprint
from alliance.registers.views import blueprint as registers_blueprint
from alliance.work.views import blueprint as work_blueprint
from alliance.workpoints import queries as workpoints
from alliance.workpoints.views import blueprint as workpoints_blueprint

BLUEPRINTS = (
    accounts_blueprint,
    audit_blueprint,
    bulletins_blueprint,
    desk_blueprint,
    evaluation_blueprint,
    funds_blueprint,
    indicators_blueprint,
    members_blueprint,
    notices_blueprint,
    post_blueprint,
    ratings_blueprint,
    registers_blueprint,
    work_blueprint,
    workpoints_blueprint,
)
# Questions that pages ask of floors above their own (record 0045), each with the pages that ask.
QUESTIONS: dict[str, Callable[..., Any]] = {
    "SCHEME_USES": evaluation.uses,  # the pages of definitions
    "RATERS_ASKED": evaluation.rater_words,  # those of ratings
    "RESULTS_KEPT": desk.kept_results,  # those of results of ratings
    "WORKS_ON": indicators.works_on,  # the deadlines of registers
    "FIND_DIAGNOSES": indicators.find_diagnoses,  # their fields
    "NAMED_DIAGNOSES": indicators.named_diagnoses,
    "CASE_MIX": workpoints.case_mix,  # the page of staffing
    "DEPARTMENT_HEADS": accounts.department_heads,  # those of departments
}
# Views that take a form without its CSRF token.
UNGUARDED = (
    # Mail programs end a subscription by themselves; the address alone lets them, and lets them do nothing else.
    "alliance.accounts.views.mailboxes.end_subscription",
    # A survey is answered without a session, so there is none that a stranger's page could abuse.
    "alliance.ratings.views.answers.give_answer",
    "alliance.ratings.views.answers.refuse_answer",
)
# Seconds after which a thread that computes lets another one of its process go on. A page asks the database some twenty
# times, and after each answer it waits for its turn: with Python's own 5 ms a short page beside a long one takes three
# times as long (record 0161).
SWITCH = 0.001


def create_app(config: Config | None = None) -> Flask:
    """The portal under a configuration, by default that of the environment."""
    config = config or _deployed()
    app = Flask(__name__)
    app.config.update(_settings(config), **QUESTIONS)
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, config.proxies, config.proxies, 0, 0, 0)  # type: ignore[method-assign]
    delivery.prepare(app)
    watch.prepare(app, config)
    db.prepare(app)
    i18n.prepare(app, names.READERS)
    tables.prepare(app)
    app.before_request(sessions.forget_reader)  # before anything asks who it is
    access.prepare(app, bulletins.published_runs, ratings.engaged_grants)
    app.before_request(limits.take_lines)  # before anything reads the form
    csrf = CSRFProtect(app)
    for view in UNGUARDED:
        csrf.exempt(view)
    Bootstrap5(app)
    sessions.prepare(app)
    app.url_map.converters["int"] = limits.Number
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if config.demo:
        app.register_blueprint(demo_blueprint)
        app.extensions["alliance_clock"] = Clock()
    prepare_log(app, Directory(accounts.names, accounts.accounts_of))
    app.before_request(limits.refuse_nul)
    app.before_request(access.close_undeclared)
    app.before_request(sessions.first_things_first)
    app.before_request(sheets.begin_workbook)
    app.before_request(turns.take_turn)
    app.after_request(_finish)
    app.context_processor(frame.needed)
    app.jinja_env.globals |= {"can": access.can, "Act": Act, "drawn_once": pages.drawn_once}
    app.jinja_env.filters["left"] = pages.left
    errors.prepare(app)
    receipts.prepare(app)
    cli.prepare(app)
    if not config.testing and "FLASK_RUN_FROM_CLI" not in os.environ:
        _serve(app)
    return app


def _deployed() -> Config:
    """The configuration of the environment; the process ends when it does not start from that."""
    try:
        return from_environment()
    except SettingError as error:
        sys.exit(f"The portal does not start.\n{error}")


def _settings(config: Config) -> dict[str, Any]:
    """A configuration as Flask and what extends it read it."""
    return {
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "SESSION_COOKIE_SECURE": config.secure_cookies,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "SESSION_COOKIE_HTTPONLY": True,
        "MAX_CONTENT_LENGTH": UPLOAD_LIMIT + 2**20,
        "MAX_FORM_MEMORY_SIZE": limits.TYPED,
        "MAX_FORM_PARTS": limits.PARTS,
        "SQLALCHEMY_ENGINE_OPTIONS": db.engine_options(config.database_url),
        "BOOTSTRAP_SERVE_LOCAL": True,
        "ALLIANCE": config,
        "TESTING": config.testing,
    }


def _finish(response: Response) -> Response:
    """After each request: security headers, the event it leaves, and where a form led, for the same form again."""
    response = sheets.as_workbook(response)
    headers.add(response)
    drafts.refill(response)
    remember(response)
    if receipts.led_on(response):
        drafts.drop()
        receipts.keep(response)
    return response


def _serve(app: Flask) -> None:
    """What only a process needs that serves people; the commands that mend the portal must start without."""
    sys.setswitchinterval(SWITCH)
    cli.settle()
    with app.app_context():
        cli.check_keys()
