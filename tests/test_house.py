"""The house itself: one verb has one name in every room, rules hold no float, migrations and models agree."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from alliance.db import db

ROOT = Path(__file__).parents[1]
NO_PAGE = {
    "registers.download_referral",
    "ratings.export_rubric",
    "ratings.read_evidence",
    "registers.download_referrals",
    "registers.download_confirmations",
    "registers.download_course",
    "registers.download_entry",
    "registers.download_standard",
    "workpoints.download_slip",
    "workpoints.download_slips",
    "workpoints.download_payment",
    "workpoints.download_analysis",  # views that answer with a file, JSON or another address
    "evaluation.export_scheme",
    "evaluation.download_score",
    "members.export_workbook",
    "members.export_structure",
    "indicators.download_template",
    "indicators.download_standard",
    "indicators.download_own_template",
    "indicators.download_marked",
    "indicators.download_marked_import",
    "desk.read_guide_picture",
    "desk.download_gallery",
    "indicators.read_evidence",
    "indicators.download_check",
    "bulletins.download_bulletin",
    "funds.download_statement",
    "funds.download_statements",
    "bulletins.download_word",
    "bulletins.download_picture",
    "bulletins.preview_bulletin",
    "notices.download_notice",
    "work.read_health",
    "work.read_readiness",
    "work.read_metrics",
    "audit.export_event",
    "desk.find_figure",
    "workpoints.export_scheme",
    "workpoints.export_template",
    "demo.download_readings",
    "workpoints.download_corrections",
    "workpoints.download_entries",
    "workpoints.download_totals",
    "workpoints.download_cases",
    "workpoints.download_rosters",
    "workpoints.download_agreement",
    "workpoints.download_workloads",
    "workpoints.download_workload",
    "workpoints.export_points",
    "workpoints.export_library",
    "registers.export_case",
    "ratings.export_satisfaction",
    "ratings.download_answer",
    "registers.download_template",
    "registers.read_proof",
    "registers.list_diagnoses",
    "registers.read_attachment",
    "registers.download_certificate",
    "ratings.download_contract",
    "ratings.download_verification",
    "ratings.download_plan",
    "ratings.download_report",
}
SAME_VERB = {
    "workpoints.publish_rest",
    "evaluation.read_trial",
    "funds.add_line",
    "funds.correct_line",
}  # a second noun under the act of the first
PURE = [
    *ROOT.glob("alliance/core/**/*.py"), *ROOT.glob("alliance/*/rules.py"), *ROOT.glob("alliance/*/rules/**/*.py")
]  # fmt: skip


def test_a_page_is_named_after_its_view(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        wing, _, name = rule.endpoint.partition(".")
        if "GET" in (rule.methods or ()) and name != "static" and rule.endpoint not in NO_PAGE and wing != "static":
            assert (ROOT / "templates" / wing / f"{name}.html").exists(), rule.endpoint


def test_a_post_is_named_after_its_service_and_its_act(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            wing, _, name = rule.endpoint.partition(".")
            assert hasattr(import_module(f"alliance.{wing}.services"), name), rule.endpoint
            if rule.endpoint not in SAME_VERB:
                _, noun, verb = app.view_functions[rule.endpoint].act.split(":")  # type: ignore[attr-defined]
                assert name == f"{verb}_{noun}", rule.endpoint


def test_no_get_changes_anything(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        wing, _, name = rule.endpoint.partition(".")
        if "POST" not in (rule.methods or ()) and name != "static" and wing not in ("static", "desk", "demo"):
            found = vars(import_module(f"alliance.{wing}.services")).get(name)
            assert found is None or not found.__module__.startswith(f"alliance.{wing}.services"), rule.endpoint


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_there_are_no_floats_where_scores_and_money_are_computed(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        assert not isinstance(getattr(node, "value", None), float), f"{path}:{node}"
        assert not (isinstance(node, ast.Name) and node.id in {"float", "round"} and isinstance(node.ctx, ast.Load)), (
            path
        )


def test_there_is_no_room_for_odds_and_ends() -> None:
    names = {path.stem for path in (ROOT / "alliance").rglob("*.py")}
    assert names & {"utils", "helpers", "common", "misc"} == set()


def test_migrations_go_back_and_forward_with_data_in_them(inside: Flask, backend: str) -> None:
    before = set(inspect(db.engine).get_table_names())
    db.session.remove()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade()
    assert set(inspect(db.engine).get_table_names()) == before


# Of SQLite, which does not tell of such an index.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrations_make_what_the_models_say(empty: Flask) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_the_head_file_names_the_last_migration() -> None:
    last = max(path.name[:4] for path in (ROOT / "migrations/versions").glob("0*.py"))
    assert (ROOT / "migrations/.head").read_text().strip() == last


def test_sqlite_is_in_wal_mode_with_foreign_keys(inside: Flask, backend: str) -> None:
    if backend == "sqlite":
        assert db.session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert db.session.scalar(text("PRAGMA foreign_keys")) == 1
