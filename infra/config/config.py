"""What a deployer decides, read from one key of cdk.json's context, or of the command line's `-c`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infra.config.alerts import AlertsConfig, read_alerts
from infra.config.durations import DAY
from infra.config.fields import ACCOUNT_ID, ConfigError, Fields, account_id, must_be
from infra.config.regions import read_region, refuse_repeated_regions
from infra.config.rotation import RotationConfig, read_rotation
from infra.config.subscriptions import read_alert_subscription, read_subscription, refuse_repetition
from lambdas.rotation.domain.modes import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.config.subscriptions import AlertSubscription, Subscription

CONTEXT_KEY = "access-key-remediator"
# https://www.rfc-editor.org/rfc/rfc1123#section-2.1, with at least two labels
DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LONGEST_LOG_RETENTION = 3653 * DAY
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-timers.html
LONGEST_MESSAGE_DELAY = 15 * 60
# An alarm looks back on two of them, and on seven days at most.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
LONGEST_SYNC_INTERVAL = 7 * DAY // 2
# They travel in a function's environment, which holds 4 KB in all.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_NAMES_BYTES = 2000


@dataclass(frozen=True, kw_only=True)
class Config:
    subscriptions: tuple[AlertSubscription, ...] = ()
    operations_subscriptions: tuple[Subscription, ...] = ()
    mode: Mode = Mode.NOTIFY
    known_accounts: Mapping[str, str] = field(default_factory=dict)
    organization_accounts: frozenset[str] = frozenset()
    contact_domains: frozenset[str] = frozenset()
    chat: bool = False
    incident_quiet_seconds: int = DAY // 4
    incident_retention_seconds: int = 90 * DAY
    unknown_key_recheck_seconds: int = 15 * 60
    log_retention_seconds: int = 90 * DAY
    regions: tuple[str, ...] = ()
    prediction_window_seconds: int = 14 * DAY
    deletion_grace_seconds: int = 90
    sync_interval_seconds: int = DAY
    alerts: AlertsConfig = field(default_factory=AlertsConfig)
    rotation: RotationConfig = field(default_factory=RotationConfig)

    @classmethod
    def from_context(cls, value: object) -> Config:
        """`value` is the object of cdk.json, the text that `-c` gives, or None where there is neither.
        Raises ConfigError, whose message begins with the path of the field.
        """
        fields = Fields.of(_parsed(value), CONTEXT_KEY, of_type=cls)
        config = cls(
            subscriptions=fields.each("subscriptions", read_alert_subscription),
            operations_subscriptions=fields.each("operationsSubscriptions", read_subscription),
            mode=fields.choice("mode", Mode, default=cls.mode),
            known_accounts=_known_accounts(
                fields.value("knownAccounts", default={}), fields.path_of("knownAccounts")
            ),
            organization_accounts=frozenset(fields.each("organizationAccounts", account_id)),
            contact_domains=frozenset(fields.each("contactDomains", _domain)),
            chat=fields.flag("chat", default=cls.chat),
            incident_quiet_seconds=fields.seconds("incidentQuietSeconds", default=cls.incident_quiet_seconds),
            incident_retention_seconds=fields.seconds(
                "incidentRetentionSeconds", default=cls.incident_retention_seconds
            ),
            unknown_key_recheck_seconds=fields.seconds(
                "unknownKeyRecheckSeconds", default=cls.unknown_key_recheck_seconds
            ),
            log_retention_seconds=fields.seconds(
                "logRetentionSeconds", default=cls.log_retention_seconds, most=LONGEST_LOG_RETENTION
            ),
            regions=fields.each("regions", read_region),
            prediction_window_seconds=fields.seconds(
                "predictionWindowSeconds", default=cls.prediction_window_seconds
            ),
            deletion_grace_seconds=fields.seconds(
                "deletionGraceSeconds", default=cls.deletion_grace_seconds, most=LONGEST_MESSAGE_DELAY
            ),
            sync_interval_seconds=fields.seconds(
                "syncIntervalSeconds", default=cls.sync_interval_seconds, most=LONGEST_SYNC_INTERVAL
            ),
            alerts=read_alerts(fields.value("alerts", default={}), fields.path_of("alerts")),
            rotation=read_rotation(fields.value("rotation", default={}), fields.path_of("rotation")),
        )
        _refuse_too_many_names(config, fields.path)
        refuse_repeated_regions(config.regions, fields.path_of("regions"))
        refuse_repetition(config.subscriptions, fields.path_of("subscriptions"))
        refuse_repetition(config.operations_subscriptions, fields.path_of("operationsSubscriptions"))
        return config


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return {} if value is None else value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise must_be(f"JSON ({error})", value, CONTEXT_KEY) from None


def _known_accounts(value: object, path: str) -> dict[str, str]:
    fields = Fields.of(value, path)
    for account in fields.values:
        if not ACCOUNT_ID.fullmatch(account):
            raise must_be("named by an account id of 12 digits", account, fields.path_of(account))
    return {account: fields.text(account) for account in fields.values}


def _domain(value: object, path: str) -> str:
    if not isinstance(value, str) or not DOMAIN.fullmatch(value):
        raise must_be("a domain name in lower case such as example.com", value, path)
    return value


def _refuse_too_many_names(config: Config, path: str) -> None:
    rotation = config.rotation
    lists = (
        config.regions,
        [*config.organization_accounts],
        [*config.contact_domains],
        rotation.automations,
    )
    mappings = (config.known_accounts, rotation.backup_users)
    size = sum(len(json.dumps(names)) for names in (*lists, *mappings))
    if size > MOST_NAMES_BYTES:
        raise ConfigError(
            f"{path}: knownAccounts, organizationAccounts, contactDomains, regions, rotation.automations and "
            f"rotation.backupUsers take {size} bytes together; at most {MOST_NAMES_BYTES} fit beside the "
            "rest of a function's environment"
        )
