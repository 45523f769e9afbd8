"""The stack's resources and configuration as its functions use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Aws

from lambdas.handlers.bootstrap.remediate_settings import RemediateSettings

if TYPE_CHECKING:
    from aws_cdk.aws_lambda import Code

    from infra.alerting.topics import Notification
    from infra.config.config import Config
    from infra.config.regions import Regions
    from infra.detection.queues import Intake
    from infra.storage.switches import Switches
    from infra.storage.tables import Storage

USERS = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:user/*"

ROLES = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/*"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What such a function is made of and works with."""

    code: Code
    config: Config
    regions: Regions
    intake: Intake
    storage: Storage
    notification: Notification
    switches: Switches

    def settings(self, fail_over_function_name: str) -> RemediateSettings:
        rotation, chat = self.config.rotation, self.notification.chat_topic
        return RemediateSettings(
            account=Aws.ACCOUNT_ID,
            partition=Aws.PARTITION,
            ledger_table_name=self.storage.ledger_table.table_name,
            deployed_mode=self.config.mode,
            incident_table_name=self.storage.incident_table.table_name,
            lease_table_name=self.storage.lease_table.table_name,
            exemption_table_name=self.storage.exemption_table.table_name,
            alert_topic_arn=self.notification.alert_topic.topic_arn,
            chat_topic_arn=chat.topic_arn if chat else "",
            incident_bus_name=self.notification.incident_bus.event_bus_name,
            dead_letter_queue_url=self.intake.dead_letter_queue.queue_url,
            incident_quiet_seconds=self.config.incident_quiet_seconds,
            incident_retention_seconds=self.config.incident_retention_seconds,
            unknown_key_recheck_seconds=self.config.unknown_key_recheck_seconds,
            prediction_window_seconds=self.config.prediction_window_seconds,
            alert_count_thresholds=self.config.alerts.count_thresholds,
            alert_update_seconds=self.config.alerts.update_seconds,
            alert_digest_seconds=self.config.alerts.digest_seconds,
            new_key_check_seconds=self.config.alerts.new_key_check_seconds,
            regions=self.regions.every,
            known_accounts=self.config.known_accounts,
            organization_accounts=self.config.organization_accounts,
            contact_domains=self.config.contact_domains,
            secret_prefix=rotation.secret_prefix,
            kill_switch_parameter=self.switches.kill_switch.parameter_name,
            mode_parameter=self.switches.mode.parameter_name,
            cooldown_seconds=rotation.cooldown_seconds,
            hourly_budget=rotation.hourly_budget,
            automations=rotation.automations,
            backup_users=rotation.backup_users,
            rotate_whatever_switched_off=rotation.rotate_whatever_switched_off,
            fail_over_function_name=fail_over_function_name,
        )
