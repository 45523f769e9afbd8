"""When an incident is evaluated again, and by which signal. A repeat of what was reported is only counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from zlib import crc32

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam_events import UPDATE_KEY
from lambdas.aws.domain.rejections import find_objection
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.detection.domain.signal import Signal
from lambdas.detection.domain.signal_group import SignalGroup
from lambdas.diagnosis.domain.cause import OF_ACTIVE_KEYS, Cause
from lambdas.incidents.domain.incident import Assessment, Incident, TriageState
from lambdas.ledger.domain.key_state_change import KeyStateChange
from lambdas.rotation.domain.rotation_context import budget_renewed_at

# A suppressed incident is evaluated again, as the reason may be gone, but not at each batch of the same
# callers.
REEVALUATED_AFTER = timedelta(minutes=1)
# One whose owner has many is so when there may be room for its alert.
_HELD_REEVALUATED_AFTER = timedelta(hours=1)

# Only an evaluation shows whether a change would still be refused. It costs some reads of IAM and CloudTrail,
# and a storm may have a thousand incidents.
RETRIED_AFTER = timedelta(minutes=10)

# IAM's answers lag behind a change, and an evaluation takes some seconds.
SEEN_BY_IAM = timedelta(minutes=1)


def signal_to_evaluate(incident: Incident, group: SignalGroup, now: datetime) -> Signal | None:
    """None if the incident is not evaluated now. `incident` has counted the signals already."""
    signal, known = group.signal, incident.signal
    if incident.triage is TriageState.PENDING:
        return known if known and known.error_class > signal.error_class else signal
    if incident.triage is TriageState.SUPPRESSED:
        is_more_specific = (
            known is None or signal.error_class > known.error_class or group.predicted_outage is not None
        )
        is_due = is_more_specific or _has_a_new_caller(incident) or _was_evaluated_long_ago(incident, now)
        return signal if is_due else None
    if incident.awaits_first_failure and _is_first_failure(incident, signal):
        return signal  # whatever was done to the key in the same batch
    if fails_for_another_reason(incident, signal):
        return signal
    return _on_a_deactivation(incident, group.predicted_outage) if group.predicted_outage else None


def _is_first_failure(incident: Incident, signal: Signal) -> bool:
    """A leaked key works on, so that only a rejection of the key says something new."""
    is_leak = incident.signal is not None and incident.signal.is_leak
    least = ErrorClass.KEY_REJECTED if is_leak else ErrorClass.NO_ERROR
    return signal.predicted_outage is None and signal.error_class >= least


def fails_for_another_reason(incident: Incident, signal: Signal) -> bool:
    """Than those that were alerted. Only the calls with an active key have reasons of their own."""
    alerted = incident.alerted
    if alerted is None or alerted.cause is not Cause.ACTIVE_KEY_REJECTED:
        return False
    is_about_the_key = signal.error_class in {ErrorClass.KEY_REJECTED, ErrorClass.RELATED_CREDENTIAL_ERROR}
    return is_about_the_key and objection_of(signal) not in incident.reported.objections


def objection_of(signal: Signal) -> str:
    return find_objection(signal.error_code, signal.error_message).name


def reevaluated_after(incident: Incident) -> timedelta:
    return _HELD_REEVALUATED_AFTER if incident.reported.is_held else REEVALUATED_AFTER


def failed_since_it_was_suppressed(incident: Incident, now: datetime) -> bool:
    """Whether calls have failed since the last evaluation, and the next one is due."""
    if incident.latest is None or incident.triage is not TriageState.SUPPRESSED:
        return False
    return incident.count > incident.latest.count and _was_evaluated_long_ago(incident, now)


def retry_at(incident: Incident) -> datetime | None:
    """When a change that was due, but refused, is tried again, whether or not calls go on failing: the key of
    an open incident is still dead. None if none was refused.
    """
    latest = incident.latest
    if latest is None or latest.action is not Action.REFUSE:
        return None
    if latest.guardrail is Guardrail.BUDGET:
        return budget_renewed_at(latest.at) + _turn(incident)
    return latest.at + RETRIED_AFTER


def _turn(incident: Incident) -> timedelta:
    """When an hour begins, the timer has no time for all incidents of a storm at once."""
    return timedelta(seconds=crc32(incident.key.encode()) % int(RETRIED_AFTER.total_seconds()))


def is_retry_due(incident: Incident, now: datetime) -> bool:
    at, end = retry_at(incident), incident.open_until
    return at is not None and at <= now and (end is None or now < end)


def was_changed_since(incident: Incident, change: KeyStateChange) -> bool:
    """Whether people know of the incident, but not of the change of its key."""
    latest = incident.latest
    if latest is None or incident.alerted is None:
        return False
    if change.event_name == UPDATE_KEY and incident.alerted.cause in OF_ACTIVE_KEYS:
        return False
    if change.event_name != UPDATE_KEY:
        return change.at >= latest.at and not incident.awaits_first_failure
    return _is_newer(incident, change) and not _was_rejected_since(incident, change, latest)


def _is_newer(incident: Incident, reactivation: KeyStateChange) -> bool:
    """Than the first failure, and than the reactivation that is known."""
    reported_at, known = incident.reported.reactivated_at, incident.reactivation
    is_reported = reported_at is not None and reactivation.at <= reported_at
    is_newest = known is None or reactivation.at >= known.at
    return reactivation.at > incident.first_seen and not is_reported and is_newest


def _was_rejected_since(incident: Incident, reactivation: KeyStateChange, latest: Assessment) -> bool:
    """The evaluation behind the alert was long after the reactivation: the key was deactivated again. If the
    last evaluation found something else, the record of the reactivation is late.
    """
    is_as_alerted = incident.alerted is not None and latest.cause is incident.alerted.cause
    return is_as_alerted and latest.at > reactivation.at + SEEN_BY_IAM


def _on_a_deactivation(incident: Incident, signal: Signal) -> Signal | None:
    """A prediction is evaluated again when it gets worse. Any incident is, when its key was deactivated after
    the last evaluation: by its failed call if the key was deleted, because that still fails. Likewise one
    whose key was deactivated by an unknown principal: the record that has arrived may name it.
    """
    change, latest = signal.predicted_outage, incident.latest
    if change is not None and change.is_leak:
        return signal if latest is None or latest.cause is not Cause.QUARANTINED_KEY else None
    if incident.awaits_first_failure or change is None or latest is None:
        return signal
    if change.at > latest.at:
        return signal if change.event_name == UPDATE_KEY else incident.signal
    return incident.signal if latest.guardrail is Guardrail.SWITCHED_OFF_BY_A_PERSON else None


def _has_a_new_caller(incident: Incident) -> bool:
    """Of an exempt incident: the exemption may not cover the caller. An incident stores few callers and
    removes none, so that many callers do not cause many evaluations.
    """
    latest = incident.latest
    is_exempt = latest is not None and latest.guardrail is Guardrail.EXEMPT
    return is_exempt and latest is not None and len(incident.callers) > latest.caller_count


def _was_evaluated_long_ago(incident: Incident, now: datetime) -> bool:
    return incident.latest is None or now >= incident.latest.at + reevaluated_after(incident)
