"""No rotation deletes a key that another secret of its user contains."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from lambdas.ledger.domain.enrolment_tags import USER_ID_TAG
from local.demo.application import Application, new_application
from local.demo.enrolment import EnrolledUser, await_enrolment, claim, configure
from tests.e2e.rotation_log import await_failures
from tests.e2e.test_retirement import let_two_hours_pass, retire

if TYPE_CHECKING:
    from local.deployment import Deployment

SECONDS_FOR_A_ROTATION = 10


def prepared(deployment: Deployment, user: Application, secret: str) -> EnrolledUser:
    """A secret that an administrator has bound to the user, still without a key."""
    it = EnrolledUser(deployment, user, secret)
    it.secrets.create_secret(
        Name=secret,
        KmsKeyId=deployment.outputs["ManagedSecretKeyArn"],
        SecretString=json.dumps({"UserName": user.user_name}),
        Tags=[{"Key": USER_ID_TAG, "Value": it.user_id}],
    )
    configure(it)
    return it


def enrolled_and_rotated(it: EnrolledUser) -> EnrolledUser:
    """With its first key."""
    claim(it.deployment.aws, it.user_name, it.secret, "approve")
    await_enrolment(it)
    it.rotate()
    assert it.await_rotation()
    it.await_no_pending_version()
    return replace(it, application=it.current())


def works(it: EnrolledUser) -> bool:
    return it.current().call("sts", "get_caller_identity") == ""


def test_a_user_whose_tag_moves_to_another_secret_and_back_keeps_the_keys_of_both(
    rotating_deployment: Deployment,
) -> None:
    """The first secret is rotated again before the hourly function has run."""
    application = new_application(rotating_deployment.aws, "moved")
    application.delete_key()
    user = Application(rotating_deployment.aws, application.user_name, "", "")
    name = f"access-keys/{user.user_name}"
    first = enrolled_and_rotated(prepared(rotating_deployment, user, name))
    second = enrolled_and_rotated(prepared(rotating_deployment, user, f"{name}-second"))
    claim(rotating_deployment.aws, user.user_name, first.secret, "approve")
    await_enrolment(first)
    let_two_hours_pass(first)
    rotating_deployment.failures.expect("rotate_key", "no free slot for a new key")
    first.rotate()
    was_rotated = first.await_rotation(SECONDS_FOR_A_ROTATION)
    assert works(second)
    assert not was_rotated
    reasons = await_failures(first)  # each names the last use of both keys, which may have changed
    assert all(reason.startswith("no free slot for a new key") for reason in reasons)
    retire(rotating_deployment)
    assert works(first)
    assert works(second)
    assert set(first.keys().values()) == {"Active"}
