"""The doors of the steps of a referral, of messages, pairs and offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import actor, alliance_id, can, now, requires, scope, today
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.forms import Form
from alliance.i18n import words
from alliance.registers import queries, services
from alliance.registers.forms import (
    CancelReferralForm,
    CertifyPairForm,
    ChargeReferralForm,
    CloseReferralForm,
    CountersignPairForm,
    DeclineReferralForm,
    DischargeReferralForm,
    FollowReferralForm,
    MissReferralForm,
    PublishOfferForm,
    ReturnReferralForm,
    SeeReferralForm,
    StepForm,
    WriteMessageForm,
)
from alliance.registers.forms.referrals import day_field
from alliance.registers.queries import ReferralInfo
from alliance.registers.rules.referral_threads import allowed
from alliance.registers.rules.referrals import RECEIVER, STATES, STEPS, follower
from alliance.registers.views.blueprint import blueprint, works
from alliance.registers.views.diagnoses import Diagnosed
from alliance.registers.views.referrals import asked_referral, attached_store, sides, words_of

Given = TypeVar("Given", bound=StepForm)


def acting(one: ReferralInfo, act: Act, name: str) -> str:
    """The side in whose name the reader acts: the one that takes the step, where the reader is of both."""
    mine = sides(one, act)
    if not mine:
        raise NotFound()
    side = follower(one.direction) if name == "follow" else STEPS[name].side
    wanted = one.receiver if side == RECEIVER else one.sender
    return wanted if wanted in mine else mine[0]


def _step(
    number: str, act: Act, name: str, form: Given, work: Callable[[Given, str], None], **more: Any
) -> ResponseReturnValue:
    """The page of a step: asked for with GET, taken with POST."""
    one = asked_referral(number)
    institution = acting(one, act, name)
    if request.method == "GET":
        form.begin(one)
        day_field(form, today())
    if form.validate_on_submit():
        ok, _none = form.done(lambda: work(form, institution))
        if ok:
            return _done(number)
    return render_template(
        f"registers/{name}_referral.html", form=form, one=one, **words_of(one), **more
    ), 422 if form.errors or form.refused else 200


def _done(number: str) -> ResponseReturnValue:
    one = asked_referral(number)
    flash(_("Referral %(number)s: %(state)s.", number=number, state=words(STATES[one.state])), "success")
    return redirect(url_for(".read_referral", number=number))


@blueprint.post("/referrals/accept/<number>")
@requires(Act.REGISTERS_REFERRAL_ACCEPT)
def accept_referral(number: str) -> ResponseReturnValue:
    """Take the patient."""
    one = asked_referral(number)
    institution = acting(one, Act.REGISTERS_REFERRAL_ACCEPT, "accept")
    version = request.form.get("version", 0, type=int)
    services.accept_referral(alliance_id(), number, institution, version, by=actor(), now=now())
    return _done(number)


@blueprint.route("/referrals/decline/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_DECLINE)
def decline_referral(number: str) -> ResponseReturnValue:
    """Say why the patient is not taken."""

    def work(form: DeclineReferralForm, institution: str) -> None:
        services.decline_referral(
            alliance_id(), number, institution, form.seen, form.reason.data or "", works(), by=actor(), now=now()
        )

    return _step(number, Act.REGISTERS_REFERRAL_DECLINE, "decline", DeclineReferralForm(), work)


@blueprint.route("/referrals/cancel/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_CANCEL)
def cancel_referral(number: str) -> ResponseReturnValue:
    """Take a referral back before it is accepted."""

    def work(form: CancelReferralForm, institution: str) -> None:
        services.cancel_referral(
            alliance_id(), number, institution, form.seen, form.reason.data or "", works(), by=actor(), now=now()
        )

    return _step(number, Act.REGISTERS_REFERRAL_CANCEL, "cancel", CancelReferralForm(), work)


@blueprint.route("/referrals/miss/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_MISS)
def miss_referral(number: str) -> ResponseReturnValue:
    """Record that the patient did not come."""

    def work(form: MissReferralForm, institution: str) -> None:
        services.miss_referral(
            alliance_id(), number, institution, form.seen, form.reason.data or "", works(), by=actor(), now=now()
        )

    return _step(number, Act.REGISTERS_REFERRAL_MISS, "miss", MissReferralForm(), work)


@blueprint.route("/referrals/see/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_SEE)
def see_referral(number: str) -> ResponseReturnValue:
    """Confirm that the patient was seen."""

    def work(form: SeeReferralForm, institution: str) -> None:
        services.see_referral(
            alliance_id(), number, institution, form.seen, form.day.data or today(), works(), by=actor(), now=now()
        )

    return _step(number, Act.REGISTERS_REFERRAL_SEE, "see", SeeReferralForm(), work)


@blueprint.route("/referrals/discharge/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_DISCHARGE)
def discharge_referral(number: str) -> ResponseReturnValue:
    """Record the discharge."""

    def work(form: DischargeReferralForm, institution: str) -> None:
        services.discharge_referral(
            alliance_id(), number, institution, form.seen, form.day.data or today(), works(), by=actor(), now=now()
        )

    return _step(number, Act.REGISTERS_REFERRAL_DISCHARGE, "discharge", DischargeReferralForm(), work)


@blueprint.route("/referrals/return/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_RETURN)
def return_referral(number: str) -> ResponseReturnValue:
    """Return the patient with a summary."""
    form = ReturnReferralForm()
    if request.method == "GET":
        form.day.data = asked_referral(number).discharged_on

    def work(form: ReturnReferralForm, institution: str) -> None:
        services.return_referral(
            alliance_id(), number, institution, form.seen, form.day.data or today(), form.summary.data or "", works(),
            by=actor(), now=now(),
        )  # fmt: skip

    return _step(number, Act.REGISTERS_REFERRAL_RETURN, "return", form, work)


@blueprint.route("/referrals/follow/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_FOLLOW)
def follow_referral(number: str) -> ResponseReturnValue:
    """Record the first follow-up."""

    def work(form: FollowReferralForm, institution: str) -> None:
        services.follow_referral(
            alliance_id(), number, institution, form.seen, form.day.data or today(), by=actor(), now=now()
        )

    return _step(number, Act.REGISTERS_REFERRAL_FOLLOW, "follow", FollowReferralForm(), work)


@blueprint.route("/referrals/close/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_CLOSE)
def close_referral(number: str) -> ResponseReturnValue:
    """Close the case."""

    def work(form: CloseReferralForm, institution: str) -> None:
        services.close_referral(
            alliance_id(), number, institution, form.seen, form.reason.data or "", by=actor(), now=now()
        )

    return _step(number, Act.REGISTERS_REFERRAL_CLOSE, "close", CloseReferralForm(), work)


@blueprint.route("/referrals/charge/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_REFERRAL_CHARGE)
def charge_referral(number: str) -> ResponseReturnValue:
    """Record what the treatment cost, by class."""
    form = ChargeReferralForm()
    if request.method == "GET":
        form.fill(queries.fees(asked_referral(number)))

    def work(form: ChargeReferralForm, institution: str) -> None:
        services.charge_referral(
            alliance_id(), number, institution, form.seen, form.amounts(), by=actor(), now=now()
        )  # fmt: skip

    return _step(number, Act.REGISTERS_REFERRAL_CHARGE, "charge", form, work)


@blueprint.route("/messages/write/<number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_MESSAGE_WRITE)
def write_message(number: str) -> ResponseReturnValue:
    """Write to the other side: a remark, an adverse event, a dispute or its end."""
    one, form = asked_referral(number), WriteMessageForm()
    mine = sides(one, Act.REGISTERS_MESSAGE_WRITE)
    if not mine:
        raise NotFound()
    form.offer(allowed(one.state, one.disputed_by, mine[0]))
    if request.method == "GET":
        form.kind.data = request.args.get("kind", "note")
    if form.validate_on_submit():
        attached = services.Attached(form.attached(), attached_store())
        ok, _none = form.done(
            lambda: services.write_message(
                alliance_id(), number, mine[0], form.kind.data, form.text.data or "", attached, by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The message is kept; the other side reads it on the page of the case."), "success")
            return redirect(url_for(".read_referral", number=number))
    return _page("registers/write_message.html", form, one, one=one)


def _page(template: str, form: Form, *cases: Diagnosed, **more: Any) -> ResponseReturnValue:
    return render_template(template, form=form, **words_of(*cases), **more), 422 if form.errors or form.refused else 200


@blueprint.route("/pairs/certify/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_PAIR_CERTIFY)
def certify_pair(number: int) -> ResponseReturnValue:
    """Certify that the second of two referrals was needed."""
    pair, form = queries.pair(scope(), number), CertifyPairForm()
    mine = [code for code in sorted(pair.parties) if can(Act.REGISTERS_PAIR_CERTIFY, code)] if pair else []
    if pair is None or not mine:
        raise NotFound()
    institution = pair.receiver if pair.receiver in mine else mine[0]
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.certify_pair(
                alliance_id(), number, institution, form.reason.data or "", by=actor(), now=now()
            )
        )
        if ok:
            flash(_("The certificate is kept; the alliance's office decides on it."), "success")
            return redirect(url_for(".list_pairs"))
    return _page("registers/certify_pair.html", form, pair, pair=pair)


@blueprint.route("/pairs/countersign/<int:number>", methods=["GET", "POST"])
@requires(Act.REGISTERS_PAIR_COUNTERSIGN)
def countersign_pair(number: int) -> ResponseReturnValue:
    """Decide on a certificate."""
    pair, form = queries.pair(scope(), number), CountersignPairForm()
    if pair is None:
        raise NotFound()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.countersign_pair(
                alliance_id(), number, form.verdict.data == "yes", by=actor(), now=now()
            )
        )  # fmt: skip
        if ok:
            flash(_("The decision is kept."), "success")
            return redirect(url_for(".list_pairs"))
    return _page("registers/countersign_pair.html", form, pair, pair=pair)


@blueprint.route("/offers/publish/<institution>", methods=["GET", "POST"])
@requires(Act.REGISTERS_OFFER_PUBLISH)
def publish_offer(institution: str) -> ResponseReturnValue:
    """Offer slots or beds of the own institution."""
    if not can(Act.REGISTERS_OFFER_PUBLISH, institution):
        raise NotFound()
    form = PublishOfferForm()
    form.offer()
    if request.method == "GET":
        form.day.data = today()
    if form.validate_on_submit():
        ok, _none = form.done(
            lambda: services.publish_offer(
                alliance_id(), institution, form.specialty.data, form.kind.data, form.day.data or today(),
                form.capacity.data or 0, by=actor(), now=now(),
            )
        )  # fmt: skip
        if ok:
            flash(_("The offer is published; who files a referral sees it."), "success")
            return redirect(url_for(".list_offers"))
    return _page("registers/publish_offer.html", form, institution=institution)
