"""The type of the field for the roles of operators."""

from typing import Annotated

from infra.config.fields import Check, at_most_items, matching

# They take part of a queue's policy, which may have 8,192 bytes.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
MAX_OPERATOR_ROLES = 5
MAX_ARN_LENGTH = 300

OperatorRole = Annotated[
    str,
    matching(
        r"(?a:arn:[a-z-]+:iam::[0-9]{12}:role/(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64})",
        "the ARN of a role, with its path and without a wildcard",
    ),
    Check(lambda arn: len(arn) <= MAX_ARN_LENGTH, f"at most {MAX_ARN_LENGTH} characters"),
]
OPERATOR_ROLES = at_most_items(MAX_OPERATOR_ROLES, "roles")
