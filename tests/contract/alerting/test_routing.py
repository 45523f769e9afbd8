"""Each subscription hears of what its filter lets pass, by the filter policy that is deployed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from lambdas.alerting.adapters.sns_topics import SnsAlertTopic
from lambdas.alerting.domain.alert import compose_alert
from tests.infra.synthesis import of_type, synthesise
from tests.support.builders import a_finding

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients
    from tests.infra.synthesis import Json

# By the name of the subscribed queue. The alert is about the inactive key of alice.
FILTERS = {
    "everything": {},
    "owner": {"owner": ["bob", "alice"]},
    "account": {"account": ["123456789012"]},
    "severity": {"severity": ["high", "critical"]},
    "cause": {"cause": ["key-inactive"]},
    "all": {"owner": ["alice"], "account": ["123456789012"], "severity": ["high"], "cause": ["key-inactive"]},
    "another-owner": {"owner": ["bob"]},
    "another-account": {"account": ["210987654321"]},
    "another-severity": {"severity": ["low", "medium"]},
    "another-cause": {"cause": ["key-deleted"]},
    "not-all": {"owner": ["alice"], "cause": ["key-deleted"]},
}
PASSED = {"everything", "owner", "account", "severity", "cause", "all"}


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """The filter policy of each subscription, as CloudFormation gives it to SNS."""
    subscriptions = [
        {"protocol": "sqs", "endpoint": f"arn:aws:sqs:us-east-1:123456789012:{name}"}
        | ({"filter": fields} if fields else {})
        for name, fields in FILTERS.items()
    ]
    template = synthesise(
        Config.from_context({"subscriptions": subscriptions}), tmp_path_factory.mktemp("app")
    )
    subscribed = of_type(template, "AWS::SNS::Subscription").values()
    assert not [each for each in subscribed if "FilterPolicyScope" in each], "the attributes are filtered by"
    return {each["Endpoint"].rpartition(":")[2]: each.get("FilterPolicy", {}) for each in subscribed}


def test_a_subscription_gets_the_alerts_that_its_filter_lets_pass(
    clients: Clients, policies: dict[str, Json]
) -> None:
    topic = clients.sns.create_topic(Name="Alerts")["TopicArn"]
    queues = {name: subscribe(clients, topic, name, policy) for name, policy in policies.items()}
    SnsAlertTopic(clients, topic).publish(compose_alert(a_finding()))
    assert {
        name for name, url in queues.items() if clients.sqs.receive_message(QueueUrl=url).get("Messages")
    } == PASSED


def subscribe(clients: Clients, topic: str, name: str, policy: Json) -> str:
    url = clients.sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    attributes = {"FilterPolicy": json.dumps(policy)} if policy else {}
    clients.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return url
