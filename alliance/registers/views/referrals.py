"""The doors of referrals: list, open, file, print."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance import pdf
from alliance.access import actor, alliance_id, can, concerns, machine_now, now, requires, scope, today
from alliance.accounts import queries as accounts
from alliance.charts import qr
from alliance.cipher import Unreadable
from alliance.core.acts import Act
from alliance.core.diagnoses import Diagnosis
from alliance.core.period import day_of
from alliance.core.refused import NotFound, Refused
from alliance.core.specialties import SPECIALTIES
from alliance.i18n import LANGUAGES, bracketed, day, label, period, words
from alliance.members import queries as members
from alliance.pages import Leaf, Step, attachment, part
from alliance.registers import queries, services, sheets
from alliance.registers.forms import FileReferralForm, RecordConfirmationForm, StepForm, specialties
from alliance.registers.queries import MessageInfo, OfferInfo, ReferralInfo, Told, Wanted
from alliance.registers.rules.people import SEXES
from alliance.registers.rules.referral_offers import KINDS as OFFER_KINDS
from alliance.registers.rules.referral_pairs import PAIR_STATES
from alliance.registers.rules.referral_threads import KINDS
from alliance.registers.rules.referrals import (
    ACCEPTED,
    CLOSED,
    DIRECTIONS,
    DOWN,
    FEES,
    FILED,
    OVER,
    RECEIVER,
    RETURNED,
    SEEN,
    SENDER,
    STATES,
    STEPS,
    URGENCIES,
    follower,
)
from alliance.registers.views.blueprint import blueprint, ways, works
from alliance.registers.views.diagnoses import Diagnosed, diagnoses_of, find, usual
from alliance.store import Store

SIZE = 50
OFFERED = timedelta(days=7)
MONTHS = 24  # that the filter offers
DIGITS = 6  # of a number, behind the year


def words_of(*cases: Diagnosed) -> dict[str, Any]:
    """The words behind the codes of cases, for their pages."""
    return {
        "states": STATES, "directions": DIRECTIONS, "urgencies": URGENCIES, "specialties": SPECIALTIES, "sexes": SEXES,
        "kinds": KINDS, "pair_states": PAIR_STATES, "offer_kinds": OFFER_KINDS, "fee_words": FEES,
        "names": {one.code: one for one in members.institutions(alliance_id(), today())},
        "diagnoses": diagnoses_of(cases),
    }  # fmt: skip


def asked_referral(number: str) -> ReferralInfo:
    """A case in reach; NotFound for any other. Who opens it from neither of its sides is remembered."""
    one = queries.referral(scope(), number)
    if one is None:
        raise NotFound()
    mine = [code for code in (one.receiver, one.sender) if code in scope().own]
    concerns(mine[0] if mine else one.sender)
    return one


def sides(one: ReferralInfo, act: Act) -> list[str]:
    """The sides of a case for which the reader holds an act."""
    return [code for code in (one.receiver, one.sender) if can(act, code)]


@blueprint.get("/referrals/list")
@requires(Act.REGISTERS_REFERRAL_LIST)
def list_referrals() -> ResponseReturnValue:
    """The cases in reach, newest first, by what the address asks for."""
    asked = request.args
    wanted = Wanted(
        asked.get("state", ""), asked.get("direction", ""), asked.get("sender", ""), asked.get("receiver", ""),
        asked.get("specialty", ""), asked.get("month", ""), asked.get("figures") == "pointless",
        asked.get("figures") == "counted", now() if asked.get("overdue") else None, asked.get("waits", ""),
        scope().own, _number(asked.get("number", "")),
    )  # fmt: skip
    page, size = part(max(request.args.get("page", 1, type=int), 1), SIZE)
    found, total = queries.referrals(scope(), wanted, page, size)
    kept: dict[str, Any] = {name: value for name, value in asked.items() if name != "page" and value}
    mine, answering = _own(Act.REGISTERS_REFERRAL_FILE), _own(Act.REGISTERS_CONFIRMATION_RECORD)
    waiting = [one for one in found if one.state in (FILED, ACCEPTED) and one.receiver in answering]
    form = RecordConfirmationForm(formdata=None)
    form.offer(today())
    return render_template(
        "registers/list_referrals.html", ways=ways(), found=found, now=now(),
        leaf=Leaf.of(page, size, total, lambda number: url_for(".list_referrals", page=number, **kept)),
        narrowed=bool(kept), filing=mine, importing=_own(Act.REGISTERS_REFERRAL_IMPORT), form=form,
        answers=waiting[0].receiver if waiting else "", confirming=_own(Act.REGISTERS_CONFIRMATION_IMPORT),
        **words_of(*found), **_choices(),
    )  # fmt: skip


def _number(text: str) -> str:
    """A number as it stands on paper; of this year where only its last part is said: 1694, 2026-001694."""
    plain = text.strip()
    return f"{today().year}-{plain:0>6}" if plain.isascii() and plain.isdecimal() and len(plain) <= DIGITS else plain


def _own(act: Act) -> list[str]:
    """The own institutions for which the reader holds an act."""
    return sorted(code for code in scope().own if can(act, code))


def _choices() -> dict[str, Any]:
    """What the filters offer."""
    months = [f"{today().year * 12 + today().month - 1 - back}" for back in range(MONTHS)]
    codes = [f"{int(month) // 12}-{int(month) % 12 + 1:02}" for month in months]
    return {
        "state_choices": [(code, words(one)) for code, one in STATES.items()],
        "direction_choices": [(code, words(one)) for code, one in DIRECTIONS.items()],
        "member_choices": [(one.code, label(one)) for one in members.institutions(alliance_id(), today())],
        "specialty_choices": specialties(),
        "month_choices": [(code, period(code)) for code in codes],
        "wait_choices": [
            ("answer", _("for an answer")),
            ("summary", _("for a summary")),
            ("follow_up", _("for a follow-up")),
        ],
    }


@blueprint.get("/referrals/read/<number>")
@requires(Act.REGISTERS_REFERRAL_READ)
def read_referral(number: str) -> ResponseReturnValue:
    """One case: how far it is, what is to be done; to its two sides also who the patient is and what they wrote."""
    one = asked_referral(number)
    told, thread, unreadable = _told(one)
    pairs = queries.pairs(scope(), number=number)
    people = {one.filed_by, one.answered_by, *(message.recorded_by for message in thread)} - {""}
    return render_template(
        "registers/read_referral.html", one=one, told=told, thread=thread, unreadable=unreadable, pairs=pairs,
        treats=bool(sides(one, Act.REGISTERS_CONTACT_READ)), actions=_actions(one), steps=_stepper(one),
        writes=bool(sides(one, Act.REGISTERS_MESSAGE_WRITE)), fees=queries.fees(one), people=accounts.names(people),
        offer=queries.offer_of(alliance_id(), one.offer_id) if one.offer_id else None, now=now(), form=StepForm(),
        prints=bool(sides(one, Act.REGISTERS_REFERRAL_PRINT)) and told is not None,
        code=qr.svg(_address(one), _("The page of this referral"), 110), 
        files=[] if thread else read_files(one),
        certifies={pair.id for pair in pairs if can(Act.REGISTERS_PAIR_CERTIFY, pair.receiver)},
        decides=can(Act.REGISTERS_PAIR_COUNTERSIGN), **words_of(one),
    )  # fmt: skip


def attached_store() -> Store:
    """Where the bytes of files of disputed referrals lie."""
    return Store(current_app.config["ALLIANCE"].data / "messages", machine_now)


def read_files(one: ReferralInfo) -> list[queries.AttachedInfo]:
    """The files of a case's dispute, for its two sides and for the office; none where the keys fail to read them."""
    if not sides(one, Act.REGISTERS_ATTACHMENT_READ) and not (
        scope().institutions is None and can(Act.REGISTERS_ATTACHMENT_READ)
    ):
        return []
    try:
        return queries.attached_files(alliance_id(), one)
    except Unreadable:
        return []


