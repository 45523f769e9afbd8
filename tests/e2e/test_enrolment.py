"""A user is enrolled by its tags, which a record of TagUser or a sync brings, or its claim is refused."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from lambdas.ledger.domain.enrolment_tags import SECRET_TAG, USER_ID_TAG
from local.demo.application import Application, new_application
from local.demo.enrolment import EnrolledUser, await_enrolment, claim
from local.patience import TIMEOUT_SECONDS
from tests.e2e.rotation_log import log_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deployment import Deployment

PROMISED_SECONDS = 60


def somebody(deployment: Deployment) -> EnrolledUser:
    """A user without a key, and the name of the secret that is to be its own."""
    application = new_application(deployment.aws, "orders")
    application.delete_key()
    keyless = Application(deployment.aws, application.user_name, "", "")
    return EnrolledUser(deployment, keyless, f"access-keys/{application.user_name}")


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not (so := is_so()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return so


def described(it: EnrolledUser) -> dict[str, Any]:
    found: dict[str, Any] = it.secrets.describe_secret(SecretId=it.secret)
    return found


def exists(it: EnrolledUser) -> bool:
    names = [secret["Name"] for secret in it.secrets.list_secrets(MaxResults=100)["SecretList"]]
    return it.secret in names


def refusals(deployment: Deployment, user_name: str) -> set[str]:
    entries = log_of(deployment, deployment.outputs["EnrolUsersFunctionName"])
    refused = [entry for entry in entries if entry.get("message") == "claim refused"]
    return {entry["reason"] for entry in refused if entry["user"] == user_name}


def test_a_user_that_is_tagged_auto_has_a_working_key_in_a_secret_within_a_minute(
    rotating_deployment: Deployment,
) -> None:
    it, began = somebody(rotating_deployment), time.monotonic()
    claim(rotating_deployment.aws, it.user_name, it.secret, "auto")
    assert eventually(
        lambda: rotating_deployment.ledger.entry(f"rotation:{it.secret}").get("userId") == it.user_id
    )
    assert it.await_rotation()
    assert it.current().call("sts", "get_caller_identity") == ""
    assert time.monotonic() - began < PROMISED_SECONDS
    secret = described(it)
    tags = {USER_ID_TAG: it.user_id, **rotating_deployment.config["tags"]}
    assert {tag["Key"]: tag["Value"] for tag in secret["Tags"]} == tags
    assert secret["KmsKeyId"] == rotating_deployment.outputs["ManagedSecretKeyArn"]
    assert secret["RotationRules"] == {"AutomaticallyAfterDays": 90}


def test_the_schedule_follows_the_tags_and_ends_with_them(rotating_deployment: Deployment) -> None:
    it = somebody(rotating_deployment)
    claim(rotating_deployment.aws, it.user_name, it.secret, "approve")
    await_enrolment(it)
    assert (described(it)["RotationEnabled"], "RotationRules" in described(it)) == (True, False)
    assert (it.value(), it.keys()) == ({"UserName": it.user_name}, {})
    claim(rotating_deployment.aws, it.user_name, it.secret, "auto")
    assert it.await_rotation()
    it.iam.untag_user(UserName=it.user_name, TagKeys=[SECRET_TAG])
    assert eventually(lambda: not described(it)["RotationEnabled"])


def test_a_claim_on_anothers_secret_is_refused_and_changes_nothing(rotating_deployment: Deployment) -> None:
    it, thief = somebody(rotating_deployment), somebody(rotating_deployment)
    claim(rotating_deployment.aws, it.user_name, it.secret, "approve")
    await_enrolment(it)
    before = described(it)
    claim(rotating_deployment.aws, thief.user_name, it.secret, "auto")
    assert eventually(lambda: bool(refusals(rotating_deployment, thief.user_name)))
    (reason,) = refusals(rotating_deployment, thief.user_name)
    assert "bound to another user" in reason
    subject = f"[medium] claim-refused: {thief.user_name}"
    assert rotating_deployment.alerts.wait_for(
        lambda alert: alert.subject.startswith(subject), TIMEOUT_SECONDS
    )
    after = described(it)
    assert {name: after[name] for name in ("Tags", "VersionIdsToStages", "RotationEnabled")} == {
        name: before[name] for name in ("Tags", "VersionIdsToStages", "RotationEnabled")
    }


def test_a_sync_finds_the_user_whose_record_never_came(rotating_deployment: Deployment) -> None:
    """The same function may be asked by a person, too: its message is the user's name."""
    it = somebody(rotating_deployment)
    claim(rotating_deployment.aws, it.user_name, it.secret, "notify")
    await_enrolment(it)
    it.secrets.delete_secret(SecretId=it.secret, ForceDeleteWithoutRecovery=True)
    functions: Any = rotating_deployment.aws.session().client("lambda")
    functions.invoke(FunctionName=rotating_deployment.outputs["SyncKeysFunctionName"], Payload=json.dumps({}))
    assert eventually(lambda: exists(it))
