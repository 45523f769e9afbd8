"""The configuration of a deployment, read from one key of the CDK context (cdk.json or `-c`)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Self

from infra.config.alerts import AlertsConfig
from infra.config.application_logs import ApplicationLogsConfig
from infra.config.durations import DAY
from infra.config.fields import (
    AccountId,
    ConfigError,
    Flag,
    Seconds,
    Text,
    WholeSeconds,
    at_most,
    matching,
    must_be,
)
from infra.config.operators import OPERATOR_ROLES, OperatorRole
from infra.config.organization import (
    MAX_TAGS,
    PermissionsBoundary,
    RolePath,
    TagKey,
    TagValue,
    refuse_conflicting_tags,
)
from infra.config.reader import structure
from infra.config.regions import Region
from infra.config.rotation import RotationConfig
from infra.config.subscriptions import AlertSubscription, Subscription, described
from lambdas.rotation.domain.modes import Mode

CONTEXT_KEY = "access-key-remediator"
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
MAX_LOG_RETENTION_SECONDS = 3653 * DAY
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-timers.html
MAX_MESSAGE_DELAY_SECONDS = 15 * 60
# An alarm evaluates two intervals, and no more than seven days.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
MAX_SYNC_INTERVAL_SECONDS = 7 * DAY // 2
# The names are stored in a function's environment, which holds 4 KB in total.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_NAMES_BYTES = 2000

# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
MAX_PARAMETER_CHARACTERS = 4096

KnownAccount = Annotated[str, matching("[0-9]{12}", "named by an account id of 12 digits")]
# A prefix of page names. It stands in alerts, whose links are plain text of ASCII.
RunbookUrl = Annotated[
    str,
    matching(
        r"|https://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?/(?:[A-Za-z0-9._~/-]{0,200}/)?",
        "an address that begins with https:// and ends with a slash, without a query",
    ),
]
# https://www.rfc-editor.org/rfc/rfc1123#section-2.1, with at least two labels
Domain = Annotated[
    str,
    matching(
        r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
        "a domain name in lower case such as example.com",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Config:
    subscriptions: tuple[AlertSubscription, ...] = ()
    operations_subscriptions: tuple[Subscription, ...] = ()
    mode: Mode = Mode.NOTIFY
    known_accounts: Mapping[KnownAccount, Text] = field(default_factory=dict)
    organization_accounts: frozenset[AccountId] = frozenset()
    contact_domains: frozenset[Domain] = frozenset()
    runbook_url: RunbookUrl = ""
    chat: Flag = False
    incident_quiet_seconds: Seconds = DAY // 4
    incident_retention_seconds: Seconds = 90 * DAY
    unknown_key_recheck_seconds: Seconds = 15 * 60
    log_retention_seconds: Annotated[WholeSeconds, at_most(MAX_LOG_RETENTION_SECONDS, "seconds")] = 90 * DAY
    regions: tuple[Region, ...] = ()
    prediction_window_seconds: Seconds = 14 * DAY
    deletion_grace_seconds: Annotated[WholeSeconds, at_most(MAX_MESSAGE_DELAY_SECONDS, "seconds")] = 90
    sync_interval_seconds: Annotated[WholeSeconds, at_most(MAX_SYNC_INTERVAL_SECONDS, "seconds")] = DAY
    alerts: AlertsConfig = field(default_factory=AlertsConfig)
    application_logs: ApplicationLogsConfig = field(default_factory=ApplicationLogsConfig)
    rotation: RotationConfig = field(default_factory=RotationConfig)
    permissions_boundary: PermissionsBoundary = ""
    role_path: RolePath = "/"
    operator_role_arns: Annotated[tuple[OperatorRole, ...], OPERATOR_ROLES] = ()
    tags: Mapping[TagKey, TagValue] = field(default_factory=dict)

    @classmethod
    def from_context(cls, value: object) -> Self:
        """`value` is the object from cdk.json, the text from `-c`, or None if there is neither.
        Raises ConfigError, whose message begins with the path of the field.
        """
        return structure(_parsed(value), cls, CONTEXT_KEY)

    @property
    def new_secret_tags(self) -> dict[str, str]:
        """Of each new managed secret, besides the tag that names its user."""
        return {**self.tags, **self.rotation.secret_tags}

    def __post_init__(self) -> None:
        refuse_conflicting_tags(self.tags, ".tags")
        self._refuse_too_many_tags_of_a_secret()
        self._refuse_too_many_names()
        for index, region in enumerate(self.regions):
            if region in self.regions[:index]:
                raise ConfigError(f"{region} is named twice", path=f".regions[{index}]")
        _refuse_repetition(self.subscriptions, ".subscriptions")
        _refuse_repetition(self.operations_subscriptions, ".operationsSubscriptions")
        _refuse_too_many(self.subscriptions, self.operations_subscriptions)

    def _refuse_too_many_tags_of_a_secret(self) -> None:
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/managing-secrets_tagging.html
        if self.rotation.secret_tags and len(self.new_secret_tags) >= MAX_TAGS:
            problem = (
                f"gives a new secret {len(self.new_secret_tags)} tags together with tags; it can have "
                f"{MAX_TAGS}, and one names its user"
            )
            raise ConfigError(problem, path=".rotation.secretTags")

    def _refuse_too_many_names(self) -> None:
        lists = (
            self.regions,
            [*self.organization_accounts],
            [*self.contact_domains],
            self.rotation.automations,
        )
        mappings = (self.known_accounts, self.rotation.backup_users, self.tags, self.rotation.secret_tags)
        size = sum(len(json.dumps(names)) for names in (*lists, *mappings))
        if size > MAX_NAMES_BYTES:
            raise ConfigError(
                "knownAccounts, organizationAccounts, contactDomains, regions, tags, rotation.automations, "
                f"rotation.backupUsers and rotation.secretTags take {size} bytes together; at most "
                f"{MAX_NAMES_BYTES} fit next to the rest of a function's environment",
                path="",
            )


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return {} if value is None else value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise must_be(f"JSON ({error}){_if_cut(value, error)}", value, path=CONTEXT_KEY) from None


def _if_cut(text: str, error: json.JSONDecodeError) -> str:
    """The CDK CLI passes on only the first line of `--context key=value`."""
    incomplete = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    return " in one line; the text ends too early, as if cut at a line break" if incomplete else ""


def _refuse_repetition(subscriptions: Sequence[Subscription], path: str) -> None:
    """SNS allows one subscription per topic, protocol and endpoint; a second one fails to deploy."""
    seen: dict[tuple[str, str], int] = {}
    for index, subscription in enumerate(subscriptions):
        first = seen.setdefault((subscription.protocol, subscription.endpoint), index)
        if first != index:
            problem = f"has the protocol and endpoint of {CONTEXT_KEY}{path}[{first}]"
            raise ConfigError(problem, path=f"{path}[{index}]")


def _refuse_too_many(alerts: Sequence[Subscription], operations: Sequence[Subscription]) -> None:
    size = len(described(alerts, operations))
    if size > MAX_PARAMETER_CHARACTERS:
        problem = (
            f"subscriptions and operationsSubscriptions take {size} characters together; at most "
            f"{MAX_PARAMETER_CHARACTERS} fit into the parameter by which they are checked"
        )
        raise ConfigError(problem, path="")
