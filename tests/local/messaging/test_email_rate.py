from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.local.workbench import Workbench


def a_confirmed_address(bench: Workbench, address: str) -> tuple[Any, str]:
    sns = bench.client("sns")
    topic = sns.create_topic(Name=bench.name("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    [token] = re.findall(rf"asks {address} to confirm: token (\S+)", bench.aws.log.read_text())
    sns.confirm_subscription(TopicArn=topic, Token=token)
    return sns, topic


def is_confirmed(sns: Any, topic: str) -> bool:
    [subscription] = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return bool(subscription["SubscriptionArn"] != "PendingConfirmation")


@pytest.mark.parametrize(("pause", "survives"), [(0, False), (0.11, True)])
def test_more_than_ten_messages_in_a_second_suspend_an_e_mail_subscription(
    bench: Workbench, pause: float, survives: bool
) -> None:
    sns, topic = a_confirmed_address(bench, f"{bench.name('address')}@example.com")
    assert is_confirmed(sns, topic)
    for _ in range(11):
        sns.publish(TopicArn=topic, Message="m")
        time.sleep(pause)
    assert is_confirmed(sns, topic) is survives
