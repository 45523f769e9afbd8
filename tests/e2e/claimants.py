"""Users that claim a secret, and what became of their claims."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from local.demo.application import Application, new_application
from local.demo.enrolment import EnrolledUser
from local.patience import TIMEOUT_SECONDS
from tests.e2e.rotation_log import log_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deployment import Deployment


def somebody(deployment: Deployment) -> EnrolledUser:
    """A user without a key, and the name of the secret that is to be its own."""
    application = new_application(deployment.aws, "orders")
    application.delete_key()
    keyless = Application(deployment.aws, application.user_name, "", "")
    return EnrolledUser(deployment, keyless, f"access-keys/{application.user_name}")


def client_of_a_user(deployment: Deployment, service: str, *statements: dict[str, Any]) -> tuple[str, Any]:
    """The name of a new user that may do nothing but this, and its client."""
    iam: Any = deployment.aws.session().client("iam")
    name = f"ordinary-{time.time_ns()}"
    iam.create_user(UserName=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [*statements]})
    iam.put_user_policy(UserName=name, PolicyName="little", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    pair = (key["AccessKeyId"], key["SecretAccessKey"], "")
    session: Any = deployment.aws.session(pair)
    return name, session.client(service)


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not (so := is_so()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return so


def names_under(deployment: Deployment, prefix: str) -> set[str]:
    secrets: Any = deployment.aws.session().client("secretsmanager")
    pages = secrets.get_paginator("list_secrets").paginate()
    return {it["Name"] for page in pages for it in page["SecretList"] if it["Name"].startswith(prefix)}


def refusals(deployment: Deployment, user_name: str) -> set[str]:
    entries = log_of(deployment, deployment.outputs["EnrolUsersFunctionName"])
    refused = [entry for entry in entries if entry.get("message") == "claim refused"]
    return {entry["reason"] for entry in refused if entry["user"] == user_name}
