"""The alert about an exemption that has expired, or that can never be in force."""

from __future__ import annotations

from lambdas.alerting.domain.alert import SUBJECT_LIMIT, Alert, attributes_of
from lambdas.alerting.domain.layout import render_body
from lambdas.alerting.domain.pointers import EXEMPTIONS_PAGE, page, where
from lambdas.aws.domain.deployment import Deployment
from lambdas.aws.domain.wording import moment
from lambdas.decisions.domain.exemption import Exemption, Scope
from lambdas.decisions.domain.exemption_matching import display_name
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import Severity
from lambdas.text import is_user_name, sanitize


def compose_exemption_alert(exemption: Exemption, deployment: Deployment) -> Alert:
    what = "exemption not in force" if exemption.violation else "exemption expired"
    return Alert(
        subject=f"[{Severity.LOW}] {what}: {display_name(exemption)}"[:SUBJECT_LIMIT],
        body=_body(exemption, deployment),
        attributes=attributes_of(
            severity=Severity.LOW, decision=Action.NOTIFY, account=deployment.account, owner=_owner(exemption)
        ),
    )


def _body(exemption: Exemption, deployment: Deployment) -> str:
    return render_body(
        (
            ("WHAT HAPPENED", (*_what_happened(exemption), where(deployment))),
            (
                "WHO WROTE IT",
                (f"Author: {sanitize(exemption.author)}", f"Reason: {sanitize(exemption.reason)}"),
            ),
            (
                "WHAT TO DO",
                (
                    (
                        "Nothing, if it is no longer needed: it is removed in 30 days, and this"
                        " alert is not repeated."
                    ),
                    (
                        "Otherwise write the whole exemption again with a later expiry, see"
                        f" {page(deployment, EXEMPTIONS_PAGE)}"
                    ),
                ),
            ),
        )
    )


def _what_happened(exemption: Exemption) -> tuple[str, ...]:
    if exemption.violation or exemption.expires is None:
        return (
            f"The exemption {display_name(exemption)} is not in force: {exemption.violation}.",
            "It suppresses no alert.",
        )
    return (
        f"The exemption {display_name(exemption)} expired at {moment(exemption.expires)}.",
        "The next failure that it covered is alerted again.",
    )


def _owner(exemption: Exemption) -> str:
    names_a_user = exemption.scope is Scope.USER and is_user_name(exemption.value)
    return exemption.value if names_a_user else ""
