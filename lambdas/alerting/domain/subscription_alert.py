"""The alert about subscriptions that are not confirmed, so that people do not get alerts or alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lambdas.alerting.domain.alert import SUBJECT_LIMIT, Alert, attributes_of
from lambdas.alerting.domain.layout import render_body, what_to_run
from lambdas.alerting.domain.pointers import DEPLOYMENT_PAGE, page, where
from lambdas.alerting.domain.subscriptions import PeopleTopic, TopicStatus
from lambdas.aws.domain.deployment import Deployment
from lambdas.decisions.domain.guardrails import Action
from lambdas.diagnosis.domain.cause import Severity
from lambdas.diagnosis.domain.diagnosis import Remedy
from lambdas.text import printable

_CONTENTS = {PeopleTopic.ALERTS: "alerts", PeopleTopic.OPERATIONS: "alarms about the remediator itself"}
_MAX_SHOWN = 10


def compose_subscription_alert(
    incomplete: Sequence[TopicStatus], topic_arns: Mapping[PeopleTopic, str], deployment: Deployment
) -> Alert:
    silent = [_CONTENTS[status.topic] for status in incomplete if not status.confirmed]
    missing = sum(len(status.missing) for status in incomplete)
    what = f"nobody gets {' or '.join(silent)}" if silent else f"{missing} not confirmed or deleted"
    return Alert(
        subject=f"[{Severity.HIGH}] subscriptions: {what}"[:SUBJECT_LIMIT],
        body=render_body(
            (
                (
                    "WHAT HAPPENED",
                    [*(line for status in incomplete for line in _what_happened(status)), where(deployment)],
                ),
                ("WHY", _WHY),
                ("WHAT TO RUN", what_to_run(_lists(incomplete, topic_arns))),
                ("WHAT TO DO", _what_to_do(deployment)),
            )
        ),
        attributes=attributes_of(severity=Severity.HIGH, decision=Action.NOTIFY, account=deployment.account),
    )


_WHY = (
    "SNS deletes a subscription that nobody confirms in time, and suspends one that gets too much e-mail.",
    "A link in each e-mail ends the subscription, and a mail scanner may open it.",
)


def _what_to_do(deployment: Deployment) -> tuple[str, ...]:
    return (
        "Subscribe each of them again, and confirm it so that no link can end it. A deployment alone does",
        f"not subscribe them again. See 'Confirm the subscriptions' in {page(deployment, DEPLOYMENT_PAGE)}",
        "If it is no longer needed, remove it from the configuration. This alert is repeated once a day.",
    )


def _what_happened(status: TopicStatus) -> Iterator[str]:
    if not status.confirmed:
        yield f"The {status.topic} topic has none that is confirmed: nobody gets {_CONTENTS[status.topic]}."
    for shown in status.missing[:_MAX_SHOWN]:
        yield f"Not confirmed, or deleted, on the {status.topic} topic: {printable(shown)}"
    if (more := len(status.missing) - _MAX_SHOWN) > 0:
        yield f"and {more} more on the {status.topic} topic"


def _lists(incomplete: Sequence[TopicStatus], topic_arns: Mapping[PeopleTopic, str]) -> Iterator[Remedy]:
    for status in incomplete:
        yield Remedy.of(
            f"See the subscriptions of the {status.topic} topic",
            f"aws sns list-subscriptions-by-topic --region={topic_arns[status.topic].split(':')[3]}"
            f" --topic-arn {topic_arns[status.topic]}",
        )
