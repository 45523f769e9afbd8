"""A temporary credential was rejected: expired, with a wrong secret or token, or not valid in the region."""

from __future__ import annotations

from lambdas.aws.domain.access_key_id import decode_account, is_temporary
from lambdas.aws.domain.error_codes import EXPIRED_CODES, strip_client_prefix
from lambdas.aws.domain.iam import Issue
from lambdas.aws.domain.regions import needs_opt_in
from lambdas.aws.domain.rejections import Objection, find_objection
from lambdas.aws.domain.wording import moment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis
from lambdas.diagnosis.domain.remedies import FIND_WHICH_CREDENTIAL_WINS
from lambdas.diagnosis.domain.signing import explain_signature
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.domain.wording import HISTORY_DAYS, describe_foreign_account
from lambdas.text import sanitize

_BY_STS = (
    "The id begins with ASIA, so STS issued it: it works only with its session token and until it expires."
)
_EXPIRED_OR_INCOMPLETE = "It has expired, or AWS_SESSION_TOKEN is missing or belongs to another key."
_INVALID_SESSION = (
    "Its session token (AWS_SESSION_TOKEN) is missing or cut off, or belongs to another"
    " credential or partition."
)
_LIMITED_SESSIONS = {
    "GetFederationToken": (
        "Or it is refused because the session is of GetFederationToken, which may call nothing of IAM, and of"
        " STS only GetCallerIdentity."
    ),
    "GetSessionToken": (
        "Or the session is of GetSessionToken without MFA: such a session may call nothing of IAM, and of STS"
        " only AssumeRole and GetCallerIdentity."
    ),
}
_ALWAYS_ALLOWED = frozenset({"AssumeRole", "GetCallerIdentity"})


def diagnose(case: Case) -> Diagnosis | None:
    signal = case.signal
    expired = strip_client_prefix(signal.error_code) in EXPIRED_CODES
    if not expired and not (signal.has_usable_id and is_temporary(signal.access_key_id)):
        return None
    objection = find_objection(signal.error_code, signal.error_message)
    signed = None if expired else explain_signature(objection)
    facts, remedies = ((_BY_STS, signed[0]), signed[1]) if signed else (_error_facts(case, objection), ())
    return Diagnosis(
        cause=Cause.TEMPORARY_CREDENTIAL,
        confidence=Confidence.CERTAIN if expired else Confidence.LIKELY,
        facts=(*facts, *_account_facts(case), *_issue_facts(case)),
        remedies=(*remedies, FIND_WHICH_CREDENTIAL_WINS),
    )


def _error_facts(case: Case, objection: Objection) -> tuple[str, ...]:
    signal = case.signal
    if strip_client_prefix(signal.error_code) in EXPIRED_CODES:
        return ("AWS reports that the token has expired: the caller must get new credentials.",)
    why = _INVALID_SESSION if objection is Objection.TOKEN else _EXPIRED_OR_INCOMPLETE
    return (_BY_STS, why, *_old_token_facts(signal.region), *_limited_session_facts(case))


def _limited_session_facts(case: Case) -> tuple[str, ...]:
    """IAM rejects a good session of these kinds as if its token were invalid (STS API reference)."""
    issue, signal = case.evidence.issue, case.signal
    kind = _LIMITED_SESSIONS.get(issue.event_name if issue else "", "")
    is_limited = signal.service == "iam" or (
        signal.service == "sts" and signal.operation not in _ALWAYS_ALLOWED
    )
    return (kind,) if is_limited and kind else ()


def _old_token_facts(region: str) -> tuple[str, ...]:
    if not needs_opt_in(region):
        return ()
    where = sanitize(region)
    return (f"Or its token is version 1, from the global STS endpoint, which {where} does not accept.",)


def _account_facts(case: Case) -> tuple[str, ...]:
    account = decode_account(case.signal.access_key_id) if case.signal.has_usable_id else None
    if not account or account == case.deployment.account:
        return ()
    return (describe_foreign_account(account, case.deployment),)


def _issue_facts(case: Case) -> tuple[str, ...]:
    issue = case.evidence.issue
    if issue is not None:
        what = f"{sanitize(issue.by)} obtained it with {sanitize(issue.event_name)} at {moment(issue.at)}"
        return (f"{what}, for {_holder(issue)}.",)
    if not case.evidence.looked_up or case.evidence.is_unread(Source.ISSUE):
        return ()
    where = f"here and in {case.deployment.iam_region}"
    return (f"CloudTrail's last {HISTORY_DAYS} days, {where}, do not show who issued it.",)


def _holder(issue: Issue) -> str:
    return sanitize(issue.to) if issue.still_there else f"{sanitize(issue.to)}, which has been deleted since"
