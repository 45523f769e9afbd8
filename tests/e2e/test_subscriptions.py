"""Subscriptions that do not reach anybody: an alarm says so, and a message on the topic that is left."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from local.demo.application import new_application
from local.deployment import open_deployment
from local.failures import ALARM
from local.inbox import Inbox
from local.patience import TIMEOUT_SECONDS
from tests.e2e.test_eventual_consistency import let_the_timer_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.application import Application
    from local.deployment import Deployment
    from local.inbox import Received

CHECK_SECONDS = 6


@pytest.fixture(scope="module")
def checked_deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """What is not confirmed a day after a deployment elsewhere, is not confirmed after some seconds here."""
    state = tmp_path_factory.mktemp("checked-deployment")
    with open_deployment(state, alerts={"subscriptionCheckSeconds": CHECK_SECONDS}) as opened:
        yield opened


def subscriptions(deployment: Deployment, topic: str) -> list[str]:
    sns: Any = deployment.aws.session().client("sns")
    listed = sns.list_subscriptions_by_topic(TopicArn=deployment.outputs[topic])["Subscriptions"]
    return [subscription["SubscriptionArn"] for subscription in listed]


def unsubscribe_all(deployment: Deployment, topic: str) -> None:
    for arn in subscriptions(deployment, topic):
        deployment.aws.session().client("sns").unsubscribe(SubscriptionArn=arn)


def subscribe(deployment: Deployment, topic: str, inbox: Inbox) -> None:
    """As the stack does it, with a dead-letter queue."""
    session = deployment.aws.session()
    url = deployment.outputs["UndeliveredQueueUrl"]
    found = session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    redrive = json.dumps({"deadLetterTargetArn": found["Attributes"]["QueueArn"]})
    session.client("sns").subscribe(
        TopicArn=deployment.outputs[topic],
        Protocol="sqs",
        Endpoint=inbox.arn,
        Attributes={"RedrivePolicy": redrive},
    )


def message_in(inbox: Inbox, deployment: Deployment) -> Received:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not (found := inbox.wait_for(lambda it: it.subject.startswith("[high] subscriptions: "), 1)):
        assert time.monotonic() < deadline
        let_the_timer_run(deployment)
    return found


def test_a_deleted_subscription_raises_an_alarm_and_is_named_on_the_other_topic(
    checked_deployment: Deployment,
) -> None:
    deployment = checked_deployment
    let_the_timer_run(deployment)
    deployment.failures.expect(ALARM, "IncompleteTopics")
    unsubscribe_all(deployment, "AlertTopicArn")
    message = message_in(deployment.operations, deployment)
    assert message.subject == "[high] subscriptions: nobody gets alerts"
    assert "Not confirmed, or deleted, on the alerts topic: sqs inbox-alerts" in message.body
    assert deployment.operations.wait_for(lambda it: it.is_alarm_on("IncompleteTopics"), TIMEOUT_SECONDS)

    subscribe(deployment, "AlertTopicArn", deployment.alerts)
    unsubscribe_all(deployment, "OperationsTopicArn")
    message = message_in(deployment.alerts, deployment)
    assert "on the operations topic: sqs inbox-operations" in message.body
    assert "on the alerts topic" not in message.body
    subscribe(deployment, "OperationsTopicArn", deployment.operations)


def test_alerts_that_a_queue_does_not_take_raise_an_alarm_and_are_kept(
    checked_deployment: Deployment,
) -> None:
    deployment = checked_deployment
    deployment.failures.expect(ALARM, "UndeliveredAlerts")
    sqs: Any = deployment.aws.session().client("sqs")
    inbox = {"QueueUrl": deployment.alerts.queue_url}
    policy = sqs.get_queue_attributes(**inbox, AttributeNames=["Policy"])["Attributes"]
    sqs.set_queue_attributes(**inbox, Attributes={"Policy": ""})
    application = new_application(deployment.aws, "cron")
    application.deactivate_key()
    application.call("sts", "get_caller_identity")
    kept = Inbox(queue_url=deployment.outputs["UndeliveredQueueUrl"], arn="", client=deployment.alerts.client)
    assert kept.wait_for(lambda it: application.access_key_id in it.body, TIMEOUT_SECONDS)
    assert deployment.operations.wait_for(
        lambda it: it.is_alarm_on("NumberOfNotificationsFailed"), TIMEOUT_SECONDS
    )
    sqs.set_queue_attributes(**inbox, Attributes=policy)


def await_alert(application: Application, deployment: Deployment) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    key = application.access_key_id
    while not deployment.alerts.wait_for(lambda it: key in it.body, 1):
        assert time.monotonic() < deadline, key
        let_the_timer_run(deployment)


def test_a_burst_of_alerts_does_not_suspend_an_e_mail_subscription(checked_deployment: Deployment) -> None:
    deployment = checked_deployment
    sns: Any = deployment.aws.session().client("sns")
    topic = deployment.outputs["AlertTopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="burst@example.com")
    [token] = re.findall(r"asks burst@example.com to confirm: token (\S+)", deployment.aws.log.read_text())
    sns.confirm_subscription(TopicArn=topic, Token=token)
    applications = [new_application(deployment.aws, f"burst-{number}") for number in range(30)]
    for application in applications:
        application.deactivate_key()
    for application in applications:
        application.call("sts", "get_caller_identity")
    for application in applications:
        await_alert(application, deployment)
    assert "PendingConfirmation" not in subscriptions(deployment, "AlertTopicArn")
