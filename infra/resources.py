"""The resources and configuration of the stack that its functions are built from, and the functions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeVar

from aws_cdk import Aws

from lambdas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_lambda import Code, Function

    from infra.alerting.topics import AlertChannels
    from infra.config.config import Config
    from infra.config.regions import Regions
    from infra.detection.queues import Intake
    from infra.storage.switches import Switches
    from infra.storage.tables import Storage

AnySettings = TypeVar("AnySettings", bound=Settings)


@dataclass(frozen=True, kw_only=True)
class StackResources:
    code: Code
    config: Config
    regions: Regions
    intake: Intake
    storage: Storage
    channels: AlertChannels
    switches: Switches

    def settings(self, of_type: type[AnySettings], **more: object) -> AnySettings:
        """Fills each field by its name: from `more`, from the resources or from the configuration."""
        known = {**vars(self.config), **vars(self.config.rotation), **self._known_settings(), **more}
        return of_type(**{field.name: known[field.name] for field in fields(of_type)})

    def _known_settings(self) -> dict[str, object]:
        alerts, chat = self.config.alerts, self.channels.chat_topic
        return {
            "account": Aws.ACCOUNT_ID,
            "partition": Aws.PARTITION,
            "regions": self.regions.every,
            "new_secret_tags": self.config.new_secret_tags,
            "deployed_mode": self.config.mode,
            "kill_switch_parameter": self.switches.kill_switch.parameter_name,
            "mode_parameter": self.switches.mode.parameter_name,
            "ledger_table_name": self.storage.ledger_table.table_name,
            "incident_table_name": self.storage.incident_table.table_name,
            "lease_table_name": self.storage.lease_table.table_name,
            "exemption_table_name": self.storage.exemption_table.table_name,
            "managed_secret_key_arn": self.storage.key.key_arn,
            "signal_queue_url": self.intake.signal_queue.queue_url,
            "dead_letter_queue_url": self.intake.dead_letter_queue.queue_url,
            "operations_topic_arn": self.channels.operations_topic.topic_arn,
            "subscriptions_parameter": self.channels.deployed_subscriptions.parameter_name,
            "subscription_check_seconds": alerts.subscription_check_seconds,
            "alert_topic_arn": self.channels.alert_topic.topic_arn,
            "chat_topic_arn": chat.topic_arn if chat else "",
            "incident_bus_name": self.channels.incident_bus.event_bus_name,
            "alert_count_thresholds": alerts.count_thresholds,
            "alert_update_seconds": alerts.update_seconds,
            "alert_digest_seconds": alerts.digest_seconds,
            "new_key_check_seconds": alerts.new_key_check_seconds,
        }


@dataclass(frozen=True, kw_only=True)
class Functions:
    remediate: Function
    alert_timer: Function
    track_keys: Function
    sync_keys: Function
    rotate_key: Function
    retire_keys: Function
    enrol_users: Function
    fail_over: Function
    log_functions: Mapping[str, Function]  # none if no log group is read

    def with_counted_errors(self) -> dict[str, Function]:
        """Those of which every error is a fault, by a name that metric math accepts."""
        return {
            "remediate": self.remediate,
            "timer": self.alert_timer,
            "track": self.track_keys,
            "sync": self.sync_keys,
            "enrol": self.enrol_users,
            "failover": self.fail_over,
            **self.log_functions,
        }
