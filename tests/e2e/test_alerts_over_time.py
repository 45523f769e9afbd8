"""An incident continues and closes: its updates and its closing, in seconds instead of hours."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from local.demo.application import new_application
from local.inbox import Inbox
from local.patience import TIMEOUT_SECONDS
from tests.e2e.test_eventual_consistency import let_the_timer_run
from tests.support.paths import CUSTOM_NOTIFICATION_SCHEMA

if TYPE_CHECKING:
    from local.demo.application import Application
    from local.deployment import Deployment
    from local.inbox import Received

CHAT_SCHEMA = json.loads(CUSTOM_NOTIFICATION_SCHEMA.read_text())


def fails(application: Application, times: int = 1) -> None:
    for _ in range(times):
        assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"


def alert_saying(
    deployment: Deployment, key: str, words: str, failing: Application | None = None
) -> Received:
    """The timer runs until it has come, and calls go on failing if they are said to."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        alert = deployment.alerts.wait_for(lambda it: key in it.body and words in it.subject + it.body, 1)
        if alert:
            return alert
        assert time.monotonic() < deadline, [
            it.subject for it in deployment.alerts.received if key in it.body
        ]
        if failing:
            fails(failing)
        let_the_timer_run(deployment)


def a_reader_of_chat(deployment: Deployment) -> Inbox:
    inbox = Inbox.open(deployment.aws.session(), "chat")
    sns = deployment.aws.session().client("sns")
    sns.subscribe(TopicArn=deployment.outputs["ChatTopicArn"], Protocol="sqs", Endpoint=inbox.arn)
    return inbox


def messages_about(chat: Inbox, key: str) -> list[Any]:
    """All that came up to the closing."""
    assert chat.wait_for(lambda it: key in it.body and ", closed: " in it.body, TIMEOUT_SECONDS)
    return [json.loads(it.body) for it in chat.received if key in it.body]


def test_an_incident_gets_updates_and_is_closed_with_what_resolved_it(lively_deployment: Deployment) -> None:
    chat = a_reader_of_chat(lively_deployment)
    application = new_application(lively_deployment.aws, "cron")
    key = application.access_key_id
    application.deactivate_key()
    fails(application)
    assert lively_deployment.alerts.wait_for(lambda it: key in it.body, TIMEOUT_SECONDS)
    fails(application, 3)
    alert_saying(lively_deployment, key, "the count of refused calls has reached 3", application)
    alert_saying(lively_deployment, key, "refused since the last alert", application)
    application.reactivate_key()
    alert_saying(lively_deployment, key, "key reactivated")
    closing = alert_saying(lively_deployment, key, ", closed: ")
    assert "The key is active again: user/administrator reactivated it at" in closing.body
    assert closing.attributes["severity"] == "low"
    messages = messages_about(chat, key)
    for message in messages:
        Draft202012Validator(CHAT_SCHEMA).validate(message)
    assert len({message["metadata"]["threadId"] for message in messages}) == 1
    subjects = [it.subject for it in lively_deployment.alerts.received if key in it.body]
    assert sorted(message["content"]["title"] for message in messages) == sorted(subjects)
    [item] = lively_deployment.incidents_of(key)
    assert (item["state"], item["ended"]) == ({"S": "closed"}, {"BOOL": True})
    assert "timer" not in item
