"""The short alerts after the first one of an incident: updates, digests, reactivation and closing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lambdas.alerting.domain.alert import BODY_LIMIT, SUBJECT_LIMIT, Alert, attributes_of
from lambdas.alerting.domain.incident_wording import (
    caller_lines,
    calls_shown,
    duration,
    how_often,
    incident_shown,
    key_shown,
    other_sources,
    plural,
)
from lambdas.alerting.domain.layout import render_body, what_to_run
from lambdas.alerting.domain.pointers import ALERTS_PAGE, how_to_keep_it_quiet, page
from lambdas.aws.domain.deployment import Deployment
from lambdas.aws.domain.wording import callers_shown, moment, place_shown
from lambdas.detection.domain.callers import one_of_each_source_first
from lambdas.diagnosis.domain.cause import Severity
from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.incidents.domain.incident import Assessment, Incident, Reactivation
from lambdas.incidents.domain.owner_alerts import HeldKeys
from lambdas.incidents.domain.update_policy import PendingUpdate
from lambdas.text import sanitize, sanitize_account, sanitize_name

_MAX_SHOWN = 5  # of the callers, and of the regions
_MIN_NAME_LENGTH = 12  # in a subject
_MAX_NAME_LENGTH = 40  # as in the subject of the first alert
_CLOSES = "The incident closes when the failures have stopped."


@dataclass(frozen=True, kw_only=True)
class Help:
    """Of the present diagnosis and decision."""

    ask: tuple[str, ...] = ()  # a line on whom to ask before anything is undone
    remedies: tuple[Remedy, ...] = ()
    notes: tuple[str, ...] = ()  # sanitised lines to add to what is new


NO_HELP = Help()


def compose_update(
    incident: Incident,
    alerted: Assessment,
    deployment: Deployment,
    update: PendingUpdate,
    help_now: Help = NO_HELP,
) -> Alert:
    new = (*_new_callers(update), *_new_regions(update), *_passed(update), *help_now.notes)
    headline = f"still refused: {', '.join(_in_short(incident, update))}"
    return _alert(incident, alerted, deployment, headline, ("WHAT IS NEW", new), help_now=help_now)


def compose_reactivation(
    incident: Incident,
    alerted: Assessment,
    deployment: Deployment,
    reactivation: Reactivation,
    status: str = "",
) -> Alert:
    """`status` is what IAM says of the key now, as a sentence."""
    new = (_reactivated_by(reactivation), *([status] if status else []), _CLOSES)
    headline = f"key reactivated after {calls_shown(incident.count)}" if incident.count else "key reactivated"
    return _alert(incident, alerted, deployment, headline, ("WHAT IS NEW", new))


def compose_held_changes(incident: Incident, alerted: Assessment, deployment: Deployment) -> Alert:
    held = incident.reported.held_changes
    times = plural(held, "time")
    new = (
        f"The key was deactivated or reactivated {times} more since the last alert about that.",
        *_last_change(incident),
    )
    return _alert(incident, alerted, deployment, f"key switched {times} more", ("WHAT IS NEW", new))


def compose_held_keys(
    incident: Incident, alerted: Assessment, deployment: Deployment, held: HeldKeys
) -> Alert:
    """Of the owner: they share the alert of the incident."""
    keys = plural(held.count, "more key")
    left = held.count - len(held.named)
    new = (
        f"{keys} of this user without an alert, of the same severity and decision:",
        *held.named,
        *([f"and {left} more"] if left > 0 else []),
        "Each has an incident of its own.",
    )
    return _alert(incident, alerted, deployment, keys, ("WHAT IS NEW", new))


def compose_digest(
    incident: Incident, alerted: Assessment, deployment: Deployment, help_now: Help = NO_HELP
) -> Alert:
    since = incident.count - incident.reported.alert_count
    new = (
        f"{calls_shown(since)} refused since the last alert, the last at {moment(incident.last_seen)}.",
        *help_now.notes,
    )
    return _alert(
        incident, alerted, deployment, _still_refused(incident), ("WHAT IS NEW", new), help_now=help_now
    )


def compose_closing(
    incident: Incident, alerted: Assessment, deployment: Deployment, explanation: Sequence[str]
) -> Alert:
    """`explanation` are lines for people, sanitised, on what resolved the incident."""
    lasted = f" in {duration(incident.last_seen - incident.first_seen)}" if incident.count > 1 else ""
    headline = (
        f"closed: {calls_shown(incident.count)} refused{lasted}" if incident.count else "closed: none refused"
    )
    low = replace(alerted, severity=Severity.LOW)
    return _alert(incident, low, deployment, headline, ("WHAT IS NEW", (*explanation, _over(incident))))


def _alert(  # noqa: PLR0913 -- what differs from kind to kind
    incident: Incident,
    alerted: Assessment,
    deployment: Deployment,
    headline: str,
    new: tuple[str, Sequence[str]],
    *,
    help_now: Help = NO_HELP,
) -> Alert:
    attributes = attributes_of(
        severity=alerted.severity,
        decision=alerted.action,
        account=deployment.account,
        cause=alerted.cause,
        owner=alerted.owner.name,
        region=alerted.region,
        contact=alerted.contact,
    )
    return Alert(
        subject=_subject(incident, alerted, headline),
        body=_body(incident, alerted, deployment, new, help_now),
        attributes=attributes,
    )


def _body(
    incident: Incident,
    alerted: Assessment,
    deployment: Deployment,
    new: tuple[str, Sequence[str]],
    help_now: Help,
) -> str:
    """With as many remedies as fit, the first ones first."""
    so_far = ("SO FAR", _so_far(incident, alerted, deployment))
    look = ("WHERE TO LOOK", _where_to_look(incident, alerted, deployment))
    bodies = [
        render_body((new, so_far, ("WHAT TO RUN", _what_to_run(help_now, count, deployment.region)), look))
        for count in reversed(range(len(help_now.remedies) + 1))
    ]
    return next((body for body in bodies if body.count("\n") <= BODY_LIMIT), bodies[-1])


def _what_to_run(help_now: Help, count: int, region: str) -> list[str]:
    commands = what_to_run(help_now.remedies[:count], region)
    return [*help_now.ask, *commands] if commands else []


def _subject(incident: Incident, alerted: Assessment, headline: str) -> str:
    """The owner comes first, as people search for it: service and region are left out if both do not fit."""
    who = sanitize_name(alerted.owner.name) if alerted.owner.name else _what(incident)
    head = f"[{alerted.severity}] {alerted.cause}: "
    whole = f"{head}{who[:_MAX_NAME_LENGTH]}, {headline}{_where(alerted)}"
    if len(whole) <= SUBJECT_LIMIT:
        return whole
    room = max(_MIN_NAME_LENGTH, SUBJECT_LIMIT - len(f"{head}, {headline}"))
    return f"{head}{who[: min(room, _MAX_NAME_LENGTH)]}, {headline}"[:SUBJECT_LIMIT]


def _what(incident: Incident) -> str:
    """As the subject of the first alert."""
    return "exposed secret" if incident.exposes_secret else key_shown(incident)


def _where(alerted: Assessment) -> str:
    return f" {place_shown(alerted.service, alerted.region)}" if alerted.service else ""


def _so_far(incident: Incident, alerted: Assessment, deployment: Deployment) -> tuple[str, ...]:
    account = sanitize_account(deployment.account_label(deployment.account))
    region = f", {sanitize(alerted.region, 30)}" if alerted.region else ""
    owner = f" of IAM user {sanitize_name(alerted.owner.name)}" if alerted.owner.name else ""
    contact = f", contact {sanitize(alerted.contact, 80)}" if alerted.contact else ""
    return (
        f"{key_shown(incident)}{owner}{contact}, account {account}{region}",
        f"{alerted.cause} ({alerted.confidence}), decision {alerted.action}",
        how_often(incident) if incident.count else "no call is known to have failed",
        *_lines(caller_lines(incident), "more callers"),
        *other_sources(incident),
        *_rotation(incident),
        *_reactivation(incident),
    )


def _rotation(incident: Incident) -> tuple[str, ...]:
    end = incident.rotation
    if end is None:
        return ()
    if end.succeeded:
        now = f": the secret now contains {sanitize(end.new_key, 40)}" if end.new_key else ""
        return (f"A rotation succeeded at {moment(end.at)}{now}.",)
    return (f"A rotation failed at {moment(end.at)}: {sanitize(end.reason)}.",)


def _reactivation(incident: Incident) -> tuple[str, ...]:
    reactivation = incident.reactivation
    is_reported = reactivation is not None and reactivation.at == incident.reported.reactivated_at
    return (_reactivated_by(reactivation),) if reactivation and is_reported else ()


def _where_to_look(incident: Incident, alerted: Assessment, deployment: Deployment) -> tuple[str, ...]:
    return (
        f"Incident {incident_shown(incident)}, see {page(deployment, ALERTS_PAGE)}",
        f"The alert of {moment(alerted.at)} about it says why, and has all commands.",
        how_to_keep_it_quiet(incident, alerted.cause, alerted.owner.name, deployment),
    )


def _new_callers(update: PendingUpdate) -> list[str]:
    if not update.callers:
        return []
    new = [f"from {caller}" for caller in callers_shown(one_of_each_source_first(update.callers))]
    return [f"{plural(len(update.callers), 'new caller')}:", *_lines(new, "more new callers")]


def _new_regions(update: PendingUpdate) -> list[str]:
    shown = ", ".join(sanitize(region, 30) for region in update.regions[:_MAX_SHOWN])
    left = len(update.regions) - _MAX_SHOWN
    more = f" and {left} more" if left > 0 else ""
    return (
        [f"calls in {plural(len(update.regions), 'other region')}: {shown}{more}"] if update.regions else []
    )


def _passed(update: PendingUpdate) -> list[str]:
    return [f"the count of refused calls has reached {update.passed:,}"] if update.passed else []


def _in_short(incident: Incident, update: PendingUpdate) -> list[str]:
    callers = [plural(len(update.callers), "new caller")] if update.callers else []
    regions = [plural(len(update.regions), "new region")] if update.regions else []
    return [*callers, *regions, *([f"{calls_shown(incident.count)} so far"] if update.passed else [])]


def _lines(lines: Sequence[str], of_what: str) -> list[str]:
    left = len(lines) - _MAX_SHOWN
    shown = list(lines[:_MAX_SHOWN])
    return [*shown, f"and {left} {of_what}"] if left > 0 else shown


def _still_refused(incident: Incident) -> str:
    return f"still refused: {calls_shown(incident.count)} so far"


def _reactivated_by(reactivation: Reactivation) -> str:
    return f"{sanitize(reactivation.by)} reactivated the key at {moment(reactivation.at)}."


def _last_change(incident: Incident) -> tuple[str, ...]:
    latest, reactivation = incident.latest, incident.reactivation
    change = incident.signal.predicted_outage if incident.signal else None
    diagnosed = (f"The last diagnosis was {latest.cause}, at {moment(latest.at)}.",) if latest else ()
    if reactivation and (change is None or reactivation.at >= change.at):
        return (*diagnosed, _reactivated_by(reactivation))
    if change is None:
        return diagnosed
    return (*diagnosed, f"{sanitize(change.event_name)} by {sanitize(change.by)} at {moment(change.at)}.")


def _over(incident: Incident) -> str:
    last = f"The last failure was at {moment(incident.last_seen)}. " if incident.count else ""
    return f"{last}The next failure opens a new incident and sends a new alert."
