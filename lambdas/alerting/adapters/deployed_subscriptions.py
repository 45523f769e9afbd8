"""The subscriptions of the configuration, in an SSM parameter that each deployment writes: JSON, by topic and
digest the masked endpoint. Its date is that of the deployment which changed the subscriptions.
"""

from __future__ import annotations

import json

from lambdas.alerting.domain.subscriptions import DeployedSubscriptions, PeopleTopic
from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients


class SsmDeployedSubscriptions:
    def __init__(self, clients: Clients, parameter: str) -> None:
        self._clients = clients
        self._parameter = parameter

    def read(self) -> DeployedSubscriptions:
        with aws_errors("ssm:GetParameter"):
            parameter = self._clients.ssm.get_parameter(Name=self._parameter)["Parameter"]
        by_topic = json.loads(parameter["Value"])
        return DeployedSubscriptions(
            by_topic={topic: by_topic[topic] for topic in PeopleTopic}, since=parameter["LastModifiedDate"]
        )
