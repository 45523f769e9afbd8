"""The alert: what its recipient reads, and the attributes by which subscriptions filter.

Whatever a caller may have written is made sanitize here or where a fact was worded; the commands and
links carry real names, quoted so that they run as printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from lambdas.alerting.domain.caller_advice import advice_for
from lambdas.alerting.domain.incident_wording import how_often, key_shown
from lambdas.alerting.domain.layout import body_of, what_to_run
from lambdas.aws.domain.wording import caller_shown, moment, place_shown
from lambdas.text import printable, sanitize, sanitize_account, sanitize_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lambdas.decisions.domain.guardrails import Action
    from lambdas.diagnosis.domain.cause import Severity
    from lambdas.diagnosis.domain.diagnosis import Remedy
    from lambdas.incidents.domain.finding import Finding
    from lambdas.incidents.domain.incident import Incident
    from lambdas.incidents.domain.outbox import Message
    from lambdas.ledger.domain.key_state_change import KeyStateChange

SUBJECT_LIMIT = 99  # SNS API reference, Publish, Subject: less than 100 characters
BODY_LIMIT = 40  # lines: what is read without scrolling
_MOST_SHOWN = 3  # callers, and advice to them
_UNKNOWN = "-"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """`attributes` are SNS message attributes of type String, none of them empty."""

    subject: str
    body: str
    attributes: Mapping[str, str]

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
    """`owner` is a name that a user can have; empty is what is not known."""
    return {
        "cause": cause or _UNKNOWN,
        "decision": decision.value,
        "severity": severity.value,
        "owner": owner or _UNKNOWN,
        "account": account,
        "region": sanitize(region, 64),
        "contact": printable(contact) or _UNKNOWN,
    }


def compose_alert(finding: Finding) -> Alert:
    return Alert(subject=_subject(finding), body=_body(finding), attributes=_attributes(finding))


def _subject(finding: Finding) -> str:
    """What one sorts and searches by comes first. The account's name is left out where there is no room."""
    who = sanitize_name(finding.owner_name) if finding.owner_name else key_shown(finding.incident)
    head = f"[{finding.decision.severity}] {finding.diagnosis.cause}: {who[:40]}, "
    fails = _what_fails(finding)
    whole = f"{head}{_account_named(finding)}{fails}"
    return whole if len(whole) <= SUBJECT_LIMIT else f"{head}{fails}"[:SUBJECT_LIMIT]


def _account_named(finding: Finding) -> str:
    name = finding.case.deployment.known_accounts.get(finding.case.signal.account)
    return f"{sanitize(name, 24)} " if name else ""


def _body(finding: Finding) -> str:
    """With as many callers and as much advice as there is room for, and in any case one of each. Only the
    choices of whoever has to make room for a key may be in the way of the diagnosis' last remedy.
    """
    remedies = finding.diagnosis.remedies
    bodies = [_body_showing(finding, most, remedies) for most in range(_MOST_SHOWN, 0, -1)]
    bodies.append(_body_showing(finding, 1, remedies[:-1]))
    return next((body for body in bodies if body.count("\n") <= BODY_LIMIT), bodies[-1])


def _body_showing(finding: Finding, most: int, remedies: tuple[Remedy, ...]) -> str:
    happened = _what_happened(finding.case.signal.predicted_outage)
    sections = (
        ("WHAT HAPPENED", happened),
        ("WHAT FAILED", () if happened else _what_failed(finding, most)),
        ("WHOSE KEY", (_whose_key(finding),)),
        (f"WHY: {finding.diagnosis.cause} ({finding.diagnosis.confidence})", _why(finding)),
        ("WHAT TO RUN", what_to_run((*finding.decision.remedies, *remedies))),
        ("FOR GOOD", _advice(finding, most)),
        ("WHAT WAS DONE", (_what_was_done(finding),)),
        ("WHERE TO LOOK", _links(finding)),
    )
    return body_of(sections)


