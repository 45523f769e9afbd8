"""The scenarios: how a key is broken, which call fails, and which alert is expected."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lambdas.diagnosis.domain.cause import Cause, Severity
from local.demo.application import Application, new_application
from local.emulator.key_ids import key_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.emulator.process import LocalAws

ANOTHER_ACCOUNT = "444455556666"
A_SECRET = "wJalrXUtnFEMIzK7MDENGzbPxRfiCYzEXMPLKEYz"  # noqa: S105 -- made up
QUARANTINE = "AWSCompromisedKeyQuarantineV3"
_WRONG_AT = 16
LISTED = "The security token included in the request is invalid."


@dataclass(frozen=True)
class Scenario:
    """`breaks` makes an application and breaks its key; `error_code` is what its next call gets. What no
    caller can bring about on the local AWS is injected as a record, with these fields of its own. `known_by`
    is an attribute that the ledger's entry of the key's user must have first.
    """

    name: str
    breaks: Callable[[LocalAws], Application]
    cause: Cause
    severity: Severity
    service: str = "sts"
    operation: str = "get_caller_identity"
    error_code: str = "InvalidClientTokenId"
    owner_is_known: bool = True
    calls: int = 1
    known_by: str = ""
    injected: Mapping[str, Any] = field(default_factory=dict)


def working(aws: LocalAws) -> Application:
    application = new_application(aws, "app")
    if code := application.call("sts", "get_caller_identity"):
        raise RuntimeError(f"a new key does not work: {code}")
    return application


def deactivated(aws: LocalAws) -> Application:
    """Deactivates a key that was never used: otherwise an outage would be predicted (predictions.py)."""
    application = new_application(aws, "app")
    application.deactivate_key()
    return application


def deleted(aws: LocalAws) -> Application:
    """Deletes a key that was never used; see deactivated."""
    application = new_application(aws, "app")
    application.delete_key()
    return application


def of_a_deleted_user(aws: LocalAws) -> Application:
    application = deleted(aws)
    application.delete_user()
    return application


def mistyped(aws: LocalAws) -> Application:
    """Replaces one character of a working key's id."""
    application = working(aws)
    key = application.access_key_id
    wrong = "A" if key[_WRONG_AT] != "A" else "B"
    return replace(application, access_key_id=key[:_WRONG_AT] + wrong + key[_WRONG_AT + 1 :])


def superseded(aws: LocalAws) -> Application:
    """The owner uses a newer key. Waits, because IAM's times are whole seconds."""
    application = deactivated(aws)
    time.sleep(1.1)
    application.with_another_key().call("sts", "get_caller_identity")
    return application


def quarantined(aws: LocalAws) -> Application:
    """Attaches a policy with the name that AWS uses. Here it is the account's own policy."""
    application = deactivated(aws)
    iam: Any = aws.session().client("iam")
    statement = {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    name = f"{QUARANTINE}-{application.user_name}"
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=application.user_name, PolicyArn=policy)
    return application


def session_without_its_token(aws: LocalAws) -> Application:
    application = working(aws)
    sts: Any = aws.session((application.access_key_id, application.secret_access_key)).client("sts")
    issued = sts.get_session_token()["Credentials"]
    return replace(
        application, access_key_id=issued["AccessKeyId"], secret_access_key=issued["SecretAccessKey"]
    )


def wrong_secret(aws: LocalAws) -> Application:
    return replace(working(aws), secret_access_key="not-the-secret-of-this-key")  # noqa: S106 -- made up


def never_issued(account: str | None = None) -> Callable[[LocalAws], Application]:
    """A key id that encodes the account (by default this one) but was never issued."""

    def breaks(aws: LocalAws) -> Application:
        return replace(working(aws), access_key_id=key_id("AKIA", account or aws.account))

    return breaks


def with_id(access_key_id: str) -> Callable[[LocalAws], Application]:
    def breaks(aws: LocalAws) -> Application:
        return replace(working(aws), access_key_id=access_key_id)

    return breaks


def in_lower_case(aws: LocalAws) -> Application:
    application = working(aws)
    return replace(application, access_key_id=application.access_key_id.lower())


HIGH, MEDIUM, LOW, CRITICAL = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.CRITICAL
ROOT = {"userIdentity": {"type": "Root", "principalId": "444455556666"}, "errorMessage": LISTED}

SCENARIOS = (
    Scenario("key deactivated, sts call", deactivated, Cause.KEY_INACTIVE, HIGH),
    Scenario(
        "key deactivated, ec2 call", deactivated, Cause.KEY_INACTIVE, HIGH,
        "ec2", "describe_instances", "AuthFailure",
    ),
    Scenario(
        "key deactivated, 25 sqs calls", deactivated, Cause.KEY_INACTIVE, HIGH,
        "sqs", "list_queues", calls=25,
    ),
    Scenario(
        "key deleted, s3 call", deleted, Cause.KEY_DELETED, HIGH, "s3", "list_buckets", "InvalidAccessKeyId",
    ),
    Scenario("key deleted, iam call", deleted, Cause.KEY_DELETED, HIGH, "iam", "list_users"),
    Scenario(
        "user deleted, sts call", of_a_deleted_user, Cause.USER_DELETED, HIGH, known_by="deletions",
    ),
    Scenario("key replaced, old one in use", superseded, Cause.SUPERSEDED_KEY, MEDIUM),
    Scenario("key quarantined by AWS", quarantined, Cause.QUARANTINED_KEY, CRITICAL),
    Scenario(
        "key nobody issued, dynamodb call", never_issued(), Cause.UNKNOWN_KEY, HIGH,
        "dynamodb", "list_tables", "UnrecognizedClientException", owner_is_known=False,
    ),
    Scenario(
        "key of another account", never_issued(ANOTHER_ACCOUNT), Cause.OTHER_ACCOUNT, LOW,
        owner_is_known=False,
    ),
    Scenario(
        "id with one wrong character", mistyped, Cause.MISTYPED_KEY, LOW, owner_is_known=False,
        known_by="tagsAsOf",
    ),
    Scenario(
        "id in lower case", in_lower_case, Cause.MALFORMED_KEY, LOW, owner_is_known=False,
    ),
    Scenario(
        "secret in place of the id", with_id(A_SECRET), Cause.MALFORMED_KEY, CRITICAL, owner_is_known=False,
    ),
    Scenario(
        "id of the documentation", with_id("AKIAIOSFODNN7EXAMPLE"), Cause.PLACEHOLDER_KEY, LOW,
        owner_is_known=False,
    ),
    Scenario(
        "session key without its token", session_without_its_token, Cause.TEMPORARY_CREDENTIAL, MEDIUM,
        owner_is_known=False,
    ),
    Scenario(
        "active key, wrong secret", wrong_secret, Cause.ACTIVE_KEY_REJECTED, MEDIUM,
        error_code="SignatureDoesNotMatch",
    ),
    Scenario(
        "key made a moment ago (injected)", working, Cause.KEY_NOT_PROPAGATED, LOW,
        injected={"errorMessage": LISTED},
    ),
    Scenario(
        "root user's key (injected)", never_issued(), Cause.ROOT_KEY, CRITICAL, owner_is_known=False,
        injected=ROOT,
    ),
)  # fmt: skip
