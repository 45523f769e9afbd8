"""When an incident is judged again, and by which signal. A repeat of what was told is only counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.aws.domain.error_codes import ErrorClass
from lambdas.aws.domain.iam_events import UPDATE_KEY
from lambdas.decisions.domain.guardrails import Guardrail
from lambdas.incidents.domain.incident import TriageState

if TYPE_CHECKING:
    from datetime import datetime

    from lambdas.detection.domain.signal import Signal
    from lambdas.detection.domain.signal_group import SignalGroup
    from lambdas.incidents.domain.incident import Incident
    from lambdas.ledger.domain.key_state_change import KeyStateChange

# A suppressed incident is judged afresh, as what silenced it may no longer hold, but not at each batch of the
# same callers.
JUDGED_ANEW_AFTER = timedelta(minutes=1)

# IAM's answers lag behind what was changed, and a judgement takes some seconds.
SEEN_BY_IAM = timedelta(minutes=1)


def signal_to_evaluate(incident: Incident, sightings: SignalGroup, now: datetime) -> Signal | None:
    """None where nothing is to be judged. `incident` has counted the sightings already."""
    signal, known = sightings.signal, incident.signal
    if incident.attention is TriageState.PENDING:
        return known if known and known.error_class > signal.error_class else signal
    if incident.attention is TriageState.SUPPRESSED:
        tells_more = (
            known is None or signal.error_class > known.error_class or sightings.predicted_outage is not None
        )
        due = tells_more or _has_a_caller_unjudged(incident) or _was_judged_long_ago(incident, now)
        return signal if due else None
    has_failed = signal.predicted_outage is None and signal.error_class >= ErrorClass.NO_ERROR
    if incident.foreseen and has_failed:
        return signal  # whatever was done to the key in the same batch
    return _on_a_switch_off(incident, sightings.predicted_outage) if sightings.predicted_outage else None


def failed_since_it_was_suppressed(incident: Incident, now: datetime) -> bool:
    """Whether calls have failed that no judgement has seen, and the next one is due."""
    unseen = incident.attention is TriageState.SUPPRESSED and incident.count > incident.judged_count
    return unseen and _was_judged_long_ago(incident, now)


def was_changed_since(incident: Incident, change: KeyStateChange) -> bool:
    """Whether people know of the incident, and what they were told is older than this change of its key."""
    if incident.attention is TriageState.PENDING or incident.alerted is None or incident.judged_at is None:
        return False
    if change.event_name != UPDATE_KEY:
        return change.at >= incident.judged_at
    return _is_newer(incident, change) and not _was_found_dead_since(incident, change, incident.judged_at)


def _is_newer(incident: Incident, on: KeyStateChange) -> bool:
    """Than the first failure, and than what is known already."""
    told, known = incident.told.reactivated_at, incident.reactivated
    is_told = told is not None and on.at <= told
    return on.at > incident.first_seen and not is_told and (known is None or on.at >= known.at)


def _was_found_dead_since(incident: Incident, on: KeyStateChange, judged_at: datetime) -> bool:
    """The key was seen as people were told of it, long after it had been switched on: it was switched off
    again. What was found otherwise says that the record of the change is late.
    """
    is_as_told = incident.standing is not None and incident.standing.cause is incident.alerted
    return is_as_told and judged_at > on.at + SEEN_BY_IAM


def _on_a_switch_off(incident: Incident, signal: Signal) -> Signal | None:
    """What was only foreseen is judged again when it gets worse; any incident, when its key was switched
    off after it had been judged: by its failed call where the key is gone for good, since that still fails.
    So is one whose end nobody was known to have brought about: the record that has come may tell.
    """
    off, judged_at = signal.predicted_outage, incident.judged_at
    if incident.foreseen or off is None or judged_at is None:
        return signal
    if off.at > judged_at:
        return signal if off.event_name == UPDATE_KEY else incident.signal
    standing = incident.standing
    was_nobody = standing is not None and standing.guardrail is Guardrail.SWITCHED_OFF_BY_A_PERSON
    return incident.signal if was_nobody else None


def _has_a_caller_unjudged(incident: Incident) -> bool:
    """Of an exempt incident: the caller may be nobody whom the exemption is for. An incident keeps few
    callers and forgets none, so that a storm of them leads to no storm of judgements.
    """
    standing = incident.standing
    is_exempt = standing is not None and standing.guardrail is Guardrail.EXEMPT
    return is_exempt and len(incident.callers) > incident.judged_callers


def _was_judged_long_ago(incident: Incident, now: datetime) -> bool:
    return incident.judged_at is None or now >= incident.judged_at + JUDGED_ANEW_AFTER
