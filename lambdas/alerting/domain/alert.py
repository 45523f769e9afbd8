"""The first alert of an incident: its text, and the attributes that subscriptions filter by.

Text that a caller may have written is sanitised here, or where a fact was worded. Commands and links contain
the real names, quoted so that they run as printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from lambdas.alerting.domain.caller_advice import advice_for
from lambdas.alerting.domain.closing_command import close_incident
from lambdas.alerting.domain.incident_wording import (
    caller_lines,
    calls_shown,
    how_often,
    incident_shown,
    key_shown,
    other_sources,
)
from lambdas.alerting.domain.layout import render_body, what_to_run
from lambdas.alerting.domain.pointers import ALERTS_PAGE, how_to_keep_it_quiet, page, whom_to_ask
from lambdas.aws.domain.wording import moment, place_shown
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import Cause, Severity
from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.incidents.domain.finding import Finding
from lambdas.incidents.domain.incident import Incident
from lambdas.incidents.domain.outbox import Message
from lambdas.incidents.domain.owner_alerts import MAX_KEYS
from lambdas.text import printable, sanitize, sanitize_account, sanitize_name

SUBJECT_LIMIT = 99  # SNS API reference, Publish, Subject: less than 100 characters
BODY_LIMIT = 40  # lines: what is read without scrolling
_MAX_SHOWN = 3  # callers, and kinds of advice
_UNKNOWN = "-"
_WITHOUT_A_KEY = frozenset({Cause.PLACEHOLDER_KEY, Cause.TEMPORARY_CREDENTIAL, Cause.ROOT_KEY})
_FURTHER_KEYS = (
    f"{MAX_KEYS} other keys of this user had such an alert in the last hour: further ones have none, but an"
    " update of this incident names them."
)


@dataclass(frozen=True, kw_only=True)
class Alert:
    subject: str
    body: str
    attributes: Mapping[str, str]  # SNS message attributes of type String, none empty

    @property
    def message(self) -> Message:
        return {"subject": self.subject, "body": self.body, "attributes": dict(self.attributes)}

    @classmethod
    def of(cls, message: Message) -> Alert:
        return cls(**message)


def attributes_of(  # noqa: PLR0913 -- all by name, each an attribute
    *,
    severity: Severity,
    decision: Action,
    account: str,
    cause: str = "",
    owner: str = "",
    region: str = "",
    contact: str = "",
) -> dict[str, str]:
    """`owner` must be a valid user name. An empty text is an unknown value."""
    return {
        "cause": cause or _UNKNOWN,
        "decision": decision.value,
        "severity": severity.value,
        "owner": owner or _UNKNOWN,
        "account": account,
        "region": sanitize(region, 64),
        "contact": printable(contact) or _UNKNOWN,
    }


def compose_alert(finding: Finding, *, is_shared: bool = False) -> Alert:
    """`is_shared`: by further keys of the owner (incidents/domain/owner_alerts.py)."""
    body = _body(finding, is_shared=is_shared)
    return Alert(subject=_subject(finding), body=body, attributes=_attributes(finding))


def _subject(finding: Finding) -> str:
    """What people sort and search by comes first. The account's name is left out if it does not fit."""
    who = sanitize_name(finding.owner_name) if finding.owner_name else _whose(finding)
    head = f"[{finding.decision.severity}] {finding.diagnosis.cause}: {who[:40]}, "
    fails = _what_fails(finding)
    whole = f"{head}{_account_named(finding)}{fails}"
    return whole if len(whole) <= SUBJECT_LIMIT else f"{head}{fails}"[:SUBJECT_LIMIT]


def _whose(finding: Finding) -> str:
    return "exposed secret" if finding.diagnosis.exposes_secret else key_shown(finding.incident)


def _account_named(finding: Finding) -> str:
    name = finding.case.deployment.known_accounts.get(finding.case.signal.account)
    return f"{sanitize(name, 24)} " if name else ""


