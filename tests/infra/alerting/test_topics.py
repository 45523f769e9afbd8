from __future__ import annotations

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


def test_alarms_of_this_account_alone_may_publish_to_the_operations_topic(template: Json) -> None:
    topic_id, _ = named(template, "AWS::SNS::Topic", "Operations")
    _, policy = named(template, "AWS::SNS::TopicPolicy", "Operations")
    _, allow = policy["PolicyDocument"]["Statement"]
    assert {**allow, "Sid": None} == {
        "Sid": None,
        "Effect": "Allow",
        "Action": "sns:Publish",
        "Principal": CLOUDWATCH,
        "Resource": ref(topic_id),
        "Condition": FROM_THIS_ACCOUNT,
    }


@pytest.mark.parametrize("topic", ["Alerts", "Chat"])
def test_only_roles_of_the_account_may_publish_alerts(chatting: Json, topic: str) -> None:
    _, policy = named(chatting, "AWS::SNS::TopicPolicy", topic)
    assert [statement["Effect"] for statement in policy["PolicyDocument"]["Statement"]] == ["Deny"]


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
    assert grants(chatting, function_name)["sns:Publish"] == [alerts, chat]
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
    subscriptions = {each["Endpoint"]: each for each in of_type(template, "AWS::SNS::Subscription").values()}
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


def test_a_subscription_keeps_its_identity_when_the_list_is_reordered(tmp_path: Path) -> None:
    mails = [{"protocol": "email", "endpoint": f"{name}@example.com"} for name in ("a", "b", "c")]
    before = synthesise(Config.from_context({"subscriptions": mails}), tmp_path / "before")
    after = synthesise(Config.from_context({"subscriptions": mails[:0:-1]}), tmp_path / "after")
    kept = of_type(after, "AWS::SNS::Subscription")
    assert len(kept) == 2
    assert kept.items() <= of_type(before, "AWS::SNS::Subscription").items()
