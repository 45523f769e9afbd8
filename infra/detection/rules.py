"""EventBridge rules that select signals, the same in every region: from CloudTrail records and reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aws_cdk import Aws
from aws_cdk.aws_events import EventPattern, Match, Rule

from lambdas.aws import health_event_parser
from lambdas.aws.domain.error_codes import INCOMPLETE_CODES, KEY_FAILURE_CODES, RELATED_CODES
from lambdas.aws.domain.exposure import EXPOSURES
from lambdas.aws.domain.iam_events import ATTACH_USER_POLICY, KEY_EVENTS, QUARANTINE_PREFIX, USER_EVENTS
from lambdas.detection import report_parser
from lambdas.rotation.rotation_failure_parser import ABANDONED, DETAIL_TYPE, FAILED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.aws_events import CfnRule, IEventBus
    from constructs import Construct

    from infra.messaging.message_queue import RuleTarget

# A rule that is merely ENABLED does not receive calls whose names begin with Get, List or Describe (except
# GetFederationToken and GetSessionToken), which an application often makes first. That holds on any bus.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
READ_ONLY_CALLS_TOO = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

# CloudTrail prefixes the error codes of EC2.
ERROR_CODES = [
    *sorted(KEY_FAILURE_CODES),
    *sorted(f"Client.{code}" for code in KEY_FAILURE_CODES),
    *sorted(RELATED_CODES),
    *sorted(INCOMPLETE_CODES),
]
CALL = "AWS API Call via CloudTrail"


@dataclass(frozen=True, kw_only=True)
class RulePattern:
    """Which events a rule matches, and which kinds of calls EventBridge shows it."""

    description: str
    source: list[str]
    detail: Mapping[str, object] | None = None  # any if None
    detail_type: str = CALL
    state: str = "ENABLED"
    regions: Sequence[str] | None = None  # of the events; any if None


REJECTED_CALLS = RulePattern(
    description="API calls rejected because of their access key, and related credential errors",
    # PutEvents rejects sources that begin with aws., so nobody can forge a signal.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
    source=Match.prefix("aws."),
    detail={"errorCode": ERROR_CODES},
    state=READ_ONLY_CALLS_TOO,
)
# Who may put them is decided by the account's IAM policies. The parser rejects what is no report, so that a
# reporter's mistake is seen; a narrower pattern would ignore it.
REPORTS = RulePattern(
    description="Rejected calls that programs of this account report themselves",
    source=[report_parser.SOURCE],
    detail_type=report_parser.DETAIL_TYPE,
)
# IAM records its events in one region of the partition only.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
KEY_LIFECYCLE = RulePattern(
    description="Changes to access keys and their users, and quarantines of users",
    source=["aws.iam"],
    detail={
        "eventSource": ["iam.amazonaws.com"],
        "errorCode": Match.does_not_exist(),
        "$or": [
            {"eventName": sorted(KEY_EVENTS | USER_EVENTS)},
            {
                "eventName": [ATTACH_USER_POLICY],
                "requestParameters": {"policyArn": Match.wildcard(f"*/{QUARANTINE_PREFIX}*")},
            },
        ],
    },
)

# Events of no region arrive where IAM records its own.
# https://docs.aws.amazon.com/health/latest/ug/choosing-a-region.html
EXPOSED_KEYS = RulePattern(
    description="Access keys that AWS Health reports as exposed",
    source=["aws.health"],
    detail={"eventTypeCode": sorted(EXPOSURES)},
    detail_type=health_event_parser.DETAIL_TYPE,
)


def failed_rotations(secret_prefix: str) -> RulePattern:
    """Failed rotations of secrets under the prefix. A record names the secret in one of two fields.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
    """
    managed = Match.prefix(
        f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:{secret_prefix}"
    )
    return RulePattern(
        description="Rotations of managed secrets that Secrets Manager reports as failed",
        source=["aws.secretsmanager"],
        detail={
            "eventName": [FAILED, ABANDONED],
            "$or": [
                {"additionalEventData": {"SecretId": managed}},
                {"serviceEventDetails": {"secretId": managed}},
            ],
        },
        detail_type=DETAIL_TYPE,
    )


class SignalRule(Rule):
    """A rule on the default bus, or on `bus` under a fixed name."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        pattern: RulePattern,
        *,
        target: RuleTarget,
        bus: IEventBus | None = None,
    ) -> None:
        # For a rule on a custom bus, Ref is `bus|name`, which is not the value of the metrics' dimension.
        # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1949
        own_name = construct_id if bus else None
        super().__init__(
            scope,
            construct_id,
            rule_name=own_name,
            description=pattern.description,
            event_bus=bus,
            event_pattern=EventPattern(
                source=pattern.source,
                account=[Aws.ACCOUNT_ID],  # another account may forward its events to this bus
                region=pattern.regions and [*pattern.regions],
                detail_type=[pattern.detail_type],
                detail=pattern.detail,
            ),
            targets=[target.target],
        )
        # The construct Rule only knows ENABLED and DISABLED.
        cast("CfnRule", self.node.default_child).state = pattern.state
        for queue in target.queues:
            queue.senders.add_resource(self.rule_arn)
        self.name = own_name or self.rule_name
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
        self.dimensions = {"RuleName": self.name} | ({"EventBusName": bus.event_bus_name} if bus else {})