def _body(finding: Finding, *, is_shared: bool) -> str:
    """With as many callers and as much advice as fit, and at least one of each. If the decision offers a
    choice of keys to remove, the last remedy of the diagnosis may be left out.
    """
    remedies = (*finding.decision.remedies_with(finding.diagnosis), *_closing(finding))
    owner = (_whose_key(finding), *([_FURTHER_KEYS] if is_shared else []))
    bodies = [_body_showing(finding, owner, limit, remedies) for limit in range(_MAX_SHOWN, 0, -1)]
    least, most = len(finding.decision.remedies), len(remedies)
    bodies += [_body_showing(finding, owner, 1, remedies[:count]) for count in reversed(range(least, most))]
    return next((body for body in bodies if body.count("\n") <= BODY_LIMIT), bodies[-1])


def _body_showing(finding: Finding, owner: tuple[str, ...], limit: int, remedies: tuple[Remedy, ...]) -> str:
    happened = _what_happened(finding)
    sections = (
        ("WHAT HAPPENED", happened),
        ("WHAT FAILED", () if happened else _what_failed(finding, limit)),
        ("WHOSE KEY", owner),
        (f"WHY: {finding.diagnosis.cause} ({finding.diagnosis.confidence})", _why(finding)),
        ("WHAT TO RUN", _what_to_run(finding, remedies)),
        ("LONG TERM", _advice(finding, limit)),
        ("WHAT WAS DONE", (_what_was_done(finding),)),
        ("WHERE TO LOOK", _links(finding)),
    )
    return render_body(sections)


def _what_to_run(finding: Finding, remedies: tuple[Remedy, ...]) -> list[str]:
    ask = whom_to_ask(finding.case, finding.diagnosis.cause, finding.at)
    commands = what_to_run(remedies, finding.case.deployment.region)
    return [*ask, *commands] if commands else []


def _closing(finding: Finding) -> tuple[Remedy, ...]:
    if not finding.diagnosis.exposes_secret:
        return ()
    return close_incident(finding.incident.ref, finding.case.deployment)


def _what_failed(finding: Finding, limit: int) -> tuple[str, ...]:
    signal, incident = finding.case.signal, finding.incident
    return (
        (
            f"{sanitize(signal.service, 30)} {sanitize(signal.operation, 60)}"
            f" in {sanitize(signal.region, 30)}, {_account_shown(finding)}"
        ),
        f"{sanitize(signal.error_code, 60)}: {sanitize(signal.error_message)}",
        how_often(incident),
        *_callers(incident, limit),
    )


def _what_fails(finding: Finding) -> str:
    signal, use = finding.case.signal, finding.case.evidence.last_use
    if signal.predicted_outage is None:
        return f"calls refused {place_shown(signal.service, signal.region)}"
    if signal.is_leak:
        return "key found in public"
    return "calls will be refused" + (f" {place_shown(use.service, use.region)}" if use else "")


def _account_shown(finding: Finding) -> str:
    label = finding.case.deployment.account_label(finding.case.signal.account)
    return f"account {sanitize_account(label)}"


def _what_happened(finding: Finding) -> tuple[str, ...]:
    change = finding.case.signal.predicted_outage
    if change is None:
        return ()
    call, by = sanitize(change.event_name, 40), sanitize(change.by)
    what = f"{call} by {by} at {moment(change.at)}, {_account_shown(finding)}."
    return (what, _failed_so_far(finding.incident))


def _failed_so_far(incident: Incident) -> str:
    if not incident.count:
        return "No call is known to have failed yet."
    return f"In this incident {calls_shown(incident.count)} failed, the last at {moment(incident.last_seen)}."


def _callers(incident: Incident, limit: int) -> list[str]:
    return [*_first(caller_lines(incident), limit, "callers"), *other_sources(incident)]


def _first(lines: Sequence[str], limit: int, noun: str) -> list[str]:
    """The last line says how many are left out, so that this needs no line of its own."""
    shown, left = list(lines[:limit]), len(lines) - limit
    return [*shown[:-1], f"{shown[-1]} (and {left} more {noun})"] if left > 0 else shown


