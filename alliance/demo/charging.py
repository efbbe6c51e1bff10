"""What the demo's lead hospital charges: the city's library of item points with a few of its own, and the lines of its
last two months, made up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from flask import current_app

from alliance.core.actor import Actor
from alliance.core.period import Period
from alliance.demo import catalogue, inside, roster
from alliance.demo.days import moment
from alliance.demo.inside import HOSPITAL
from alliance.workpoints import queries
from alliance.workpoints import services as workpoints
from alliance.workpoints.rules.headings import guessed
from alliance.workpoints.rules.overrides import CITY, OwnPoints
from alliance.workpoints.rules.tables import TableRow
from alliance.workpoints.volume.partitions import Partitions, partitions_of

OFFICE = Actor("t01.bonus", HOSPITAL)
PUBLISHER = Actor("office", "T01")
LIBRARY = "CITY"
SOURCE = "HIS"
HEADS = (
    "收费明细号", "收费日期", "收费项目编码", "就诊类型", "数量", "金额", "开单科室代码", "开单医师工号",
    "执行科室代码", "执行人工号", "原收费流水号",
)  # fmt: skip
LINES, FEW = 300_000, 3_000  # of a month; few where the story is told short
# How often a class is charged, in thousandths, in each setting.
OFTEN = {
    "门诊": {"consultation": 130, "laboratory": 290, "examination": 90, "treatment": 110, "drug": 330, "consumable": 40,
             "service": 10},
    "住院": {"bed": 60, "nursing": 150, "laboratory": 210, "examination": 45, "treatment": 130, "operation": 12,
             "anaesthesia": 8, "drug": 260, "consumable": 110, "consultation": 15},
}  # fmt: skip
SETTING_SHARE = {"门诊": 45, "住院": 55}
TOGETHER = 6  # colleagues with whom a doctor works
SHOPS = {"laboratory": "T01", "examination": "T02", "anaesthesia": "T03", "drug": "S01"}  # who performs it for all
NURSED = frozenset({"bed", "nursing", "consumable"})
REFUND_EVERY, REFUND_BACK = 240, 7  # every so many lines one is a refund of one so many lines before
BACK = 200  # rows before the end, where the odd ones stand
NEW = {"item": "ZL9001", "unit": "0599", "person": "W8801"}  # codes that nobody knows yet


@dataclass(frozen=True, slots=True)
class Place:
    """Where patients are: the code of the department with its doctors, and of its nurses' unit with its nurses."""

    setting: str
    unit: str
    doctors: tuple[str, ...]
    nurses_unit: str
    nurses: tuple[str, ...]


def begin_files(
    beside: Executor, folder: Path, months: list[Period], start: date, *, short: bool
) -> list[tuple[Period, Future[Path]]]:  # fmt: skip
    """Have another process write the files of some months; in the newest some codes are new."""
    count = FEW if short else LINES
    return [
        (month, beside.submit(write, folder / f"charges-{month.code}.csv", month, count, start, month == months[-1]))
        for month in months
    ]  # fmt: skip


def write(path: Path, month: Period, count: int, start: date, odd: bool) -> Path:
    """A month's file, as the hospital's system would export it."""
    path.write_text("\n".join([",".join(HEADS), *lines(month, count, start, odd=odd), ""]), "utf-8")
    return path


def charge(alliance: int, files: list[tuple[Period, Future[Path]]], start: date) -> None:
    """Publish and adopt the points, load the lines of some months, each in the days after its end."""
    first, at = start.replace(day=1), moment(files[0][0].until + timedelta(days=1))
    _publish(alliance, catalogue.library(), first, f"市卫健发〔{first.year}〕18号", 0, at)
    seen = queries.points_state(alliance, HOSPITAL)
    workpoints.adopt_library(alliance, HOSPITAL, LIBRARY, 1, first, seen, by=OFFICE, now=at)
    for item, role, points, reason in catalogue.own():
        own = OwnPoints(item, role, points, first, reason)
        seen = queries.points_state(alliance, HOSPITAL)
        workpoints.set_override(alliance, HOSPITAL, own, seen, by=OFFICE, now=at)
    _publish(alliance, catalogue.next_library(), files[-1][0].until, f"市卫健发〔{at.year}〕31号", 1, at)
    partitions = partitions_of(current_app.config["ALLIANCE"].data, alliance)
    for month, file in files:
        _load(partitions, alliance, month, file.result(), moment(month.until + timedelta(days=4)))


def _publish(alliance: int, rows: list[TableRow], start: date, source: str, newest: int, at: datetime) -> None:
    digest = sha256(repr([(row.item.code, row.role, row.points) for row in rows]).encode()).hexdigest()
    given = workpoints.GivenLibrary(LIBRARY, CITY, "市级医疗服务项目点数库", source, start, digest, newest)
    workpoints.publish_library(alliance, given, rows, by=PUBLISHER, now=at)


def _load(partitions: Partitions, alliance: int, month: Period, path: Path, at: datetime) -> None:
    columns = guessed(HEADS)
    workpoints.map_charge(alliance, HOSPITAL, SOURCE, columns, by=OFFICE, now=at)
    workpoints.load_charge(
        partitions, alliance, HOSPITAL, month.code, SOURCE, path, path.name, columns, by=OFFICE, now=at
    )


