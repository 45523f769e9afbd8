"""An outage is reported before it happens: once when a key in use ends, and again when a call fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lambdas.diagnosis.domain.cause import Cause
from local.demo.application import READ_ONLY, Application, new_application
from local.demo.predictions import OUTAGES, delete_user, finish, rotated, start
from local.demo.scenarios import working
from local.patience import TIMEOUT_SECONDS
from tests.e2e.recipient import Shell, remedies_in

if TYPE_CHECKING:
    from pathlib import Path

    from local.demo.predictions import PredictedOutage, StartedOutage
    from local.deployment import Deployment
    from local.inbox import Received

QUIET_SECONDS = 4.0


def outage(cause: Cause) -> PredictedOutage:
    return next(it for it in OUTAGES if it.predicted is cause)


def alert_of(deployment: Deployment, key: str, cause: Cause) -> Received:
    def is_it(received: Received) -> bool:
        return key in received.body and received.attributes["cause"] == cause

    alert = deployment.alerts.wait_for(is_it, TIMEOUT_SECONDS)
    assert alert is not None
    return alert


def alerted_causes(deployment: Deployment, key: str) -> list[str]:
    """The causes of all alerts about the key, after some time without another alert."""
    deployment.alerts.wait_for(lambda _: False, QUIET_SECONDS)
    return [alert.attributes["cause"] for alert in deployment.alerts.received if key in alert.body]


def started(deployment: Deployment, cause: Cause) -> StartedOutage:
    [one] = start(deployment, [outage(cause)])
    return one


def test_nobody_is_warned_of_a_key_that_was_never_used(deployment: Deployment) -> None:
    idle, retired = (new_application(deployment.aws, name) for name in ("idle", "retired"))
    assert deployment.ledger.synchronise() == ""
    idle.deactivate_key()
    delete_user(retired)
    deployment.ledger.await_entry(idle.access_key_id, lambda entry: entry["state"] == "Inactive")
    deployment.ledger.await_user(retired.user_name, lambda entry: "deletions" in entry)
    for application in (idle, retired):
        assert alerted_causes(deployment, application.access_key_id) == []
        assert deployment.incidents_of(application.access_key_id) == []


def test_a_key_that_was_used_in_vain_only_is_warned_of(deployment: Deployment) -> None:
    application = new_application(deployment.aws, "denied")
    iam: Any = deployment.aws.session().client("iam")
    iam.detach_user_policy(UserName=application.user_name, PolicyArn=READ_ONLY)
    assert application.call("dynamodb", "list_tables") == "AccessDeniedException"
    application.deactivate_key()
    key = application.access_key_id
    alert = deployment.alerts.wait_for(lambda received: key in received.body, TIMEOUT_SECONDS)
    assert alert is not None
    assert alert.attributes["cause"] == "deactivated-in-use"
    assert "Last use: dynamodb in us-east-1" in alert.body
    assert "to dynamodb in us-east-1" in alert.body


def test_the_warning_names_who_did_it_and_who_will_fail(deployment: Deployment) -> None:
    it = started(deployment, Cause.DEACTIVATED_IN_USE)
    alert = alert_of(deployment, it.key, Cause.DEACTIVATED_IN_USE)
    assert "UpdateAccessKey by user/administrator at 20" in alert.body
    assert "Will fail: 127.0.0.1, Boto3" in alert.body
    assert "1 call to sts in us-east-1" in alert.body


def test_the_deletion_of_the_user_upgrades_the_incident_of_its_key(deployment: Deployment) -> None:
    it = started(deployment, Cause.DELETED_IN_USE)
    alert_of(deployment, it.key, Cause.DELETED_IN_USE)
    it.application.delete_user()
    alert = alert_of(deployment, it.key, Cause.USER_DELETED_IN_USE)
    assert "predicted it: deleted-in-use" in alert.body
    it.application.call("sts", "get_caller_identity")
    alert_of(deployment, it.key, Cause.USER_DELETED)
    expected = [Cause.DELETED_IN_USE, Cause.USER_DELETED_IN_USE, Cause.USER_DELETED]
    assert alerted_causes(deployment, it.key) == [cause.value for cause in expected]
    [item] = deployment.incidents_of(it.key)
    assert (item["predicted"], item["count"]) == ({"BOOL": True}, {"N": "1"})


def test_more_failures_than_one_are_counted_on_the_predicted_incident(deployment: Deployment) -> None:
    it = started(deployment, Cause.DEACTIVATED_IN_USE)
    assert finish(deployment, it).problems == ()
    for _ in range(4):
        it.application.call("sts", "get_caller_identity")
    assert alerted_causes(deployment, it.key) == ["deactivated-in-use", "key-inactive"]
    [item] = deployment.incidents_of(it.key)
    assert (item["predicted"], item["count"]) == ({"BOOL": True}, {"N": "5"})


def test_a_key_that_is_reactivated_before_anybody_looks_is_no_outage(deployment: Deployment) -> None:
    application = working(deployment.aws)
    application.deactivate_key()
    application.reactivate_key()
    assert alerted_causes(deployment, application.access_key_id) == []
    entry = deployment.ledger.entry(application.access_key_id)
    assert entry["state"] == "Active"


@pytest.mark.parametrize("switch_off", [Application.delete_key, Application.deactivate_key])
def test_an_ordinary_rotation_is_reported_with_low_severity(
    deployment: Deployment, switch_off: object
) -> None:
    assert callable(switch_off)
    old = rotated(deployment.aws)
    assert deployment.ledger.synchronise() == ""
    switch_off(old)
    alert = deployment.alerts.wait_for(lambda received: old.access_key_id in received.body, TIMEOUT_SECONDS)
    assert alert is not None
    assert alert.attributes["severity"] == "low"
    assert "ordinary rotation" in alert.body


@pytest.fixture
def shell(deployment: Deployment, tmp_path: Path, aws_cli: Path) -> Shell:
    return Shell(deployment, tmp_path, aws_cli)


def test_the_warning_of_a_deactivation_undoes_it(deployment: Deployment, shell: Shell) -> None:
    it = started(deployment, Cause.DEACTIVATED_IN_USE)
    undo, see = remedies_in(alert_of(deployment, it.key, Cause.DEACTIVATED_IN_USE))
    shell.run(undo)
    assert it.application.call("sts", "get_caller_identity") == ""
    assert it.key in shell.run(see)


def test_the_warning_of_a_deletion_ends_with_a_key_that_works(deployment: Deployment, shell: Shell) -> None:
    it = started(deployment, Cause.DELETED_IN_USE)
    see, replace = remedies_in(alert_of(deployment, it.key, Cause.DELETED_IN_USE))
    assert "AccessKeyMetadata" in shell.run(see)
    assert f"user/{it.application.user_name}" in shell.run(replace)


def test_the_warning_of_a_users_deletion_ends_with_a_user_whose_key_works(
    deployment: Deployment, shell: Shell
) -> None:
    it = started(deployment, Cause.USER_DELETED_IN_USE)
    remedies = remedies_in(alert_of(deployment, it.key, Cause.USER_DELETED_IN_USE))
    shown = [shell.run(remedy) for remedy in remedies]
    assert f"user/{it.application.user_name}" in shown[-1]
