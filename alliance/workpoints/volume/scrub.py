"""The cleaning rules as SQL of the embedded engine; what each one means stands in rules/cleaning.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from alliance.core.period import Period
from alliance.core.written import NARROW, WIDE
from alliance.workpoints.rules.cleaning import COLUMNS, RULES, SETTING_WORDS
from alliance.workpoints.volume import sql
from alliance.workpoints.volume.engine import Engine, named, quoted

BLANKS = " \t\r\u00a0\u200b\ufeff"
DAYS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M",
    "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y年%m月%d日",
)  # fmt: skip
SHORTEST_DAY = 8  # 2026-3-1; of 2026111 nobody knows whether it is January or November
NUMBER = r"[+-]?((\d{1,13}|[1-9]\d{0,2}(,\d{3}){1,4})(\.\d{1,4}0*)?|\.\d{1,4}0*)"
CUT_OFF = r"\d(\.\d+)?[eE]\+\d+"  # 2.02603E+14: what a spreadsheet leaves of a long number, the same for many
ROW, TOO_MUCH = "__row", "__more"  # headings of our own: the number of a row, what it has beyond its last column
BREAKS = (10, 0)  # signs that no cell of a line holds: its end, and the null sign
ROWS_TOLD = 20  # of each rule


# Lines that count.
LINES = f"SELECT {', '.join(sql.LINE_COLUMNS)} FROM judged WHERE aside IS NULL ORDER BY row_no"
# Lines put aside: as they were read, with the reason.
READ = ", ".join(f"replace(text_{name}, chr(0), chr(65533)) AS {name}" for name in COLUMNS)  # a page shows no null sign
ASIDE = (
    f"SELECT source, row_no, aside AS reason, {READ} "
    "FROM judged JOIN texts USING (row_no) WHERE aside IS NOT NULL ORDER BY row_no"
)
KEPT = (
    "row_no", "line_key", "refund_of", "item_value", "day_value", "setting_value", "quantity_value", "amount_value",
    "ordering_unit", "ordering_person", "performing_unit", "performing_person", "was_mapped", "was_trimmed", "was_wide",
)  # fmt: skip
COUNTS = (
    "SELECT count(*), count(*) FILTER (aside IS NULL), coalesce(sum(CAST(amount AS DECIMAL(38, 4))) "
    "FILTER (aside IS NULL), 0) FROM judged"
)
BY_RULE = (
    "SELECT rule, count(*), coalesce(sum(CAST(amount AS DECIMAL(38, 4))), 0), "
    f"min(row_no, {ROWS_TOLD}) FROM ("  # a list of all of them would need the memory for ten million
    "SELECT row_no, amount, unnest(list_concat(met, CASE WHEN aside IS NULL THEN [] ELSE [aside] END)) AS rule "
    "FROM judged WHERE aside IS NOT NULL OR len(met) > 0) GROUP BY rule"
)


def clean(
    engine: Engine, hospital: str, month: str, source: str, columns: Mapping[str, str], item_codes: Mapping[str, str],
    earlier: Sequence[Path],
) -> None:  # fmt: skip
    """From the table `staged` to the table `judged`: every row with its values, the rules it met, why it is aside."""
    engine.table("item_map", {"old": "VARCHAR", "new": "VARCHAR"}, sorted(item_codes.items()))
    engine.table(
        "settings", {"word": "VARCHAR", "setting": "VARCHAR"}, sorted(SETTING_WORDS.items())
    )  # fmt: skip
    engine.view("earlier", earlier, sql.NO_LINES)
    engine.run(f"CREATE OR REPLACE VIEW texts AS {_texts(columns)}")
    engine.run(f"CREATE OR REPLACE VIEW scrubbed AS {_scrubbed()}")
    engine.run(f"CREATE OR REPLACE VIEW valued AS {_valued()}")
    engine.run(f"CREATE OR REPLACE TABLE numbered AS {_numbered(month)}")
    engine.run(f"CREATE OR REPLACE TABLE judged AS {_judged(hospital, month, source)}")


def _texts(columns: Mapping[str, str]) -> str:
    """Every column as it was read."""
    parts = [f"{ROW} AS row_no", TOO_MUCH]
    for name in COLUMNS:
        heading = columns.get(name)
        read = f"coalesce(CAST({named(heading)} AS VARCHAR), '')" if heading else "''"
        parts.append(f"{read} AS text_{name}")
    return f"SELECT {', '.join(parts)} FROM staged"


def _scrubbed() -> str:
    """Every column as it was read (text_…) and as it is without blanks around it and in half-width signs."""
    narrow = [f"{_narrow(f'text_{name}')} AS narrow_{name}" for name in COLUMNS]
    texts = [f"trim(narrow_{name}, {quoted(BLANKS)}) AS {name}" for name in COLUMNS]
    return f"SELECT *, {', '.join(texts)} FROM (SELECT *, {', '.join(narrow)} FROM texts) narrowed"


def _narrow(text: str) -> str:
    """A text in half-width signs; where there is no wide one nothing is looked up, which would take most of a load."""
    wide = f"translate({text}, {quoted(WIDE)}, {quoted(NARROW)})"
    return f"CASE WHEN regexp_matches({text}, {quoted(f'[{WIDE}]')}) THEN {wide} ELSE {text} END"


def _valued() -> str:
    """The values of a line: NULL where a text says none."""
    days = ", ".join(map(quoted, DAYS))
    numbers = ", ".join(
        f"CASE WHEN regexp_full_match({name}, {quoted(NUMBER)}) "
        f"THEN TRY_CAST(replace({name}, ',', '') AS DECIMAL(18, 4)) END AS {name}_value"
        for name in ("quantity", "amount")
    )
    trimmed = " OR ".join(f"text_{name} <> trim(text_{name}, {quoted(BLANKS)})" for name in COLUMNS)
    wide = " OR ".join(f"text_{name} <> narrow_{name}" for name in COLUMNS)
    return f"""
