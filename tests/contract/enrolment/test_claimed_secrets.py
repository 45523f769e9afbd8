"""How enrolment asks Secrets Manager, against moto, and what the queue of enrolments carries."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from lambdas.aws.domain.iam import IamUser
from lambdas.enrolment.adapters.enrolment_queue import SqsEnrolmentQueue
from lambdas.enrolment.domain.claims import ClaimRequest, EnrolmentSettings, RotationSchedule, first_version
from lambdas.enrolment.domain.own_user_policy import Access, PolicyFound, policy_found
from lambdas.enrolment.enrolment_batch import parse_enrolment
from lambdas.enrolment.secret_provisioner import SecretProvisioner
from lambdas.errors import BusyError, TransientError
from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG, Claim
from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.ports import RejectedError
from tests.support.builders import NOON
from tests.support.descriptions import KEY_ARN, a_description

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients
    from lambdas.rotation.domain.secret_description import SecretDescription

NAME, USER_ID = "access-keys/alice", "AIDAALICE"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:RotateKey"
SETTINGS = EnrolmentSettings(
    prefix="access-keys/",
    function=FUNCTION,
    schedule_days=90,
    key_arn=KEY_ARN,
    users_arn="arn:aws:iam::123456789012:user",
)
CLAIM = Claim(user_name="alice", user_id=USER_ID, secret_name=NAME, mode="auto")
USER = IamUser(name="alice", user_id=USER_ID, path="/apps/", created_at=NOON, tags={})
FIRST = first_version(USER_ID, NAME)
MADE = a_description(FIRST, tags={USER_ID_TAG: USER_ID})


@pytest.fixture
def secrets(clients: Clients) -> SecretsManager:
    return SecretsManager(clients)


@pytest.fixture
def provisioner(secrets: SecretsManager) -> SecretProvisioner:
    return SecretProvisioner(secrets=secrets, settings=SETTINGS)


def test_a_missing_secret_is_none_and_an_error_is_raised(clients: Clients, secrets: SecretsManager) -> None:
    assert secrets.find_secret(NAME) is None
    with Stubber(clients.secrets) as stub:
        stub.add_client_error("describe_secret", "AccessDeniedException")
        with pytest.raises(TransientError, match="AccessDenied"):
            secrets.find_secret(NAME)


def test_a_secret_is_created_without_a_key_bound_to_its_user(
    clients: Clients, secrets: SecretsManager, provisioner: SecretProvisioner
) -> None:
    provisioner.create(CLAIM)
    assert secrets.find_secret(NAME) == MADE
    value = clients.secrets.get_secret_value(SecretId=NAME)
    assert json.loads(value["SecretString"]) == {"UserName": "alice"}


def test_a_new_secret_has_the_tags_of_the_deployment_too(secrets: SecretsManager) -> None:
    tags = {"cost-centre": "4711"}
    SecretProvisioner(secrets=secrets, settings=replace(SETTINGS, tags=tags)).create(CLAIM)
    assert secrets.find_secret(NAME) == replace(MADE, tags={**tags, USER_ID_TAG: USER_ID})


def test_a_secret_that_somebody_else_has_just_created_is_reported_as_busy(
    clients: Clients, provisioner: SecretProvisioner
) -> None:
    clients.secrets.create_secret(Name=NAME, SecretString="theirs")
    with pytest.raises(BusyError):
        provisioner.create(CLAIM)
    assert clients.secrets.get_secret_value(SecretId=NAME)["SecretString"] == "theirs"


def test_a_secret_that_is_being_deleted_differs_from_a_missing_one(
    clients: Clients, secrets: SecretsManager, provisioner: SecretProvisioner
) -> None:
    provisioner.create(CLAIM)
    clients.secrets.delete_secret(SecretId=NAME)
    found = secrets.find_secret(NAME)
    assert found is not None
    assert found.is_being_deleted


DESCRIBED: dict[str, Any] = {
    "ARN": f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{NAME}-AbCdEf",
    "Name": NAME,
    "Tags": [{"Key": USER_ID_TAG, "Value": USER_ID}],
    "VersionIdsToStages": {FIRST: ["AWSCURRENT"]},
    "RotationLambdaARN": FUNCTION,
    "RotationEnabled": True,
    "KmsKeyId": KEY_ARN,
}
COPIES = [{"Region": "eu-west-1", "KmsKeyId": "key-2"}, {"Region": "eu-west-2"}]
PENDING = {"VersionIdsToStages": {FIRST: ["AWSCURRENT"], "n" * 32: ["AWSPENDING"]}}
OVER = {"VersionIdsToStages": {FIRST: ["AWSCURRENT", "AWSPENDING"]}}
BOTH = {FIRST: frozenset({"AWSCURRENT"}), "n" * 32: frozenset({"AWSPENDING"})}
ON = replace(MADE, function=FUNCTION, is_rotation_on=True)
ANSWERS = [
    ("without a schedule", {}, ON),
    ("with one", {"RotationRules": {"AutomaticallyAfterDays": 90}}, replace(ON, schedule_days=90)),
    (
        "with an administrator's",
        {"RotationRules": {"AutomaticallyAfterDays": 7, "ScheduleExpression": "rate(7 days)"}},
        replace(ON, schedule_days=7, has_expression=True),
    ),
    (
        "turned off",
        {"RotationEnabled": False, "RotationRules": {"AutomaticallyAfterDays": 90}},
        replace(ON, is_rotation_on=False, schedule_days=90),
    ),
    ("with copies", {"ReplicationStatus": COPIES}, replace(ON, key_ids=(KEY_ARN, "key-2", ""))),
    ("with copies, named by its region", {"PrimaryRegion": "us-east-1"}, ON),
    ("a replica", {"PrimaryRegion": "eu-west-1"}, replace(ON, primary_region="eu-west-1")),
    ("a service's", {"OwningService": "rds"}, replace(ON, owning_service="rds")),
    ("under way", PENDING, replace(ON, labels=BOTH)),
    ("over", OVER, replace(ON, labels={FIRST: frozenset({"AWSCURRENT", "AWSPENDING"})})),
]


@pytest.mark.parametrize(("what", "more", "expected"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_what_secrets_manager_describes_is_read(
    clients: Clients,
    secrets: SecretsManager,
    what: str,
    more: dict[str, Any],
    expected: SecretDescription,
) -> None:
    with Stubber(clients.secrets) as stub:
        stub.add_response("describe_secret", DESCRIBED | more)
        assert secrets.find_secret(NAME) == expected, what


SCHEDULE = {"RotationRules": {"AutomaticallyAfterDays": 90}}
REQUESTS = [
    (RotationSchedule.MANUAL, {"RotateImmediately": False}),
    (RotationSchedule.SCHEDULED, {"RotateImmediately": False} | SCHEDULE),
    (RotationSchedule.IMMEDIATE, {"RotateImmediately": True} | SCHEDULE),
]


@pytest.mark.parametrize(("rotating", "more"), REQUESTS)
def test_the_rotation_of_a_secret_is_set_in_one_request(
    clients: Clients, provisioner: SecretProvisioner, rotating: RotationSchedule, more: dict[str, Any]
) -> None:
    sent: list[dict[str, Any]] = []

    def answer(params: dict[str, Any], **_: object) -> tuple[Any, dict[str, Any]]:
        sent.append(json.loads(params["body"]))
        return _Accepted(), {"Name": NAME}

    hook = "before-call.secrets-manager.RotateSecret"
    clients.secrets.meta.events.register(hook, answer)  # type: ignore[arg-type] # a hook may answer
    provisioner.set_rotation(NAME, rotating)
    (request,) = sent
    assert request.pop("ClientRequestToken")
    assert request == {"SecretId": NAME, "RotationLambdaARN": FUNCTION} | more


class _Accepted:
    status_code = 200


def test_a_schedule_is_cancelled(clients: Clients, provisioner: SecretProvisioner) -> None:
    with Stubber(clients.secrets) as stub:
        stub.add_response("cancel_rotate_secret", {"Name": NAME}, {"SecretId": NAME})
        provisioner.set_rotation(NAME, RotationSchedule.DISABLED)


def test_access_is_granted_by_a_policy_that_is_recognised_and_revoked(
    secrets: SecretsManager,
    provisioner: SecretProvisioner,
) -> None:
    provisioner.create(CLAIM)
    assert secrets.policy_of(NAME) == ""
    provisioner.set_access(NAME, Access.GRANT, USER)
    assert policy_found(secrets.policy_of(NAME), USER_ID) is PolicyFound.OWN
    assert "arn:aws:iam::123456789012:user/apps/alice" in secrets.policy_of(NAME)
    assert policy_found(secrets.policy_of(NAME), "AIDAOTHER") is PolicyFound.OTHER
    provisioner.set_access(NAME, Access.REVOKE, USER)
    assert secrets.policy_of(NAME) == ""


@pytest.mark.parametrize(
    ("message", "error"),
    [("A previous rotation isn't complete.", BusyError), ("The secret is a replica.", RejectedError)],
)
def test_a_rotation_under_way_is_reported_as_busy(
    clients: Clients, provisioner: SecretProvisioner, message: str, error: type[Exception]
) -> None:
    with Stubber(clients.secrets) as stub:
        stub.add_client_error("rotate_secret", "InvalidRequestException", message)
        with pytest.raises(error) as raised:
            provisioner.set_rotation(NAME, RotationSchedule.IMMEDIATE)
    assert type(raised.value) is error


DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/EnrolUsers/f is not authorized to perform: x on resource: y"
)


@pytest.mark.parametrize(
    ("message", "policy"),
    [
        (f"{DENIED} with an explicit deny in a service control policy", "service control policy"),
        (
            f"{DENIED} with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o",
            "service control policy",
        ),
        (f"{DENIED} with an explicit deny in an identity-based policy", "identity-based policy"),
        (f"{DENIED} because no service control policy allows the x action", "service control policy"),
        (f"{DENIED} because no permissions boundary allows the x action", "permissions boundary"),
        (f"{DENIED} because no identity-based policy allows the x action", ""),
        (DENIED, ""),
        ("", ""),
    ],
)
def test_what_a_policy_denies_for_good_is_rejected_and_a_missing_permission_is_retried(
    clients: Clients, provisioner: SecretProvisioner, message: str, policy: str
) -> None:
    with Stubber(clients.secrets) as stub:
        stub.add_client_error("create_secret", "AccessDeniedException", message)
        with pytest.raises(RejectedError if policy else TransientError) as raised:
            provisioner.create(CLAIM)
    if policy:
        assert str(raised.value) == f"secretsmanager:CreateSecret: denied by {policy}"


@pytest.mark.parametrize(
    ("code", "is_rejected"),
    [
        ("LimitExceededException", True),
        ("EncryptionFailure", True),
        ("InvalidParameterException", True),
        ("ThrottlingException", False),
        ("InternalServiceError", False),
        ("ResourceNotFoundException", False),
    ],
)
def test_what_a_retry_cannot_change_is_rejected(
    clients: Clients, secrets: SecretsManager, provisioner: SecretProvisioner, code: str, is_rejected: bool
) -> None:
    acts: dict[str, Callable[[], object]] = {
        "describe_secret": lambda: secrets.find_secret(NAME),
        "get_resource_policy": lambda: secrets.policy_of(NAME),
        "create_secret": lambda: provisioner.create(CLAIM),
        "rotate_secret": lambda: provisioner.set_rotation(NAME, RotationSchedule.IMMEDIATE),
        "cancel_rotate_secret": lambda: provisioner.set_rotation(NAME, RotationSchedule.DISABLED),
        "delete_resource_policy": lambda: provisioner.set_access(NAME, Access.REVOKE, USER),
    }
    for operation, act in acts.items():
        with Stubber(clients.secrets) as stub:
            stub.add_client_error(operation, code, "why")
            if (operation, code) == ("describe_secret", "ResourceNotFoundException"):
                continue  # there is no such secret
            with pytest.raises(RejectedError if is_rejected else TransientError):
                act()


def test_a_user_arrives_as_it_was_sent(clients: Clients) -> None:
    url = clients.sqs.create_queue(QueueName="RotationContextReader")["QueueUrl"]
    SqsEnrolmentQueue(clients, url).process_soon("alice", NAME, "user/terraform")
    (message,) = clients.sqs.receive_message(QueueUrl=url)["Messages"]
    assert parse_enrolment(message["Body"]) == ClaimRequest(
        user_name="alice", previous_secret=NAME, changed_by="user/terraform"
    )


def test_a_user_that_is_to_be_processed_later_is_delayed(clients: Clients) -> None:
    url = clients.sqs.create_queue(QueueName="RotationContextReader")["QueueUrl"]
    SqsEnrolmentQueue(clients, url).send_delayed("alice", 900)
    attributes = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"


def test_without_a_key_of_the_customer_secrets_manager_describes_none(
    clients: Clients, secrets: SecretsManager
) -> None:
    described = {name: value for name, value in DESCRIBED.items() if name != "KmsKeyId"}
    with Stubber(clients.secrets) as stub:
        stub.add_response("describe_secret", described)
        assert secrets.find_secret(NAME) == replace(ON, key_ids=("",))
