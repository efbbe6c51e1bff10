"""The table of rights: what each role may do."""

from __future__ import annotations

from alliance.core.acts import Act
from alliance.core.roles.bundles import (
    ANSWER_FINDINGS,
    CONCERNED_IN_LEDGERS,
    CONFIRM_CASES,
    EVERYBODY,
    HAND_OUT_SURVEYS,
    KEEP_CASES,
    KEEP_COURSES,
    KEEP_LEDGERS,
    KEEP_REFERRALS,
    KEEP_SURVEYS,
    KEEP_TEXTS,
    PEOPLE,
    RATE_PEERS,
    READ_ALL,
    READ_CHECKS,
    READ_COURSES,
    READ_ENGAGED,
    READ_LEDGERS,
    READ_REFERRALS,
    READ_SATISFACTION,
    READ_SURVEYS,
    READ_VERIFICATIONS,
    REVIEW_LEDGERS,
    RUNNING,
)
from alliance.core.roles.inside import (
    APPROVE_BONUS,
    HEAD_BONUS,
    INSIDE,
    KEEP_BONUS,
    KEEP_INSIDE,
    OWN_BONUS,
    PAY_BONUS,
    STAFF,
    STAFFING,
)

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
