"""The cleaning rules as SQL of the embedded engine; what each one means stands in rules/cleaning.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from alliance.core.period import Period
from alliance.workpoints.rules.cleaning import COLUMNS, RULES, SETTING_WORDS
from alliance.workpoints.volume import sql
from alliance.workpoints.volume.engine import Engine, named, quoted

# The signs ！ to ～ stand 0xFEE0 above ! to ~; the wide blank is one of its own.
WIDE = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000"
NARROW = "".join(map(chr, range(0x21, 0x7F))) + " "
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M")
NUMBER = r"[+-]?(\d{1,13}|\d{1,3}(,\d{3}){1,4})(\.\d{1,4}0*)?"
TOO_MUCH = "__more"  # a heading of our own: what a row has beyond its last column
ROWS_TOLD = 20  # of each rule


# Lines that count.
LINES = f"SELECT {', '.join(sql.LINE_COLUMNS)} FROM judged WHERE aside IS NULL ORDER BY row_no"
# Lines put aside: as they were read, with the reason.
ASIDE = (
    f"SELECT source, row_no, aside AS reason, {', '.join(f'text_{name} AS {name}' for name in COLUMNS)} "
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
    f"list_slice(list(row_no ORDER BY row_no), 1, {ROWS_TOLD}) FROM ("
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
    parts = ["row_no", TOO_MUCH]
    for name in COLUMNS:
        heading = columns.get(name)
        read = f"coalesce(CAST({named(heading)} AS VARCHAR), '')" if heading else "''"
        parts.append(f"{read} AS text_{name}")
    return f"SELECT {', '.join(parts)} FROM staged"


def _scrubbed() -> str:
    """Every column as it was read (text_…) and as it is without blanks around it and in half-width signs."""
    narrow = [f"{_narrow(f'text_{name}')} AS narrow_{name}" for name in COLUMNS]
    texts = [f"trim(narrow_{name}) AS {name}" for name in COLUMNS]
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
    trimmed = " OR ".join(f"text_{name} <> trim(text_{name})" for name in COLUMNS)
    wide = " OR ".join(f"text_{name} <> narrow_{name}" for name in COLUMNS)
    return f"""
SELECT s.*, coalesce(m.new, s.item) AS item_value, CAST(try_strptime(s.day, [{days}]) AS DATE) AS day_value, {numbers},
       w.setting AS setting_value, m.new IS NOT NULL AS was_mapped,
       ({trimmed}) AS was_trimmed, ({wide}) AS was_wide
FROM scrubbed s
LEFT JOIN item_map m ON m.old = s.item
LEFT JOIN settings w ON w.word = lower(s.setting)"""


def _numbered(month: str) -> str:
    """What is wrong with each line by itself; the texts stay where they were read, for storing them takes longest."""
    period = Period.parse(month)
    return f"""
SELECT {", ".join(KEPT)}, CASE
    WHEN {TOO_MUCH} <> '' OR {" OR ".join(f"contains(text_{name}, chr(10))" for name in COLUMNS)} THEN 'malformed'
    WHEN line_key = '' OR item = '' OR performing_unit = '' THEN 'no_key'
    WHEN day_value IS NULL THEN 'bad_day'
    WHEN day_value < DATE '{period.first}' OR day_value >= DATE '{period.until}' THEN 'outside'
    WHEN quantity_value IS NULL OR amount_value IS NULL THEN 'bad_number'
    WHEN setting_value IS NULL THEN 'bad_setting'
END AS wrong
FROM valued"""


def _judged(hospital: str, month: str, source: str) -> str:
    """The whole verdict: numbers used before, refunds with their charges; a refund takes off whom its charge paid."""
    inherited = ", ".join(
        f"CASE WHEN c.line_key IS NULL THEN n.{name} ELSE c.{name} END AS {name}"
        for name in ("ordering_unit", "ordering_person", "performing_unit", "performing_person")
    )
    met = ", ".join(
        f"CASE WHEN {test} THEN '{rule}' END"
        for rule, test in (
            ("trimmed", "n.was_trimmed"), ("full_width", "n.was_wide"), ("mapped", "n.was_mapped"),
            ("paired", "n.wrong IS NULL AND c.line_key IS NOT NULL"),
            ("negative", "n.wrong IS NULL AND n.quantity_value < 0 AND n.refund_of = ''"),
        )
    )  # fmt: skip
    assert {"duplicate", "unpaired"} <= RULES.keys()
    return f"""
WITH firsts AS (SELECT line_key, min(row_no) AS row_no FROM numbered WHERE wrong IS NULL GROUP BY line_key),
charges AS (
    SELECT DISTINCT ON (line_key) * FROM (
    SELECT 0 AS place, n.line_key, n.item_value AS item, n.ordering_unit, n.ordering_person, n.performing_unit,
           n.performing_person
    FROM numbered n JOIN firsts f ON f.line_key = n.line_key AND f.row_no = n.row_no
    WHERE n.quantity_value > 0
    UNION ALL
    SELECT 1, e.line_key, e.item, e.ordering_unit, e.ordering_person, e.performing_unit, e.performing_person
    FROM earlier e WHERE e.hospital = {quoted(hospital)} AND e.quantity > 0
    ) found ORDER BY line_key, place, performing_unit, performing_person, ordering_unit, ordering_person, item
),
before AS (SELECT DISTINCT line_key FROM earlier WHERE hospital = {quoted(hospital)})
SELECT {quoted(hospital)} AS hospital, {quoted(month)} AS month, {quoted(source)} AS source, n.row_no, n.line_key,
       n.day_value AS day, n.item_value AS item, n.setting_value AS setting, n.quantity_value AS quantity,
       n.amount_value AS amount, {inherited},
       list_filter([{met}], lambda rule: rule IS NOT NULL) AS met,
       CASE WHEN n.wrong IS NOT NULL THEN n.wrong
            WHEN f.row_no <> n.row_no OR b.line_key IS NOT NULL THEN 'duplicate'
            WHEN n.refund_of <> '' AND c.line_key IS NULL THEN 'unpaired'
       END AS aside
FROM numbered n
LEFT JOIN firsts f ON f.line_key = n.line_key
LEFT JOIN before b ON b.line_key = n.line_key
LEFT JOIN charges c ON n.refund_of <> '' AND c.line_key = n.refund_of AND c.item = n.item_value
    AND n.quantity_value < 0"""
