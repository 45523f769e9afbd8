"""AWS found the key in public: it quarantined the owner, or AWS Health reported the key."""

from __future__ import annotations

from lambdas.aws.domain.wording import moment
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case, Confidence, Diagnosis, Remedy
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.remedies import deactivate, list_keys, list_recent_calls
from lambdas.diagnosis.domain.unread import Source
from lambdas.diagnosis.domain.wording import describe_last_use, describe_leak
from lambdas.ledger.domain.owner import Owner
from lambdas.text import sanitize, sanitize_name


def diagnose(case: Case) -> Diagnosis | None:
    evidence = case.evidence
    if evidence.owner is None or not (evidence.has_leaked or _is_only_recorded(case)):
        return None
    return Diagnosis(
        cause=Cause.QUARANTINED_KEY,
        confidence=Confidence.CERTAIN,
        facts=_facts(case, evidence.owner),
        remedies=_remedies(case, evidence.owner),
    )


def _is_only_recorded(case: Case) -> bool:
    """AWS's record of the leak counts where it cannot be compared with what it is about."""
    change = case.signal.predicted_outage
    if change is None or not change.is_leak:
        return False
    return case.evidence.is_unread(Source.QUARANTINE if change.is_quarantine else Source.LEDGER)


def _is_any_of_the_user(case: Case) -> bool:
    change = case.signal.predicted_outage
    return change is not None and change.is_quarantine and case.evidence.exposed_at is None


def _facts(case: Case, owner: Owner) -> tuple[str, ...]:
    evidence = case.evidence
    which = "Its record does not say which key that is: each key of the user has an alert."
    return (
        describe_leak(evidence, sanitize_name(owner.name)) or _recorded_leak(case, owner),
        *([which] if _is_any_of_the_user(case) else []),
        f"Treat the key as leaked.{_state(evidence)}",
        (
            f"{_first(evidence)} what was done with it. Only then give the application"
            " other credentials, and store no new key in the same place. A leaked key is never"
            " rotated automatically."
        ),
        *describe_last_use(evidence),
    )


def _first(evidence: Evidence) -> str:
    """A key that does not work any more is contained."""
    if evidence.key and evidence.key.is_active:
        return "Contain it first, then check"
    return "Leave it inactive, and check" if evidence.key else "Check"


def _recorded_leak(case: Case, owner: Owner) -> str:
    change = case.signal.predicted_outage
    if change is None:
        return ""
    at, name = moment(change.at), sanitize_name(owner.name)
    if change.is_quarantine:
        return (
            f"AWS's record of {at} says that its quarantine policy was attached to {name}: AWS found a key of"
            " this user in public. Whether IAM shows the policy could not be read."
        )
    return f"AWS Health reported the key as exposed at {at}."


def _state(evidence: Evidence) -> str:
    if evidence.key:
        return f" IAM lists it as {sanitize(evidence.key.status)}."
    return "" if evidence.is_unread(Source.LISTING) else " IAM no longer lists it."


def _remedies(case: Case, owner: Owner) -> tuple[Remedy, ...]:
    key = case.signal.access_key_id
    is_active = case.evidence.key is not None and case.evidence.key.is_active
    first = deactivate(owner.name, key) if is_active else list_keys(owner.name)
    return (first, list_recent_calls(key))
