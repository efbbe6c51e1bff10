"""The SQL of charge lines: text that DuckDB and Spark run unchanged and answer alike, to the last digit.

It reads these tables: `lines` (the partitions), `item_points` (hospital, item, role, points, start_day, until_day),
`known_items` (hospital, item, start_day, until_day: the days with points for any role), `unit_codes` and
`person_codes` (hospital, code, unit or person, start_day, until_day). Products and sums are
DECIMAL(38, 8): quantity and points have four places each, so nothing is rounded. There is no division and no average,
which the engines answer differently.
"""

from __future__ import annotations

ROLES = ("ordering", "performing")
LINE_COLUMNS: dict[str, str] = {
    "hospital": "VARCHAR", "month": "VARCHAR", "source": "VARCHAR", "row_no": "BIGINT", "line_key": "VARCHAR",
    "day": "DATE", "item": "VARCHAR", "setting": "VARCHAR", "quantity": "DECIMAL(18, 4)",
    "amount": "DECIMAL(18, 4)", "ordering_unit": "VARCHAR", "ordering_person": "VARCHAR",
    "performing_unit": "VARCHAR", "performing_person": "VARCHAR",
}  # fmt: skip
POINT_COLUMNS = {
    "hospital": "VARCHAR", "item": "VARCHAR", "role": "VARCHAR", "points": "DECIMAL(18, 4)", "start_day": "DATE",
    "until_day": "DATE",
}  # fmt: skip
KNOWN_COLUMNS = {"hospital": "VARCHAR", "item": "VARCHAR", "start_day": "DATE", "until_day": "DATE"}
UNIT_COLUMNS = {
    "hospital": "VARCHAR", "code": "VARCHAR", "unit": "VARCHAR", "start_day": "DATE", "until_day": "DATE",
}  # fmt: skip
PERSON_COLUMNS = {
    "hospital": "VARCHAR", "code": "VARCHAR", "person": "VARCHAR", "start_day": "DATE", "until_day": "DATE",
}  # fmt: skip
CLASS_COLUMNS = {
    "hospital": "VARCHAR", "item": "VARCHAR", "item_class": "VARCHAR", "start_day": "DATE", "until_day": "DATE",
}  # fmt: skip
NO_LINES = "SELECT " + ", ".join(
    f"CAST(NULL AS {kind}) AS {column}" for column, kind in LINE_COLUMNS.items()
) + " WHERE 1 = 0"  # fmt: skip


def _holds(table: str) -> str:
    return f"l.day >= {table}.start_day AND l.day < {table}.until_day"


def _points_of(role: str) -> str:
    return f"""
SELECT l.hospital, l.month, t.role, u.unit, p.person, l.setting,
       count(*) AS line_count,
       sum(CAST(l.amount AS DECIMAL(38, 8))) AS amount,
       sum(CAST(l.quantity * t.points AS DECIMAL(38, 8))) AS points
FROM lines l
JOIN item_points t ON t.hospital = l.hospital AND t.item = l.item AND t.role = '{role}' AND {_holds("t")}
JOIN unit_codes u ON u.hospital = l.hospital AND u.code = l.{role}_unit AND {_holds("u")}
JOIN person_codes p ON p.hospital = l.hospital AND p.code = l.{role}_person AND {_holds("p")}
GROUP BY l.hospital, l.month, t.role, u.unit, p.person, l.setting"""


# Points, lines and charges by hospital, month, role, unit, person and setting.
POINTS = (
    "SELECT hospital, month, role, unit, person, setting, line_count, amount, points FROM ("
    + "\nUNION ALL".join(map(_points_of, ROLES))
    + "\n) summed ORDER BY hospital, month, role, unit, person, setting"
)


def _items_of(role: str) -> str:
    return f"""
SELECT l.item, t.role, count(*) AS line_count, sum(CAST(l.quantity * t.points AS DECIMAL(38, 8))) AS points
FROM lines l
JOIN item_points t ON t.hospital = l.hospital AND t.item = l.item AND t.role = '{role}' AND {_holds("t")}
JOIN unit_codes u ON u.hospital = l.hospital AND u.code = l.{role}_unit AND {_holds("u")}
JOIN person_codes p ON p.hospital = l.hospital AND p.code = l.{role}_person AND {_holds("p")}
GROUP BY l.item, t.role"""


# The same points by item and role.
ITEMS = (
    "SELECT item, role, line_count, points FROM ("
    + "\nUNION ALL".join(map(_items_of, ROLES))
    + "\n) summed ORDER BY item, role"
)


