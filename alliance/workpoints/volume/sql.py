"""The SQL of charge lines: text that DuckDB and Spark run unchanged and answer alike, to the last digit.

It reads these tables: `lines` (the partitions), `item_points` (hospital, item, role, points, start_day, until_day),
`unit_codes` and `person_codes` (hospital, code, unit or person, start_day, until_day). Products and sums are
DECIMAL(38, 8): quantity and points have four places each, so nothing is rounded. There is no division and no average,
which the engines answer differently.
"""

from __future__ import annotations

from collections.abc import Sequence

from alliance.workpoints.rules.workloads import NOT_SAID

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
UNIT_COLUMNS = {
    "hospital": "VARCHAR", "code": "VARCHAR", "unit": "VARCHAR", "start_day": "DATE", "until_day": "DATE",
}  # fmt: skip
PERSON_COLUMNS = {
    "hospital": "VARCHAR", "code": "VARCHAR", "person": "VARCHAR", "start_day": "DATE", "until_day": "DATE",
}  # fmt: skip
CLASS_COLUMNS = {
    "hospital": "VARCHAR", "item": "VARCHAR", "item_class": "VARCHAR", "start_day": "DATE", "until_day": "DATE",
}  # fmt: skip
TECHNIQUE_COLUMNS = {
    "hospital": "VARCHAR", "item": "VARCHAR", "technique": "VARCHAR", "start_day": "DATE", "until_day": "DATE",
}  # fmt: skip
NO_LINES = "SELECT " + ", ".join(
    f"CAST(NULL AS {kind}) AS {column}" for column, kind in LINE_COLUMNS.items()
) + " WHERE 1 = 0"  # fmt: skip


def _holds(table: str) -> str:
    return f"l.day >= {table}.start_day AND l.day < {table}.until_day"


# As a product of two decimals of 18 digits the engine would keep 18 of them, and stop at a large quantity.
_EARNED = "CAST(CAST(l.quantity AS DECIMAL(19, 4)) * t.points AS DECIMAL(38, 8))"


def _points_of(role: str) -> str:
    return f"""
SELECT l.hospital, l.month, t.role, u.unit, p.person, l.setting,
       count(*) AS line_count,
       CAST(sum(l.amount) AS DECIMAL(38, 8)) AS amount,
       sum({_EARNED}) AS points
FROM lines l
JOIN item_points t ON t.hospital = l.hospital AND t.item = l.item AND t.role = '{role}' AND {_holds("t")}
JOIN unit_codes u ON u.hospital = l.hospital AND u.code = l.{role}_unit AND {_holds("u")}
JOIN person_codes p ON p.hospital = l.hospital AND p.code = l.{role}_person AND {_holds("p")}
GROUP BY l.hospital, l.month, t.role, u.unit, p.person, l.setting"""


def points_of(roles: Sequence[str]) -> str:
    """Points, lines and charges by hospital, month, role, unit, person and setting; of one role or more."""
    return (
        "SELECT hospital, month, role, unit, person, setting, line_count, amount, points FROM ("
        + "\nUNION ALL".join(map(_points_of, roles))
        + "\n) summed ORDER BY hospital, month, role, unit, person, setting"
    )


POINTS = points_of(ROLES)


def _items_of(role: str) -> str:
    return f"""
SELECT l.item, t.role, count(*) AS line_count, sum({_EARNED}) AS points
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


CODES = ("ordering_unit", "ordering_person", "performing_unit", "performing_person")  # of units and persons
_COUNTED = "count(*) AS line_count, CAST(sum(l.amount) AS DECIMAL(38, 8)) AS amount"


# Every code of a unit or a person that the lines use, by column, with the days between which it occurs, its lines and
# charges; what is known of codes is small and needs no join. Items, which are many, only where they earn (UNEARNED).
USED = f"""
SELECT CASE {" ".join(f"WHEN grouping(l.{column}) = 0 THEN '{column}'" for column in CODES)} END AS what,
       coalesce({", ".join(f"l.{column}" for column in CODES)}) AS code,
       min(l.day) AS first_day, max(l.day) AS last_day, {_COUNTED}
FROM lines l
GROUP BY GROUPING SETS ({", ".join(f"(l.{column})" for column in CODES)})"""


def used_by_day(column: str, codes: str) -> str:
    """The same day by day for some codes, where what they mean changes in between."""
    return f"""
SELECT l.{column}, l.day AS first_day, l.day AS last_day, {_COUNTED}
FROM lines l
WHERE l.{column} IN ({codes})
GROUP BY l.{column}, l.day"""


# The lines whose item has no points on their day; an outer join, because engines take long for NOT EXISTS with ranges.
_UNEARNED = f"""FROM lines l
LEFT JOIN item_points t ON t.hospital = l.hospital AND t.item = l.item AND {_holds("t")}
WHERE t.item IS NULL"""
UNEARNED = f"""
SELECT l.item, min(l.day) AS first_day, max(l.day) AS last_day, {_COUNTED}
{_UNEARNED}
GROUP BY l.item"""
UNEARNED_BY_DAY = f"""
SELECT l.item, l.day AS first_day, l.day AS last_day, {_COUNTED}
{_UNEARNED} AND l.item IN ({{codes}})
GROUP BY l.item, l.day"""
WHOLE = f"SELECT count(DISTINCT l.item) AS items, {_COUNTED} FROM lines l"

# All there is, to compare with the hospital's own totals.
TOTALS = """
SELECT hospital, month, performing_unit, setting, count(*) AS line_count,
       sum(CAST(quantity AS DECIMAL(38, 8))) AS quantity, sum(CAST(amount AS DECIMAL(38, 8))) AS amount
