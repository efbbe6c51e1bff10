"""What a reader of the log may ask for, and the words for what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, Form, SelectField, StringField, validators

from alliance.core.acts import Act
from alliance.core.refused import mark
from alliance.forms import Words
from alliance.i18n import lazy

KINDS: Mapping[str, str] = {
    "change": mark("Change"),
    "refused": mark("Refused"),
    "export": mark("Export"),
    "opened": mark("Opened"),
}
# Acts as the log says them: what somebody did, or was refused.
ACTS: Mapping[Act, str] = {
    Act.ACCOUNTS_SESSION_OPEN: mark("Sign in"),
    Act.ACCOUNTS_SESSION_CLOSE: mark("Sign out"),
    Act.ACCOUNTS_SESSION_CONFIRM: mark("Sign in: the one-time code"),
    Act.ACCOUNTS_SESSION_END: mark("End the sessions of an account"),
    Act.ACCOUNTS_OTHERS_CLOSE: mark("End one's other sessions"),
    Act.ACCOUNTS_LANGUAGE_CHOOSE: mark("Choose the language"),
    Act.ACCOUNTS_PASSWORD_SET: mark("Set a password by a link"),
    Act.ACCOUNTS_PASSWORD_CHANGE: mark("Change one's password"),
    Act.ACCOUNTS_TOTP_ENROL: mark("Set up an authenticator"),
    Act.ACCOUNTS_TOTP_RESET: mark("Reset an authenticator"),
    Act.ACCOUNTS_DRAFT_DISCARD: mark("Discard what was typed"),
    Act.ACCOUNTS_PERSON_LIST: mark("See the list of people"),
    Act.ACCOUNTS_PERSON_READ: mark("Open a person"),
    Act.ACCOUNTS_ACCOUNT_READ: mark("Open one's own account"),
    Act.ACCOUNTS_ACCOUNT_CREATE: mark("Create an account"),
    Act.ACCOUNTS_ACCOUNT_INVITE: mark("Invite a person"),
    Act.ACCOUNTS_ACCOUNT_RESET: mark("Reset a password"),
    Act.ACCOUNTS_ACCOUNT_LOCK: mark("Lock an account"),
    Act.ACCOUNTS_ACCOUNT_UNLOCK: mark("Unlock an account"),
    Act.ACCOUNTS_GRANT_GIVE: mark("Give a role"),
    Act.ACCOUNTS_GRANT_REVOKE: mark("Revoke a role"),
    Act.ACCOUNTS_DEPUTY_NAME: mark("Name a deputy"),
    Act.ACCOUNTS_BODY_LIST: mark("See the list of bodies"),
    Act.ACCOUNTS_BODY_FOUND: mark("Found a body"),
    Act.ACCOUNTS_BODY_SEAT: mark("Constitute a body"),
    Act.ACCOUNTS_SEAT_ADD: mark("Add a seat"),
    Act.ACCOUNTS_SEAT_END: mark("End a seat"),
    Act.ACCOUNTS_DECISION_LIST: mark("See the list of decisions"),
    Act.ACCOUNTS_DECISION_READ: mark("Open a decision"),
    Act.ACCOUNTS_DECISION_RECORD: mark("Record a decision"),
    Act.DESK_HOME_READ: mark("Open the task list"),
    Act.DESK_FIGURE_READ: mark("Open a figure"),
    Act.MEMBERS_ALLIANCE_FOUND: mark("Found an alliance"),
    Act.MEMBERS_INSTITUTION_LIST: mark("See the list of members"),
    Act.MEMBERS_INSTITUTION_READ: mark("Open a member"),
    Act.MEMBERS_WORKBOOK_IMPORT: mark("Import the members' workbook"),
    Act.MEMBERS_WORKBOOK_EXPORT: mark("Export the members' workbook"),
    Act.INDICATORS_INDICATOR_LIST: mark("See the list of indicators"),
    Act.INDICATORS_INDICATOR_READ: mark("Open an indicator"),
    Act.INDICATORS_INDICATOR_DEFINE: mark("Define an indicator"),
    Act.INDICATORS_ELEMENT_LIST: mark("See the list of data elements"),
    Act.INDICATORS_ELEMENT_READ: mark("Open a data element"),
    Act.INDICATORS_ELEMENT_DEFINE: mark("Define a data element"),
    Act.INDICATORS_LIBRARY_LIST: mark("See the list of libraries"),
    Act.INDICATORS_LIBRARY_READ: mark("Open an indicator library"),
    Act.INDICATORS_LIBRARY_LOAD: mark("Load an indicator library"),
    Act.INDICATORS_CODESYSTEM_LIST: mark("See the list of code systems"),
    Act.INDICATORS_CODESYSTEM_READ: mark("Open a code system"),
    Act.INDICATORS_CODESYSTEM_IMPORT: mark("Import a code system"),
    Act.INDICATORS_MAPPING_IMPORT: mark("Import a mapping of codes"),
    Act.INDICATORS_STANDARD_READ: mark("Open the data standard"),
    Act.INDICATORS_STANDARD_DEFINE: mark("Define the data standard"),
    Act.INDICATORS_PERIOD_OPEN: mark("Open a period for filing"),
    Act.INDICATORS_PERIOD_READ: mark("Open the calendar of a period"),
    Act.INDICATORS_TIMETABLE_SET: mark("Set the calendar of filing"),
    Act.INDICATORS_DAY_NOTE: mark("Note a working day or a holiday"),
    Act.INDICATORS_EXCEPTION_ASK: mark("Ask for an exception from the lock"),
    Act.INDICATORS_EXCEPTION_GRANT: mark("Grant an exception from the lock"),
    Act.INDICATORS_REMINDER_SEND: mark("Remind a member"),
    Act.INDICATORS_BOARD_READ: mark("Open the board of filing"),
    Act.INDICATORS_SUBMISSION_LIST: mark("See the list of submissions"),
    Act.INDICATORS_SUBMISSION_READ: mark("Open a submission"),
    Act.INDICATORS_SUBMISSION_SIGN: mark("Sign a submission"),
    Act.INDICATORS_SUBMISSION_SUBMIT: mark("Submit for review"),
    Act.INDICATORS_SUBMISSION_RECALL: mark("Recall a submission"),
    Act.INDICATORS_SUBMISSION_REVIEW: mark("Begin a review"),
    Act.INDICATORS_SUBMISSION_RETURN: mark("Return values"),
    Act.INDICATORS_SUBMISSION_ACCEPT: mark("Accept a submission"),
    Act.INDICATORS_VALUE_EXPLAIN: mark("Explain a value"),
    Act.INDICATORS_EVIDENCE_ADD: mark("Attach a file to a value"),
    Act.INDICATORS_EVIDENCE_READ: mark("Open a file behind a value"),
    Act.INDICATORS_EVIDENCE_REMOVE: mark("Remove a file from a value"),
    Act.INDICATORS_READING_FILE: mark("File readings"),
    Act.INDICATORS_READING_UPLOAD: mark("Upload a table of readings"),
    Act.INDICATORS_READING_IMPORT: mark("Import readings"),
    Act.INDICATORS_READING_READ: mark("Open a reading"),
    Act.EVALUATION_SCHEME_LIST: mark("See the list of schemes"),
    Act.EVALUATION_SCHEME_READ: mark("Open a scheme"),
    Act.EVALUATION_SCHEME_IMPORT: mark("Import a scheme file"),
    Act.EVALUATION_SCHEME_EXPORT: mark("Export a scheme"),
    Act.EVALUATION_SCHEME_DECIDE: mark("Put a scheme into force"),
    Act.EVALUATION_RATING_LIST: mark("See the results of rater groups"),
    Act.EVALUATION_RATING_ENTER: mark("Enter the result of a rater group"),
    Act.EVALUATION_VETO_IMPOSE: mark("Impose a veto"),
    Act.EVALUATION_RUN_LIST: mark("See the list of runs"),
    Act.EVALUATION_RUN_READ: mark("Open the ranking of a run"),
    Act.EVALUATION_RUN_TRY: mark("Try a scheme"),
    Act.EVALUATION_RUN_COMPUTE: mark("Compute official scores"),
    Act.EVALUATION_SCORE_READ: mark("Open a score"),
    Act.FUNDS_TOTAL_LIST: mark("See the performance totals"),
    Act.FUNDS_TOTAL_FILE: mark("File performance totals or a source"),
    Act.FUNDS_FUND_LIST: mark("See the list of funds"),
    Act.FUNDS_FUND_READ: mark("Open a fund"),
    Act.FUNDS_FUND_COMPUTE: mark("Compute a fund"),
    Act.FUNDS_FUND_DECIDE: mark("Approve a fund"),
    Act.FUNDS_STATEMENT_READ: mark("Open a statement"),
    Act.BULLETINS_BULLETIN_LIST: mark("See the list of bulletins"),
    Act.BULLETINS_BULLETIN_READ: mark("Open a bulletin"),
    Act.BULLETINS_BULLETIN_COMPOSE: mark("Compose a bulletin"),
    Act.BULLETINS_BULLETIN_DECIDE: mark("Approve a bulletin"),
    Act.BULLETINS_BULLETIN_ISSUE: mark("Issue a bulletin"),
    Act.BULLETINS_BULLETIN_DOWNLOAD: mark("Download a bulletin"),
    Act.AUDIT_EVENT_LIST: mark("See the audit log"),
    Act.AUDIT_EVENT_READ: mark("Open an event of the log"),
    Act.AUDIT_EVENT_EXPORT: mark("Export the audit log"),
    Act.AUDIT_TOUCH_LIST: mark("See who touched one's data"),
    Act.AUDIT_REFUSAL_COUNT: mark("Many refusals, only counted"),
    Act.WORK_HEALTH_READ: mark("Ask whether the portal lives"),
    Act.WORK_READINESS_READ: mark("Ask whether the portal is ready"),
    Act.WORK_METRICS_READ: mark("Read the meters"),
    Act.WORK_EVENTS_SEAL: mark("Seal the log"),
    Act.WORK_DEMO_LOAD: mark("Load the demo"),
}
# What stands before the colon of a subject.
SUBJECTS: Mapping[str, str] = {
    "account": mark("account"),
    "alliance": mark("alliance"),
    "body": mark("body"),
    "bulletin": mark("bulletin"),
    "codesystem": mark("code system"),
    "day": mark("day of the calendar"),
    "decision": mark("decision"),
    "demo": mark("demo"),
    "door": mark("page"),
    "element": mark("data element"),
    "events": mark("audit log"),
    "evidence": mark("file behind a value"),
    "fund": mark("fund"),
    "grant": mark("role"),
    "indicator": mark("indicator"),
    "library": mark("indicator library"),
    "line": mark("source of the fund"),
    "mapping": mark("mapping of codes"),
    "period": mark("period"),
    "rating": mark("result of a rater group"),
    "reading": mark("reading"),
    "readings": mark("table of readings"),
    "run": mark("run"),
    "scheme": mark("scheme"),
    "seat": mark("seat"),
    "standard": mark("data standard"),
    "submission": mark("submission"),
    "timetable": mark("calendar of filing"),
    "totals": mark("performance totals"),
    "trial": mark("trial"),
    "veto": mark("veto"),
    "workbook": mark("workbook"),
}
# Whose codes are numbers of their own, although some look like a month.
NUMBERED = frozenset({"bulletin", "decision", "fund", "run", "scheme", "trial"})
GROUPS: Mapping[str, str] = {
    "data": mark("rating by data"),
    "peers": mark("rating by peers"),
    "third_party": mark("rating by the third party"),
    "patients": mark("rating by patients"),
    "regulator": mark("rating by the regulator"),
}
# The names in the detail of an event.
DETAILS: Mapping[str, str] = {
    "after": mark("After"),
    "before": mark("Before"),
    "changed": mark("Values changed"),
    "count": mark("Number"),
    "decision": mark("Decision"),
    "definitions": mark("Definitions"),
    "digest": mark("Digest"),
    "document": mark("Document"),
    "due": mark("Deadline"),
    "export": mark("Format"),
    "figures": mark("Figures"),
    "institution": mark("Institution"),
    "institutions": mark("Institutions"),
    "language": mark("Language"),
    "minute": mark("Minute"),
    "n": mark("Raters"),
    "period": mark("Period"),
    "refused": mark("Refused because"),
    "role": mark("Role"),
    "rows": mark("Rows"),
    "run": mark("Run"),
    "scheme": mark("Scheme"),
    "seats": mark("Seats"),
    "sha256": mark("SHA-256"),
    "status": mark("Code of the answer"),
    "subject": mark("Subject"),
    "value": mark("Value"),
}


class EventFilterForm(Form):
    """The filter of the log; it stands in the address."""

    class Meta(Form.Meta):  # type: ignore[misc]
        def get_translations(self, form: Any) -> Words:
            return Words()

    since = DateField(lazy("From day"), [validators.Optional()])
    until = DateField(lazy("To day"), [validators.Optional()])
    account = StringField(lazy("Account"), [validators.Length(max=80)])
    act = SelectField(lazy("What was done"), validate_choice=False)
    subject = StringField(lazy("Subject"), [validators.Length(max=200)])
    kind = SelectField(lazy("Kind of event"), validate_choice=False)