def _unknown(what: str, column: str, table: str, key: str) -> str:
    return f"""
SELECT l.hospital, l.month, '{what}' AS what, l.{column} AS code, count(*) AS line_count,
       sum(CAST(l.amount AS DECIMAL(38, 8))) AS amount
FROM lines l
LEFT JOIN {table} k ON k.hospital = l.hospital AND k.{key} = l.{column} AND {_holds("k")}
WHERE k.hospital IS NULL
GROUP BY l.hospital, l.month, l.{column}"""


# Codes that nobody knows, with their lines and charges: they wait aside until they are mapped. An empty code of a
# person or of an ordering unit says that the line names none; that is known.
UNKNOWN = (
    "SELECT hospital, month, what, code, line_count, amount FROM ("
    + "\nUNION ALL".join([
        _unknown("item", "item", "known_items", "item"),
        _unknown("ordering_unit", "ordering_unit", "unit_codes", "code"),
        _unknown("ordering_person", "ordering_person", "person_codes", "code"),
        _unknown("performing_unit", "performing_unit", "unit_codes", "code"),
        _unknown("performing_person", "performing_person", "person_codes", "code"),
    ])
    + "\n) unknown ORDER BY hospital, month, what, code"
)  # fmt: skip

# Lines and charges by item, and whether any role earns points with it: what coverage is counted from.
COVERAGE = f"""
SELECT l.hospital, l.month, l.item, count(*) AS line_count, sum(CAST(l.amount AS DECIMAL(38, 8))) AS amount,
       max(CASE WHEN k.item IS NULL THEN 0 ELSE 1 END) AS has_points
FROM lines l
LEFT JOIN known_items k ON k.hospital = l.hospital AND k.item = l.item AND {_holds("k")}
GROUP BY l.hospital, l.month, l.item
ORDER BY l.hospital, l.month, l.item"""

# All there is, to compare with the hospital's own totals.
TOTALS = """
SELECT hospital, month, performing_unit, setting, count(*) AS line_count,
       sum(CAST(quantity AS DECIMAL(38, 8))) AS quantity, sum(CAST(amount AS DECIMAL(38, 8))) AS amount
FROM lines
GROUP BY hospital, month, performing_unit, setting
ORDER BY hospital, month, performing_unit, setting"""

# What departments did, by class of charges; besides a fifth small table, `item_classes` (hospital, item, item_class,
# start_day, until_day). A code that nobody knows gives an empty unit, an item that no table has an empty class. Whose
# patients were charged tells the ordering department, where a line names one.
PERFORMED = "l.performing_unit"
ORDERED = "CASE WHEN l.ordering_unit = '' THEN l.performing_unit ELSE l.ordering_unit END"
VOLUME = f"""
SELECT unit, setting, item_class, count(*) AS line_count, sum(CAST(quantity AS DECIMAL(38, 8))) AS quantity,
       sum(CAST(amount AS DECIMAL(38, 8))) AS amount, sum(CASE WHEN quantity < 0 THEN 1 ELSE 0 END) AS refunds,
       sum(CASE WHEN performing_person = '' THEN 1 ELSE 0 END) AS nameless
FROM (
    SELECT coalesce(u.unit, '') AS unit, l.setting, coalesce(c.item_class, '') AS item_class, l.quantity, l.amount,
           l.performing_person
    FROM lines l
    LEFT JOIN unit_codes u ON u.hospital = l.hospital AND u.code = {{unit}} AND {_holds("u")}
    LEFT JOIN item_classes c ON c.hospital = l.hospital AND c.item = l.item AND {_holds("c")}
) placed
GROUP BY unit, setting, item_class
ORDER BY unit, setting, item_class"""

# The lines behind a sum of POINTS, for whoever follows a number down.
BEHIND = f"""
SELECT l.source, l.row_no, l.line_key, l.day, l.item, l.quantity, t.points,
       CAST(l.quantity * t.points AS DECIMAL(38, 8)) AS line_points, l.amount
FROM lines l
JOIN item_points t ON t.hospital = l.hospital AND t.item = l.item AND t.role = {{role}} AND {_holds("t")}
JOIN unit_codes u ON u.hospital = l.hospital AND u.code = l.{{column}}_unit AND {_holds("u")}
JOIN person_codes p ON p.hospital = l.hospital AND p.code = l.{{column}}_person AND {_holds("p")}
WHERE l.hospital = {{hospital}} AND l.month = {{month}} AND u.unit = {{unit}} AND p.person = {{person}}
  AND l.setting = {{setting}}
ORDER BY l.day, l.source, l.row_no
LIMIT {{limit}} OFFSET {{offset}}"""
