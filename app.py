"""The application: knows every wing; navigation, error handlers and hooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from alliance import access, cli, db, i18n
from alliance.accounts import queries as accounts
from alliance.accounts import services as account_services
from alliance.accounts.views import blueprint as accounts_blueprint
from alliance.accounts.views import matter
from alliance.bulletins import queries as bulletins
from alliance.bulletins.views import blueprint as bulletins_blueprint
from alliance.config import UPLOAD_LIMIT, Config, from_environment
from alliance.core.acts import Act
from alliance.core.refused import AlreadyDone, Problem, Refused
from alliance.demo.views import blueprint as demo_blueprint
from alliance.desk.views import blueprint as desk_blueprint
from alliance.desk.views import rail
from alliance.evaluation.views import blueprint as evaluation_blueprint
from alliance.funds.views import blueprint as funds_blueprint
from alliance.indicators import queries as indicators
from alliance.indicators.views import blueprint as indicators_blueprint
from alliance.members import queries as members
from alliance.members.views import blueprint as members_blueprint
from alliance.work import queries as work
from alliance.work import services as work_services
from alliance.work.views import blueprint as work_blueprint

BLUEPRINTS = (
    accounts_blueprint,
    bulletins_blueprint,
    desk_blueprint,
    evaluation_blueprint,
    funds_blueprint,
    indicators_blueprint,
    members_blueprint,
    work_blueprint,
)
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
MEGABYTES = UPLOAD_LIMIT // 2**20
TOUCH = 60  # seconds between two notes that a session is in use


class Number(IntegerConverter):
    """A number in an address; one that no database could hold is an address at which there is nothing."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=2**31 - 1)


def create_app(config: Config | None = None) -> Flask:
    """The portal under a configuration, by default that of the environment."""
    config = config or from_environment()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SESSION_COOKIE_SECURE=config.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT + 2**20,
        BOOTSTRAP_SERVE_LOCAL=True,
        ALLIANCE=config,
        TESTING=config.testing,
    )
    db.prepare(app)
    i18n.prepare(app, {"who": _member_name, "element": _element_name, "indicator": _indicator_name, "subject": matter})
    access.prepare(app, bulletins.published_runs)
    CSRFProtect(app)
    Bootstrap5(app)
    _prepare_login(app)
    app.url_map.converters["int"] = Number
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if config.demo:
        app.register_blueprint(demo_blueprint)
    app.before_request(access.close_undeclared)
    app.after_request(_finish)
    app.context_processor(_frame)
    app.jinja_env.globals |= {"can": access.can, "Act": Act}
    _prepare_errors(app)
    cli.prepare(app)
    return app


def _prepare_login(app: Flask) -> None:
    manager = LoginManager()
    manager.session_protection = None  # sessions are kept on the server and end there

    def load(secret: str) -> accounts.AccountInfo | None:
        now = access.now()
        found = accounts.account_of_session(secret, now)
        seen = accounts.session_seen(secret) if found else None
        if seen and (now - seen).total_seconds() > TOUCH:
            account_services.touch_session(secret, now=now)
        return found

    manager.user_loader(load)
    manager.init_app(app)


def _member_name(code: str) -> str:
    """The name of a member for a message; its code where nobody reads, and of what is none."""
    if "members" not in g:
        found = members.institutions(access.alliance_id(), access.today()) if _somebody_reads() else []
        g.members = {one.code: one for one in found}
    return i18n.label(g.members[code]) if code in g.members else code


def _element_name(code: str) -> str:
    """The name of a data element with its code, by which files name it."""
    known = indicators.library(access.alliance_id()).elements if _somebody_reads() else {}
    return i18n.words(known[code].name) + i18n.bracketed(code) if code in known else code


def _indicator_name(code: str) -> str:
    """The name of an indicator with its code, in the same way."""
    known = indicators.library(access.alliance_id()).indicators if _somebody_reads() else {}
    return i18n.words(known[code].name) + i18n.bracketed(code) if code in known else code


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
    refusal = {"status": status, "title": title, "text": text, "advice": advice, "problems": problems}
    return render_template("house/refusal.html", refusal=refusal), status


def _refused(refused: Refused) -> ResponseReturnValue:
    titles = {404: _("Nothing is here"), 403: _("This is not yours to do")}
    title = titles.get(refused.status, _("This cannot be done"))
    return _page(refused.status, title, i18n.said(refused), problems=refused.problems)


def _already_done(done: AlreadyDone) -> ResponseReturnValue:
    """The same form again: answered with where the first answer led."""
    g.done_before = True
    flash(i18n.said(done), "info")
    return redirect(work.location_of(done.once) or url_for("desk.read_home"))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, CSRFError):
        return _page(
            400,
            _("The form could not be trusted"),
            _("The form is too old or comes from another page; nothing was changed."),
            _("Go back, reload the page and send it again."),
        )
    if error.code == 401:
        where = request.full_path if request.query_string else request.path
        return redirect(url_for("accounts.open_session", next=where if request.method == "GET" else ""))
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
        413: (
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
        return _our_fault(code)
    return _page(code, *words.get(code, other))


def _fault(error: Exception) -> ResponseReturnValue:
    """A fault of the program: logged with its trace, and told without."""
    current_app.logger.exception("fault at %s", request.path, exc_info=error)
    db.db.session.rollback()
    return _our_fault(500)


def _our_fault(status: int) -> ResponseReturnValue:
    return _page(
        status,
        _("Something went wrong on our side"),
        _("Nothing was changed. Try again; if it happens again, tell the office."),
    )


def _finish(response: Response) -> Response:
    """After each request: security headers, and where a form led, so that the same form again is answered alike."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # Where the second of two at once is sent must not be taken for where the first one led.
    led_on = request.method == "POST" and response.status_code in (302, 303) and not g.get("done_before")
    once = request.form.get("once", "")[:64] if led_on else ""
    if once and current_user.is_authenticated:
        work_services.keep_receipt(once, response.location or "", now=access.now())
    return response


def _frame() -> dict[str, Any]:
    """What the page frame needs: language, alliance, person, tasks."""
    lang = i18n.lang()
    frame: dict[str, Any] = {
        "lang": i18n.LANGUAGES[lang][1],
        "languages": [
            {"code": code, "label": parts[2], "current": code == lang} for code, parts in i18n.LANGUAGES.items()
        ],
        "person": None,
        "alliance": None,
        "rail": (),
        "frame_period": "",
    }
    if current_user.is_authenticated and access.grants():
        owner = members.read_alliance(access.alliance_id())
        name = current_user.name_en if lang == "en" else current_user.name_zh
        roles = i18n.listed(i18n.role(grant.role) for grant in access.grants())
        frame |= {
            "person": {"name": name, "roles": roles},
            "alliance": {"name": i18n.label(owner)} if owner else None,
            "rail": rail(),
        }
    return frame
