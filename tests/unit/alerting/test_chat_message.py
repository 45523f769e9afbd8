"""Amazon Q Developer drops whatever is not of its form without a word, so the form is held by its schema."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from lambdas.alerting.domain.alert import Alert, compose_alert
from lambdas.alerting.domain.chat_message import DESCRIPTION_LIMIT, compose_chat_message
from tests.support.builders import a_case, a_finding, an_unknown_key
from tests.support.hostile_text import CHAT_MARKUP, SENT, hostile_findings
from tests.support.paths import CUSTOM_NOTIFICATION_SCHEMA

SCHEMA = json.loads(CUSTOM_NOTIFICATION_SCHEMA.read_text())
VALIDATOR = Draft202012Validator(SCHEMA)
ID = "AKIAEXAMPLE/2026-03-14T12:00:01.000000Z"


def a_message(alert: Alert, thread: str = ID) -> Any:
    return compose_chat_message(alert, thread=thread)


def an_alert(body: str, **changes: str) -> Alert:
    return Alert(subject="[high] x: alice", body=body, attributes={"cause": "key-inactive"} | changes)


def test_the_message_says_what_the_alert_says() -> None:
    alert = compose_alert(a_finding())
    message = a_message(alert)
    content, metadata = message["content"], message["metadata"]
    assert content["title"] == "[high] key-inactive: alice, production calls refused (sts, eu-central-1)"
    assert content["description"].startswith(
        "*WHAT FAILED*\n```\n  sts GetCallerIdentity in eu-central-1, account 123456789012 (production)\n"
    )
    assert "    aws iam get-user --user-name=alice\n" in content["description"]
    assert [step.split("/")[2] for step in content["nextSteps"]] == [
        "console.aws.amazon.com",
        "us-east-1.console.aws.amazon.com",
    ]
    assert content["keywords"] == ["high", "key-inactive", "notify"]
    assert (metadata["summary"], metadata["eventType"]) == (content["title"], "access-key-incident")
    assert metadata["relatedResources"] == ["IAM user alice"]
    assert metadata["additionalContext"] == alert.attributes


def test_the_messages_of_an_incident_share_a_thread_and_each_has_an_id_that_a_repetition_keeps() -> None:
    first, second = compose_alert(a_finding()), compose_alert(a_finding(a_case(evidence=an_unknown_key())))
    messages = [a_message(first), a_message(second), a_message(first), a_message(first, "another")]
    threads = [message["metadata"]["threadId"] for message in messages]
    ids = [message["id"] for message in messages]
    assert threads[0] == threads[1] == threads[2] != threads[3]
    assert (ids[0] == ids[2], len(set(ids))) == (True, 3)


@given(hostile_findings())
def test_every_message_is_of_the_form_that_is_not_dropped(finding: Any) -> None:
    VALIDATOR.validate(a_message(compose_alert(finding), finding.incident.incident_id))


@given(st.builds(Alert, subject=SENT, body=SENT, attributes=st.dictionaries(SENT, SENT)), SENT)
def test_whatever_an_alert_holds_the_form_is_kept(alert: Alert, thread: str) -> None:
    VALIDATOR.validate(a_message(alert, thread))


@pytest.mark.parametrize("markup", CHAT_MARKUP)
def test_markup_of_slack_and_teams_is_no_markup_in_a_message(markup: str) -> None:
    text = markup.replace("\n", " ")
    message = a_message(replace(an_alert(f"{text}\n  {text}\n", owner=text), subject=text))
    description = message["content"]["description"]
    assert (description.startswith("```\n"), description.endswith("\n```")) == (True, True)
    assert not {"`", "<"} & set(description.removeprefix("```").removesuffix("```"))
    assert not set("<>*`|~#&\\") & set(message["metadata"]["summary"])
    assert "](" not in message["metadata"]["summary"]


def test_a_body_that_is_too_long_is_cut_between_sections_and_says_so() -> None:
    sections = "\n\n".join(f"TITLE {number}\n  {'x' * 900}" for number in range(20))
    description = a_message(an_alert(sections))["content"]["description"]
    assert len(description) <= DESCRIPTION_LIMIT
    assert description.count("```") == 2 * 8
    assert description.endswith("```\n(cut: the e-mail has the rest)")


def test_a_link_that_is_not_to_the_console_is_no_next_step() -> None:
    body = "WHERE TO LOOK\n  https://console.aws.amazon.com.evil.example/iam\n  https://evil.example/\n"
    assert a_message(an_alert(body))["content"]["nextSteps"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1"},
        {"source": "aws"},
        {"content": {"title": "no description"}},
        {"content": {"description": "x" * 8001}},
        {"content": {"description": "x", "textType": "html"}},
        {"more": 1},
    ],
)
def test_the_schema_refuses_what_would_be_dropped(change: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(a_message(compose_alert(a_finding())) | change)
