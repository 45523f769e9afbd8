"""An incident goes on and ends: its news, its digest and its closing, in seconds instead of hours."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from local.demo.application import new_application
from local.inbox import Inbox
from tests.e2e.test_eventual_consistency import let_the_timer_run
from tests.support.paths import CUSTOM_NOTIFICATION_SCHEMA

if TYPE_CHECKING:
    from local.demo.application import Application
    from local.deployment import Stage
    from local.inbox import Received

PATIENCE_SECONDS = 20
CHAT_SCHEMA = json.loads(CUSTOM_NOTIFICATION_SCHEMA.read_text())


def fails(application: Application, times: int = 1) -> None:
    for _ in range(times):
        assert application.call("sts", "get_caller_identity") == "InvalidClientTokenId"


def alert_saying(stage: Stage, key: str, words: str, failing: Application | None = None) -> Received:
    """The timer runs until it has come, and calls go on failing if they are said to."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        alert = stage.alerts.wait_for(lambda it: key in it.body and words in it.subject + it.body, 1)
        if alert:
            return alert
        assert time.monotonic() < deadline, [it.subject for it in stage.alerts.received if key in it.body]
        if failing:
            fails(failing)
        let_the_timer_run(stage)


def a_reader_of_chat(stage: Stage) -> Inbox:
    inbox = Inbox.open(stage.aws.session(), "chat")
    sns = stage.aws.session().client("sns")
    sns.subscribe(TopicArn=stage.outputs["ChatTopicArn"], Protocol="sqs", Endpoint=inbox.arn)
    return inbox


def messages_about(chat: Inbox, key: str) -> list[Any]:
    """All that came up to the closing."""
    assert chat.wait_for(lambda it: key in it.body and ", closed: " in it.body, PATIENCE_SECONDS)
    return [json.loads(it.body) for it in chat.received if key in it.body]


def test_an_incident_is_told_over_time_and_closed_with_what_mended_it(lively_stage: Stage) -> None:
    chat = a_reader_of_chat(lively_stage)
    application = new_application(lively_stage.aws, "cron")
    key = application.access_key_id
    application.deactivate_key()
    fails(application)
    assert lively_stage.alerts.wait_for(lambda it: key in it.body, PATIENCE_SECONDS)
    fails(application, 3)
    alert_saying(lively_stage, key, "the count of refused calls has reached 3", application)
    alert_saying(lively_stage, key, "refused since the last alert", application)
    application.reactivate_key()
    alert_saying(lively_stage, key, "key reactivated")
    closing = alert_saying(lively_stage, key, ", closed: ")
    assert "The key is active again: user/administrator switched it on at" in closing.body
    assert closing.attributes["severity"] == "high"
    messages = messages_about(chat, key)
    for message in messages:
        Draft202012Validator(CHAT_SCHEMA).validate(message)
    assert len({message["metadata"]["threadId"] for message in messages}) == 1
    subjects = [it.subject for it in lively_stage.alerts.received if key in it.body]
    assert sorted(message["content"]["title"] for message in messages) == sorted(subjects)
    [item] = lively_stage.incidents_of(key)
    assert (item["state"], item["ended"]) == ({"S": "closed"}, {"BOOL": True})
    assert "timer" not in item
