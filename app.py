"""The application: knows every wing; navigation, error handlers and hooks."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from alliance import access, cli, db, delivery, forms, i18n, pages, tables, watch, workbooks
from alliance.accounts import queries as accounts
from alliance.accounts import services as account_services
from alliance.accounts.rules.sign_in import password_days_left
from alliance.accounts.views import blueprint as accounts_blueprint
from alliance.accounts.views import matter
from alliance.audit.views import Directory, door, remember
from alliance.audit.views import blueprint as audit_blueprint
from alliance.audit.views import prepare as prepare_log
from alliance.bulletins import queries as bulletins
from alliance.bulletins.views import blueprint as bulletins_blueprint
from alliance.config import LINES_LIMIT, UPLOAD_LIMIT, Config, SettingError, from_environment
from alliance.core.acts import Act
from alliance.core.refused import AlreadyDone, Problem, Refused, mark
from alliance.core.roles import STRONG
from alliance.demo.clock import Clock
from alliance.demo.views import blueprint as demo_blueprint
from alliance.desk import queries as desk
from alliance.desk.views import blueprint as desk_blueprint
from alliance.desk.views import current_period, rail
from alliance.evaluation import queries as evaluation
from alliance.evaluation.views import blueprint as evaluation_blueprint
from alliance.funds.views import blueprint as funds_blueprint
from alliance.indicators import queries as indicators
from alliance.indicators.views import blueprint as indicators_blueprint
from alliance.members import queries as members
from alliance.members.views import blueprint as members_blueprint
from alliance.notices.views import blueprint as notices_blueprint
from alliance.post.views import blueprint as post_blueprint
from alliance.ratings import queries as ratings
from alliance.ratings.views import blueprint as ratings_blueprint
from alliance.registers.views import blueprint as registers_blueprint
from alliance.work import queries as work
from alliance.work import services as work_services
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
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
TLS = {"Strict-Transport-Security": f"max-age={365 * 24 * 3600}; includeSubDomains"}
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
        Act.WORKPOINTS_AGREEMENT_READ,
        Act.WORKPOINTS_ANALYSIS_READ,
    }
)
FILES_MADE = (
    "export",
    "download",
    "preview",
    "template",
    "marked",
)  # words in the addresses of files that are made when asked
PARTS = 5000  # fields of one form
TYPED = 2 * 2**20  # bytes of all that is typed into one form, files apart
# Why a request itself was refused, as the log keeps it.
REASONS = {
    400: mark("The request could not be understood"),
    403: mark("Your role does not include this."),
    404: mark("There is nothing at this address."),
    413: mark("The file is too large"),
    429: mark("Too much at once"),
}
MEGABYTES = UPLOAD_LIMIT // 2**20
TOUCH = 60  # seconds between two notes that a session is in use
# Seconds after which a thread that computes lets another one of its process go on. A page asks the database some twenty
# times, and after each answer it waits for its turn: with Python's own 5 ms a short page beside a long one takes three
# times as long (record 0161).
SWITCH = 0.001
FREE = access.PUBLIC | {"accounts.close_session", "accounts.discard_draft"}  # open whatever is due of a person first


class Number(IntegerConverter):
    """A number in an address; one that no database could hold is an address at which there is nothing."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


