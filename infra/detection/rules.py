"""The EventBridge rules that pick signals out of CloudTrail's records: the same in every region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aws_cdk import Aws
from aws_cdk.aws_events import EventPattern, Match, Rule

from lambdas.aws.domain.error_codes import KEY_FAILURE_CODES, RELATED_CODES
from lambdas.aws.domain.iam_events import KEY_EVENTS, USER_EVENTS
from lambdas.rotation.rotation_failure_parser import ABANDONED, DETAIL_TYPE, FAILED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk.aws_events import CfnRule, IEventBus, IRuleTarget
    from constructs import Construct

# An ordinary rule gets no call whose name begins with Get, List or Describe (but GetFederationToken and
# GetSessionToken), and those are what an application calls first. That is so on a custom bus as well.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
READ_ONLY_CALLS_TOO = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

# EC2's codes have a prefix in CloudTrail.
ERROR_CODES = [
    *sorted(KEY_FAILURE_CODES),
    *sorted(f"Client.{code}" for code in KEY_FAILURE_CODES),
    *sorted(RELATED_CODES),
]
CALL = "AWS API Call via CloudTrail"


@dataclass(frozen=True, kw_only=True)
class Records:
    """Which of the events on a bus a rule takes."""

    description: str
    detail: Mapping[str, object]
    source: list[str]
    detail_type: str = CALL
    state: str = "ENABLED"


REFUSED_CALLS = Records(
    description="API calls refused for their access key, and their neighbours",
    # Nobody's PutEvents may claim such a source, so no signal can be forged.
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
    source=Match.prefix("aws."),
    detail={"errorCode": ERROR_CODES},
    state=READ_ONLY_CALLS_TOO,
)
# They appear in IAM's home region only.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
KEY_LIFECYCLE = Records(
    description="What was done to access keys and their owners",
    source=["aws.iam"],
    detail={
        "eventSource": ["iam.amazonaws.com"],
        "eventName": sorted(KEY_EVENTS | USER_EVENTS),
        "errorCode": Match.does_not_exist(),
    },
)


def failed_rotations(secret_prefix: str) -> Records:
    """Of secrets under the prefix, in whichever of the two fields the record names them.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html
    """
    managed = Match.prefix(
        f"arn:{Aws.PARTITION}:secretsmanager:{Aws.REGION}:{Aws.ACCOUNT_ID}:secret:{secret_prefix}"
    )
    return Records(
        description="Rotations of managed secrets that Secrets Manager says have failed",
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
    """On the default bus, unless it is given one; a rule of another bus has to be given a name, too."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        records: Records,
        *,
        target: IRuleTarget,
        bus: IEventBus | None = None,
    ) -> None:
        # What CloudFormation refers to as a rule of another bus is `bus|name`, and no metric's dimension.
        # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1949
        own_name = construct_id if bus else None
        super().__init__(
            scope,
            construct_id,
            rule_name=own_name,
            description=records.description,
            event_bus=bus,
            event_pattern=EventPattern(
                source=records.source,
                account=[Aws.ACCOUNT_ID],  # another account's bus may forward its own events to this one
                detail_type=[records.detail_type],
                detail=records.detail,
            ),
            targets=[target],
        )
        # Rule itself can only be enabled or disabled.
        cast("CfnRule", self.node.default_child).state = records.state
        self.name = own_name or self.rule_name
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
        self.dimensions = {"RuleName": self.name} | ({"EventBusName": bus.event_bus_name} if bus else {})