def lines(month: Period, count: int, start: date, *, odd: bool) -> Iterator[str]:
    """The rows of a month's file, the same each time; with `odd` some codes are new and some rows are wrong."""
    dice = Random(month.code)
    days = (month.until - month.first).days
    dates = [f"{month.code}-{day:02}" for day in range(1, days + 1)]
    rows = list(_rows(dice, month.code.replace("-", "")[2:], count, dates, start))
    for number in range(REFUND_EVERY, count, REFUND_EVERY):
        rows[number] = _refund(rows[number], rows[number - REFUND_BACK])
    if odd:
        _spoil(rows, dates)
    yield from rows


Kind = tuple[list[str], list[str]]  # what is charged (item to amount), and who ordered and performed it


def _rows(dice: Random, short: str, count: int, dates: list[str], start: date) -> Iterator[str]:
    kinds, weights = _kinds(start)
    drawn = zip(dice.choices(kinds, weights, k=count), dice.choices(dates, k=count), strict=True)
    pick = dice.random
    for number, ((whats, whos), day) in enumerate(drawn, 1):
        # Cheap items, which come first, are charged more often than dear ones.
        what, who = whats[int(pick() * pick() * len(whats))], whos[int(pick() * len(whos))]
        yield f"{short}{number:07},{day},{what},{who},"


def _kinds(start: date) -> tuple[list[Kind], list[int]]:
    """What can be charged in a setting and class, with how often."""
    prices, places, shops = catalogue.prices(), _places(start), _shops(start)
    kinds, weights = [], []
    for setting, often in OFTEN.items():
        here = [place for place in places if place.setting == setting]
        for item_class, weight in often.items():
            quantities = (1, 2, 3) if item_class in ("drug", "consumable") else (1,)
            whats = [
                f"{code},{setting},{quantity},{quantity * price // 100}.{quantity * price % 100:02}"
                for code, price in prices[item_class] for quantity in quantities
            ]  # fmt: skip
            kinds.append((whats, [who for place in here for who in _whos(place, item_class, shops)]))
            weights.append(weight * SETTING_SHARE[setting])
    return kinds, weights


def _whos(place: Place, item_class: str, shops: dict[str, tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Who may have ordered and performed something of a class where patients are."""
    if item_class in SHOPS:
        unit, people = shops[item_class]
    else:
        unit, people = (place.nurses_unit, place.nurses) if item_class in NURSED else (place.unit, ())
    for number, doctor in enumerate(place.doctors):
        for back in range(TOGETHER):
            performer = people[(number * TOGETHER + back * 5) % len(people)] if people else doctor
            yield f"{place.unit},{doctor},{unit},{performer}"


def _refund(row: str, charged: str) -> str:
    """The row of a refund in the place of another row: the charge named, its quantity and amount below nought."""
    key = row.partition(",")[0]
    number, day, code, setting, quantity, amount, unit, doctor, performing, person, _of = charged.split(",")
    return f"{key},{day},{code},{setting},-{quantity},-{amount},{unit},{doctor},{performing},{person},{number}"


def _spoil(rows: list[str], dates: list[str]) -> None:
    """What a month's file brings: new codes, and at its end rows that no rule can read."""
    for number in range(50, len(rows) - BACK, len(rows) // 40):
        cells = rows[number].split(",")
        if not cells[4].startswith("-"):
            place, code = ((2, NEW["item"]), (8, NEW["unit"]), (9, NEW["person"]))[number // 7 % 3]
            cells[place] = code
            rows[number] = ",".join(cells)
    for number in range(len(rows) - BACK + 1, len(rows), 9):
        cells = rows[number].split(",")
        if cells[10]:
            continue
        match number % 4:
            case 0:
                cells[1] = f"{dates[0][:8]}32"
            case 1:
                cells[4] = "若干"
            case 2:
                cells[2] = f" {cells[2]} "
            case 3:
                cells[0] = rows[number - 1].partition(",")[0]
        rows[number] = ",".join(cells)


def _places(start: date) -> list[Place]:
    """The medical groups with the nurses of their department, and the two outpatient units."""
    people, codes = _people(start), {row["code"]: row["his"] for row in inside.rows()}
    nurses = {row["parent"]: row["code"] for row in inside.rows() if row["kind"] == "inpatient_nursing"}
    places = [
        Place("住院", row["his"], people[row["code"]], codes[nurses[row["parent"]]], people[nurses[row["parent"]]])
        for row in inside.rows() if row["kind"] == "inpatient_group"
    ]  # fmt: skip
    return places + [
        Place("门诊", codes[unit], people[unit], codes["O02"], people["O02"]) for unit in ("O01", "E01")
    ]  # fmt: skip


def _shops(start: date) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The departments that work for all others, with their people, by class of charges."""
    people, codes = _people(start), {row["code"]: row["his"] for row in inside.rows()}
    return {item_class: (codes[unit], people[unit]) for item_class, unit in SHOPS.items()}


def _people(start: date) -> dict[str, tuple[str, ...]]:
    """The staff numbers of each department, without who is on leave."""
    found: dict[str, list[str]] = {}
    for one in roster.staffing(inside.rows(), inside.NAMED, start).employees:
        if one.status == "active":
            found.setdefault(one.department, []).append(one.number)
    return {unit: tuple(numbers) for unit, numbers in found.items()}