def create_app(config: Config | None = None) -> Flask:
    """The portal under a configuration, by default that of the environment."""
    if config is None:
        try:
            config = from_environment()
        except SettingError as error:
            sys.exit(f"The portal does not start.\n{error}")
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_HTTPONLY=True,
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT + 2**20,
        MAX_FORM_MEMORY_SIZE=TYPED,
        MAX_FORM_PARTS=PARTS,
        SQLALCHEMY_ENGINE_OPTIONS=db.engine_options(config.database_url),
        BOOTSTRAP_SERVE_LOCAL=True,
        ALLIANCE=config,
        TESTING=config.testing,
        SCHEME_USES=evaluation.uses,  # asked from above by the pages of definitions
        RATERS_ASKED=evaluation.rater_words,  # and by those of ratings
        RESULTS_KEPT=desk.kept_results,
        WORKS_ON=indicators.works_on,  # and by the deadlines of registers
        FIND_DIAGNOSES=indicators.find_diagnoses,  # and by their fields
        NAMED_DIAGNOSES=indicators.named_diagnoses,
        CASE_MIX=workpoints.case_mix,  # and by the page of staffing
        DEPARTMENT_HEADS=accounts.department_heads,  # and by those of departments
    )
    if config.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, config.proxies, config.proxies, 0, 0, 0)  # type: ignore[method-assign]
    delivery.prepare(app)
    watch.prepare(app, config)
    db.prepare(app)
    i18n.prepare(
        app,
        {
            "who": _member_name,
            "element": _element_name,
            "indicator": _indicator_name,
            "subject": matter,
            "library": _library_name,
            "department": _department_name,
            "employee": _employee_name,
            "rubric_item": _item_name,
        },
    )
    tables.prepare(app)
    app.before_request(_forget_reader)  # before anything asks who it is
    access.prepare(app, bulletins.published_runs, ratings.engaged_grants)
    app.before_request(_take_lines)  # before anything reads the form
    csrf = CSRFProtect(app)
    # Mail programs end a subscription by themselves; the address alone lets them, and lets them do nothing else.
    csrf.exempt("alliance.accounts.views.mailboxes.end_subscription")
    # A survey is answered without a session, so there is none that a stranger's page could abuse.
    for name in ("give_answer", "refuse_answer"):
        csrf.exempt(f"alliance.ratings.views.answers.{name}")
    Bootstrap5(app)
    _prepare_login(app)
    app.url_map.converters["int"] = Number
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if config.demo:
        app.register_blueprint(demo_blueprint)
        app.extensions["alliance_clock"] = Clock()
    prepare_log(app, Directory(_names, accounts.accounts_of))
    app.before_request(_plain_text)
    app.before_request(access.close_undeclared)
    app.before_request(_first_things_first)
    app.before_request(_begin_workbook)
    app.before_request(_take_turn)
    app.after_request(_finish)
    app.context_processor(_frame)
    app.jinja_env.globals |= {"can": access.can, "Act": Act, "drawn_once": pages.drawn_once}
    app.jinja_env.filters["left"] = pages.left
    _prepare_errors(app)
    cli.prepare(app)
    if not config.testing and "FLASK_RUN_FROM_CLI" not in os.environ:
        # Served to people; the commands that mend it must start.
        sys.setswitchinterval(SWITCH)
        cli.settle()
        with app.app_context():
            cli.check_keys()
    return app


