"""What AWS does not offer in every region that the remediator supports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.config.regions import Regions

# Lambda's detection of recursive loops and the API behind the property RecursiveLoop came together, to all
# regions of the partition aws but these: https://github.com/aws/aws-lambda-roadmap/issues/18
# Nothing says that China has them. CloudFormation would fail where the API is missing.
_WITHOUT_LOOP_DETECTION = frozenset({"ap-southeast-6", "mx-central-1"})
# The ARNs of its channel configurations are in no other partition.
# https://docs.aws.amazon.com/chatbot/latest/APIReference/API_AssociateToConfiguration.html
_CHAT_PARTITION = "aws"


def has_loop_detection(regions: Regions) -> bool:
    """True if the main region is unknown: without the property, a loop would stop without an error, and a
    wrong property makes the deployment fail.
    """
    return regions.partition in {None, "aws"} and regions.main not in _WITHOUT_LOOP_DETECTION


def has_chat(regions: Regions) -> bool:
    """Whether Amazon Q Developer in chat applications can subscribe to the chat topic."""
    return regions.partition in {None, _CHAT_PARTITION}
