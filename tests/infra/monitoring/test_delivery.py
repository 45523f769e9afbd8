from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.config.config import Config
from tests.infra.synthesis import named, of_type, ref, synthesise

if TYPE_CHECKING:
    from pathlib import Path

    from tests.infra.synthesis import Json


# The topic that each alarm watches, and the one that it notifies.
DELIVERIES = {
    "UndeliveredAlerts": ("Alerts", "Operations"),
    "UndeliveredChat": ("Chat", "Operations"),
    "UndeliveredAlarms": ("Operations", "Alerts"),
}


@pytest.fixture(scope="module")
def chatting(tmp_path_factory: pytest.TempPathFactory) -> Json:
    return synthesise(Config(chat=True), tmp_path_factory.mktemp("chatting"))


@pytest.mark.parametrize("alarm_name", DELIVERIES)
def test_what_a_topic_cannot_deliver_raises_an_alarm_by_another_topic(
    chatting: Json, alarm_name: str
) -> None:
    watched, notified = DELIVERIES[alarm_name]
    _, alarm = named(chatting, "AWS::CloudWatch::Alarm", f"DeliveryMonitoring{alarm_name}")
    topic_id, _ = named(chatting, "AWS::SNS::Topic", watched)
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SNS", "NumberOfNotificationsFailed")
    assert alarm["Dimensions"] == [
        {"Name": "TopicName", "Value": {"Fn::GetAtt": [topic_id, "TopicName"]}},
    ]
    assert (alarm["Statistic"], alarm["Threshold"], alarm["Period"]) == ("Sum", 1, 3600)
    assert alarm["TreatMissingData"] == "notBreaching"
    other = ref(named(chatting, "AWS::SNS::Topic", notified)[0])
    assert alarm["AlarmActions"] == alarm["OKActions"] == [other]


def test_every_topic_has_an_alarm_for_what_it_cannot_deliver(chatting: Json, tmp_path: Path) -> None:
    for template in (chatting, synthesise(Config(), tmp_path)):
        alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
        failed = [it for it in alarms if it.get("MetricName") == "NumberOfNotificationsFailed"]
        assert len(failed) == len(of_type(template, "AWS::SNS::Topic"))


def test_missing_subscriptions_raise_an_alarm_that_lasts_until_the_next_check(chatting: Json) -> None:
    _, alarm = named(chatting, "AWS::CloudWatch::Alarm", "MonitoringIncompleteTopics")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AccessKeyRemediator", "IncompleteTopics")
    assert (alarm["Statistic"], alarm["Threshold"], alarm["Period"]) == ("Sum", 1, 6 * 3600)
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (1, 5)
    assert alarm["TreatMissingData"] == "notBreaching"
