"""A patient with a phone: the form of a survey from its notice to thanks, without an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from alliance import access
from alliance.core.actor import Actor
from alliance.db import db
from alliance.ratings import queries, services
from alliance.ratings.models import SurveyUrn
from alliance.ratings.rules.fieldwork import ONCE
from tests.browser.conftest import PHONE, clean, fits


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A phone that knows nobody, with script switched on only so that it can be looked at."""
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, locale="zh-CN")
    yield context.new_page()
    context.close()


def link(demo: Flask) -> str:
    """The token of an address for one patient of the survey that is in the field."""
    with demo.app_context():
        now = access.alliance_time(datetime.now(UTC))
        (wave,) = (one for one in queries.live_waves(1, now.date()) if one.family == "patient")
        made = services.make_link(1, wave.number, ("C03", "", ""), ONCE, 1, by=Actor("office", "T01"), now=now)
        return made[0].token


def in_urn(demo: Flask) -> int:
    with demo.app_context():
        return db.session.scalar(select(func.count()).select_from(SurveyUrn)) or 0


def test_a_patient_finishes_the_form_on_a_phone(demo: Flask, portal: str, phone: Page) -> None:
    token, before = link(demo), in_urn(demo)
    phone.goto(f"{portal}/s/{token}")
    expect(phone.locator("main")).to_contain_text("不影响您的就诊")
    assert clean(phone) + fits(phone) == []
    with phone.expect_navigation():
        phone.tap("text=我愿意，开始填写")
    assert clean(phone) + fits(phone) == []
    small = phone.evaluate(
        "[...document.querySelectorAll('.sv-choice, .sv-button')].filter(e => e.offsetHeight < 44).length"
    )
    assert small == 0
    questions = phone.locator("fieldset").count()
    for number in range(questions - 1):
        phone.locator("fieldset").nth(number).locator("label").nth(1).tap()
    phone.fill("textarea", "医生讲得很清楚，谢谢。")
    with phone.expect_navigation():
        phone.tap("text=提交答卷")
    expect(phone.locator("[role=alert]")).to_contain_text("尚未提交")
    assert clean(phone) + fits(phone) == []
    phone.locator("fieldset").nth(questions - 1).locator("label").nth(9).tap()
    with phone.expect_navigation():
        phone.tap("text=提交答卷")
    expect(phone.locator("h1")).to_have_text("谢谢您")
    assert clean(phone) + fits(phone) == []
    assert phone.context.cookies() == []
    assert in_urn(demo) == before + 1
    phone.goto(f"{portal}/s/{token}")
    expect(phone.locator("h1")).to_have_text("此链接未开放或已失效")
