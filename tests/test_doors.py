"""Who gets in: every door of the app, knocked at with every role by a real request with CSRF on.

A stranger is sent to sign in, another role gets 403, a foreign row is 404; who may, gets neither of these.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from alliance.access import PUBLIC
from alliance.core.roles import ROLES
from tests.conftest import Client

FILING = {"reporter", "member_lead", "quality_officer"}
ALL = FILING | {"office", "analyst", "committee", "regulator"}
KEEPERS = {"admin", "security_admin", "auditor"}
INNER = {"hospital_office", "personnel", "finance"}  # offices of a hospital
KEEPING = INNER - {"finance"}  # keep departments and staff
INSIDE = FILING | INNER | {"department_head"}  # a hospital's own people
EVERYONE = ALL | KEEPERS | INSIDE | {"staff"}
PAID = {"hospital_office", "finance", "department_head", "staff"}  # open figures of the own hospital's bonus
BONUS = {"hospital_office", "finance", "member_lead"}  # read the whole bonus of the own hospital
FILED = {"hospital_office", "department_head"}  # file the numbers of units
KEPT = {"reporter", "member_lead"}  # keep the cases of their member on joint pathways
LEDGERS = KEPT | {"office", "hospital_office", "department_head", "staff"}  # read the ledgers that concern them
JUDGING = {"office", "hospital_office", "member_lead"}  # decide on entries of ledgers
LEDGER_OFFICES = {"office", "hospital_office"}
OBJECTING = {"member_lead", "department_head", "staff"}
READERS = {"office", "analyst", "committee", "regulator"}
ACCOUNTS = {
    "reporter": "c1.reporter",
    "member_lead": "c1.lead",
    "office": "office",
    "analyst": "analyst",
    "committee": "chair",
    "regulator": "regulator",
    "quality_officer": "c1.quality",
    "admin": "admin",
    "security_admin": "security",
    "auditor": "auditor",
    "hospital_office": "h1.bonus",
    "personnel": "h1.personnel",
    "department_head": "h1.head",
    "finance": "h1.finance",
    "staff": "h1.nurse",
}
# Every door with an example of its address and the roles that pass. "" stands for strangers.
DOORS: dict[tuple[str, str], tuple[str, set[str]]] = {
    ("accounts.open_session", "GET"): ("/accounts/sessions/open", EVERYONE | {""}),
    ("accounts.open_session", "POST"): ("/accounts/sessions/open", EVERYONE | {""}),
    # Open to whoever typed a right password and now owes the code; everybody else is sent to sign in.
    ("accounts.confirm_session", "GET"): ("/accounts/sessions/confirm", set()),
    ("accounts.confirm_session", "POST"): ("/accounts/sessions/confirm", set()),
    ("accounts.close_session", "POST"): ("/accounts/sessions/close", EVERYONE),
    ("accounts.end_session", "POST"): ("/accounts/sessions/end/c2.lead", {"admin"}),
    ("accounts.close_others", "POST"): ("/accounts/others/close", EVERYONE),
    ("accounts.choose_language", "POST"): ("/accounts/languages/choose", EVERYONE | {""}),
    ("accounts.set_password", "GET"): ("/accounts/passwords/set/unknown", EVERYONE | {""}),
    ("accounts.set_password", "POST"): ("/accounts/passwords/set/unknown", EVERYONE | {""}),
    ("accounts.change_password", "GET"): ("/accounts/passwords/change", EVERYONE),
    ("accounts.change_password", "POST"): ("/accounts/passwords/change", EVERYONE),
    ("accounts.enrol_totp", "GET"): ("/accounts/totp/enrol", EVERYONE),
    ("accounts.enrol_totp", "POST"): ("/accounts/totp/enrol", EVERYONE),
    ("accounts.reset_totp", "GET"): ("/accounts/totp/reset/c2.lead", {"security_admin"}),
    ("accounts.reset_totp", "POST"): ("/accounts/totp/reset/c2.lead", {"security_admin"}),
    ("accounts.discard_draft", "POST"): ("/accounts/drafts/discard", EVERYONE),
    ("accounts.set_mailbox", "GET"): ("/accounts/mailboxes/set", EVERYONE),
    ("accounts.set_mailbox", "POST"): ("/accounts/mailboxes/set", EVERYONE),
    ("accounts.confirm_mailbox", "GET"): ("/accounts/mailboxes/confirm/unknown", EVERYONE | {""}),
    ("accounts.confirm_mailbox", "POST"): ("/accounts/mailboxes/confirm/unknown", EVERYONE | {""}),
    ("accounts.end_subscription", "GET"): ("/accounts/subscriptions/end/unknown", EVERYONE | {""}),
    ("accounts.end_subscription", "POST"): ("/accounts/subscriptions/end/unknown", EVERYONE | {""}),
    ("accounts.read_account", "GET"): ("/accounts/accounts/read", EVERYONE),
    ("accounts.list_persons", "GET"): ("/accounts/persons/list", KEEPERS),
    ("accounts.read_person", "GET"): ("/accounts/persons/read/c2.lead", KEEPERS),
    ("accounts.invite_account", "GET"): ("/accounts/accounts/invite", {"admin"}),
    ("accounts.invite_account", "POST"): ("/accounts/accounts/invite", {"admin"}),
    ("accounts.reset_account", "GET"): ("/accounts/accounts/reset/c2.lead", {"admin"}),
    ("accounts.reset_account", "POST"): ("/accounts/accounts/reset/c2.lead", {"admin"}),
    ("accounts.lock_account", "GET"): ("/accounts/accounts/lock/c2.lead", {"admin"}),
    ("accounts.lock_account", "POST"): ("/accounts/accounts/lock/c2.lead", {"admin"}),
    ("accounts.unlock_account", "POST"): ("/accounts/accounts/unlock/c2.lead", {"admin"}),
    ("accounts.give_grant", "GET"): ("/accounts/grants/give/c2.lead", {"security_admin"}),
    ("accounts.give_grant", "POST"): ("/accounts/grants/give/c2.lead", {"security_admin"}),
    ("accounts.revoke_grant", "GET"): ("/accounts/grants/revoke/1", {"security_admin"}),
    ("accounts.revoke_grant", "POST"): ("/accounts/grants/revoke/1", {"security_admin"}),
    ("accounts.name_deputy", "GET"): ("/accounts/deputies/name/1", {"security_admin"}),
    ("accounts.name_deputy", "POST"): ("/accounts/deputies/name/1", {"security_admin"}),
    ("accounts.list_bodies", "GET"): ("/accounts/bodies/list", EVERYONE),
    ("accounts.found_body", "GET"): ("/accounts/bodies/found", {"security_admin"}),
    ("accounts.found_body", "POST"): ("/accounts/bodies/found", {"security_admin"}),
    ("accounts.add_seat", "GET"): ("/accounts/seats/add/committee", {"security_admin"}),
    ("accounts.add_seat", "POST"): ("/accounts/seats/add/committee", {"security_admin"}),
    ("accounts.end_seat", "GET"): ("/accounts/seats/end/committee/1", {"security_admin"}),
    ("accounts.end_seat", "POST"): ("/accounts/seats/end/committee/1", {"security_admin"}),
    ("accounts.list_decisions", "GET"): ("/accounts/decisions/list", READERS),
    ("accounts.read_decision", "GET"): ("/accounts/decisions/read/2026-001", READERS),
    ("accounts.record_decision", "GET"): ("/accounts/decisions/record?subject=scheme:2026/1", {"committee"}),
    ("accounts.record_decision", "POST"): ("/accounts/decisions/record?subject=scheme:2026/1", {"committee"}),
    ("audit.list_events", "GET"): ("/audit/events/list", {"auditor"}),
    ("audit.read_event", "GET"): ("/audit/events/read/1", {"auditor"}),
    ("audit.export_event", "GET"): ("/audit/events/export/csv", {"auditor"}),
    ("audit.list_touches", "GET"): ("/audit/touches/list/C1", {"reporter", "member_lead"}),
    ("bulletins.list_bulletins", "GET"): ("/bulletins/bulletins/list", ALL),
    ("bulletins.read_bulletin", "GET"): ("/bulletins/bulletins/read/2026-01", ALL),
    ("bulletins.compose_bulletin", "GET"): ("/bulletins/bulletins/compose", {"office"}),
    ("bulletins.compose_bulletin", "POST"): ("/bulletins/bulletins/compose", {"office"}),
    ("bulletins.decide_bulletin", "POST"): ("/bulletins/bulletins/decide/2026-01", {"committee"}),
    ("bulletins.issue_bulletin", "GET"): ("/bulletins/bulletins/issue/2026-01", {"office"}),
    ("bulletins.issue_bulletin", "POST"): ("/bulletins/bulletins/issue/2026-01", {"office"}),
    ("bulletins.download_bulletin", "GET"): ("/bulletins/bulletins/download/2026-01/zh", ALL),
    ("bulletins.edit_bulletin", "GET"): ("/bulletins/bulletins/edit/2026-01", {"office"}),
    ("bulletins.edit_bulletin", "POST"): ("/bulletins/bulletins/edit/2026-01", {"office"}),
    ("bulletins.preview_bulletin", "GET"): ("/bulletins/bulletins/preview/2026-01/zh", READERS),
    ("bulletins.download_word", "GET"): ("/bulletins/bulletins/download/2026-01/zh/word", ALL),
    ("bulletins.download_picture", "GET"): ("/bulletins/bulletins/download/2026-01/zh/picture", ALL),
    ("bulletins.confirm_bulletin", "GET"): ("/bulletins/bulletins/confirm/ALLIANCE/2026-01", EVERYONE | {""}),
    ("registers.list_courses", "GET"): ("/registers/courses/list", ALL),
    ("registers.read_course", "GET"): ("/registers/courses/read/1", ALL),
    ("registers.start_course", "GET"): ("/registers/courses/start/C1", KEPT),
    ("registers.start_course", "POST"): ("/registers/courses/start/C1", KEPT),
    ("registers.find_course", "GET"): ("/registers/courses/find/C1", KEPT),
    ("registers.find_course", "POST"): ("/registers/courses/find/C1", KEPT),
    ("registers.import_course", "GET"): ("/registers/courses/import/C1", KEPT),
    ("registers.import_course", "POST"): ("/registers/courses/import/C1", KEPT),
    ("registers.download_course", "GET"): ("/registers/courses/template/C1", KEPT),
    ("registers.end_course", "GET"): ("/registers/courses/end/1", KEPT),
    ("registers.end_course", "POST"): ("/registers/courses/end/1", KEPT),
    ("registers.record_step", "GET"): ("/registers/steps/record/1/plan", KEPT),
    ("registers.record_step", "POST"): ("/registers/steps/record/1/plan", KEPT),
    ("registers.withdraw_step", "GET"): ("/registers/steps/withdraw/1/plan", KEPT),
    ("registers.withdraw_step", "POST"): ("/registers/steps/withdraw/1/plan", KEPT),
    ("registers.read_rates", "GET"): ("/registers/rates/read", ALL),
    ("registers.list_pathways", "GET"): ("/registers/pathways/list", ALL),
    ("registers.define_pathway", "GET"): ("/registers/pathways/define", {"office"}),
    ("registers.define_pathway", "POST"): ("/registers/pathways/define", {"office"}),
    ("registers.list_entries", "GET"): ("/registers/entries/list", LEDGERS),
    ("registers.read_entry", "GET"): ("/registers/entries/read/H1/1", LEDGERS),
    ("registers.download_entry", "GET"): ("/registers/entries/download/H1/1", LEDGERS),
    ("registers.add_entry", "GET"): ("/registers/entries/add/H1/nursing", LEDGER_OFFICES),
    ("registers.add_entry", "POST"): ("/registers/entries/add/H1/nursing", LEDGER_OFFICES),
    ("registers.review_entry", "GET"): ("/registers/entries/review/H1/1", JUDGING),
    ("registers.review_entry", "POST"): ("/registers/entries/review/H1/1", JUDGING),
    ("registers.file_objection", "GET"): ("/registers/objections/file/H1/1", OBJECTING),
    ("registers.file_objection", "POST"): ("/registers/objections/file/H1/1", OBJECTING),
    ("registers.answer_objection", "GET"): ("/registers/objections/answer/H1/1", JUDGING),
    ("registers.answer_objection", "POST"): ("/registers/objections/answer/H1/1", JUDGING),
    ("registers.read_totals", "GET"): ("/registers/totals/read", LEDGERS),
    ("registers.list_standards", "GET"): ("/registers/standards/list", LEDGERS),
    ("registers.import_standard", "GET"): ("/registers/standards/import/H1/nursing", LEDGER_OFFICES),
    ("registers.import_standard", "POST"): ("/registers/standards/import/H1/nursing", LEDGER_OFFICES),
    ("registers.download_standard", "GET"): ("/registers/standards/template/H1/nursing", LEDGER_OFFICES),
    ("registers.publish_ledger", "GET"): ("/registers/ledgers/publish/H1/2026-04", LEDGER_OFFICES),
    ("registers.publish_ledger", "POST"): ("/registers/ledgers/publish/H1/2026-04", LEDGER_OFFICES),
    ("workpoints.list_charges", "GET"): ("/workpoints/charges/list?institution=H1", BONUS),
    ("workpoints.load_charge", "GET"): ("/workpoints/charges/load/H1", {"hospital_office"}),
    ("workpoints.load_charge", "POST"): ("/workpoints/charges/load/H1", {"hospital_office"}),
    ("workpoints.read_charge", "GET"): ("/workpoints/charges/read/H1/2026-03/HIS/1", BONUS),
    ("workpoints.withdraw_charge", "GET"): ("/workpoints/charges/withdraw/H1/2026-03/HIS/1", {"hospital_office"}),
    ("workpoints.withdraw_charge", "POST"): ("/workpoints/charges/withdraw/H1/2026-03/HIS/1", {"hospital_office"}),
    ("workpoints.map_charge", "GET"): ("/workpoints/charges/map/H1/HIS", {"hospital_office"}),
    ("workpoints.map_charge", "POST"): ("/workpoints/charges/map/H1/HIS", {"hospital_office"}),
    ("workpoints.list_codes", "GET"): ("/workpoints/codes/list/H1", BONUS),
    ("workpoints.map_code", "GET"): ("/workpoints/codes/map/H1", {"hospital_office"}),
    ("workpoints.map_code", "POST"): ("/workpoints/codes/map/H1", {"hospital_office"}),
    ("workpoints.list_lines", "GET"): ("/workpoints/lines/list?institution=H1", BONUS | {"department_head", "staff"}),
    ("workpoints.read_volume", "GET"): ("/workpoints/volumes/read?institution=H1", BONUS),
    ("workpoints.list_volume", "GET"): ("/workpoints/volumes/list?institution=H1&side=performed", BONUS),
    ("workpoints.read_totals", "GET"): ("/workpoints/totals/read?institution=H1", BONUS),
    ("workpoints.file_total", "GET"): ("/workpoints/totals/file/H1/2026-03", {"hospital_office"}),
    ("workpoints.file_total", "POST"): ("/workpoints/totals/file/H1/2026-03", {"hospital_office"}),
    ("workpoints.import_total", "GET"): ("/workpoints/totals/import/H1/2026-03", {"hospital_office"}),
    ("workpoints.import_total", "POST"): ("/workpoints/totals/import/H1/2026-03", {"hospital_office"}),
    ("workpoints.download_totals", "GET"): ("/workpoints/totals/template/H1/2026-03", {"hospital_office"}),
    ("workpoints.read_points", "GET"): ("/workpoints/points/read?institution=H1", BONUS),
    ("workpoints.import_points", "GET"): ("/workpoints/points/import/H1", {"hospital_office"}),
    ("workpoints.import_points", "POST"): ("/workpoints/points/import/H1", {"hospital_office"}),
    ("workpoints.export_points", "GET"): ("/workpoints/points/export/H1", BONUS),
    ("workpoints.read_item", "GET"): ("/workpoints/items/read/H1/T1", BONUS | {"department_head", "staff"}),
    ("workpoints.list_libraries", "GET"): ("/workpoints/libraries/list", BONUS | READERS),
    ("workpoints.read_library", "GET"): ("/workpoints/libraries/read/CITY/1", BONUS | READERS),
    ("workpoints.export_library", "GET"): ("/workpoints/libraries/export/CITY/1", BONUS | READERS),
    ("workpoints.publish_library", "GET"): ("/workpoints/libraries/publish", {"office"}),
    ("workpoints.publish_library", "POST"): ("/workpoints/libraries/publish", {"office"}),
    ("workpoints.adopt_library", "GET"): ("/workpoints/libraries/adopt/H1/CITY/1", {"hospital_office"}),
    ("workpoints.adopt_library", "POST"): ("/workpoints/libraries/adopt/H1/CITY/1", {"hospital_office"}),
    ("workpoints.list_overrides", "GET"): ("/workpoints/overrides/list?institution=H1", BONUS),
    ("workpoints.set_override", "GET"): ("/workpoints/overrides/set/H1", {"hospital_office"}),
    ("workpoints.set_override", "POST"): ("/workpoints/overrides/set/H1", {"hospital_office"}),
    ("desk.read_home", "GET"): ("/", EVERYONE),
    ("desk.read_style", "GET"): ("/style", EVERYONE),
    ("desk.read_gallery", "GET"): ("/style/charts", EVERYONE),
    ("desk.download_gallery", "GET"): ("/style/charts/download/en", EVERYONE),
    ("desk.read_figure", "GET"): ("/figures/1/1", ALL | PAID),
    ("desk.read_board", "GET"): ("/boards/read", READERS),
    ("desk.read_standing", "GET"): ("/standings/read/C1", ALL),
    ("desk.find_figure", "GET"): ("/figures/1/by-key/C1/score", ALL | PAID),
    ("evaluation.list_schemes", "GET"): ("/evaluation/schemes/list", ALL),
    ("evaluation.read_scheme", "GET"): ("/evaluation/schemes/read/2026/1", ALL),
    ("evaluation.import_scheme", "GET"): ("/evaluation/schemes/import", {"office"}),
    ("evaluation.import_scheme", "POST"): ("/evaluation/schemes/import", {"office"}),
    ("evaluation.export_scheme", "GET"): ("/evaluation/schemes/export/2026/1", ALL),
    ("evaluation.decide_scheme", "POST"): ("/evaluation/schemes/decide/2026/1", {"committee"}),
    ("evaluation.list_ratings", "GET"): ("/evaluation/ratings/list", READERS),
    ("evaluation.enter_rating", "GET"): ("/evaluation/ratings/enter", {"office"}),
    ("evaluation.enter_rating", "POST"): ("/evaluation/ratings/enter", {"office"}),
    ("evaluation.impose_veto", "GET"): ("/evaluation/vetoes/impose", {"committee"}),
    ("evaluation.impose_veto", "POST"): ("/evaluation/vetoes/impose", {"committee"}),
    ("evaluation.list_runs", "GET"): ("/evaluation/runs/list", ALL),
    ("evaluation.compute_run", "POST"): ("/evaluation/runs/compute", {"office"}),
    ("evaluation.try_run", "POST"): ("/evaluation/runs/try", {"office", "analyst"}),
    ("desk.read_trial_figure", "GET"): ("/figures/trials/1/1", ALL | PAID),
    ("desk.read_estimate_figure", "GET"): ("/figures/estimates/scores/2026Q2/1", ALL | PAID),
    ("desk.list_guides", "GET"): ("/desk/guides/list", EVERYONE),
    ("desk.read_guide", "GET"): ("/desk/guides/read/operator", EVERYONE),
    ("desk.read_guide_picture", "GET"): ("/desk/guides/pictures/zh/home.png", EVERYONE),
    ("desk.read_estimate", "GET"): ("/desk/estimates/read", ALL),
    ("evaluation.read_trial", "GET"): ("/evaluation/trials/read/1", {"office", "analyst"}),
    ("evaluation.read_run", "GET"): ("/evaluation/runs/read/1", READERS),
    ("evaluation.read_score", "GET"): ("/evaluation/scores/read/1/C1", ALL),
    ("evaluation.download_score", "GET"): ("/evaluation/scores/download/1/C1/zh", ALL),
    ("funds.list_totals", "GET"): ("/funds/totals/list", READERS),
    ("funds.file_total", "GET"): ("/funds/totals/file/2026Q1", {"office"}),
    ("funds.file_total", "POST"): ("/funds/totals/file/2026Q1", {"office"}),
    ("funds.add_line", "POST"): ("/funds/lines/add/2026Q1", {"office"}),
    ("funds.correct_line", "GET"): ("/funds/lines/correct/2026Q1/1", {"office"}),
    ("funds.correct_line", "POST"): ("/funds/lines/correct/2026Q1/1", {"office"}),
    ("funds.list_funds", "GET"): ("/funds/funds/list", ALL),
    ("funds.compute_fund", "POST"): ("/funds/funds/compute/2026Q1", {"office"}),
    ("funds.read_fund", "GET"): ("/funds/funds/read/1", READERS),
    ("funds.decide_fund", "POST"): ("/funds/funds/decide/1", {"committee"}),
    ("funds.read_statement", "GET"): ("/funds/statements/read/1/C1", ALL),
    ("funds.download_statement", "GET"): ("/funds/statements/download/1/C1/zh", ALL),
    ("funds.print_statement", "POST"): ("/funds/statements/print/1/zh", READERS),
    ("funds.download_statements", "GET"): (f"/funds/statements/download/1/{'0' * 64}", READERS),
    ("indicators.list_indicators", "GET"): ("/indicators/indicators/list", ALL),
    ("indicators.read_indicator", "GET"): ("/indicators/indicators/read/I1", ALL),
    ("indicators.read_period", "GET"): ("/indicators/periods/read/2026-03", ALL),
    ("indicators.read_board", "GET"): ("/indicators/board/read", ALL),
    ("indicators.set_timetable", "GET"): ("/indicators/timetables/set", {"office"}),
    ("indicators.set_timetable", "POST"): ("/indicators/timetables/set", {"office"}),
    ("indicators.note_day", "GET"): ("/indicators/days/note", {"office"}),
    ("indicators.note_day", "POST"): ("/indicators/days/note", {"office"}),
    ("indicators.ask_exception", "GET"): ("/indicators/exceptions/ask/2026-03/C1", {"office", "member_lead"}),
    ("indicators.ask_exception", "POST"): ("/indicators/exceptions/ask/2026-03/C1", {"office", "member_lead"}),
    ("indicators.grant_exception", "POST"): ("/indicators/exceptions/grant/1", {"office"}),
    ("indicators.send_reminder", "POST"): ("/indicators/reminders/send/2026-04", {"office"}),
    ("indicators.recall_submission", "POST"): ("/indicators/submissions/recall/2026-04", {"reporter", "member_lead"}),
    ("indicators.review_submission", "POST"): ("/indicators/submissions/review/2026-04", {"office"}),
    ("indicators.return_submission", "GET"): ("/indicators/submissions/return/2026-04/C1", {"office"}),
    ("indicators.return_submission", "POST"): ("/indicators/submissions/return/2026-04/C1", {"office"}),
    ("indicators.explain_value", "POST"): ("/indicators/values/explain/2026-04/C1", {"reporter"}),
    ("indicators.define_indicator", "GET"): ("/indicators/indicators/define?code=I1", {"office"}),
    ("indicators.define_indicator", "POST"): ("/indicators/indicators/define?code=I1", {"office"}),
    ("indicators.list_elements", "GET"): ("/indicators/elements/list", ALL),
    ("indicators.read_element", "GET"): ("/indicators/elements/read/E1", ALL),
    ("indicators.define_element", "GET"): ("/indicators/elements/define", {"office"}),
    ("indicators.define_element", "POST"): ("/indicators/elements/define", {"office"}),
    ("indicators.list_libraries", "GET"): ("/indicators/libraries/list", {"office"}),
    ("indicators.read_library", "GET"): ("/indicators/libraries/read/county_2024", {"office"}),
    ("indicators.load_library", "GET"): ("/indicators/libraries/load/county_2024?all=1", {"office"}),
    ("indicators.load_library", "POST"): ("/indicators/libraries/load/county_2024?all=1", {"office"}),
    ("indicators.list_codesystems", "GET"): ("/indicators/codesystems/list", ALL),
    ("indicators.read_codesystem", "GET"): ("/indicators/codesystems/read/ICD-10/2.0", ALL),
    ("indicators.import_codesystem", "GET"): ("/indicators/codesystems/import", {"office"}),
    ("indicators.import_codesystem", "POST"): ("/indicators/codesystems/import", {"office"}),
    ("indicators.import_mapping", "GET"): ("/indicators/mappings/import", {"office"}),
    ("indicators.import_mapping", "POST"): ("/indicators/mappings/import", {"office"}),
    ("indicators.read_standard", "GET"): ("/indicators/standards/read", ALL),
    ("indicators.download_standard", "GET"): ("/indicators/standards/download/2026-04/en", ALL),
    ("indicators.define_standard", "GET"): ("/indicators/standards/define", {"office"}),
    ("indicators.define_standard", "POST"): ("/indicators/standards/define", {"office"}),
    ("indicators.open_period", "GET"): ("/indicators/periods/open", {"office"}),
    ("indicators.open_period", "POST"): ("/indicators/periods/open", {"office"}),
    ("indicators.list_submissions", "GET"): ("/indicators/submissions/list", ALL),
    ("indicators.read_submission", "GET"): ("/indicators/submissions/read/2026-03/C1", ALL),
    ("indicators.sign_submission", "POST"): ("/indicators/submissions/sign/2026-04", {"member_lead"}),
    ("indicators.submit_submission", "POST"): ("/indicators/submissions/submit/2026-04", {"reporter", "member_lead"}),
    ("indicators.accept_submission", "POST"): ("/indicators/submissions/accept/2026-04", {"office"}),
    ("indicators.file_reading", "GET"): ("/indicators/readings/file/2026-04/C1", {"reporter"}),
    ("indicators.file_reading", "POST"): ("/indicators/readings/file/2026-04/C1", {"reporter"}),
    ("indicators.import_reading", "GET"): ("/indicators/readings/import", {"office"}),
    ("indicators.import_reading", "POST"): ("/indicators/readings/import", {"office"}),
    ("indicators.download_template", "GET"): ("/indicators/readings/template/2026-04", {"office"}),
    ("indicators.download_own_template", "GET"): ("/indicators/readings/template/2026-04/C1", {"reporter"}),
    ("indicators.upload_reading", "GET"): ("/indicators/readings/upload/2026-04/C1", {"reporter"}),
    ("indicators.upload_reading", "POST"): ("/indicators/readings/upload/2026-04/C1", {"reporter"}),
    ("indicators.download_marked", "GET"): (f"/indicators/readings/marked/2026-04/C1/{'0' * 64}", {"reporter"}),
    ("indicators.download_marked_import", "GET"): (
        f"/indicators/readings/import/marked/2026-04/{'0' * 64}",
        {"office"},
    ),
    ("indicators.list_evidence", "GET"): ("/indicators/evidence/list/2026-03/C1", ALL),
    ("indicators.read_evidence", "GET"): ("/indicators/evidence/read/1", ALL),
    ("indicators.add_evidence", "GET"): ("/indicators/evidence/add/2026-04/C1/E1", {"reporter"}),
    ("indicators.add_evidence", "POST"): ("/indicators/evidence/add/2026-04/C1/E1", {"reporter"}),
    ("indicators.remove_evidence", "GET"): ("/indicators/evidence/remove/1", {"reporter"}),
    ("indicators.remove_evidence", "POST"): ("/indicators/evidence/remove/1", {"reporter"}),
    ("indicators.read_reading", "GET"): ("/indicators/readings/read/C1/E1/2026-03", ALL),
    ("members.list_institutions", "GET"): ("/members/institutions/list", EVERYONE),
    ("members.read_institution", "GET"): ("/members/institutions/read/C1", READERS),
    ("members.import_workbook", "GET"): ("/members/workbook/import", {"office"}),
    ("members.import_workbook", "POST"): ("/members/workbook/import", {"office"}),
    ("members.export_workbook", "GET"): ("/members/workbook/export", READERS),
    ("members.list_departments", "GET"): ("/members/departments/list", INSIDE),
    ("members.read_department", "GET"): ("/members/departments/read/H1/D1", INSIDE),
    ("members.define_department", "GET"): ("/members/departments/define/H1", KEEPING),
    ("members.define_department", "POST"): ("/members/departments/define/H1", KEEPING),
    ("members.end_department", "GET"): ("/members/departments/end/H1/D2", KEEPING),
    ("members.end_department", "POST"): ("/members/departments/end/H1/D2", KEEPING),
    ("members.map_code", "GET"): ("/members/codes/map/H1", KEEPING),
    ("members.map_code", "POST"): ("/members/codes/map/H1", KEEPING),
    ("members.set_share", "GET"): ("/members/shares/set/H1/N1", KEEPING),
    ("members.set_share", "POST"): ("/members/shares/set/H1/N1", KEEPING),
    ("members.list_posts", "GET"): ("/members/posts/list", INNER | {"member_lead"}),
    ("members.read_post", "GET"): ("/members/posts/read/H1/P1", INNER | {"member_lead"}),
    ("members.define_post", "GET"): ("/members/posts/define/H1", {"personnel"}),
    ("members.define_post", "POST"): ("/members/posts/define/H1", {"personnel"}),
    ("members.rate_post", "GET"): ("/members/posts/rate/H1/P1", {"personnel"}),
    ("members.rate_post", "POST"): ("/members/posts/rate/H1/P1", {"personnel"}),
    ("members.set_establishment", "GET"): ("/members/establishments/set/H1/D1", {"personnel"}),
    ("members.set_establishment", "POST"): ("/members/establishments/set/H1/D1", {"personnel"}),
    ("members.read_staffing", "GET"): ("/members/staffings/read", INNER | {"member_lead"}),
    ("members.list_employees", "GET"): ("/members/employees/list", INNER | {"department_head"}),
    ("members.read_employee", "GET"): ("/members/employees/read/H1/0001", INNER | {"department_head"}),
    ("members.record_employee", "GET"): ("/members/employees/record/H1", {"personnel"}),
    ("members.record_employee", "POST"): ("/members/employees/record/H1", {"personnel"}),
    ("members.import_structure", "GET"): ("/members/structures/import/H1", KEEPING),
    ("members.import_structure", "POST"): ("/members/structures/import/H1", KEEPING),
    ("members.export_structure", "GET"): ("/members/structures/export/H1", KEEPING),
    ("workpoints.list_schemes", "GET"): ("/workpoints/schemes/list", {"hospital_office", "finance", "member_lead"}),
    ("workpoints.read_scheme", "GET"): (
        "/workpoints/schemes/read/H1/B/1",
        {"hospital_office", "finance", "member_lead"},
    ),
    ("workpoints.import_scheme", "GET"): ("/workpoints/schemes/import/H1", {"hospital_office"}),
    ("workpoints.import_scheme", "POST"): ("/workpoints/schemes/import/H1", {"hospital_office"}),
    ("workpoints.export_scheme", "GET"): (
        "/workpoints/schemes/export/H1/B/1",
        {"hospital_office", "finance", "member_lead"},
    ),
    ("workpoints.export_template", "GET"): (
        "/workpoints/schemes/template/H1",
        {"hospital_office", "finance", "member_lead"},
    ),
    ("workpoints.try_scheme", "GET"): ("/workpoints/schemes/try/H1/B/1", {"hospital_office"}),
    ("workpoints.try_scheme", "POST"): ("/workpoints/schemes/try/H1/B/1", {"hospital_office"}),
    ("workpoints.read_trial", "GET"): ("/workpoints/trials/read/H1/1", BONUS),
    ("workpoints.decide_scheme", "POST"): ("/workpoints/schemes/decide/H1/B/1", {"member_lead"}),
    ("workpoints.file_record", "GET"): ("/workpoints/records/file/H1", {"hospital_office", "member_lead"}),
    ("workpoints.file_record", "POST"): ("/workpoints/records/file/H1", {"hospital_office", "member_lead"}),
    ("workpoints.read_budget", "GET"): ("/workpoints/budgets/read", {"hospital_office", "finance", "member_lead"}),
    ("workpoints.draft_budget", "GET"): ("/workpoints/budgets/draft/H1/2026", {"hospital_office"}),
    ("workpoints.draft_budget", "POST"): ("/workpoints/budgets/draft/H1/2026", {"hospital_office"}),
    ("workpoints.decide_budget", "POST"): ("/workpoints/budgets/decide/H1/2026/1", {"member_lead"}),
    ("workpoints.read_target", "GET"): ("/workpoints/targets/read?institution=H1", BONUS | {"department_head"}),
    ("workpoints.draft_target", "GET"): ("/workpoints/targets/draft/H1/2026", {"hospital_office"}),
    ("workpoints.draft_target", "POST"): ("/workpoints/targets/draft/H1/2026", {"hospital_office"}),
    ("workpoints.decide_target", "POST"): ("/workpoints/targets/decide/H1/2026/1", {"member_lead"}),
    ("workpoints.read_agreement", "GET"): ("/workpoints/agreements/read/H1/2026/D1", BONUS | {"department_head"}),
    ("workpoints.sign_agreement", "POST"): (
        "/workpoints/agreements/sign/H1/2026/D1",
        {"member_lead", "department_head"},
    ),
    ("workpoints.download_agreement", "GET"): (
        "/workpoints/agreements/download/H1/2026/D1/zh",
        BONUS | {"department_head"},
    ),
    ("workpoints.read_rule", "GET"): (
        "/workpoints/rules/read",
        {"hospital_office", "finance", "member_lead", "department_head"},
    ),
    ("workpoints.set_rule", "GET"): ("/workpoints/rules/set/H1/D1", {"hospital_office", "department_head"}),
    ("workpoints.set_rule", "POST"): ("/workpoints/rules/set/H1/D1", {"hospital_office", "department_head"}),
    ("workpoints.list_runs", "GET"): ("/workpoints/runs/list?institution=H1", BONUS | {"department_head"}),
    ("workpoints.read_run", "GET"): ("/workpoints/runs/read/H1/2026-03", BONUS),
    ("workpoints.compute_run", "GET"): ("/workpoints/runs/compute/H1/2026-03", {"hospital_office"}),
    ("workpoints.compute_run", "POST"): ("/workpoints/runs/compute/H1/2026-03", {"hospital_office"}),
    ("workpoints.compute_slip", "GET"): ("/workpoints/slips/compute/H1/2026-03", {"hospital_office"}),
    ("workpoints.compute_slip", "POST"): ("/workpoints/slips/compute/H1/2026-03", {"hospital_office"}),
    ("workpoints.check_run", "GET"): ("/workpoints/runs/check/H1/2026-03", {"finance"}),
    ("workpoints.check_run", "POST"): ("/workpoints/runs/check/H1/2026-03", {"finance"}),
    ("workpoints.return_run", "GET"): ("/workpoints/runs/return/H1/2026-03", {"finance", "member_lead"}),
    ("workpoints.return_run", "POST"): ("/workpoints/runs/return/H1/2026-03", {"finance", "member_lead"}),
    ("workpoints.approve_run", "GET"): ("/workpoints/runs/approve/H1/2026-03", {"member_lead"}),
    ("workpoints.approve_run", "POST"): ("/workpoints/runs/approve/H1/2026-03", {"member_lead"}),
    ("workpoints.pay_run", "GET"): ("/workpoints/runs/pay/H1/2026-03", {"finance"}),
    ("workpoints.pay_run", "POST"): ("/workpoints/runs/pay/H1/2026-03", {"finance"}),
    ("workpoints.reverse_run", "GET"): ("/workpoints/runs/reverse/H1/2026-03", BONUS),
    ("workpoints.reverse_run", "POST"): ("/workpoints/runs/reverse/H1/2026-03", BONUS),
    ("workpoints.read_unit", "GET"): ("/workpoints/units/read/H1/2026-03/D1-1", PAID | {"member_lead"}),
    ("workpoints.shift_unit", "GET"): ("/workpoints/units/shift/H1/2026-03/D1-1", {"department_head"}),
    ("workpoints.shift_unit", "POST"): ("/workpoints/units/shift/H1/2026-03/D1-1", {"department_head"}),
    ("workpoints.publish_unit", "POST"): ("/workpoints/units/publish/H1/2026-03/D1-1", FILED),
    ("workpoints.publish_rest", "POST"): ("/workpoints/units/publish-rest/H1/2026-03", FILED),
    ("workpoints.file_objection", "GET"): ("/workpoints/objections/file/H1/2026-03/D1-1", {"staff"}),
    ("workpoints.file_objection", "POST"): ("/workpoints/objections/file/H1/2026-03/D1-1", {"staff"}),
    ("workpoints.answer_objection", "GET"): ("/workpoints/objections/answer/H1/2026-03/D1-1/1", FILED),
    ("workpoints.answer_objection", "POST"): ("/workpoints/objections/answer/H1/2026-03/D1-1/1", FILED),
    ("workpoints.read_entries", "GET"): ("/workpoints/entries/read?institution=H1", BONUS | {"department_head"}),
    ("workpoints.file_entry", "GET"): ("/workpoints/entries/file/H1/2026-03?unit=D1-1", FILED),
    ("workpoints.file_entry", "POST"): ("/workpoints/entries/file/H1/2026-03?unit=D1-1", FILED),
    ("workpoints.take_score", "POST"): ("/workpoints/scores/take/H1/2026-03", {"hospital_office"}),
    ("workpoints.import_entry", "GET"): ("/workpoints/entries/import/H1/2026-03", {"hospital_office"}),
    ("workpoints.import_entry", "POST"): ("/workpoints/entries/import/H1/2026-03", {"hospital_office"}),
    ("workpoints.download_entries", "GET"): ("/workpoints/entries/template/H1/2026-03", {"hospital_office"}),
    ("workpoints.read_roster", "GET"): ("/workpoints/rosters/read?institution=H1", PAID | {"member_lead"}),
    ("workpoints.file_roster", "GET"): ("/workpoints/rosters/file/H1/D1-1/2026-W10", FILED),
    ("workpoints.file_roster", "POST"): ("/workpoints/rosters/file/H1/D1-1/2026-W10", FILED),
    ("workpoints.import_roster", "GET"): ("/workpoints/rosters/import/H1/2026-03", {"hospital_office"}),
    ("workpoints.import_roster", "POST"): ("/workpoints/rosters/import/H1/2026-03", {"hospital_office"}),
    ("workpoints.download_rosters", "GET"): ("/workpoints/rosters/template/H1/2026-03", {"hospital_office"}),
    ("workpoints.read_nights", "GET"): ("/workpoints/nights/read/H1/2026-03/0002", PAID | {"member_lead"}),
    ("workpoints.define_shift", "GET"): ("/workpoints/shifts/define/H1", {"hospital_office"}),
    ("workpoints.define_shift", "POST"): ("/workpoints/shifts/define/H1", {"hospital_office"}),
    ("workpoints.list_workloads", "GET"): ("/workpoints/workloads/list?institution=H1", BONUS | {"department_head"}),
    ("workpoints.read_workload", "GET"): ("/workpoints/workloads/read/H1/1", PAID | {"member_lead"}),
    ("workpoints.enter_workload", "GET"): ("/workpoints/workloads/enter/H1", FILED),
    ("workpoints.enter_workload", "POST"): ("/workpoints/workloads/enter/H1", FILED),
    ("workpoints.import_workload", "GET"): ("/workpoints/workloads/import/H1/2026-03", FILED),
    ("workpoints.import_workload", "POST"): ("/workpoints/workloads/import/H1/2026-03", FILED),
    ("workpoints.download_workloads", "GET"): ("/workpoints/workloads/template/H1/2026-03", FILED),
    ("workpoints.attach_workload", "GET"): ("/workpoints/workloads/attach/H1/1", FILED),
    ("workpoints.attach_workload", "POST"): ("/workpoints/workloads/attach/H1/1", FILED),
    ("workpoints.download_workload", "GET"): (
        f"/workpoints/workloads/download/H1/1/{'0' * 64}",
        BONUS | {"department_head"},
    ),
    ("workpoints.review_workload", "GET"): ("/workpoints/workloads/review/H1/1", {"hospital_office", "finance"}),
    ("workpoints.review_workload", "POST"): ("/workpoints/workloads/review/H1/1", {"hospital_office", "finance"}),
    ("workpoints.list_tasks", "GET"): ("/workpoints/tasks/list?institution=H1", BONUS | {"department_head"}),
    ("workpoints.enter_task", "GET"): ("/workpoints/tasks/enter/H1", FILED),
    ("workpoints.enter_task", "POST"): ("/workpoints/tasks/enter/H1", FILED),
    ("workpoints.review_task", "GET"): ("/workpoints/tasks/review/H1/1", {"hospital_office", "finance"}),
    ("workpoints.review_task", "POST"): ("/workpoints/tasks/review/H1/1", {"hospital_office", "finance"}),
    ("workpoints.list_slips", "GET"): ("/workpoints/slips/list", {"staff"}),
    ("workpoints.read_slip", "GET"): ("/workpoints/slips/read/H1/2026-03/0002", BONUS | {"staff"}),
    ("workpoints.download_slip", "GET"): ("/workpoints/slips/download/H1/2026-03/0002/zh", BONUS | {"staff"}),
    ("workpoints.print_slip", "POST"): ("/workpoints/slips/print/H1/2026-03/zh", BONUS | {"staff"}),
    ("workpoints.download_slips", "GET"): (f"/workpoints/slips/download/H1/2026-03/{'0' * 64}", BONUS | {"staff"}),
    ("workpoints.correct_slip", "GET"): ("/workpoints/slips/correct/H1/2026-03/0002", {"hospital_office"}),
    ("workpoints.correct_slip", "POST"): ("/workpoints/slips/correct/H1/2026-03/0002", {"hospital_office"}),
    ("workpoints.enter_bankreturn", "GET"): ("/workpoints/bankreturns/enter/H1/2026-03", {"finance"}),
    ("workpoints.enter_bankreturn", "POST"): ("/workpoints/bankreturns/enter/H1/2026-03", {"finance"}),
    ("workpoints.import_bankreturn", "GET"): ("/workpoints/bankreturns/import/H1/2026-03", {"finance"}),
    ("workpoints.import_bankreturn", "POST"): ("/workpoints/bankreturns/import/H1/2026-03", {"finance"}),
    ("workpoints.settle_bankreturn", "GET"): ("/workpoints/bankreturns/settle/H1/2026-03", {"finance"}),
    ("workpoints.settle_bankreturn", "POST"): ("/workpoints/bankreturns/settle/H1/2026-03", {"finance"}),
    ("workpoints.export_payment", "GET"): ("/workpoints/payments/export/H1/2026-03", {"finance"}),
    ("workpoints.download_payment", "GET"): ("/workpoints/payments/download/H1/2026-03/bank/csv", {"finance"}),
    ("workpoints.read_analysis", "GET"): ("/workpoints/analyses/read?institution=H1", BONUS | {"department_head"}),
    ("workpoints.download_analysis", "GET"): (
        "/workpoints/analyses/download/H1/2026-03/zh",
        BONUS | {"department_head"},
    ),
    ("workpoints.list_holdings", "GET"): ("/workpoints/holdings/list?institution=H1", BONUS),
    ("workpoints.enter_holding", "GET"): ("/workpoints/holdings/enter/H1", {"hospital_office"}),
    ("workpoints.enter_holding", "POST"): ("/workpoints/holdings/enter/H1", {"hospital_office"}),
    ("workpoints.enter_correction", "GET"): ("/workpoints/corrections/enter/H1", {"hospital_office"}),
    ("workpoints.enter_correction", "POST"): ("/workpoints/corrections/enter/H1", {"hospital_office"}),
    ("work.list_jobs", "GET"): ("/work/jobs/list", EVERYONE),
    ("work.read_job", "GET"): ("/work/jobs/read/1", EVERYONE),
    ("work.cancel_job", "POST"): ("/work/jobs/cancel/1", EVERYONE),
    ("work.list_tasks", "GET"): ("/work/tasks/list", {"office", "admin"}),
    ("notices.list_notices", "GET"): ("/notices/notices/list", EVERYONE),
    ("notices.read_notice", "GET"): ("/notices/notices/read/2026-001", EVERYONE),
    ("notices.download_notice", "GET"): ("/notices/notices/download/2026-001", EVERYONE),
    ("notices.publish_notice", "GET"): ("/notices/notices/publish", {"office"}),
    ("notices.publish_notice", "POST"): ("/notices/notices/publish", {"office"}),
    ("notices.acknowledge_notice", "POST"): ("/notices/notices/acknowledge/2026-001", EVERYONE),
    ("notices.remind_notice", "POST"): ("/notices/notices/remind/2026-001", {"office"}),
    ("notices.withdraw_notice", "GET"): ("/notices/notices/withdraw/2026-001", {"office"}),
    ("notices.withdraw_notice", "POST"): ("/notices/notices/withdraw/2026-001", {"office"}),
    ("post.list_mails", "GET"): ("/post/mails/list", {"admin"}),
    ("post.resend_mail", "POST"): ("/post/mails/resend", {"admin"}),
    ("work.read_health", "GET"): ("/health", EVERYONE | {""}),
    ("work.read_metrics", "GET"): ("/metrics", EVERYONE | {""}),
    ("work.read_readiness", "GET"): ("/ready", EVERYONE | {""}),
}
OUTSIDE = {"static", "bootstrap.static"}  # files, not doors


def doors(app: Flask) -> set[tuple[str, str]]:
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OUTSIDE
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_the_table_names_every_door(app: Flask) -> None:
    assert set(DOORS) == doors(app)


@pytest.mark.parametrize("role", ["", *sorted(EVERYONE)])
def test_every_door_with_every_role(client_as: Callable[[str], Client], role: str) -> None:
    """One test for each role, so that signing in is done once; the doors that open wrongly are listed."""
    wrong = []
    known = client_as(ACCOUNTS.get(role, ""))
    for (endpoint, method), (path, may) in DOORS.items():
        if endpoint == "accounts.close_session" and role:
            continue  # it would end the knocking
        if endpoint == "accounts.confirm_session" and role:
            continue  # nobody who is signed in owes a code
        fresh = endpoint == "accounts.open_session"
        client = client_as(ACCOUNTS.get(role, "")) if fresh else known
        answer = client.get(path) if method == "GET" else client.send(path)
        signs_in = answer.status_code == 302 and "/accounts/sessions/open" in (answer.location or "")
        not_ready = endpoint == "work.read_readiness" and answer.status_code == 503  # no worker runs beside a test
        passed = answer.status_code != 403 and not signs_in and (answer.status_code < 500 or not_ready)
        refused = signs_in if not role else answer.status_code == 403
        if passed != (role in may) or (role not in may and not refused):
            wrong.append((endpoint, method, answer.status_code, answer.location))
    assert wrong == []


def test_every_view_declares_its_act(app: Flask) -> None:
    bare = [name for name, view in app.view_functions.items() if name not in OUTSIDE and not hasattr(view, "act")]
    assert bare == []


def test_a_view_without_an_act_is_closed_to_everybody(app: Flask, client_as: Callable[[str], Client]) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert client_as("office").get("/forgotten").status_code == 403


def test_acts_are_named_after_their_wing_and_held_by_a_role(app: Flask) -> None:
    held = set().union(*ROLES.values())
    for name, view in app.view_functions.items():
        act = getattr(view, "act", None)
        if act is None:
            continue
        assert act.split(":")[0] == name.split(".")[0], name
        assert act in held or name in PUBLIC, act


def test_a_post_without_its_csrf_token_is_refused(client_as: Callable[[str], Client]) -> None:
    assert client_as("office").post("/evaluation/runs/compute", data={"period": "2026Q1"}).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/indicators/submissions/read/2026-03/C2",
        "/indicators/readings/read/C2/E1/2026-03",
        "/evaluation/scores/read/1/C2",
        "/evaluation/scores/download/1/C2/zh",
        "/funds/statements/read/1/C2",
        "/funds/statements/download/1/C2/zh",
        "/indicators/readings/file/2026-04/C2",
        "/indicators/readings/upload/2026-04/C2",
        "/indicators/readings/template/2026-04/C2",
        "/indicators/evidence/list/2026-03/C2",
        "/indicators/evidence/add/2026-04/C2/E1",
        "/figures/1/by-key/C2/data_score",
        "/indicators/submissions/read/2026-03/NOBODY",
        "/figures/99/1",
        "/bulletins/bulletins/read/2026-77",
        "/audit/touches/list/C2",
        "/registers/courses/read/1",
        "/registers/courses/start/C2",
        "/registers/courses/template/C2",
        "/registers/entries/read/H1/1",
        "/registers/entries/read/C1/1",
        "/registers/entries/list?place=H1",
        "/registers/totals/read?place=C2",
        "/registers/standards/list?place=H1",
        "/members/departments/list?institution=H1",
        "/members/departments/read/H1/D1",
        "/members/departments/read/H1/NOBODY",
    ],
)
def test_a_foreign_row_is_not_found(client_as: Callable[[str], Client], path: str) -> None:
    """The same answer for what belongs to another member and for what does not exist."""
    client = client_as("c1.reporter")
    answer = client.get(path)
    assert answer.status_code == 404
    text = answer.get_data(as_text=True)
    assert "C2医院" not in text
    assert "Hospital C2" not in text


def test_a_number_that_no_database_holds_is_an_address_of_nothing(client_as: Callable[[str], Client]) -> None:
    client = client_as("office")
    for path in ("/figures/{}/1", "/figures/1/{}", "/funds/funds/read/{}", "/funds/statements/read/{}/C1",
                 "/evaluation/runs/read/{}", "/evaluation/trials/read/{}", "/evaluation/scores/read/{}/C1",
                 "/evaluation/schemes/read/2026/{}", "/funds/lines/correct/2026Q1/{}"):  # fmt: skip
        for number in (2**31 - 1, 2**31, 2**63, 10**40):
            assert client.get(path.format(number)).status_code == 404, path
    decider = client_as("chair")
    for subject in (f"fund:{10**40}", f"scheme:2026/{10**40}"):
        assert decider.get(f"/accounts/decisions/record?subject={subject}").status_code == 404
