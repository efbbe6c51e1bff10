"""The pictures of the guides: every page they show is there in both languages; `make pictures` takes them anew.

Nothing here names a number or a month of the demo: the way to a page goes through the links that a reader would use.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page

from alliance.desk.queries.guides import GUIDES, PICTURE, READERS
from tests.browser.conftest import OFFICE, PHONE, fits, follow, speak

# Set to write the files; else the pages are only looked at.
TAKING = os.environ.get("GUIDE_PICTURES") == "1"
LARGEST = 80 * 1024
COLOURS = 64
LANGUAGES = ("en", "zh")  # the browser tests that follow read the demo in Chinese


class Picture(NamedTuple):
    """A picture: whose, the address and what is clicked from there, from which piece of the page on, how high."""

    account: str
    way: tuple[str, ...]
    clip: str = "main"
    size: dict[str, int] = OFFICE
    height: int = 560


SUBMISSIONS = "/indicators/submissions/list"
BEFORE, OLDEST = (f"nav.tabs li:{place} a" for place in ("nth-child(2)", "last-child"))  # month under review; first
TABLE = "main table tbody th a"
SCORE = ("/evaluation/runs/list", TABLE)
BONUS = "/workpoints/runs/list"
SLIP = ("/workpoints/slips/list", TABLE)
REGISTERS = "/registers/registers/list"
ROUNDS = "/ratings/rounds/list"
WAVE = ("/ratings/waves/list", TABLE)
PICTURES = {
    # start
    "sign-in": Picture("", ("/accounts/sessions/open",), "form.card"),
    "home": Picture("c08.reporter", ("/",), "body"),
    "menu": Picture("c08.reporter", ("/", "details.menu summary"), ".menu-sheet"),
    "figure": Picture("c08.lead", (*SCORE, ".lead-number a"), height=620),
    # reporter
    "filing": Picture("c08.reporter", ("/", "a[href*='/indicators/readings/file/']"), height=640),
    "filing-phone": Picture("c08.reporter", ("/", "a[href*='/indicators/readings/file/']"), ".lines", PHONE, 700),
    "upload": Picture("c08.reporter", (SUBMISSIONS, TABLE, "a[href*='/readings/upload/']"), "main aside"),
    "returned": Picture("c02.reporter", (SUBMISSIONS, BEFORE, TABLE), height=520),
    # lead
    "submission": Picture("c08.lead", (SUBMISSIONS, OLDEST, TABLE), height=620),
    "score": Picture("c08.lead", SCORE, height=1000),
    "statement": Picture("c08.lead", ("/funds/funds/list", TABLE), height=640),
    "score-phone": Picture("c08.lead", SCORE, "body", PHONE, 700),
    # cooperation
    "referral-phone": Picture(
        "c08.reporter", ("/registers/referrals/list", "main a[href*='/referrals/file/']"), "main", PHONE, 720
    ),
    "registers": Picture("t01.lead", (REGISTERS,), height=620),
    "cases": Picture("t01.lead", (REGISTERS, "main td a[href*='waiting=1'] >> nth=1"), height=620),
    # ratings
    "rating": Picture("c01.quality", ("/ratings/ratings/list", TABLE), height=680),
    "rating-result": Picture("c08.lead", (ROUNDS, "main a[href*='/results/read/']"), height=620),
    "rating-round": Picture("office", (ROUNDS, "main tbody tr:last-child th a")),
    "links": Picture("office", ("/members/institutions/list", "main a[href*='/links/list']"), height=520),
    # surveys
    "survey": Picture("office", ("/ratings/surveys/list", "main a[href*='/read/outpatient/']"), height=900),
    "survey-links": Picture("office", (*WAVE, "main a[href*='/links/make/']"), height=680),
    "survey-field": Picture("office", WAVE, height=1040),
    "satisfaction": Picture("c08.lead", ("/ratings/satisfaction/read",), height=1040),
    # experts
    "expert-score": Picture("expert1", ("/ratings/scores/list", "main a[href*='/scores/give/']"), height=620),
    "verification": Picture("expert1", ("/ratings/engagements/list", TABLE), height=860),
    "improvement": Picture("c11.lead", ("/ratings/plans/list", TABLE), height=900),
    # checks
    "sample": Picture("s01.checker", ("/indicators/rounds/list", TABLE), height=620),
    # office
    "submissions": Picture("office", (SUBMISSIONS,)),
    "board": Picture("office", ("/indicators/board/read",)),
    "runs": Picture("office", ("/evaluation/runs/list",), height=860),
    "totals": Picture("office", ("/funds/totals/list",), height=480),
    # committee
    "ranking": Picture("chair", ("/evaluation/runs/list", TABLE), height=600),
    "decision": Picture("chair", ("/accounts/decisions/list", TABLE), height=520),
    "bulletin": Picture("chair", ("/bulletins/bulletins/list", f"{TABLE} >> nth=1"), height=1040),
    # bonus
    "bonus-budget": Picture("t01.lead", ("/workpoints/budgets/read",), height=760),
    "bonus-analysis": Picture("t01.lead", (BONUS, "nav.tabs a[href*='/analyses/']"), height=760),
    "bonus-charges": Picture("t01.bonus", (BONUS, "nav.tabs a[href*='/charges/']"), height=760),
    "bonus-run": Picture("t01.bonus", (BONUS, TABLE), height=760),
    "bonus-payment": Picture("t01.finance", (BONUS, f"{TABLE} >> nth=1", "a[href*='/payments/export/']"), height=640),
    "bonus-unit": Picture("t01.cardiology", (BONUS, "main table a[href*='/D01-1'] >> nth=-1"), height=700),
    "bonus-slip": Picture("t01.nurse", SLIP, height=760),
    "bonus-nights": Picture("t01.nurse", (*SLIP, "a[href*='/night_allowance']"), height=680),
    # people
    "people": Picture("admin", ("/accounts/persons/list",), height=480),
    "invite": Picture("admin", ("/accounts/accounts/invite",), height=640),
    "person": Picture("security", ("/accounts/persons/read/office",), height=480),
    # auditor
    "events": Picture("auditor", ("/audit/events/list?subject=submission:",), height=560),
    "event": Picture("auditor", ("/audit/events/list?act=indicators:reading:file", TABLE), height=620),
}


# The lowest place at or above `bottom` where no line, row or field is cut in two and no heading stands alone. What
# scrolls inside a phone of a preview is cut there anyway.
CUT = """(piece, bottom) => {
  const all = "h1, h2, h3, p, caption, legend, tr, li, dt, dd, label, input, svg, .card, .line, .sv-phone";
  const whole = [...piece.querySelectorAll(all)]
    .filter((one) => one.checkVisibility() && !one.parentElement.closest(".sv-phone"))
    .map((one) => ({ head: one.matches("h2, h3, caption, thead tr"), box: one.getBoundingClientRect() }))
    .filter(({ box }) => box.height > 4);
  for (;;) {
    const cut = whole.find(({ box }) => box.top < bottom - 1 && box.bottom > bottom + 1);
    const last = whole.filter(({ box }) => box.bottom <= bottom + 1).sort((a, b) => b.box.bottom - a.box.bottom)[0];
    if (cut) bottom = cut.box.top;
    else if (last && last.head) bottom = last.box.top;
    else return bottom;
  }
}"""


def go(page: Page, portal: str, picture: Picture) -> Locator:
    """Follow the way of a picture; the piece of the page that it shows."""
    page.set_viewport_size(picture.size)  # type: ignore[arg-type]
    address, *clicks = picture.way
    answer = page.goto(portal + address)
    assert answer is not None
    assert answer.status == 200, address
    for selector in clicks:
        target = page.locator(selector).first
        if "summary" in selector:
            target.click()
        else:
            follow(target)
    page.wait_for_load_state("networkidle")
    assert page.locator(".refusal-text").count() == 0, page.url
    shown = page.locator(picture.clip).first
    shown.wait_for(state="visible")
    assert fits(page) == []
    return shown


def take(page: Page, picture: Picture, shown: Locator) -> bytes:
    """The piece as PNG with few colours."""
    box = shown.bounding_box()
    assert box is not None
    bottom = shown.evaluate(CUT, box["y"] + min(box["height"], picture.height))
    clip = FloatRect(x=box["x"], y=box["y"], width=box["width"], height=bottom - box["y"])
    content = page.screenshot(full_page=True, clip=clip, animations="disabled", caret="hide")
    kept = io.BytesIO()
    few = Image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(kept, "PNG", optimize=True)
    return kept.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("account", sorted({picture.account for picture in PICTURES.values()}))
def test_every_page_in_a_picture_is_there(
    page: Page, portal: str, sign_in: Callable[[str], None], quiet: list[str], account: str, language: str
) -> None:
    if account:
        sign_in(account)
    else:
        page.goto(f"{portal}/accounts/sessions/open")
    speak(page, language)
    for name, picture in PICTURES.items():
        if picture.account == account:
            shown = go(page, portal, picture)
            if TAKING:
                path = GUIDES / language / "pictures" / f"{name}.png"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(take(page, picture, shown))


def files(language: str) -> dict[str, Path]:
    return {path.stem: path for path in (GUIDES / language / "pictures").glob("*")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guides_name_every_picture_and_none_besides(language: str) -> None:
    text = "".join((GUIDES / language / f"{name}.md").read_text("utf-8") for name in READERS)
    named = set(PICTURE.findall(text))
    assert named == set(PICTURES)
    assert set(files(language)) == set(PICTURES)
    assert {path.suffix for path in files(language).values()} == {".png"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_are_small(language: str) -> None:
    assert {name: path.stat().st_size for name, path in files(language).items() if path.stat().st_size > LARGEST} == {}


@pytest.mark.parametrize("account", ["c08.reporter", "office"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guides_can_be_read_on_every_screen(
    page: Page, portal: str, sign_in: Callable[[str], None], quiet: list[str], account: str, language: str
) -> None:
    sign_in(account)
    speak(page, language)
    for size in (OFFICE, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for path in ("list", *(f"read/{name}" for name in READERS)):
            answer = page.goto(f"{portal}/desk/guides/{path}")
            assert answer is not None
            assert answer.status == 200, path
            assert fits(page) == []
    page.goto(f"{portal}/desk/guides/list")
    own = page.locator("main h2").first.locator("xpath=following-sibling::ul[1]//a")
    hrefs = [own.nth(place).get_attribute("href") or "" for place in range(own.count())]
    first = {
        "c08.reporter": ["reporter", "cooperation", "experts"],
        "office": ["office", "ratings", "surveys", "experts", "checks"],
    }[account]
    assert [re.sub(r".*/", "", href) for href in hrefs] == ["start", *first]