def _whose_key(finding: Finding) -> str:
    key, owner = key_shown(finding.incident), finding.case.evidence.owner
    if owner is not None:
        user_id = f" ({sanitize(owner.user_id, 40)})" if owner.user_id else ""
        return f"{key} of IAM user {sanitize_name(owner.name)}{user_id}{_contact(finding)}"
    if finding.case.signal.has_usable_id:
        return f"{key}: no IAM user of account {finding.case.deployment.account} is known as its owner"
    if finding.case.signal.folded_into:
        return f"{key}: no key of account {finding.case.deployment.account} is known to have them"
    if finding.case.signal.caller.is_reporter:
        return f"{key}: a program reported the call, and only its account is certain"
    return f"{key}: the call was made by principal {sanitize(finding.case.signal.principal, 60)}"


def _contact(finding: Finding) -> str:
    if finding.contact:
        return f", contact {sanitize(finding.contact, 254)}"
    return "; its contact tag names no address of an accepted domain" if finding.contact_tag else ""


def _why(finding: Finding) -> tuple[str, ...]:
    return (*_earlier(finding), *finding.diagnosis.facts)


def _earlier(finding: Finding) -> tuple[str, ...]:
    """How this alert relates to the one before it of the same incident: one line, if there was one."""
    alerted = finding.incident.alerted
    if alerted is None:
        return ()
    if finding.corrects_an_alert:
        return ("This corrects the earlier alert of this incident, which said unknown-key.",)
    if finding.changes_the_cause:
        said = "NEW: the earlier alert of this incident said"
        said = "An earlier alert of this incident predicted it:" if finding.follows_a_prediction else said
        return (f"{said} {alerted.cause}.",)
    relations = (
        (finding.adds_a_reason, "calls also fail for the reason below, besides the one alerted earlier"),
        (
            finding.is_deactivated_again,
            "the key was deactivated again after the earlier alert of this incident",
        ),
        (finding.changes_the_decision, f"the earlier alert of this incident said {alerted.action}"),
    )
    return tuple(f"NEW: {relation}." for applies, relation in relations if applies)[:1]


def _advice(finding: Finding, limit: int) -> list[str]:
    """Better alternatives to a key for these callers, each sentence once. None where they have no key of a
    user, or where the diagnosis says what to have instead.
    """
    if finding.diagnosis.cause in _WITHOUT_A_KEY or finding.diagnosis.exposes_secret:
        return []
    is_managed = finding.case.evidence.rotation_context is not None
    callers = finding.incident.callers or [usage.caller for usage in finding.case.evidence.usage or ()]
    found = (advice_for(caller, is_managed=is_managed) for caller in callers)
    advice = list(dict.fromkeys(filter(None, found)))
    return _first(advice, limit, "for other kinds of callers")


def _what_was_done(finding: Finding) -> str:
    decision, enrolment = finding.decision, finding.case.evidence.rotation_context
    mode = enrolment.deployment_mode if enrolment else finding.deployment_mode  # the current one
    return f"{decision.action}: {decision.reason} (this deployment's mode: {mode})."


def _links(finding: Finding) -> list[str]:
    deployment, signal = finding.case.deployment, finding.case.signal
    links = []
    if finding.case.evidence.owner is not None and finding.case.evidence.owner.exists:
        user = quote(finding.owner_name, safe="")
        links.append(
            f"https://{deployment.console}/iam/home#/users/details/{user}?section=security_credentials"
        )
    if signal.has_usable_id:
        region = deployment.iam_region
        links.append(
            f"https://{region}.{deployment.console}/cloudtrailv2/home?region={region}"
            f"#/events?ResourceName={quote(signal.access_key_id, safe='')}"
        )
    return [
        *links,
        f"Incident {_incident_shown(finding)}, see {page(deployment, ALERTS_PAGE)}",
        how_to_keep_it_quiet(
            replace(finding.incident, latest=finding.assessment),
            finding.diagnosis.cause,
            finding.owner_name,
            deployment,
        ),
    ]


def _incident_shown(finding: Finding) -> str:
    if finding.incident.key.startswith("none:"):
        return f"of {sanitize(finding.case.signal.principal, 80)}, opened {finding.incident.opened_at}"
    return incident_shown(finding.incident)


def _attributes(finding: Finding) -> dict[str, str]:
    return attributes_of(
        severity=finding.decision.severity,
        decision=finding.decision.action,
        account=finding.case.deployment.account,
        cause=finding.diagnosis.cause,
        owner=finding.owner_name,
        region=finding.region,
        contact=finding.contact,
    )