def _prepare_login(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None  # sessions are kept on the server and end there

    def load(secret: str) -> accounts.AccountInfo | None:
        now = access.machine_now()
        found = accounts.account_of_session(secret, now)
        seen = found.seen if found else None
        if seen and (now - seen).total_seconds() > TOUCH:
            account_services.touch_session(secret, now=now)
        return found

    manager.user_loader(load)
    manager.init_app(app)


def _forget_reader() -> None:
    """Before an answer to a survey: from here on nobody is known, in the log, the counters and the database alike."""
    if request.endpoint in access.NAMELESS:
        access.become_nobody()


def _names(codes: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    return accounts.names(codes)


def _take_turn() -> None:
    """Before what is heavy: one account may ask for so much of it in a minute, however many processes answer."""
    view = current_app.view_functions.get(request.endpoint or "")
    asks = request.method == "POST" or _makes_file()
    heavy = tables.wanted() or (asks and getattr(view, "act", None) in HEAVY and current_user.is_authenticated)
    if heavy and not work_services.take_turn(current_user.code, now=access.machine_now()):
        abort(429)


def _makes_file() -> bool:
    return any(f"/{word}/" in f"{request.path}/" for word in FILES_MADE)


def _begin_workbook() -> None:
    """Before a page that is asked for as a workbook: it is made as for people, with the values of its numbers."""
    asked = request.method == "GET" and request.args.get("format") == "xlsx"
    if asked and current_user.is_authenticated and request.endpoint not in access.PUBLIC and not _makes_file():
        tables.begin()


def _as_workbook(response: Response) -> Response:
    """The page that was asked for as a workbook; what has no table, such as the page of an error, stays a page."""
    if not tables.wanted() or not (response.mimetype or "").startswith(("text/", "application/json")):
        return response
    page = response.get_data(as_text=True)
    found = tables.read(page) if response.status_code == 200 and response.mimetype == "text/html" else []
    if not found:
        response.set_data(tables.unmarked(page))
        return response
    content = workbooks.write(found, _about(page, found))
    name = re.sub(r'[\\/:*?"<>|\s]+', " ", tables.heading(page)).strip(" .？?")
    return pages.attachment(content, f"{name} {access.today()}.xlsx", workbooks.MEDIA, door())


def _about(page: str, found: Sequence[tables.Table]) -> workbooks.About:
    """What a workbook says of itself, in the reader's language."""
    owner = members.read_alliance(access.alliance_id()) if access.grants() else None
    facts = [
        (_("Page"), tables.heading(page)),
        *tables.asked(page, request.args),
        (_("Address"), f"{request.host_url.rstrip('/')}{pages.address_of_all()}"),
        (_("Alliance"), i18n.label(owner) if owner else "—"),
        (_("Taken by"), i18n.label(current_user) + i18n.bracketed(current_user.code)),
        (_("Roles"), i18n.listed(i18n.role(grant.role) for grant in access.grants()) or "—"),
        (_("Taken at"), i18n.moment(access.now())),
        *((_("Rows of “%(table)s”", table=one.caption), str(len(one.rows))) for one in found),
    ]
    if any(len(one.rows) >= pages.ROWS for one in found):
        words = _("A list holds at most %(limit)s rows here. Narrow the filters to have the rest.", limit=pages.ROWS)
        facts.append((_("Limit reached"), words))
    facts.append(
        (_("Cells"), _("Numbers and dates have their exact values; everything else is text, never a formula."))
    )
    return workbooks.About(tables.heading(page), facts)


def _plain_text() -> ResponseReturnValue | None:
    """Before each request: refuse text with a NUL, which no field means and PostgreSQL does not store."""
    if "\0" in request.path:
        return redirect(url_for("desk.read_home"))  # a page could not even name such an address
    typed = (text for values in (request.args, request.form) for pair in values.items(multi=True) for text in pair)
    if any("\0" in text for text in typed):
        abort(400)
    return None


def _first_things_first() -> ResponseReturnValue | None:
    """Before each request: whose password is too old, or whose role needs a second factor, sees to that first."""
    if request.endpoint in FREE or not current_user.is_authenticated:
        return None
    config: Config = current_app.config["ALLIANCE"]
    age = access.machine_now() - current_user.password_at
    if password_days_left(age, config.password_days) == 0:
        due = "accounts.change_password"
    elif config.totp and not current_user.totp and any(grant.role in STRONG for grant in access.grants()):
        due = "accounts.enrol_totp"
    else:
        return None
    aged = "1" if due == "accounts.change_password" else None
    return None if request.endpoint == due else redirect(url_for(due, aged=aged))


def _take_lines() -> None:
    """A file of charge lines may be large, from whoever may load one."""
    if request.endpoint != "workpoints.load_charge" or not access.grants():
        return
    if access.can(Act.WORKPOINTS_CHARGE_LOAD):
        request.max_content_length = LINES_LIMIT


def _member_name(code: str) -> str:
    """The name of a member for a message; its code where nobody reads, and of what is none."""
    if "members" not in g:
        found = members.institutions(access.alliance_id(), access.today()) if _somebody_reads() else []
        g.members = {one.code: one for one in found}
    return i18n.label(g.members[code]) if code in g.members else code


def _department_name(place: str) -> str:
    """The name of a department given as institution/code, as it was recorded last; its code where nobody reads."""
    institution, _slash, code = place.partition("/")
    if "departments" not in g:
        g.departments = {}
    if institution not in g.departments:
        g.departments[institution] = (
            members.department_names(access.alliance_id(), institution) if _somebody_reads() else {}
        )
    found = g.departments[institution].get(code)
    return i18n.label(found) if found else code


def _employee_name(place: str) -> str:
    """The name of an employee given as institution/number, as it was recorded last; the number where nobody reads."""
    institution, _slash, number = place.partition("/")
    known = g.setdefault("employees", {})
    if institution not in known:
        known[institution] = members.employee_names(access.alliance_id(), institution) if _somebody_reads() else {}
    found = known[institution].get(number)
    return i18n.label(found) if found else number


def _item_name(place: str) -> str:
    """The name of an item given as period/code, by the rubric of the period's panel; its code where nobody reads."""
    period, _slash, code = place.partition("/")
    panel = ratings.panel(access.alliance_id(), period) if _somebody_reads() else None
    found = ratings.rubric_of(access.alliance_id(), panel).item(code) if panel else None
    return i18n.words(found.name) if found else code


def _element_name(code: str) -> str:
    """The name of a data element with its code, by which files name it."""
    known = indicators.library(access.alliance_id(), indicators.NEWEST).elements if _somebody_reads() else {}
    return i18n.words(known[code].name) + i18n.bracketed(code) if code in known else code


def _indicator_name(code: str) -> str:
    """The name of an indicator with its code, in the same way."""
    known = indicators.library(access.alliance_id(), indicators.NEWEST).indicators if _somebody_reads() else {}
    return i18n.words(known[code].name) + i18n.bracketed(code) if code in known else code


def _library_name(code: str) -> str:
    """The name of a shipped library; of other definitions whose they are."""
    if code in indicators.SHIPPED:
        return i18n.words(indicators.shipped(code).name)
    return _("the alliance's own") if code == "own" else code


def _somebody_reads() -> bool:
    return has_request_context() and bool(access.grants())


def _prepare_errors(app: Flask) -> None:
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(AlreadyDone, _already_done)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def _page(
    status: int, title: str, text: str, advice: str = "", problems: Sequence[Problem] = ()
) -> ResponseReturnValue:
    number = g.get("request_number", "")
    refusal = {
        "status": status, "title": title, "text": text, "advice": advice, "problems": problems, "number": number
    }  # fmt: skip
    return render_template("house/refusal.html", refusal=refusal), status


def _refused(refused: Refused) -> ResponseReturnValue:
    access.refused(refused.message, refused.status)
    titles = {404: _("Nothing is here"), 403: _("This is not yours to do")}
    title = titles.get(refused.status, _("This cannot be done"))
    advice = _("Check the address, or begin from your tasks.") if refused.status == 404 else ""
    return _page(refused.status, title, i18n.said(refused), advice, refused.problems)


def _already_done(done: AlreadyDone) -> ResponseReturnValue:
    """The same form again: answered with where the first answer led."""
    access.refused(done.message, done.status)
    g.done_before = True
    flash(i18n.said(done), "info")
    return redirect(work.location_of(done.once) or url_for("desk.read_home"))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, CSRFError):
        access.refused(mark("The form could not be trusted"), 400)
        return _page(
            400,
            _("The form could not be trusted"),
            _("The form is too old or comes from another page; nothing was changed."),
            _("Go back, reload the page and send it again."),
        )
    if error.code == 401:
        where = _address() if request.method == "GET" else _keep_typed()
        if request.method == "GET" and session.get("_user_id"):
            flash(_("Your session has ended. Sign in again, and you come back to the page you asked for."), "info")
        return redirect(url_for("accounts.open_session", next=where))
    if error.code == 405 and request.method == "GET":
        return redirect(url_for("desk.read_home"))  # a form was refused here, and somebody asks for its address
    words = {
        403: (
            _("This is not yours to do"), _("Your role does not include this."),
            _("If it is your work, ask the office."),
        ),
        404: (
            _("Nothing is here"), _("There is nothing at this address."),
            _("Check the address, or begin from your tasks."),
        ),
        405: (
            _("This cannot be done at this address"),
            _("The address does not take what was sent; nothing was changed."),
            _("Go back and use the buttons of the page."),
        ),
        429: (
            _("Too much at once"), _("You have asked for more heavy work than one minute allows; nothing was changed."),
            _("Wait a minute and send it again."),
        ),
        413: (
            _("The form is too large"), _("It has too many fields, or too much was typed; nothing was changed."),
            _("Send it in parts."),
        ) if (request.content_length or 0) <= UPLOAD_LIMIT else (
            _("The file is too large"), _("At most %(limit)s MB are taken; nothing was changed.", limit=MEGABYTES),
            _("Split the file and send its parts one after another."),
        ),
    }  # fmt: skip
    # Whatever else a server can say, its own words are English and for programmers.
    other = (
        _("The request could not be understood"), _("Something in it is missing or malformed; nothing was changed."),
        _("Go back, reload the page and send it again."),
    )  # fmt: skip
    code = error.code or 500
    if code >= 500:
        # The page of an error failed too: most likely for want of the database.
        cause = getattr(error, "original_exception", None)
        return _away(cause) if cause and db.is_away(cause) else _our_fault(code)
    if code in REASONS and request.endpoint:
        access.refused(REASONS[code], code)
    return _page(code, *words.get(code, other))


def _address() -> str:
    """The local address of the page at hand."""
    return request.full_path if request.query_string else request.path


def _keep_typed() -> str:
    """The session had run out before this form came: keep what was typed, and say where the form stands."""
    from_page = urlsplit(request.referrer or "")
    page = _address()
    if from_page.netloc == request.host:
        page = from_page.path + (f"?{from_page.query}" if from_page.query else "")
    elif "GET" not in (request.url_rule.methods or () if request.url_rule else ()):
        page = "/"
    fields = forms.typed(dict(request.form.lists()))
    draft = account_services.keep_draft(
        session.get("_user_id", ""), page, request.path, fields, now=access.machine_now()
    )
    if draft:
        session["draft"] = draft
        flash(_("The session had ended, and nothing was sent. Sign in again: what you typed comes back."), "warning")
    else:
        flash(_("The session had ended, and nothing was sent. Sign in again."), "warning")
    return page


def _draft() -> accounts.DraftInfo | None:
    """What the person at the keyboard had typed into a form of the page at hand when the session ended."""
    if not session.get("draft") or not current_user.is_authenticated:
        return None
    if "draft" not in g:
        g.draft = accounts.draft(session["draft"], current_user.code, access.machine_now())
    found: accounts.DraftInfo | None = g.draft
    return found


def _draft_here() -> bool:
    found = _draft() if request.method == "GET" else None
    return found is not None and found.page == _address()


def _fault(error: Exception) -> ResponseReturnValue:
    """A fault of the program: logged with its trace, and told without."""
    if db.is_away(error):
        return _away(error)
    current_app.logger.exception("fault at %s", request.endpoint, exc_info=error)
    db.db.session.rollback()
    return _our_fault(500)


def _away(error: Exception) -> ResponseReturnValue:
    """The database does not answer: nothing can be asked of it for this page either, not even who reads it."""
    current_app.logger.error("the database does not answer at %s: %s", request.endpoint, type(error).__name__)
    db.db.session.remove()
    access.become_nobody()
    return _page(
        503,
        _("The portal cannot reach its data at the moment"),
        _("The database does not answer. Nothing was changed, and what was saved before is not lost."),
        _("Wait a minute and try again. If this lasts, tell the office the number of the request below."),
    )


def _our_fault(status: int) -> ResponseReturnValue:
    return _page(
        status,
        _("Something went wrong on our side"),
        _("This page could not be made. Nothing was changed, and what was saved before is not lost."),
        _("Try again. If it happens again, tell the office the number of the request below and what you were doing."),
    )


def _finish(response: Response) -> Response:
    """After each request: security headers, the event it leaves, and where a form led, for the same form again."""
    config: Config = current_app.config["ALLIANCE"]
    response = _as_workbook(response)
    for name, value in (HEADERS | (TLS if config.secure_cookies else {})).items():
        response.headers.setdefault(name, value)
    if request.endpoint not in access.FILES:
        # Pages hold what the next person at the machine must not find, also before sign-in: tokens.
        response.headers["Cache-Control"] = "private, no-store"
    if response.status_code in (429, 503):
        response.headers.setdefault("Retry-After", "60")
    if response.status_code == 200 and response.mimetype == "text/html" and _draft_here():
        found = _draft()
        assert found is not None
        page = forms.refilled(response.get_data(as_text=True), request.path, found.target, found.fields)
        response.set_data(page)
    remember(response)
    # Where the second of two at once is sent must not be taken for where the first one led.
    led_on = request.method == "POST" and response.status_code in (302, 303) and not g.get("done_before")
    if led_on and session.get("draft") and current_user.is_authenticated and _is_target():
        session.pop("draft")
    once = request.form.get("once", "")[:64] if led_on else ""
    if once and current_user.is_authenticated:
        work_services.keep_receipt(once, response.location or "", now=access.machine_now())
    return response


def _is_target() -> bool:
    """Whether this request did what the draft was for; then it is not offered any more."""
    found = _draft()
    return found is not None and found.target == request.path


def _frame() -> dict[str, Any]:
    """What the page frame needs: language, alliance, person, tasks."""
    lang = i18n.lang()
    frame: dict[str, Any] = {
        "language": lang,
        "lang": i18n.LANGUAGES[lang][1],
        "languages": [
            {"code": code, "label": parts[2], "current": code == lang} for code, parts in i18n.LANGUAGES.items()
        ],
        "person": None,
        "alliance": None,
        "rail": (),
        "frame_period": None,
        "own_data": "",
        "typed_before": _draft_here(),
        "workbook_url": "",
    }
    if current_user.is_authenticated:
        frame["workbook_url"] = pages.workbook_url() if request.method == "GET" else ""
        # Who has no role yet has an account all the same.
        frame["person"] = {"name": i18n.label(current_user), "roles": ""}
    if current_user.is_authenticated and access.grants():
        owner = members.read_alliance(access.alliance_id())
        name = i18n.label(current_user)
        roles = i18n.listed(i18n.role(grant.role) for grant in access.grants())
        frame |= {
            "person": {"name": name, "roles": roles},
            "alliance": {"name": i18n.label(owner)} if owner else None,
            "rail": rail(),
            "frame_period": current_period(),
            "own_data": next(iter(sorted(access.scope().own)), ""),
        }
    return frame
