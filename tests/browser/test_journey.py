"""The portal as people use it, in a real browser: the walk from an imported month to a bulletin, clean for axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from alliance.demo.days import Days
from tests.browser.conftest import PHONE, clean, fits, follow, speak
from tests.conftest import DEMO_DAY
from tests.registers.referring import identity

DAYS = Days(DEMO_DAY)
MONTH, REVIEWED = DAYS.filed.code, DAYS.reviewed.code
RUN, FUND = 17, 18  # of the last scored quarter, which was scored twice


def test_the_walk_from_a_month_to_the_bulletin(
    page: Page, portal: str, sign_in: Callable[[str], None], quiet: list[str], tmp_path: Path
) -> None:
    sign_in("office")
    page.goto(f"{portal}/indicators/readings/import")
    with page.expect_download() as download:
        page.click("a[href*='/demo/readings/download/']")
    file = tmp_path / "month.xlsx"
    download.value.save_as(file)
    page.fill("#document", "月报汇总")
    page.set_input_files("#file", file)
    for button in ("check", "apply"):  # what was checked stays chosen
        follow(page.locator(f"button[name={button}]"))
    expect(page).to_have_url(re.compile("/indicators/submissions/list"))

    sign_in("chair")
    page.goto(f"{portal}/evaluation/runs/list")
    follow(page.locator("table a[href*='/evaluation/runs/read/']").first)
    assert clean(page) == []
    row = page.locator("tr", has_text="柳林")
    row.locator("a.number").filter(has_text=re.compile(r"^\d+\.\d\d$")).first.click()
    page.wait_for_url(re.compile("/figures/"))
    # From the score to its data score, one line's points, its share, its value, its element, and one month's reading.
    for label in ("数据得分$", "得分$", "得分率$", "", "", ""):
        follow(page.locator("main table").first.locator("tbody th a").filter(has_text=re.compile(label)).first)
    expect(page.locator("a[href*='/indicators/readings/read/']")).to_be_visible()
    expect(page.locator("main table").last.locator("tbody tr")).to_have_count(4)  # filed, signed, submitted, accepted
    assert clean(page) == []

    page.goto(f"{portal}/bulletins/bulletins/list")
    follow(page.locator("main table a").first)
    with page.expect_download() as download:
        page.click("a[href$='/zh']")
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF")
    assert len(content) > 50_000


def test_another_member_learns_nothing(page: Page, portal: str, sign_in: Callable[[str], None]) -> None:
    sign_in("c05.lead")
    for path in (
        f"/indicators/submissions/read/{REVIEWED}/C03",
        f"/evaluation/scores/read/{RUN}/C03",
        f"/funds/statements/read/{FUND}/C03",
    ):
        answer = page.goto(portal + path)
        assert answer is not None
        assert answer.status == 404
        assert "柳林" not in page.inner_text("main")
    answer = page.goto(f"{portal}/demo/readings/download/{MONTH}")
    assert answer is not None
    assert answer.status == 403


def test_a_clerk_refers_a_patient_on_a_phone(
    page: Page, portal: str, sign_in: Callable[[str], None], quiet: list[str]
) -> None:
    """The diagnosis is known by its name only: the field offers it while it is typed."""
    page.set_viewport_size(PHONE)
    sign_in("c08.reporter")
    speak(page, "zh")
    page.goto(f"{portal}/registers/referrals/list")
    follow(page.locator("main a[href*='/registers/referrals/file/C08']").first)
    assert fits(page) == []
    page.select_option("#receiver", "T01")
    page.select_option("#specialty", "03.07")
    page.locator("#diagnosis").press_sequentially("糖尿病")
    offered = page.locator("#diagnoses option[value*='2型糖尿病不伴有并发症']")
    expect(offered).to_have_count(1)
    page.fill("#diagnosis", offered.get_attribute("value") or "")
    page.fill("#patient_name", "演示某患者")
    page.fill("#patient_phone", "139 0000 0001")
    page.fill("#patient_identity", identity())
    page.check("#consent")
    assert clean(page) == []
    follow(page.locator("form .form-end button"))
    expect(page.locator("main")).to_contain_text("E11.900 2型糖尿病不伴有并发症")
    assert fits(page) == []
    assert clean(page) == []


def test_a_clerk_files_on_a_phone(page: Page, portal: str, sign_in: Callable[[str], None], quiet: list[str]) -> None:
    """One value that cannot be read is told at its field; the others are saved."""
    page.set_viewport_size(PHONE)
    sign_in("c08.reporter")
    page.goto(f"{portal}/indicators/readings/file/{MONTH}/C08")
    assert fits(page) == []
    page.fill("#value-E001", "4,012")
    page.fill("#value-E002", "abc")
    page.click("form .form-end button")
    expect(page.locator("#fault-E002")).to_be_visible()
    assert page.input_value("#value-E001") == "4,012"
    assert page.input_value("#value-E002") == "abc"
    assert clean(page) == []


def test_a_long_filter_opens_on_request_on_a_phone(
    page: Page, portal: str, sign_in: Callable[[str], None], quiet: list[str]
) -> None:
    page.set_viewport_size(PHONE)
    sign_in("c08.reporter")
    page.goto(f"{portal}/registers/referrals/list")
    state = page.locator(".filters select[name=state]")
    expect(state).to_be_hidden()
    page.click(".filters-more")
    expect(page.locator(".filters input, .filters select").first).to_be_focused()
    state.select_option("closed")
    page.click(".filter-buttons button")
    page.wait_for_url("**state=closed**")
    expect(state).to_be_visible()
    assert clean(page) == []
