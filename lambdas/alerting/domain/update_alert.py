"""The short alerts about an incident that people know already: what is new, the digest, the closing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.alerting.domain.alert import SUBJECT_LIMIT, Alert, attributes_of
from lambdas.alerting.domain.incident_wording import how_often, key_shown
from lambdas.alerting.domain.layout import body_of
from lambdas.aws.domain.wording import caller_shown, moment, place_shown
from lambdas.text import sanitize, sanitize_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from lambdas.aws.domain.iam import Caller
    from lambdas.incidents.domain.assessment import Assessment
    from lambdas.incidents.domain.incident import Incident, Reactivation
    from lambdas.incidents.domain.update_policy import PendingUpdate

_MOST_SHOWN = 5  # of the callers, and of the regions
_LEAST_OF_A_NAME = 12  # in a subject
_MOST_OF_A_NAME = 40  # as in that of the first alert
_CLOSES = "The incident closes when the failures have stopped."


def compose_update(incident: Incident, standing: Assessment, account: str, news: PendingUpdate) -> Alert:
    new = (*_new_callers(news), *_new_regions(news), *_passed(news))
    headline = f"still refused: {', '.join(_in_short(incident, news))}"
    return _alert(incident, standing, account, headline, ("WHAT IS NEW", new))


def compose_reactivation(
    incident: Incident, standing: Assessment, account: str, reactivated: Reactivation
) -> Alert:
    new = (_switched_on(reactivated), _CLOSES)
    headline = f"key reactivated after {_calls(incident.count)}" if incident.count else "key reactivated"
    return _alert(incident, standing, account, headline, ("WHAT IS NEW", new))


def compose_digest(incident: Incident, standing: Assessment, account: str) -> Alert:
    since = incident.count - incident.told.alert_count
    new = (f"{_calls(since)} refused since the last alert, the last at {moment(incident.last_seen)}.",)
    return _alert(incident, standing, account, _still_refused(incident), ("WHAT IS NEW", new))


def compose_closing(incident: Incident, standing: Assessment, account: str, mended: Sequence[str]) -> Alert:
    """`mended` are lines, harmless to print, on what ended it."""
    lasted = f" in {duration(incident.last_seen - incident.first_seen)}" if incident.count > 1 else ""
    headline = (
        f"closed: {_calls(incident.count)} refused{lasted}" if incident.count else "closed: none refused"
    )
    return _alert(incident, standing, account, headline, ("WHAT IS NEW", (*mended, _over(incident))))


def duration(length: timedelta) -> str:
    """In the largest unit of which there is at least one: `3 days`, `1 hour`, `12 minutes`, `5 seconds`."""
    seconds = int(length.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return _plural(seconds // size, unit)
    return _plural(seconds, "second")


def _alert(
    incident: Incident, standing: Assessment, account: str, headline: str, new: tuple[str, Sequence[str]]
) -> Alert:
    sections = (new, ("SO FAR", _so_far(incident, standing)), ("WHERE TO LOOK", _where_to_look(incident)))
    attributes = attributes_of(
        severity=standing.severity,
        decision=standing.action,
        account=account,
        cause=standing.cause,
        owner=standing.owner_name,
        region=standing.region,
        contact=standing.contact,
    )
    return Alert(
        subject=_subject(incident, standing, headline), body=body_of(sections), attributes=attributes
    )


def _subject(incident: Incident, standing: Assessment, headline: str) -> str:
    """The owner is who one searches for: service and region are left out where there is no room for both."""
    who = sanitize_name(standing.owner_name) if standing.owner_name else key_shown(incident)
    head = f"[{standing.severity}] {standing.cause}: "
    whole = f"{head}{who[:_MOST_OF_A_NAME]}, {headline}{_where(standing)}"
    if len(whole) <= SUBJECT_LIMIT:
        return whole
    room = max(_LEAST_OF_A_NAME, SUBJECT_LIMIT - len(f"{head}, {headline}"))
    return f"{head}{who[: min(room, _MOST_OF_A_NAME)]}, {headline}"[:SUBJECT_LIMIT]


def _where(standing: Assessment) -> str:
    return f" {place_shown(standing.service, standing.region)}" if standing.service else ""


def _so_far(incident: Incident, standing: Assessment) -> tuple[str, ...]:
    owner = f" of IAM user {sanitize_name(standing.owner_name)}" if standing.owner_name else ""
    contact = f", contact {sanitize(standing.contact, 80)}" if standing.contact else ""
    return (
        f"{key_shown(incident)}{owner}{contact}",
        f"{standing.cause} ({standing.confidence}), decision {standing.action}",
        how_often(incident) if incident.count else "no call is known to have failed",
        *_lines(incident.callers, "more callers"),
        *_rotation(incident),
        *_reactivation(incident),
    )


def _rotation(incident: Incident) -> tuple[str, ...]:
    end = incident.rotation
    if end is None:
        return ()
    if end.succeeded:
        names = f": the secret names {sanitize(end.new_key, 40)} now" if end.new_key else ""
        return (f"A rotation succeeded at {moment(end.at)}{names}.",)
    return (f"A rotation failed at {moment(end.at)}: {sanitize(end.reason)}.",)


def _reactivation(incident: Incident) -> tuple[str, ...]:
    told = incident.told.reactivated_at
    known = incident.reactivated is not None and incident.reactivated.at == told
    return (_switched_on(incident.reactivated),) if known and incident.reactivated else ()


def _where_to_look(incident: Incident) -> tuple[str, ...]:
    has_key = not incident.key.startswith("none:")
    shown = incident.incident_id if has_key else f"of a call without a key, opened {incident.opened_at}"
    return (
        f"Incident {shown}",
        "What to run is in the earlier alerts of this incident.",
    )


def _new_callers(news: PendingUpdate) -> list[str]:
    if not news.callers:
        return []
    return [f"{_plural(len(news.callers), 'new caller')}:", *_lines(news.callers, "more new callers")]


def _new_regions(news: PendingUpdate) -> list[str]:
    shown = ", ".join(sanitize(region, 30) for region in news.regions[:_MOST_SHOWN])
    left = len(news.regions) - _MOST_SHOWN
    more = f" and {left} more" if left > 0 else ""
    return [f"calls in {_plural(len(news.regions), 'other region')}: {shown}{more}"] if news.regions else []


def _passed(news: PendingUpdate) -> list[str]:
    return [f"the count of refused calls has reached {news.passed:,}"] if news.passed else []


def _in_short(incident: Incident, news: PendingUpdate) -> list[str]:
    callers = [_plural(len(news.callers), "new caller")] if news.callers else []
    regions = [_plural(len(news.regions), "new region")] if news.regions else []
    return [*callers, *regions, *([f"{_calls(incident.count)} so far"] if news.passed else [])]


def _lines(callers: Sequence[Caller], of_what: str) -> list[str]:
    lines = [f"from {caller_shown(caller)}" for caller in callers[:_MOST_SHOWN]]
    left = len(callers) - _MOST_SHOWN
    return [*lines, f"and {left} {of_what}"] if left > 0 else lines


def _still_refused(incident: Incident) -> str:
    return f"still refused: {_calls(incident.count)} so far"


def _switched_on(reactivated: Reactivation) -> str:
    return f"{sanitize(reactivated.by)} switched the key on again at {moment(reactivated.at)}."


def _over(incident: Incident) -> str:
    last = f"The last failure was at {moment(incident.last_seen)}. " if incident.count else ""
    return f"{last}The next failure opens another incident, and alerts again."


def _calls(count: int) -> str:
    return _plural(count, "call")


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
