"""Roles and what each may do, grants that bind a role to a place and a time, and the scope of a reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from alliance.core.acts import Act

# What concerns nobody but oneself: open to everybody who is signed in, with or without a role.
OWN = frozenset(
    {
        Act.ACCOUNTS_SESSION_CLOSE,
        Act.ACCOUNTS_OTHERS_CLOSE,
        Act.ACCOUNTS_ACCOUNT_READ,
        Act.ACCOUNTS_PASSWORD_CHANGE,
        Act.ACCOUNTS_TOTP_ENROL,
        Act.ACCOUNTS_DRAFT_DISCARD,
        Act.WORK_JOB_CANCEL,
        Act.DESK_GUIDE_LIST,
        Act.DESK_GUIDE_READ,
        Act.ACCOUNTS_MAILBOX_SET,
        Act.NOTICES_NOTICE_ACKNOWLEDGE,
        Act.DESK_STYLE_READ,
    }
)
# What the three who run the portal and the offices inside a hospital have in common; no figure of a member is in it.
RUNNING = OWN | {
    Act.DESK_HOME_READ,
    Act.MEMBERS_INSTITUTION_LIST,
    Act.ACCOUNTS_BODY_LIST,
    Act.WORK_JOB_LIST,
    Act.WORK_JOB_READ,
    Act.NOTICES_NOTICE_LIST,
    Act.NOTICES_NOTICE_READ,
}
PEOPLE = {Act.ACCOUNTS_PERSON_LIST, Act.ACCOUNTS_PERSON_READ}
# Cases are read by the members they concern and by those who read the whole alliance, and kept by the members.
READ_CASES = {
    Act.REGISTERS_REGISTER_LIST,
    Act.REGISTERS_CASE_LIST,
    Act.REGISTERS_CASE_READ,
    Act.REGISTERS_CASE_EXPORT,
    Act.REGISTERS_PROOF_READ,
    Act.REGISTERS_REPEAT_LIST,
    Act.REGISTERS_PERSON_LIST,
    Act.REGISTERS_CERTIFICATE_DOWNLOAD,
    Act.INDICATORS_FEED_LIST,
    Act.INDICATORS_COUNTED_LIST,
}
CONFIRM_CASES = {
    Act.REGISTERS_CASE_CONFIRM,
    Act.REGISTERS_CASE_DISPUTE,
    Act.REGISTERS_PROOF_ADD,
    Act.REGISTERS_CERTIFICATE_ISSUE,
}
KEEP_CASES = CONFIRM_CASES | {
    Act.REGISTERS_CASE_FILE,
    Act.REGISTERS_CASE_IMPORT,
    Act.REGISTERS_CASE_CORRECT,
    Act.REGISTERS_CASE_WITHDRAW,
}
# Cross-checks are open to all whose figures are checked; whose samples a reader opens is told by the questions.
READ_CHECKS = {
    Act.INDICATORS_ROUND_LIST,
    Act.INDICATORS_ROUND_READ,
    Act.INDICATORS_SAMPLE_READ,
    Act.INDICATORS_CHECK_READ,
    Act.INDICATORS_FALSIFICATION_LIST,
    Act.INDICATORS_FALSIFICATION_READ,
}
# What patients found about a member is read by its own people and by those who read the whole alliance, and what
# employees found about units by the hospital's own office and director alone.
READ_SATISFACTION = {Act.RATINGS_SATISFACTION_READ, Act.RATINGS_SATISFACTION_EXPORT, Act.RATINGS_COUNT_READ}
KEEP_TEXTS = {Act.RATINGS_TEXT_LIST, Act.RATINGS_TEXT_RELEASE, Act.RATINGS_TEXT_WITHHOLD}
EVERYBODY = RUNNING | {
    *READ_SATISFACTION,
    *READ_CASES,
    *READ_CHECKS,
    Act.DESK_FIGURE_READ,
    Act.DESK_ESTIMATE_READ,
    Act.DESK_STANDING_READ,
    Act.MEMBERS_LINK_LIST,
    Act.RATINGS_ROUND_LIST,
    Act.RATINGS_RESULT_READ,
    Act.INDICATORS_INDICATOR_LIST,
    Act.INDICATORS_INDICATOR_READ,
    Act.INDICATORS_ELEMENT_LIST,
    Act.INDICATORS_ELEMENT_READ,
    Act.INDICATORS_CODESYSTEM_LIST,
    Act.INDICATORS_CODESYSTEM_READ,
    Act.INDICATORS_STANDARD_READ,
    Act.EVALUATION_SCHEME_LIST,
    Act.EVALUATION_SCHEME_READ,
    Act.EVALUATION_SCHEME_EXPORT,
    Act.BULLETINS_BULLETIN_LIST,
    Act.BULLETINS_BULLETIN_READ,
    Act.BULLETINS_BULLETIN_DOWNLOAD,
    Act.EVALUATION_RUN_LIST,
    Act.EVALUATION_SCORE_READ,
    Act.FUNDS_FUND_LIST,
    Act.FUNDS_STATEMENT_READ,
    Act.INDICATORS_READING_READ,
    Act.INDICATORS_SUBMISSION_LIST,
    Act.INDICATORS_SUBMISSION_READ,
    Act.INDICATORS_PERIOD_READ,
    Act.INDICATORS_BOARD_READ,
    Act.INDICATORS_EVIDENCE_READ,
    Act.INDICATORS_QUALITY_READ,
    Act.INDICATORS_REPORT_LIST,
    Act.RATINGS_VISIT_READ,
    Act.RATINGS_EVALUATION_READ,
}
# Referrals are read without anything that names the patient, save by the two sides that treat.
READ_REFERRALS = {
    Act.REGISTERS_REFERRAL_LIST,
    Act.REGISTERS_REFERRAL_READ,
    Act.REGISTERS_PAIR_LIST,
    Act.REGISTERS_RECONCILIATION_READ,
    Act.REGISTERS_FLOW_READ,
    Act.REGISTERS_OFFER_LIST,
}
KEEP_REFERRALS = READ_REFERRALS | {
    Act.REGISTERS_REFERRAL_FILE,
    Act.REGISTERS_REFERRAL_IMPORT,
    Act.REGISTERS_REFERRAL_PRINT,
    Act.REGISTERS_REFERRAL_ACCEPT,
    Act.REGISTERS_REFERRAL_DECLINE,
    Act.REGISTERS_REFERRAL_CANCEL,
    Act.REGISTERS_REFERRAL_MISS,
    Act.REGISTERS_REFERRAL_SEE,
    Act.REGISTERS_CONFIRMATION_RECORD,
    Act.REGISTERS_CONFIRMATION_IMPORT,
    Act.REGISTERS_REFERRAL_DISCHARGE,
    Act.REGISTERS_REFERRAL_RETURN,
    Act.REGISTERS_REFERRAL_FOLLOW,
    Act.REGISTERS_REFERRAL_CLOSE,
    Act.REGISTERS_REFERRAL_CHARGE,
    Act.REGISTERS_CONTACT_READ,
    Act.REGISTERS_MESSAGE_WRITE,
    Act.REGISTERS_ATTACHMENT_READ,
    Act.REGISTERS_PAIR_CERTIFY,
    Act.REGISTERS_OFFER_PUBLISH,
}
# Cases on joint pathways are read by their two members and by those who read the whole alliance, kept by the members.
READ_COURSES = {
    Act.REGISTERS_PATHWAY_LIST,
    Act.REGISTERS_COURSE_LIST,
    Act.REGISTERS_COURSE_READ,
    Act.REGISTERS_RATE_READ,
}
KEEP_COURSES = READ_COURSES | {
    Act.REGISTERS_COURSE_FIND,
    Act.REGISTERS_COURSE_START,
    Act.REGISTERS_COURSE_END,
    Act.REGISTERS_COURSE_IMPORT,
    Act.REGISTERS_STEP_RECORD,
    Act.REGISTERS_STEP_WITHDRAW,
}
# A ledger is read by the office that keeps it and by those whom an entry concerns.
READ_LEDGERS = {
    Act.REGISTERS_ENTRY_LIST,
    Act.REGISTERS_ENTRY_READ,
    Act.REGISTERS_TOTAL_READ,
    Act.REGISTERS_STANDARD_LIST,
}
REVIEW_LEDGERS = READ_LEDGERS | {Act.REGISTERS_ENTRY_REVIEW, Act.REGISTERS_OBJECTION_ANSWER}
KEEP_LEDGERS = REVIEW_LEDGERS | {
    Act.REGISTERS_ENTRY_ADD,
    Act.REGISTERS_STANDARD_IMPORT,
    Act.REGISTERS_LEDGER_PUBLISH,
}
CONCERNED_IN_LEDGERS = READ_LEDGERS | {Act.REGISTERS_OBJECTION_FILE}
# The point library is the alliance's own, and the hospitals that may adopt it read it too.
READ_LIBRARY = {Act.WORKPOINTS_LIBRARY_LIST, Act.WORKPOINTS_LIBRARY_READ, Act.WORKPOINTS_LIBRARY_EXPORT}
# Verifications by third parties are read by those who read the whole alliance and by who engaged experts are; by a
# member what was found of it.
READ_PLANS = {
    Act.RATINGS_ENGAGEMENT_LIST,
    Act.RATINGS_ENGAGEMENT_READ,
    Act.RATINGS_VERIFICATION_READ,
    Act.RATINGS_PLAN_LIST,
    Act.RATINGS_PLAN_READ,
}
READ_VERIFICATIONS = READ_PLANS | {Act.RATINGS_CONTRACT_DOWNLOAD, Act.RATINGS_REPORT_DOWNLOAD}
ANSWER_FINDINGS = READ_PLANS | {Act.RATINGS_PLAN_FILE, Act.RATINGS_PLAN_FINISH}
# What an engagement opens of the members whose figures are verified: which these are is told by its grants.
READ_ENGAGED = {
    Act.DESK_FIGURE_READ,
    Act.EVALUATION_SCORE_READ,
    Act.INDICATORS_READING_READ,
    Act.INDICATORS_SUBMISSION_LIST,
    Act.INDICATORS_SUBMISSION_READ,
    Act.INDICATORS_PERIOD_READ,
    Act.INDICATORS_EVIDENCE_READ,
    Act.INDICATORS_COUNTED_LIST,
    Act.INDICATORS_INDICATOR_LIST,
    Act.INDICATORS_INDICATOR_READ,
    Act.INDICATORS_ELEMENT_LIST,
    Act.INDICATORS_ELEMENT_READ,
    Act.INDICATORS_CODESYSTEM_LIST,
    Act.INDICATORS_CODESYSTEM_READ,
    Act.INDICATORS_STANDARD_READ,
    Act.REGISTERS_REGISTER_LIST,
    Act.REGISTERS_CASE_LIST,
    Act.REGISTERS_CASE_READ,
    Act.REGISTERS_PROOF_READ,
}
READ_ALL = (
    READ_LIBRARY
    | READ_VERIFICATIONS
    | READ_REFERRALS
    | READ_COURSES
    | {
        Act.DESK_BOARD_READ,
        Act.DESK_OUTLIER_LIST,
        Act.DESK_EFFECT_READ,
        Act.INDICATORS_QUALITY_LIST,
        Act.MEMBERS_INSTITUTION_READ,
        Act.MEMBERS_WORKBOOK_EXPORT,
        Act.EVALUATION_RATING_LIST,
        Act.RATINGS_ROUND_READ,
        Act.RATINGS_RESULT_LIST,
        Act.RATINGS_CONFLICT_LIST,
        Act.RATINGS_RUBRIC_LIST,
        Act.RATINGS_RUBRIC_READ,
        Act.RATINGS_RUBRIC_EXPORT,
        Act.RATINGS_PANEL_LIST,
        Act.RATINGS_PANEL_READ,
        Act.RATINGS_VISIT_READ,
        Act.RATINGS_EVALUATION_READ,
        Act.RATINGS_SATISFACTION_LIST,
        Act.EVALUATION_RUN_READ,
        Act.FUNDS_TOTAL_LIST,
        Act.FUNDS_FUND_READ,
        Act.FUNDS_STATEMENT_PRINT,
        Act.BULLETINS_BULLETIN_PREVIEW,
        Act.ACCOUNTS_DECISION_LIST,
        Act.ACCOUNTS_DECISION_READ,
    }
)
# A member rates others by the hands of its director and its quality officer.
RATE_PEERS = {
    Act.RATINGS_RATING_LIST,
    Act.RATINGS_RATING_SAVE,
    Act.RATINGS_RATING_SUBMIT,
    Act.RATINGS_PRACTICE_READ,
}
# What is inside of a hospital is read by its own people, and kept by two of its offices.
INSIDE = {Act.MEMBERS_DEPARTMENT_LIST, Act.MEMBERS_DEPARTMENT_READ}
STAFFING = {Act.MEMBERS_POST_LIST, Act.MEMBERS_POST_READ, Act.MEMBERS_STAFFING_READ}
STAFF = {Act.MEMBERS_EMPLOYEE_LIST, Act.MEMBERS_EMPLOYEE_READ}
KEEP_INSIDE = INSIDE | {
    Act.MEMBERS_DEPARTMENT_DEFINE,
    Act.MEMBERS_DEPARTMENT_END,
    Act.MEMBERS_CODE_MAP,
    Act.MEMBERS_SHARE_SET,
    Act.MEMBERS_STRUCTURE_IMPORT,
    Act.MEMBERS_STRUCTURE_EXPORT,
}
# A hospital's internal bonus is read whole by its offices and its director, and by nobody outside.
READ_BONUS = READ_LIBRARY | {
    Act.DESK_FIGURE_READ,
    Act.WORKPOINTS_SCHEME_LIST,
    Act.WORKPOINTS_SCHEME_READ,
    Act.WORKPOINTS_SCHEME_EXPORT,
    Act.WORKPOINTS_TRIAL_READ,
    Act.WORKPOINTS_BUDGET_READ,
    Act.WORKPOINTS_TARGET_READ,
    Act.WORKPOINTS_AGREEMENT_READ,
    Act.WORKPOINTS_POINTS_READ,
    Act.WORKPOINTS_POINTS_EXPORT,
    Act.WORKPOINTS_ITEM_READ,
    Act.WORKPOINTS_OVERRIDE_LIST,
    Act.WORKPOINTS_CHARGE_LIST,
    Act.WORKPOINTS_CHARGE_READ,
    Act.WORKPOINTS_LINE_LIST,
    Act.WORKPOINTS_ENTRY_READ,
    Act.WORKPOINTS_ROSTER_READ,
    Act.WORKPOINTS_WORKLOAD_LIST,
    Act.WORKPOINTS_WORKLOAD_READ,
    Act.WORKPOINTS_TASK_LIST,
    Act.WORKPOINTS_HOLDING_LIST,
    Act.WORKPOINTS_RULE_READ,
    Act.WORKPOINTS_RUN_LIST,
    Act.WORKPOINTS_RUN_READ,
    Act.WORKPOINTS_UNIT_READ,
    Act.WORKPOINTS_SLIP_READ,
    Act.WORKPOINTS_SLIP_PRINT,
    Act.WORKPOINTS_ANALYSIS_READ,
}
KEEP_BONUS = READ_BONUS | {
    Act.WORKPOINTS_SCHEME_IMPORT,
    Act.WORKPOINTS_SCHEME_TRY,
    Act.WORKPOINTS_RECORD_FILE,
    Act.WORKPOINTS_BUDGET_DRAFT,
    Act.WORKPOINTS_TARGET_DRAFT,
    Act.WORKPOINTS_POINTS_IMPORT,
    Act.WORKPOINTS_LIBRARY_ADOPT,
    Act.WORKPOINTS_OVERRIDE_SET,
    Act.WORKPOINTS_CHARGE_LOAD,
    Act.WORKPOINTS_CHARGE_MAP,
    Act.WORKPOINTS_CHARGE_WITHDRAW,
    Act.WORKPOINTS_CODE_MAP,
    Act.WORKPOINTS_TOTAL_FILE,
    Act.WORKPOINTS_TOTAL_IMPORT,
    Act.WORKPOINTS_ENTRY_FILE,
    Act.WORKPOINTS_ENTRY_IMPORT,
    Act.WORKPOINTS_SCORE_TAKE,
    Act.WORKPOINTS_SHIFT_DEFINE,
    Act.WORKPOINTS_ROSTER_FILE,
    Act.WORKPOINTS_ROSTER_IMPORT,
    Act.WORKPOINTS_WORKLOAD_ENTER,
    Act.WORKPOINTS_WORKLOAD_IMPORT,
    Act.WORKPOINTS_WORKLOAD_ATTACH,
    Act.WORKPOINTS_WORKLOAD_REVIEW,
    Act.WORKPOINTS_TASK_ENTER,
    Act.WORKPOINTS_TASK_REVIEW,
    Act.WORKPOINTS_HOLDING_ENTER,
    Act.WORKPOINTS_CORRECTION_ENTER,
    Act.WORKPOINTS_RULE_SET,
    Act.WORKPOINTS_RUN_COMPUTE,
    Act.WORKPOINTS_RUN_REVERSE,
    Act.WORKPOINTS_UNIT_PUBLISH,
    Act.WORKPOINTS_OBJECTION_ANSWER,
    Act.WORKPOINTS_SLIP_COMPUTE,
    Act.WORKPOINTS_SLIP_CORRECT,
}
PAY_BONUS = READ_BONUS | {
    Act.WORKPOINTS_WORKLOAD_REVIEW,
    Act.WORKPOINTS_TASK_REVIEW,
    Act.WORKPOINTS_RUN_CHECK,
    Act.WORKPOINTS_RUN_RETURN,
    Act.WORKPOINTS_RUN_PAY,
    Act.WORKPOINTS_RUN_REVERSE,
    Act.WORKPOINTS_PAYMENT_EXPORT,
    Act.WORKPOINTS_BANKRETURN_ENTER,
    Act.WORKPOINTS_BANKRETURN_IMPORT,
    Act.WORKPOINTS_BANKRETURN_SETTLE,
}
APPROVE_BONUS = READ_BONUS | {
    Act.WORKPOINTS_SCHEME_DECIDE,
    Act.WORKPOINTS_BUDGET_DECIDE,
    Act.WORKPOINTS_TARGET_DECIDE,
    Act.WORKPOINTS_AGREEMENT_SIGN,
    Act.WORKPOINTS_RECORD_FILE,
    Act.WORKPOINTS_RUN_APPROVE,
    Act.WORKPOINTS_RUN_RETURN,
    Act.WORKPOINTS_RUN_REVERSE,
}
HEAD_BONUS = {
    Act.DESK_FIGURE_READ,
    Act.WORKPOINTS_TARGET_READ,
    Act.WORKPOINTS_AGREEMENT_READ,
    Act.WORKPOINTS_AGREEMENT_SIGN,
    Act.WORKPOINTS_ITEM_READ,
    Act.WORKPOINTS_LINE_LIST,
    Act.WORKPOINTS_ENTRY_READ,
    Act.WORKPOINTS_ENTRY_FILE,
    Act.WORKPOINTS_ROSTER_READ,
    Act.WORKPOINTS_ROSTER_FILE,
    Act.WORKPOINTS_WORKLOAD_LIST,
    Act.WORKPOINTS_WORKLOAD_READ,
    Act.WORKPOINTS_WORKLOAD_ENTER,
    Act.WORKPOINTS_WORKLOAD_IMPORT,
    Act.WORKPOINTS_WORKLOAD_ATTACH,
    Act.WORKPOINTS_TASK_LIST,
    Act.WORKPOINTS_TASK_ENTER,
    Act.WORKPOINTS_RULE_READ,
    Act.WORKPOINTS_RULE_SET,
    Act.WORKPOINTS_RUN_LIST,
    Act.WORKPOINTS_UNIT_READ,
    Act.WORKPOINTS_UNIT_SHIFT,
    Act.WORKPOINTS_UNIT_PUBLISH,
    Act.WORKPOINTS_OBJECTION_ANSWER,
    Act.WORKPOINTS_ANALYSIS_READ,
}
# What an employee sees: the own pay, and how it came about.
OWN_BONUS = {
    Act.DESK_FIGURE_READ,
    Act.WORKPOINTS_ITEM_READ,
    Act.WORKPOINTS_LINE_LIST,
    Act.WORKPOINTS_WORKLOAD_READ,
    Act.WORKPOINTS_ROSTER_READ,
    Act.WORKPOINTS_UNIT_READ,
    Act.WORKPOINTS_OBJECTION_FILE,
    Act.WORKPOINTS_SLIP_LIST,
    Act.WORKPOINTS_SLIP_READ,
    Act.WORKPOINTS_SLIP_PRINT,
}
# Surveys are prepared and watched by the office; the office of a hospital hands out those of its own units.
READ_SURVEYS = {
    Act.RATINGS_SURVEY_LIST,
    Act.RATINGS_SURVEY_READ,
    Act.RATINGS_WAVE_LIST,
    Act.RATINGS_WAVE_READ,
}
HAND_OUT_SURVEYS = READ_SURVEYS | {Act.RATINGS_LINK_MAKE, Act.RATINGS_LINK_REVOKE, Act.RATINGS_ANSWER_IMPORT}
KEEP_SURVEYS = HAND_OUT_SURVEYS | {
    Act.RATINGS_SURVEY_DRAFT,
    Act.RATINGS_SURVEY_EDIT,
    Act.RATINGS_SURVEY_PUBLISH,
    Act.RATINGS_WAVE_OPEN,
    Act.RATINGS_WAVE_RAISE,
    Act.RATINGS_WAVE_CLOSE,
}
ROLES: dict[str, frozenset[Act]] = {
    "reporter": frozenset(
        EVERYBODY
        | INSIDE
        | KEEP_REFERRALS
        | KEEP_CASES
        | KEEP_COURSES
        | READ_LEDGERS
        | ANSWER_FINDINGS
        | {
            Act.INDICATORS_READING_FILE,
            Act.INDICATORS_READING_UPLOAD,
            Act.INDICATORS_READING_MARK,
            Act.INDICATORS_VALUE_EXPLAIN,
            Act.INDICATORS_EVIDENCE_ADD,
            Act.INDICATORS_EVIDENCE_REMOVE,
            Act.INDICATORS_SUBMISSION_SUBMIT,
            Act.INDICATORS_SUBMISSION_RECALL,
            Act.INDICATORS_REPORT_ENTER,
            Act.INDICATORS_REPORT_IMPORT,
            Act.INDICATORS_REPORT_EXPLAIN,
            Act.AUDIT_TOUCH_LIST,
        }
    ),
    "member_lead": frozenset(
        EVERYBODY
        | INSIDE
        | STAFFING
        | APPROVE_BONUS
        | KEEP_REFERRALS
        | CONFIRM_CASES
        | KEEP_COURSES
        | REVIEW_LEDGERS
        | CONCERNED_IN_LEDGERS
        | RATE_PEERS
        | ANSWER_FINDINGS
        | {
            Act.RATINGS_UNIT_LIST,
            Act.INDICATORS_SUBMISSION_SIGN,
            Act.INDICATORS_SUBMISSION_SUBMIT,
            Act.INDICATORS_SUBMISSION_RECALL,
            Act.INDICATORS_EXCEPTION_ASK,
            Act.INDICATORS_REPORT_EXPLAIN,
            Act.RATINGS_VISIT_CONFIRM,
            Act.AUDIT_TOUCH_LIST,
        }
    ),
    "office": frozenset(
        EVERYBODY
        | READ_ALL
        | KEEP_LEDGERS
        | KEEP_TEXTS
        | KEEP_SURVEYS
        | {
            Act.RATINGS_ENGAGEMENT_OPEN,
            Act.RATINGS_ENGAGEMENT_DRAW,
            Act.RATINGS_ENGAGEMENT_RESCHEDULE,
            Act.RATINGS_PLAN_REVIEW,
            Act.RATINGS_PLAN_CONFIRM,
            Act.RATINGS_REPORT_ISSUE,
            Act.REGISTERS_PATHWAY_DEFINE,
            Act.MEMBERS_WORKBOOK_IMPORT,
            Act.MEMBERS_LINK_SET,
            Act.MEMBERS_LINK_END,
            Act.RATINGS_ROUND_OPEN,
            Act.RATINGS_ROUND_CLOSE,
            Act.RATINGS_ROUND_RESCHEDULE,
            Act.RATINGS_RATER_REMIND,
            Act.RATINGS_FLAG_DECIDE,
            Act.INDICATORS_LIBRARY_LIST,
            Act.INDICATORS_LIBRARY_READ,
            Act.INDICATORS_LIBRARY_LOAD,
            Act.INDICATORS_INDICATOR_DEFINE,
            Act.INDICATORS_ELEMENT_DEFINE,
            Act.INDICATORS_CODESYSTEM_IMPORT,
            Act.INDICATORS_MAPPING_IMPORT,
            Act.INDICATORS_STANDARD_DEFINE,
            Act.INDICATORS_PERIOD_OPEN,
            Act.INDICATORS_READING_IMPORT,
            Act.INDICATORS_READING_MARK,
            Act.INDICATORS_READING_DERIVE,
            Act.INDICATORS_FEED_SET,
            Act.INDICATORS_TIMETABLE_SET,
            Act.INDICATORS_DAY_NOTE,
            Act.INDICATORS_EXCEPTION_ASK,
            Act.INDICATORS_EXCEPTION_GRANT,
            Act.INDICATORS_REMINDER_SEND,
            Act.INDICATORS_SUBMISSION_REVIEW,
            Act.INDICATORS_SUBMISSION_RETURN,
            Act.INDICATORS_SUBMISSION_ACCEPT,
            Act.INDICATORS_ROUND_DRAW,
            Act.INDICATORS_ROUND_CLOSE,
            Act.INDICATORS_SAMPLE_DRAW,
            Act.INDICATORS_SAMPLE_NOTIFY,
            Act.INDICATORS_REPORT_ENTER,
            Act.INDICATORS_REPORT_IMPORT,
            Act.WORKPOINTS_LIBRARY_PUBLISH,
            Act.REGISTERS_ATTACHMENT_READ,
            Act.REGISTERS_PAIR_COUNTERSIGN,
            Act.EVALUATION_SCHEME_IMPORT,
            Act.EVALUATION_RATING_ENTER,
            Act.RATINGS_RUBRIC_IMPORT,
            Act.RATINGS_PANEL_OPEN,
            Act.RATINGS_PANEL_CLOSE,
            Act.RATINGS_PANEL_REMIND,
            Act.RATINGS_PANEL_RESCHEDULE,
            Act.RATINGS_EXPERT_ASK,
            Act.RATINGS_EXPERT_REPLACE,
            Act.RATINGS_EXPERT_WITHDRAW,
            Act.RATINGS_EVIDENCE_READ,
            Act.RATINGS_REMARK_RELEASE,
            Act.EVALUATION_RUN_TRY,
            Act.EVALUATION_RUN_COMPUTE,
            Act.FUNDS_TOTAL_FILE,
            Act.FUNDS_FUND_COMPUTE,
            Act.BULLETINS_BULLETIN_COMPOSE,
            Act.BULLETINS_BULLETIN_EDIT,
            Act.BULLETINS_BULLETIN_ISSUE,
            Act.WORK_TASK_LIST,
            Act.NOTICES_NOTICE_PUBLISH,
            Act.NOTICES_NOTICE_REMIND,
            Act.NOTICES_NOTICE_WITHDRAW,
        }
    ),
    "analyst": frozenset(EVERYBODY | READ_ALL | READ_SURVEYS | {Act.EVALUATION_RUN_TRY}),
    "committee": frozenset(
        EVERYBODY
        | READ_ALL
        | {
            Act.ACCOUNTS_DECISION_RECORD,
            Act.EVALUATION_SCHEME_DECIDE,
            Act.EVALUATION_VETO_IMPOSE,
            Act.FUNDS_FUND_DECIDE,
            Act.BULLETINS_BULLETIN_DECIDE,
            Act.INDICATORS_FALSIFICATION_FIND,
            Act.RATINGS_FLAG_DECIDE,
        }
    ),
    "regulator": frozenset(EVERYBODY | READ_ALL | {Act.EVALUATION_ASSESSMENT_ENTER}),
    "quality_officer": frozenset(EVERYBODY | INSIDE | READ_REFERRALS | READ_COURSES | RATE_PEERS),
    # Employed by one member, checks what others filed at its source.
    "checker": frozenset(
        RUNNING
        | READ_CHECKS
        | {
            Act.INDICATORS_CHECK_RECORD,
            Act.INDICATORS_FALSIFICATION_PROPOSE,
            Act.INDICATORS_ELEMENT_LIST,
            Act.INDICATORS_ELEMENT_READ,
            Act.INDICATORS_INDICATOR_LIST,
            Act.INDICATORS_INDICATOR_READ,
            Act.INDICATORS_CODESYSTEM_LIST,
            Act.INDICATORS_CODESYSTEM_READ,
            Act.INDICATORS_STANDARD_READ,
        }
    ),
    # Of the third party: judges members with which no conflict of interest is declared.
    "expert": frozenset(
        RUNNING
        | {
            *READ_VERIFICATIONS,
            *READ_ENGAGED,
            Act.RATINGS_CONFLICT_LIST,
            Act.RATINGS_CONFLICT_DECLARE,
            Act.RATINGS_CONFLICT_END,
            Act.RATINGS_RUBRIC_LIST,
            Act.RATINGS_RUBRIC_READ,
            Act.RATINGS_SCORE_LIST,
            Act.RATINGS_SCORE_GIVE,
            Act.RATINGS_SCORE_LOCK,
            Act.RATINGS_EVIDENCE_READ,
            Act.RATINGS_VISIT_READ,
            Act.RATINGS_VISIT_RECORD,
            Act.RATINGS_VERIFICATION_RECORD,
            Act.RATINGS_COMPLETION_CONFIRM,
            Act.RATINGS_FINDING_RECORD,
            Act.RATINGS_FINDING_WITHDRAW,
            Act.RATINGS_ENGAGEMENT_LOCK,
            Act.RATINGS_PLAN_CONFIRM,
        }
    ),
    "hospital_office": frozenset(
        RUNNING
        | KEEP_INSIDE
        | STAFFING
        | STAFF
        | KEEP_BONUS
        | KEEP_LEDGERS
        | READ_SATISFACTION
        | {Act.RATINGS_UNIT_LIST}
        | HAND_OUT_SURVEYS
    ),
    "finance": frozenset(RUNNING | INSIDE | STAFFING | STAFF | PAY_BONUS),
    "personnel": frozenset(
        RUNNING
        | KEEP_INSIDE
        | STAFFING
        | STAFF
        | {
            Act.MEMBERS_POST_DEFINE,
            Act.MEMBERS_POST_RATE,
            Act.MEMBERS_ESTABLISHMENT_SET,
            Act.MEMBERS_EMPLOYEE_RECORD,
        }
    ),
    "department_head": frozenset(RUNNING | INSIDE | STAFF | HEAD_BONUS | CONCERNED_IN_LEDGERS),
    "staff": frozenset(RUNNING | OWN_BONUS | CONCERNED_IN_LEDGERS),
    "admin": frozenset(
        RUNNING
        | PEOPLE
        | {
            Act.ACCOUNTS_ACCOUNT_INVITE,
            Act.ACCOUNTS_ACCOUNT_RESET,
            Act.ACCOUNTS_ACCOUNT_LOCK,
            Act.ACCOUNTS_ACCOUNT_UNLOCK,
            Act.ACCOUNTS_SESSION_END,
            Act.WORK_TASK_LIST,
            Act.POST_MAIL_LIST,
            Act.POST_MAIL_RESEND,
        }
    ),
    "security_admin": frozenset(
        RUNNING
        | PEOPLE
        | {
            Act.ACCOUNTS_GRANT_GIVE,
            Act.ACCOUNTS_GRANT_REVOKE,
            Act.ACCOUNTS_DEPUTY_NAME,
            Act.ACCOUNTS_TOTP_RESET,
            Act.ACCOUNTS_BODY_FOUND,
            Act.ACCOUNTS_SEAT_ADD,
            Act.ACCOUNTS_SEAT_END,
        }
    ),
    "auditor": frozenset(RUNNING | PEOPLE | {Act.AUDIT_EVENT_LIST, Act.AUDIT_EVENT_READ, Act.AUDIT_EVENT_EXPORT}),
}
# Three persons, never two of these in one hand (三员分立); the auditor holds nothing else at all.
SEPARATED = frozenset({"admin", "security_admin", "auditor"})
FILING = frozenset({"reporter", "member_lead", "quality_officer"})  # of a member, whose unpublished figures they read
DEPARTMENTAL = frozenset({"department_head"})  # held for one department of a member
PERSONAL = frozenset({"staff"})  # held for a member, and reaches no further than one's own
PLACED = (
    FILING | DEPARTMENTAL | {"hospital_office", "personnel", "finance", "staff"}
)  # held for one member; the others for the alliance
ENGAGED = "expert"  # held for the alliance; for a member by an engagement alone, whose figures are then read
ONLY_ONE = frozenset({"quality_officer"})  # one holder for each member at any date
STRONG = frozenset(
    {"office", "committee", "finance", "admin", "security_admin", "auditor"}
)  # sign in with a second factor
WHOLE = frozenset({"office", "analyst", "committee", "regulator"})  # read the unpublished figures of every member
TRIALS = frozenset({"office", "analyst"})  # read trials, which are nobody else's business

# An employee of an institution does none of these for that institution (recusal).
RECUSED = frozenset(
    {
        Act.INDICATORS_SUBMISSION_REVIEW,
        Act.INDICATORS_SUBMISSION_RETURN,
        Act.INDICATORS_SUBMISSION_ACCEPT,
        Act.INDICATORS_EXCEPTION_GRANT,
        Act.EVALUATION_RATING_ENTER,
        Act.EVALUATION_ASSESSMENT_ENTER,
        Act.RATINGS_SCORE_GIVE,
        Act.RATINGS_SCORE_LOCK,
        Act.RATINGS_REMARK_RELEASE,
        Act.EVALUATION_VETO_IMPOSE,
        Act.REGISTERS_PAIR_COUNTERSIGN,
        Act.RATINGS_TEXT_RELEASE,
        Act.RATINGS_TEXT_WITHHOLD,
        Act.INDICATORS_CHECK_RECORD,
        Act.INDICATORS_FALSIFICATION_PROPOSE,
        Act.INDICATORS_FALSIFICATION_FIND,
        Act.RATINGS_FLAG_DECIDE,
        Act.RATINGS_VERIFICATION_RECORD,
        Act.RATINGS_COMPLETION_CONFIRM,
        Act.RATINGS_FINDING_RECORD,
        Act.RATINGS_FINDING_WITHDRAW,
        Act.RATINGS_PLAN_REVIEW,
        Act.RATINGS_PLAN_CONFIRM,
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held for an alliance, one institution of it or one department of that, from a day until a day (not
    included)."""

    role: str
    alliance_id: int
    institution: str = ""  # natural code; "" for the whole alliance
    start: date = date.min
    until: date = date.max
    department: str = ""  # natural code within the institution; "" for all of it

    def holds(self, on: date) -> bool:
        return self.start <= on < self.until

    def overlaps(self, other: Grant) -> bool:
        """Whether there is a day on which both hold."""
        return max(self.start, other.start) < min(self.until, other.until)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see, as data for queries.

    `institutions` are the natural codes whose unpublished figures are open to the reader, None for all of the alliance.
    `own` are those for which the reader files, leads or checks, also beside a role that sees all; an expert sees those
    of an engagement without any being its own. Of the institutions
    in `inside` all departments are open, of others only those in `departments` (institution, department) with what
    stands beneath them. Of those in `staff` every person is open, else the people of `departments`. Of those in
    `bonus` the internal bonus is open whole; of others the own departments' and, by the staff number `employee` at the
    employer, one's own.
    """

    alliance_id: int
    account: str = ""
    employer: str = ""
    roles: frozenset[str] = frozenset()
    institutions: frozenset[str] | None = frozenset()
    own: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    departments: frozenset[tuple[str, str]] = frozenset()
    staff: frozenset[str] = frozenset()
    bonus: frozenset[str] = frozenset()
    employee: str = ""

    def sees(self, institution: str) -> bool:
        return self.institutions is None or institution in self.institutions

    @property
    def sees_trials(self) -> bool:
        return bool(self.roles & TRIALS)


def held(grants: Iterable[Grant], on: date) -> list[Grant]:
    """The grants that hold on a day."""
    return [grant for grant in grants if grant.holds(on)]


def may(grants: Iterable[Grant], act: Act, *, employer: str = "", institution: str = "") -> bool:
    """Whether one of the grants that hold carries the act; for an institution, whether it reaches all of that.

    Nobody employed by an institution reviews or decides its matters.
    """
    if institution and institution == employer and act in RECUSED:
        return False
    return any(
        act in ROLES[grant.role]
        and (
            not institution
            or not grant.institution
            or (_place(grant) == (institution, "") and grant.role not in PERSONAL)
        )
        for grant in grants
    )


def scope_of(account: str, employer: str, grants: Iterable[Grant], alliance_id: int, employee: str = "") -> Scope:
    """The scope of an account in one alliance."""
    here = [grant for grant in grants if grant.alliance_id == alliance_id]
    whole = any(grant.role in WHOLE and not grant.institution for grant in here)
    own = frozenset(grant.institution for grant in here if grant.institution and grant.role in FILING)
    engaged = {grant.institution for grant in here if grant.institution and grant.role == ENGAGED}
    inner = [_place(grant) for grant in here if grant.institution and Act.MEMBERS_DEPARTMENT_READ in ROLES[grant.role]]
    return Scope(
        alliance_id,
        account,
        employer,
        frozenset(grant.role for grant in here),
        None if whole else own | engaged,
        own,
        frozenset(institution for institution, department in inner if not department),
        frozenset((institution, department) for institution, department in inner if department),
        frozenset(
            grant.institution
            for grant in here
            if grant.institution and not grant.department and Act.MEMBERS_EMPLOYEE_READ in ROLES[grant.role]
        ),
        frozenset(
            grant.institution for grant in here if grant.institution and Act.WORKPOINTS_RUN_READ in ROLES[grant.role]
        ),
        employee if any(grant.role == "staff" and grant.institution == employer for grant in here) else "",
    )


def _place(grant: Grant) -> tuple[str, str]:
    return grant.institution, grant.department
