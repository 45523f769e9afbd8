"""The scenarios: a key that is broken in some way, the call that fails, and the alert that must come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lambdas.domain.cause import Cause, Severity
from local.aws.key_ids import key_id
from local.demo.application import Application, new_application

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.aws.process import LocalAws

ANOTHER_ACCOUNT = "444455556666"


@dataclass(frozen=True)
class Scenario:
    """`breaks` makes an application and breaks its key. `error_code` is what its next call gets."""

    name: str
    breaks: Callable[[LocalAws], Application]
    service: str
    operation: str
    error_code: str
    cause: Cause
    severity: Severity
    owner_is_known: bool = True
    calls: int = 1


def deactivated(aws: LocalAws) -> Application:
    application = _working(aws)
    application.deactivate_key()
    return application


def deleted(aws: LocalAws) -> Application:
    application = _working(aws)
    application.delete_key()
    return application


def never_issued(account: str | None = None) -> Callable[[LocalAws], Application]:
    """A key id that decodes to the account (by default this one) but that nobody ever issued."""

    def breaks(aws: LocalAws) -> Application:
        return replace(_working(aws), access_key_id=key_id("AKIA", account or aws.account))

    return breaks


def _working(aws: LocalAws) -> Application:
    application = new_application(aws, "app")
    if code := application.call("sts", "get_caller_identity"):
        raise RuntimeError(f"a new key does not work: {code}")
    return application


INACTIVE, DELETED, UNKNOWN = Cause.KEY_INACTIVE, Cause.KEY_DELETED, Cause.UNKNOWN_KEY
HIGH, LOW = Severity.HIGH, Severity.LOW

SCENARIOS = (
    Scenario(
        "key deactivated, sts call", deactivated, "sts", "get_caller_identity",
        "InvalidClientTokenId", INACTIVE, HIGH,
    ),
    Scenario(
        "key deactivated, ec2 call", deactivated, "ec2", "describe_instances",
        "AuthFailure", INACTIVE, HIGH,
    ),
    Scenario(
        "key deactivated, 25 sqs calls", deactivated, "sqs", "list_queues",
        "InvalidClientTokenId", INACTIVE, HIGH, calls=25,
    ),
    Scenario(
        "key deleted, s3 call", deleted, "s3", "list_buckets",
        "InvalidAccessKeyId", DELETED, HIGH,
    ),
    Scenario(
        "key deleted, iam call", deleted, "iam", "list_users",
        "InvalidClientTokenId", DELETED, HIGH,
    ),
    Scenario(
        "key nobody issued, dynamodb call", never_issued(), "dynamodb", "list_tables",
        "UnrecognizedClientException", UNKNOWN, HIGH, owner_is_known=False,
    ),
    Scenario(
        "key of another account, sts call", never_issued(ANOTHER_ACCOUNT), "sts", "get_caller_identity",
        "InvalidClientTokenId", UNKNOWN, LOW, owner_is_known=False,
    ),
)  # fmt: skip
