"""The check of the subscriptions, which only the `alert_timer` function makes."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cache

from lambdas.alerting.adapters.check_schedule import DynamoCheckSchedule
from lambdas.alerting.adapters.deployed_subscriptions import SsmDeployedSubscriptions
from lambdas.alerting.adapters.sns_subscriptions import SnsSubscriptions
from lambdas.alerting.adapters.sns_topics import SnsAlertTopic
from lambdas.alerting.domain.subscriptions import PeopleTopic
from lambdas.alerting.subscription_check import SubscriptionCheck
from lambdas.aws.adapters.clients import Clients
from lambdas.handlers.bootstrap import now
from lambdas.handlers.bootstrap.deployment import deployment_of
from lambdas.handlers.bootstrap.function_settings import TimerSettings


@cache
def subscription_check() -> SubscriptionCheck:
    settings = TimerSettings.from_env(os.environ)
    clients = Clients()
    topic_arns = {
        PeopleTopic.ALERTS: settings.alert_topic_arn,
        PeopleTopic.OPERATIONS: settings.operations_topic_arn,
    }
    return SubscriptionCheck(
        schedule=DynamoCheckSchedule(
            clients,
            settings.lease_table_name,
            interval_seconds=settings.subscription_check_seconds,
            clock=now,
        ),
        deployed=SsmDeployedSubscriptions(clients, settings.subscriptions_parameter).read,
        listed=SnsSubscriptions(clients, topic_arns).listed,
        topics={topic: SnsAlertTopic(clients, arn) for topic, arn in topic_arns.items()},
        topic_arns=topic_arns,
        deployment=deployment_of(settings),
        grace=timedelta(seconds=settings.subscription_check_seconds),
        clock=now,
    )
