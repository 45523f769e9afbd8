from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from tests.infra.synthesis import CONFIG, environment, grants, named, of_type, ref, synthesise

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json

FROM_THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}


@pytest.fixture(scope="module")
def chatting(tmp_path_factory: pytest.TempPathFactory) -> Json:
    return synthesise(Config.from_context(CONFIG | {"chat": True}), tmp_path_factory.mktemp("chatting"))


def test_every_topic_is_encrypted_with_our_key_and_takes_messages_over_tls_only(chatting: Json) -> None:
    key_id, _ = named(chatting, "AWS::KMS::Key", "Key")
    topics = of_type(chatting, "AWS::SNS::Topic")
    policies = of_type(chatting, "AWS::SNS::TopicPolicy")
    assert len(topics) == len(policies) == 3
    for topic in topics.values():
        assert topic["KmsMasterKeyId"] == {"Fn::GetAtt": [key_id, "Arn"]}
    for policy in policies.values():
        deny = policy["PolicyDocument"]["Statement"][0]
        assert (deny["Effect"], deny["Action"], deny["Principal"]) == ("Deny", "sns:Publish", "*")
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("name", ["Operations", "Alerts"])
def test_alarms_of_this_account_alone_may_publish_to_a_topic_for_people(template: Json, name: str) -> None:
    topic_id, _ = named(template, "AWS::SNS::Topic", name)
    _, policy = named(template, "AWS::SNS::TopicPolicy", name)
    _, _, allow = policy["PolicyDocument"]["Statement"]
    assert {**allow, "Sid": None} == {
        "Sid": None,
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Principal": CLOUDWATCH,
        "Resource": ref(topic_id),
        "Condition": FROM_THIS_ACCOUNT,
    }


def test_only_roles_of_the_account_may_publish_to_chat(chatting: Json) -> None:
    _, policy = named(chatting, "AWS::SNS::TopicPolicy", "Chat")
    assert [statement["Effect"] for statement in policy["PolicyDocument"]["Statement"]] == ["Deny", "Deny"]


def test_a_chat_topic_is_created_only_if_configured(template: Json, chatting: Json) -> None:
    topics = [topic for topic in of_type(template, "AWS::SNS::Topic") if "Chat" in topic]
    assert (topics, "ChatTopicArn" in template["Outputs"]) == ([], False)
    topic = ref(named(chatting, "AWS::SNS::Topic", "Chat")[0])
    assert chatting["Outputs"]["ChatTopicArn"]["Value"] == topic


@pytest.mark.parametrize("function_name", ["Remediate", "AlertTimer"])
def test_the_functions_that_alert_get_the_chat_topic_and_may_publish_to_it(
    template: Json, chatting: Json, function_name: str
) -> None:
    alerts, chat = (ref(named(chatting, "AWS::SNS::Topic", name)[0]) for name in ("Alerts", "Chat"))
    _, function = named(chatting, "AWS::Lambda::Function", function_name)
    allowed = grants(chatting, function_name)["sns:Publish"]
    assert [topic for topic in allowed if topic in (alerts, chat)] == [alerts, chat]
    assert function["Environment"]["Variables"]["CHAT_TOPIC_ARN"] == chat
    assert environment(template, function_name)["CHAT_TOPIC_ARN"] == ""


def test_the_key_lets_the_account_rule_and_its_alarms_publish(template: Json) -> None:
    _, key = named(template, "AWS::KMS::Key", "Key")
    account, alarms = key["KeyPolicy"]["Statement"]
    assert account["Action"] == "kms:*"
    assert "Service" not in account["Principal"]
    assert alarms == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Principal": CLOUDWATCH,
        "Resource": "*",
        "Condition": FROM_THIS_ACCOUNT,
    }


def test_each_subscription_has_its_topic_and_filter_policy(template: Json) -> None:
    alerts = ref(named(template, "AWS::SNS::Topic", "Alerts")[0])
    operations = ref(named(template, "AWS::SNS::Topic", "Operations")[0])
    subscribed = deepcopy(of_type(template, "AWS::SNS::Subscription"))
    subscriptions = {each["Endpoint"]: each for each in subscribed.values()}
    for each in subscriptions.values():
        del each["RedrivePolicy"]
    assert subscriptions == {
        "everything@example.com": {
            "TopicArn": alerts,
            "Protocol": "email",
            "Endpoint": "everything@example.com",
        },
        "arn:aws:sqs:eu-central-1:123456789012:alerts": {
            "TopicArn": alerts,
            "Protocol": "sqs",
            "Endpoint": "arn:aws:sqs:eu-central-1:123456789012:alerts",
            "FilterPolicy": {
                "owner": ["ci", "web"],
                "account": ["123456789012"],
                "severity": ["critical"],
                "cause": ["key-deleted"],
            },
        },
        "https://example.com/pager": {
            "TopicArn": operations,
            "Protocol": "https",
            "Endpoint": "https://example.com/pager",
        },
    }


def test_what_sns_cannot_deliver_is_kept_in_a_queue_to_which_only_these_topics_may_send(
    template: Json,
) -> None:
    queue_id, queue = named(template, "AWS::SQS::Queue", "Undelivered")
    arn = {"Fn::GetAtt": [queue_id, "Arn"]}
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 60 * 60
    assert queue["SqsManagedSseEnabled"] is True
    for subscription in of_type(template, "AWS::SNS::Subscription").values():
        assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": arn}
    _, policy = named(template, "AWS::SQS::QueuePolicy", "Undelivered")
    allowed = [it for it in policy["PolicyDocument"]["Statement"] if it["Effect"] == "Allow"]
    topics = [ref(named(template, "AWS::SNS::Topic", name)[0]) for name in ("Alerts", "Operations")]
    assert {json.dumps(it["Condition"]) for it in allowed} == {
        json.dumps({"ArnEquals": {"aws:SourceArn": topic}}) for topic in topics
    }
    for statement in allowed:
        assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
        assert (statement["Action"], statement["Resource"]) == ("sqs:SendMessage", arn)


def test_a_subscription_keeps_its_identity_when_the_list_is_reordered(tmp_path: Path) -> None:
    mails = [{"protocol": "email", "endpoint": f"{name}@example.com"} for name in ("a", "b", "c")]
    before = synthesise(Config.from_context({"subscriptions": mails}), tmp_path / "before")
    after = synthesise(Config.from_context({"subscriptions": mails[:0:-1]}), tmp_path / "after")
    kept = of_type(after, "AWS::SNS::Subscription")
    assert len(kept) == 2
    assert kept.items() <= of_type(before, "AWS::SNS::Subscription").items()
