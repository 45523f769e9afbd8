"""The scenarios: how a key is broken, which call fails, and which alert is expected."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
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
    name: str
    description: str  # what the scenario does, for a reader who knows nothing of it
    breaks: Callable[[LocalAws], Application]  # creates an application and breaks its key
    cause: Cause
    severity: Severity
    service: str = "sts"
    operation: str = "get_caller_identity"
    error_code: str = "InvalidClientTokenId"  # that of the application's next call
    owner_is_known: bool = True
    calls: int = 1
    awaited_attribute: str = ""  # which the ledger's entry of the key's user must have before the call
    # The fields of a CloudTrail record that is sent instead of a call: the local AWS gives no such error.
    injected: Mapping[str, Any] = field(default_factory=dict)
    is_exposed: bool = False  # AWS Health's event of the key is injected, and no call is made
    reported: bool = False  # instead of a call, its report by another program of the account


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
    application = working(aws)
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
# In its first minute a key is rejected for being new.
LATER = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
ROOT = {"userIdentity": {"type": "Root", "principalId": "444455556666"}, "errorMessage": LISTED}

SCENARIOS = (
    Scenario(
        "inactive key, STS call", "An application calls STS with a key that was deactivated.",
        deactivated, Cause.KEY_INACTIVE, HIGH,
    ),
    Scenario(
        "inactive key, EC2 call", "An application calls EC2 with a key that was deactivated.",
        deactivated, Cause.KEY_INACTIVE, HIGH, "ec2", "describe_instances", "AuthFailure",
    ),
    Scenario(
        "inactive key, 25 SQS calls",
        "An application makes 25 calls with an inactive key: one alert, and one update at ten calls.",
        deactivated, Cause.KEY_INACTIVE, HIGH, "sqs", "list_queues", calls=25,
    ),
    Scenario(
        "deleted key, S3 call", "An application calls S3 with a key that was deleted.",
        deleted, Cause.KEY_DELETED, HIGH, "s3", "list_buckets", "InvalidAccessKeyId",
    ),
    Scenario(
        "deleted key, IAM call", "An application calls IAM with a key that was deleted.",
        deleted, Cause.KEY_DELETED, HIGH, "iam", "list_users",
    ),
    Scenario(
        "inactive key, reported by a CI job",
        "A CI job reports that a deployment script failed with a key that was deactivated.",
        deactivated, Cause.KEY_INACTIVE, HIGH, reported=True,
    ),
    Scenario(
        "deleted user, STS call", "An application calls STS with a key whose user was deleted.",
        of_a_deleted_user, Cause.USER_DELETED, HIGH, awaited_attribute="deletions",
    ),
    Scenario(
        "replaced key, old one still used",
        "An application uses an inactive key, although another application of its user has a newer key.",
        superseded, Cause.SUPERSEDED_KEY, MEDIUM,
    ),
    Scenario(
        "key quarantined by AWS",
        "AWS attaches its policy for leaked keys to a user whose key works: no call needs to fail.",
        quarantined, Cause.QUARANTINED_KEY, CRITICAL, calls=0,
    ),
    Scenario(
        "key exposed (injected)", "AWS Health reports that a key that works is in public.",
        working, Cause.QUARANTINED_KEY, CRITICAL, calls=0, is_exposed=True,
    ),
    Scenario(
        "unknown key, DynamoDB call",
        "An application uses a key id of this account that was never issued.",
        never_issued(), Cause.UNKNOWN_KEY, HIGH,
        "dynamodb", "list_tables", "UnrecognizedClientException", owner_is_known=False,
    ),
    Scenario(
        "key of another account", "An application uses a key id of another account.",
        never_issued(ANOTHER_ACCOUNT), Cause.OTHER_ACCOUNT, LOW, owner_is_known=False,
    ),
    Scenario(
        "id with one wrong character", "One character of a working key's id is mistyped.",
        mistyped, Cause.MISTYPED_KEY, LOW, owner_is_known=False, awaited_attribute="tagsAsOf",
    ),
    Scenario(
        "id in lower case", "A working key's id is written in lower case.",
        in_lower_case, Cause.MALFORMED_KEY, LOW, owner_is_known=False,
    ),
    Scenario(
        "secret instead of the id",
        "An application sends a secret access key as the id. The alert must not repeat it.",
        with_id(A_SECRET), Cause.MALFORMED_KEY, CRITICAL, owner_is_known=False,
    ),
    Scenario(
        "id from the AWS documentation", "An application uses the example id of the AWS documentation.",
        with_id("AKIAIOSFODNN7EXAMPLE"), Cause.PLACEHOLDER_KEY, LOW, owner_is_known=False,
    ),
    Scenario(
        "temporary key without its token",
        "An application uses a temporary key without the session token that belongs to it.",
        session_without_its_token, Cause.TEMPORARY_CREDENTIAL, MEDIUM, owner_is_known=False,
    ),
    Scenario(
        "active key, wrong secret", "An application signs with a secret that does not belong to its key.",
        wrong_secret, Cause.ACTIVE_KEY_REJECTED, MEDIUM, error_code="SignatureDoesNotMatch",
    ),
    Scenario(
        "active key, leftover session token (injected)",
        "An application sends the session token of another login with its good key.",
        working, Cause.ACTIVE_KEY_REJECTED, MEDIUM,
        injected={"errorMessage": LISTED, "eventTime": LATER},
    ),
    Scenario(
        "key created a moment ago (injected)",
        "AWS rejects a key that was created less than a minute ago.",
        working, Cause.KEY_NOT_PROPAGATED, LOW, injected={"errorMessage": LISTED},
    ),
    Scenario(
        "root user's key (injected)", "AWS rejects a key of the root user.",
        never_issued(), Cause.ROOT_KEY, CRITICAL, owner_is_known=False, injected=ROOT,
    ),
)  # fmt: skip
