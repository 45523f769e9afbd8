"""The contract of what the check of the subscriptions reads and stores: over moto."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from infra.config.subscriptions import described
from lambdas.alerting.adapters.check_schedule import DynamoCheckSchedule
from lambdas.alerting.adapters.deployed_subscriptions import SsmDeployedSubscriptions
from lambdas.alerting.adapters.sns_subscriptions import SnsSubscriptions
from lambdas.alerting.domain.subscriptions import PeopleTopic, topic_status
from lambdas.errors import TransientError
from tests.support.builders import NOON
from tests.support.leases_on_moto import create_lease_table

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients

MAILS = [{"protocol": "email", "endpoint": f"user-{number}@example.com"} for number in range(90)]


def test_every_deployed_subscription_is_found_on_all_pages_that_sns_lists(clients: Clients) -> None:
    config = Config.from_context({"subscriptions": MAILS})
    value = described(config.subscriptions, config.operations_subscriptions)
    clients.ssm.put_parameter(Name="/subscriptions", Value=value, Type="String")
    topic = clients.sns.create_topic(Name="Alerts")["TopicArn"]
    by_hand = [{"protocol": "email", "endpoint": f"by-hand-{number}@example.com"} for number in range(90)]
    for each in (*by_hand, *MAILS[1:]):
        clients.sns.subscribe(TopicArn=topic, Protocol=each["protocol"], Endpoint=each["endpoint"])
    deployed = SsmDeployedSubscriptions(clients, "/subscriptions").read()
    listed = SnsSubscriptions(clients, {PeopleTopic.ALERTS: topic}).listed(PeopleTopic.ALERTS)
    assert len(listed) == 179, "SNS lists 100 on a page"
    status = topic_status(PeopleTopic.ALERTS, deployed, listed)
    assert status.missing == ("email u***@example.com",)
    assert deployed.by_topic[PeopleTopic.OPERATIONS] == {}
    assert datetime.now(deployed.since.tzinfo) - deployed.since < timedelta(minutes=5)


def test_a_subscription_that_waits_for_its_confirmation_is_not_confirmed(clients: Clients) -> None:
    topic = clients.sns.create_topic(Name="Alerts")["TopicArn"]
    clients.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")

    def pending(parsed: dict[str, list[dict[str, str]]], **_: object) -> None:
        for subscription in parsed["Subscriptions"]:
            subscription["SubscriptionArn"] = "PendingConfirmation"

    clients.sns.meta.events.register("after-call.sns.ListSubscriptionsByTopic", pending)
    [listed] = SnsSubscriptions(clients, {PeopleTopic.ALERTS: topic}).listed(PeopleTopic.ALERTS)
    assert not listed.confirmed


def test_what_cannot_be_read_is_an_error_and_no_empty_list(clients: Clients) -> None:
    absent = {PeopleTopic.ALERTS: "arn:aws:sns:us-east-1:123456789012:absent"}
    with pytest.raises(TransientError, match="ListSubscriptionsByTopic"):
        SnsSubscriptions(clients, absent).listed(PeopleTopic.ALERTS)
    with pytest.raises(TransientError, match="GetParameter"):
        SsmDeployedSubscriptions(clients, "/absent").read()


def test_a_check_is_due_at_first_and_a_day_after_it_was_completed(clients: Clients) -> None:
    create_lease_table(clients)
    now = [NOON]
    schedule = DynamoCheckSchedule(clients, "Leases", interval_seconds=86400, clock=lambda: now[0])
    assert [schedule.claim(), schedule.claim()] == [True, False]
    now[0] += timedelta(minutes=1)
    assert schedule.claim(), "the worker that claimed it crashed"
    schedule.complete()
    now[0] += timedelta(days=1) - timedelta(seconds=1)
    assert not schedule.claim()
    now[0] += timedelta(seconds=1)
    assert schedule.claim()


def test_the_parameter_holds_no_address_and_no_path_of_a_url() -> None:
    operations = [{"protocol": "https", "endpoint": "https://events.example.com/integration/0123"}]
    config = Config.from_context({"subscriptions": MAILS[:1], "operationsSubscriptions": operations})
    value = described(config.subscriptions, config.operations_subscriptions)
    assert "user-0" not in value
    assert "0123" not in json.dumps([*json.loads(value)["operations"].values()])