@blueprint.get("/attachments/read/<number>/<int:file>")
@requires(Act.REGISTERS_ATTACHMENT_READ)
def read_attachment(number: str, file: int) -> ResponseReturnValue:
    """One file of a disputed referral, to be saved; what is missing on the disk or was altered there is told."""
    one = asked_referral(number)
    info = next((each for each in read_files(one) if each.id == file), None)
    if info is None:
        raise NotFound()
    try:
        content = queries.opened_bytes(alliance_id(), one, info, attached_store().read(info.sha256))
    except (NotFound, Unreadable):
        raise Refused("The file %(name)s is missing on the disk; tell the office.", name=info.name) from None
    # Should a browser show it after all, nothing in it runs.
    shut = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return attachment(content, info.name, info.media, f"referral:{one.sender}/{one.number}", shut)


def _told(one: ReferralInfo) -> tuple[Told | None, list[MessageInfo], bool]:
    """What only the two sides read, and whether the keys of the deployment fail to read it."""
    if not sides(one, Act.REGISTERS_CONTACT_READ):
        return None, [], False
    try:
        return queries.told(alliance_id(), one), queries.messages(alliance_id(), one), False
    except Unreadable:
        return None, [], True


def _address(one: ReferralInfo) -> str:
    """Where the page of a case is reached from elsewhere."""
    site: str = current_app.config["ALLIANCE"].address or request.host_url.rstrip("/")
    return site + url_for("registers.read_referral", number=one.number)


# What can be done with a case, in the order of the work: the step, its words are in the template.
ACTIONS: dict[str, Act] = {
    "accept": Act.REGISTERS_REFERRAL_ACCEPT, "decline": Act.REGISTERS_REFERRAL_DECLINE,
    "cancel": Act.REGISTERS_REFERRAL_CANCEL, "see": Act.REGISTERS_REFERRAL_SEE, "miss": Act.REGISTERS_REFERRAL_MISS,
    "discharge": Act.REGISTERS_REFERRAL_DISCHARGE, "return": Act.REGISTERS_REFERRAL_RETURN,
    "follow": Act.REGISTERS_REFERRAL_FOLLOW, "close": Act.REGISTERS_REFERRAL_CLOSE,
    "charge": Act.REGISTERS_REFERRAL_CHARGE,
}  # fmt: skip


