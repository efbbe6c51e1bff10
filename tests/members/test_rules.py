from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.members.rules import CREDIT_ALPHABET, check_rows, credit_check, is_credit_code, read_row

BODIES = st.text(CREDIT_ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize(
    "code",
    [
        "91110000600037341L",  # the example of python-stdnum, cn.uscc
        "91110108551385082Q",  # a company's own, as uscc-utils shows it
        "914403001922038216",  # a company's own, ending in a digit
        "12100000400002259P",  # a university's own
    ],
)
def test_published_credit_codes(code):
    assert is_credit_code(code)
    assert credit_check(code) == code[17]


@pytest.mark.parametrize(
    "code",
    ["91110000600037342L", "A1110000600037341L", "91110000600037341", "91110000600037341LL", "91110000600037341l",
     "9111000060003734IL", "", "91110000600037341 "],
)  # fmt: skip
def test_what_is_no_credit_code(code):
    assert not is_credit_code(code)


@given(BODIES, st.integers(0, 16), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_sign_is_always_found(body, place, sign):
    code = body + credit_check(body)
    assert is_credit_code(code)
    wrong = code[:place] + sign + code[place + 1 :]
    assert is_credit_code(wrong) == (wrong == code)


@given(BODIES, st.integers(0, 15))
def test_two_signs_in_each_other_s_place_are_always_found(body, place):
    code = body + credit_check(body)
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert is_credit_code(wrong) == (wrong == code)


SOUND = {
    "code": "C01", "name_zh": "望江路社区卫生服务中心", "name_en": "Wangjiang Road Center", "tier": "primary",
    "joined": "2026-01-01",
}  # fmt: skip


def read(**cells):
    problems = []
    return read_row({**SOUND, **cells}, 2, problems), problems


def test_a_row_that_says_the_least():
    row, problems = read()
    assert problems == []
    assert (row.code, row.short_zh, row.short_en) == ("C01", SOUND["name_zh"], SOUND["name_en"])
    assert (row.tier, row.kind, row.is_lead, row.beds, row.headcount) == ("primary", "other", False, None, None)
    assert (row.start, row.joined, row.left) == (date(2026, 1, 1), date(2026, 1, 1), None)


def test_a_row_as_spreadsheets_write_it():
    row, problems = read(
        code=" h01 ", tier="三级医院", kind="医院", is_lead="是", beds="1,200", headcount="2400.0", short_zh="市一院",
        joined="2026-01-01 00:00:00", left="2026-07-01T00:00:00", start="2026-03-01", credit_code="91110000600037341l",
    )  # fmt: skip
    assert problems == []
    assert (row.code, row.tier, row.kind, row.is_lead) == ("H01", "tertiary", "hospital", True)
    assert (row.beds, row.headcount, row.short_zh) == (1200, 2400, "市一院")
    assert (row.start, row.left, row.credit_code) == (date(2026, 3, 1), date(2026, 7, 1), "91110000600037341L")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("code", "", "1 to 12 capital letters and digits"),
        ("code", "C-01", "1 to 12 capital letters and digits"),
        ("code", "A123456789012", "1 to 12 capital letters and digits"),
        ("name_zh", " ", "is missing"),
        ("name_en", "", "is missing"),
        ("credit_code", "91110000600037342L", "the last one checks the others"),
        ("tier", "", "not one of the words"),
        ("tier", "quaternary", "not one of the words"),
        ("kind", "castle", "not one of the words"),
        ("is_lead", "perhaps", "not yes or no"),
        ("beds", "-1", "not a whole number"),
        ("beds", "12.5", "not a whole number"),
        ("beds", "12,50", "not a whole number"),
        ("headcount", "many", "not a whole number"),
        ("joined", "", "is missing"),
        ("joined", "2026-02-30", "is not a date"),
        ("joined", "01.02.2026", "is not a date"),
        ("left", "2026", "is not a date"),
        ("left", "2026-01-01", "after the day of joining"),
        ("start", "20260301", "is not a date"),
    ],
)
def test_a_bad_cell_is_told_with_its_place_and_value(column, value, reason):
    row, problems = read(**{column: value})
    assert row is None
    assert [(one.place, one.value) for one in problems] == [(f"row 2, {column}", value.strip())]
    assert reason in problems[0].message


def test_all_bad_cells_of_a_row_are_told():
    _, problems = read(code="?", beds="x", joined="", tier="x")
    assert len(problems) == 4


def test_problems_of_other_rows_do_not_spoil_a_row():
    problems = []
    assert read_row({}, 2, problems) is None
    assert read_row(SOUND, 3, problems) is not None


def rows(*cells):
    found = [read(**one)[0] for one in cells]
    assert None not in found
    return found


def test_rows_together():
    assert check_rows(rows({"is_lead": "1"}, {"code": "C02"})) == []
    assert check_rows([]) == []
    twice = check_rows(rows({}, {"code": "C02"}, {}, {"code": "C02"}, {"code": "C03"}))
    assert [(one.where, one.message) for one in twice] == [(code, "this code is used twice") for code in ("C01", "C02")]
    (leads,) = check_rows(rows({"is_lead": "yes"}, {"code": "C02", "is_lead": "是"}))
    assert (leads.place, leads.value) == ("column is_lead", "C01, C02")
