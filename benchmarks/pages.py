"""The speed of reading with forty people at once: gunicorn, PostgreSQL, a page every two seconds each.

`python -m benchmarks.pages [SECONDS]`. Office, committee and leads of members open home, the board, a member's page
and the explanation of its score by turns, in the demo alliance of 26 members. To reach at the 95th percentile: each
page < 200 ms. A time counts only when the page was right: every score that it owes stands on it.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask_migrate import upgrade

from alliance.accounts.rules.totp import STEP, one_time_code
from alliance.audit import queries as audit
from alliance.config import Config
from alliance.db import db
from alliance.demo import people, story
from alliance.evaluation import queries as evaluation
from alliance.i18n import number
from alliance.members import queries as members
from app import create_app
from benchmarks.crowd import SECRET, Visitor, all_at_work, free_port, report, served
from tests.postgres import cluster

DAY, MONTHS, SECONDS = date(2026, 11, 15), 12, 60.0
HOME, BOARD, STANDING, FIGURE = "home", "the board", "a member's page", "an explanation"
TO_REACH = dict.fromkeys((HOME, BOARD, STANDING, FIGURE), 200)
WHOLE = ("office", "office2", "analyst", "chair", "committee2", "committee3", "committee4", "committee5", "regulator")


@dataclass(frozen=True, slots=True)
class Known:
    """What the pages must say: the run, its members by tier, and the text and the number of each score."""

    run: int
    tiers: Mapping[str, list[str]]
    texts: Mapping[str, str]
    numbers: Mapping[str, int]


@dataclass(kw_only=True)
class Reader(Visitor):
    """One person who reads: everything, or the own member's pages."""

    own: str
    known: Known

    def sign_in(self) -> None:
        """With the one-time code too, where the role asks for it."""
        super().sign_in()
        if self.ask("GET", "/")[0] != 200:
            code = one_time_code(people.totp_secret(self.account), int(time.time()) // STEP)
            status = self.send("/accounts/sessions/confirm", totp_code=code)
            assert status == 302, status

    def act(self) -> tuple[str, float]:
        pages = [HOME, STANDING, FIGURE] if self.own else [HOME, BOARD, STANDING, FIGURE]
        return self.open(self.chance.choice(pages))

    def open(self, page: str) -> tuple[str, float]:
        """Open a page and look for its scores."""
        code = self.own or self.chance.choice(list(self.known.texts))
        tier = self.chance.choice(list(self.known.tiers))
        path, owed = {
            HOME: ("/", [self.own] if self.own else []),
            BOARD: (f"/boards/read?tier={tier}", self.known.tiers[tier]),
            STANDING: (f"/standings/read/{code}", [code]),
            FIGURE: (f"/figures/{self.known.run}/{self.known.numbers[code]}", [code]),
        }[page]
        status, text, took = self.ask("GET", path)
        # An explanation shows a score as it is kept, without noughts at its end.
        texts = {one: self.known.texts[one].rstrip("0").rstrip(".") for one in owed}
        lacking = [one for one in owed if texts[one] not in text]
        if status != 200 or lacking or 'id="main"' not in text:
            self.faults.append(f"{self.account} at {path}: {status}, without the score of {lacking}")
        return page, took


def known() -> Known:
    """What stands in the database about the newest scores."""
    alliance = next(iter(members.alliances())).id
    run = evaluation.holding_runs(alliance)[0]
    rows = evaluation.scores(run.run_id)
    tiers: dict[str, list[str]] = {}
    for row in rows:
        tiers.setdefault(row.tier, []).append(row.institution)
    numbers = audit.figure_numbers(run.run_id, [f"{row.institution}/score" for row in rows])
    return Known(
        run.run_id, tiers, {row.institution: number(row.score, 2) for row in rows},
        {key.partition("/")[0]: one for key, one in numbers.items()},
    )  # fmt: skip


def readers(there: Known, port: int) -> list[Reader]:
    """Nine who read all, 26 leads and five clerks: forty."""
    mine = [row["code"] for row in people.members()]
    who = [(account, "") for account in WHOLE]
    who += [(f"{code.lower()}.lead", code) for code in mine]
    who += [(f"{code.lower()}.reporter", code) for code in mine[: 40 - len(who)]]
    return [
        Reader(account=account, password=people.PASSWORD, port=port, chance=random.Random(account), own=own,
               known=there)
        for account, own in who
    ]  # fmt: skip


def main(seconds: float = SECONDS) -> int:
    with cluster() as running, tempfile.TemporaryDirectory() as folder:
        url, port = running.create("pages"), free_port()
        app = create_app(Config(SECRET, Path(folder), url, testing=True, demo=True))
        with app.app_context(), app.test_request_context():
            upgrade()
            story.load(DAY, print, months=MONTHS, bulletins=1)
            there = known()
            db.session.remove()
            db.engine.dispose()
        everybody = readers(there, port)
        with served(url, folder, port, ALLIANCE_DEMO="1"):
            for one in everybody:
                one.sign_in()
                for page in TO_REACH:
                    if page != BOARD or not one.own:
                        one.open(page)
            all_at_work(everybody, seconds)
    faults = [fault for one in everybody for fault in one.faults]
    if faults:
        print(f"wrong: {len(faults)} faults, such as {faults[:5]}", file=sys.stderr)
        return 1
    print(f"right: every score stood on its page, {len(there.texts)} members, {len(everybody)} people")
    return 0 if report(everybody, TO_REACH) else 1


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:])))