def _actions(one: ReferralInfo) -> list[str]:
    """The steps that the reader may take now."""
    code = {SENDER: one.sender, RECEIVER: one.receiver}
    found = []
    for name, step in STEPS.items():
        side = follower(one.direction) if name == "follow" else step.side
        early = name == "follow" and (one.followed_on or (one.state == SEEN and one.direction != DOWN))
        done = early or (name == "discharge" and one.discharged_on)
        if one.state in step.before and not done and can(ACTIONS[name], code[side]):
            found.append(name)
    return found


def _stepper(one: ReferralInfo) -> list[Step]:
    """How far a case has come."""
    order = (FILED, ACCEPTED, SEEN, RETURNED, CLOSED)
    notes = {FILED: day(day_of(one.filed_at)), SEEN: day(one.seen_on) if one.seen_on else ""}
    if one.state in OVER and one.state != CLOSED:
        return [Step(words(STATES[FILED]), "done", notes[FILED]), Step(words(STATES[one.state]), "current")]
    here = order.index(one.state)
    past = {
        FILED: _("referred"),
        ACCEPTED: _("taken on"),
        SEEN: _("seen"),
        RETURNED: _("sent back"),
        CLOSED: _("closed"),
    }
    return [
        Step(past[state], "done" if at < here or one.state == CLOSED else "current" if at == here else "todo",
             notes.get(state, "") if at <= here else "")
        for at, state in enumerate(order)
    ]  # fmt: skip


@blueprint.route("/referrals/file/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_FILE)
def file_referral(institution: str) -> ResponseReturnValue:
    """File a referral of the own institution; what others offer stands beside it."""
    if not can(Act.REGISTERS_REFERRAL_FILE, institution):
        raise NotFound()
    form, open_offers = FileReferralForm(), _offers(institution)
    form.find = find
    others = [one for one in members.members(alliance_id(), today()) if one.code != institution]
    form.offer_choices([(one.code, label(one)) for one in others], _offer_words(open_offers))
    if request.method == "GET":
        form.receiver.data = request.args.get("receiver", "") or _usual(institution, others)
    if form.validate_on_submit():
        ok, number = form.done(
            lambda: services.file_referral(alliance_id(), institution, form.given(), works(), by=actor(), now=now())
        )
        if ok:
            flash(_("Referral %(number)s is filed; the receiving institution answers.", number=number), "success")
            return redirect(url_for(".read_referral", number=number))
    return render_template(
        "registers/file_referral.html",
        form=form,
        institution=institution,
        offers=open_offers,
        usual=usual(institution),
        **words_of(),
    ), 422 if form.errors or form.refused else 200


def _usual(institution: str, others: list[members.MemberInfo]) -> str:
    """The institution that received the last referral of this one, so that most need not choose."""
    found, _total = queries.referrals(scope(), Wanted(sender=institution), 1, 1)
    return found[0].receiver if found and found[0].receiver in {one.code for one in others} else ""


def _offers(institution: str) -> list[OfferInfo]:
    """What other members offer in the next days and is free."""
    found = queries.offers(alliance_id(), today(), today() + OFFERED)
    return [one for one in found if one.free > 0 and one.institution != institution]


def _offer_words(found: list[OfferInfo]) -> list[tuple[str, str]]:
    names = {one.code: label(one) for one in members.institutions(alliance_id(), today())}
    return [
        (
            str(one.id),
            " · ".join((names.get(one.institution, one.institution), words(SPECIALTIES[one.specialty]),
                        words(OFFER_KINDS[one.kind]), day(one.day)))
            + bracketed(_("%(free)s free", free=one.free)),
        )
        for one in found
    ]  # fmt: skip


@blueprint.get("/referrals/download/<number>/<language>")
@requires(Act.REGISTERS_REFERRAL_PRINT)
def download_referral(number: str, language: str) -> ResponseReturnValue:
    """A case as PDF, with its patient: for the two sides, as long as the contact data are kept."""
    one = asked_referral(number)
    told, _thread, _unreadable = _told(one)
    if language not in LANGUAGES or told is None or not sides(one, Act.REGISTERS_REFERRAL_PRINT):
        raise NotFound()
    content = pdf.render(sheets.paper(alliance_id(), one, _meant(one), language, _address(one)))
    subject = f"referral:{one.sender}/{one.number}"
    return attachment(content, f"referral-{number}-{language}.pdf", "application/pdf", subject)


def _meant(one: ReferralInfo) -> Diagnosis | None:
    """What the diagnosis of a case means, where the alliance's code systems know it."""
    return next(iter(diagnoses_of([one]).values()), None)
