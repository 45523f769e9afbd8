"""The EventBridge rule that turns refused calls, as CloudTrail records them, into signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import Aws
from aws_cdk.aws_events import EventPattern, Match, Rule
from aws_cdk.aws_events_targets import SqsQueue
from constructs import Construct

from lambdas.domain.error_codes import KEY_FAILURE_CODES, NEIGHBOUR_CODES

if TYPE_CHECKING:
    from aws_cdk.aws_events import CfnRule

    from infra.intake import Intake

# An ordinary rule gets no call whose name begins with Get, List or Describe (but GetFederationToken and
# GetSessionToken), and those are what an application calls first.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
READ_ONLY_CALLS_TOO = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"

# EC2's codes have a prefix in CloudTrail.
ERROR_CODES = [
    *sorted(KEY_FAILURE_CODES),
    *sorted(f"Client.{code}" for code in KEY_FAILURE_CODES),
    *sorted(NEIGHBOUR_CODES),
]


class Detection(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, intake: Intake) -> None:
        super().__init__(scope, construct_id)
        self.rule = Rule(
            self,
            "RefusedCalls",
            description="API calls refused for their access key, and their neighbours, to the signal queue",
            event_pattern=EventPattern(
                # Nobody's PutEvents may claim such a source, so no signal can be forged.
                # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
                source=Match.prefix("aws."),
                account=[Aws.ACCOUNT_ID],  # another account's bus may forward its own events to this one
                detail_type=["AWS API Call via CloudTrail"],
                detail={"errorCode": ERROR_CODES},
            ),
            targets=[SqsQueue(intake.signal_queue, dead_letter_queue=intake.dead_letter_queue)],
        )
        cast("CfnRule", self.rule.node.default_child).state = READ_ONLY_CALLS_TOO