def _what_failed(finding: Finding, most: int) -> tuple[str, ...]:
    signal, incident = finding.case.signal, finding.incident
    account = finding.case.deployment.account_label(signal.account)
    return (
        (
            f"{sanitize(signal.service, 30)} {sanitize(signal.operation, 60)}"
            f" in {sanitize(signal.region, 30)},"
            f" account {sanitize_account(account)}"
        ),
        f"{sanitize(signal.error_code, 60)}: {sanitize(signal.error_message)}",
        how_often(incident),
        *_callers(incident, most),
    )


def _what_fails(finding: Finding) -> str:
    signal, use = finding.case.signal, finding.case.evidence.last_use
    if signal.predicted_outage is None:
        return f"calls refused {place_shown(signal.service, signal.region)}"
    return "calls will be refused" + (f" {place_shown(use.service, use.region)}" if use else "")


def _what_happened(switched_off: KeyStateChange | None) -> tuple[str, ...]:
    if switched_off is None:
        return ()
    call, by = sanitize(switched_off.event_name, 40), sanitize(switched_off.by)
    return (f"{call} by {by} at {moment(switched_off.at)}.", "No call is known to have failed yet.")


def _callers(incident: Incident, most: int) -> list[str]:
    return _first([f"from {caller_shown(caller)}" for caller in incident.callers], most, "callers")


def _first(lines: Sequence[str], most: int, of_what: str) -> list[str]:
    """How many are left out is said on the last line, so that it costs no line."""
    shown, left = list(lines[:most]), len(lines) - most
    return [*shown[:-1], f"{shown[-1]} (and {left} more {of_what})"] if left > 0 else shown


def _whose_key(finding: Finding) -> str:
    key, owner = key_shown(finding.incident), finding.case.evidence.owner
    if owner is not None:
        user_id = f" ({sanitize(owner.user_id, 40)})" if owner.user_id else ""
        return f"{key} of IAM user {sanitize_name(owner.name)}{user_id}{_contact(finding)}"
    if finding.case.signal.has_usable_id:
        return f"{key}: no IAM user of account {finding.case.deployment.account} is known as its owner"
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
        said = "An earlier alert of this incident foresaw it:" if finding.follows_a_prediction else said
        return (f"{said} {alerted.cause}.",)
    if finding.is_deactivated_again:
        return ("NEW: the key was switched off again after the earlier alert of this incident.",)
    if finding.changes_the_decision:
        return (f"NEW: the earlier alert of this incident said {alerted.action}.",)
    return ()


def _advice(finding: Finding, most: int) -> list[str]:
    """What would serve these callers better than a key, each sentence once."""
    callers = finding.incident.callers or [usage.caller for usage in finding.case.evidence.usage or ()]
    advice = list(dict.fromkeys(map(advice_for, callers)))
    return _first(advice, most, "for other kinds of callers")


def _what_was_done(finding: Finding) -> str:
    decision, enrolment = finding.decision, finding.case.evidence.rotation_context
    mode = (
        enrolment.deployment_mode if enrolment else finding.deployment_mode
    )  # the one that was asked just now
    return f"{decision.action}: {decision.reason} (this deployment's mode: {mode})."


def _links(finding: Finding) -> list[str]:
    home, signal = finding.case.deployment, finding.case.signal
    links = []
    if finding.case.evidence.owner is not None and finding.case.evidence.owner.exists:
        user = quote(finding.owner_name, safe="")
        links.append(f"https://{home.console}/iam/home#/users/details/{user}?section=security_credentials")
    if signal.has_usable_id:
        region = home.iam_region
        links.append(
            f"https://{region}.{home.console}/cloudtrailv2/home?region={region}"
            f"#/events?ResourceName={quote(signal.access_key_id, safe='')}"
        )
    return [*links, f"Incident {_incident_shown(finding)}"]


def _incident_shown(finding: Finding) -> str:
    if finding.incident.key.startswith("none:"):
        return f"of {sanitize(finding.case.signal.principal, 80)}, opened {finding.incident.opened_at}"
    return finding.incident.incident_id


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
