"""No secret of any key leaves Secrets Manager: not to a log, an alert, an event, a table or a trail."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from local.demo.automation import deactivate
from local.demo.enrolment import enrol_new_user
from local.patience import TIMEOUT_SECONDS
from tests.e2e.denial import DeployedFunction
from tests.e2e.rotation_log import await_failures
from tests.e2e.test_fail_over import rotated as rotated_once
from tests.e2e.test_fail_over import without_a_slot
from tests.e2e.test_retirement import retire

if TYPE_CHECKING:
    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment
    from local.inbox import Received

PLANTED = "correct-horse-battery-staple"


def events_on(deployment: Deployment) -> str:
    """The URL of a queue that receives whatever is put on the two buses from now on."""
    session: Any = deployment.aws.session()
    sqs, events = session.client("sqs"), session.client("events")
    url: str = sqs.create_queue(QueueName=f"events-{time.time_ns()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    allowed = json.dumps({"Statement": [statement | {"Action": "sqs:SendMessage", "Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": allowed})
    for bus in ("default", deployment.outputs["IncidentBusName"]):
        pattern = json.dumps({"account": [deployment.aws.account]})
        events.put_rule(Name="all", EventPattern=pattern, EventBusName=bus)
        events.put_targets(Rule="all", Targets=[{"Id": "t", "Arn": arn}], EventBusName=bus)
    return url


def received(deployment: Deployment, url: str) -> str:
    sqs: Any = deployment.aws.session().client("sqs")
    bodies: list[str] = []
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            bodies.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return str(bodies)


def everything_sent(deployment: Deployment) -> str:
    session: Any = deployment.aws.session()
    logs, tables = session.client("logs"), session.client("dynamodb")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    logged = [
        list(logs.get_paginator("filter_log_events").paginate(logGroupName=name).search("events[].message"))
        for name in groups
    ]
    kept = [tables.scan(TableName=name)["Items"] for name in tables.list_tables()["TableNames"]]
    trail = list(session.client("cloudtrail").get_paginator("lookup_events").paginate().search("Events"))
    letters = [deployment.alerts.received, deployment.operations.received]
    return str([logged, kept, trail, letters])


def secrets_of(it: EnrolledUser) -> set[str]:
    """All that the secret holds or held."""
    held = [it.value(label) for label in it.labels() if label != "AWSPENDING"]
    return {str(value["SecretAccessKey"]) for value in held} | {it.application.secret_access_key}


def await_fail_over(deployment: Deployment, key: str) -> None:
    def is_sent(alert: Received) -> bool:
        return key in alert.body and alert.attributes["decision"] == "fail-over"

    assert deployment.alerts.wait_for(is_sent, TIMEOUT_SECONDS)


def gone_back(deployment: Deployment) -> EnrolledUser:
    """The key that a rotation made has died, and the one before it serves again."""
    it = enrol_new_user(deployment, Password=PLANTED)
    new = rotated_once(it)
    deactivate(new)
    await_fail_over(deployment, new.access_key_id)
    return it


def borrowed(deployment: Deployment) -> tuple[EnrolledUser, EnrolledUser]:
    """The borrower, and the user whose key it is."""
    it, lending = without_a_slot(deployment, "discreet-borrower", "discreet-lender", "auto")
    deactivate(it.application)
    await_fail_over(deployment, it.application.access_key_id)
    assert it.value()["AccessKeyId"] == lending.application.access_key_id
    return it, lending


def test_a_rotation_its_failure_fail_overs_and_a_retirement_show_no_secret(
    rotating_deployment: Deployment,
) -> None:
    url = events_on(rotating_deployment)
    rotated, failed = (enrol_new_user(rotating_deployment, Password=PLANTED) for _ in range(2))
    deactivate(rotated.application)
    assert rotated.await_rotation()
    function = DeployedFunction(
        rotating_deployment, rotating_deployment.outputs["RotationFunctionArn"].rpartition(":")[2]
    )
    function.deny("secretsmanager:PutSecretValue")
    rotating_deployment.failures.expect("rotate_key", "another run of this rotation may still be under way")
    try:
        failed.rotate()
        assert "secretsmanager:PutSecretValue: AccessDeniedException" in await_failures(failed)
    finally:
        function.restore()
    back, (borrower, lender) = gone_back(rotating_deployment), borrowed(rotating_deployment)
    retire(rotating_deployment)
    rotating_deployment.alerts.wait_for(lambda _: False, 2)
    sent = everything_sent(rotating_deployment) + received(rotating_deployment, url)
    secrets = {PLANTED}.union(*map(secrets_of, (rotated, failed, back, borrower, lender)))
    assert len(secrets) == 8
    assert [secret for secret in secrets if secret in sent] == []
    lent = f"has contained key {lender.application.access_key_id} of the backup user"
    returned = f"has contained its previous key {back.application.access_key_id} again"
    made = rotated.value()["AccessKeyId"]
    for shown in (made, "secretsmanager:PutSecretValue", "RotationFailed", returned, lent):
        assert shown in sent, "it has not looked where it should"
