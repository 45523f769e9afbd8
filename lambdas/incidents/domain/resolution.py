"""What ended an incident, as far as evidence of the moment and the incident itself tell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.aws.domain.wording import moment
from lambdas.text import sanitize

if TYPE_CHECKING:
    from lambdas.aws.domain.iam import KeyChange, LastUse
    from lambdas.diagnosis.domain.evidence import Evidence
    from lambdas.incidents.domain.incident import Incident

# A rotation tries its new key itself, and IAM tells a last use to a quarter of an hour, rounded down
# (aws-facts 4.4): only a use that it dates clearly later is somebody else's.
_OWN_TRIAL = timedelta(minutes=2)
_NOTHING_TELLS = "Nothing tells what mended it: the calls just stopped."


def explain_resolution(incident: Incident, evidence: Evidence) -> tuple[str, ...]:
    """Lines, harmless to print."""
    found = (*_key_is_on(incident, evidence), *_newer_key(evidence), *_rotated(incident))
    if found:
        return found
    stopped = _NOTHING_TELLS if incident.count else "Nothing has failed that was foreseen."
    return (stopped, *_key_is_dead(evidence))


def consumer_is_healthy(incident: Incident, use: LastUse | None) -> bool:
    """`use` is the last one of the key to which a rotation changed the secret: whoever reads the secret
    uses it by now, and no call has failed since.
    """
    if incident.rotation is None or use is None:
        return False
    return use.at >= incident.rotation.at + _OWN_TRIAL and use.at > incident.last_seen


def new_key_in_use(use: LastUse) -> str:
    return f"The new key is in use: {sanitize(use.service)} in {sanitize(use.region)} at {moment(use.at)}."


def _key_is_on(incident: Incident, evidence: Evidence) -> tuple[str, ...]:
    if evidence.key is None or not evidence.key.is_active:
        return ()
    on = incident.reactivated
    recorded = _newest_switching_on(evidence)
    if on and (recorded is None or on.at >= recorded.at):
        return (f"The key is active again: {sanitize(on.by)} switched it on at {moment(on.at)}.",)
    if recorded:
        return (f"The key is active again: {sanitize(recorded.by)} switched it on at {moment(recorded.at)}.",)
    return ("The key is active again; nothing tells who switched it on.",)


def _key_is_dead(evidence: Evidence) -> tuple[str, ...]:
    """As an owner names it: that an unknown key is unknown is nothing new."""
    if evidence.owner is None or (evidence.key is not None and evidence.key.is_active):
        return ()
    state = "inactive" if evidence.key else "gone"
    return (f"The key is still {state}: a job that runs seldom will fail again.",)


def _newest_switching_on(evidence: Evidence) -> KeyChange | None:
    return evidence.latest("UpdateAccessKey", "Active")


def _newer_key(evidence: Evidence) -> tuple[str, ...]:
    successor = evidence.successor
    if successor is None:
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
    return (f"A rotation gave the managed secret a new key at {moment(end.at)}.",)
