"""What resolved an incident, as far as current evidence and the incident itself show."""

from __future__ import annotations

from datetime import timedelta

from lambdas.aws.domain.iam import LastUse
from lambdas.aws.domain.wording import moment
from lambdas.diagnosis.domain.cause import OF_ACTIVE_KEYS
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.diagnosis.domain.unread import Source, describe_unread
from lambdas.incidents.domain.incident import Incident
from lambdas.text import sanitize

# A rotation tests its new key itself, and IAM reports a last use to a quarter of an hour, rounded down
# (aws-facts 4.4): only a use that it reports clearly later is not our own.
_OWN_TEST = timedelta(minutes=2)
_UNEXPLAINED = "The calls stopped; the cause of the recovery is unknown."


def explain_resolution(incident: Incident, evidence: Evidence) -> tuple[str, ...]:
    """Lines for people, sanitised."""
    found = (*_reactivated(incident, evidence), *_newer_key(evidence), *_rotated(incident))
    if found:
        return found
    stopped = _UNEXPLAINED if incident.count else _without_a_failure(incident)
    return (stopped, *_key_is_dead(evidence))


def _without_a_failure(incident: Incident) -> str:
    if incident.signal is not None and incident.signal.is_leak:
        return "No call is known to have failed."
    return "No call has failed: the predicted outage did not occur."


def consumer_is_healthy(incident: Incident, use: LastUse | None) -> bool:
    """Whether the new key of a rotation was used by an application, and no call has failed since. `use` is
    its last use.
    """
    if incident.rotation is None or use is None:
        return False
    return use.at >= incident.rotation.at + _OWN_TEST and use.at > incident.last_seen


def closed_by(incident: Incident) -> tuple[str, ...]:
    return (f"{sanitize(incident.closed_by, 200)} closed the incident.",) if incident.closed_by else ()


def new_key_in_use(use: LastUse) -> str:
    return f"The new key is in use: {sanitize(use.service)} in {sanitize(use.region)} at {moment(use.at)}."


def _reactivated(incident: Incident, evidence: Evidence) -> tuple[str, ...]:
    if evidence.key is None or not evidence.key.is_active:
        return ()
    if incident.alerted is not None and incident.alerted.cause in OF_ACTIVE_KEYS:
        return (f"{_UNEXPLAINED} The key was active all the time.",)
    known = (incident.reactivation, evidence.latest("UpdateAccessKey", "Active"))
    last = max((change for change in known if change), key=lambda change: change.at, default=None)
    if last is None and incident.signal is not None and incident.signal.is_leak:
        return ("The key is still active: a thief can use it until it is deactivated.",)
    if last is None:
        return ("The key is active again; who reactivated it is unknown.",)
    return (f"The key is active again: {sanitize(last.by)} reactivated it at {moment(last.at)}.",)


def describe_status(evidence: Evidence) -> str:
    """What IAM says of a reactivated key. It may have been deactivated or deleted since."""
    if _status_is_unknown(evidence):
        return " ".join(describe_unread(evidence.unread))
    if evidence.key is None:
        return "IAM does not list the key now." if evidence.looked_up else ""
    return f"IAM lists the key as {sanitize(evidence.key.status)} now."


def _key_is_dead(evidence: Evidence) -> tuple[str, ...]:
    """Only if the key has an owner: an unknown key that is still unknown needs no mention."""
    if evidence.owner is None or (evidence.key is not None and evidence.key.is_active):
        return ()
    if _status_is_unknown(evidence):
        return ()
    state = "is still inactive" if evidence.key else "no longer exists"
    return (f"The key {state}: a job that rarely runs will fail again.",)


def _status_is_unknown(evidence: Evidence) -> bool:
    return evidence.key is None and evidence.is_unread(Source.KEY, Source.LISTING)


def _newer_key(evidence: Evidence) -> tuple[str, ...]:
    successor = evidence.successor
    if successor is None or not successor.used_since:
        return ()
    use = successor.last_use
    return (
        (
            f"The owner's newer key {successor.access_key_id} is in use: {sanitize(use.service)} in"
            f" {sanitize(use.region)} at {moment(use.at)}."
        ),
    )


def _rotated(incident: Incident) -> tuple[str, ...]:
    end = incident.rotation
    if end is None or not end.succeeded:
        return ()
    return (f"A rotation stored a new key in the managed secret at {moment(end.at)}.",)