SELECT s.*, coalesce(m.new, s.item) AS item_value,
       CASE WHEN length(s.day) >= {SHORTEST_DAY} THEN CAST(try_strptime(s.day, [{days}]) AS DATE) END AS day_value,
       {numbers},
       w.setting AS setting_value, m.new IS NOT NULL AS was_mapped,
       ({trimmed}) AS was_trimmed, ({wide}) AS was_wide
FROM scrubbed s
LEFT JOIN item_map m ON m.old = s.item
LEFT JOIN settings w ON w.word = lower(s.setting)"""


def _numbered(month: str) -> str:
    """What is wrong with each line by itself; the texts stay where they were read, for storing them takes longest."""
    period = Period.parse(month)
    cut = " OR ".join(f"regexp_full_match({name}, {quoted(CUT_OFF)})" for name in ("line_key", "item", "refund_of"))
    broken = " OR ".join(f"contains(text_{name}, chr({sign}))" for name in COLUMNS for sign in BREAKS)
    return f"""
SELECT {", ".join(KEPT)}, CASE
    WHEN {TOO_MUCH} <> '' OR {broken} THEN 'malformed'
    WHEN line_key = '' OR item = '' OR performing_unit = '' THEN 'no_key'
    WHEN {cut} THEN 'cut_off'
    WHEN day_value IS NULL THEN 'bad_day'
    WHEN day_value < DATE '{period.first}' OR day_value >= DATE '{period.until}' THEN 'outside'
    WHEN quantity_value IS NULL OR amount_value IS NULL THEN 'bad_number'
    WHEN setting_value IS NULL THEN 'bad_setting'
END AS wrong
FROM valued"""


def _judged(hospital: str, month: str, source: str) -> str:
    """The whole verdict: numbers used before, refunds with their charges; a refund takes off whom its charge paid, and
    all refunds of a charge in the file no more than it has. Of two charges of a number the one that counts is meant."""
    inherited = ", ".join(
        f"CASE WHEN c.line_key IS NULL THEN n.{name} ELSE c.{name} END AS {name}"
        for name in ("ordering_unit", "ordering_person", "performing_unit", "performing_person")
    )
    met = ", ".join(
        f"CASE WHEN {test} THEN '{rule}' END"
        for rule, test in (
            ("trimmed", "n.was_trimmed"), ("full_width", "n.was_wide"), ("mapped", "n.was_mapped"),
            ("paired", "n.wrong IS NULL AND c.line_key IS NOT NULL AND r.taken <= c.quantity"),
            ("negative", "n.wrong IS NULL AND n.quantity_value < 0 AND n.refund_of = ''"),
        )
    )  # fmt: skip
    assert {"duplicate", "unpaired", "excess"} <= RULES.keys()
    return f"""
WITH firsts AS (SELECT line_key, min(row_no) AS row_no FROM numbered WHERE wrong IS NULL GROUP BY line_key),
charges AS (
    SELECT DISTINCT ON (line_key) * FROM (
    SELECT 1 AS place, n.line_key, n.item_value AS item, n.quantity_value AS quantity, n.ordering_unit,
           n.ordering_person, n.performing_unit, n.performing_person
    FROM numbered n JOIN firsts f ON f.line_key = n.line_key AND f.row_no = n.row_no
    WHERE n.quantity_value > 0
    UNION ALL
    SELECT 0, e.line_key, e.item, e.quantity, e.ordering_unit, e.ordering_person, e.performing_unit, e.performing_person
    FROM earlier e WHERE e.hospital = {quoted(hospital)} AND e.quantity > 0
    ) found ORDER BY line_key, place, performing_unit, performing_person, ordering_unit, ordering_person, item
),
refunds AS (
    SELECT n.row_no, sum(-n.quantity_value) OVER (PARTITION BY n.refund_of, n.item_value ORDER BY n.row_no) AS taken
    FROM numbered n JOIN firsts f ON f.line_key = n.line_key AND f.row_no = n.row_no
    WHERE n.refund_of <> '' AND n.quantity_value < 0
),
before AS (SELECT DISTINCT line_key FROM earlier WHERE hospital = {quoted(hospital)})
SELECT {quoted(hospital)} AS hospital, {quoted(month)} AS month, {quoted(source)} AS source, n.row_no, n.line_key,
       n.day_value AS day, n.item_value AS item, n.setting_value AS setting, n.quantity_value AS quantity,
       n.amount_value AS amount, {inherited},
       list_filter([{met}], lambda rule: rule IS NOT NULL) AS met,
       CASE WHEN n.wrong IS NOT NULL THEN n.wrong
            WHEN f.row_no <> n.row_no OR b.line_key IS NOT NULL THEN 'duplicate'
            WHEN n.refund_of <> '' AND c.line_key IS NULL THEN 'unpaired'
            WHEN r.taken > c.quantity THEN 'excess'
       END AS aside
FROM numbered n
LEFT JOIN firsts f ON f.line_key = n.line_key
LEFT JOIN before b ON b.line_key = n.line_key
LEFT JOIN refunds r ON r.row_no = n.row_no
LEFT JOIN charges c ON n.refund_of <> '' AND c.line_key = n.refund_of AND c.item = n.item_value
    AND n.quantity_value < 0"""