FROM lines
GROUP BY hospital, month, performing_unit, setting
ORDER BY hospital, month, performing_unit, setting"""

# What departments did, by class of charges; besides a fifth small table, `item_classes` (hospital, item, item_class,
# start_day, until_day). A code that nobody knows gives an empty unit, an item that no table has an empty class. Whose
# patients were charged tells the ordering department, where a line names one. An entry of the workload ledger names one
# department alone: it is that of both reports.
PERFORMED = f"CASE WHEN l.performing_unit = '{NOT_SAID}' THEN l.ordering_unit ELSE l.performing_unit END"
ORDERED = f"CASE WHEN l.ordering_unit IN ('', '{NOT_SAID}') THEN l.performing_unit ELSE l.ordering_unit END"
_WHO = f"CASE WHEN l.performing_unit = '{NOT_SAID}' THEN l.ordering_person ELSE l.performing_person END"
VOLUME = f"""
SELECT unit, setting, item_class, count(*) AS line_count, sum(CAST(quantity AS DECIMAL(38, 8))) AS quantity,
       sum(CAST(amount AS DECIMAL(38, 8))) AS amount, sum(CASE WHEN quantity < 0 THEN 1 ELSE 0 END) AS refunds,
       sum(CASE WHEN performing_person = '' THEN 1 ELSE 0 END) AS nameless
FROM (
    SELECT coalesce(u.unit, '') AS unit, l.setting, coalesce(c.item_class, '') AS item_class, l.quantity, l.amount,
           {_WHO} AS performing_person
    FROM lines l
    LEFT JOIN unit_codes u ON u.hospital = l.hospital AND u.code = {{unit}} AND {_holds("u")}
    LEFT JOIN item_classes c ON c.hospital = l.hospital AND c.item = l.item AND {_holds("c")}
) placed
GROUP BY unit, setting, item_class
ORDER BY unit, setting, item_class"""

# The lines behind sums of VOLUME: of units, of a setting or of all, of a class or of all.
VOLUME_LINES = f"""
SELECT source, row_no, line_key, day, item, setting, quantity, amount, performing_unit, ordering_unit
FROM (
    SELECT l.source, l.row_no, l.line_key, l.day, l.item, l.setting, l.quantity, l.amount, l.performing_unit,
           l.ordering_unit, coalesce(u.unit, '') AS unit, coalesce(c.item_class, '') AS item_class
    FROM lines l
    LEFT JOIN unit_codes u ON u.hospital = l.hospital AND u.code = {{unit}} AND {_holds("u")}
    LEFT JOIN item_classes c ON c.hospital = l.hospital AND c.item = l.item AND {_holds("c")}
) placed
WHERE {{wanted}}
ORDER BY day, source, row_no
LIMIT {{limit}} OFFSET {{offset}}"""

# How often new techniques were done, by whoever performed them; besides a table `technique_items` (hospital, item,
# technique, start_day, until_day). What names no known department or person stands under an empty one, so that it can
# be told; an entry of the workload ledger that names only who ordered was not performed.
_DONE = f"""
    SELECT l.source, l.row_no, l.line_key, l.day, l.item, l.setting, l.quantity, l.amount, t.technique,
           coalesce(u.unit, '') AS unit, coalesce(p.person, '') AS person
    FROM lines l
    JOIN technique_items t ON t.hospital = l.hospital AND t.item = l.item AND {_holds("t")}
    LEFT JOIN unit_codes u ON u.hospital = l.hospital AND u.code = l.performing_unit AND {_holds("u")}
    LEFT JOIN person_codes p ON p.hospital = l.hospital AND p.code = l.performing_person AND {_holds("p")}
    WHERE l.performing_unit <> '{NOT_SAID}'"""
TECHNIQUES = f"""
SELECT technique, unit, person, count(*) AS line_count, sum(CAST(quantity AS DECIMAL(38, 8))) AS quantity
FROM ({_DONE}
) done
GROUP BY technique, unit, person
ORDER BY technique, unit, person"""

# The lines behind such a sum, of everybody in a unit or of one person.
TECHNIQUE_LINES = f"""
SELECT source, row_no, line_key, day, item, setting, quantity, amount, person
FROM ({_DONE}
) done
WHERE {{wanted}}
ORDER BY day, source, row_no
LIMIT {{limit}} OFFSET {{offset}}"""

# The lines behind a sum of POINTS, for whoever follows a number down.
BEHIND = f"""
SELECT l.source, l.row_no, l.line_key, l.day, l.item, l.quantity, t.points,
       {_EARNED} AS line_points, l.amount
FROM lines l
JOIN item_points t ON t.hospital = l.hospital AND t.item = l.item AND t.role = {{role}} AND {_holds("t")}
JOIN unit_codes u ON u.hospital = l.hospital AND u.code = l.{{column}}_unit AND {_holds("u")}
JOIN person_codes p ON p.hospital = l.hospital AND p.code = l.{{column}}_person AND {_holds("p")}
WHERE l.hospital = {{hospital}} AND l.month = {{month}} AND u.unit = {{unit}} AND p.person = {{person}}
  AND l.setting = {{setting}}
ORDER BY l.day, l.source, l.row_no
LIMIT {{limit}} OFFSET {{offset}}"""
